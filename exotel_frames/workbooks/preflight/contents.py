"""What is where in a workbook: its sheets' parts, which of them are hidden, and their tables."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from exotel_frames.workbooks.addresses import place
from exotel_frames.workbooks.preflight.archive import read_small
from exotel_frames.workbooks.preflight.scan import SAVE_AGAIN, OddFileError


def sheet_parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], frozenset[str]]:
    """Return where each worksheet's cells are, by the sheet's name, and which sheets are hidden."""
    targets = dict(_linked(archive, "xl/workbook.xml", "/worksheet"))
    book = _parsed(archive, "xl/workbook.xml")
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    parts = {element.get("name", ""): targets[_link(element)] for element in sheets if _link(element) in targets}
    if not parts:
        raise OddFileError(f"has no worksheet. {SAVE_AGAIN}")
    hidden = {element.get("name", "") for element in sheets if element.get("state", "visible") != "visible"}
    return parts, frozenset(hidden)


@dataclass(frozen=True)
class TableArea:
    """What an Excel table covers, its totals included; all numbers count from 1."""

    name: str
    rows: range
    columns: range
    totals: range
    """The rows in which it shows its totals."""


def table_areas(archive: zipfile.ZipFile, sheet: str) -> tuple[TableArea, ...]:
    """Return the tables of a sheet (a part's name)."""
    return tuple(_area(_parsed(archive, table)) for _, table in _linked(archive, sheet, "/table"))


def _area(table: ET.Element) -> TableArea:
    first, _, last = table.get("ref", "A1").partition(":")
    (top, left), (bottom, right) = place(first), place(last or first)
    totals = range(bottom - int(table.get("totalsRowCount", "0")) + 1, bottom + 1)
    return TableArea(table.get("displayName", ""), range(top, bottom + 1), range(left, right + 1), totals)


def _linked(archive: zipfile.ZipFile, part: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the id and the name of each part of a kind that a part links to."""
    folder, name = posixpath.split(part)
    links = f"{folder}/_rels/{name}.rels"
    for link in _parsed(archive, links) if links in archive.namelist() else ():
        if link.get("Type", "").endswith(kind):
            target = link.get("Target", "")
            yield (
                link.get("Id", ""),
                target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}"),
            )


def _parsed(archive: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(read_small(archive, name))  # noqa: S314 - small, and without a document type


def _link(sheet: ET.Element) -> str:
    return next((value for key, value in sheet.items() if key.endswith("}id")), "")
