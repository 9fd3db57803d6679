"""Matches results to the rows of a sheet, with proof or not at all: no verdict may ever be beside the wrong row."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.row_numbers import RowNumbers, labels_of, labels_still_match
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_names, quote_value
from exotel_frames.validation import is_legal

_LISTED_MAX: Final = 5
_MENDED: Final = 0.7  # so much of the letters is the same when a name was mended
_WAY_ON: Final = (
    " A name that was changed after reading can't be found: write it into the sheet as it was sent, or leave its "
    "result out. If the run was for several workbooks, pass all of them."
)


def match_rows(
    file: str, numbers: RowNumbers, results: pd.DataFrame, verdicts: Sequence[tuple[str, str]]
) -> tuple[dict[int, int], list[int]]:
    """Return the position of each row's result, by the row's number in Excel, and the deletes whose row was removed.

    `verdicts` is what each result says: where it is the same, a name's result may stand beside any row of that name.
    Errors: one `WorkbookError` about all results whose row can't be found.
    """
    now, then = read_texts(results[NAME]).arrow, numbers.names
    names, rows = now.to_pylist(), then.to_pylist()
    labels = _labels(results, now, then)
    paired = _by_label(labels, names, rows) if labels is not None else _by_name(names, rows, verdicts)
    deletes, sheet_names = (results["action"] == "delete").tolist(), set(rows)
    left = [at for at in range(len(names)) if at not in paired]
    removed = [at for at in left if deletes[at] and names[at] not in sheet_names]
    if lost := [at for at in left if not (deletes[at] and names[at] not in sheet_names)]:
        problems = "; ".join(_problems([names[at] for at in lost], names, rows, numbers))
        way_on = _WAY_ON if any(names[at] not in sheet_names for at in lost) else ""
        raise WorkbookError(f"{file} and the results don't belong together: {problems}. Nothing was written.{way_on}")
    return {numbers[row]: at for at, row in paired.items()}, removed


def _labels(results: pd.DataFrame, now: Any, then: Any) -> NDArray[np.int64] | None:
    """Return each result's place among the sheet's rows, where the index or the column `row` proves to be that."""
    for index in (results.index, pd.Index(results["row"])):
        labels = labels_of(index, len(then)) if index.is_unique else None
        if labels is not None and labels_still_match(now, then, labels):
            return labels
    return None


def _by_label(labels: NDArray[np.int64], names: Sequence[str | None], rows: Sequence[str | None]) -> dict[int, int]:
    places = list(enumerate(labels.tolist()))
    return {at: row for at, row in places if names[at] == rows[row] or _is_mended(rows[row], names[at])}


def _is_mended(before: str | None, after: str | None) -> bool:
    """Tell whether a name is what an illegal one was made into: another legal name is another subscriber."""
    if not before or not after or is_legal(before):
        return False
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKD", before))).casefold()
    return SequenceMatcher(None, plain, after.casefold()).ratio() >= _MENDED


def _by_name(
    names: Sequence[str | None], rows: Sequence[str | None], verdicts: Sequence[tuple[str, str]]
) -> dict[int, int]:
    """Pair a name's results with its rows; where there are several, only if it does not matter which is which."""
    places, found = _positions(rows), _positions(names)
    return {
        at: row
        for name, here in found.items()
        if len(here) == len(places.get(name, ())) and len({verdicts[at] for at in here}) == 1
        for at, row in zip(here, places[name], strict=True)
    }


def _positions(names: Sequence[str | None]) -> dict[str | None, list[int]]:
    places: dict[str | None, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        places[name].append(at)
    return places


def _problems(
    lost: Sequence[str | None], names: Sequence[str | None], rows: Sequence[str | None], numbers: Sequence[int]
) -> Iterator[str]:
    places, found = _positions(rows), _positions(names)
    strange = [name for name in lost if name not in places]
    if strange:
        have = "has" if len(strange) == 1 else "have"
        yield f"{pluralize(len(strange), 'result')} {have} no row in the sheet ({quote_names(strange)})"
    for name in [name for name in dict.fromkeys(lost) if name in places][:_LISTED_MAX]:
        yield _unclear(name, [numbers[row] for row in places[name]], len(found[name]))


def _unclear(name: str | None, rows: Sequence[int], results: int) -> str:
    where = join_words([str(row) for row in rows[:_LISTED_MAX]], len(rows))
    return f"{quote_value(name)} is in {pluralize(len(rows), 'row')} ({where}) and has {pluralize(results, 'result')}"
