"""What a plan's notes warn of: names that differ only by case, and creates that may be renames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, quote_value

LOST: Final = "a rename is a delete and a create: date_created and device tokens are lost"
NEAR_MAX: Final = 5_000
"""So many names on either side are compared letter by letter; in more, only the same custom field tells a rename."""


TWINS_MAX: Final = 5
KEY_MIN: Final = 3
"""Shorter rests of a name are alike by chance."""


def with_hints(plan: pd.DataFrame, names: pd.Series[Any], vanished: pd.DataFrame) -> pd.DataFrame:
    """Add the hints to the notes; `names` are all names, `vanished` the subscribers whose names are given up."""
    busy = (plan["action"] != "none").to_numpy()
    hints = _twins(plan.loc[busy, NAME], names)
    renames = _renames(plan[(plan["action"] == "create").to_numpy()], vanished)
    hints += [(new, f"perhaps {quote_value(old)} under a new name; {LOST}") for old, new in renames]
    deletes = set(plan.loc[(plan["action"] == "delete").to_numpy(), NAME])
    hints += [(old, f"perhaps renamed to {quote_value(new)}; {LOST}") for old, new in renames if old in deletes]
    if not hints:
        return plan
    hint_of_name = pd.DataFrame(hints, columns=[NAME, "hint"]).groupby(NAME)["hint"].agg("; ".join)
    hint = plan[NAME].map(hint_of_name).fillna("").astype(schema.STR).where(busy, "")
    both = (plan["note"] != "") & (hint != "")
    return plan.assign(note=plan["note"] + pd.Series("", index=plan.index, dtype=schema.STR).mask(both, " ") + hint)


def _twins(planned: pd.Series[Any], names: pd.Series[Any]) -> list[tuple[str, str]]:
    """Return (name, warning) for each planned name that another name differs from only by case."""
    distinct = names.drop_duplicates()
    lower = distinct.str.lower()
    shared = distinct[lower.duplicated(keep=False).to_numpy()]
    groups = {low: group.tolist() for low, group in shared.groupby(lower)}
    return [
        (name, f"differs only by case from {join_words([quote_value(other) for other in near[:TWINS_MAX]], len(near))}")
        for name in planned[planned.isin(shared).to_numpy()]
        for near in [[other for other in groups[name.lower()] if other != name]]
    ]


def _renames(created: pd.DataFrame, vanished: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (old, new) pairs that look like one subscriber: the same custom field, or names one edit apart."""
    if created.empty or vanished.empty:
        return []
    pairs = {new: old for old, new in _same_custom_field(created, vanished)}
    if max(len(created), len(vanished)) <= NEAR_MAX:
        pairs = {new: old for old, new in _one_edit_apart(created[NAME], vanished[NAME])} | pairs
    return [(old, new) for new, old in pairs.items()]


def _same_custom_field(created: pd.DataFrame, vanished: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield pairs with the same custom field, which nobody else on their side has."""
    old, new = (
        side.dropna(subset=["custom_field"]).drop_duplicates("custom_field", keep=False) for side in (vanished, created)
    )
    pairs = old[["custom_field", NAME]].merge(new[["custom_field", NAME]], on="custom_field")
    yield from pairs.iloc[:, 1:].itertuples(index=False, name=None)


def _one_edit_apart(created: pd.Series[Any], vanished: pd.Series[Any]) -> Iterator[tuple[str, str]]:
    """Yield pairs with a letter more, less or other, whatever the case; numbered names are no renames."""
    by_key: dict[str, list[str]] = {}
    for old in vanished:
        for key in _keys(old):
            by_key.setdefault(key, []).append(old)
    for new in created:
        near = (old for key in sorted(_keys(new)) for old in by_key.get(key, ()) if not _only_numbers_differ(old, new))
        old = next(near, None)
        if old is not None:
            yield old, new


def _keys(name: str) -> set[str]:
    """Return the name and each name with one letter less: names that share one of these are about one edit apart."""
    low = name.lower()
    shorter = (low[:place] + low[place + 1 :] for place in range(len(low)))
    return {low, *(key for key in shorter if len(key) >= KEY_MIN)}


def _only_numbers_differ(one: str, other: str) -> bool:
    letters = [[char for char in name.lower() if not char.isdigit()] for name in (one, other)]
    return letters[0] == letters[1] and one.lower() != other.lower()
