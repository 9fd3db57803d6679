"""Rows that asked for something else than what was done: another copy's wish or the analyst's decision prevailed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.frames.text_column import read_texts
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import current_state
from exotel_frames.schema import NAME
from exotel_frames.text import escape_text, join_words, quote_value
from exotel_frames.workbooks.addresses import ACTION
from exotel_frames.workbooks.base import Base

_MESSAGE_MAX = 2_000


def not_taken(
    sheet: pd.DataFrame, base: Base | None, results: pd.DataFrame, verdicts: Mapping[int, tuple[int, str, str]]
) -> dict[int, tuple[str, str]]:
    """Return the word of each row by its number in Excel, with what of the row's own wish was not done.

    `verdicts` has the position of each row's result, its outcome and its message.
    """
    texts = {number: (outcome, message) for number, (_, outcome, message) in verdicts.items()}
    if base is None or not verdicts:
        return texts
    numbers = sheet.attrs["exotel_frames"]["row_numbers"]
    place = {number: at for at, number in enumerate(numbers) if number in verdicts}
    rows = sheet.iloc[list(place.values())].reset_index(drop=True)
    found = results.iloc[[verdicts[number][0] for number in place]].reset_index(drop=True)
    left = _left_open(rows, base.frame, found)
    for at, number in enumerate(place):
        if left[at]:
            outcome, message = texts[number]
            whole = f"{message}. Not done of this row: {join_words(left[at])}"
            texts[number] = (outcome, escape_text(whole, _MESSAGE_MAX))
    return texts


def _left_open(rows: pd.DataFrame, base: pd.DataFrame, results: pd.DataFrame) -> list[list[str]]:
    """Return what each row asked for and its successful result does not show."""
    before = current_state(rows[NAME], base)
    gone = (results["outcome"] == "done") & (results["action"] == "delete")
    settled = results["outcome"].isin(SUCCESSES) & results[schema.FIELDS[0]].notna() & (results["action"] != "delete")
    left: list[list[str]] = [[] for _ in range(len(rows))]
    deletes = texts(rows[ACTION]) == "delete" if ACTION in rows else pd.Series(data=False, index=rows.index)
    for at in np.flatnonzero(settled & deletes & before["known"]).tolist():
        left[at].append("delete")
    for field in (field for field in schema.MUTABLE if field.name in rows and field.name in base):
        cells = pd.Series(read_texts(rows[field.name]).arrow.to_pandas())
        is_wish = cells.notna() & ~same(blank_to_missing(cells), blank_to_missing(before[field.name])) & ~deletes
        live = blank_to_missing(results[field.name])
        open_now = ~same(blank_to_missing(cells).str.strip(), live.str.strip())
        for at in np.flatnonzero(before["known"] & is_wish & (gone | (settled & open_now))).tolist():
            left[at].append(f"{field.name} {quote_value(cells[at])}")
    return left
