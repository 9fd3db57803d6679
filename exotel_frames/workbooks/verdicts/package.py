"""A workbook's file as parts: some are changed, the others are copied byte for byte."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO, Final

from exotel_frames.workbooks.verdicts.xml_edit import Edit, Element, apply_edits, escape, parse, prefix_of, rewrite

BOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_TYPES: Final = "[Content_Types].xml"
_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_LEVEL: Final = 4
Pieces = Callable[[], Iterable[bytes]]


class Package:
    """A workbook's parts, and what shall stand in their place."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._changed: dict[str, Pieces] = {}
        self._small: dict[str, bytes] = {}
        self._last: dict[str, Pieces] = {}
        self._removed: set[str] = set()

    def read(self, part: str) -> bytes:
        """Return a part as it shall be by now."""
        if part not in self._small:
            self._small[part] = self._archive.read(part)
        return self._small[part]

    def has(self, part: str) -> bool:
        """Tell whether there is such a part."""
        return part in self._small or part in self._archive.namelist()

    def put(self, part: str, xml: bytes) -> None:
        """Set what a part shall be; it must be XML."""
        parse(xml)
        self._small[part] = xml
        self._changed[part] = lambda: [xml]

    def stream(self, part: str, pieces: Pieces) -> None:
        """Set a large part, made piece by piece while it is written."""
        self._changed[part] = pieces

    def put_last(self, part: str, pieces: Pieces) -> None:
        """Set a part that is known only when all others are written."""
        self._last[part] = pieces

    def write(self, file: BinaryIO) -> None:
        """Write the workbook: the parts in their order, then those that are new."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out:
            for info in self._archive.infolist():
                if info.filename not in self._last and info.filename not in self._removed:
                    pieces = self._changed.get(info.filename, partial(_inflate, self._archive, info))
                    with out.open(info.filename, "w", force_zip64=info.file_size > 2**30) as member:
                        for piece in pieces():
                            member.write(piece)
            new = {part: pieces for part, pieces in self._changed.items() if part not in self._archive.namelist()}
            for part, pieces in (new | self._last).items():
                out.writestr(part, b"".join(pieces()))

    def add_sheet(self, name: str, build: Callable[[bytes], bytes]) -> str:
        """Add a worksheet at the end of the book, and return its part; `build` makes its XML for a namespace."""
        number = next(n for n in range(1, 10_000) if not self.has(f"xl/worksheets/sheet{n}.xml"))
        part = f"xl/worksheets/sheet{number}.xml"
        xml = self.read(BOOK)
        book = parse(xml)
        self.put(part, build(book.space.encode()))
        link = self._add_link(f"worksheets/sheet{number}.xml", book)
        self._append(_TYPES, f'Override PartName="/{part}" ContentType="{_SHEET_TYPE}"')
        sheets = book.find("sheets")
        if sheets is None:
            raise ValueError("The workbook has no list of sheets.")
        ids = [int(sheet.attributes.get("sheetId", 0)) for sheet in sheets.children]
        space, r = _relation_space(book), _relation_prefix(xml, sheets)
        declared = "" if r else f' xmlns:r="{space}"'
        tag = f'<{prefix_of(xml, book).decode()}sheet name="{escape(name)}" sheetId="{max(ids) + 1}"{declared} '
        self.put(BOOK, apply_edits(xml, rewrite(xml, sheets, append=f'{tag}{r or "r"}:id="{link}"/>'.encode())))
        return part

    def remove_sheet(self, name: str, part: str) -> None:
        """Take a worksheet out of the book again; what is named in other sheets stays where it is."""
        xml = self.read(BOOK)
        book = parse(xml)
        sheets = book.find("sheets")
        listed = sheets.children if sheets else []
        at = next(number for number, sheet in enumerate(listed) if sheet.attributes.get("name") == name)
        edits: list[Edit] = [(listed[at].start, listed[at].end, b"")]
        names = book.find("definedNames")
        for defined in names.children if names else []:
            local = int(defined.attributes.get("localSheetId", -1))
            if local == at:
                edits.append((defined.start, defined.end, b""))
            elif local > at:
                edits += rewrite(xml, defined, {"localSheetId": local - 1})
        views = book.find("bookViews")
        for view in views.children if views else []:
            shown = int(view.attributes.get("activeTab", 0))
            if shown >= at > 0:
                edits += rewrite(xml, view, {"activeTab": shown - 1})
        self.put(BOOK, apply_edits(xml, edits))
        self._drop(_LINKS, {"Id": listed[at].linked_attribute("id") or ""})
        self._drop(_TYPES, {"PartName": f"/{part}"})
        self._removed.add(part)

    def _drop(self, part: str, wanted: Mapping[str, str]) -> None:
        """Take the elements with these attributes out of a small part."""
        xml = self.read(part)
        found = [each for each in parse(xml).children if wanted.items() <= each.attributes.items()]
        self.put(part, apply_edits(xml, [(each.start, each.end, b"") for each in found]))

    def _add_link(self, target: str, book: Element) -> str:
        taken = {link.attributes.get("Id") for link in parse(self.read(_LINKS)).children}
        made = next(f"rIdExotelFrames{n}" for n in range(1, len(taken) + 2) if f"rIdExotelFrames{n}" not in taken)
        kind = f"{_relation_space(book)}/worksheet"
        self._append(_LINKS, f'Relationship Id="{made}" Type="{kind}" Target="{target}"')
        return made

    def _append(self, part: str, tag: str) -> None:
        """Put an empty element at the end of a small part."""
        xml = self.read(part)
        root = parse(xml)
        element = f"<{prefix_of(xml, root).decode()}{tag}/>"
        self.put(part, apply_edits(xml, rewrite(xml, root, append=element.encode())))


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as stream:
        while piece := stream.read(2**20):
            yield piece


def _relation_space(book: Element) -> str:
    """Return the namespace of links, which strict workbooks write otherwise."""
    if "purl.oclc.org" in book.space:
        return "http://purl.oclc.org/ooxml/officeDocument/relationships"
    return "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relation_prefix(xml: bytes, sheets: Element) -> str | None:
    """Return the prefix that the sheets' links are written with, where it is declared for all of them."""
    found = re.search(rb"\s([^\s=:]+):id\s*=", xml[sheets.start : sheets.end])
    if found and b"xmlns:" + found[1] + b"=" in xml[: sheets.inner]:
        return found[1].decode()
    return None
