"""A workbook as people send it back, read as text: every name as it stands in its cell, or not at all."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import python_calamine as calamine

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.base import BASE_SHEET, Base, unpack
from exotel_frames.frames.columns import TEXT
from exotel_frames.frames.gather import text_frame
from exotel_frames.frames.grid import LEGEND, NAME
from exotel_frames.frames.preflight import Inspected, inspect
from exotel_frames.frames.rownames import RowNumbers
from exotel_frames.frames.sheetcells import read_cells
from exotel_frames.frames.words import listed, shown

_VISIBLE: Final = calamine.SheetVisibleEnum.Visible
_BREAK: Final = re.compile("\r\n|\n\r|\r")
_NO_DATA: Final = frozenset({LEGEND, BASE_SHEET})


def read_workbook(path: str | Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Return the subscribers of a workbook as text, every cell exactly as it stands there.

    Columns: those of action, subscriber_name, status, custom_field, date_created, date_updated that the sheet has, then
    people's own columns (there, numbers and dates become text as well). All are `str`; an empty cell is missing. In a
    workbook that `write_workbook` made, a custom_field that was there and was emptied is `""`, which clears it; in any
    other, an empty cell is missing, and keeps what the subscriber has. Hidden and filtered rows count like all others;
    empty rows don't. A row that somebody removed is simply not there: that deletes nothing.
    `frame.attrs["exotel_frames"]` has `origin`, `path`, `sheet` and `row_numbers` (each row's number in Excel).

    `sheet` is needed only when several visible sheets have a column subscriber_name. Errors: one `WorkbookError`; its
    `.problems` has a row for each cell that was retyped as a number, date or yes/no, is a formula, an error or merged,
    and for each wrong header.

    >>> read_workbook("sample_data/new_subscribers.xlsx")["subscriber_name"].tolist()[20:24]
    ['007', '1E5', 'TRUE', 'NA']
    """
    return read_with_base(path, sheet=sheet)[0]


def read_with_base(path: str | Path, *, sheet: str | None = None) -> tuple[pd.DataFrame, Base | None]:
    """Return what `read_workbook` and `read_base` return, from one reading of the file."""
    return read_inspected(inspect(path), sheet)


def read_inspected(inspected: Inspected, sheet: str | None) -> tuple[pd.DataFrame, Base | None]:
    """Return what `read_with_base` returns, from a file's bytes."""
    name, columns, row_numbers, base = _cells_of(inspected, sheet)
    if base is not None and "custom_field" in columns:
        names, fields = (columns[header].to_pylist() for header in (NAME, "custom_field"))
        columns["custom_field"] = pa.array(_as_meant(names, fields, base.frame), TEXT)
    frame = text_frame(columns)
    frame.attrs["exotel_frames"] = {
        "origin": base.origin if base else {},
        "path": str(inspected.path),
        "sheet": name,
        "row_numbers": RowNumbers(row_numbers, columns[NAME]),
    }
    return frame, base


def _cells_of(inspected: Inspected, sheet: str | None) -> tuple[str, dict[str, Any], Sequence[int], Base | None]:
    """Return what the library reads; the sheet before the base, so that the two are never held at once."""
    file = inspected.path.name
    with opened(file, inspected.data) as book:
        name = _choose(inspected, book, sheet)
        columns, row_numbers = read_cells(file, name, raw_rows(book, name), inspected.sheets[name])
        base = _base_of(inspected, book)
    if base is not None and not base.checksum_ok:
        raise WorkbookError(
            f"{file} can't be read: its hidden sheet {BASE_SHEET}, which tells your changes from those of others, was "
            "changed itself. Write the workbook anew, and copy your changes over."
        )
    return name, columns, row_numbers, base


def read_base(path: str | Path) -> Base | None:
    """Return what a workbook said when it was written, and where it came from; None for a workbook made by hand.

    >>> read_base("sample_data/new_subscribers.xlsx") is None
    True
    """
    inspected = inspect(path)
    with opened(inspected.path.name, inspected.data) as book:
        return _base_of(inspected, book)


@contextmanager
def opened(file: str, data: bytes) -> Iterator[Any]:
    """Give a workbook's bytes as calamine reads them, raw; they must have been inspected. Errors: a `WorkbookError`."""
    try:
        yield calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except WorkbookError:
        raise
    except BaseException as error:
        # the library's own panics are BaseExceptions, and of no class that could be imported
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise WorkbookError(
                f"{file} is damaged ({error}). Open it in Excel, save it as .xlsx, and read that."
            ) from None
        raise


def raw_rows(book: Any, sheet: str) -> Iterator[list[Any]]:
    """Yield a sheet's rows from A1 on, each cell of the type it has in the file; an empty one is the empty text."""
    found = book.get_sheet_by_name(sheet)
    left = [""] * (found.start or (0, 0))[1]  # the library leaves empty columns out, not empty rows
    for row in found.iter_rows():
        yield left + row


def _base_of(inspected: Inspected, book: Any) -> Base | None:
    if BASE_SHEET not in inspected.sheets:
        return None
    return unpack(list(raw_rows(book, BASE_SHEET)))


def _choose(inspected: Inspected, book: Any, sheet: str | None) -> str:
    file = inspected.path.name
    if sheet is not None:
        if sheet not in inspected.sheets:
            raise WorkbookError(
                f"{file} has no sheet {shown(sheet)}: its sheets are {_quoted(list(inspected.sheets))}."
            )
        return sheet
    sheets = [meta for meta in book.sheets_metadata if meta.name in inspected.sheets and meta.name not in _NO_DATA]
    visible = [meta.name for meta in sheets if meta.visible == _VISIBLE]
    if len(visible) == 1:
        return str(visible[0])
    fitting = [name for name in visible if _has_names(book, name)]
    if len(fitting) == 1:
        return str(fitting[0])
    if fitting:
        raise WorkbookError(
            f"{file} has {len(fitting)} sheets with a column {NAME}: say which, sheet={_choice(fitting)}."
        )
    hidden = [meta.name for meta in sheets if meta.visible != _VISIBLE]
    also = f" (hidden: {_quoted(hidden)}; to read one of these, name it: sheet=…)" if hidden else ""
    raise WorkbookError(f"{file} has no visible sheet with a column {NAME}; it has {_quoted(visible) or 'none'}{also}.")


def _has_names(book: Any, name: str) -> bool:
    return any(NAME in row for row in book.get_sheet_by_name(name).to_python(nrows=1))


def _quoted(names: Sequence[str]) -> str:
    return listed([f'"{name}"' for name in names])


def _choice(names: Sequence[str]) -> str:
    return _quoted(names).replace(" and ", " or sheet=")


def _as_meant(names: Sequence[str | None], fields: Sequence[str | None], base: pd.DataFrame) -> list[str | None]:
    """Return the custom fields: `""` where the base had one and the cell is empty now, untouched ones as they were."""
    had = zip(base[NAME].tolist(), base["custom_field"].fillna("").tolist(), strict=True)
    before = {name: field for name, field in had if field}
    return [_meant(field, before.get(name, "")) for name, field in zip(names, fields, strict=True)]


def _meant(now: str | None, before: str) -> str | None:
    if now is None or not before:
        return "" if before else now
    if "\r" in before and _BREAK.sub("\n", now) == _BREAK.sub("\n", before):
        return before  # LibreOffice saves a carriage return as a line break: no change that somebody made
    return now
