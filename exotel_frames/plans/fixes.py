"""Applies the fixes that problems propose to their subscribers: the desired frame of a clean-up."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.compare import texts
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value

FIXABLE: Final = ("status", "custom_field")
_LISTED_MAX: Final = 5


def apply_fixes(subs: pd.DataFrame, problems: pd.DataFrame) -> pd.DataFrame:
    """Apply the fixes of a problems frame to the subscribers, and return the desired frame for `plan_changes`.

    Only fixes of status and custom_field are applied; a name is never changed, because a rename is a delete and a
    create. A status that is neither active nor inactive is left out (`plan_changes` keeps the current one). Neither
    input frame is changed.

    Parameters
    ----------
    subs : DataFrame
        A subscribers frame.
    problems : DataFrame
        What `audit_subscribers(subs)` returned, or a part of it: filter it to apply only some fixes.

    Returns
    -------
    DataFrame
        subscriber_name, status, custom_field and the other columns of `subs`, with the fixes applied.

    Raises
    ------
    ValidationError
        When the problems belong to another frame or to another state of this one, or when one cell has two different
        fixes.

    Examples
    --------
    >>> subs = pd.DataFrame({"subscriber_name": list("abc"), "status": "active", "custom_field": ["HR", "hr", "HR"]})
    >>> from exotel_frames.validation import audit_subscribers
    >>> apply_fixes(subs, audit_subscribers(subs))["custom_field"].tolist()
    ['HR', 'HR', 'HR']
    """
    subs = need_columns(subs, [NAME], what="The frame of subscribers")
    problems = need_columns(problems, ["row", "column", "value", "fix"], what="The problems frame")
    fixes = problems[problems["column"].isin(FIXABLE).to_numpy() & (problems["fix"].fillna("") != "").to_numpy()]
    reasons = [
        reason for column in FIXABLE for reason in _why_not_applied(subs, fixes[(fixes["column"] == column).to_numpy()])
    ]
    if reasons:
        raise ValidationError(
            f"The fixes can't be applied: {join_words(reasons[:_LISTED_MAX], len(reasons))}. Audit the frame again, or "
            "filter the problems."
        )
    desired = subs.copy()
    if "status" in desired:
        status = texts(desired["status"])
        desired["status"] = status.where(status.isin(schema.STATUSES)).array
    for column in FIXABLE:
        part = fixes[(fixes["column"] == column).to_numpy()]
        if len(part):
            cells = texts(desired[column])
            cells.iloc[_rows(part)] = part["fix"].array
            desired[column] = cells.array
    return desired


def _rows(fixes: pd.DataFrame) -> Any:
    return fixes["row"].to_numpy(dtype=np.int64)


def _why_not_applied(subs: pd.DataFrame, fixes: pd.DataFrame) -> list[str]:
    """Say why some fixes of one column are not for these subscribers."""
    if fixes.empty:
        return []
    column = fixes["column"].iloc[0]
    if column not in subs:
        return [f"the subscribers have no column '{column}'"]
    if fixes["row"].isna().any() or not fixes["row"].between(0, len(subs) - 1).all():
        return [f"some fixes are for rows that are not among these {pluralize(len(subs), 'subscriber')}"]
    distinct = fixes.drop_duplicates(["row", "fix"])
    twice = distinct[distinct["row"].duplicated(keep=False).to_numpy()]
    rows = _rows(fixes)
    now = texts(subs[column].iloc[rows])
    other = (now.fillna("") != fixes["value"].reset_index(drop=True).fillna("")).to_numpy()
    return [
        *(f"row {row} has two fixes for its {column}" for row in twice["row"].unique().tolist()),
        *(
            f"row {row} ({quote_value(name)}) says {quote_value(cell)} in {column}, which is not the value that the "
            "problem was about"
            for row, name, cell in zip(rows[other], subs[NAME].iloc[rows[other]], now[other], strict=True)
        ),
    ]
