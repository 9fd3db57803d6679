"""Unknown statuses, subscribers not updated for a long time, and names that break the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import is_text, quote_texts
from exotel_frames.frames.text_column import TEXT, flat
from exotel_frames.schema import NAME
from exotel_frames.validation.characters import bad_characters
from exotel_frames.validation.findings.finding import Findings, Rows, count_texts, join_texts
from exotel_frames.validation.names import are_illegal


def unknown_statuses(statuses: Any) -> Findings:
    """Find statuses that are neither active nor inactive.

    >>> unknown_statuses(pa.array(["active", "paused"], TEXT)).messages.to_pylist()
    ["The status 'paused' is neither active nor inactive: only the service knows what it means."]
    """
    rows = np.flatnonzero(~is_text(statuses, *schema.STATUSES))
    why = " is neither active nor inactive: only the service knows what it means."
    return Findings("status_unknown", "status", rows, join_texts("The status ", quote_texts(statuses.take(rows)), why))


def stale(subs: pd.DataFrame, statuses: Any, days: float, now: datetime) -> Findings:
    """Find active subscribers that were last updated more than so many days before `now`.

    >>> old = pd.DataFrame({"date_updated": pd.to_datetime(["2026-01-01T00:00:00Z"])})
    >>> now = pd.Timestamp("2026-01-31", tz="UTC")
    >>> stale(old, pa.array(["active"], TEXT), 29, now).messages.to_pylist()
    ['Active, and last updated on 2026-01-01, 30 days ago.']
    """
    age = pd.Timestamp(now) - pd.to_datetime(subs["date_updated"], utc=True)
    active = is_text(statuses, "active")
    rows = np.flatnonzero(active & (age > pd.Timedelta(days=days)).to_numpy(dtype=bool))
    dates = flat(pa.array(subs["date_updated"].iloc[rows].dt.strftime("%Y-%m-%d").astype("str"), TEXT))
    ago = count_texts(np.asarray(age.iloc[rows].dt.days, dtype=np.int64), "day")
    return Findings(
        "stale", "date_updated", rows, join_texts("Active, and last updated on ", dates, ", ", ago, " ago.")
    )


def unusual_names(names: Any, rows: Rows) -> Findings:
    """Find names that exist, and that could not be created by the rules for names.

    >>> unusual_names(pa.array(["bob", "al ex"], TEXT), np.arange(2)).messages.to_pylist()
    ["'al ex' exists, but breaks the rules (it contains a space): it can be shown, changed and deleted, \
not created again."]
    """
    at = np.flatnonzero(are_illegal(names))
    unusual = names.take(at)
    size = np.asarray(pc.binary_length(unusual), dtype=np.int64)
    long = pc.if_else(
        pa.array(size > schema.NAME_MAX_BYTES), join_texts("it is ", count_texts(size, "byte"), " long"), ""
    )
    what = _bad_characters(unusual)
    both = pc.if_else(pc.and_(pc.not_equal(long, ""), pc.not_equal(what, "")), pa.scalar(", and ", TEXT), "")
    why = "): it can be shown, changed and deleted, not created again."
    messages = join_texts(quote_texts(unusual), " exists, but breaks the rules (", long, both, what, why)
    return Findings("name_unusual", NAME, rows[at], messages)


def _bad_characters(names: Any) -> Any:
    """Say which characters a name must not have; each different set of them is put into words once."""
    illegal = pc.replace_substring_regex(names, "[0-9A-Za-z]+", "").dictionary_encode()
    words = [
        f"it contains {bad_characters(each, places=False)}" if each else "" for each in illegal.dictionary.to_pylist()
    ]
    return pa.array(words, TEXT).take(illegal.indices)
