"""Matches the rows of a sheet to those of the hidden copy, and says what was changed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import msgspec

from exotel_frames.schema import NAME
from exotel_frames.text import quote_value
from exotel_frames.validation import Problem
from exotel_frames.workbooks.addresses import address, cell_to_text
from exotel_frames.workbooks.pages.hidden_copy import Column, HiddenCopy, parse_cell
from exotel_frames.workbooks.pages.layout import written_cells
from exotel_frames.workbooks.problems import workbook_error
from exotel_frames.workbooks.reading.restored import written_alike
from exotel_frames.workbooks.writing.fast_rows import CellType

_KEYS: Final[Mapping[str, str]] = {
    "results": "row",
    "plan": NAME,
    "changes": NAME,
    "subscribers": NAME,
    "runs": "run_id",
    "check": "assumption",
}
"""What tells the rows of a page apart, where it is there once."""
_DIGITS: Final = 12
"""So many digits of a number are the same in every program."""
_PLAIN: Final = 1_000
_FLAGS: Final = {"TRUE": "1", "FALSE": "0", "True": "1", "False": "0"}


@dataclass(frozen=True)
class SheetRows:
    """A sheet below its header: the columns' places (from 0) by header, the rows, and their numbers in the file."""

    places: Mapping[str, int]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]

    def cells(self, header: str) -> list[Any]:
        """Return a column."""
        at = self.places[header]
        return [row[at] for row in self.rows]


@dataclass(frozen=True)
class Matched:
    """The rows of a page as they are now: which row of the sheet each is, and which of the hidden copy (-1: none).

    `changed` has the columns that were changed, by row of the sheet. A remark, with one cell of ours, is no row.
    """

    rows: Sequence[int]
    positions: Sequence[int]
    changed: Mapping[int, Sequence[str]]


def match_rows(copy: HiddenCopy, seen: SheetRows) -> Matched:
    """Find the rows of a sheet in its hidden copy: by all that they say, else by what tells them apart."""
    frame = copy.frame()
    names = [column.name for column in copy.columns if column.name in seen.places]
    then = {name: written_cells(frame[name]) for name in names}
    written = list(zip(*(_normalize(cells, kind) for cells, kind in then.values()), strict=True))
    now = list(zip(*(_normalize(seen.cells(name), kind) for name, (_, kind) in then.items()), strict=True))
    if now == [row for row in written if any(row)]:  # a row without any cell can't be seen
        number = iter(range(len(now)))
        return Matched([next(number) if any(row) else -1 for row in written], range(len(written)), {})
    found = _by_content(written, now)
    keyed = _by_key(copy.kind, names, written, now, found)
    places = {row: keyed.get(row, -1) if at < 0 else at for row, at in enumerate(found)}
    places = {row: at for row, at in places.items() if at >= 0 or sum(map(bool, now[row])) > 1 or len(names) == 1}
    changed = {row: at for row, at in places.items() if found[row] < 0}
    return Matched(
        list(places),
        list(places.values()),
        {row: _differences(names, written[at] if at >= 0 else (), now[row]) for row, at in changed.items()},
    )


def _by_content(written: Sequence[tuple[str, ...]], now: Sequence[tuple[str, ...]]) -> list[int]:
    places: dict[tuple[str, ...], deque[int]] = defaultdict(deque)
    for at, row in enumerate(written):
        places[row].append(at)
    return [places[row].popleft() if places.get(row) else -1 for row in now]


def _differences(names: Sequence[str], was: Sequence[str], now: Sequence[str]) -> list[str]:
    return [name for name, then, cell in zip(names, was, now, strict=True) if then != cell] if was else list(names)


def _by_key(
    kind: str,
    names: Sequence[str],
    written: Sequence[tuple[str, ...]],
    now: Sequence[tuple[str, ...]],
    found: Sequence[int],
) -> dict[int, int]:
    """Return the places of changed rows that are told by their key, which must be there once on both sides."""
    key = _KEYS.get(kind)
    if key not in names:
        return {}
    at = names.index(key)
    used = set(found)
    left = _once((row[at], place) for place, row in enumerate(written) if place not in used)
    open_rows = _once((now[row][at], row) for row, place in enumerate(found) if place < 0)
    return {row: left[value] for value, row in open_rows.items() if value and value in left}


