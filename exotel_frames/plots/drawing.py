"""Draws bars and timelines; the only importer of matplotlib, and never of pyplot: nothing stays behind.

Everything that a style could turn (a dark one, into white on white) is said here.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

from exotel_frames.plots.bars import Bars
from exotel_frames.plots.timeline import PERIODS_MIN, Timeline

_INK: Final = "#222222"
_PALE: Final = "#666666"
_WIDTH_INCHES: Final = 8.5
_LINE_INCHES: Final = 0.19
_GAP_INCHES: Final = 0.16
_HEAD_INCHES: Final = 0.55
_TIMELINE_INCHES: Final = 2.6
_LABEL_POINTS: Final = 215
_HEAD_WIDTH: Final = 62
_TITLE_WIDTH: Final = 88
_SIZE: Final = 10
_DPI: Final = 80
_SHARP: Final = 2
"""The PNG has so many times the pixels that it is shown with: screens are sharp."""


class ShownFigure(Figure):
    """A figure that shows itself as a cell's value, though pyplot does not know it."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=_DPI * _SHARP, facecolor="white", bbox_inches=None)
        width, height = (round(inches * _DPI) for inches in self.get_size_inches())
        return file.getvalue(), {"width": width, "height": height}


def draw(title: str, parts: Sequence[Bars | Timeline]) -> Figure:
    """Return a figure with the parts one below the other.

    >>> len(draw("LIVE account acme1", [Bars("Status", ("active",), (7,), ("#0072B2",), of=7)]).axes)
    1
    """
    heights = [_inches(part) for part in parts]
    lines = [line for each in title.splitlines() for line in textwrap.wrap(each, _TITLE_WIDTH)]
    whole = sum(heights) + 0.3 * len(lines) + 0.2
    layout = ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08)
    figure = ShownFigure(figsize=(_WIDTH_INCHES, whole), layout=layout, facecolor="white", edgecolor="white")
    areas = figure.subplots(len(parts), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)[:, 0]
    text = drawable("\n".join(lines))
    figure.suptitle(text, x=0.01, ha="left", size=_SIZE + 2, weight="bold", color=_INK, parse_math=False)
    for axes, part in zip(areas, parts, strict=True):
        _bare(axes, part.head)
        _draw_bars(axes, part) if isinstance(part, Bars) else _draw_timeline(axes, part)
    return figure


def _inches(part: Bars | Timeline) -> float:
    if isinstance(part, Timeline):
        return _TIMELINE_INCHES if part.stacks else _HEAD_INCHES + _LINE_INCHES
    lines = sum(len(_wrapped(label)) for label in part.labels) + len(_head_lines(part.head)) - 1
    return _HEAD_INCHES + lines * _LINE_INCHES + max(1, len(part.labels)) * _GAP_INCHES


def _head_lines(head: str) -> list[str]:
    return textwrap.wrap(drawable(head), _HEAD_WIDTH)


def _bare(axes: Axes, head: str) -> None:
    axes.set_facecolor("white")
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title("\n".join(_head_lines(head)), loc="left", size=_SIZE + 1, color=_INK, parse_math=False)
    axes.tick_params(colors=_INK, length=0, labelsize=_SIZE)


def _draw_bars(axes: Axes, bars: Bars) -> None:
    if not bars.labels:
        _say(axes, bars.nothing)
        return
    lines = [len(_wrapped(label)) * _LINE_INCHES + _GAP_INCHES for label in bars.labels]
    places = np.cumsum(lines) - np.array(lines) / 2  # a label of many lines gets the room it takes
    axes.barh(places, bars.numbers, height=0.22, color=bars.colors, edgecolor=_INK, linewidth=0.4)
    labels = ["\n".join(_wrapped(label)) for label in bars.labels]
    axes.set_yticks(places, labels, parse_math=False, size=_SIZE, color=_INK)
    axes.set_ylim(sum(lines), 0)
    most = max(bars.numbers)
    axes.set_xlim(0, most * 1.3)
    axes.set_xticks([])
    for place, number in zip(places, bars.numbers, strict=True):
        text = f"{number:,} ({share(number, bars.of)})"
        axes.text(number + most * 0.012, place, text, va="center_baseline", size=_SIZE, color=_INK)


def _draw_timeline(axes: Axes, line: Timeline) -> None:
    if not line.stacks:
        _say(axes, "No creation dates")
        return
    below = np.zeros(len(line.periods), dtype=np.int64)
    for stack in line.stacks:
        axes.bar(line.periods, stack.numbers, bottom=below, width=0.9, color=stack.color, label=stack.label)
        below += stack.numbers
    first, last = line.periods.min(), line.periods.max()
    beside = max(1 + (last - first) * 0.03, (PERIODS_MIN - (last - first)) / 2)
    axes.set_xlim(first - beside, last + beside)
    axes.set_xticks([at for at, _ in line.ticks], [text for _, text in line.ticks], size=_SIZE - 1, color=_INK)
    top = below.max() * 1.05
    levels = [level for level in MaxNLocator(nbins=4, integer=True).tick_values(0, top) if level <= top]
    axes.set_ylim(0, top)
    axes.set_yticks(levels, [f"{level:,.0f}" for level in levels], size=_SIZE, color=_INK)
    axes.grid(visible=True, axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=_SIZE, labelcolor=_INK)


def _say(axes: Axes, text: str) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0, 0.5, drawable(text), transform=axes.transAxes, va="center", size=_SIZE, color=_PALE, parse_math=False)


def share(number: int, of: int) -> str:
    """Return a share in percent; a part is never said to be all, and something never nothing.

    >>> share(1, 3), share(999_999, 1_000_000), share(1, 1_000_000), share(5, 5)
    ('33.3 %', '> 99.9 %', '< 0.1 %', '100 %')
    """
    percent = 100 * number / max(of, 1)
    if number == of:
        return "100 %"
    if percent > 99.9:  # noqa: PLR2004 - what one digit after the point can say
        return "> 99.9 %"
    return "< 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %"  # noqa: PLR2004


def _wrapped(label: str) -> list[str]:
    """Return a label's lines: a W, or a box, is wider than an i."""
    text = drawable(label)
    points, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=_SIZE), ismath=False)
    width = int(_LABEL_POINTS * len(text) / points) if points else 1
    return textwrap.wrap(text, max(width, 8), break_on_hyphens=False) or [""]


def drawable(text: str) -> str:
    """Return a text with each character that the font does not have as a box, on purpose: no warning, no surprise.

    >>> drawable("Pune, पुणे")
    'Pune, □□□□'
    """
    return text if text.isascii() else "".join(char if char == "\n" or _has(char) else "□" for char in text)


def _has(char: str) -> bool:
    return bool(get_font(findfont(FontProperties())).get_char_index(ord(char)))
