"""The words of a note about a subscriber, for whole columns at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import Mask, alike, join_pieces, quote_texts
from exotel_frames.frames.text_column import TEXT, read_texts, str_array
from exotel_frames.plans.before import Fields

NOT_KNOWN: Final = "it is not known whether it exists: "
"""How a note begins on somebody whom a listing lacks, and who may exist; `why_unsure` goes on."""
WILL_ASK: Final = "The service decides."
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
    return pd.Series(str_array(change_texts(_fields_of(before), _fields_of(after))), index=before.index)


def describe_state(subscribers: pd.DataFrame) -> pd.Series[Any]:
    """Say how each subscriber of a frame is.

    >>> describe_state(pd.DataFrame({"status": ["active"], "custom_field": [None]}, dtype="str")).item()
    'active, custom_field none'
    """
    return pd.Series(str_array(state_texts(_fields_of(subscribers))), index=subscribers.index)


def _fields_of(frame: pd.DataFrame) -> Fields:
    return {name: read_texts(frame[name]).arrow for name in schema.FIELDS}


def change_texts(before: Fields, after: Fields) -> Any:
    """Say what `describe_change` says, of columns of texts."""
    parts = []
    for field in schema.MUTABLE:
        one, other = before[field.name], after[field.name]
        told = join_pieces(
            len(one), f"{field.name} ", _quote_free_text(one, field), " → ", _quote_free_text(other, field)
        )
        parts.append((~alike(one, other), told))
    return join_columns(parts)


def state_texts(fields: Fields) -> Any:
    """Say what `describe_state` says, of columns of texts."""
    return pc.binary_join_element_wise(*(value_texts(fields[each.name], each) for each in schema.MUTABLE), _COMMA)


def value_texts(texts: Any, field: schema.Field) -> Any:
    """Say one field's values: a word of a closed list as it is, a free text quoted and with the field's name.

    >>> value_texts(pa.array(["vip"], TEXT), schema.MUTABLE[1]).to_pylist()
    ["custom_field 'vip'"]
    """
    shown = _quote_free_text(texts, field)
    return shown if field.choices else join_pieces(len(texts), f"{field.name} ", shown)


def _quote_free_text(texts: Any, field: schema.Field) -> Any:
    if not field.choices:
        return quote_texts(texts)
    return pc.if_else(pc.is_in(texts, value_set=pa.array(field.choices, TEXT)), texts, quote_texts(texts))


def join_columns(parts: Sequence[tuple[Mask, Any]]) -> Any:
    """Join columns of texts by commas, of each (where, texts) pair the text where it holds.

    >>> import numpy as np
    >>> a, b = pa.array(["a"], TEXT), pa.array(["b"], TEXT)
    >>> join_columns([(np.array([True]), a), (np.array([False]), b), (np.array([True]), b)]).to_pylist()
    ['a, b']
    """
    columns = [
        pc.if_else(where, pc.binary_join_element_wise(_COMMA, texts, _NOTHING), _NOTHING) for where, texts in parts
    ]
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*columns, _NOTHING), len(", "))
