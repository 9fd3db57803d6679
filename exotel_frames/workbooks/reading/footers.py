"""Rows that are no subscribers: totals and other tables, headers that are repeated, sums, remarks and footers.

They are left out and named. A row that could be a subscriber with a forgotten cell is kept, and checked like all
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow.compute as pc

from exotel_frames.schema import NAME
from exotel_frames.text import quote_value
from exotel_frames.validation import is_legal
from exotel_frames.workbooks.addresses import OURS, address
from exotel_frames.workbooks.preflight.contents import Table
from exotel_frames.workbooks.preflight.scan import SheetScan
from exotel_frames.workbooks.reading.sheet import Sheet

_TOTAL: Final = re.compile(
    r"(grand|sub|running)?[ -]?(totals?|totale|totaal|sums?|summe|gesamt\w*|somme|suma|count|average|anzahl|итого|"
    r"всего|合計|合计|总计|कुल)\b[\s:=.,\d]*",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"\s*[*#(–—-].*|.*:(\s.*)?|.*[.!]\s*|(\S+\s+){3,}\S+\s*", re.DOTALL)  # noqa: RUF001 - people's dashes
_NUMBER: Final = re.compile(r"[-+]?[\d.,'\s]*\d%?")
_SHOWN: Final = 3
_FOOTER_ROWS: Final = 12


def rows_left_out(sheet: Sheet, scan: SheetScan, tables: Sequence[Table]) -> dict[int, str]:
    """Return the positions of the rows that are no subscribers, and what each of them is.

    `tables` are those of the file itself: their total rows, and what lies in another one below the names.
    """
    if (names := sheet.column_of(NAME)) is None:
        return {}
    rows = _Rows(sheet, scan, names)
    totals = {number for table in tables for number in table.totals}
    found = {at: "the total row of a table" for at, number in enumerate(sheet.numbers) if number in totals}
    found = _in_other_tables(sheet, tables, names) | dict.fromkeys(rows.headers_again(), "the headers again") | found
    for at in range(len(sheet.numbers) - 1, -1, -1):
        if at not in found:
            if not (reason := rows.footer(at)):
                break
            found[at] = reason
    if len(found) == len(sheet.numbers):  # no name at all: then nothing is below the last one
        return {at: reason for at, reason in found.items() if sheet.numbers[at] in totals}
    between = {at: reason for at in rows.nameless() if at not in found and (reason := rows.subtotal(at))}
    return dict(sorted((found | between).items()))


def _in_other_tables(sheet: Sheet, tables: Sequence[Table], names: int) -> dict[int, str]:
    """Return the rows below the names that lie in another table, which has other headers."""
    below = [table for table in tables if names in table.box.columns and table.box.top > sheet.header_row + 1]
    place = {number: at for at, number in enumerate(sheet.numbers)}
    return {
        place[number]: f"in another table, {quote_value(table.name)}"
        for table in below
        if table.box.top in place and sheet.value(place[table.box.top], names) != sheet.header_text(names)
        for number in table.box.rows
        if number in place
    }


@dataclass
class _Rows:
    """What the rows of a sheet look like."""

    sheet: Sheet
    scan: SheetScan
    names: int

    @cached_property
    def _formulas(self) -> frozenset[str]:
        return frozenset(self.scan.formulas)

    def headers_again(self) -> list[int]:
        """Return the rows that repeat the headers: files that were put one below the other have them in the midst."""
        headers = self.sheet.header_text(self.names)
        same = pc.equal(pc.utf8_ltrim(self.sheet.cells[self.names].texts, "\ufeff"), headers).fill_null(False)  # noqa: FBT003 - arrow's own call
        return [at for at in np.flatnonzero(same.to_numpy(zero_copy_only=False)).tolist() if self._repeats(at)]

    def _repeats(self, at: int) -> bool:
        others = [text == self.sheet.header_text(column) for column, text in self._texts(at) if column != self.names]
        return all(others) and (bool(others) or self.sheet.header_text(self.names) == NAME)

    def _texts(self, at: int) -> Iterator[tuple[int, str]]:
        for column in self.sheet.headers:
            text = self.sheet.value(at, column)
            if text is not None:
                yield column, text

    def nameless(self) -> list[int]:
        cells = self.sheet.cells[self.names]
        empty = np.flatnonzero(cells.texts.is_null().to_numpy(zero_copy_only=False)).tolist()
        return [at for at in empty if at not in cells.odd]

    def subtotal(self, at: int) -> str:
        """Return what a row between the names is, if it is nobody whose name was forgotten: sums of other columns."""
        cells = list(self.cells(at))
        if any(header in OURS for header, _, _ in cells) or not any(is_formula for _, _, is_formula in cells):
            return ""
        return f"no name, only {_quote_cells(cells)}"

    def footer(self, at: int) -> str:
        """Return what a row is that stands below all subscribers; empty when it is one."""
        name = self.sheet.value(at, self.names)
        cells = list(self.cells(at))
        ours = [cell for cell in cells if cell[0] in OURS]
        if name is None:
            apart = {"custom_field"} if self.is_apart(at) else set()
            nobody = all(header in apart or is_formula or _is_total(text) for header, text, is_formula in ours)
            return f"below the last name, with only {_quote_cells(cells)}" if nobody else ""
        if self.is_formula(at, self.names) and at in self.sheet.cells[self.names].odd and at > 0:
            return "" if self.is_formula(at - 1, self.names) else f"a sum or a count: {name}"
        summed = [
            is_formula or _NUMBER.fullmatch(text) for header, text, is_formula in ours if header != "custom_field"
        ]
        if _is_total(name) and summed and all(summed):
            return f"a total: {quote_value(name)}"
        if any(not is_formula for _, _, is_formula in ours):
            return ""
        if _is_total(name):
            sums = any(is_formula or _NUMBER.fullmatch(text) for _, text, is_formula in cells)
            return f"a total: {quote_value(name)}" if sums or self.is_apart(at) or not is_legal(name) else ""
        remark = not cells and self.is_apart(at) and not is_legal(name) and _REMARK.fullmatch(name)
        return f"a remark: {quote_value(name)}" if remark else ""

    def is_apart(self, at: int) -> bool:
        """Tell whether there is an empty row a little above."""
        numbers = self.sheet.numbers
        return any(numbers[row] - numbers[row - 1] > 1 for row in range(at, max(at - _FOOTER_ROWS, 0), -1))

    def is_formula(self, at: int, column: int) -> bool:
        return address(self.sheet.numbers[at], column) in self._formulas

    def cells(self, at: int) -> Iterator[tuple[str, str, bool]]:
        """Yield header, text and whether it is a formula of each cell that holds something, but for the name."""
        for column, text in self._texts(at):
            if column != self.names:
                yield self.sheet.headers[column], text, self.is_formula(at, column)


def _is_total(text: str) -> bool:
    return _TOTAL.fullmatch(text.strip()) is not None


def _quote_cells(cells: list[tuple[str, str, bool]]) -> str:
    shown = [f"{quote_value(text)} under {header}" for header, text, _ in cells[:_SHOWN]]
    more = [f"{len(cells) - _SHOWN} more"] if len(cells) > _SHOWN else []
    return ", ".join(shown + more)
