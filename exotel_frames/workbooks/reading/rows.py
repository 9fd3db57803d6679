"""A sheet's rows as the library reads them; its exceptions become one error of ours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import python_calamine as calamine

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.addresses import cell_to_text
from exotel_frames.workbooks.preflight.check import Inspected
from exotel_frames.workbooks.reading.columns import is_blank


def sheet_rows(inspected: Inspected, sheet: str) -> Iterator[list[Any]]:
    """Yield a sheet's rows from A1 on, each cell of the type it has in the file; an empty one is the empty text.

    Errors: a `WorkbookError` when the library finds the file damaged.
    """
    with _as_damage(inspected.path.name):
        found = calamine.CalamineWorkbook.from_filelike(io.BytesIO(inspected.data)).get_sheet_by_name(sheet)
        left = [""] * (found.start or (0, 0))[1]  # the library leaves empty columns out, not empty rows
        yield from (left + row for row in found.iter_rows())


def header_of(inspected: Inspected, sheet: str) -> tuple[int, list[str]]:
    """Return a sheet's header, its first row with anything in it: the row's number and its texts.

    >>> from exotel_frames.workbooks.preflight.check import inspect
    >>> header_of(inspect("sample_data/new_subscribers.xlsx"), "Team")[1][:2]
    ['subscriber_name', 'custom_field']
    """
    rows = enumerate(sheet_rows(inspected, sheet), start=1)
    number, cells = next(((number, row) for number, row in rows if not is_blank(row)), (1, []))
    return number, [cell_to_text(cell) for cell in cells]


@contextmanager
def _as_damage(file: str) -> Iterator[None]:
    """Turn whatever the library raises into a `WorkbookError`."""
    try:
        yield
    except WorkbookError:
        raise
    except BaseException as error:
        # the library's own panics are BaseExceptions, and of no class that could be imported
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise WorkbookError(
                f"{file} is damaged ({error}). Open it in Excel, save it as .xlsx, and read that."
            ) from None
        raise
