"""Compares the cells of a new sheet with the current subscribers: equal cells, and proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import alike, blank_to_null, is_known
from exotel_frames.frames.text_column import TEXT, read_texts
from exotel_frames.plans import positions, state_of
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


def find_kept_cells(frame: pd.DataFrame, base: pd.DataFrame) -> dict[str, list[int]]:
    """Return the positions of the names that exist, and of the fields that are as the base has them: it keeps these.

    A name exists that was created once: a frame that somebody typed has no date_created.

    >>> base = pd.DataFrame({"subscriber_name": ["al ex"], "custom_field": ["x"], "date_created": ["2026-01-01"]})
    >>> find_kept_cells(pd.DataFrame({"subscriber_name": ["al ex", "b ob"], "custom_field": ["x", "y"]}), base)
    {'subscriber_name': [0], 'custom_field': [0]}
    """
    known = base[base["date_created"].notna()] if "date_created" in base else base.head(0)
    before = state_of(read_texts(frame[NAME]).arrow, known)
    found = {NAME: before.known}
    for name in [name for name in schema.FIELDS if name in frame and name in known]:
        found[name] = before.known & alike(read_texts(frame[name]).arrow, before.fields[name])
    return {name: np.flatnonzero(rows).tolist() for name, rows in found.items()}


def find_proposals(table: Table, base: pd.DataFrame) -> Proposed:
    """Return the cells of action, status and custom_field that differ from the base, by name; a new name has an entry.

    >>> base = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    >>> sheet = {"action": [""], "subscriber_name": ["bob"], "status": ["inactive"], "custom_field": [None]}
    >>> find_proposals(sheet, base)
    {'bob': {'status': 'inactive'}}
    """
    cells = {header: pa.array(table[header], TEXT) for header in (ACTION, NAME, *schema.FIELDS)}
    before = state_of(cells[NAME], base)
    differs = {ACTION: is_known(blank_to_null(cells[ACTION]))}
    for field in schema.MUTABLE:
        now, was = blank_to_null(cells[field.name]), blank_to_null(before.fields[field.name])
        differs[field.name] = ~alike(now, was) & (field.empty_clears | is_known(now))
    written = np.logical_or.reduce([*differs.values(), ~before.known & is_known(cells[NAME])])
    return {
        str(table[NAME][row]): {column: table[column][row] for column, where in differs.items() if where[row]}
        for row in np.flatnonzero(written).tolist()
    }
