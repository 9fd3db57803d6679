"""The style of our sheets: header, widths, lists, colours and print layout; every cell is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from exotel_frames import schema
from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import ACTION, COLUMNS_MAX, OURS, ROWS_MAX, address, letters

EDITABLE: Final = (ACTION, *schema.FIELDS)
CHOICES: Final = {
    ACTION: ("update", "delete", "create"),
    **{field.name: field.choices for field in schema.MUTABLE if field.choices},
}
BLUE, SLATE, GREY = "#1F4E79", "#5B6770", "#7F7F7F"
"""The headers of columns that people need, of technical ones, and the texts of these."""
TEXT_CELL: Final = {"num_format": "@", "valign": "vcenter", "indent": 1}
_HEADER: Final = {"bold": True, "font_color": "#FFFFFF", "valign": "vcenter", "num_format": "@", "indent": 1}
ACTION_LOOKS: Final = {
    "delete": {"bg_color": "#F8D7DA", "font_color": "#842029"},
    "update": {"bg_color": "#FFF3CD", "font_color": "#664D03"},
    "create": {"bg_color": "#D1E7DD", "font_color": "#0F5132"},
}
_NARROW, _WIDE = 10, 44
_TEXT_COLUMNS: Final = 1_024
"""More than anybody fills; to set all that a sheet can have takes longer than to write a small one."""
_SAMPLE: Final = 500
_HEADER_HEIGHT: Final = 26
ROW_HEIGHT: Final = 19
_NOT_IN_LIST: Final = "Please choose {} from the list, or leave the cell empty."

Table = Mapping[str, Sequence[str | None]]


def format_sheet(book: Any, sheet: Any, table: Table) -> None:
    """Write a sheet's header and pattern row, and set its widths, filter, frozen header and print."""
    for at, (header, texts) in enumerate(table.items()):
        kind = SLATE if header in OURS and header not in EDITABLE else BLUE
        sheet.set_column(at, at, _width(header, texts), _column_format(book, header))
        sheet.write_string(0, at, header, header_format(book, kind))
        sheet.write_string(1, at, "pattern", _column_format(book, header))
    if len(table) < _TEXT_COLUMNS:  # what people add beside it shall be text too
        sheet.set_column(len(table), _TEXT_COLUMNS - 1, None, book.add_format(TEXT_CELL))
    set_up_sheet(sheet, rows=max((len(texts) for texts in table.values()), default=0), columns=len(table))


def set_up_sheet(sheet: Any, *, rows: int, columns: int) -> None:
    """Set a sheet's filter, row heights and print: wide pages, one page across, the header on each of them."""
    sheet.set_default_row(ROW_HEIGHT)
    sheet.set_row(0, _HEADER_HEIGHT)
    sheet.autofilter(0, 0, rows, max(columns - 1, 0))
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(ROWS_MAX, COLUMNS_MAX)}"})
    fit_to_page(sheet)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&F  &A&RPage &P of &N")


def fit_to_page(sheet: Any) -> None:
    """Print a sheet on wide A4 pages, one page across."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def header_format(book: Any, color: str = BLUE) -> Any:
    """Return how a header looks: white on the colour of what the column is for."""
    return book.add_format({**_HEADER, "bg_color": color, "right": 1, "right_color": "#FFFFFF"})


def _column_format(book: Any, header: str) -> Any:
    quiet = header.startswith("date_")
    return book.add_format({**TEXT_CELL, "font_color": GREY} if quiet else {**TEXT_CELL, "bold": header == NAME})


def _width(header: str, texts: Sequence[str | None]) -> int:
    longest = max((len(text) for text in texts[:_SAMPLE] if text), default=0)
    return min(max(longest + 4, len(header) + 7, _NARROW), _WIDE)


def add_choices(book: Any, sheet: Any, headers: Sequence[str]) -> None:
    """Add the lists to choose from, down to the last row, and the colours of what shall be done."""
    for header, choices in CHOICES.items():
        column = letters(headers.index(header) + 1)
        sheet.data_validation(
            f"{column}2:{column}{ROWS_MAX}",
            {
                "validate": "list",
                "source": list(choices),
                "error_title": f"No such {header}",
                "error_message": _NOT_IN_LIST.format(" or ".join(choices)),
            },
        )
    area = f"A2:{letters(len(headers))}{ROWS_MAX}"
    for action, look in ACTION_LOOKS.items():
        rule = {"type": "formula", "criteria": f'=$A2="{action}"', "format": book.add_format(look)}
        sheet.conditional_format(area, rule)
    status = letters(headers.index("status") + 1)
    paused = {
        "type": "cell",
        "criteria": "==",
        "value": '"inactive"',
        "format": book.add_format({"italic": True, "font_color": GREY}),
    }
    sheet.conditional_format(f"{status}2:{status}{ROWS_MAX}", paused)
