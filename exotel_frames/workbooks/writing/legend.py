"""The sheet that tells a manager what the columns mean, what may be changed, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from exotel_frames.schema import MUTABLE
from exotel_frames.workbooks.writing.style import set_up_reading

_COLUMNS: Final = (
    (
        "action",
        (
            "What shall be done with this row. Leave it empty, and whatever you changed in the row is updated; a name "
            "that does not exist yet is created. Choose delete to remove the subscriber for good."
        ),
        "yes, from the list",
    ),
    (
        "subscriber_name",
        "The subscriber's name: 1 to 16 letters and digits; capitals count. It never changes.",
        "no",
    ),
    *((field.name, field.meaning, "yes, from the list" if field.choices else "yes") for field in MUTABLE),
    ("date_created", "When the subscriber was created.", "no"),
    ("date_updated", "When the subscriber was last changed.", "no"),
    (
        "any other column",
        "Yours: notes, colours, comments, filters and your own columns do no harm, and are not sent anywhere.",
        "yes",
    ),
)
_RULES: Final = (
    ("Sort, filter, colour, comment", "as you like. Hidden and filtered rows count like all others."),
    (
        "Removing a row deletes nothing",
        "The subscriber stays as it is. To delete it, choose delete in the column action.",
    ),
    ("A new subscriber", "goes into the next free row: a name, and a custom_field if there is one."),
    ("A name can't be changed", "Another name is another subscriber: delete the old one and create the new one."),
    ("Names stay text", "All cells are formatted as Text, so that 007 or MAR1 stay what they are. Please keep it so."),
)
_NEXT: Final = (
    "Save the workbook as .xlsx and send it back.",
    "It is compared with the account: only what you changed counts, and what others changed meanwhile is kept apart.",
    "The plan is shown before anything is sent; deletes are counted and confirmed.",
    "The outcome of every row is written beside it in this workbook.",
)
_DARK, _BLUE, _GREY, _BAND = "#1F2D3D", "#1F4E79", "#5B6770", "#F3F6F9"
_ROW_HEIGHT: Final = 16
_LINE_CHARACTERS: Final = 100
_WIDTHS: Final = (33, 84, 24)


def write_legend(book: Any, sheet: Any, origin: Mapping[str, str]) -> None:
    """Fill the legend sheet of an xlsxwriter workbook; `origin` says where the subscribers came from."""
    set_up_reading(sheet, _WIDTHS)
    row = _heading(book, sheet, origin)
    row = _table(book, sheet, row, ("Column", "What it means", "May you change it?"), _COLUMNS)
    row = _table(book, sheet, row + 1, ("Good to know", "", ""), [(*rule, "") for rule in _RULES])
    steps = [(f"{step}.", text, "") for step, text in enumerate(_NEXT, start=1)]
    _table(book, sheet, row + 1, ("What happens next", "", ""), steps)


def _heading(book: Any, sheet: Any, origin: Mapping[str, str]) -> int:
    account = origin.get("account_sid")
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"Subscribers of {account}" if account else "Subscribers", _look(book, size=18, bold=True))
    for row, text in enumerate(_export_lines(origin), start=1):
        sheet.write_string(row, 0, text, _look(book, color=_GREY))
    return len(_export_lines(origin)) + 2


def _export_lines(origin: Mapping[str, str]) -> list[str]:
    when = datetime.fromisoformat(origin["exported_at"])
    where = f" from {_place(origin)}" if origin.get("base_url") else ""
    number = int(origin["rows"])
    subscribers = "1 subscriber" if number == 1 else f"{number:,} subscribers"
    return [
        f"{subscribers}, exported on {when.day} {when:%B %Y} at {when:%H:%M} {when.tzname() or ''}{where}".strip(),
        f"Written by exotel_frames {origin['tool_version']}",
    ]


def _place(origin: Mapping[str, str]) -> str:
    """Return where an account is; a sandbox's address is another one each time, and tells a reader nothing."""
    return "a made-up account (sandbox)" if origin.get("label", "").startswith("SANDBOX") else origin["base_url"]


def _table(book: Any, sheet: Any, row: int, header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    sheet.set_row(row, _ROW_HEIGHT + 6)
    for at, text in enumerate(header):
        sheet.write_string(row, at, text, _look(book, bold=True, color="#FFFFFF", bg_color=_BLUE, indent=1))
    for number, cells in enumerate(rows, start=row + 1):
        band: dict[str, Any] = {"bg_color": _BAND} if (number - row) % 2 else {}
        sheet.set_row(number, _ROW_HEIGHT * (1 + len(cells[1]) // _LINE_CHARACTERS) + 6)
        for at, text in enumerate(cells):
            sheet.write_string(number, at, text, _look(book, bold=at == 0, indent=1, **band))
    return row + len(rows) + 1


def _look(book: Any, *, size: int = 11, bold: bool = False, color: str = _DARK, **more: Any) -> Any:
    wrap = {} if color == _GREY or size > 11 else {"text_wrap": True}  # noqa: PLR2004 - headings run over their column
    return book.add_format(
        {"num_format": "@", "font_size": size, "bold": bold, "font_color": color, "valign": "vcenter", **wrap, **more}
    )
