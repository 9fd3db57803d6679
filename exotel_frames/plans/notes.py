"""What a note says of a subscriber, for whole columns at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.compare import join_texts, quoted, same
from exotel_frames.frames.text_column import TEXT, read_texts

NOT_KNOWN: Final = "whether it exists is not known: "
"""How a note begins on somebody whom a listing lacks, and who may exist; `why_unsure` goes on."""
WILL_ASK: Final = "The service will be asked."
MAY_REFUSE: Final = "If it does, the service refuses the create."
_COMMA: Final = pa.scalar(", ", TEXT)
_NOTHING: Final = pa.scalar("", TEXT)


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
        told = join_texts(one.index, f"{field.name} ", _shown(one, field), " → ", _shown(other, field))
        parts.append((~same(one, other), told))
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
    shown = _shown(column, field)
    return shown if field.choices else join_texts(column.index, f"{field.name} ", shown)


def _shown(column: pd.Series[Any], field: schema.Field) -> pd.Series[Any]:
    plain = column.isin(field.choices)
    return column if plain.all() else column.where(plain, quoted(column))


def join_columns(parts: Sequence[tuple[pd.Series[Any], pd.Series[Any]]]) -> pd.Series[Any]:
    """Join columns of texts by commas, of each (where, text) pair the text where it holds.

    >>> yes, no = pd.Series([True]), pd.Series([False])
    >>> join_columns([(yes, pd.Series(["a"])), (no, pd.Series(["b"])), (yes, pd.Series(["c"]))]).item()
    'a, c'
    """
    columns = [
        pc.if_else(where.to_numpy(dtype=bool), pc.binary_join_element_wise(_COMMA, _arrow(text), _NOTHING), _NOTHING)
        for where, text in parts
    ]
    joined = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*columns, _NOTHING), len(", "))
    return pd.Series(joined.to_pandas().array, index=parts[0][0].index)


def _arrow(text: pd.Series[Any]) -> Any:
    return read_texts(text).arrow.fill_null("none")
