"""Notes about a frame that its rows don't show: stored in the attrs, and printed by verbs that print."""

from __future__ import annotations

import pandas as pd

from exotel_frames.frames.arguments import without_attrs
from exotel_frames.frames.arrow_columns import is_known, is_text
from exotel_frames.frames.text_column import read_texts
from exotel_frames.text import pluralize


def dateless_note(frame: pd.DataFrame) -> str | None:
    """Say how many subscribers are shown without a moment of creation, since the service leaves it open; None: none.

    >>> dateless_note(pd.DataFrame({"status": ["active", None], "date_created": [pd.NaT, pd.NaT]}))
    "1 date_created can't be read as a point in time (the offset is missing): left empty."
    """
    cells = without_attrs(frame)
    shown = is_known(read_texts(cells["status"]).arrow)
    if "outcome" in cells:
        shown &= is_text(read_texts(cells["outcome"]).arrow, "done")
    count = int((shown & cells["date_created"].isna().to_numpy()).sum())
    sentence = (
        f"{pluralize(count, 'date_created')} can't be read as a point in time (the offset is missing): left empty."
    )
    return sentence if count else None


def with_notes(results: pd.DataFrame, *, say: bool) -> pd.DataFrame:
    """Return a results frame with notes in its attrs on what its rows can't say; `say` prints them, too."""
    note = dateless_note(results)
    if note:
        results.attrs["exotel_frames"] |= {"notes": [note]}
        if say:
            print(note)  # noqa: T201 - the sentence that explains empty cells
    return results
