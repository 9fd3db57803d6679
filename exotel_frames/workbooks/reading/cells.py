"""Checks one sheet's cells: headers that are ours or nearly so, and cells that are no longer the typed text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from exotel_frames.frames.arguments import is_misspelt
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value
from exotel_frames.validation import Problem, is_legal
from exotel_frames.workbooks.addresses import box_of, cell_to_text, place
from exotel_frames.workbooks.preflight.contents import Table
from exotel_frames.workbooks.preflight.scan import SheetScan
from exotel_frames.workbooks.problems import workbook_error
from exotel_frames.workbooks.reading.footers import rows_left_out
from exotel_frames.workbooks.reading.sheet import JUDGED, Sheet

_LOOK_FOR_HEADER: Final = 20
_GLUED: Final = re.compile(rf"(?:\b{NAME}([^\w\s]|\t))|(?:([^\w\s]|\t){NAME}\b)")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_A: Final = {"error": "an error", "formula": "a formula"}
_FIX: Final = {
    "error": "Type what it should be (format the cell as Text first).",
    "retyped": "Format the column as Text and type the cell again.",
    "formula": "Replace it with its result as text (format the cell as Text first).",
}


@dataclass(frozen=True)
class SheetTexts:
    """A sheet that was judged: its columns as pyarrow texts, the rows' numbers in the file, and what was left out."""

    columns: dict[str, Any]
    numbers: Sequence[int]
    left_out: tuple[tuple[int, str], ...]
    """The numbers of the rows that are no subscribers, and what each of them is."""
    notes: tuple[str, ...]


def judge_cells(
    file: str,
    sheet: Sheet,
    scan: SheetScan,
    *,
    tables: Sequence[Table] = (),
    columns: Mapping[str, str] | None = None,
) -> SheetTexts:
    """Return a sheet's columns as texts, without the rows that are no subscribers.

    `columns` is what the caller wants headers to be called: each of them must be there. Errors: one `WorkbookError` for
    all that is wrong with the headers and the cells of the columns that verbs read.
    """
    left_out = rows_left_out(sheet, scan, tables)
    kept = sheet.without(left_out)
    gone = {sheet.numbers[at] for at in left_out}
    problems = [
        *_unknown_headers(sheet, columns or {}),
        *_header_problems(sheet),
        *_merged_problems(kept, scan, gone),
        *_cell_problems(kept, scan, gone),
    ]
    if problems:
        raise workbook_error(f"{file} can't be read without changing somebody's data", problems)
    numbered = tuple((sheet.numbers[at], reason) for at, reason in left_out.items())
    return SheetTexts(kept.columns(), kept.numbers, numbered, tuple(_linked_notes(kept, scan)))


def _unknown_headers(sheet: Sheet, columns: Mapping[str, str]) -> Iterator[Problem]:
    for header, ours in columns.items():
        if header not in sheet.named.values():
            fix = f"Pass columns= with the headers as they are in the sheet ({_list_headers(sheet)})."
            message = f"{sheet.name} has no column {quote_value(header)} to use as {ours}"
            yield Problem(None, header, header, "missing_column", message, fix)


def _list_headers(sheet: Sheet) -> str:
    headers = [sheet.named.get(at, header) for at, header in sheet.headers.items()]
    return f"there: {', '.join(quote_value(header) for header in headers[:8]) or 'no headers at all'}"


def _linked_notes(sheet: Sheet, scan: SheetScan) -> Iterator[str]:
    linked = {place(cell) for cell in scan.linked}
    rows = set(sheet.numbers)
    for at, header in sheet.judged_columns().items():
        number = sum(1 for row, column in linked if column == at and row in rows)
        if number:
            cells = f"{pluralize(number, 'cell')} of {header} referred to another workbook"
            yield f"{cells}: their last stored values were read"


def _header_problems(sheet: Sheet) -> Iterator[Problem]:
    found = list(sheet.headers.values())
    seen: set[str] = set()
    for at, header in sheet.headers.items():
        here = sheet.where(sheet.header_row, at)
        meant = _find_meant_header(header, found)
        if header in seen:
            fix, message = (
                "Give each column its own header, or delete one of them.",
                f"{here} is a second {quote_value(header)}",
            )
            yield Problem(None, header, header, "duplicate_header", message, fix)
        elif meant:
            fix = (
                f"Rename it to {meant} if that is what it is (or read it with columns={{{header!r}: {meant!r}}}), "
                "or call it "
                "something else"
            )
            yield Problem(None, header, header, "unclear_header", f"{here} says {quote_value(header)}", f"{fix}.")
        seen.add(header)
    if NAME not in found and not any(_find_meant_header(header, found) == NAME for header in found):
        yield _no_names(sheet)


