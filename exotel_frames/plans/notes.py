"""What a note says of a subscriber, for whole columns at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import quoted, same


def describe_change(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series[Any]:
    """Say what is different now in the `schema.FIELDS` of two frames; empty where nothing is.

    >>> before = pd.DataFrame({"status": ["active"], "custom_field": ["x"]}, dtype="str")
    >>> after = pd.DataFrame({"status": ["inactive"], "custom_field": [None]}, dtype="str")
    >>> describe_change(before, after).item()
    "status active → inactive, custom_field 'x' → none"
    """
    parts = []
    for field in schema.MUTABLE:
        one, other = before[field.name], after[field.name]
        parts.append((~same(one, other), f"{field.name} " + _shown(one, field) + " → " + _shown(other, field)))
    return join_columns(parts)


def describe_state(subscribers: pd.DataFrame) -> pd.Series[Any]:
    """Say how each subscriber of a frame is.

    >>> describe_state(pd.DataFrame({"status": ["active"], "custom_field": [None]}, dtype="str")).item()
    'active, custom_field none'
    """
    everywhere = pd.Series(data=True, index=subscribers.index)
    return join_columns([(everywhere, describe_value(subscribers[field.name], field)) for field in schema.MUTABLE])


def describe_value(column: pd.Series[Any], field: schema.Field) -> pd.Series[Any]:
    """Say one field's values: a word of a closed list as it is, a free text quoted and with the field's name.

    >>> describe_value(pd.Series(["vip"], dtype="str"), schema.MUTABLE[1]).item()
    "custom_field 'vip'"
    """
    return _shown(column, field) if field.choices else f"{field.name} " + _shown(column, field)


def _shown(column: pd.Series[Any], field: schema.Field) -> pd.Series[Any]:
    made = quoted(column)
    return column.where(column.isin(field.choices), made) if field.choices else made


def join_columns(parts: Sequence[tuple[pd.Series[Any], pd.Series[Any]]]) -> pd.Series[Any]:
    """Join columns of texts by commas, of each (where, text) pair the text where it holds.

    >>> yes, no = pd.Series([True]), pd.Series([False])
    >>> join_columns([(yes, pd.Series(["a"])), (no, pd.Series(["b"])), (yes, pd.Series(["c"]))]).item()
    'a, c'
    """
    joined = pd.Series("", index=parts[0][0].index, dtype=schema.STR)
    for where, text in parts:
        comma = pd.Series("", index=joined.index, dtype=schema.STR).mask((joined != "") & where, ", ")
        joined = joined + comma + text.fillna("none").where(where, "")
    return joined
