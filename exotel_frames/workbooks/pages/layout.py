"""Which columns of a page come first, which are folded away, and how wide and high all of it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.schema import NAME
from exotel_frames.text import display_width
from exotel_frames.workbooks.cell_text import column_texts, cut_to_cell
from exotel_frames.workbooks.writing.fast_rows import CellType, Rows
from exotel_frames.workbooks.writing.style import ROW_HEIGHT

FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "results": ("row", NAME, "action", "outcome", "error_message", "error_description", *schema.FIELDS),
    "plan": (
        "action",
        NAME,
        "conflict",
        "note",
        *(f"{name}{side}" for name in schema.FIELDS for side in ("_from", "")),
    ),
    "problems": ("row", "column", "value", "message", "fix", "rule"),
    "changes": ("change", NAME, *(f"{name}_{side}" for name in schema.FIELDS for side in ("before", "after"))),
    "runs": ("run_id", "started", "ended", "action", "rows", *map(str, schema.OUTCOMES), "plan_id", "approved_by"),
    "check": ("assumption", "holds", "expected", "observed", "matters", "source"),
    "subscribers": tuple(schema.SUBSCRIBERS),
}
"""The columns of each kind of page that people need, in the order in which they read them."""
_MESSAGES: Final = ("note", "message", "fix", "error_message", "error_description", "matters")
"""Columns of sentences: wide, wrapped, and as high as they need."""
_NARROWEST, _WIDEST, _WIDEST_MESSAGE = 9, 40, 64
_MARGIN: Final = 4
_LINES_MAX, _LINES_MAX_OF_MESSAGES = 3, 14
_LINE_HEIGHT: Final = 15.0
_LETTERS: Final = 1.06
"""So many letters of a sentence have the width of a digit, in which a column's width is counted."""
_EXACT_MAX: Final = 2**53
"""The largest whole number of which a spreadsheet keeps every digit."""


@dataclass(frozen=True, kw_only=True)
class PageColumn:
    """A column as its page shows it."""

    name: str
    cells: list[str | None]
    type: CellType
    width: int
    is_folded: bool
    is_wrapped: bool


def page_columns(frame: pd.DataFrame, kind: str) -> list[PageColumn]:
    """Return a frame's columns in the order of its page: what people need, their own columns, then technical ones.

    >>> results = pd.DataFrame({"run_id": ["r1"], "outcome": ["done"], "subscriber_name": ["bob"], "team": ["a"]})
    >>> [(column.name, column.is_folded) for column in page_columns(results, "results")]
    [('subscriber_name', False), ('outcome', False), ('team', False), ('run_id', True)]
    """
    labels = [str(label) for label in frame.columns]
    first = [name for name in FIRST.get(kind, ()) if name in labels]
    technical = [name for name in schema.SCHEMAS.get(kind, {}) if name in labels and name not in first]
    theirs = [name for name in labels if name not in first and name not in technical]
    order = [*first, *theirs, *technical]
    return [_column(name, frame.iloc[:, labels.index(name)], is_folded=name in technical) for name in order]


def _column(name: str, column: pd.Series[Any], *, is_folded: bool) -> PageColumn:
    cells, kind = written_cells(column)
    widest = _WIDEST_MESSAGE if name in _MESSAGES else _WIDEST
    longest = max((display_width(line) for cell in cells if cell for line in cell.split("\n")), default=0)
    width = min(max(longest + _MARGIN, len(name) + _MARGIN + 3, _NARROWEST), widest)
    return PageColumn(
        name=name,
        cells=cells,
        type=kind,
        width=width,
        is_folded=is_folded,
        is_wrapped=kind == "text" and (longest + _MARGIN > widest or any(cell and "\n" in cell for cell in cells)),
    )


def written_cells(column: pd.Series[Any]) -> tuple[list[str | None], CellType]:
    """Return a column's cells as they are written; a number stays one where a spreadsheet keeps all of it."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return [None if pd.isna(cell) else str(int(cell)) for cell in column], "flag"
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        cells = [None if pd.isna(cell) else cell for cell in column.tolist()]
        if all(cell is None or _is_exact(cell) for cell in cells):
            return [None if cell is None else repr(cell) for cell in cells], "number"
    return [text and cut_to_cell(text) for text in column_texts(column)], "text"


def _is_exact(number: float) -> bool:
    whole_numbers_fit = abs(number) <= _EXACT_MAX or not float(number).is_integer()
    return math.isfinite(number) and whole_numbers_fit


def row_heights(columns: Sequence[PageColumn]) -> dict[int, float]:
    """Return the heights of the rows that need more than one line, in points; what is folded away needs none.

    >>> note = PageColumn(name="note", cells=["x", "y " * 60], type="text", width=64, is_folded=False, is_wrapped=True)
    >>> row_heights([note])
    {1: 34.0}
    """
    lines: dict[int, int] = {}
    for column in columns:
        if column.is_wrapped and not column.is_folded:
            most = _LINES_MAX_OF_MESSAGES if column.name in _MESSAGES else _LINES_MAX
            for row, cell in enumerate(column.cells):
                if cell and (len(cell) * 2 > column.width or "\n" in cell):
                    lines[row] = max(lines.get(row, 1), min(_lines(cell, int(column.width * _LETTERS)), most))
    return {row: ROW_HEIGHT + (number - 1) * _LINE_HEIGHT for row, number in lines.items() if number > 1}


def _lines(text: str, width: int) -> int:
    return sum(max(1, -(-display_width(line) // width)) for line in text.split("\n"))


def rows_of(columns: Sequence[PageColumn]) -> Rows:
    """Return what is stamped into a page's sheet."""
    return Rows(
        columns=[column.cells for column in columns],
        types=[column.type for column in columns],
        heights=row_heights(columns),
    )
