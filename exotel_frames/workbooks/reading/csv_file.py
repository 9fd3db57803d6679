"""Comma-separated text, read strictly as text; and any table, read by what it is instead of by what it is called."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.row_numbers import FILE, RowNumbers
from exotel_frames.text import pluralize
from exotel_frames.workbooks.addresses import NAME
from exotel_frames.workbooks.arrow_text import text_frame
from exotel_frames.workbooks.preflight.check import read_bytes
from exotel_frames.workbooks.preflight.file_type import kind_of
from exotel_frames.workbooks.preflight.scan import SheetScan
from exotel_frames.workbooks.problems import Fault, workbook_error
from exotel_frames.workbooks.reading.cells import read_cells
from exotel_frames.workbooks.reading.workbook import read_workbook

_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SAVE_AS: Final = 'Save it as "CSV UTF-8 (comma delimited)", or better as an Excel workbook (.xlsx) with text cells'


def read_table(path: str | Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Return the subscribers of a workbook or a CSV file, whatever its name ends in; see `read_workbook`, `read_csv`.

    >>> read_table("sample_data/new_subscribers.xlsx").shape
    (49, 3)
    """
    kind = kind_of(read_bytes(Path(path)))
    is_text = "text" in kind and "JSON" not in kind
    return read_csv(path) if is_text else read_workbook(path, sheet=sheet)


def read_csv(path: str | Path) -> pd.DataFrame:
    r"""Return the subscribers of a CSV file (commas, UTF-8, a header line), every field exactly as it stands there.

    Columns and `attrs` as in `read_workbook`; `row_numbers` are lines of the file; an empty field is missing. CSV is
    for machines: a spreadsheet program that has opened and saved it may have changed names, and nothing in it tells.

    Errors: one `WorkbookError` about the encoding, the separator, the headers, or all lines with too many or too few
    fields.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "new.csv")
    >>> _ = path.write_text("subscriber_name,custom_field\n007,NA\n")
    >>> read_csv(path).loc[0].tolist()
    ['007', 'NA']
    """
    file = Path(path)
    text = _decoded(file, read_bytes(file))
    lines, rows = _records(file, text)
    _check_shape(file, lines, rows)
    columns, kept = read_cells(file.name, file.name, rows, SheetScan())
    frame = text_frame(columns)
    frame.attrs["exotel_frames"] = {
        "origin": {},
        "path": str(path),
        "sheet": None,
        "row_numbers": RowNumbers([lines[number - 1] for number in kept], columns[NAME], FILE),
    }
    return frame


def _refused(file: Path, why: str) -> WorkbookError:
    return WorkbookError(f"{file.name} can't be read as CSV: {why}.")


def _decoded(file: Path, data: bytes) -> str:
    kind = kind_of(data)
    if kind == "zip" or "workbook" in kind:
        raise _refused(file, "it is an Excel file. Read it with read_workbook")
    if kind == "text in UTF-16":
        raise _refused(file, f'it is in UTF-16, as Excel\'s "Unicode Text". {_SAVE_AS}')
    if "text" not in kind or "JSON" in kind:
        raise _refused(file, f"it is {kind}. Ask the sender for the table itself")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = (
            f"0x{data[error.start]:02X} = {data[error.start : error.start + 1].decode('cp1252', 'replace')} in Latin-1"
        )
        raise _refused(file, f"line {line} is not in UTF-8 (byte {byte}). {_SAVE_AS}") from None


def _records(file: Path, text: str) -> tuple[list[int], list[list[str]]]:
    """Return the lines on which the records begin, and the records; empty lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, rows, begins = [], [], 1
    try:
        for row in reader:
            if row:
                lines.append(begins)
                rows.append(row)
            begins = reader.line_num + 1
    except csv.Error as error:
        about = "a quotation mark is opened and not closed, or something follows a closing one"
        raise _refused(file, f"the record that begins on line {begins} is broken ({about}: {error})") from None
    return lines, rows


def _check_shape(file: Path, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> None:
    header = rows[0] if rows else []
    _check_separator(file, header)
    faults = [
        Fault(
            at - 1,
            None,
            ",".join(row),
            "ragged",
            f"line {line} has {pluralize(len(row), 'field')}, and the header has {len(header)}",
            'Put a text that contains commas into quotation marks ("…"), and give each line all its commas.',
        )
        for at, (line, row) in enumerate(zip(lines, rows, strict=True))
        if len(row) != len(header)
    ]
    if faults:
        raise workbook_error(f"{file.name} can't be read as CSV", faults)


def _check_separator(file: Path, header: Sequence[str]) -> None:
    first = ",".join(header)
    if first.lower().startswith("sep="):
        raise _refused(file, f"its first line is {first!r}, which only Excel understands. Delete that line")
    for separator, name in _SEPARATORS.items():
        if NAME not in header and NAME in [part.strip(' "') for part in first.split(separator)] and separator in first:
            raise _refused(file, f"its fields are separated by {name} instead of commas. {_SAVE_AS}")
