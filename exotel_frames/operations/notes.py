"""What a reader of a frame must know besides its rows: kept in the attrs, and printed by verbs that print."""

from __future__ import annotations

import pandas as pd

from exotel_frames.text import pluralize


def dateless_note(frame: pd.DataFrame) -> str | None:
    """Say how many subscribers are shown without a moment of creation, since the service leaves it open; None: none.

    >>> dateless_note(pd.DataFrame({"status": ["active", None], "date_created": [pd.NaT, pd.NaT]}))
    "1 date_created can't be read as a moment (an offset is missing): empty."
    """
    shown = frame["status"].notna()
    if "outcome" in frame:
        shown &= frame["outcome"] == "done"
    count = int((shown & frame["date_created"].isna()).sum())
    sentence = f"{pluralize(count, 'date_created')} can't be read as a moment (an offset is missing): empty."
    return sentence if count else None


def with_notes(results: pd.DataFrame, *, say: bool) -> pd.DataFrame:
    """Return a results frame with notes in its attrs on what its rows can't say; `say` prints them, too."""
    note = dateless_note(results)
    if note:
        results.attrs["exotel_frames"] |= {"notes": [note]}
        if say:
            print(note)  # noqa: T201 - the sentence that explains empty cells
    return results
