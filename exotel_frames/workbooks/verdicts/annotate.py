"""Two columns of ours in somebody's workbook; everything else in it is compared with what was there before.

openpyxl keeps most of a file, and changes some texts (it reads `_x005F_` away, writes a carriage return as a line
break, and drops blanks that stand alone). So texts are put back as they were, and the new file is read again before it
may replace the old one.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName

from exotel_frames.errors import WorkbookError
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.text import join_words
from exotel_frames.workbooks.addresses import NAME, address
from exotel_frames.workbooks.preflight.check import Inspected, inspect_bytes
from exotel_frames.workbooks.reading.rows import sheet_rows

_HEADERS: Final = ("outcome", "message")
_WIDTHS: Final = (13, 60)
_MARK: Final = "exotel_frames_verdicts"
_OTHERS: Final = "other verdicts"
_OTHERS_HEADER: Final = ("name (not in the sheet)", "action", *_HEADERS)
_AREA: Final = re.compile(r"\$([A-Z]+)\$[0-9]+:\$[A-Z]+\$[0-9]+$")
_MANGLED: Final = re.compile(r"\r|_x[0-9A-Fa-f]{4}_|x005F_|\A[ \t\n]+\Z")
_ESCAPE: Final = re.compile(r"\r|_(?=x[0-9A-Fa-f]{4}_)|\A[ \t\n](?=[ \t\n]*\Z)")
_FILLS: Final = {str(outcome): info.fill for outcome, info in OUTCOME_INFO.items()}
_LOST: Final = {
    "xl/threadedComments/": "threaded comments",
    "xl/media/": "pictures",
    "xl/charts/": "charts",
    "xl/slicers/": "slicers",
    "xl/timelines/": "timelines",
    "xl/ctrlProps/": "form controls",
    "xl/activeX/": "controls",
    "xl/embeddings/": "embedded documents",
    "xl/diagrams/": "diagrams",
    "xl/queryTables/": "queries",
    "xl/model/": "a data model",
}


@dataclass(frozen=True)
class Annotations:
    """What to write: outcome and message by the row's number in Excel, and lines for a sheet of their own."""

    rows: Mapping[int, tuple[str, str]]
    others: Sequence[tuple[str, str, str, str]]


def annotate(inspected: Inspected, sheet: str, marks: Annotations, *, keep_all: bool) -> bytes:
    """Return the workbook's bytes with the marks in it; with `keep_all`, refuse when anything in it would be lost."""
    book = _loaded(inspected, keep_all=keep_all)
    sheets = [name for name in inspected.sheets if name != _OTHERS]
    for name in sheets:
        _put_back(book[name], sheet_rows(inspected, name))
    first = _write_beside(book, book[sheet], marks.rows)
    _write_others(book, marks.others)
    made = io.BytesIO()
    book.save(made)
    del book  # openpyxl's cells take the most room of all
    new = made.getvalue()
    _check_kept(inspected, sheets, new, {(sheet, first), (sheet, first + 1)})
    return new


def _loaded(inspected: Inspected, *, keep_all: bool) -> Any:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        book = openpyxl.load_workbook(io.BytesIO(inspected.data), rich_text=True)
    lost = {what for mark, what in _LOST.items() if any(mark in part for part in inspected.parts)}
    lost |= {str(each.message).partition(" extension")[0] for each in said if "will be removed" in str(each.message)}
    if lost and keep_all:
        raise WorkbookError(
            f"{inspected.path.name} has {join_words(sorted(lost))}, which would be lost: write the verdicts to a copy, "
            f"out='{inspected.path.stem} verdicts.xlsx', and keep the original."
        )
    return book


