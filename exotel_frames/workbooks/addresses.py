"""A sheet's addresses, our columns, and its cells as text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from exotel_frames import schema

ACTION: Final = "action"
SHEET: Final = "subscribers"
LEGEND: Final = "legend"
OURS: Final = (ACTION, *schema.SUBSCRIBERS)
"""The columns whose cells must be text: a retyped one of these has lost somebody's data."""
VERDICTS: Final = ("outcome", "message")
"""The columns in which the results of a run stand beside the rows."""
CELL_MAX: Final = 32_767
"""How many UTF-16 units a cell can hold (Excel's own limit)."""
ROWS_MAX: Final = 1_048_576
"""How many rows a sheet has, the header included."""
COLUMNS_MAX: Final = 16_384


def letters(column: int) -> str:
    """Return a column's letters; columns count from 1.

    >>> letters(2), letters(28), letters(16_384)
    ('B', 'AB', 'XFD')
    """
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def number(text: str) -> int:
    """Return a column's number from its letters.

    >>> number("XFD")
    16384
    """
    found = 0
    for letter in text:
        found = found * 26 + ord(letter) - 64
    return found


def address(row: int, column: int) -> str:
    """Return a cell's address; both count from 1.

    >>> address(7, 2)
    'B7'
    """
    return f"{letters(column)}{row}"


def place(cell: str) -> tuple[int, int]:
    """Return the row and the column of an address, both from 1.

    >>> place("B7")
    (7, 2)
    """
    split = len(cell.rstrip("0123456789"))
    return int(cell[split:]), number(cell[:split])


@dataclass(frozen=True)
class Box:
    """A part of a sheet, all numbers from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def rows(self) -> range:
        """Return the numbers of its rows."""
        return range(self.top, self.bottom + 1)

    @property
    def columns(self) -> range:
        """Return the numbers of its columns."""
        return range(self.left, self.right + 1)

    @property
    def ref(self) -> str:
        """Return its address."""
        return f"{address(self.top, self.left)}:{address(self.bottom, self.right)}"


def box_of(ref: str) -> Box:
    """Return what an address covers.

    >>> box_of("A1:F31"), box_of("$B$2").ref
    (Box(top=1, left=1, bottom=31, right=6), 'B2:B2')
    """
    first, _, last = ref.replace("$", "").partition(":")
    return Box(*place(first), *place(last or first))


def utf16_units(text: str) -> int:
    """Return the length of a text as Excel counts it: an emoji is two.

    >>> utf16_units("a😀")
    3
    """
    return len(text) + sum(char > "\uffff" for char in text)


def cell_to_text(cell: Any) -> str:
    """Return a cell of any kind as text, as a person would read it.

    >>> cell_to_text(7.0), cell_to_text(True), cell_to_text("007")
    ('7', 'TRUE', '007')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)
