"""Rows whose wish was not applied, because another copy's wish or the analyst's decision prevailed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import without_attrs
from exotel_frames.frames.arrow_columns import alike, as_texts, blank_to_null, is_known, is_text
from exotel_frames.frames.text_column import read_texts
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import state_of
from exotel_frames.schema import NAME
from exotel_frames.text import escape_text, join_words, quote_value
from exotel_frames.workbooks.addresses import ACTION
from exotel_frames.workbooks.base import Base

_MESSAGE_MAX = 2_000
_OF_RESULTS = ("action", "outcome", *schema.FIELDS)


def with_overruled(
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
    left = _find_not_done(rows, base.frame, found)
    for at, number in enumerate(place):
        if left[at]:
            outcome, message = texts[number]
            whole = f"{message}. Not done for this row: {join_words(left[at])}"
            texts[number] = (outcome, escape_text(whole, _MESSAGE_MAX))
    return texts


def _find_not_done(rows: pd.DataFrame, base: pd.DataFrame, results: pd.DataFrame) -> list[list[str]]:
    """Return what each row asked for and its successful result does not show."""
    rows, texts = without_attrs(rows), {name: read_texts(results[name]).arrow for name in _OF_RESULTS}
    before, did_delete = state_of(read_texts(rows[NAME]).arrow, base), is_text(texts["action"], "delete")
    gone = is_text(texts["outcome"], "done") & did_delete
    settled = is_text(texts["outcome"], *SUCCESSES) & is_known(texts[schema.FIELDS[0]]) & ~did_delete
    left: list[list[str]] = [[] for _ in range(len(rows))]
    deletes = is_text(as_texts(rows[ACTION]), "delete") if ACTION in rows else np.zeros(len(rows), dtype=bool)
    for at in np.flatnonzero(settled & deletes & before.known).tolist():
        left[at].append("delete")
    for field in (field for field in schema.MUTABLE if field.name in rows and field.name in base):
        cells = read_texts(rows[field.name]).arrow
        asked, was, live = map(blank_to_null, (cells, before.fields[field.name], texts[field.name]))
        is_wish = is_known(cells) & ~alike(asked, was) & ~deletes
        open_now = ~alike(pc.utf8_trim_whitespace(asked), pc.utf8_trim_whitespace(live))
        for at in np.flatnonzero(before.known & is_wish & (gone | (settled & open_now))).tolist():
            left[at].append(f"{field.name} {quote_value(cells[at].as_py())}")
    return left
