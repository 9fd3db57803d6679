"""Which cells the hidden copy keeps in full, so that whatever the service holds can be written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME


def kept_cells(frame: pd.DataFrame, base: pd.DataFrame) -> dict[str, list[int]]:
    """Return the positions of the names that exist, and of the fields that are as the base has them.

    A name exists that was created once: a frame that somebody typed has no date_created.

    >>> base = pd.DataFrame({"subscriber_name": ["al ex"], "custom_field": ["x"], "date_created": ["2026-01-01"]})
    >>> kept_cells(pd.DataFrame({"subscriber_name": ["al ex", "b ob"], "custom_field": ["x", "y"]}), base)
    {'subscriber_name': [0], 'custom_field': [0]}
    """
    known = base[base["date_created"].notna()] if "date_created" in base else base.head(0)
    where = pc.index_in(read_texts(frame[NAME]).arrow, value_set=read_texts(known[NAME]).arrow, skip_nulls=True)
    found = {NAME: _true(where.is_valid())}
    for field in [field.name for field in schema.MUTABLE if field.name in frame and field.name in known]:
        before = read_texts(known[field]).arrow.take(where)
        found[field] = _true(pc.equal(read_texts(frame[field]).arrow, before))
    return found


def _true(rows: object) -> list[int]:
    return np.flatnonzero(pc.fill_null(rows, False).to_numpy(zero_copy_only=False)).tolist()  # noqa: FBT003 - arrow's own call
