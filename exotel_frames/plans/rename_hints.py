"""Warnings in a plan's notes: names that differ only by case, and creates that may be renames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames.frames.arrow_columns import count_alike, is_text
from exotel_frames.frames.text_column import TEXT, read_texts, str_array
from exotel_frames.schema import NAME
from exotel_frames.text import quote_names, quote_value

LOST: Final = "a rename is a delete and a create: date_created and device tokens are lost"
NEAR_MAX: Final = 5_000
"""So many names on either side are compared letter by letter; in more, only the same custom field tells a rename."""


KEY_MIN: Final = 3
"""Shorter rests of a name are alike by chance."""


@dataclass(frozen=True)
class Side:
    """One side of a rename, as arrow texts: the names that come, or those that are given up."""

    names: Any
    custom_fields: Any


def with_hints(plan: pd.DataFrame, names: Any, vanished: Callable[[], Side]) -> pd.DataFrame:
    """Add the hints to the notes; `names` are all names, `vanished` finds the subscribers whose names are given up."""
    action, planned = (read_texts(plan[column]).arrow for column in ("action", NAME))
    busy, creates = ~is_text(action, "none"), is_text(action, "create")
    hints = _twins(planned.filter(pa.array(busy)), names)
    if creates.any():
        created = Side(*(read_texts(plan[column]).arrow.filter(pa.array(creates)) for column in (NAME, "custom_field")))
        renames = _renames(created, vanished())
        hints += [(new, f"perhaps {quote_value(old)} under a new name; {LOST}") for old, new in renames]
        deletes = set(planned.filter(pa.array(is_text(action, "delete"))).to_pylist())
        hints += [(old, f"perhaps renamed to {quote_value(new)}; {LOST}") for old, new in renames if old in deletes]
    return _with_notes(plan, planned, busy, hints) if hints else plan


def _with_notes(plan: pd.DataFrame, names: Any, busy: Any, hints: Iterable[tuple[str, str]]) -> pd.DataFrame:
    said: dict[str, list[str]] = defaultdict(list)
    for name, hint in hints:
        said[name].append(hint)
    hinted = busy & is_text(names, *said)
    note, told = read_texts(plan["note"]).arrow, pa.array(hinted)
    pairs = zip(note.filter(told).to_pylist(), names.filter(told).to_pylist(), strict=True)
    texts = [" ".join(filter(None, (text, "; ".join(said[name])))) for text, name in pairs]
    return plan.assign(note=str_array(pc.replace_with_mask(note, told, pa.array(texts, TEXT))))


def _twins(planned: Any, names: Any) -> list[tuple[str, str]]:
    """Return (name, warning) for each planned name that another name differs from only by case."""
    distinct = names.unique()
    lower = pc.utf8_lower(distinct)
    shared = pa.array(count_alike(lower) > 1)
    key_of = dict(zip(distinct.filter(shared).to_pylist(), lower.filter(shared).to_pylist(), strict=True))
    groups: dict[str, list[str]] = defaultdict(list)
    for name, key in key_of.items():
        groups[key].append(name)
    near = {name: [other for other in groups[key] if other != name] for name, key in key_of.items()}
    found = (name for name in (planned.to_pylist() if near else ()) if name in near)
    return [(name, f"differs only by case from {quote_names(near[name])}") for name in found]


def _renames(created: Side, vanished: Side) -> list[tuple[str, str]]:
    """Return (old, new) pairs that look like one subscriber: the same custom field, or names one edit apart."""
    if not len(created.names) or not len(vanished.names):
        return []
    pairs = {new: old for old, new in _same_custom_field(created, vanished)}
    if max(len(created.names), len(vanished.names)) <= NEAR_MAX:
        near = _one_edit_apart(created.names.to_pylist(), vanished.names.to_pylist())
        pairs = {new: old for old, new in near} | pairs
    return [(old, new) for new, old in pairs.items()]


def _same_custom_field(created: Side, vanished: Side) -> Iterator[tuple[str, str]]:
    """Yield pairs with the same custom field, which nobody else on their side has."""
    olds, news = (np.flatnonzero(count_alike(side.custom_fields) == 1) for side in (vanished, created))
    found = pc.index_in(created.custom_fields.take(news), value_set=vanished.custom_fields.take(olds))
    new, old = news[np.asarray(found.is_valid())], olds[np.asarray(found.drop_null(), dtype=np.int64)]
    yield from zip(vanished.names.take(old).to_pylist(), created.names.take(new).to_pylist(), strict=True)


def _one_edit_apart(created: Iterable[str], vanished: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs with a letter more, less or other, whatever the case; numbered names are no renames."""
    by_key: dict[str, list[str]] = {}
    for old in vanished:
        for key in _keys(old):
            by_key.setdefault(key, []).append(old)
    for new in created:
        near = (old for key in sorted(_keys(new)) for old in by_key.get(key, ()) if not _only_numbers_differ(old, new))
        for old in islice(near, 1):
            yield old, new


def _keys(name: str) -> set[str]:
    """Return the name and each name with one letter less: names that share one of these are about one edit apart."""
    low = name.lower()
    shorter = (low[:place] + low[place + 1 :] for place in range(len(low)))
    return {low, *(key for key in shorter if len(key) >= KEY_MIN)}


def _only_numbers_differ(one: str, other: str) -> bool:
    letters = [[char for char in name.lower() if not char.isdigit()] for name in (one, other)]
    return letters[0] == letters[1] and one.lower() != other.lower()