def _once(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, list[int]] = defaultdict(list)
    for value, place in pairs:
        found[value].append(place)
    return {value: places[0] for value, places in found.items() if len(places) == 1}


def _normalize(cells: Sequence[Any], kind: CellType) -> list[str]:
    """Return a column's cells so that what any program saves again compares as equal."""
    normal: Callable[[Any], str] = {"number": _number, "flag": _flag}.get(kind, _text)
    return ["" if cell is None or cell == "" else normal(cell) for cell in cells]


def _text(cell: Any) -> str:
    text = cell if isinstance(cell, str) else cell_to_text(cell)
    return text if text.isalnum() and len(text) < _PLAIN else written_alike(text)


def _number(cell: Any) -> str:
    try:
        return f"{float(cell):.{_DIGITS}g}"
    except (TypeError, ValueError):
        return cell_to_text(cell)


def _flag(cell: Any) -> str:
    if isinstance(cell, bool | float | int):
        return str(int(cell)) if cell in (0, 1) else cell_to_text(cell)
    return _FLAGS.get(str(cell).strip(), str(cell))


def put_together(copy: HiddenCopy, seen: SheetRows, rows: Matched, sheet: str, file: str) -> HiddenCopy:
    """Return the copy as the sheet has it now. Errors: one `WorkbookError` for cells that do not fit their column."""
    known = {column.name for column in copy.columns}
    here = [column for column in copy.columns if column.name in seen.places]
    problems: list[Problem] = []
    ours = [_column(column, seen, rows, sheet, problems) for column in here]
    if problems:
        raise workbook_error(f"{file} can't be read back", problems)
    theirs = [Column(name, "str", _their_cells(seen, name, rows)) for name in seen.places if name not in known]
    return msgspec.structs.replace(copy, columns=(*ours, *theirs), index=_index(copy, rows.positions))


def _column(column: Column, seen: SheetRows, rows: Matched, sheet: str, problems: list[Problem]) -> Column:
    """Return a column's cells: the copy's where the sheet still says the same, else the sheet's."""
    cells = []
    for row, position in zip(rows.rows, rows.positions, strict=True):
        if position >= 0 and column.name not in rows.changed.get(row, ()):
            cells.append(column.cells[position])
            continue
        cell = seen.rows[row][seen.places[column.name]]
        try:
            cells.append(parse_cell(cell, column.dtype))
        except ValueError as why:
            where = f"{sheet}!{address(seen.numbers[row], seen.places[column.name] + 1)}"
            message = f"{where} ({column.name}) says {quote_value(cell_to_text(cell))}, {why}"
            problems.append(Problem(row, column.name, cell_to_text(cell), "retyped", message, "Put it back as it was."))
            cells.append(None)
    return Column(column.name, column.dtype, cells)


def _their_cells(seen: SheetRows, name: str, rows: Matched) -> list[str | None]:
    """Return the cells of a column that people added."""
    cells = seen.cells(name)
    return [None if row < 0 or cells[row] == "" else cell_to_text(cells[row]) for row in rows.rows]


def _index(copy: HiddenCopy, positions: Sequence[int]) -> Column | None:
    """Return the labels of the rows; one that was added gets the next number, or none where labels are no numbers."""
    if list(positions) == list(range(copy.rows)):
        return copy.index
    was = copy.index or Column("", "int64", list(range(copy.rows)))
    is_number = was.dtype.lower().startswith("int")
    free = count(max((label for label in was.cells if label is not None), default=-1) + 1 if is_number else 0)
    labels = [was.cells[at] if at >= 0 else next(free) if is_number else None for at in positions]
    return Column(was.name, was.dtype, labels)
