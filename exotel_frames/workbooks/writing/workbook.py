"""Writes a subscribers frame as a workbook that people can edit without damaging a name: every cell is text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.convert import conform
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME
from exotel_frames.validation import Problem, validate_names
from exotel_frames.workbooks.addresses import LEGEND, OURS, SHEET, address
from exotel_frames.workbooks.atomic import check_ending, replace_whole
from exotel_frames.workbooks.base import BASE_SHEET, pack
from exotel_frames.workbooks.cell_text import cut_to_cell
from exotel_frames.workbooks.hidden_sheets import write_hidden
from exotel_frames.workbooks.writing.checks import REFUSED, Table, check_size, check_table, frame_texts
from exotel_frames.workbooks.writing.fast_rows import Rows, write_book
from exotel_frames.workbooks.writing.legend import write_legend
from exotel_frames.workbooks.writing.proposals import find_kept_cells, find_proposals, with_columns_of
from exotel_frames.workbooks.writing.style import add_choices, format_sheet

_ZIP_EPOCH: Final = 1980
_NEVER: Final = ("missing", "not_text", "repeated")  # rules that no name of the service can break


def write_workbook(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    origin: Mapping[str, Any] | None = None,
    base: pd.DataFrame | None = None,
) -> None:
    """Write subscribers to an Excel workbook that keeps every name through editing, sorting and re-saving.

    `frame` is a subscribers frame; an `action` column fills that column, others follow as people's own. Every cell is
    text, dates are ISO 8601 with their offset. Sheet "subscribers" is for editing, "legend" explains it, and a hidden
    one keeps `base` (what the subscribers are now; by default the frame itself) and `origin` (account_sid, base_url, …)
    for the way back. An existing file is replaced whole, or stays as it was.

    Errors: one `WorkbookError`; its `.problems` names each cell that a workbook can't hold (over 32,767 UTF-16 units,
    control characters, lone surrogates) and each name that is not legal or there twice. Nothing is written then.

    >>> import tempfile
    >>> subscribers = pd.DataFrame({"subscriber_name": ["007"], "status": ["active"], "custom_field": ["=1+1"]})
    >>> path = Path(tempfile.mkdtemp(), "audit.xlsx")
    >>> write_workbook(subscribers, path, origin={"account_sid": "acme1"})
    >>> from exotel_frames.workbooks import read_with_base
    >>> sheet, kept = read_with_base(path)
    >>> sheet["custom_field"].tolist(), kept.origin["account_sid"]
    (['=1+1'], 'acme1')
    """
    file = Path(path)
    check_ending(file)
    _check_kind(frame)
    optional = [header for header in OURS if header != NAME]
    frame = need_columns(frame, [NAME], optional=optional, what="The frame for the workbook")
    frame = with_columns_of(frame, base)
    check_size({SHEET: frame})
    table = _table(frame)
    before = frame if base is None else base[base[NAME].isin(frame[NAME])]
    kept = find_kept_cells(frame, before)
    check_table(SHEET, table, _name_problems(frame, kept[NAME]), kept)
    untouched = conform(before, "subscribers")
    known = [name for name in schema.SUBSCRIBERS if name in before]  # of the others it says nothing
    proposed = find_proposals(table, untouched)
    for field in schema.MUTABLE:
        table[field.name] = [text and cut_to_cell(text) for text in table[field.name]]
    texts = _origin_texts(origin or {}, len(frame))

    def build(book: Any) -> dict[int, Rows]:
        return _fill(book, table, texts, pack(untouched, texts, proposed=proposed, fields=known))

    with replace_whole(file) as target:
        write_book(target, build)


def _fill(book: Any, table: Table, origin: Mapping[str, str], base: Iterable[tuple[str, str]]) -> dict[int, Rows]:
    """Lay out the three sheets; return the rows of the first one, which are written fast."""
    book.set_properties(
        {"title": "Subscribers", "author": "exotel_frames", "created": datetime.fromisoformat(origin["exported_at"])}
    )
    sheet = book.add_worksheet(SHEET)
    sheet.set_tab_color("#1F4E79")
    format_sheet(book, sheet, table)
    sheet.freeze_panes(1, 2)
    add_choices(book, sheet, list(table))
    write_legend(book, book.add_worksheet(LEGEND), origin)
    write_hidden(book, BASE_SHEET, base)
    return {1: Rows(columns=list(table.values()))}


def _check_kind(frame: Any) -> None:
    """Refuse what is no sheet for editing: its action column would ask for what was done to be done again."""
    columns = set(frame.columns) if isinstance(frame, pd.DataFrame) else set()
    if "outcome" in columns:
        raise WorkbookError(
            f"{REFUSED}: this is a frame of results (it has a column outcome); in a workbook for editing, its actions "
            'would be planned a second time. Write the results beside their rows with write_verdicts("audit.xlsx", '
            'results), or keep them with results.to_parquet("results.parquet"); `exotel-frames results -o results.xlsx`'
            " writes a run as a plain workbook. To edit these subscribers, drop the columns outcome and action "
            "first; a "
            "column outcome of your own needs another name."
        )
    if {"status_from", "conflict"} <= columns:
        raise WorkbookError(
            f"{REFUSED}: this is a plan; a workbook for editing would take its intended values for the current "
            'ones. Keep it with plan.to_parquet("plan.parquet"), or write a workbook with `exotel-frames plan '
            "audit.xlsx -o plan.xlsx`. apply_plan takes both after you have read them again."
        )


def _origin_texts(origin: Mapping[str, Any], rows: int) -> dict[str, str]:
    made = {
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tool_version": version("exotel_frames"),
        "rows": rows,
    }
    return {key: str(value) for key, value in {**made, **origin}.items() if value is not None}


def _table(frame: pd.DataFrame) -> Table:
    found = frame_texts(frame)
    empty: list[str | None] = [None] * len(frame)
    ours: Table = {header: found.pop(header, empty) for header in OURS}
    return {**ours, **found}


def _name_problems(frame: pd.DataFrame, kept: Iterable[int]) -> Iterator[Problem]:
    """Yield what is wrong with the names; one that exists on the service (`kept`) is what it is."""
    column = frame[NAME].reset_index(drop=True)  # with the rows' numbers in the sheet that would come
    column.attrs["exotel_frames"] = {"row_numbers": RowNumbers(range(2, len(frame) + 2), read_texts(column).arrow)}
    problems = validate_names(column)
    exists = problems["row"].isin(list(kept)) & ~problems["rule"].isin(_NEVER)
    fatal = problems[~problems["rule"].isin(schema.WARNING_RULES) & ~exists]
    for row, value, rule, message, fix in fatal.drop(columns="column").astype(object).itertuples(index=False):
        cell = f"{SHEET}!{address(row + 2, OURS.index(NAME) + 1)}"
        known = [None if pd.isna(text) else text for text in (value, fix)]
        yield Problem(row, NAME, known[0], rule, f"{cell}: {message.rstrip('.')}", known[1] or "")


def is_unedited(workbook: Path) -> bool:
    """Tell whether a workbook is one of ours that nobody has saved since.

    Source: Excel, LibreOffice and openpyxl write `dcterms:modified` anew with each saving; the latter two date the
    archive's parts as well, which xlsxwriter and Excel don't.
    """
    try:
        with zipfile.ZipFile(workbook) as parts:
            core = parts.read("docProps/core.xml").decode()
            undated = {part.date_time[0] for part in parts.infolist()} == {_ZIP_EPOCH}
    except (OSError, KeyError, UnicodeDecodeError, zipfile.BadZipFile):
        return False
    return undated and "exotel_frames" in core and _date_of(core, "created") == _date_of(core, "modified") != ""


def _date_of(core: str, which: str) -> str:
    _, _, rest = core.partition(f"<dcterms:{which}")
    return rest.partition(">")[2].partition("<")[0]
