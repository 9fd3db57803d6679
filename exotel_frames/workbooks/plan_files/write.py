"""A plan written for approval: a workbook with a column for yes and no, or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.addresses import ROWS_MAX
from exotel_frames.workbooks.atomic import replace_whole
from exotel_frames.workbooks.hidden_sheets import write_hidden
from exotel_frames.workbooks.pages.layout import PageColumn, page_columns, rows_of
from exotel_frames.workbooks.pages.style import format_page
from exotel_frames.workbooks.plan_files.model import (
    APPROVAL_SHEET,
    APPROVED,
    FORMAT,
    HIDDEN_SHEET,
    PLAN_SHEET,
    PlanFile,
    checksum,
    fingerprint,
    pack,
)
from exotel_frames.workbooks.writing.checks import check_table
from exotel_frames.workbooks.writing.fast_rows import Rows, write_book

ANSWERS: Final = ("yes", "no")
LINES: Final = {"Approved by": "by", "Approved on": "at", "Reason": "why"}
"""The lines of the sheet "approval" that a person fills in."""
_WIDTHS: Final = (22, 60)
_ABOUT: Final = (
    "Choose yes or no for each row of the sheet plan, fill in the lines above, save as .xlsx and send it back.",
    (
        "Nothing else in the plan can be changed here: a changed cell is refused. You may sort, filter and colour as "
        "you like."
    ),
)
_COLOURS: Final = {
    "yes": {"bg_color": "#D1E7DD", "font_color": "#0F5132"},
    "no": {"bg_color": "#F8D7DA", "font_color": "#842029"},
}
_TEXT: Final = {"num_format": "@", "font_size": 11, "valign": "vcenter"}


def write_plan_file(plan: PlanFile, path: Path) -> None:
    """Write a plan to a workbook or to JSON, by the name's ending; a file of that name is replaced whole."""
    endings = {".xlsx": _write_workbook, ".json": _write_json}
    write = endings.get(path.suffix.lower())
    if write is None:
        raise WorkbookError(f"A plan's name must end in .xlsx or .json: write to {path.with_suffix('.xlsx').name}.")
    write(plan, path)


def _write_json(plan: PlanFile, path: Path) -> None:
    rows = [dict(zip(plan.columns, cells, strict=True)) for cells in zip(*plan.columns.values(), strict=True)]
    marked = [{APPROVED: None, **row, "fingerprint": fingerprint(plan.plan_id, row)} for row in rows]
    about = {key: value for key, value in msgspec.structs.asdict(plan).items() if key != "columns"}
    approval = dict.fromkeys(LINES.values())
    known = {"columns": list(plan.columns), "count": len(rows), "checksum": checksum(plan, len(rows))}
    whole = {"format": FORMAT, **about, "approval": approval, **known, "rows": marked}
    with replace_whole(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(whole), indent=1))


def _write_workbook(plan: PlanFile, path: Path) -> None:
    columns = _columns(plan)
    check_table(PLAN_SHEET, {column.name: column.cells for column in columns})

    def build(book: Any) -> dict[int, Rows]:
        sheet = book.add_worksheet(PLAN_SHEET)
        sheet.data_validation(f"A2:A{ROWS_MAX}", {"validate": "list", "source": list(ANSWERS)})
        for answer, look in _COLOURS.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{answer}"', "format": book.add_format(look)}
            sheet.conditional_format(f"A2:A{ROWS_MAX}", rule)
        format_page(book, sheet, columns, "plan")
        _write_approval(book, book.add_worksheet(APPROVAL_SHEET), plan)
        write_hidden(book, HIDDEN_SHEET, pack(plan))
        return {1: rows_of(columns)}

    with replace_whole(path) as target:
        write_book(target, build)


def _columns(plan: PlanFile) -> list[PageColumn]:
    """Return the column for yes and no, then the plan's as its page shows them; each cell is text, and stays it."""
    texts = pd.DataFrame({name: pd.array(cells, dtype=schema.STR) for name, cells in plan.columns.items()})
    nothing: list[str | None] = [None] * len(texts)
    approved = PageColumn(name=APPROVED, cells=nothing, type="text", width=14, is_folded=False, is_wrapped=False)
    return [approved, *page_columns(texts, "plan")]


def _write_approval(book: Any, sheet: Any, plan: PlanFile) -> None:
    text = book.add_format(_TEXT)
    label = book.add_format({**_TEXT, "bold": True})
    open_cell = book.add_format({**_TEXT, "bg_color": "#FFF9DB", "border": 1, "border_color": "#C9B458"})
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width, text)
    known = {
        "Plan": plan.plan_id,
        "Account": plan.origin.get("label") or plan.origin.get("account_sid") or "",
        "Made": plan.written_at,
        "From": plan.source or "",
        "Rows": f"{len(plan.columns['action']):,}",
    }
    for row, (head, value) in enumerate(known.items()):
        sheet.write_string(row, 0, head, label)
        sheet.write_string(row, 1, value, text)
    for row, head in enumerate(LINES, start=len(known) + 1):
        sheet.write_string(row, 0, head, label)
        sheet.write_blank(row, 1, None, open_cell)
    for row, sentence in enumerate(_ABOUT, start=len(known) + len(LINES) + 2):
        sheet.write_string(row, 0, sentence, text)
