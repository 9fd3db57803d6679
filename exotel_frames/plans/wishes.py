"""What one copy of an audit asks for, row by row, against its own base; and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, names_of, same, select_texts, texts
from exotel_frames.plans.before import blank, comparable, positions, requested_fields, take_rows
from exotel_frames.plans.notes import describe_value, join_columns
from exotel_frames.schema import NAME

DONE_DELETE: Final = "delete"
KEPT: Final = tuple(f"{name}_base" for name in schema.STATE)
"""What the copy's base says of each row."""


@dataclass(frozen=True)
class Copy:
    """One copy as it came back: `file` is what people call it.

    `sheet` has what its rows say (what was carried out already is not asked for again), `base` what they said once.
    `proposed`: the cells, by name and column, that it was written with where they were not what was live.
    `carried_out`: the action of each name that was created or deleted from it in an earlier round.
    """

    file: str
    sheet: pd.DataFrame
    base: pd.DataFrame
    proposed: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    carried_out: Mapping[str, str] = field(default_factory=dict)


def wishes_of(copy: Copy) -> pd.DataFrame:
    """Return a copy's wishes, a row for each of its rows that has a say.

    Columns: `subscriber_name`, `action` as it stands there, the fields that it wants changed (missing: no wish), `kind`
    (change, create, update, delete or leave), `touched` (somebody has edited the row), what its base says (`…_base`,
    `known`), `file`.

    >>> base = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active", "custom_field": [None, "vip"]})
    >>> wishes = wishes_of(Copy("north.xlsx", base.assign(status=["inactive", "active"]), base))
    >>> wishes[["subscriber_name", "kind", "status", "touched"]].values.tolist()
    [['bob', 'change', 'inactive', True], ['eve', 'leave', nan, False]]
    """
    names = names_of(copy.sheet[NAME])
    requested = requested_fields(copy.sheet)
    before = take_rows(copy.base, positions(copy.sheet[NAME], copy.base))
    written, written_action = _as_written(copy, names, before)
    action = (texts(copy.sheet["action"]) if "action" in copy.sheet else blank(len(names))).fillna("")
    made = pd.DataFrame({NAME: names, "action": action})
    says_nothing_new = before["known"] & (action == "update") & (written_action == "")
    touched = (action != written_action) & ~says_nothing_new & ~_done(copy, names, action)
    for each in schema.MUTABLE:
        cells = requested[each.name] if each.empty_clears else blank_to_missing(requested[each.name])
        wanted = comparable(cells, each.name)
        is_wish = cells.notna() & ~(before["known"] & same(wanted, comparable(before[each.name], each.name)))
        made[each.name] = cells.where(is_wish)
        touched |= cells.notna() & ~same(wanted, comparable(written[each.name], each.name))
    made["kind"] = _kinds(made, before["known"])
    made["touched"] = touched | ~(before["known"] | names.isin(list(copy.proposed)) | _done(copy, names, action))
    for name in schema.STATE:
        made[f"{name}_base"] = before[name]
    made = made.assign(known=before["known"], file=copy.file)
    gone = _done(copy, names, texts(names.map(dict(copy.carried_out)))) & (made["kind"] == "leave")
    return made[~gone].reset_index(drop=True)


def removed_from(copy: Copy) -> pd.DataFrame:
    """Return what the base says of subscribers whose row somebody has removed: their name and `schema.STATE`.

    >>> base = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active", "custom_field": None})
    >>> removed_from(Copy("north.xlsx", base.head(1), base))["subscriber_name"].tolist()
    ['eve']
    """
    names = names_of(copy.base[NAME])
    state = take_rows(copy.base, positions(names, copy.base)).drop(columns="known")
    return state.assign(**{NAME: names})[positions(names, copy.sheet) < 0]


def _done(copy: Copy, names: pd.Series[Any], action: pd.Series[Any]) -> pd.Series[Any]:
    """Tell which rows are of names that were deleted from this copy, and ask for no more than that."""
    deleted = [name for name, did in copy.carried_out.items() if did == DONE_DELETE]
    return names.isin(deleted) & action.isin(["delete", "none"])


def _as_written(copy: Copy, names: pd.Series[Any], before: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return what each row said when the copy was written: its base, and over it what was proposed."""
    rows = np.flatnonzero(names.isin(list(copy.proposed))).tolist()
    proposals = dict(zip(rows, (copy.proposed[name] for name in names.iloc[rows]), strict=True))
    written = before[list(schema.FIELDS)].copy()
    for column in schema.FIELDS:
        written[column] = _put(
            written[column], {row: cells[column] for row, cells in proposals.items() if column in cells}
        )
    action = pd.Series("", index=names.index, dtype=schema.STR)
    return written, _put(action, {row: cells.get("action") or "" for row, cells in proposals.items()})


def _put(column: pd.Series[Any], cells: Mapping[int, str | None]) -> pd.Series[Any]:
    """Return a column with some cells, by position, replaced in one step: one by one, each costs the whole column."""
    made = column.copy()
    made.iloc[list(cells)] = pd.array(list(cells.values()), dtype=schema.STR)
    return made


def _kinds(made: pd.DataFrame, known: pd.Series[Any]) -> pd.Series[Any]:
    action = made["action"]
    wants = made[list(schema.FIELDS)].notna().any(axis=1)
    return select_texts(
        (action == "delete", "delete"),
        (action == "none", "leave"),
        (action == "create", "create"),
        (~known & (action == "update"), "update"),
        (~known, "create"),
        (wants, "change"),
        default="leave",
    )


def normalized(wishes: pd.DataFrame) -> pd.DataFrame:
    """Return the kind and the fields of wishes so that equal wishes are equal rows: a delete has no fields.

    >>> same = pd.DataFrame({"kind": ["create", "create"], "status": ["active", None], "custom_field": ["", None]})
    >>> normalized(same).drop_duplicates().values.tolist()
    [['create', 'active', nan]]
    """
    made = wishes[["kind", *schema.FIELDS]].copy()
    creates, has_fields = made["kind"] == "create", ~made["kind"].isin(["delete", "leave"])
    for each in schema.MUTABLE:
        cells = made[each.name].where(has_fields)
        if each.at_birth is not None:
            cells = cells.mask(creates & cells.isna(), each.at_birth)
        if each.empty_clears:
            cells = cells.mask(creates & (cells == ""))
        made[each.name] = cells
    return made


def wish_words(wishes: pd.DataFrame) -> pd.Series[Any]:
    """Say each wish in a few words.

    >>> made = pd.DataFrame({"kind": ["change", "delete"], "status": ["inactive", None], "custom_field": ["", None]})
    >>> wish_words(made).tolist()
    ['inactive, custom_field none', 'delete']
    """
    what = normalized(wishes)
    shown = {each.name: blank_to_missing(what[each.name]) for each in schema.MUTABLE}
    fields = join_columns(
        [(what[each.name].notna(), describe_value(shown[each.name], each)) for each in schema.MUTABLE]
    )
    plain = select_texts((what["kind"] == "leave", "leave as it is"), (what["kind"] == "delete", "delete"))
    with_verb = what["kind"] + (" with " + fields).where(fields != "", "")
    return plain.where(plain != "", fields.where(what["kind"] == "change", with_verb)).astype(schema.STR)
