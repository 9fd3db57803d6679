"""A sheet's rows as the library reads them, and whatever it raises as one error of ours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import python_calamine as calamine

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.preflight.check import Inspected


def sheet_rows(inspected: Inspected, sheet: str) -> Iterator[list[Any]]:
    """Yield a sheet's rows from A1 on, each cell of the type it has in the file; an empty one is the empty text.

    Errors: a `WorkbookError` when the library finds the file damaged.
    """
    with _as_damage(inspected.path.name):
        found = calamine.CalamineWorkbook.from_filelike(io.BytesIO(inspected.data)).get_sheet_by_name(sheet)
        left = [""] * (found.start or (0, 0))[1]  # the library leaves empty columns out, not empty rows
        yield from (left + row for row in found.iter_rows())


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
