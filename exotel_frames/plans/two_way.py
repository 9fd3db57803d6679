"""A sheet without its base: only the dates in it show what others changed since it was written."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.plans.before import positions

NO_BASE: Final = "two-way: without a base, changes made by others in the meantime can't be detected"
STRIPPED: Final = (
    "the workbook's base (a hidden sheet) was removed: this change may undo what others changed since the workbook "
    "was written. Drop this row to keep what is there, or set its conflict to False to write what the sheet says."
)
MOVED: Final = (
    "changed since the sheet was written ({then}, now {now}), and the sheet has no base, so your edits can't be "
    "told from changes made by others. "
    "Drop this row to keep what is there, or set its conflict to False to write what the sheet says."
)


def mark_two_way(plan: pd.DataFrame, sheet: pd.DataFrame, *, was_stripped: bool) -> pd.DataFrame:
    """Return a two-way plan that says so in each row that changes or deletes somebody.

    A row whose `date_updated` in the sheet is still that of the subscriber is exact. One whose date has moved is a
    conflict; so is one without a date where the base was taken out of the workbook (`was_stripped`).

    >>> sheet = pd.DataFrame({"subscriber_name": ["bob"], "date_updated": ["2026-01-01T00:00:00+00:00"]})
    >>> plan = pd.DataFrame({"action": ["update"], "subscriber_name": ["bob"], "note": [""], "conflict": [False]})
    >>> live = plan.assign(date_updated=pd.to_datetime(["2026-01-02T00:00:00Z"]))
    >>> mark_two_way(live, sheet, was_stripped=False)["conflict"].tolist()
    [True]
    """
    then = _dates(plan, sheet)
    now = plan["date_updated"].dt.floor("s")
    changes = plan["action"].isin(["update", "delete"]) & ~plan["conflict"]
    moved = changes & then.notna() & now.notna() & (then != now)
    unknown = changes & (then.isna() | now.isna())
    note = plan["note"].mask(unknown, _add_note(STRIPPED if was_stripped else NO_BASE, plan["note"]))
    for row in plan.index[moved]:
        sentence = MOVED.format(then=f"{then[row]:%Y-%m-%d %H:%M:%S}", now=f"{now[row]:%Y-%m-%d %H:%M:%S}")
        note[row] = f"{sentence} {plan.loc[row, 'note']}".strip()
    return plan.assign(note=note, conflict=plan["conflict"] | moved | (unknown & was_stripped))


def _add_note(text: str, note: pd.Series[Any]) -> pd.Series[Any]:
    return (text + ". " + note).where(note != "", text).astype(schema.STR)


def _dates(plan: pd.DataFrame, sheet: pd.DataFrame) -> pd.Series[Any]:
    """Return when the sheet says that each subscriber of the plan was last changed."""
    nothing = pd.Series(pd.NaT, index=plan.index, dtype=schema.DATE)
    if "date_updated" not in sheet or not len(plan):
        return nothing
    where = positions(plan[schema.NAME], sheet)
    dates = sheet["date_updated"].astype(object).iloc[where].where(where >= 0, None)
    found = pd.to_datetime(dates, format="ISO8601", errors="coerce", utc=True).dt.floor("s")
    return pd.Series(found.array, index=plan.index).astype(schema.DATE)
