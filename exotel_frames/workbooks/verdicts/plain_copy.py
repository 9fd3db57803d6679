"""A copy for workbooks into which verdicts can't be written: their rows as text, with the outcome of each."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from exotel_frames.workbooks.addresses import cell_to_text, letters
from exotel_frames.workbooks.cell_text import escape_cell
from exotel_frames.workbooks.verdicts.styles import COLOURS

_HEADERS: Final = ("outcome", "message")
_WIDTHS: Final = (13, 60)
_WIDTH: Final = 20


def plain_copy(
    title: str,
    rows: Sequence[Sequence[Any]],
    header_row: int,
    verdicts: Mapping[int, tuple[str, str]],
    others: Sequence[Sequence[str]],
) -> bytes:
    """Return a workbook with the cells of a sheet as text, the verdicts behind them, and other verdicts below.

    `rows` are all of the sheet's from its first on; `verdicts` is by the row's number, from 1.
    """
    width = max(map(len, rows), default=0)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = f"A{header_row + 1}"
    for at in range(1, width + 3):
        sheet.column_dimensions[letters(at)].width = _WIDTH if at <= width else _WIDTHS[at - width - 1]
    for number, row in enumerate(rows, start=1):
        texts = [cell_to_text(cell) for cell in row] + [""] * (width - len(row))
        more = _HEADERS if number == header_row else verdicts.get(number, ("", ""))
        sheet.append([_cell(sheet, text, is_bold=number == header_row) for text in (*texts, *more)])
    for name, action, outcome, message in others:
        texts = [f"{name} ({action}; its row is missing)", *[""] * (width - 1)]
        sheet.append([_cell(sheet, text) for text in (*texts, outcome, message)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, text: str, *, is_bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, escape_cell(text) or None)
    cell.data_type = "s" if text else "n"  # a text that begins with = stays one
    cell.number_format = "@"
    cell.font = Font(bold=is_bold)
    cell.alignment = Alignment(vertical="center", horizontal="left")
    if text in COLOURS:
        cell.fill = PatternFill("solid", fgColor=COLOURS[text])
    return cell
