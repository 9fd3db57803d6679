"""Many rows of text into a workbook that xlsxwriter made, six times as fast as cell by cell.

xlsxwriter writes everything but the rows: styles, lists, filters, the header, and one pattern row with each column's
format. The rows are then stamped after that pattern while the parts are packed. (For 800,000 cells xlsxwriter's own
calls take 5.9 s, half the time of openpyxl; and it takes a text such as `<r>x</r>` for markup: it reads back empty.)
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.addresses import letters

Columns = Sequence[Sequence[str | None]]
_PATTERN_ROW: Final = re.compile(rb'<row r="2".*?</row>', re.DOTALL)
_STYLE: Final = re.compile(rb'<c r="[A-Z]+2" s="([0-9]+)"')
_DIMENSION: Final = re.compile(rb'<dimension ref="[^"]*"/>')
_BATCH: Final = 4_000
_LEVEL: Final = 4  # half the time of 6, for a file 6 % larger
_NO_XML: Final = "\x00-\x08\x0b-\x1f\ufffe\uffff"
"""Characters that XML can't hold, and the carriage return, which its readers make a line break."""
_SPECIAL: Final = re.compile(f"[&<>{_NO_XML}]|_x[0-9A-Fa-f]{{4}}_")
_ESCAPE: Final = re.compile(f"[&<>{_NO_XML}]|_(?=x[0-9A-Fa-f]{{4}}_)")
_ESCAPED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "_": "_x005F_"} | {
    chr(code): f"_x{code:04X}_" for code in (*range(9), *range(0xB, 0x20), 0xFFFE, 0xFFFF)
}


def write_book(file: BinaryIO, build: Callable[[Any], Mapping[int, Columns]]) -> None:
    """Write a workbook: `build` fills an xlsxwriter workbook, and returns the rows of text to be stamped, by sheet.

    Sheets count from 1. A sheet that gets rows has a header in row 1 and a pattern in row 2: a text in each column, in
    the column's format. Missing and empty texts give no cell.
    """
    skeleton = io.BytesIO()
    try:
        with xlsxwriter.Workbook(skeleton, {"in_memory": True}) as book:
            tables = build(book)
    except XlsxWriterException as error:  # a sheet's name that Excel does not take
        raise WorkbookError(f"The workbook can't be written: {error}") from None
    parts = {f"xl/worksheets/sheet{number}.xml": columns for number, columns in tables.items()}
    with (
        zipfile.ZipFile(skeleton) as made,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out,
    ):
        for part in made.infolist():
            with out.open(part.filename, "w", force_zip64=part.filename in parts) as member:
                xml = made.read(part)
                for piece in _stamped(xml, parts[part.filename]) if part.filename in parts else [xml]:
                    member.write(piece)


def _stamped(xml: bytes, columns: Columns) -> Iterator[bytes]:
    pattern = _PATTERN_ROW.search(xml)
    if pattern is None:
        raise ValueError("The sheet has no pattern row.")
    styles = [int(style) for style in _STYLE.findall(pattern[0])]
    rows = len(columns[0]) if columns else 0
    area = f'<dimension ref="A1:{letters(len(columns))}{rows + 1}"/>'.encode()
    yield _DIMENSION.sub(area, xml[: pattern.start()], count=1)
    yield from _rows(columns, styles, rows)
    yield xml[pattern.end() :]


def _rows(columns: Columns, styles: Sequence[int], rows: int) -> Iterator[bytes]:
    for start in range(0, rows, _BATCH):
        numbers = [str(number) for number in range(start + 2, min(start + _BATCH, rows) + 2)]
        cells = [
            _cells(letters(at), style, column[start : start + _BATCH], numbers)
            for at, (style, column) in enumerate(zip(styles, columns, strict=True), start=1)
        ]
        joined = map("".join, zip(*cells, strict=True))
        yield "".join([f'<row r="{number}">{row}</row>' for number, row in zip(numbers, joined, strict=True)]).encode()


def _cells(letter: str, style: int, texts: Sequence[str | None], numbers: Sequence[str]) -> list[str]:
    everything = "".join([text for text in texts if text])
    if _SPECIAL.search(everything + "_"):
        texts = [text and _ESCAPE.sub(lambda found: _ESCAPED[found[0]], text) for text in texts]
    space = "" if everything.isprintable() and " " not in everything else ' xml:space="preserve"'
    middle = f'" s="{style}" t="inlineStr"><is><t{space}>'
    return [
        f'<c r="{letter}{number}{middle}{text}</t></is></c>' if text else ""
        for number, text in zip(numbers, texts, strict=True)
    ]
