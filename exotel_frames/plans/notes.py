"""What a note says of a subscriber, for whole columns at once."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exotel_frames.frames.compare import quoted, same


def describe_change(
    status_from: pd.Series[Any], status: pd.Series[Any], custom_from: pd.Series[Any], custom_field: pd.Series[Any]
) -> pd.Series[Any]:
    """Say what is different now; empty where nothing is.

    >>> texts = [pd.Series([text], dtype="str") for text in ("active", "inactive", "x", None)]
    >>> describe_change(*texts).item()
    "status active → inactive, custom_field 'x' → none"
    """
    return joined(
        (~same(status_from, status), "status " + status_from.fillna("none") + " → " + status.fillna("none")),
        (~same(custom_from, custom_field), "custom_field " + quoted(custom_from) + " → " + quoted(custom_field)),
    )


def describe_state(status: pd.Series[Any], custom_field: pd.Series[Any]) -> pd.Series[Any]:
    """Say how a subscriber is.

    >>> describe_state(pd.Series(["active"], dtype="str"), pd.Series([None], dtype="str")).item()
    'active, custom_field none'
    """
    return status.fillna("none") + ", custom_field " + quoted(custom_field)


def joined(one: tuple[pd.Series[Any], pd.Series[Any]], other: tuple[pd.Series[Any], pd.Series[Any]]) -> pd.Series[Any]:
    """Join two texts by a comma, each where it holds."""
    first, second = (text.fillna("none").where(where, "") for where, text in (one, other))
    return (first + ", " + second).where(one[0] & other[0], first + second)
