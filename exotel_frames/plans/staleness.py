"""The guard against stale plans: each subscriber must still be in the state that the plan was based on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import without_attrs
from exotel_frames.frames.arrow_columns import (
    Cases,
    Mask,
    alike,
    is_known,
    is_text,
    join_pieces,
    same_text,
    select_cases,
)
from exotel_frames.frames.part import answered_for_another
from exotel_frames.frames.text_column import read_texts, str_array
from exotel_frames.plans.before import (
    Fields,
    State,
    comparable_texts,
    dates_as_planned,
    fields_as_planned,
    requested_fields,
    same_fields,
    state_of,
)
from exotel_frames.plans.notes import change_texts, state_texts
from exotel_frames.schema import NAME

WAY_ON: Final = "Plan again, or drop this row."
_FIXED: Final = {
    "applied": "already so",
    "nobody": "already so: there is no such subscriber",
    "gone": f"deleted since this was planned. {WAY_ON}",
}
"""What is said of each case that needs no look at the row."""


def mark_stale(plan: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Return the plan with what moved since it was made marked as conflict, and with what is so already as `none`.

    A row is stale when the subscriber's `date_updated` is not the plan's, when it is gone, or (a create) when it exists
    now as something else. Where either date is missing, the before-image is compared instead; where the plan knows no
    before-image at all, nothing was decided on it, and the engine asks the service. Rows that are already conflicts, or
    do nothing, stay as they are. Where it is not known whether the subscriber exists, a row that was decided on what it
    was is a conflict; the others leave it to the service. A plan that has been applied becomes all `none`: the second
    time changes nothing.

    >>> live = pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"], "custom_field": [None]})
    >>> row = {"action": "update", "subscriber_name": "bob", "status_from": "active", "status": "inactive"}
    >>> plan = pd.DataFrame([row | dict.fromkeys(("custom_field_from", "custom_field", "date_updated", "note"))])
    >>> mark_stale(plan.assign(conflict=False), live)[["action", "note"]].values.tolist()
    [['none', 'already so']]
    """
    rows = _planned_state(without_attrs(plan))
    now = state_of(rows.names, live)
    is_open = ~rows.conflict & ~is_text(rows.action, "none")
    creates, deletes = is_text(rows.action, "create"), is_text(rows.action, "delete")
    unsure, mistaken = ~is_text(now.unsure, ""), answered_for_another(plan[NAME], live).to_numpy()
    case = select_cases(
        (~is_open, ""),
        (unsure & ~creates & rows.before.known, "unsure"),
        (deletes & mistaken, "unsure"),
        (unsure, ""),
        (~now.known & deletes, "nobody"),
        (now.known & ~deletes & _is_already_applied(rows, now, creates), "applied"),
        (now.known & creates, "exists"),
        (~now.known & ~creates & rows.before.known, "gone"),
        (now.known & ~creates & _is_stale(rows, now), "moved"),
    )
    action = pc.if_else(case.among(["nobody", "applied"]), "none", rows.action)
    conflict = rows.conflict | case.among(["exists", "gone", "moved", "unsure"])
    note = _notes(case, rows, now)
    return plan.assign(action=str_array(action), note=str_array(note), conflict=conflict)


@dataclass(frozen=True)
class _Planned:
    """A plan's rows, as columns; `before` is what they were decided on, and known where there is any such."""

    names: Any
    action: Any
    wanted: Fields
    before: State
    note: Any
    conflict: Mask


def _planned_state(plan: pd.DataFrame) -> _Planned:
    names, action, note = (read_texts(plan[column]).arrow for column in (NAME, "action", "note"))
    before, dates = fields_as_planned(plan, "_from"), dates_as_planned(plan)
    known = is_known(before["status"]) | ~dates.isna()
    conflict = plan["conflict"].to_numpy(dtype=bool)
    return _Planned(
        names, action, requested_fields(plan), State(before, dates, known, same_text("", len(plan))), note, conflict
    )


def _is_already_applied(rows: _Planned, now: State, creates: Mask) -> Mask:
    """Tell which subscribers are what the plan wants; a missing status, or field of a bare row, wants nothing."""
    bare = ~rows.before.known & ~creates
    applied = np.ones(len(bare), dtype=bool)
    for field in schema.MUTABLE:
        wanted = rows.wanted[field.name]
        if field.at_birth is not None:
            wanted = pc.if_else(creates, wanted.fill_null(field.at_birth), wanted)
        wants_nothing = ~is_known(wanted) & (bare | field.always_sent)
        applied &= alike(comparable_texts(wanted, field.name), now.fields[field.name]) | wants_nothing
    return applied


def _is_stale(rows: _Planned, now: State) -> Mask:
    """Tell which subscribers are not what the plan was decided on."""
    was = rows.before
    differs = ~same_fields(was.fields, now.fields)
    # Dates have whole seconds: a change in the same one shows in the image alone. A note tells of a decided conflict or
    # an undo, whose image is another one than what was read.
    unseen = differs & is_known(was.fields["status"]) & is_text(rows.note.fill_null(""), "")
    stale: Mask = np.where(
        was.is_dated() & now.is_dated(), (was.date_updated != now.date_updated) | unseen, differs & was.known
    )
    return stale


def _notes(case: Cases, rows: _Planned, now: State) -> Any:
    note = pc.if_else(case.among([""]), rows.note, case.texts(_FIXED))
    why = join_pieces(len(note), "its current state is not known: ", now.unsure, ". ", WAY_ON)
    note = pc.if_else(case.among(["unsure"]), why, note)
    telling = case.among(["exists", "moved"])
    if not telling.any():
        return note
    told = np.flatnonzero(telling)
    return pc.replace_with_mask(
        note, pa.array(telling), _what_moved(case.take(told), rows.before.take(told), now.take(told))
    )


def _what_moved(case: Cases, before: State, now: State) -> Any:
    exists = join_pieces(len(now.known), "exists now: ", state_texts(now.fields), ". ", WAY_ON)
    what = change_texts(before.fields, now.fields)
    dates = read_texts(pd.Series(now.date_updated).astype(schema.STR)).arrow
    touched = pc.if_else(is_known(dates), join_pieces(len(dates), "touched at ", dates, ", and as before"), "")
    moved = pc.if_else(is_text(what, ""), touched, what)
    changed = join_pieces(len(now.known), "changed since this was planned: ", moved, ". ", WAY_ON)
    return pc.if_else(case.among(["exists"]), exists, changed)
