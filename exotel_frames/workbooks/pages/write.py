"""Writes frames as pages: coloured, with the most needed columns first, and with a hidden copy of the whole frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import as_pandas
from exotel_frames.frames.kinds import kind_of_frame, secret_columns
from exotel_frames.text import first_free, quote_names
from exotel_frames.workbooks.atomic import check_ending, replace_whole
from exotel_frames.workbooks.hidden_sheets import write_hidden
from exotel_frames.workbooks.pages.about import TITLES, title_of, write_about
from exotel_frames.workbooks.pages.hidden_copy import PAGES_SHEET, HiddenCopy, hidden_copy_of, pack
from exotel_frames.workbooks.pages.layout import PageColumn, page_columns, rows_of
from exotel_frames.workbooks.pages.style import format_page
from exotel_frames.workbooks.writing.checks import check_headers, check_size, check_table
from exotel_frames.workbooks.writing.fast_rows import Rows, write_book
from exotel_frames.workbooks.writing.style import BLUE

ABOUT_SHEET: Final = "about"
PLAIN: Final = "table"
"""The kind of a frame that is none of ours."""
_LABEL_MAX: Final = 150  # of the 255 characters of a printed header


def write_pages(
    path: str | Path, frames: Mapping[str, pd.DataFrame], *, origin: Mapping[str, Any] | None = None
) -> None:
    """Write frames to one workbook, a page each, for people to read and for `read_table` to give back.

    What became of a row is in colour, the columns that people need stand first, technical ones are folded away, and
    messages are wrapped. Numbers are numbers, all else is text. `origin` is the account of frames that remember none.

    Errors: a `WorkbookError` for tokens, which are secrets, and for what no workbook holds. Nothing is written then.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "run.xlsx")
    >>> write_pages(path, {"results": pd.DataFrame({"outcome": ["done"], "error_message": [None]})})
    >>> from exotel_frames.workbooks import read_table
    >>> read_table(path).attrs["exotel_frames"]["kind"]
    'results'
    """
    file = Path(path)
    check_ending(file)
    made = {sheet: as_pandas(frame) for sheet, frame in frames.items()}
    refuse_secrets(made)
    check_size(made)
    pages = {sheet: _page(sheet, frame, origin or {}) for sheet, frame in made.items()}
    about = _about(page.copy for page in pages.values())

    def build(book: Any) -> dict[int, Rows]:
        title = title_of({page.copy.kind for page in pages.values()})
        book.set_properties(
            {"title": title, "author": "exotel_frames", "created": datetime.fromisoformat(about["made"])}
        )
        for name, page in pages.items():
            sheet = book.add_worksheet(name)
            format_page(book, sheet, page.columns, page.copy.kind)
            sheet.set_tab_color(BLUE)
            sheet.set_header(
                f"&L{TITLES.get(page.copy.kind, 'Table')}&R{about['label'].replace('&', '&&')[:_LABEL_MAX]}"
            )
        written = {sheet: (page.copy.kind, made[sheet]) for sheet, page in pages.items()}
        write_about(book, book.add_worksheet(first_free(ABOUT_SHEET, pages.__contains__)), written, about)
        write_hidden(book, PAGES_SHEET, pack([page.copy for page in pages.values()]))
        return {at: rows_of(page.columns) for at, page in enumerate(pages.values(), start=1) if page.columns}

    with replace_whole(file) as target:
        write_book(target, build)


@dataclass(frozen=True)
class _Page:
    """One frame as its page shows and keeps it."""

    columns: list[PageColumn]
    copy: HiddenCopy


def _page(sheet: str, frame: pd.DataFrame, origin: Mapping[str, Any]) -> _Page:
    check_headers(frame)
    kind = kind_of_frame(frame) or PLAIN
    columns = page_columns(frame, kind)
    everything = range(len(frame))  # the hidden copy keeps what no cell can hold
    texts = {column.name: column.cells for column in columns if column.type == "text"}
    check_table(sheet, texts, kept=dict.fromkeys(texts, everything))
    return _Page(columns, hidden_copy_of(frame, kind, sheet, origin))


def refuse_secrets(frames: Mapping[str, pd.DataFrame]) -> None:
    """Raise a `WorkbookError` for frames that hold device tokens: a file is sent round."""
    names = dict.fromkeys(name for frame in frames.values() for name in secret_columns(frame))
    if names:
        raise WorkbookError(
            f"Nothing was written: {quote_names([*names], len(names))} would put secrets into a file. Drop such "
            "columns (frame.drop(columns=[…])), or pass each token on where it is needed: token.reveal()."
        )


def _about(copies: Iterable[HiddenCopy]) -> dict[str, str]:
    """Return where and when, for the sheet "about" and for the foot of a printed page."""
    origins = [copy.attrs.get("origin") or {} for copy in copies]
    labels = dict.fromkeys(str(each.get("label") or each.get("account_sid") or "") for each in origins)
    now = datetime.now(UTC)
    return {
        "label": ", ".join(filter(None, labels)),
        "made": now.isoformat(timespec="seconds"),
        "written_at": f"{now.day} {now:%B %Y} at {now:%H:%M} UTC",
        "tool_version": version("exotel_frames"),
    }
