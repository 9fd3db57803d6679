"""The sheet that tells a manager what the columns mean, what may be changed, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from exotel_frames.schema import MUTABLE
from exotel_frames.text import pluralize
from exotel_frames.workbooks.writing.help_sheet import HelpTable, write_help

_COLUMNS: Final = (
    (
        "action",
        (
            "What to do with this row. If you leave it empty, your changes in the row are applied, and a name that "
            "does not exist yet is created. Choose delete to remove the subscriber permanently."
        ),
        "yes, from the list",
    ),
    (
        "subscriber_name",
        "The subscriber's name: 1 to 16 letters and digits; upper and lower case are different. It never changes.",
        "no",
    ),
    *((field.name, field.meaning, "yes, from the list" if field.choices else "yes") for field in MUTABLE),
    ("date_created", "When the subscriber was created.", "no"),
    ("date_updated", "When the subscriber was last changed.", "no"),
    (
        "any other column",
        "These are yours: notes, colours, comments, filters and your own columns do no harm, and are never sent.",
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
    (
        "Names stay text",
        "All cells are formatted as Text, so that 007 or MAR1 stay unchanged. Please keep this format.",
    ),
)
_NEXT: Final = (
    "Save the workbook as .xlsx and send it back.",
    (
        "It is compared with the account: only your changes count, and changes made by others in the meantime are "
        "kept separate."
    ),
    "The plan is shown before anything is sent; deletes are counted and confirmed.",
    "The outcome of every row is written beside it in this workbook.",
)
_WIDTHS: Final = (33, 84, 24)


def write_legend(book: Any, sheet: Any, origin: Mapping[str, str]) -> None:
    """Fill the legend sheet of an xlsxwriter workbook; `origin` says where the subscribers came from."""
    account = origin.get("account_sid")
    tables: list[HelpTable] = [
        (("Column", "What it means", "May you change it?"), _COLUMNS),
        (("Good to know", "", ""), [(*rule, "") for rule in _RULES]),
        (("What happens next", "", ""), [(f"{step}.", text, "") for step, text in enumerate(_NEXT, start=1)]),
    ]
    title = f"Subscribers of {account}" if account else "Subscribers"
    write_help(book, sheet, title, _export_lines(origin), tables, widths=_WIDTHS)


def _export_lines(origin: Mapping[str, str]) -> list[str]:
    when = datetime.fromisoformat(origin["exported_at"])
    where = f" from {_place(origin)}" if origin.get("base_url") else ""
    subscribers = pluralize(int(origin["rows"]), "subscriber")
    return [
        f"{subscribers}, exported on {when.day} {when:%B %Y} at {when:%H:%M} {when.tzname() or ''}{where}".strip(),
        f"Written by exotel_frames {origin['tool_version']}",
    ]


def _place(origin: Mapping[str, str]) -> str:
    """Return where an account is; a sandbox's address is another one each time, and tells a reader nothing."""
    return "a made-up account (sandbox)" if origin.get("label", "").startswith("SANDBOX") else origin["base_url"]
