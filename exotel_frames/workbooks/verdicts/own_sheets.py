"""Our own sheets after the user's: results whose row is missing, and the verdicts of earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class OwnSheets:
    """The sheets of our own that a workbook has, and how their cells look."""

    package: Package
    inspected: Inspected
    styles: Styles
    header_style: int

    def other_lines(self) -> list[list[str]]:
        """Return what an earlier call wrote about rows that are gone."""
        if not self._is_ours(OTHERS, OTHERS_HEADER):
            return []
        return [[str(cell) for cell in row] for row in sheet_rows(self.inspected, OTHERS)][1:]

    def write_others(self, lines: Lines) -> None:
        """Write the results whose row is gone in the place of those of an earlier call."""
        exists = self._is_ours(OTHERS, OTHERS_HEADER)
        if exists and not lines and not self.package.has(links_of(self.inspected.places[OTHERS])):
            self.package.remove_sheet(OTHERS, self.inspected.places[OTHERS])
        elif exists:  # perhaps with nothing to say: somebody has drawn or commented there
            sheet = SheetXml(self.package.read(self.inspected.places[OTHERS]))
            rows = self._rows(sheet.prefix, [OTHERS_HEADER, *lines])
            self.package.put(
                self.inspected.places[OTHERS], sheet.replace_rows(rows, _ref(OTHERS_HEADER, len(lines) + 1))
            )
        elif lines:
            self._add(self._free_title(OTHERS), OTHERS_HEADER, lines)

    def write_earlier(self, lines: Lines) -> None:
        """Add verdicts of an earlier run to those that are kept."""
        if not lines:
            return
        for title in self.inspected.sheets:
            last = self.inspected.sheets[title].rows
            if title.startswith(EARLIER) and self._is_ours(title, EARLIER_HEADER) and last + len(lines) <= ROWS_MAX:
                sheet = SheetXml(self.package.read(self.inspected.places[title]))
                rows = self._rows(sheet.prefix, lines, first=last + 1)
                self.package.put(
                    self.inspected.places[title],
                    sheet.replace_rows(sheet.own_rows() + rows, _ref(EARLIER_HEADER, last + len(lines))),
                )
                return
        self._add(self._free_title(EARLIER), EARLIER_HEADER, lines)

    def _is_ours(self, sheet: str, header: Sequence[str]) -> bool:
        rows = sheet_rows(self.inspected, sheet) if sheet in self.inspected.sheets else iter(())
        return next(rows, [])[: len(header)] == list(header)

    def _free_title(self, title: str) -> str:
        taken = {name.casefold() for name in self.inspected.sheets}
        return first_free(title, taken.__contains__)

    def _add(self, title: str, header: Sequence[str], lines: Lines) -> None:
        def build(space: bytes) -> bytes:
            widths = "".join(
                f'<col min="{at}" max="{at}" width="{_WIDTHS.get(name, _NAME_WIDTH)}" customWidth="1"/>'
                for at, name in enumerate(header, start=1)
            )
            pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            head = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            head += f'<dimension ref="{_ref(header, len(lines) + 1)}"/><sheetViews><sheetView workbookViewId="0">{pane}'
            head += f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
            rows = self._rows(b"", [header, *lines])
            start = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="' + space + b'">'
            page = b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
            return b"".join((start, head.encode(), rows, b"</sheetData>", page, b"</worksheet>"))

        self.package.add_sheet(title, build)

    def _rows(self, prefix: bytes, lines: Lines, *, first: int = 1) -> bytes:
        """Return lines as rows; the last but one cell of each is the outcome, and has its colour."""
        plain = self.styles.verdict(0, "")
        made: list[list[tuple[str, int | None]]] = []
        for at, line in enumerate(lines, start=first):
            look = self.header_style if at == 1 else plain
            cells: list[tuple[str, int | None]] = [(text, look) for text in line]
            if at > 1 and line[-2] in COLOURS:
                cells[-2] = (line[-2], self.styles.verdict(0, COLOURS[line[-2]]))
            made.append(cells)
        return text_rows(prefix, made, first=first)


def _ref(header: Sequence[str], rows: int) -> str:
    return f"A1:{address(rows, len(header))}"
