"""The changes that one copy of an audit asks for, row by row, against its own base; and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import without_attrs
from exotel_frames.frames.arrow_columns import (
    NULL,
    Cases,
    Mask,
    alike,
    as_texts,
    blank_to_null,
    is_known,
    is_text,
    join_pieces,
    same_text,
    select_cases,
)
from exotel_frames.frames.text_column import TEXT, read_texts, str_array
from exotel_frames.plans.before import Fields, comparable_texts, find_names, requested_unless_blank, take_state
from exotel_frames.plans.notes import join_columns, value_texts
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
    sheet, base = without_attrs(copy.sheet), without_attrs(copy.base)
    names = read_texts(sheet[NAME]).arrow
    before = take_state(base, find_names(names, base))
    written, written_action = _as_written(copy, names, before.fields)
    action = as_texts(sheet["action"]).fill_null("") if "action" in sheet else same_text("", len(names))
    done = _is_done(copy, names, action)
    says_nothing_new = before.known & is_text(action, "update") & is_text(written_action, "")
    touched = ~alike(action, written_action) & ~says_nothing_new & ~done
    asked, wished = requested_unless_blank(sheet), {}
    for each in schema.MUTABLE:
        cells = asked[each.name]
        wanted, is_given = comparable_texts(cells, each.name), is_known(cells)
        is_old = before.known & alike(wanted, before.fields[each.name])
        wished[each.name] = pc.if_else(is_given & ~is_old, cells, NULL)
        touched |= is_given & ~alike(wanted, comparable_texts(written[each.name], each.name))
    kind = _kinds(action, wished, before.known)
    touched |= ~(before.known | is_text(names, *copy.proposed) | done)
    made = {
        **{name: str_array(texts) for name, texts in {NAME: names, "action": action, **wished}.items()},
        "kind": str_array(kind.texts()),
        "touched": touched,
        **{f"{name}_base": str_array(texts) for name, texts in before.fields.items()},
        "date_updated_base": before.date_updated,
        "known": before.known,
        "file": copy.file,
    }
    gone = _is_done(copy, names, _carried_out(copy, names)) & kind.among(["leave"])
    return pd.DataFrame(made)[~gone].reset_index(drop=True)


def removed_from(copy: Copy) -> pd.DataFrame:
    """Return what the base says of subscribers whose row somebody has removed: their name and `schema.STATE`.

    >>> base = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active", "custom_field": None})
    >>> removed_from(Copy("north.xlsx", base.head(1), base))["subscriber_name"].tolist()
    ['eve']
    """
    names = read_texts(copy.base[NAME]).arrow
    rows = np.flatnonzero(find_names(names, copy.sheet) < 0)
    names = names.take(rows)
    state = take_state(without_attrs(copy.base), find_names(names, copy.base)).frame()[list(schema.STATE)]
    return state.assign(**{NAME: str_array(names)})


def _is_done(copy: Copy, names: Any, action: Any) -> Mask:
    """Tell which rows are of names that were deleted from this copy, and ask for no more than that."""
    deleted = [name for name, did in copy.carried_out.items() if did == DONE_DELETE]
    return is_text(names, *deleted) & is_text(action, "delete", "none")


def _carried_out(copy: Copy, names: Any) -> Any:
    """Return what was done of each name in an earlier round."""
    if not copy.carried_out:
        return same_text(None, len(names))
    return pa.array([copy.carried_out.get(name) for name in names.to_pylist()], TEXT)


def _as_written(copy: Copy, names: Any, before: Fields) -> tuple[Fields, Any]:
    """Return what each row said when the copy was written: its base, and over it what was proposed."""
    rows = np.flatnonzero(is_text(names, *copy.proposed))
    proposals = dict(zip(rows.tolist(), (copy.proposed[name] for name in names.take(rows).to_pylist()), strict=True))
    written = {
        column: _replace_cells(texts, {row: cells[column] for row, cells in proposals.items() if column in cells})
        for column, texts in before.items()
    }
    action = {row: cells.get("action") or "" for row, cells in proposals.items()}
    return written, _replace_cells(same_text("", len(names)), action)


def _replace_cells(texts: Any, cells: Mapping[int, str | None]) -> Any:
    """Return texts with some cells, by position in ascending order, replaced."""
    if not cells:
        return texts
    is_put = np.zeros(len(texts), dtype=bool)
    is_put[list(cells)] = True
    return pc.replace_with_mask(texts, pa.array(is_put), pa.array(list(cells.values()), TEXT))


def _kinds(action: Any, wished: Fields, known: Mask) -> Cases:
    wants = np.logical_or.reduce([is_known(texts) for texts in wished.values()])
    return select_cases(
        (is_text(action, "delete"), "delete"),
        (is_text(action, "none"), "leave"),
        (is_text(action, "create"), "create"),
        (~known & is_text(action, "update"), "update"),
        (~known, "create"),
        (wants, "change"),
        default="leave",
    )


def normalize(wishes: pd.DataFrame) -> pd.DataFrame:
    """Return the kind and the fields of wishes so that equal wishes are equal rows: a delete has no fields.

    >>> same = pd.DataFrame({"kind": ["create", "create"], "status": ["active", None], "custom_field": ["", None]})
    >>> normalize(same).drop_duplicates().values.tolist()
    [['create', 'active', nan]]
    """
    kind = read_texts(wishes["kind"]).arrow
    creates, has_fields = is_text(kind, "create"), ~is_text(kind, "delete", "leave")
    made = {"kind": kind}
    for each in schema.MUTABLE:
        cells = read_texts(wishes[each.name]).arrow
        if each.at_birth is not None:
            cells = pc.if_else(creates, cells.fill_null(each.at_birth), cells)
        if each.empty_clears:
            cells = pc.if_else(creates, blank_to_null(cells), cells)
        made[each.name] = pc.if_else(has_fields, cells, NULL)
    return pd.DataFrame({name: str_array(texts) for name, texts in made.items()}, index=wishes.index)


def describe_wishes(wishes: pd.DataFrame) -> pd.Series[Any]:
    """Say each wish in a few words.

    >>> made = pd.DataFrame({"kind": ["change", "delete"], "status": ["inactive", None], "custom_field": ["", None]})
    >>> describe_wishes(made).tolist()
    ['inactive, custom_field none', 'delete']
    """
    what = {name: read_texts(column).arrow for name, column in normalize(wishes).items()}
    fields = join_columns(
        [(is_known(what[each.name]), value_texts(blank_to_null(what[each.name]), each)) for each in schema.MUTABLE]
    )
    kind = what["kind"]
    with_fields = pc.if_else(is_text(fields, ""), "", join_pieces(len(kind), " with ", fields))
    with_verb = pc.if_else(is_text(kind, "change"), fields, join_pieces(len(kind), kind, with_fields))
    words = pc.if_else(is_text(kind, "leave"), "leave as it is", pc.if_else(is_text(kind, "delete"), kind, with_verb))
    return pd.Series(str_array(words), index=wishes.index)
