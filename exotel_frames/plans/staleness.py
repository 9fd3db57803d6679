"""The guard against stale plans: each subscriber must still be what the plan was decided on."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import join_texts, same, select_texts
from exotel_frames.frames.part import answered_for_another
from exotel_frames.plans.before import before_image, comparable, current_state, same_state
from exotel_frames.plans.notes import describe_change, describe_state
from exotel_frames.schema import NAME

WAY_ON: Final = "Plan again, or drop this row."


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
    now = current_state(plan[NAME], live)
    rows = plan.reset_index(drop=True)
    exists, open_row = now["known"], ~rows["conflict"] & (rows["action"] != "none")
    creates, deletes, unsure = rows["action"] == "create", rows["action"] == "delete", now["unsure"] != ""
    case = select_texts(
        (~open_row, ""),
        (unsure & ~creates & known_before(rows), "unsure"),
        (deletes & answered_for_another(plan[NAME], live), "unsure"),
        (unsure, ""),
        (~exists & deletes, "nobody"),
        (exists & ~deletes & is_already_applied(rows, now), "applied"),
        (exists & creates, "exists"),
        (~exists & ~creates & known_before(rows), "gone"),
        (exists & ~creates & is_stale(rows, now), "moved"),
    )
    note = rows["note"].where(case == "", _notes(case, rows, now))
    action = rows["action"].mask(case.isin(("nobody", "applied")), "none")
    conflict = rows["conflict"] | case.isin(("exists", "gone", "moved", "unsure"))
    marked = {"action": action.array, "note": note.array, "conflict": conflict.array}
    return plan.assign(**marked)


def known_before(rows: pd.DataFrame) -> pd.Series[Any]:
    """Tell which rows know what the subscriber was: a plan of a bare name knows nothing."""
    return rows["status_from"].notna() | rows["date_updated"].notna()


def is_already_applied(rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    """Tell which subscribers are what the plan wants; a missing status, or field of a bare row, wants nothing."""
    creates = rows["action"] == "create"
    bare = ~known_before(rows) & ~creates
    applied = pd.Series(data=True, index=rows.index)
    for field in schema.MUTABLE:
        wanted = rows[field.name]
        if field.at_birth is not None:
            wanted = wanted.mask(creates & wanted.isna(), field.at_birth)
        wants_nothing = wanted.isna() & (bare | field.always_sent)
        applied &= same(comparable(wanted, field.name), now[field.name]) | wants_nothing
    return applied


def is_stale(rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    """Tell which subscribers are not what the plan was decided on."""
    dated = rows["date_updated"].notna() & now["date_updated"].notna()
    alike = same_state(before_image(rows), now)
    # Dates have whole seconds: a change in the same one shows in the image alone. A note tells of a decided conflict or
    # an undo, whose image is another one than what was read.
    unseen = ~alike & rows["status_from"].notna() & (rows["note"].fillna("") == "")
    return ((rows["date_updated"] != now["date_updated"]) | unseen).where(dated, ~alike & known_before(rows))


def _notes(case: pd.Series[Any], rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    fixed = {
        "applied": "already so",
        "nobody": "already so: there is no such subscriber",
        "gone": f"deleted since this was planned. {WAY_ON}",
        "": "",
    }
    note = case.map(fixed).astype(schema.STR)
    if (case == "unsure").any():
        why = join_texts(now.index, "what it is now is not known: ", now["unsure"], ". ", WAY_ON)
        note = note.where(case != "unsure", why)
    telling = ~case.isin([*fixed, "unsure"])
    if telling.any():
        note[telling] = _what_moved(case[telling], rows[telling], now[telling])
    return note


def _what_moved(case: pd.Series[Any], rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    exists = join_texts(now.index, "exists now: ", describe_state(now), ". ", WAY_ON)
    if (case == "exists").all():
        return exists
    before = before_image(rows)
    before = pd.DataFrame({name: comparable(before[name], name) for name in schema.FIELDS})
    what = describe_change(before, now)
    touched = "touched at " + now["date_updated"].astype(schema.STR) + ", and as before"
    moved = what.where(what != "", touched.fillna(""))
    return exists.where(
        case == "exists", join_texts(now.index, "changed since this was planned: ", moved, ". ", WAY_ON)
    )
