"""Where the two columns go: right of everything, but inside the table or filter, so that they are sorted with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from exotel_frames.text import first_free
from exotel_frames.workbooks.addresses import COLUMNS_MAX, VERDICTS, Box, box_of, letters, number
from exotel_frames.workbooks.preflight.contents import Table
from exotel_frames.workbooks.verdicts.package import BOOK, Package
from exotel_frames.workbooks.verdicts.sheet_xml import OddSheetError, SheetXml
from exotel_frames.workbooks.verdicts.xml_edit import Edit, Element, apply_edits, escape, parse, prefix_of, rewrite

MARK: Final = "exotel_frames_verdicts"
_FILTER: Final = "_xlnm._FilterDatabase"
_AREA: Final = re.compile(r"\$([A-Z]+)\$[0-9]+:\$[A-Z]+\$[0-9]+$")
_BEFORE_NAMES: Final = ("sheets", "functionGroups", "externalReferences")


@dataclass(frozen=True)
class Header:
    """The row with the headers, their texts by column, and the column of the names."""

    row: int
    texts: dict[int, str]
    name_column: int


@dataclass(frozen=True)
class Placement:
    """Where verdicts go: the first of the two columns, below which header, inside which table or filter."""

    header: Header
    first: int
    headers: tuple[str, ...]
    is_again: bool
    """An earlier call wrote there."""
    written: str
    """What an earlier call said of itself: when, and by which run."""
    table: Table | None
    filter: Box | None


def find_place(package: Package, tables: Sequence[Table], sheet: SheetXml, header: Header) -> Placement:
    """Return where the verdicts go.

    Errors: an `OddSheetError` when there is no place where they would move along with their rows.
    """
    own = next((table for table in tables if _holds(table, header)), None)
    found = sheet.root.find("autoFilter")
    sheet_filter = box_of(found.attributes["ref"]) if found is not None and "ref" in found.attributes else None
    if sheet_filter and header.name_column not in sheet_filter.columns:
        sheet_filter = None
    if own and own.is_query:
        raise OddSheetError("its table is filled by a query, which would remove new columns")
    used = dict(sheet.last_columns())
    edge = own.box.right if own else sheet_filter.right if sheet_filter else 0
    mark = _mark(parse(package.read(BOOK)))
    first = _earlier_column(package, header, own, mark) if mark else None
    is_again = first is not None
    if first is None:
        first = _free_column(sheet, header.row, edge, used, tables, is_table=own is not None)
    # the headers get a number where people have such a column themselves; tables don't tell capitals apart
    taken = {text.casefold() for column, text in header.texts.items() if column not in {first, first + 1}}
    headers = tuple(first_free(own_header, taken.__contains__) for own_header in VERDICTS)
    written = mark.attributes.get("comment", "") if mark else ""
    return Placement(header, first, headers, is_again, written, own, sheet_filter)


def _holds(table: Table, header: Header) -> bool:
    return header.name_column in table.box.columns and table.box.top in {header.row, header.row + 1}


def _mark(book: Element) -> Element | None:
    """Return the book's name for the place where an earlier call wrote."""
    names = book.find("definedNames")
    return next((name for name in names.children if name.attributes.get("name") == MARK), None) if names else None


def _earlier_column(package: Package, header: Header, table: Table | None, mark: Element) -> int | None:
    """Return where an earlier call wrote, if its columns are still there."""
    area = _AREA.search(package.read(BOOK)[mark.inner : mark.close].decode())
    if not area:
        return None
    first = number(area[1])
    same = all(header.texts.get(first + at, "").startswith(own) for at, own in enumerate(VERDICTS))
    inside = table is None or first + 1 <= table.box.right or first == table.box.right + 1
    return first if same and inside else None


def _free_column(
    sheet: SheetXml, header_row: int, edge: int, used: Mapping[int, int], tables: Sequence[Table], *, is_table: bool
) -> int:
    if edge and _is_free(sheet, header_row, edge + 1, used, tables):
        return edge + 1
    if is_table:
        raise OddSheetError(f"there is no room to the right of its table (column {letters(edge + 1)} is taken)")
    first = max(edge, *used.values()) + 1
    if first + 1 > COLUMNS_MAX:
        raise OddSheetError("its last column is in use")
    if not _is_free(sheet, header_row, first, used, tables):
        raise OddSheetError(f"cells are merged, or there is another table, in column {letters(first)}")
    return first


