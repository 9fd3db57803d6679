"""How a page looks: its header, the formats of its columns, what is folded, what is frozen, and its colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import COLUMNS_MAX, address
from exotel_frames.workbooks.pages.colours import LINE, add_colours
from exotel_frames.workbooks.pages.layout import PageColumn
from exotel_frames.workbooks.writing.style import BLUE, GREY, SLATE, TEXT_CELL, header_format, set_up_sheet

_FREEZE_MAX: Final = 3
_FLAG: Final = '"TRUE";"TRUE";"FALSE"'
"""LibreOffice counts a yes or no among the numbers, and would show some of them as 0."""


def format_page(book: Any, sheet: Any, columns: Sequence[PageColumn], kind: str) -> None:
    """Write a page's header and pattern row, and set how it looks on a screen and on paper."""
    for at, column in enumerate(columns):
        look = book.add_format(_cell_look(column))
        options = {"level": 1, "hidden": True} if column.is_folded else {}
        sheet.set_column(at, at, column.width, look, options)
        sheet.write_string(0, at, column.name, header_format(book, SLATE if column.is_folded else BLUE))
        sheet.write_string(1, at, "pattern", look)
    after, rows = len(columns), len(columns[0].cells) if columns else 0
    if any(column.is_folded for column in columns) and after < COLUMNS_MAX:
        sheet.set_column(after, after, None, None, {"collapsed": True})
    set_up_sheet(sheet, rows=rows, columns=after)
    names = [column.name for column in columns]
    sheet.freeze_panes(1, names.index(NAME) + 1 if NAME in names[:_FREEZE_MAX] else 0)
    add_colours(book, sheet, kind, names)
    if rows:
        lines = {"type": "no_errors", "format": book.add_format(LINE)}
        sheet.conditional_format(f"A2:{address(rows + 1, after)}", lines)


def _cell_look(column: PageColumn) -> dict[str, Any]:
    """Return how a column's cells look; what is no number is text, so that nothing typed into it is changed."""
    quiet = {"font_color": GREY} if column.is_folded or column.name.startswith("date_") else {}
    if column.type == "text":
        look = {**TEXT_CELL, "bold": column.name == NAME, **quiet}
        return {**look, "text_wrap": True} if column.is_wrapped else look
    if column.type == "flag":
        return {"valign": "vcenter", "align": "left", "indent": 1, "num_format": _FLAG, **quiet}
    return {"valign": "vcenter", "align": "left", "indent": 1, **quiet}
