"""How a message names a row: by its number in the file that it was read from, or else by its position.

Positions count from 0, as in the column `row` of a problems or results frame, but a spreadsheet counts from 1 with the
header: a bare number would send people to the wrong row. A row number of the file is given only if the label and name
prove that the frame's row is still that row, because frames are filtered, sorted and renumbered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames.frames.arguments import recall
from exotel_frames.frames.arrow_columns import alike, is_known, text_mask
from exotel_frames.frames.text_column import TEXT, TextColumn, read_texts
from exotel_frames.text import join_words

SHEET: Final = "of the sheet"
FILE: Final = "of the file"
_LISTED_MAX: Final = 10


class RowNumbers(list[int]):
    """Where in a file a frame's rows come from; pandas copies `attrs` at every step, and this costs nothing.

    `names` (a pyarrow array) are the rows' names as they were read, `place` says which file's rows are counted.
    """

    def __init__(self, numbers: Iterable[int] = (), names: Any = None, place: str = SHEET) -> None:
        super().__init__(numbers)
        self.names = pa.nulls(len(self), TEXT) if names is None else names
        self.place = place

    def __deepcopy__(self, memo: Any) -> RowNumbers:
        return self


@dataclass(frozen=True)
class RowNames:
    """What the rows of a frame are called; `numbers` has -1 where only the position is known."""

    numbers: NDArray[np.int64]
    place: str = SHEET

    def one(self, row: int) -> str:
        """Return one row's name.

        >>> RowNames(np.array([2, -1])).one(0), RowNames(np.array([2, -1])).one(1)
        ('row 2 of the sheet', 'row 1, counted from 0')
        """
        number = self.number(row)
        return f"row {number:,} {self.place}" if number > 0 else f"row {row:,}, counted from 0"

    def several(self, rows: Sequence[int]) -> str:
        """Return the names of some rows, without the word; one way of counting for all of them.

        >>> RowNames(np.array([2, 3, -1])).several([0, 1]), RowNames(np.array([2, 3, -1])).several([0, 2])
        ('2 and 3 of the sheet', '0 and 2, counted from 0')
        """
        first = rows[:_LISTED_MAX]
        numbers = [self.number(row) for row in first]
        known = min(numbers, default=-1) > 0
        listed = join_words([f"{number:,}" for number in (numbers if known else first)], len(rows))
        return f"{listed} {self.place}" if known else f"{listed}, counted from 0"

    def attrs(self) -> dict[str, Any]:
        """Return what a frame about these rows keeps in its `attrs`; nothing where no number is known."""
        if not (self.numbers > 0).any():
            return {}
        return {"exotel_frames": {FILE_ROWS: RowNumbers(self.numbers.tolist(), place=self.place)}}

    def number(self, row: int) -> int:
        """Return a row's number in its file, or -1."""
        return int(self.numbers[row]) if row < len(self.numbers) else -1


FILE_ROWS: Final = "file_rows"
"""Where a frame about another frame's rows keeps their numbers in the file, by position."""
_NUMBERS: Final = ("row_numbers", FILE_ROWS)


def file_row(frame: pd.DataFrame, row: int) -> int | None:
    """Return the number that a row has in the file it was read from, as the frame remembers it.

    >>> file_row(pd.DataFrame(), 0) is None
    True
    """
    numbers = recall(frame).get(FILE_ROWS)
    if not isinstance(numbers, RowNumbers) or not 0 <= row < len(numbers):
        return None
    return numbers[row] if numbers[row] > 0 else None


