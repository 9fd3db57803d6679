"""A sheet's rows as the library reads them: a large sheet in slices, so that never all of its cells are held at once.

The library takes a sheet as one table, a hundred bytes a cell and more while it reads. So the XML of a large sheet is
cut between two rows, and each slice is read as a workbook of its own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import python_calamine as calamine

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.preflight.archive import xml_pieces
from exotel_frames.workbooks.preflight.check import Inspected
from exotel_frames.workbooks.preflight.scan import SHARED, SheetScan

_SLICE_BYTES: Final = 2 * 2**20
_COLUMNS_MAX: Final = 200  # each row of a slice is filled up to the sheet's width
_SHARED: Final = 20  # a sheet whose texts are shared by more than one cell of so many is read whole
_NEEDED: Final = ("[Content_Types].xml", ".rels", "xl/workbook.xml", "xl/styles.xml")
_ROW: Final = b"<row "
_END: Final = b"</sheetData></worksheet>"


def sheet_rows(inspected: Inspected, sheet: str, *, slice_bytes: int = _SLICE_BYTES) -> Iterator[list[Any]]:
    """Yield a sheet's rows from A1 on, each cell of the type it has in the file; an empty one is the empty text.

    Errors: a `WorkbookError` when the library finds the file damaged.
    """
    scan, place = inspected.sheets[sheet], inspected.places[sheet]
    with zipfile.ZipFile(io.BytesIO(inspected.data)) as archive, _as_damage(inspected.path.name):
        if archive.getinfo(place).file_size > slice_bytes and _can_be_cut(scan):
            slices = cut(xml_pieces(archive, place), slice_bytes)
            yield from _joined((_sheet_of(_book(archive, place, xml), sheet) for xml in slices), scan.columns)
        else:
            found = _sheet_of(io.BytesIO(inspected.data), sheet)
            left = [""] * (found.start or (0, 0))[1]  # the library leaves empty columns out, not empty rows
            yield from (left + row for row in found.iter_rows())


def _can_be_cut(scan: SheetScan) -> bool:
    """Tell whether slices can be read by themselves; shared texts would be read again for each of them."""
    return scan.regular and scan.columns <= _COLUMNS_MAX and scan.shared * _SHARED <= scan.cells


def _book(archive: zipfile.ZipFile, place: str, xml: bytes) -> io.BytesIO:
    """Return a workbook of one sheet, with what the library needs beside it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        for part in archive.namelist():
            is_text = part.endswith("sharedStrings.xml")
            if part.endswith(_NEEDED) or (is_text and SHARED in xml):
                book.writestr(part, archive.read(part))
        book.writestr(place, xml)
    made.seek(0)
    return made


def _sheet_of(data: io.BytesIO, sheet: str) -> Any:
    return calamine.CalamineWorkbook.from_filelike(data).get_sheet_by_name(sheet)


def _joined(sheets: Iterable[Any], width: int) -> Iterator[list[Any]]:
    """Yield the rows of slices one after the other, those between them too, and each as wide as the whole."""
    above = 0
    for found in sheets:
        if found.start is not None:
            first, at = found.start
            yield from ([] for _ in range(first - above))
            left, right = [""] * at, [""] * (width - at - found.width)
            rows = found.to_python()
            yield from (left + row + right for row in rows)
            above = first + len(rows)


def cut(pieces: Iterable[bytes], slice_bytes: int) -> Iterator[bytes]:
    """Yield a sheet's XML in slices of whole rows, each a sheet of its own; the pieces must end between two tags.

    >>> list(cut([b'<s><row r="1"/><row r="2"/>', b'<row r="3"/>', b"</s>"], 20))
    [b'<s><row r="1"/></sheetData></worksheet>', b'<s><row r="2"/></sheetData></worksheet>', b'<s><row r="3"/></s>']
    """
    head, rest = b"", bytearray()
    for piece in pieces:
        rest += piece
        if not head and _ROW in rest:
            begin = rest.index(_ROW)
            head = bytes(rest[:begin])
            del rest[:begin]
        at = rest.rfind(_ROW) if len(rest) > slice_bytes else 0
        if at > 0:
            yield b"".join((head, rest[:at], _END))
            del rest[:at]
    yield head + bytes(rest)


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
