"""Adds our two columns to a workbook: only that sheet's XML is changed, everything else is copied as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.parsers.expat import ExpatError

from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import Box, box_of, cell_to_text
from exotel_frames.workbooks.base import BASE_SHEET
from exotel_frames.workbooks.preflight.check import Inspected
from exotel_frames.workbooks.reading.rows import header_of, sheet_rows
from exotel_frames.workbooks.verdicts.own_sheets import OwnSheets
from exotel_frames.workbooks.verdicts.package import Package
from exotel_frames.workbooks.verdicts.placement import (
    Header,
    Placement,
    find_place,
    grow_filter,
    grow_table,
    name_areas,
)
from exotel_frames.workbooks.verdicts.sheet_xml import OddSheetError, SheetXml, text_cell, text_rows
from exotel_frames.workbooks.verdicts.styles import COLOURS, Styles
from exotel_frames.workbooks.verdicts.xml_edit import Edit, apply_edits, parse_tag, rewrite

_STYLES: Final = "xl/styles.xml"
_WIDTHS: Final = (13.0, 60.0)
_BEFORE_COLUMNS: Final = ("sheetPr", "dimension", "sheetViews", "sheetFormatPr")
_UNREADABLE: Final = (KeyError, IndexError, ValueError, StopIteration, ExpatError)
"""What a workbook that is written in a way of its own makes the steps below raise."""


@dataclass(frozen=True)
class Annotations:
    """What to write: outcome and message by the row's number in Excel, and lines for a sheet of their own.

    `base_rows` are the hidden sheet's rows as they shall be; `source` says when and by which run this was written.
    """

    rows: Mapping[int, tuple[str, str]]
    others: Sequence[tuple[str, str, str, str]]
    base_rows: Sequence[tuple[str, str]] | None = None
    source: str = ""


def annotate(inspected: Inspected, sheet_name: str, marks: Annotations, names: str = NAME) -> Package:
    """Return the workbook with the marks in it; `names` is the header of the names.

    Errors: an `OddSheetError` that says why its verdicts can't stand in the workbook itself.
    """
    try:
        return _annotate(inspected, sheet_name, marks, names)
    except _UNREADABLE as problem:
        raise OddSheetError(f"it is written in an unusual way ({type(problem).__name__}: {problem})") from None


def _annotate(inspected: Inspected, sheet_name: str, marks: Annotations, names: str) -> Package:
    if any(part.startswith("_xmlsignatures/") for part in inspected.parts):
        raise OddSheetError("it is signed, and a change would break the signature")
    package, part = Package(inspected.data), inspected.places[sheet_name]
    sheet, styles = SheetXml(package.read(part)), Styles(package.read(_STYLES) if package.has(_STYLES) else None)
    header = _header(inspected, sheet_name, names)
    place = find_place(package, inspected.tables[sheet_name], sheet, header)
    header_style = _header_style(sheet, header)
    earlier = _earlier_verdicts(inspected, sheet_name, place) if place.is_again else {}
    own_sheets = OwnSheets(package, inspected, styles, header_style)
    _keep_earlier(own_sheets, earlier, place.written, marks)
    own_sheets.write_others(marks.others)
    grown, edits = grow_filter(place, sheet, max(marks.rows, default=0))
    edits += [*_dimension_edits(sheet, place), *_width_edits(sheet, place)]
    writer = _Beside(sheet, styles, place, header_style, marks.rows)
    package.stream(part, lambda: sheet.with_rows(writer.cells, edits))
    grow_table(package, place)
    name_areas(package, sheet_name, place, grown, marks.source)
    if marks.base_rows is not None and BASE_SHEET in inspected.places:
        _write_base(package, inspected.places[BASE_SHEET], marks.base_rows)
    if package.has(_STYLES):
        package.put_last(_STYLES, lambda: [styles.xml()])
    return package


@dataclass(frozen=True)
class _Beside:
    """Gives each row its two cells."""

    sheet: SheetXml
    styles: Styles
    place: Placement
    header_style: int
    marks: Mapping[int, tuple[str, str]]

    def cells(self, row: int, content: bytes) -> dict[int, bytes] | None:
        """Return what stands in a row's two columns, or None where nothing has to be changed."""
        first, prefix = self.place.first, self.sheet.prefix
        if row == self.place.header.row:
            look = self.header_style if self.styles.has_any else None
            texts = enumerate(self.place.headers, start=first)
            return {column: text_cell(prefix, row, column, text, look) for column, text in texts}
        verdict = self.marks.get(row)
        if verdict is None:
            return {first: b"", first + 1: b""} if self.place.is_again and row > self.place.header.row else None
        like = self.sheet.style_at(content, self.place.header.name_column)
        looks = self.styles.verdict(like, COLOURS.get(verdict[0], "")), self.styles.verdict(like, "")
        return {first + at: text_cell(prefix, row, first + at, verdict[at], looks[at]) for at in range(len(verdict))}


