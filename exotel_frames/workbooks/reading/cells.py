"""One sheet's cells, judged: headers that are ours or nearly so, and cells that are still the text somebody typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exotel_frames.frames.arguments import is_misspelt
from exotel_frames.text import quote_value
from exotel_frames.workbooks.addresses import NAME, OURS, address, cell_to_text, letters, place
from exotel_frames.workbooks.preflight.scan import SheetScan
from exotel_frames.workbooks.problems import Fault, workbook_error
from exotel_frames.workbooks.reading.columns import Cells, gather, is_blank
from exotel_frames.workbooks.reading.retyped import TYPE_AGAIN, describe

_LOOK_FOR_HEADER: Final = 20
Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells below its header: `headers` and `cells` by column (from 1), `numbers` are the rows' in Excel."""

    name: str
    header_row: int
    headers: Mapping[int, str]
    cells: Mapping[int, Cells]
    numbers: Sequence[int]

    def ours(self) -> dict[int, str]:
        """Return the columns that are ours."""
        return {at: header for at, header in self.headers.items() if header in OURS}

    def where(self, row: int, column: int) -> str:
        """Return a cell's full address."""
        return f"{self.name}!{address(row, column)}"


def read_cells(file: str, name: str, rows: Rows, scan: SheetScan) -> tuple[dict[str, Any], Sequence[int]]:
    """Return a sheet's columns as pyarrow texts, and its rows' numbers in Excel.

    Errors: one `WorkbookError` for all that is wrong with its headers and its cells.
    """
    sheet = _below_header(name, rows)
    faults = [*_header_faults(sheet), *_merged_faults(sheet, scan), *_cell_faults(sheet, scan)]
    if faults:
        raise workbook_error(f"{file} can't be read without changing somebody's data", faults)
    ours = [at for header in OURS for at in sheet.headers if sheet.headers[at] == header]
    theirs = [at for at in sheet.headers if at not in ours]
    return {sheet.headers[at]: sheet.cells[at].as_text() for at in ours + theirs}, sheet.numbers


def _below_header(name: str, rows: Rows) -> Sheet:
    numbered = enumerate(rows, start=1)
    top, header = next(((number, row) for number, row in numbered if not is_blank(row)), (1, ()))
    columns, numbers = gather(numbered, len(header))
    texts = [cell_to_text(cell) for cell in header]
    used = {at for at, text in enumerate(texts, start=1) if text or not columns[at - 1].is_empty()}
    headers = {at: texts[at - 1] or f"column {letters(at)}" for at in sorted(used)}
    return Sheet(name, top, headers, {at: columns[at - 1] for at in headers}, numbers)


def _header_faults(sheet: Sheet) -> Iterator[Fault]:
    found = list(sheet.headers.values())
    seen: set[str] = set()
    for at, header in sheet.headers.items():
        here = sheet.where(sheet.header_row, at)
        meant = _meant(header, found)
        if header in seen:
            fix = "Give each column its own header, or delete one of them"
            yield Fault(
                None, header, header, "duplicate_header", f"{here} is a second {quote_value(header)}", f"{fix}."
            )
        elif meant:
            fix = f"Write {meant} if that is what it is, or call it something else"
            yield Fault(None, header, header, "unclear_header", f"{here} says {quote_value(header)}", f"{fix}.")
        seen.add(header)
    if NAME not in found and not any(_meant(header, found) == NAME for header in found):
        yield _no_names(sheet)


def _no_names(sheet: Sheet) -> Fault:
    deeper = [number for cells in sheet.cells.values() for number in _rows_with_header(cells, sheet.numbers)]
    if deeper:
        fix = f"The header is in row {min(deeper)}: delete the rows above it."
    else:
        has = ", ".join(quote_value(header) for header in list(sheet.headers.values())[:8]) or "no headers at all"
        fix = f"Call the column with the names {NAME}, exactly (there: {has})."
    message = f"{sheet.name}!{sheet.header_row}:{sheet.header_row} has no header {NAME}"
    return Fault(None, NAME, None, "missing_column", message, fix)


def _rows_with_header(cells: Cells, numbers: Sequence[int]) -> list[int]:
    texts = cells.texts.slice(0, _LOOK_FOR_HEADER).to_pylist()
    return [numbers[at] for at, text in enumerate(texts) if text == NAME]


def _meant(header: str, found: Sequence[str]) -> str | None:
    if header in OURS:
        return None
    return next((name for name in OURS if name not in found and is_misspelt(header, name)), None)


def _merged_faults(sheet: Sheet, scan: SheetScan) -> Iterator[Fault]:
    for area in scan.merged:
        first, _, last = area.partition(":")
        (_, left), (bottom, right) = place(first), place(last or first)
        hit = [header for at, header in sheet.ours().items() if left <= at <= right]
        if hit and bottom >= sheet.header_row:
            message = f"{sheet.name}!{area} is merged, so only its first cell holds anything"
            yield Fault(None, hit[0], area, "merged", message, "Unmerge it, and fill in each cell.")


def _cell_faults(sheet: Sheet, scan: SheetScan) -> Iterator[Fault]:
    positions = {number: at for at, number in enumerate(sheet.numbers)}
    seen = set()
    for row, column, rule, message, fix in sorted([*_scanned(sheet, scan), *_retyped(sheet)]):
        if (row, column) not in seen:
            seen.add((row, column))
            value = _value(sheet, positions.get(row), column)
            yield Fault(positions.get(row), sheet.headers[column], value, rule, message, fix)


def _value(sheet: Sheet, position: int | None, column: int) -> str | None:
    if position is None:
        return None
    cells = sheet.cells[column]
    return cell_to_text(cells.odd[position]) if position in cells.odd else cells.texts[position].as_py()


def _scanned(sheet: Sheet, scan: SheetScan) -> Iterator[tuple[int, int, str, str, str]]:
    ours = sheet.ours()
    for rule, cells, what in (("error", scan.errors, "an error"), ("formula", scan.formulas, "a formula")):
        for cell in cells:
            row, column = place(cell)
            if column in ours and row >= sheet.header_row:
                fix = "Type in what it shall be" if rule == "error" else "Put its result there as text"
                yield (
                    row,
                    column,
                    rule,
                    f"{sheet.where(row, column)} is {what}",
                    f"{fix} (format the cell as Text first).",
                )


def _retyped(sheet: Sheet) -> Iterator[tuple[int, int, str, str, str]]:
    for column, header in sheet.ours().items():
        for position, cell in sheet.cells[column].odd.items():
            became, question = describe(cell)
            message = f"{sheet.where(sheet.numbers[position], column)} is {became}{question if header == NAME else ''}"
            yield sheet.numbers[position], column, "retyped", message, f"{TYPE_AGAIN}."
