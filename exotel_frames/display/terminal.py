"""A view as text for a terminal, with or without colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from exotel_frames.display.values import UNKNOWN_ACCOUNT
from exotel_frames.display.view import SHORT_FIELDS, Change, Group, Row, View
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.text import display_width

_SIGNS: Final[Mapping[str, str]] = {
    "delete": "-",
    "update": "~",
    "create": "+",
    "none": "=",
    "warning": "!",
    **{str(outcome): info.mark for outcome, info in OUTCOME_INFO.items()},
}
"""The sign before each row of a kind; rows of other kinds have a question mark."""
_DOUBT: Final = "1;35"
_TONES: Final = {"good": "32", "quiet": "2", "bad": "31", "doubt": _DOUBT}
_CODES: Final[Mapping[str, str]] = {
    "delete": "1;31",
    "update": "33",
    "create": "32",
    "none": "2",
    "warning": "33",
    **{str(outcome): _TONES[info.tone] for outcome, info in OUTCOME_INFO.items()},
    "LIVE": "1;37;41",
    "SANDBOX": "1;36",
    "strong": "1",
}
_GAP: Final = 3


def render_text(view: View, *, color: bool = False, width: int = 100) -> str:
    """Return a view as a terminal shows it.

    >>> print(render_text(View("SANDBOX account a1", "1 row: 1 done", ("action", "subscriber_name", "note"))))
    SANDBOX account a1
    1 row: 1 done
    """
    ink = Ink(on=color)
    lines = [] if view.label is None else [ink.label(view.label)]
    lines += [ink(line, "strong") for line in wrap_lines(view.headline, width)]
    for group in view.groups:
        lines += ["", *_group_lines(group, ink, width)]
    for advice in view.advice:
        lines += ["", *wrap_lines(advice, width)]
    return "\n".join(lines)


class Ink:
    """Colours texts by their kind; with `on=False` it leaves them as they are.

    >>> Ink(on=False)("done", "done")
    'done'
    """

    def __init__(self, *, on: bool) -> None:
        self._on = on

    def __call__(self, text: str, kind: str) -> str:
        """Return the text in the colour of a kind."""
        return f"\x1b[{_CODES.get(kind, _DOUBT)}m{text}\x1b[0m" if self._on and text else text

    def label(self, label: str) -> str:
        """Return the account's label with its first word, LIVE or SANDBOX, coloured."""
        word, space, rest = label.partition(" ")
        return f"{self(word, word)}{space}{self(rest, 'strong')}" if word in _CODES else label or UNKNOWN_ACCOUNT


def _group_lines(group: Group, ink: Ink, width: int) -> Iterator[str]:
    yield from (ink(line, group.kind) for line in wrap_lines(group.title, width))
    name_width = max(display_width(row.name) for row in group.rows)
    statuses = [_cell(change) for row in group.rows for change in row.changes if change.field in SHORT_FIELDS]
    status_width = max(map(display_width, statuses), default=0)
    for row in group.rows:
        yield from _row_lines(row, group.kind, ink, (name_width, status_width, width))
    if group.more:
        yield f"  {group.more}"


def _row_lines(row: Row, kind: str, ink: Ink, widths: tuple[int, int, int]) -> Iterator[str]:
    name_width, status_width, width = widths
    head = f"  {_SIGNS.get(kind, '?')} {'' if row.action == kind else f'{row.action} '}"
    indent = display_width(head) + name_width + _GAP
    cells = _cell_lines(row.changes, status_width, width - indent)
    beside_name = cells or wrap_lines(row.note, max(width - indent, 30))
    start = ink(f"{head}{pad(row.name, name_width) if beside_name else row.name}", kind)
    yield f"{start}{' ' * _GAP}{beside_name[0]}" if beside_name else start
    yield from (" " * indent + cell for cell in beside_name[1:])
    if cells:
        yield from (f"      {line}" for line in wrap_lines(row.note, width - 6))


def _cell_lines(changes: Sequence[Change], status_width: int, room: int) -> Sequence[str]:
    """Return the cells in one line where they fit, else each in its own; the longest have before above after."""
    cells = [_cell(change) for change in changes]
    line = (
        (" " * _GAP)
        .join(
            pad(cell, status_width) if each.field in SHORT_FIELDS else cell
            for cell, each in zip(cells, changes, strict=True)
        )
        .rstrip()
    )
    if display_width(line) <= room:
        return [line] if line else []
    return [
        part
        for change, cell in zip(changes, cells, strict=True)
        for part in ([cell] if display_width(cell) <= room else _cell(change, "\n  → ").split("\n"))
    ]


def _cell(change: Change, arrow: str = " → ") -> str:
    sides = [side for side in (change.before, change.after) if side is not None]
    return f"{change.field} {arrow.join(sides)}"


def pad(text: str, width: int) -> str:
    """Return a text filled with spaces to a width in columns.

    >>> pad("bob", 5)
    'bob  '
    """
    return text + " " * (width - display_width(text))


def wrap_lines(text: str, width: int) -> Sequence[str]:
    """Return the lines of a text; a long word is broken, nothing is lost.

    >>> wrap_lines("Drop this row, or decide it.", 20)
    ['Drop this row, or', 'decide it.']
    """
    return textwrap.wrap(text, max(width, 20), break_on_hyphens=False)
