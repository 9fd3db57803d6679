"""The structure of a workbook: its sheets' parts, which of them are hidden, and their tables."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from exotel_frames.workbooks.addresses import Box, box_of
from exotel_frames.workbooks.preflight.archive import read_small
from exotel_frames.workbooks.preflight.scan import SAVE_AGAIN, OddFileError


def sheet_parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], frozenset[str]]:
    """Return where each worksheet's cells are, by the sheet's name, and which sheets are hidden."""
    targets = dict(_links(archive, "xl/workbook.xml", "/worksheet"))
    book = _parse(archive, "xl/workbook.xml")
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    parts = {element.get("name", ""): targets[_link(element)] for element in sheets if _link(element) in targets}
    if not parts:
        raise OddFileError(f"has no worksheet. {SAVE_AGAIN}")
    hidden = {element.get("name", "") for element in sheets if element.get("state", "visible") != "visible"}
    return parts, frozenset(hidden)


@dataclass(frozen=True)
class Table:
    """An Excel table: its part in the file, its name, and what it covers, its totals included."""

    part: str
    name: str
    box: Box
    totals: range
    """The rows in which it shows its totals."""
    is_query: bool
    """Something outside fills it."""


def find_tables(archive: zipfile.ZipFile, sheet: str) -> tuple[Table, ...]:
    """Return the tables of a sheet (a part's name)."""
    return tuple(_table(part, _parse(archive, part)) for _, part in _links(archive, sheet, "/table"))


def _table(part: str, root: ET.Element) -> Table:
    box = box_of(root.get("ref", "A1"))
    totals = range(box.bottom - int(root.get("totalsRowCount", "0")) + 1, box.bottom + 1)
    return Table(part, root.get("displayName", ""), box, totals, root.get("tableType") in {"queryTable", "xml"})


def links_of(part: str) -> str:
    """Return the part that says what a part links to.

    >>> links_of("xl/workbook.xml")
    'xl/_rels/workbook.xml.rels'
    """
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def _links(archive: zipfile.ZipFile, part: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the id and the name of each part of a kind that a part links to."""
    links, folder = links_of(part), posixpath.dirname(part)
    for link in _parse(archive, links) if links in archive.namelist() else ():
        if link.get("Type", "").endswith(kind):
            target = link.get("Target", "")
            yield (
                link.get("Id", ""),
                target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}"),
            )


def _parse(archive: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(read_small(archive, name))  # noqa: S314 - small, and without a document type


def _link(sheet: ET.Element) -> str:
    return next((value for key, value in sheet.items() if key.endswith("}id")), "")
