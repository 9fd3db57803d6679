"""Plans, results and problems in a terminal: plain text, in colour when asked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from exotel_frames.frames.show_plan import Change, Group, Row, view_plan
from exotel_frames.frames.show_values import columns_wide

UNKNOWN_ACCOUNT: Final = "Account not known: this frame does not remember one"
_SIGNS: Final = {"conflict": "!", "delete": "-", "update": "~", "create": "+", "none": "=", "other": "?"}
_CODES: Final = {
    "conflict": "1;35",
    "delete": "1;31",
    "update": "33",
    "create": "32",
    "other": "1;35",
    "none": "2",
    "LIVE": "1;37;41",
    "SANDBOX": "1;36",
    "strong": "1",
}
_GAP: Final = 3


def plan_text(
    plan: pd.DataFrame,
    *,
    label: str = "",
    color: bool = False,
    max_rows: int = 40,
    width: int = 100,
    see_all: str = "",
) -> str:
    """Return a plan as a terminal shows it: the account, counts, then changed cells only, before → after.

    `label` stands on top (what the plan remembers, if not given); `color` adds ANSI colours; the groups share
    `max_rows` rows, and `see_all` says how to see the others (a line of pandas, if not given).

    >>> plan = pd.DataFrame({"action": ["delete"], "subscriber_name": ["bob"], "status_from": ["active"]})
    >>> print(plan_text(plan, label="SANDBOX account sandbox1"))
    SANDBOX account sandbox1
    Plan: 0 to create, 0 to update, 1 to delete
    <BLANKLINE>
    1 to DELETE, for good: what stands here is lost, and so are date_created and device tokens
      - bob   status active   custom_field (empty)
    """
    view = view_plan(plan, label=label, max_rows=max_rows, see_all=see_all)
    ink = Ink(on=color)
    lines = [ink.label(view.label), ink(f"Plan: {view.counts}", "strong")]
    if view.verdict:
        lines.append(view.verdict)
    for group in view.groups:
        lines += ["", *_group_lines(group, ink, width)]
    return "\n".join(lines)


class Ink:
    """Colours a text, or leaves it as it is."""

    def __init__(self, *, on: bool) -> None:
        self._on = on

    def __call__(self, text: str, kind: str) -> str:
        """Return the text in a kind's colour."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self._on and text else text

    def label(self, label: str) -> str:
        """Return the line on top, its first word marked when it says LIVE or SANDBOX."""
        word, space, rest = label.partition(" ")
        return f"{self(word, word)}{space}{self(rest, 'strong')}" if word in _CODES else label or UNKNOWN_ACCOUNT


def _group_lines(group: Group, ink: Ink, width: int) -> Iterator[str]:
    yield from (ink(line, group.kind) for line in wrapped(group.title, width))
    name_width = max(columns_wide(row.name) for row in group.rows)
    statuses = [_cell(change) for row in group.rows for change in row.changes if change.field == "status"]
    status_width = max(map(columns_wide, statuses), default=0)
    for row in group.rows:
        yield from _row_lines(row, group.kind, ink, (name_width, status_width, width))
    if group.more:
        yield f"  {group.more}"


def _row_lines(row: Row, kind: str, ink: Ink, widths: tuple[int, int, int]) -> Iterator[str]:
    name_width, status_width, width = widths
    head = f"  {_SIGNS[kind]} {f'{row.action} ' if kind in {'conflict', 'other'} else ''}"
    indent = columns_wide(head) + name_width + _GAP
    cells = _cell_lines(row.changes, status_width, width - indent)
    beside = wrapped(row.note, max(width - indent, 30)) if kind == "none" else cells
    start = ink(f"{head}{padded(row.name, name_width) if beside else row.name}", kind)
    yield f"{start}{' ' * _GAP}{beside[0]}" if beside else start
    yield from (" " * indent + cell for cell in beside[1:])
    if kind != "none":
        yield from (f"      {line}" for line in wrapped(row.note, width - 6))


def _cell_lines(changes: Sequence[Change], status_width: int, room: int) -> Sequence[str]:
    """Return all cells in one line where they fit, else one below the other, and at last before above after."""
    cells = [_cell(change) for change in changes]
    line = (
        (" " * _GAP)
        .join(
            padded(cell, status_width) if each.field == "status" else cell
            for cell, each in zip(cells, changes, strict=True)
        )
        .rstrip()
    )
    if columns_wide(line) <= room:
        return [line] if line else []
    return [
        part
        for change, cell in zip(changes, cells, strict=True)
        for part in ([cell] if columns_wide(cell) <= room else _cell(change, "\n  → ").split("\n"))
    ]


def _cell(change: Change, arrow: str = " → ") -> str:
    sides = [side for side in (change.before, change.after) if side is not None]
    return f"{change.field} {arrow.join(sides)}"


def padded(text: str, width: int) -> str:
    """Return a text filled with spaces to a width in columns.

    >>> padded("bob", 5)
    'bob  '
    """
    return text + " " * (width - columns_wide(text))


def wrapped(text: str, width: int) -> Sequence[str]:
    """Return the lines of a text; a long word is broken, nothing is lost.

    >>> wrapped("Drop this row, or decide it.", 20)
    ['Drop this row, or', 'decide it.']
    """
    return textwrap.wrap(text, max(width, 20), break_on_hyphens=False)
