"""What a sheet's XML holds, without loading it: how far its cells reach, and which of them are more than text.

Two ways to the same answer. `scan_fast` searches bytes, which is enough for what Excel, LibreOffice and the common
libraries write; where a sheet is written in any other way, or reaches suspiciously far, `scan_exactly` parses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from exotel_frames.workbooks.addresses import COLUMNS_MAX, ROWS_MAX, address, number, place

_COLUMN: Final = re.compile(rb'<c r="([A-Z]{1,3})[1-9]')
_ROW: Final = re.compile(rb'<c r="[A-Z]+([0-9]+)"')
_ERROR: Final = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*\bt="e"')
_CELL_OR_FORMULA: Final = re.compile(rb'<c r="([A-Z]+[0-9]+)"|<f[\s/>]')
_MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
SHARED: Final = b't="s"'
_OTHER_CELL: Final = re.compile(rb"<c[\t\r\n/>]")
_PREFIXED_MARKS: Final = (b":c", b":f", b":row", b":mergeCell")
_PREFIXED: Final = re.compile(rb"<[^\s<>/!?:]+:(?:c|f|row|mergeCell)[\s/>]")
_ADDRESS: Final = re.compile("[A-Z]{1,3}[1-9][0-9]{0,6}")
SAVE_AGAIN: Final = "Open it in Excel or LibreOffice, save it as .xlsx, and read that"
DOCTYPE: Final = f"declares a document type, which no spreadsheet program does. {SAVE_AGAIN}"


class OddFileError(Exception):
    """A file that should not be opened; the text says why and how to go on, behind the word "it"."""


@dataclass
class SheetScan:
    """What one sheet holds: `rows` and `columns` are how far cells reach, the lists are addresses such as "B7"."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    formulas: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    farthest: str = ""
    """The last cell that made the box larger; known after `scan_exactly`."""
    regular: bool = field(default=False, compare=False)
    """Every cell tells its own address, and nothing hides from a byte search: the XML can be cut between two rows."""
    shared: int = field(default=0, compare=False)
    """How many cells have their text in a part that all sheets share; known after `scan_fast`."""


def scan_fast(chunks: Iterable[bytes]) -> SheetScan | None:
    """Return what a sheet's XML holds, or None where a byte search can't be sure; each chunk must end between two tags.

    Cells that are formatted and empty count as far as they reach; `scan_exactly` knows better.
    """
    found = SheetScan(regular=True)
    last = ""
    for chunk in chunks:
        columns = _COLUMN.findall(chunk)
        if len(columns) != chunk.count(b"<c ") or not _is_plain(chunk):
            return None
        if columns:
            found.cells += len(columns)
            found.shared += chunk.count(SHARED)
            found.columns = max(found.columns, *(number(column.decode()) for column in set(columns)))
            found.rows = max(found.rows, *map(int, set(_ROW.findall(chunk))))
        if b"<f" in chunk:
            _note_formulas(found, chunk, last)
        if b't="e"' in chunk:
            found.errors += [cell.decode() for cell in _ERROR.findall(chunk)]
        if b"<mergeCell " in chunk:
            found.merged += [cells.decode() for cells in _MERGED.findall(chunk)]
        last = _last_cell(chunk) or last
    return found


def _is_plain(chunk: bytes) -> bool:
    """Tell whether nothing in a piece can hide from a byte search."""
    if b"<!" in chunk or _OTHER_CELL.search(chunk) or chunk.count(b"<mergeCell ") != chunk.count(b'<mergeCell ref="'):
        return False
    return not (any(mark in chunk for mark in _PREFIXED_MARKS) and _PREFIXED.search(chunk))


def _note_formulas(found: SheetScan, chunk: bytes, last: str) -> None:
    for match in _CELL_OR_FORMULA.finditer(chunk):
        if match[1]:
            last = match[1].decode()
        else:
            found.formulas.append(last)


def _last_cell(chunk: bytes) -> str:
    start = chunk.rfind(b'<c r="') + 6
    return chunk[start : chunk.index(b'"', start)].decode() if start > 5 else ""  # noqa: PLR2004 - 5: rfind found none


def scan_exactly(chunks: Iterable[bytes]) -> SheetScan:
    """Return what a sheet's XML holds by parsing it, whoever wrote it; only cells that hold something count as far."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise OddFileError(
            f"is damaged (line {error.lineno} of a sheet is no XML). Copy or download it again"
        ) from None
    return reader.found


def _refuse_doctype(*_: object) -> None:
    raise OddFileError(DOCTYPE)


class _Reader:
    """Follows the tags of one sheet; cells and rows without an address stand behind the one before."""

    def __init__(self) -> None:
        self.found = SheetScan()
        self.row = 0
        self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self.cell(attributes)
        elif name in {"v", "is", "f"}:
            self.content(name)
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif name == "mergeCell":
            self.found.merged.append(attributes.get("ref", ""))

    def cell(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r") or address(max(self.row, 1), self.column + 1)
        if not _ADDRESS.fullmatch(text):
            raise OddFileError(f"has a cell with the address {text[:20]!r}, which is none. {SAVE_AGAIN}")
        self.row, self.column = place(text)
        if self.row > ROWS_MAX or self.column > COLUMNS_MAX:
            raise OddFileError(f"has a cell {text}, beyond the last one a sheet can have. {SAVE_AGAIN}")
        self.found.cells += 1
        if attributes.get("t") == "e":
            self.found.errors.append(text)

    def content(self, name: str) -> None:
        found, here = self.found, address(self.row, self.column)
        if name == "f":
            found.formulas.append(here)
        if self.row > found.rows or self.column > found.columns:
            found.rows, found.columns = max(self.row, found.rows), max(self.column, found.columns)
            found.farthest = here
