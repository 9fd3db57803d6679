"""What a result says to the people who read the workbook: one line, for whole columns at once."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, select_texts
from exotel_frames.outcomes import FAILURES, OUTCOME_INFO
from exotel_frames.plans import current_state, describe_change, describe_state
from exotel_frames.text import escape_text

_MESSAGE_MAX: Final = 2_000
_DONE: Final = {"create": "created", "update": "updated", "delete": "deleted"}
_MEANING: Final = {
    outcome: "; ".join(filter(None, (info.meaning, info.next_step))) for outcome, info in OUTCOME_INFO.items()
}
_ASK_SUPPORT: Final = tuple(name for name in FAILURES if OUTCOME_INFO[name].was_sent)
"""Only of these is the request's id of use to somebody."""


def messages(results: pd.DataFrame, base: pd.DataFrame | None) -> list[str]:
    """Return what is said of each result; `base` is what the workbook said when it was written, where that is known.

    >>> from exotel_frames.frames.convert import results_frame
    >>> from exotel_frames.records import Verdict
    >>> done = Verdict(row=0, subscriber_name="bob", action="update", outcome="done", status="inactive")
    >>> messages(results_frame([done]), pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}))
    ['updated: status active → inactive']
    """
    rows = results.reset_index(drop=True)
    message, description = rows["error_message"].fillna(""), rows["error_description"].fillna("")
    reasons = message + _where(": ", (message != "") & (description != "")) + description
    reasons = reasons.where(reasons != "", _meaning(rows) + _changes(rows, base))
    is_for_support = rows["outcome"].isin(_ASK_SUPPORT) & rows["request_id"].notna()
    texts = reasons + (" (request " + rows["request_id"].fillna("") + ")").where(is_for_support, "")
    return [escape_text(text, _MESSAGE_MAX) for text in texts]


def _where(text: str, rows: pd.Series[Any]) -> pd.Series[Any]:
    return select_texts((rows, text))


def _meaning(rows: pd.DataFrame) -> pd.Series[Any]:
    outcomes = rows["outcome"].map(_MEANING).astype(schema.STR).fillna("")
    done = (rows["outcome"] == "done") & rows["action"].isin(_DONE)
    return outcomes.mask(done, rows["action"].map(_DONE).astype(schema.STR))


def _changes(rows: pd.DataFrame, base: pd.DataFrame | None) -> pd.Series[Any]:
    """Return what each update changed, or, where the workbook can't tell, what the subscriber is now."""
    updated = (rows["outcome"] == "done") & (rows["action"] == "update") & rows["status"].notna()
    text = pd.Series("", index=rows.index, dtype=schema.STR)
    if not updated.any():
        return text
    after = rows.loc[updated].reset_index(drop=True)
    before = current_state(after["subscriber_name"], base)
    now = pd.DataFrame({name: blank_to_missing(after[name]) for name in schema.FIELDS})
    different = describe_change(before, now)
    known = before["known"] & before["status"].notna() & (different != "")
    text[updated] = (": " + different.where(known, "now " + describe_state(now))).array
    return text