def _header(inspected: Inspected, sheet_name: str, names: str) -> Header:
    """Return where the header is, and what it says."""
    row, texts = header_of(inspected, sheet_name)
    return Header(row, {at: text for at, text in enumerate(texts, start=1) if text}, texts.index(names) + 1)


def _header_style(sheet: SheetXml, header: Header) -> int:
    """Return the style of the names' header: the column before ours may be plain, being somebody's own."""
    content = next(content for row, _, content, _, _ in sheet.rows() if row == header.row)
    return sheet.style_at(content, header.name_column)


def _earlier_verdicts(inspected: Inspected, sheet_name: str, place: Placement) -> dict[int, tuple[str, ...]]:
    """Return the verdicts of an earlier call by row: the name, the outcome and the message."""
    found: dict[int, tuple[str, ...]] = {}
    for row, cells in enumerate(sheet_rows(inspected, sheet_name), start=1):
        written = [cell_to_text(cell) for cell in cells[place.first - 1 : place.first + 1]]
        if row > place.header.row and any(written):
            found[row] = (cell_to_text(cells[place.header.name_column - 1]), written[0], [*written, ""][1])
    return found


def _keep_earlier(own_sheets: OwnSheets, earlier: dict[int, tuple[str, ...]], written: str, marks: Annotations) -> None:
    """Keep what an earlier call wrote; the same results again are no second run."""
    others = own_sheets.other_lines()
    same = {row: verdict for row, (_, *verdict) in earlier.items()} == {
        row: list(verdict) for row, verdict in marks.rows.items()
    }
    if same and others == [list(line) for line in marks.others]:
        return
    lines = [(written, *verdict) for verdict in earlier.values()]
    lines += [(written, line[0], line[2], line[3]) for line in others]
    own_sheets.write_earlier(lines)


def _dimension_edits(sheet: SheetXml, place: Placement) -> list[Edit]:
    """Return the edit that says how far the sheet reaches now."""
    found = sheet.root.find("dimension")
    if found is None or not found.attributes.get("ref"):
        return []
    area = box_of(found.attributes["ref"])
    return sheet.dimension(Box(area.top, area.left, area.bottom, max(area.right, place.first + 1)).ref)


def _width_edits(sheet: SheetXml, place: Placement) -> list[Edit]:
    """Return the edits that set the widths of our columns.

    A group of columns around them is parted: Excel calls overlaps a damaged file.
    """
    frame, root = sheet.without_rows, sheet.root
    ours = range(place.first, place.first + 2)
    columns = root.find("cols")
    groups = columns.children if columns else []
    made: list[tuple[int, bytes]] = []
    for group in groups:
        low, high = int(group.attributes["min"]), int(group.attributes["max"])
        tag = frame[group.start : group.end]
        is_set = place.is_again and low == high and low in ours
        parts = [(low, min(high, ours[0] - 1)), (max(low, ours[-1] + 1), high)]
        parts = [(low, high)] if is_set else [part for part in parts if part[0] <= part[1]]
        for low, high in parts:
            made.append((low, apply_edits(tag, rewrite(tag, parse_tag(tag), {"min": low, "max": high}))))
    widened = {low for low, _ in made}
    p = sheet.prefix
    for column, width in zip(ours, _WIDTHS, strict=True):
        if column not in widened:
            made.append((column, b'<%scol min="%d" max="%d" width="%g" customWidth="1"/>' % (p, column, column, width)))
    inner = b"".join(tag for _, tag in sorted(made))
    if columns is not None:
        return [(columns.start, columns.end, b"<%scols>%s</%scols>" % (p, inner, p))]
    early = [child.end for child in root.children if child.name in _BEFORE_COLUMNS]
    at = max([root.inner, *early])
    return [(at, at, b"<%scols>%s</%scols>" % (p, inner, p))]


def _write_base(package: Package, part: str, rows: Sequence[tuple[str, str]]) -> None:
    """Write the hidden sheet anew: it is ours."""
    sheet = SheetXml(package.read(part))
    cells: list[list[tuple[str, int | None]]] = [[(key, None), (value, None)] for key, value in rows]
    package.put(part, sheet.replace_rows(text_rows(sheet.prefix, cells), f"A1:B{len(rows)}"))
