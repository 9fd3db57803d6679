"""Proposals: cells of a new sheet that differ from what its subscribers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, same
from exotel_frames.plans import current_state, positions
from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import ACTION
from exotel_frames.workbooks.base import Proposed

Table = Mapping[str, Sequence[str | None]]


def with_columns_of(frame: pd.DataFrame, base: pd.DataFrame | None) -> pd.DataFrame:
    """Return a frame with our columns that it lacks as the base has them: an empty cell would ask to clear them all.

    >>> base = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": ["vip"]})
    >>> with_columns_of(pd.DataFrame({"subscriber_name": ["bob", "eve"]}), base)["custom_field"].tolist()
    ['vip', nan]
    """
    absent = [name for name in schema.SUBSCRIBERS if base is not None and name in base and name not in frame]
    if base is None or not absent:
        return frame
    where = positions(frame[NAME], base)
    known = {name: base[name].array.take(where, allow_fill=True) for name in absent}
    return frame.assign(**known)


def proposals(table: Table, base: pd.DataFrame) -> Proposed:
    """Return the cells of action, status and custom_field that differ from the base, by name; a new name has an entry.

    >>> base = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    >>> proposals({"subscriber_name": ["bob"], "status": ["inactive"], "custom_field": [None]}, base)
    {'bob': {'status': 'inactive'}}
    """
    names = _column(table, NAME)
    before = current_state(names, base)
    differs = {}
    for field in schema.MUTABLE:
        cells, was = _column(table, field.name), before[field.name]
        if field.empty_clears:
            differs[field.name] = ~same(blank_to_missing(cells), blank_to_missing(was))
        else:
            differs[field.name] = cells.notna() & ~same(cells, was)
    if ACTION in table:
        differs[ACTION] = _column(table, ACTION).fillna("") != ""
    written = pd.DataFrame(differs).any(axis=1) | (~before["known"] & names.notna())
    return {
        str(names[row]): {column: table[column][row] for column, where in differs.items() if where[row]}
        for row in np.flatnonzero(written).tolist()
    }


def _column(table: Table, header: str) -> pd.Series[Any]:
    cells: Any = table[header]
    return pd.Series(cells, dtype=schema.STR)
