"""Sheets of our own behind people's: results whose row is gone, and the verdicts of earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from exotel_frames.text import first_free
from exotel_frames.workbooks.addresses import ROWS_MAX, address
from exotel_frames.workbooks.preflight.check import Inspected
from exotel_frames.workbooks.preflight.contents import links_of
from exotel_frames.workbooks.reading.rows import sheet_rows
from exotel_frames.workbooks.verdicts.package import Package
from exotel_frames.workbooks.verdicts.sheet_xml import SheetXml, text_rows
from exotel_frames.workbooks.verdicts.styles import COLOURS, Styles

OTHERS: Final = "other verdicts"
OTHERS_HEADER: Final = ("name (not in the sheet)", "action", "outcome", "message")
EARLIER: Final = "earlier verdicts"
EARLIER_HEADER: Final = ("written", "name", "outcome", "message")
_WIDTHS: Final = {"written": 46, "action": 12, "outcome": 13, "message": 60}
_NAME_WIDTH: Final = 26
Lines = Sequence[Sequence[str]]


def _is(inspected: Inspected, sheet: str, header: Sequence[str]) -> bool:
    title = OTHERS if header == OTHERS_HEADER else EARLIER
    if sheet not in inspected.sheets or not sheet.startswith(title):
        return False
    return tuple(next(sheet_rows(inspected, sheet), ()))[: len(header)] == tuple(header)


def other_lines(inspected: Inspected) -> list[list[str]]:
    """Return what an earlier call wrote about rows that are gone."""
    if not _is(inspected, OTHERS, OTHERS_HEADER):
        return []
    return [[str(cell) for cell in row] for row in sheet_rows(inspected, OTHERS)][1:]


def write_others(package: Package, inspected: Inspected, lines: Lines, styles: Styles, header_style: int) -> None:
    """Write the results whose row is gone in the place of those of an earlier call."""
    exists = _is(inspected, OTHERS, OTHERS_HEADER)
    if exists and not lines and not package.has(links_of(inspected.places[OTHERS])):
        package.remove_sheet(OTHERS, inspected.places[OTHERS])
    elif exists:  # perhaps with nothing to say: somebody has drawn or commented there
        sheet = SheetXml(package.read(inspected.places[OTHERS]))
        rows = _rows(sheet.prefix, [OTHERS_HEADER, *lines], styles, header_style)
        package.put(inspected.places[OTHERS], sheet.replaced(rows, _ref(OTHERS_HEADER, len(lines) + 1)))
    elif lines:
        _add(package, _free_title(inspected, OTHERS), OTHERS_HEADER, lines, styles, header_style)


def write_earlier(package: Package, inspected: Inspected, lines: Lines, styles: Styles, header_style: int) -> None:
    """Add verdicts of an earlier run to those that are kept."""
    if not lines:
        return
    for title in (EARLIER, *(f"{EARLIER} {number}" for number in range(2, 100))):
        if not _is(inspected, title, EARLIER_HEADER):
            continue
        last = inspected.sheets[title].rows
        if last + len(lines) <= ROWS_MAX:
            sheet = SheetXml(package.read(inspected.places[title]))
            rows = _rows(sheet.prefix, lines, styles, header_style, first=last + 1)
            package.put(
                inspected.places[title],
                sheet.replaced(sheet.own_rows() + rows, _ref(EARLIER_HEADER, last + len(lines))),
            )
            return
    _add(package, _free_title(inspected, EARLIER), EARLIER_HEADER, lines, styles, header_style)


def _free_title(inspected: Inspected, title: str) -> str:
    taken = {name.casefold() for name in inspected.sheets}
    return first_free(title, taken.__contains__)


def _add(package: Package, title: str, header: Sequence[str], lines: Lines, styles: Styles, header_style: int) -> None:
    def build(space: bytes) -> bytes:
        widths = "".join(
            f'<col min="{at}" max="{at}" width="{_WIDTHS.get(name, _NAME_WIDTH)}" customWidth="1"/>'
            for at, name in enumerate(header, start=1)
        )
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        head = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        head += f'<dimension ref="{_ref(header, len(lines) + 1)}"/><sheetViews><sheetView workbookViewId="0">{pane}'
        head += f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
        rows = _rows(b"", [header, *lines], styles, header_style)
        start = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="' + space + b'">'
        page = b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        return b"".join((start, head.encode(), rows, b"</sheetData>", page, b"</worksheet>"))

    package.add_sheet(title, build)


def _ref(header: Sequence[str], rows: int) -> str:
    return f"A1:{address(rows, len(header))}"


def _rows(prefix: bytes, lines: Lines, styles: Styles, header_style: int, *, first: int = 1) -> bytes:
    """Return lines as rows; the last but one cell of each is the outcome, and has its colour."""
    plain = styles.verdict(0, "")
    made: list[list[tuple[str, int | None]]] = []
    for at, line in enumerate(lines, start=first):
        look = header_style if at == 1 else plain
        cells: list[tuple[str, int | None]] = [(text, look) for text in line]
        if at > 1 and line[-2] in COLOURS:
            cells[-2] = (line[-2], styles.verdict(0, COLOURS[line[-2]]))
        made.append(cells)
    return text_rows(prefix, made, first=first)
