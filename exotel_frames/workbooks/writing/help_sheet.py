"""A sheet that is for reading only: a title, some lines, and tables that explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.workbooks.writing.style import BLUE, SLATE, fit_to_page

_DARK, _BAND = "#1F2D3D", "#F3F6F9"
_LINE_HEIGHT: Final = 16
_MARGIN: Final = 6
_LETTERS: Final = 1.2
"""So many letters of a sentence have the width of a digit, in which a column's width is counted."""
HelpTable = tuple[Sequence[str], Sequence[Sequence[str | int]]]
"""A header and its lines."""


def write_help(
    book: Any, sheet: Any, title: str, lines: Sequence[str], tables: Iterable[HelpTable], *, widths: Sequence[int]
) -> None:
    """Fill a sheet of an xlsxwriter workbook; `widths` are its columns'."""
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    fit_to_page(sheet)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, title, _add_format(book, font_size=18, bold=True))
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line, _add_format(book, font_color=SLATE))
    row = len(lines) + 2
    for table in tables:
        row = _write_table(book, sheet, row, table, widths) + 1


def _write_table(book: Any, sheet: Any, row: int, table: HelpTable, widths: Sequence[int]) -> int:
    """Write a table from a row on, and return the row behind it."""
    header, lines = table
    sheet.set_row(row, _LINE_HEIGHT + _MARGIN)
    for at, text in enumerate(header):
        sheet.write_string(row, at, text, _add_format(book, bold=True, font_color="#FFFFFF", bg_color=BLUE, indent=1))
    for number, cells in enumerate(lines, start=row + 1):
        needed = [-(-len(str(cell)) // int(width * _LETTERS)) for cell, width in zip(cells, widths, strict=True)]
        sheet.set_row(number, _LINE_HEIGHT * max(needed) + _MARGIN)
        _write_line(book, sheet, number, cells, {"bg_color": _BAND} if (number - row) % 2 else {})
    return row + len(lines) + 1


def _write_line(book: Any, sheet: Any, number: int, cells: Sequence[str | int], band: Mapping[str, str]) -> None:
    """Write a line of a table; an outcome stands on its own colour."""
    for at, cell in enumerate(cells):
        fill = {"bg_color": f"#{OUTCOME_INFO[cell].fill}"} if cell in OUTCOME_INFO and at == 0 else band  # type: ignore[index]
        look = _add_format(book, bold=at == 0, text_wrap=True, indent=1, **fill)
        (sheet.write_number if isinstance(cell, int) else sheet.write_string)(number, at, cell, look)


def _add_format(book: Any, **more: Any) -> Any:
    return book.add_format({"num_format": "@", "font_color": _DARK, "valign": "vcenter", **more})