def without_file_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose column `row` has the numbers of the file already: nothing maps them a second time.

    >>> frame = pd.DataFrame({"row": [2]})
    >>> frame.attrs["exotel_frames"] = {"file_rows": RowNumbers([2, 3, 4])}
    >>> file_row(frame, 2), file_row(without_file_rows(frame), 2)
    (4, None)
    """
    about = {key: value for key, value in recall(frame).items() if key != FILE_ROWS}
    told = frame.copy(deep=False)
    told.attrs = {**frame.attrs, "exotel_frames": about}
    return told


def without_bare_numbers(frame: pd.DataFrame) -> dict[Any, Any]:
    """Return a frame's attrs without what a parquet file leaves of row numbers: a list that proves nothing.

    pandas copies `attrs` at every step, a plain list number by number: 100,000 of them cost 10 seconds of an apply.

    >>> frame = pd.DataFrame()
    >>> frame.attrs["exotel_frames"] = {"row_numbers": [2], "origin": {}}
    >>> without_bare_numbers(frame)
    {'exotel_frames': {'origin': {}}}
    """
    about = recall(frame)
    bare = [key for key in _NUMBERS if type(about.get(key)) is list]
    return frame.attrs | ({"exotel_frames": {key: about[key] for key in about if key not in bare}} if bare else {})


NO_NUMBERS: Final = RowNames(np.empty(0, dtype=np.int64))
"""Rows of which nothing but the position is known."""


def row_names(names: TextColumn) -> RowNames:
    """Return what the rows of a column of names are called.

    >>> from exotel_frames.workbooks import read_workbook
    >>> frame = read_workbook("sample_data/new_subscribers.xlsx")
    >>> row_names(read_texts(frame.loc[5:, "subscriber_name"])).one(0)
    'row 7 of the sheet'
    >>> row_names(read_texts(frame.loc[5:, "subscriber_name"].reset_index(drop=True))).one(0)
    'row 0, counted from 0'
    """
    known = recall(names.column).get("row_numbers")
    if not isinstance(known, RowNumbers):
        return NO_NUMBERS
    labels = labels_of(names.column.index, len(known))
    now = names.arrow
    if labels is None or not labels_still_match(now, known.names, labels):
        return NO_NUMBERS
    numbers = np.asarray(known, dtype=np.int64)[labels]
    return RowNames(np.where(alike(now, known.names.take(labels)), numbers, -1), known.place)


def about_rows(column: pd.Series[Any], results: pd.DataFrame) -> pd.DataFrame:
    """Return a frame that has one row for each row of a column of names, and remembers their numbers in the file.

    >>> about_rows(pd.Series(["bob"]), pd.DataFrame({"row": [0]})).attrs
    {}
    """
    for key, known in row_names(read_texts(column)).attrs().items():
        results.attrs[key] = recall(results) | known
    return results


def carry_numbers(column: pd.Series[Any], plan: pd.DataFrame) -> None:
    """Let a plan remember the file rows of a column of names (the plan's first rows), or that they are not known."""
    known, kept = row_names(read_texts(column)), recall(plan)
    about = {key: value for key, value in kept.items() if key != "row_numbers"}
    if (known.numbers > 0).any():
        numbers = [*known.numbers.tolist(), *[-1] * (len(plan) - len(column))]
        about["row_numbers"] = RowNumbers(numbers, read_texts(plan[column.name]).arrow, known.place)
    if kept or about:
        plan.attrs["exotel_frames"] = about


def labels_of(index: pd.Index[Any], rows: int) -> NDArray[np.int64] | None:
    """Return an index's labels when each can be the position of one of so many rows, else None.

    >>> labels_of(pd.RangeIndex(2), 2), labels_of(pd.Index(["x"]), 2), labels_of(pd.Index([2]), 2)
    (array([0, 1]), None, None)
    """
    if not pd.api.types.is_integer_dtype(index.dtype) or index.hasnans or not len(index):
        return None
    labels = index.to_numpy(dtype=np.int64)
    return labels if labels.min() >= 0 and labels.max() < rows else None


def labels_still_match(now: Any, then: Any, labels: NDArray[np.int64]) -> bool:
    """Tell whether labels still say which row is which: some name stands under its label, and none under another's.

    >>> then = pa.array(["a", "b", None], TEXT)
    >>> labels_still_match(pa.array(["b", "B!"], TEXT), then, np.array([1, 0]))
    True
    >>> labels_still_match(then[1:], then, np.array([0, 1]))
    False
    """
    same = alike(now, then.take(labels)) & is_known(now)
    elsewhere = text_mask(pc.is_in(now, value_set=then.drop_null())) & ~same
    return bool(same.any() and not elsewhere.any())