def _no_names(sheet: Sheet) -> Problem:
    tops = [cells.texts.slice(0, _LOOK_FOR_HEADER).to_pylist() for cells in sheet.cells.values()]
    deeper = [sheet.numbers[at] for texts in tops for at, text in enumerate(texts) if text == NAME]
    if deeper:
        fix = f"The header is in row {min(deeper)}: delete the rows above it."
    elif glued := _find_glued(sheet):
        header, sign = glued
        fix = (
            f"All its columns are in one column, {quote_value(header)}: split it (Data > Text to Columns), or read "
            "a CSV file "
            f"with delimiter={sign!r}."
        )
    else:
        first = next((repr(header) for header in sheet.headers.values()), None)
        or_say = f", or say which it is: columns={{{first}: {NAME!r}}}" if first else ""
        fix = f"Call the column with the names {NAME}, exactly ({_list_headers(sheet)}){or_say}."
    message = f"{sheet.name}!{sheet.header_row}:{sheet.header_row} has no header {NAME}"
    return Problem(None, NAME, None, "missing_column", message, fix)


def _find_glued(sheet: Sheet) -> tuple[str, str] | None:
    """Return a header that holds several, and the sign between them."""
    found = ((header, _GLUED.search(header)) for header in sheet.headers.values())
    return next(((header, match[1] or match[2]) for header, match in found if match), None)


def _find_meant_header(header: str, found: Sequence[str]) -> str | None:
    if header in JUDGED:
        return None
    return next((name for name in JUDGED if name not in found and is_misspelt(header, name)), None)


def _merged_problems(sheet: Sheet, scan: SheetScan, gone: AbstractSet[int]) -> Iterator[Problem]:
    for area in scan.merged:
        box = box_of(area)
        hit = [header for at, header in sheet.judged_columns().items() if at in box.columns]
        if hit and box.bottom >= sheet.header_row and not set(box.rows) <= gone:
            message = f"{sheet.name}!{area} is merged, so only its first cell has a value"
            yield Problem(None, hit[0], area, "merged", message, "Unmerge it, and fill in each cell.")


def _cell_problems(sheet: Sheet, scan: SheetScan, gone: AbstractSet[int]) -> Iterator[Problem]:
    positions = {number: at for at, number in enumerate(sheet.numbers)}
    seen = set()
    for row, column, rule, message, fix in sorted(
        [*_scan_problems(sheet, scan, gone, positions), *_find_retyped(sheet)]
    ):
        if (row, column) not in seen:
            seen.add((row, column))
            at = positions.get(row)
            value = None if at is None else sheet.value(at, column)
            yield Problem(at, sheet.headers[column], value, rule, message, fix)


def _scan_problems(
    sheet: Sheet, scan: SheetScan, gone: AbstractSet[int], positions: Mapping[int, int]
) -> Iterator[tuple[int, int, str, str, str]]:
    judged, linked = sheet.judged_columns(), set(scan.linked)
    for rule, cells in (("error", scan.errors), ("formula", scan.formulas)):
        for cell in cells:
            row, column = place(cell)
            if column not in judged or row < sheet.header_row or row in gone:
                continue
            is_linked = rule == "formula" and cell in linked
            if not is_linked:
                yield row, column, rule, f"{sheet.where(row, column)} is {_A[rule]}", _FIX[rule]
            elif row in positions and sheet.value(positions[row], column) is None:
                message = f"{sheet.where(row, column)} refers to another workbook, and its last value is missing"
                yield row, column, rule, message, _FIX[rule]


def _find_retyped(sheet: Sheet) -> Iterator[tuple[int, int, str, str, str]]:
    for column, header in sheet.judged_columns().items():
        for position, cell in sheet.cells[column].odd.items():
            became, question = describe(cell)
            message = f"{sheet.where(sheet.numbers[position], column)} is {became}{question if header == NAME else ''}"
            yield sheet.numbers[position], column, "retyped", message, _FIX["retyped"]


def describe(cell: Any) -> tuple[str, str]:
    """Return what a cell has become, and the names it may have been.

    >>> describe(7.0)
    ('the number 7', ': was it "007"?')
    >>> describe(dt.date(2026, 3, 1))
    ('the date 2026-03-01', ': was it "MAR1" or "1MAR"?')
    """
    if isinstance(cell, bool):
        return f"the yes/no value {cell_to_text(cell)}", _suggestion([cell_to_text(cell)])
    if isinstance(cell, int | float):
        digits = cell_to_text(float(cell)) if abs(cell) < 10**17 else f"{cell:.15g}"
        return f"the number {digits}", _suggestion(_numbers(float(cell)))
    if isinstance(cell, dt.date):
        month = _MONTHS[cell.month - 1]
        return f"the date {cell_to_text(cell)}", _suggestion([f"{month}{cell.day}", f"{cell.day}{month}"])
    return f"the time {cell_to_text(cell)}", ""


def _numbers(value: float) -> list[str]:
    """Return what people type that becomes this number: leading zeros, or an E between digits."""
    if value < 0 or not value.is_integer():
        return []
    zeros = [f"{value:03.0f}"] if value < 100 else []  # noqa: PLR2004 - people pad to three digits: 007
    mantissa, _, exponent = f"{value:.14e}".partition("e")
    digits = mantissa.replace(".", "").rstrip("0")
    power = int(exponent) - len(digits) + 1
    exponents = [f"{digits}E{power}"] if digits and power > 1 else []
    return [name for name in zeros + exponents if is_legal(name)]


def _suggestion(candidates: Sequence[str]) -> str:
    quoted = [f'"{candidate}"' for candidate in candidates]
    return f": was it {join_words(quoted, last='or')}?" if quoted else ""
