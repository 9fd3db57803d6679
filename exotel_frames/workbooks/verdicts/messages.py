"""The message of a result for readers of the workbook: one line, for whole columns at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import without_attrs
from exotel_frames.frames.arrow_columns import (
    blank_to_null,
    is_known,
    is_text,
    join_pieces,
    map_texts,
    same_text,
    select_cases,
)
from exotel_frames.frames.text_column import read_texts
from exotel_frames.outcomes import FAILURES, OUTCOME_INFO
from exotel_frames.plans import change_texts, state_of, state_texts
from exotel_frames.text import escape_text

_MESSAGE_MAX: Final = 2_000
_NEEDED: Final = (
    *(schema.NAME, "action", "outcome", *schema.FIELDS),
    *("error_message", "error_description", "request_id"),
)
_DONE: Final = {"create": "created", "update": "updated", "delete": "deleted"}
_MEANING: Final[Mapping[str, str]] = {
    outcome: "; ".join(filter(None, (info.meaning, info.next_step))) for outcome, info in OUTCOME_INFO.items()
}
_ASK_SUPPORT: Final = tuple(name for name in FAILURES if OUTCOME_INFO[name].was_sent)
"""Only of these is the request's id of use to somebody."""


def verdicts_of(results: pd.DataFrame, base: pd.DataFrame | None) -> list[tuple[str, str]]:
    """Return the outcome and the message of each result; `base` as in `messages`."""
    return list(zip(results["outcome"].fillna("").tolist(), messages(results, base), strict=True))


def messages(results: pd.DataFrame, base: pd.DataFrame | None) -> list[str]:
    """Return what is said of each result; `base` is what the workbook said when it was written, where that is known.

    >>> from exotel_frames.frames.convert import results_frame
    >>> from exotel_frames.records import Verdict
    >>> done = Verdict(row=0, subscriber_name="bob", action="update", outcome="done", status="inactive")
    >>> messages(results_frame([done]), pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}))
    ['updated: status active → inactive']
    """
    cells = {name: read_texts(column).arrow for name, column in without_attrs(results)[list(_NEEDED)].items()}
    message, description = (cells[f"error_{part}"].fill_null("") for part in ("message", "description"))
    both = ~is_text(message, "") & ~is_text(description, "")
    reasons = _join(message, select_cases((both, ": ")).texts(), description)
    reasons = pc.if_else(is_text(reasons, ""), _join(_meaning(cells), _changes(cells, base)), reasons)
    is_for_support = is_text(cells["outcome"], *_ASK_SUPPORT) & is_known(cells["request_id"])
    request = pc.if_else(is_for_support, _join(" (request ", cells["request_id"], ")"), same_text("", len(results)))
    return [escape_text(text, _MESSAGE_MAX) for text in _join(reasons, request).to_pylist()]


def _join(*pieces: Any) -> Any:
    return join_pieces(len(pieces[1]), *pieces)


def _meaning(cells: Mapping[str, Any]) -> Any:
    done = is_text(cells["outcome"], "done") & is_text(cells["action"], *_DONE)
    return pc.if_else(done, map_texts(cells["action"], _DONE), map_texts(cells["outcome"], _MEANING).fill_null(""))


def _changes(cells: Mapping[str, Any], base: pd.DataFrame | None) -> Any:
    """Return what each update changed, or, where the workbook can't tell, what the subscriber is now."""
    updated = is_text(cells["outcome"], "done") & is_text(cells["action"], "update") & is_known(cells["status"])
    text = same_text("", len(updated))
    if not updated.any():
        return text
    after = {name: column.filter(pa.array(updated)) for name, column in cells.items()}
    before, now = state_of(after[schema.NAME], base), {name: blank_to_null(after[name]) for name in schema.FIELDS}
    different = change_texts(before.fields, now)
    known = before.known & is_known(before.fields["status"]) & ~is_text(different, "")
    told = pc.if_else(known, different, _join("now ", state_texts(now)))
    return pc.replace_with_mask(text, pa.array(updated), _join(": ", told))
