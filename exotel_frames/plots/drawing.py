"""Draws bars and timelines; the only importer of matplotlib. It never imports pyplot, which keeps global state.

pandas' own `plot` would import pyplot, so the bars are matplotlib's. Everything that a matplotlib style could change (a
dark one gives white on white) is set here.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator

from exotel_frames.plots.counts import STATUS_COLORS, Panel

_INK: Final = "#222222"
_LOOK: Final[Any] = {"text.color": _INK, "axes.titlelocation": "left", "text.parse_math": False}
_DPI: Final = 80
_SHARP: Final = 2
"""The PNG has so many times the pixels that it is shown with: screens are sharp."""
_PERIODS_MIN: Final = 12
"""There is always room for so many: one bar alone is no wall."""
_TICK_FORMATS: Final = {"D": "%d %b\n%Y", "M": "%b\n%Y", "Y": "%Y"}


class ShownFigure(Figure):
    """A figure that shows itself as a cell's value, though pyplot does not know it."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=_DPI * _SHARP, facecolor="white", bbox_inches=None)
        width, height = (round(inches * _DPI) for inches in self.get_size_inches())
        return file.getvalue(), {"width": width, "height": height}


def draw(title: str, panels: Sequence[Panel]) -> Figure:
    """Return a figure with the panels one below the other.

    >>> len(draw("LIVE account acme1", [Panel("Status", pd.Series({"active": 7}), "#0072B2", of=7)]).axes)
    1
    """
    text = "\n".join(_wrap(line, 88) for line in title.splitlines())
    heights = [0.55 + 0.19 * _lines(panel) for panel in panels]
    with style.context("default"), mpl.rc_context(_LOOK):
        size = (8.5, sum(heights) + 0.3 * (text.count("\n") + 1) + 0.2)
        figure = ShownFigure(figsize=size, layout="constrained", facecolor="white")
        figure.suptitle(text, x=0.01, ha="left", size=12, weight="bold")
        areas = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axes, panel in zip(areas, panels, strict=True):
            axes.set_title(_wrap(panel.title, 62), size=11)
            axes.tick_params(colors=_INK, length=0)
            axes.spines[:].set_visible(False)
            axes.set(xticks=[], yticks=[])
            if panel.rows.empty:
                axes.text(0, 0.5, replace_undrawable(panel.nothing), transform=axes.transAxes, va="center")
            else:
                _draw_timeline(axes, panel) if isinstance(panel.rows, pd.DataFrame) else _draw_bars(axes, panel)
    return figure


def _wrap(text: str, width: int) -> str:
    return textwrap.fill(replace_undrawable(text), width, break_on_hyphens=False)


def _labels(bars: Panel) -> tuple[list[str], Any]:
    """Return the labels of the bars, and how many lines each of them takes."""
    labels = [_wrap(str(label), 34) for label in bars.rows.index]
    return labels, np.array([label.count("\n") + 1.8 for label in labels])


def _lines(panel: Panel) -> float:
    if isinstance(panel.rows, pd.DataFrame):
        return 11 if len(panel.rows) else 1
    return _wrap(panel.title, 62).count("\n") + float(_labels(panel)[1].sum())


def _draw_bars(axes: Axes, bars: Panel) -> None:
    labels, lines = _labels(bars)
    most = bars.rows.max()
    colors = bars.colors if isinstance(bars.colors, str) else [bars.colors[label] for label in bars.rows.index]
    places = lines.cumsum() - lines / 2  # a label of many lines gets the room it takes
    drawn = axes.barh(places, bars.rows, height=1.1, color=colors, edgecolor=_INK, linewidth=0.4)
    axes.bar_label(drawn, [f"{number:,} ({share(number, bars.of)})" for number in bars.rows], padding=4)
    axes.set_yticks(places, labels)
    axes.set(xlim=(0, most * 1.3), ylim=(lines.sum(), 0))


def _draw_timeline(axes: Axes, line: Panel) -> None:
    periods = pd.PeriodIndex(line.rows.index)
    places, below = periods.asi8, np.zeros(len(periods), dtype=np.int64)
    for status, rows in line.rows.items():
        axes.bar(places, rows, bottom=below, width=0.9, color=STATUS_COLORS[str(status)], label=str(status))
        below += rows.to_numpy()
    first, last = places.min(), places.max()
    beside = max(1 + (last - first) * 0.03, (_PERIODS_MIN - (last - first)) / 2)
    ticks = range(first, last + 1, -(-max(last - first + 1, _PERIODS_MIN) // 7))
    unit = periods.freqstr[0]
    axes.set_xticks(ticks, [pd.Period(ordinal=at, freq=unit).strftime(_TICK_FORMATS[unit]) for at in ticks], size=9)
    top = below.max() * 1.05
    levels = [level for level in MaxNLocator(4, integer=True).tick_values(0, top) if level <= top]
    axes.set_yticks(levels, [f"{level:,.0f}" for level in levels])
    axes.set(xlim=(first - beside, last + beside), ylim=(0, top), axisbelow=True)
    axes.grid(visible=True, axis="y", color="#dddddd", linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)


def share(number: int, of: int) -> str:
    """Return a share in percent; rounding never makes a part 100 %, nor something 0 %.

    >>> share(1, 3), share(999_999, 1_000_000), share(1, 1_000_000), share(5, 5)
    ('33.3 %', '> 99.9 %', '< 0.1 %', '100 %')
    """
    percent = 100 * number / max(of, 1)
    if number == of:
        return "100 %"
    if percent > 99.9:  # noqa: PLR2004 - what one digit after the point can say
        return "> 99.9 %"
    return "< 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %"  # noqa: PLR2004


def replace_undrawable(text: str) -> str:
    """Return a text with each character that the font does not have as a box, on purpose: no warning, no surprise.

    >>> replace_undrawable("Pune, पुणे")
    'Pune, □□□□'
    """
    font = get_font(findfont(FontProperties()))
    return "".join(char if char == "\n" or font.get_char_index(ord(char)) else "□" for char in text)
