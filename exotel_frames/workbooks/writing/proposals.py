"""What a sheet is written with where that is not what its subscribers are: proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, same
from exotel_frames.plans import current_state
from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import ACTION
from exotel_frames.workbooks.base import Proposed

Table = Mapping[str, Sequence[str | None]]


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
