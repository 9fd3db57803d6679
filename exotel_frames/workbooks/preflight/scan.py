"""Scans a sheet's XML without loading it: how far its cells reach, and which of them are more than text.

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
_CELL_OR_FORMULA: Final = re.compile(rb'<c r="([A-Z]+[0-9]+)"|<f(|/|\s[^>]*)>([^<]*)')
_SHARED_FORMULA: Final = re.compile(rb'\bsi="([0-9]+)"')
_OTHER_BOOK: Final = re.compile(r"(?<![\w.\[\]])\[(?![@#])[^\[\]]+\]")
"""[1]Sheet!A1 and '[other.xlsx]Sheet'!A1 are in another workbook; Table1[Name] and [@Name] are not."""
_MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_OTHER_CELL: Final = re.compile(rb"<c[\t\r\n/>]")
_PREFIXED_MARKS: Final = (b":c", b":f", b":row", b":mergeCell")
_PREFIXED: Final = re.compile(rb"<[^\s<>/!?:]+:(?:c|f|row|mergeCell)[\s/>]")
_ADDRESS: Final = re.compile("[A-Z]{1,3}[1-9][0-9]{0,6}")
SAVE_AGAIN: Final = "Open it in Excel or LibreOffice, save it as .xlsx, and read that"
DOCTYPE: Final = f"declares a document type, which spreadsheet programs never do. {SAVE_AGAIN}"


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
    linked: list[str] = field(default_factory=list)
    """The formulas that look into another workbook; what they showed last stands in their cell."""
    farthest: str = ""
    """The last cell that made the box larger; known after `scan_exactly`."""


def scan_fast(chunks: Iterable[bytes]) -> SheetScan | None:
    """Return what a sheet's XML holds, or None where a byte search can't be sure; each chunk must end between two tags.

    Cells that are formatted and empty count as far as they reach; `scan_exactly` knows better.
    """
    found = SheetScan()
    formulas = _Formulas(found)
    last = ""
    for chunk in chunks:
        columns = _COLUMN.findall(chunk)
        if len(columns) != chunk.count(b"<c ") or not _is_plain(chunk):
            return None
        if columns:
            found.cells += len(columns)
            found.columns = max(found.columns, *(number(column.decode()) for column in set(columns)))
            found.rows = max(found.rows, *map(int, set(_ROW.findall(chunk))))
        if b"<f" in chunk and not _note_formulas(formulas, chunk, last):
            return None
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


def _note_formulas(formulas: _Formulas, chunk: bytes, last: str) -> bool:
    """Note a piece's formulas, or return False where the last one goes on in the next piece."""
    for match in _CELL_OR_FORMULA.finditer(chunk):
        if match[1]:
            last = match[1].decode()
        elif match.end() == len(chunk):
            return False
        else:
            shared = _SHARED_FORMULA.search(match[2])
            formulas.note(last, match[3].decode(), shared[1].decode() if shared else None)
    return True


class _Formulas:
    """Collects a sheet's formulas; one that is shared by several cells has its text in the first of them."""

    def __init__(self, found: SheetScan) -> None:
        self.found = found
        self.shared: set[str] = set()

    def note(self, cell: str, text: str, shared: str | None) -> None:
        self.found.formulas.append(cell)
        if _OTHER_BOOK.search(text) or (not text and shared in self.shared):
            self.found.linked.append(cell)
            if shared is not None:
                self.shared.add(shared)


def _last_cell(chunk: bytes) -> str:
    start = chunk.rfind(b'<c r="') + 6
    return chunk[start : chunk.index(b'"', start)].decode() if start > 5 else ""  # noqa: PLR2004 - 5: rfind found none


def scan_exactly(chunks: Iterable[bytes]) -> SheetScan:
    """Return what the XML of a sheet holds, whatever program wrote it; only cells that hold something count as far."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise OddFileError(
            f"is damaged (line {error.lineno} of a sheet is not XML). Copy or download it again"
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
        self.formulas = _Formulas(self.found)
        self.formula: list[str] | None = None
        self.shared: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self.cell(attributes)
        elif name in {"v", "is", "f"}:
            self.content()
            if name == "f":
                self.formula, self.shared = [], attributes.get("si")
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif name == "mergeCell":
            self.found.merged.append(attributes.get("ref", ""))

    def cell(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r") or address(max(self.row, 1), self.column + 1)
        if not _ADDRESS.fullmatch(text):
            raise OddFileError(f"has a cell with the address {text[:20]!r}, which is not an address. {SAVE_AGAIN}")
        self.row, self.column = place(text)
        if self.row > ROWS_MAX or self.column > COLUMNS_MAX:
            raise OddFileError(f"has a cell {text}, beyond the last one a sheet can have. {SAVE_AGAIN}")
        self.found.cells += 1
        if attributes.get("t") == "e":
            self.found.errors.append(text)

    def text(self, part: str) -> None:
        if self.formula is not None:
            self.formula.append(part)

    def end(self, tag: str) -> None:
        if self.formula is not None and tag.rpartition(" ")[2] == "f":
            self.formulas.note(address(self.row, self.column), "".join(self.formula), self.shared)
            self.formula = None

    def content(self) -> None:
        found, here = self.found, address(self.row, self.column)
        if self.row > found.rows or self.column > found.columns:
            found.rows, found.columns = max(self.row, found.rows), max(self.column, found.columns)
            found.farthest = here