def _is_free(sheet: SheetXml, header_row: int, first: int, used: Mapping[int, int], tables: Sequence[Table]) -> bool:
    merged = sheet.root.find("mergeCells")
    boxes = [box_of(cells.attributes["ref"]) for cells in merged.children] if merged else []
    boxes += [table.box for table in tables]
    if any(box.left <= first + 1 and box.right >= first and box.bottom >= header_row for box in boxes):
        return False
    reaching = {row for row, last in used.items() if row >= header_row and last >= first}
    return not (reaching and sheet.holds(first, first + 1, reaching))


def grow_table(package: Package, placement: Placement) -> None:
    """Make a table as wide as the verdicts reach: then they move along when it is sorted."""
    table = placement.table
    if table is None:
        return
    xml = package.read(table.part)
    root, missing = parse(xml), placement.first + 1 - table.box.right
    columns = root.find("tableColumns")
    if columns is None:
        raise OddSheetError("its table has no columns")
    if missing <= 0:
        _rename(package, table, placement, columns)
        return
    box = Box(table.box.top, table.box.left, table.box.bottom, placement.first + 1)
    ids = [int(column.attributes.get("id", 0)) for column in columns.children]
    p = prefix_of(xml, root).decode()
    added = "".join(
        f'<{p}tableColumn id="{max(ids) + 1 + at}" name="{escape(header)}"/>'
        for at, header in enumerate(placement.headers)
    )
    edits = rewrite(xml, root, {"ref": box.ref})
    found = root.find("autoFilter")
    if found is not None and "ref" in found.attributes:
        area = box_of(found.attributes["ref"])
        edits += rewrite(xml, found, {"ref": Box(area.top, area.left, area.bottom, box.right).ref})
    edits += rewrite(xml, columns, {"count": len(ids) + missing}, append=added.encode())
    package.put(table.part, apply_edits(xml, edits))


def _rename(package: Package, table: Table, placement: Placement, columns: Element) -> None:
    """Keep a table's own list of its headers the same as its cells: Excel calls the file damaged otherwise."""
    xml = package.read(table.part)
    at = placement.first - table.box.left
    edits: list[Edit] = []
    for column, header in zip(columns.children[at : at + 2], placement.headers, strict=True):
        edits += rewrite(xml, column, {"name": header})
    package.put(table.part, apply_edits(xml, edits))


def grow_filter(placement: Placement, sheet: SheetXml, last_row: int) -> tuple[Box | None, list[Edit]]:
    """Return the sheet's filter as it shall be, and the edits of the sheet's frame that make it so."""
    area, found = placement.filter, sheet.root.find("autoFilter")
    if area is None or found is None or placement.table:
        return None, []
    grown = Box(area.top, area.left, max(area.bottom, last_row), max(area.right, placement.first + 1))
    return grown, rewrite(sheet.without_rows, found, {"ref": grown.ref})


def name_areas(package: Package, sheet_name: str, placement: Placement, grown: Box | None, comment: str) -> None:
    """Write down in the book where the verdicts stand, and how far the filter reaches now."""
    xml = package.read(BOOK)
    book = parse(xml)
    sheets = book.find("sheets")
    at = [sheet.attributes.get("name") for sheet in sheets.children].index(sheet_name) if sheets else 0
    quoted = "'" + sheet_name.replace("'", "''") + "'"
    area = f"{quoted}!${letters(placement.first)}${placement.header.row}"
    area += f":${letters(placement.first + 1)}${placement.header.row}"
    p = prefix_of(xml, book).decode()
    attribute = f' comment="{escape(comment)}"' if comment else ""
    mark = f'<{p}definedName name="{MARK}"{attribute} hidden="1">{escape(area)}</{p}definedName>'.encode()
    names = book.find("definedNames")
    edits: list[Edit] = []
    if names is None:
        edits.append(
            (
                _names_position(book),
                _names_position(book),
                f"<{p}definedNames>".encode() + mark + f"</{p}definedNames>".encode(),
            )
        )
    else:
        old = _mark(book)
        edits += [(old.start, old.end, mark)] if old else rewrite(xml, names, append=mark)
        hidden = {"name": _FILTER, "localSheetId": str(at)}
        here = next((name for name in names.children if hidden.items() <= name.attributes.items()), None)
        if here and grown:
            whole = f"{quoted}!${letters(grown.left)}${grown.top}:${letters(grown.right)}${grown.bottom}"
            edits.append((here.inner, here.close, escape(whole).encode()))
    package.put(BOOK, apply_edits(xml, edits))


def _names_position(book: Element) -> int:
    """Return where the book's names belong: the order of its parts is fixed."""
    return max(child.end for child in book.children if child.name in _BEFORE_NAMES)
