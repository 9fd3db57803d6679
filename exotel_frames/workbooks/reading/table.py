"""Reads any table by its contents instead of its file name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.text import join_words
from exotel_frames.workbooks.base import Base
from exotel_frames.workbooks.pages.read import has_pages, read_page
from exotel_frames.workbooks.preflight.check import inspect_bytes, read_bytes
from exotel_frames.workbooks.preflight.file_type import is_delimited
from exotel_frames.workbooks.reading.csv_file import read_csv
from exotel_frames.workbooks.reading.report import with_line_printed
from exotel_frames.workbooks.reading.workbook import check_columns, read_inspected


def read_table(
    path: str | Path,
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Return the table of a workbook or a CSV file, whatever its file extension.

    A workbook is read as by `read_workbook`. A page of `write_workbook` (results, a plan, problems, changes, runs) is
    read as the frame that was written; if somebody changed or removed something in it, the page is read as it is now,
    with a note.

    Parameters
    ----------
    path : str or Path
        The file. A pipe, a FIFO and "-" (standard input) are read once.
    sheet : str, optional
        Which sheet of a workbook.
    columns : dict, optional
        Maps the file's headers to our columns: `{"Emp ID": "subscriber_name", "Team": "custom_field"}`.
    delimiter : str, optional
        What separates the fields of a CSV file; detected by default.
    encoding : str, optional
        A CSV file's encoding, such as "cp1252"; detected by default.

    Returns
    -------
    DataFrame
        All columns are `str`; an empty cell is missing. A page keeps its dtypes, index and account.
        `attrs["exotel_frames"]` and one printed line say what was assumed and which rows were left out.

    Raises
    ------
    WorkbookError
        One error; its `.problems` has a row for each header and cell that can't be read without guessing.

    Examples
    --------
    >>> read_table("sample_data/new_subscribers.xlsx").shape
    (49, 3)
    >>> list(read_table("sample_data/new_subscribers.xlsx", columns={"Team lead note": "status"}))
    ['subscriber_name', 'status', 'custom_field']
    """
    frame, _ = read_with_base(path, sheet=sheet, columns=columns, delimiter=delimiter, encoding=encoding)
    return with_line_printed(frame)


def read_with_base(
    path: str | Path,
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> tuple[pd.DataFrame, Base | None]:
    """Return what `read_table` returns, and a workbook's base; print nothing: `reading_line` tells what was assumed."""
    check_columns(columns or {})
    file = Path(path)
    data = read_bytes(file)
    if is_delimited(data):
        _check_options(file, "a CSV file", {"sheet": sheet})
        return read_csv(file, data, columns=columns, delimiter=delimiter, encoding=encoding), None
    _check_options(file, "a workbook", {"delimiter": delimiter, "encoding": encoding})
    inspected = inspect_bytes(file, data)
    page = read_page(inspected, sheet) if has_pages(inspected) and not columns else None
    return read_inspected(inspected, sheet, columns) if page is None else (page, None)


def _check_options(file: Path, kind: str, options: Mapping[str, str | None]) -> None:
    given = [f"{name}=" for name, value in options.items() if value is not None]
    if given:
        raise WorkbookError(f"{file.name} is {kind}, to which {join_words(given)} does not apply: leave it out.")
