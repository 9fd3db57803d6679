"""Edits a workbook as a person would: for the demo and the notebooks, which simulate managers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl

from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import SHEET


def edit_cells(path: str | Path, cells: Mapping[tuple[str, str], str | None]) -> None:
    """Set cells of the sheet "subscribers", by name and column; a name that is not there goes into the next free row.

    >>> write_workbook(pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}), "a.xlsx", client=client,
    ...                base=pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}))
    >>> edit_cells("a.xlsx", {("bob", "status"): "inactive"})
    >>> read_workbook("a.xlsx")["status"].tolist()
    ['inactive']
    """
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    columns = {cell.value: at for at, cell in enumerate(sheet[1], start=1)}
    found = sheet.iter_rows(min_row=2, min_col=columns[NAME], max_col=columns[NAME], values_only=True)
    rows = {name: at for at, (name,) in enumerate(found, start=2)}
    for (name, column), text in cells.items():
        row = rows.setdefault(name, sheet.max_row + 1)
        sheet.cell(row, columns[NAME], name)
        sheet.cell(row, columns[column]).value = text
    book.save(path)
