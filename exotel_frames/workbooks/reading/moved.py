"""Detects a column sorted, pasted or shifted without the others, so that names are beside other names' cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.compare import texts
from exotel_frames.frames.convert import problems_frame
from exotel_frames.frames.dtypes import parse_dates
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value

_DATES: Final = ("date_created", "date_updated")
_SAME_MIN: Final = 0.9
"""So many of the differing cells must be cells of other names: what people type is something new."""
_DATES_MIN: Final = 2
"""Nobody edits dates: two that changed places are names that changed places."""
_MANY: Final = 5
"""So many different values in so many rows don't change places by chance, nor on purpose."""
_FEW_MIN: Final = 6
"""So many rows of a few values (a status, a team) must have changed places, and the column be in order besides."""
_LISTED_MAX: Final = 3
_WAY_ON: Final = (
    "Undo that in the workbook, or write the workbook again and copy your changes over. If every row is correct "
    "as it is: "
    "plan_workbook(client, path, allow_moved=True), in a terminal --allow-moved"
)


@dataclass(frozen=True)
class Moved:
    """A column whose cells stand beside other names than before: the rows, what is there, and what was there."""

    column: str
    rows: Sequence[int]
    now: Sequence[str]
    was: Sequence[str]
    elsewhere: int
    """How many of the cells belong to other names."""
    known: int
    """How many names of the sheet are known."""

    def sentence(self) -> str:
        """Say what was found, with the numbers."""
        return (
            f"{pluralize(len(self.rows), 'row')} of {self.known:,} have another {self.column} than the one written "
            f"beside their name, and {self.elsewhere:,} of these are the {self.column} of other names"
        )


def find_moved(sheet: pd.DataFrame, known: pd.DataFrame, *, in_order: bool) -> list[Moved]:
    """Return the columns of a sheet whose cells changed places among the names; nothing else is told.

    `known` is what was written beside each name; `in_order`: in the order in which it was written.

    >>> known = pd.DataFrame({"subscriber_name": ["a", "b"], "date_created": ["2026-01-01", "2026-02-02"]})
    >>> sheet = known.assign(subscriber_name=["b", "a"])
    >>> [moved.sentence() for moved in find_moved(sheet, known, in_order=True)]
    ['2 rows of 2 have another date_created than the one written beside their name, and 2 of these are the date_created
    of \
other names']
    """
    names = read_texts(sheet[NAME]).arrow
    where = np.asarray(pc.index_in(names, value_set=read_texts(known[NAME]).arrow, skip_nulls=True).fill_null(-1))
    once = ~pd.Series(where).duplicated(keep=False).to_numpy()
    rows = np.flatnonzero((where >= 0) & once)
    places = where[rows]
    return [
        moved
        for column in (*_DATES, *schema.FIELDS)
        if column in sheet and column in known
        for moved in _find_moved_column(
            column, sheet[column].iloc[rows], known[column], rows, places, in_order=in_order
        )
    ]


def _find_moved_column(
    column: str, cells: pd.Series[Any], before: pd.Series[Any], rows: Any, places: Any, *, in_order: bool
) -> Iterator[Moved]:
    is_date = column in _DATES
    now, all_before = _plain(cells, is_date=is_date), _plain(before, is_date=is_date)
    was = all_before[places]
    differs = now != was
    if is_date:
        differs &= (now != "") & (was != "")
    found = np.flatnonzero(differs)
    if len(found) < _DATES_MIN:
        return
    counts = Counter(now[found].tolist())
    elsewhere = (counts & Counter(was[found].tolist())).total()
    if elsewhere < _SAME_MIN * len(found):
        return
    many = len(found) >= _MANY <= len(counts)
    written = all_before[np.sort(places)] if in_order else was
    if is_date or many or (len(found) >= _FEW_MIN and _is_arranged(now, was, written)):
        here, there = (_cells_to_read(cells[found].tolist(), is_date=is_date) for cells in (now, was))
        yield Moved(column, rows[found].tolist(), here, there, elsewhere, len(rows))


def _plain(column: pd.Series[Any], *, is_date: bool) -> Any:
    """Return cells as comparable texts, empty where there is none; a moment is one however it is written."""
    if not is_date:
        return texts(column).fillna("").to_numpy(dtype=object)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        moments = pa.array(column, pa.timestamp("us", "UTC"), from_pandas=True)
    else:
        moments = parse_dates(read_texts(column).arrow)
    return moments.cast(pa.int64()).cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)


def _cells_to_read(cells: list[str], *, is_date: bool) -> list[str]:
    """Return cells as people read them: moments were compared as numbers."""
    return [pd.Timestamp(int(cell), unit="us", tz="UTC").isoformat() for cell in cells] if is_date else cells


def _is_arranged(now: Any, was: Any, written: Any) -> bool:
    """Tell whether a column is in order by itself, stayed as it was written, or is one row off."""
    in_order = [*now] in (sorted(now), sorted(now, reverse=True)) and [*was] not in (sorted(was), sorted(was)[::-1])
    shifted = min(np.mean(now[1:] != was[:-1]), np.mean(now[:-1] != was[1:])) <= 1 - _SAME_MIN
    return bool(in_order or shifted or np.array_equal(now, written))


def moved_note(sheet: pd.DataFrame, known: pd.DataFrame) -> tuple[str, ...]:
    """Return what a reader of a workbook is told: nothing is planned from it without a word."""
    found = find_moved(sheet, known, in_order=True)
    return (f"a column seems to have been sorted or moved without the others: {found[0].sentence()}",) if found else ()


def refuse_moved(file: str, sheet: pd.DataFrame, known: pd.DataFrame, *, in_order: bool) -> None:
    """Raise one `WorkbookError` where cells changed places among the names, with the rows in its `.problems`."""
    found = find_moved(sheet, known, in_order=in_order)
    if not found:
        return
    numbers = sheet.attrs["exotel_frames"]["row_numbers"]
    names = texts(sheet[NAME]).fillna("").tolist()
    problems = [
        (row, moved.column, cell, "moved", f"{where} has the value of another name", was)
        for moved in found
        for row, cell, was in zip(moved.rows, moved.now, moved.was, strict=True)
        for where in [f"row {numbers[row]} ({quote_value(names[row])})"]
    ]
    first = found[0].rows[:_LISTED_MAX]
    listed = join_words([f"{quote_value(names[row])} in row {numbers[row]}" for row in first], len(found[0].rows))
    raise WorkbookError(
        f"{file} can't be planned: a column was sorted or moved without the others. "
        f"{'; '.join(moved.sentence() for moved in found)} ({listed}). {_WAY_ON}.",
        problems_frame(problems),
    )
