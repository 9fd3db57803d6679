"""The guard against stale plans: each subscriber must still be what the plan was decided on."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, clauses, same
from exotel_frames.plans.before import current_state
from exotel_frames.plans.notes import describe_change, describe_state

NAME: Final = "subscriber_name"
WAY_ON: Final = "Plan again, or drop this row."


def mark_stale(plan: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Return the plan with what moved since it was made marked as conflict, and with what is so already as `none`.

    A row is stale when the subscriber's `date_updated` is not the plan's, when it is gone, or (a create) when it exists
    now as something else. Where either date is missing, the before-image is compared instead; where the plan knows no
    before-image at all, nothing was decided on it, and the engine asks the service. Rows that are already conflicts, or
    do nothing, stay as they are. A plan that has been applied becomes all `none`: the second time changes nothing.

    >>> live = pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"], "custom_field": [None]})
    >>> row = {"action": "update", "subscriber_name": "bob", "status_from": "active", "status": "inactive"}
    >>> plan = pd.DataFrame([row | dict.fromkeys(("custom_field_from", "custom_field", "date_updated", "note"))])
    >>> mark_stale(plan.assign(conflict=False), live)[["action", "note"]].values.tolist()
    [['none', 'already so']]
    """
    now = current_state(plan[NAME], live)
    rows = plan.reset_index(drop=True)
    there, open_row = now["known"], ~rows["conflict"] & (rows["action"] != "none")
    creates, deletes = rows["action"] == "create", rows["action"] == "delete"
    stale = is_stale(rows, now)
    known = known_before(rows)
    case = clauses(
        (~open_row, ""),
        (~there & deletes, "nobody"),
        (there & ~deletes & is_already_applied(rows, now), "so"),
        (there & creates, "exists"),
        (~there & ~creates & known, "gone"),
        (there & ~creates & stale, "moved"),
    )
    note = rows["note"].where(case == "", _notes(case, rows, now))
    action = rows["action"].mask(case.isin(("nobody", "so")), "none")
    conflict = rows["conflict"] | case.isin(("exists", "gone", "moved"))
    marked = {"action": action.array, "note": note.array, "conflict": conflict.array}
    return plan.assign(**marked)


def known_before(rows: pd.DataFrame) -> pd.Series[Any]:
    """Tell which rows know what the subscriber was: a plan of a bare name knows nothing."""
    return rows["status_from"].notna() | rows["date_updated"].notna()


def is_already_applied(rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    """Tell which subscribers are what the plan wants; a bare row's missing status or custom field wants nothing."""
    creates = rows["action"] == "create"
    bare = ~known_before(rows) & ~creates
    wanted = rows["status"].mask(creates & rows["status"].isna(), "active")
    status = same(wanted, now["status"]) | wanted.isna()
    wants_field = ~(bare & rows["custom_field"].isna())
    return status & (same(blank_to_missing(rows["custom_field"]), now["custom_field"]) | ~wants_field)


def is_stale(rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    """Tell which subscribers are not what the plan was decided on."""
    dated = rows["date_updated"].notna() & now["date_updated"].notna()
    alike = same(rows["status_from"], now["status"]) & same(
        blank_to_missing(rows["custom_field_from"]), now["custom_field"]
    )
    # Dates have whole seconds: a change in the same one shows in the image alone. A note tells of a decided conflict or
    # an undo, whose image is another one than what was read.
    unseen = ~alike & rows["status_from"].notna() & (rows["note"].fillna("") == "")
    return ((rows["date_updated"] != now["date_updated"]) | unseen).where(dated, ~alike & known_before(rows))


def _notes(case: pd.Series[Any], rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    fixed = {
        "so": "already so",
        "nobody": "already so: there is no such subscriber",
        "gone": f"deleted since this was planned. {WAY_ON}",
        "": "",
    }
    note = case.map(fixed).astype(schema.STR)
    telling = ~case.isin(list(fixed))
    if telling.any():
        note[telling] = _told(case[telling], rows[telling], now[telling])
    return note


def _told(case: pd.Series[Any], rows: pd.DataFrame, now: pd.DataFrame) -> pd.Series[Any]:
    exists = "exists now: " + describe_state(now["status"], now["custom_field"])
    what = describe_change(
        rows["status_from"], now["status"], blank_to_missing(rows["custom_field_from"]), now["custom_field"]
    )
    touched = "touched at " + now["date_updated"].astype(schema.STR) + ", and as before"
    changed = "changed since this was planned: " + what.where(what != "", touched.fillna(""))
    return exists.where(case == "exists", changed) + ". " + WAY_ON
