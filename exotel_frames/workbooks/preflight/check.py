"""Checks a file's bytes, before any library that trusts it opens it.

One stray cell in the last corner makes a spreadsheet reader abort the whole kernel, and readers decompress without
limit. So a file is read once and decompressed in pieces that are counted and discarded; only then are the same bytes
passed on.
"""

from __future__ import annotations

import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree import ElementTree as ET

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.addresses import COLUMNS_MAX, ROWS_MAX
from exotel_frames.workbooks.preflight.archive import check_archive, ignored_parts, xml_pieces
from exotel_frames.workbooks.preflight.contents import Table, find_tables, sheet_parts
from exotel_frames.workbooks.preflight.file_type import kind_of, kind_of_zip
from exotel_frames.workbooks.preflight.scan import OddFileError, SheetScan, scan_exactly, scan_fast

FILE_MAX: Final = 256 * 2**20
_TOO_LARGE: Final = f"is larger than {FILE_MAX // 2**20} MB. Split it, and read the parts"
_BOX_MAX: Final = 30_000_000  # what a reader sets aside, in cells of 32 bytes: 1,048,576 rows of 28 columns
_SPARSE_FROM: Final = 2_000_000
_SPARSE: Final = 20  # more than 19 of 20 places empty, in a box that large: a stray cell
_WAYS_ON: Final = {
    "empty": "Copy or download it again",
    "CSV": "Read it with read_table; a spreadsheet program would change names such as 007",
    "tab-separated": "Read it with read_table",
    "UTF-16": "Read it with read_table",
    "HTML": "Some systems call their web tables .xls: ask for a real Excel workbook (.xlsx)",
    "password": "Take the password off in Excel (File > Info > Protect Workbook), and save it",
}
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ET.ParseError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
"""All that zipfile and the XML parser raise about a file that is not what it claims to be."""


@dataclass(frozen=True)
class Inspected:
    """A file that is safe to open: its bytes, and what each sheet holds and which part it is, by the sheet's name."""

    path: Path
    data: bytes
    sheets: Mapping[str, SheetScan]
    places: Mapping[str, str]
    hidden: frozenset[str]
    parts: frozenset[str]
    tables: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    """What reading leaves alone: macros, links."""


def inspect(path: str | Path) -> Inspected:
    """Return a file's bytes and what its sheets hold; one `WorkbookError` for a file that can't be opened safely.

    >>> list(inspect("sample_data/new_subscribers.xlsx").sheets)
    ['Team']
    >>> inspect("sample_data/README.md")
    Traceback (most recent call last):
    exotel_frames.errors.WorkbookError: README.md can't be read as a workbook: it is plain text. Save it as an Excel \
workbook (.xlsx).
    """
    file = Path(path)
    return inspect_bytes(file, read_bytes(file))


def inspect_bytes(file: Path, data: bytes) -> Inspected:
    """Return what a file's bytes hold, or raise as `inspect` does."""
    try:
        return _inspect(file, data)
    except OddFileError as odd:
        raise _refusal(file, str(odd)) from None
    except _BROKEN:
        raise _refusal(file, "is damaged: a part is cut off or was changed. Copy or download it again") from None


def read_bytes(file: Path) -> bytes:
    """Return a file's bytes, or raise a `WorkbookError` that says why there are none."""
    if str(file) == "-":
        return _read_stream(file, sys.stdin.buffer)
    if file.name.startswith("~$"):
        raise _refusal(
            file, f"is only Excel's lock file, which shows that somebody has {file.name[2:]} open. Read that workbook"
        )
    try:
        if file.stat().st_size > FILE_MAX:
            raise _refusal(file, _TOO_LARGE)
        with file.open("rb") as stream:
            return _read_stream(file, stream)
    except FileNotFoundError:
        raise WorkbookError(f"There is no file {file}: check the name and the folder.") from None
    except IsADirectoryError:
        raise WorkbookError(f"{file} is a folder: name a file in it.") from None
    except OSError as error:
        raise WorkbookError(f"{file} can't be opened ({error.strerror}): is it open elsewhere, or protected?") from None


def _read_stream(file: Path, stream: BinaryIO) -> bytes:
    """Return all bytes of a file, a pipe or a FIFO: what is no regular file can be read only once."""
    data = stream.read(FILE_MAX + 1)
    if len(data) > FILE_MAX:
        raise _refusal(file, _TOO_LARGE)
    return data


def _refusal(file: Path, why: str) -> WorkbookError:
    return WorkbookError(f"{file.name} can't be read as a workbook: it {why}.")


def _inspect(file: Path, data: bytes) -> Inspected:
    kind = kind_of(data)
    if kind != "zip":
        raise OddFileError(f"is {kind}. {_way_on(kind)}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = frozenset(archive.namelist())
        other = kind_of_zip(names)
        if other:
            raise OddFileError(f"is {other}. {_way_on(other)}")
        check_archive(archive)
        sheets, hidden = sheet_parts(archive)
        for name in sorted(names - set(sheets.values())):
            for _ in xml_pieces(archive, name):
                pass
        scans = {sheet: _scan(sheet, lambda part=part: xml_pieces(archive, part)) for sheet, part in sheets.items()}  # type: ignore[misc]
        tables = {sheet: find_tables(archive, part) for sheet, part in sheets.items()}
    return Inspected(file, data, scans, sheets, hidden, names, tables, ignored_parts(names))


def _way_on(kind: str) -> str:
    return next((way for word, way in _WAYS_ON.items() if word in kind), "Save it as an Excel workbook (.xlsx)")


def _scan(sheet: str, pieces: Callable[[], Iterator[bytes]]) -> SheetScan:
    scan = scan_fast(pieces())
    if scan is None or _is_too_wide(scan):
        scan = scan_exactly(pieces())
    if _is_too_wide(scan):
        raise OddFileError(
            f"has a stray cell {sheet}!{scan.farthest}, far from all others, and would need {scan.rows:,} rows of "
            f"{scan.columns:,} columns in memory. Delete that cell's row and column in Excel, and save"
        )
    return scan


def _is_too_wide(scan: SheetScan) -> bool:
    box = scan.rows * scan.columns
    beyond = scan.rows > ROWS_MAX or scan.columns > COLUMNS_MAX
    return beyond or box > _BOX_MAX or (box > _SPARSE_FROM and box > _SPARSE * scan.cells)
