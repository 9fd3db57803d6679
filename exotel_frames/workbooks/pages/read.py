"""Reads a returned page: unchanged rows exactly as they were, and changed cells as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_names
from exotel_frames.workbooks.addresses import cell_to_text
from exotel_frames.workbooks.pages.hidden_copy import PAGES_SHEET, HiddenCopy, unpack
from exotel_frames.workbooks.pages.match_rows import Matched, SheetRows, match_rows, put_together
from exotel_frames.workbooks.preflight.check import Inspected
from exotel_frames.workbooks.reading.columns import is_blank
from exotel_frames.workbooks.reading.report import Report
from exotel_frames.workbooks.reading.rows import sheet_rows

_ABOUT: Final = "about"
_LISTED_MAX: Final = 5
_LOOK_FOR_HEADER: Final = 20


def has_pages(inspected: Inspected) -> bool:
    """Tell whether a workbook is one of `write_pages`."""
    return PAGES_SHEET in inspected.sheets


def read_page(inspected: Inspected, sheet: str | None) -> pd.DataFrame | None:
    """Return the frame of a page with its dtypes, its index and its account; None for a sheet that is no page.

    Rows come in the order of the sheet, which may have been sorted; each keeps its index. Rows that were taken out are
    not there. Errors: a `WorkbookError` where there are several pages and no `sheet`, where the hidden copy was
    changed, and for each changed cell that is not what its column holds.
    """
    file = inspected.path.name
    copies = unpack(list(sheet_rows(inspected, PAGES_SHEET)), file)
    found = _choose(inspected, copies, sheet)
    if found is None:
        return None
    name, copy = found
    seen = _read_below_header(inspected, name, [column.name for column in copy.columns])
    try:
        rows = match_rows(copy, seen)
        frame = put_together(copy, seen, rows, name, file).frame()
    except (ValueError, TypeError, OverflowError) as damage:
        raise WorkbookError(
            f"{file} can't be read back: its hidden sheet {PAGES_SHEET} is damaged ({damage})."
        ) from None
    kept = set(rows.rows)
    left_out = tuple((number, "a remark") for row, number in enumerate(seen.numbers) if row not in kept)
    notes = (*inspected.ignored, *_notes(copy, seen, rows))
    report = Report(path=str(inspected.path), sheet=name, left_out=left_out, notes=notes)
    numbers = _numbers(frame, seen, rows)
    about = frame.attrs["exotel_frames"]
    frame.attrs["exotel_frames"] = {**report.attrs(about.get("origin") or {}, numbers), **about}
    if copy.kind == "plan" and not copy.attrs.get("origin"):
        frame.attrs["exotel_frames"]["names_no_account"] = file
    return frame


def _choose(inspected: Inspected, copies: Mapping[str, HiddenCopy], sheet: str | None) -> tuple[str, HiddenCopy] | None:
    """Return the sheet that is meant, and its copy; a page that was renamed is known where it is the only one."""
    here = [name for name in copies if name in inspected.sheets]
    lost = [name for name in copies if name not in inspected.sheets]
    others = [name for name in inspected.sheets if name not in (*here, PAGES_SHEET) and not name.startswith(_ABOUT)]
    if sheet is None and len(here) > 1:
        which = " or ".join(f'sheet="{name}"' for name in here)
        raise WorkbookError(f"{inspected.path.name} has {len(here)} tables: say which one, {which}.")
    if sheet is None and len(here) == 1:
        return here[0], copies[here[0]]
    if sheet in here:
        return str(sheet), copies[str(sheet)]
    if len(lost) == 1 and len(others) == 1 and sheet in (None, *others):
        return others[0], copies[lost[0]]
    return None


def _read_below_header(inspected: Inspected, sheet: str, known: Sequence[str]) -> SheetRows:
    """Return a sheet below its header, which is among the first rows: people put a title above it."""
    numbered = [(number, row) for number, row in enumerate(sheet_rows(inspected, sheet), start=1) if not is_blank(row)]
    headers = [[cell_to_text(cell) for cell in row] for _, row in numbered[:_LOOK_FOR_HEADER]]
    found = [len(set(known).intersection(cells)) for cells in headers]
    if known and not max(found, default=0):
        raise WorkbookError(
            f"{inspected.path.name} can't be read back: the header of its sheet {sheet} is missing. "
            f"Put {quote_names(known)} back above the columns."
        )
    at = found.index(max(found)) if found else 0
    header = headers[at] if headers else []
    places = {name: place for place, name in reversed(list(enumerate(header))) if name}
    order = sorted(places, key=places.__getitem__)
    below = numbered[at + 1 :]
    return SheetRows({name: places[name] for name in order}, [row for _, row in below], [number for number, _ in below])


def _numbers(frame: pd.DataFrame, seen: SheetRows, rows: Matched) -> RowNumbers:
    """Return each row's number in Excel; nothing is known of a frame without names."""
    if NAME not in frame or -1 in rows.rows:
        return RowNumbers()
    return RowNumbers([seen.numbers[row] for row in rows.rows], read_texts(frame[NAME]).arrow)


def _notes(copy: HiddenCopy, seen: SheetRows, rows: Matched) -> list[str]:
    """Say what people did to the page: it is read as it stands."""
    places = dict(zip(rows.rows, rows.positions, strict=True))
    edited = [row for row in rows.changed if places[row] >= 0]
    added = [row for row in rows.changed if places[row] < 0]
    gone = copy.rows - len({at for at in rows.positions if at >= 0})
    headers = [column.name for column in copy.columns if column.name not in seen.places]
    known = {column.name for column in copy.columns}
    more = [name for name in seen.places if name not in known]
    remarks = [
        (edited, f"{_rows_were(edited, seen)} changed since this was written"),
        (added, f"{_rows_were(added, seen)} added"),
        (gone, f"{pluralize(gone, 'row')} {'was' if gone == 1 else 'were'} taken out"),
        (headers, f"{_columns(headers)} taken out"),
        (more, f"{_columns(more)} added"),
    ]
    return [text for is_so, text in remarks if is_so]


def _columns(names: Sequence[str]) -> str:
    return f"the column {quote_names(names)} was" if len(names) == 1 else f"the columns {quote_names(names)} were"


def _rows_were(rows: Sequence[int], seen: SheetRows) -> str:
    numbers = join_words([str(seen.numbers[row]) for row in rows[:_LISTED_MAX]], len(rows))
    return f"row {numbers} was" if len(rows) == 1 else f"rows {numbers} were"
