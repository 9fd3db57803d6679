"""Writes many rows of text into a workbook made by xlsxwriter, six times as fast as cell by cell.

xlsxwriter writes everything but the rows: styles, lists, filters, the header, and one pattern row with each column's
format. The rows are then written after that pattern while the parts are compressed. (For 800,000 cells xlsxwriter's own
calls take 5.9 s, half the time of openpyxl; and it takes a text such as `<r>x</r>` for markup: it reads back empty.)
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Literal
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks.addresses import letters
from exotel_frames.workbooks.cell_text import UNSAFE, escape_cell

CellType = Literal["text", "number", "flag"]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a sheet by column, each cell as it is written: a number as its digits, a flag (yes or no) as 1 or 0.

    `types` says what the columns hold, text where it says nothing; `heights` are those of rows that have one, in
    points, by position.
    """

    columns: Sequence[Sequence[str | None]]
    types: Sequence[CellType] = ()
    heights: Mapping[int, float] = field(default_factory=dict)


_PATTERN_ROW: Final = re.compile(rb'<row r="2".*?</row>', re.DOTALL)
_STYLE: Final = re.compile(rb'<c r="[A-Z]+2" s="([0-9]+)"')
_DIMENSION: Final = re.compile(rb'<dimension ref="[^"]*"/>')
_BATCH: Final = 4_000
_LEVEL: Final = 4  # half the time of 6, for a file 6 % larger
_SPECIAL: Final = re.compile(f"[&<>]|{UNSAFE}")


def write_book(file: BinaryIO, build: Callable[[Any], Mapping[int, Rows]]) -> None:
    """Write a workbook: `build` fills an xlsxwriter workbook, and returns the rows to be stamped, by sheet.

    Sheets count from 1. A sheet that gets rows has a header in row 1 and a pattern in row 2: a text in each column, in
    the column's format. Missing and empty texts give no cell.
    """
    skeleton = io.BytesIO()
    try:
        with xlsxwriter.Workbook(skeleton, {"in_memory": True}) as book:
            tables = build(book)
    except XlsxWriterException as error:  # a sheet's name that Excel does not take
        raise WorkbookError(f"The workbook can't be written: {error}") from None
    parts = {f"xl/worksheets/sheet{number}.xml": rows for number, rows in tables.items()}
    with (
        zipfile.ZipFile(skeleton) as made,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out,
    ):
        for part in made.infolist():
            with out.open(part.filename, "w", force_zip64=part.filename in parts) as member:
                xml = made.read(part)
                for piece in _stamp_rows(xml, parts[part.filename]) if part.filename in parts else [xml]:
                    member.write(piece)


def _stamp_rows(xml: bytes, rows: Rows) -> Iterator[bytes]:
    pattern = _PATTERN_ROW.search(xml)
    if pattern is None:
        raise ValueError("The sheet has no pattern row.")
    styles = [int(style) for style in _STYLE.findall(pattern[0])]
    number = len(rows.columns[0]) if rows.columns else 0
    area = f'<dimension ref="A1:{letters(len(rows.columns))}{number + 1}"/>'.encode()
    yield _DIMENSION.sub(area, xml[: pattern.start()], count=1)
    yield from _rows(rows, styles, number)
    yield xml[pattern.end() :]


def _rows(rows: Rows, styles: Sequence[int], number: int) -> Iterator[bytes]:
    types: Sequence[CellType] = rows.types or ["text"] * len(rows.columns)
    for start in range(0, number, _BATCH):
        numbers = [str(row) for row in range(start + 2, min(start + _BATCH, number) + 2)]
        cells = [
            _cells(kind, f'<c r="{letters(at)}', style, column[start : start + _BATCH], numbers)
            for at, (kind, style, column) in enumerate(zip(types, styles, rows.columns, strict=True), start=1)
        ]
        joined = map("".join, zip(*cells, strict=True))
        opened = (_row_tag(row, rows.heights.get(at)) for at, row in enumerate(numbers, start))
        yield "".join([f"{tag}{row}</row>" for tag, row in zip(opened, joined, strict=True)]).encode()


def _row_tag(number: str, height: float | None) -> str:
    return f'<row r="{number}">' if height is None else f'<row r="{number}" ht="{height:g}" customHeight="1">'


def _cells(kind: CellType, opened: str, style: int, texts: Sequence[str | None], numbers: Sequence[str]) -> list[str]:
    before, after = f'" s="{style}"><v>', "</v></c>"
    if kind == "flag":
        before = f'" s="{style}" t="b"><v>'
    elif kind == "text":
        everything = "".join([text for text in texts if text])
        if _SPECIAL.search(everything):
            texts = [text and escape(escape_cell(text)) for text in texts]
        space = "" if everything.isprintable() and " " not in everything else ' xml:space="preserve"'
        before, after = f'" s="{style}" t="inlineStr"><is><t{space}>', "</t></is></c>"
    return [f"{opened}{row}{before}{text}{after}" if text else "" for row, text in zip(numbers, texts, strict=True)]