def _put_back(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    for row, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            if isinstance(text, str) and _MANGLED.search(text):
                cell = sheet.cell(row, column)
                if cell.data_type != "f":
                    _put(cell, text)


def _put(cell: Any, text: str) -> None:
    cell.value = _ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    cell.data_type = "s"  # a text that begins with = stays one


def _write_beside(book: Any, sheet: Any, marks: Mapping[int, tuple[str, str]]) -> int:
    header_row = next(row for row in range(1, sheet.max_row + 1) if any(cell.value == NAME for cell in sheet[row]))
    first = _own_columns(book, sheet, header_row)
    if first is None:
        first = 1 + max(cell.column for row in sheet.iter_rows() for cell in row if cell.value is not None)
    _write_header(book, sheet, header_row, first)
    looks: dict[str, Any] = {}
    for row in range(header_row + 1, sheet.max_row + 1):
        for at in range(len(_HEADERS)):
            if row in marks or sheet.cell(row, first + at).value is not None:
                _mark(sheet.cell(row, first + at), marks.get(row, ("", ""))[at], looks, is_outcome=at == 0)
    return first


def _own_columns(book: Any, sheet: Any, header_row: int) -> int | None:
    """Return where an earlier call wrote, if its columns are still there."""
    mark = book.defined_names.get(_MARK)
    area = _AREA.search(mark.attr_text or "") if mark else None
    if not area:
        return None
    first = column_index_from_string(area[1])
    headers = [str(sheet.cell(header_row, first + at).value) for at in range(len(_HEADERS))]
    return first if all(header.startswith(own) for header, own in zip(headers, _HEADERS, strict=True)) else None


def _write_header(book: Any, sheet: Any, row: int, first: int) -> None:
    others = [cell for cell in sheet[row] if cell.column not in {first, first + 1} and cell.value is not None]
    taken = {cell.value for cell in others}
    for at, (header, width) in enumerate(zip(_HEADERS, _WIDTHS, strict=True)):
        free = [text for text in (header, *(f"{header} {n}" for n in range(2, len(taken) + 3))) if text not in taken]
        cell = sheet.cell(row, first + at)
        cell.value = free[0]
        cell._style = copy(others[-1]._style)  # noqa: SLF001 - openpyxl's own way to copy a cell's look
        _set_width(sheet, first + at, width)
    last = get_column_letter(first + 1)
    area = f"{quote_sheetname(sheet.title)}!${get_column_letter(first)}${row}:${last}${row}"
    book.defined_names[_MARK] = DefinedName(_MARK, attr_text=area, hidden=True)
    if sheet.auto_filter.ref:
        begin = sheet.auto_filter.ref.partition(":")[0]
        sheet.auto_filter.ref = f"{begin}:{last}{max(sheet.max_row, row + 1)}"


def _set_width(sheet: Any, column: int, width: int) -> None:
    """Set one column's width; a group of columns around it is parted: Excel calls overlaps a damaged file."""
    groups = sheet.column_dimensions
    for group in list(groups.values()):
        group.reindex()
        if group.min <= column < group.max:
            rest = copy(group)
            rest.index, rest.min, rest.max = get_column_letter(column + 1), column + 1, group.max
            groups[rest.index] = rest
        if group.min < column <= group.max:
            group.max = column - 1
    own = groups[get_column_letter(column)]
    own.min = own.max = column
    own.width = width


def _mark(cell: Any, text: str, looks: dict[str, Any], *, is_outcome: bool = False) -> None:
    """Fill a cell; `looks` keeps how each colour's cells look, for a style that is set anew costs 20 times a copy."""
    colour = _FILLS.get(text, "") if is_outcome else ""
    if colour not in looks:
        cell.font = Font()
        cell.border = Border()
        cell.fill = PatternFill("solid", fgColor=colour) if colour else PatternFill()
        cell.alignment = Alignment(horizontal="left", vertical="center", indent=1)
        cell.number_format = "@"
        looks[colour] = cell._style  # noqa: SLF001 - openpyxl's own way to copy a cell's look
    cell._style = copy(looks[colour])  # noqa: SLF001 - the same
    cell.value = None
    if text:
        _put(cell, text)


def _write_others(book: Any, lines: Sequence[tuple[str, str, str, str]]) -> None:
    if _OTHERS in book.sheetnames and book[_OTHERS]["A1"].value == _OTHERS_HEADER[0]:
        del book[_OTHERS]
    if not lines:
        return
    sheet = book.create_sheet(_OTHERS)
    looks: dict[str, Any] = {}
    for row, texts in enumerate([_OTHERS_HEADER, *lines], start=1):
        for at, text in enumerate(texts, start=1):
            _mark(sheet.cell(row, at), text, looks, is_outcome=at == len(texts) - 1)
            sheet.cell(row, at).font = Font(bold=row == 1)
    for at, width in enumerate((26, 12, *_WIDTHS), start=1):
        _set_width(sheet, at, width)


def _check_kept(inspected: Inspected, sheets: Sequence[str], new: bytes, ours: set[tuple[str, int]]) -> None:
    """Refuse a new file in which any cell but ours holds something else than before."""
    changed: list[str] = []
    after = inspect_bytes(inspected.path, new)
    for name in sheets:
        computed = set(inspected.sheets[name].formulas)  # Excel computes their results when it opens the file
        for row, column in _different(sheet_rows(inspected, name), sheet_rows(after, name)):
            if (name, column) not in ours and address(row, column) not in computed:
                changed.append(f"{name}!{address(row, column)}")
    if changed:
        cells = join_words(changed[:5], len(changed))
        raise WorkbookError(f"{inspected.path.name} is as it was: writing the verdicts would have changed {cells}.")


def _different(before: Iterable[Sequence[Any]], after: Iterable[Sequence[Any]]) -> Iterator[tuple[int, int]]:
    """Yield the places of the cells that are not the same; rows and cells that aren't there are empty ones."""
    for row, (was, now) in enumerate(zip_longest(before, after, fillvalue=()), start=1):
        if was != now:
            cells = enumerate(zip_longest(was, now, fillvalue=""), start=1)
            yield from ((row, column) for column, (old, new) in cells if old != new)
