"""The way back: a plan that undoes what a run did, as far as that can be done."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.compare import names_of, select_texts
from exotel_frames.outcomes import MAY_BE_DONE, OPEN
from exotel_frames.plans.before import blank, build_plan, current_state, field_as_planned, same_state
from exotel_frames.plans.notes import describe_change, describe_state
from exotel_frames.schema import NAME
from exotel_frames.text import quote_value

NEEDED: Final = ("outcome", *(column for column in schema.PLAN if column not in {"note", "conflict"}))
SINCE: Final = "impossible without losing what came after: changed since the run"
WAYS: Final = "Drop this row to keep that, or set its conflict to False to undo the run's change all the same."
TOKENS: Final = "lossy: the list is as before, the device's tokens are lost"
AGAIN: Final = "lossy: created again, with a new date_created; device tokens are lost"
SUSPENDED: Final = f"{AGAIN}; created active, then made inactive"


def plan_undo_frame(run: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Plan the way back from a run's rows, last one first; each note begins with exact, lossy or impossible.

    `run` has the columns of `NEEDED`, its `date_updated` as the run left it; `live` is a fresh listing. An update is
    undone by an update, a create by a delete, a delete by a create (with the status inactive where it was so: the
    engine follows the create with an update). What was changed since the run is a conflict. Rows that the run did not
    do are left out; one whose outcome is unknown is told, and not touched.

    >>> run = {"action": "create", "outcome": "done", "subscriber_name": "bob", "status": "active"}
    >>> none = dict.fromkeys(("status_from", "custom_field_from", "custom_field", "date_updated"))
    >>> live = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    >>> plan_undo_frame(pd.DataFrame([run | none]), live)[["action", "note"]].values.tolist()
    [['delete', "lossy: the list is as before, the device's tokens are lost"]]
    """
    run = need_columns(run, NEEDED, what="The run")
    did = run["outcome"].isin(MAY_BE_DONE) & run["action"].isin(("create", "update", "delete"))
    rows = run[did.to_numpy()].iloc[::-1].reset_index(drop=True)
    now, before, left = current_state(rows[NAME], live), _image(rows, "_from"), _image(rows, "")
    case = _cases(rows, now, before, left)
    unaskable = _needs_another_status(before["status"], now["status"])
    before["status"] = before["status"].mask(unaskable, "inactive")
    action = case.map({name: action for name, (action, _) in _CASES.items()}).astype(schema.STR)
    nothing, idle, deletes = blank(len(rows)), action == "none", action == "delete"
    columns: dict[str, pd.Series[Any]] = {
        "action": action,
        NAME: names_of(rows[NAME]),
        **{name: before[name].mask(idle, now[name]).mask(deletes, nothing) for name in schema.FIELDS},
        "note": _notes(case, now, left),
        "conflict": case.isin(("update moved", "create moved")),
    }
    if unaskable.any():
        columns["note"] = columns["note"].mask(unaskable & case.isin(("update", "delete")), _like_inactive(rows))
    return build_plan(now, columns, attrs={str(key): value for key, value in live.attrs.items()})


def _needs_another_status(was: pd.Series[Any], now: pd.Series[Any]) -> pd.Series[bool]:
    """Tell which subscribers had a status that can't be asked for, and have it no more."""
    return was.notna() & ~was.isin(schema.STATUSES) & (was != now)


def _like_inactive(rows: pd.DataFrame) -> pd.Series[Any]:
    """Say that `inactive` takes the place of a status that can't be asked for: the subscriber stays kept out."""
    starts = {"delete": f"{AGAIN}; ", "update": "lossy: "}
    pairs = zip(rows["action"], rows["status_from"], strict=True)
    return pd.Series(
        [
            f"{starts.get(action, '')}it was {quote_value(was)}, which can't be asked for: made inactive"
            for action, was in pairs
        ],
        index=rows.index,
        dtype=schema.STR,
    )


def _image(rows: pd.DataFrame, suffix: str) -> pd.DataFrame:
    """Return what the run saw (`_from`) or left, as `current_state` would."""
    named = {name: rows[f"{name}{suffix}"] for name in schema.FIELDS}
    frame = pd.DataFrame({**named, "date_updated": rows["date_updated"]})
    return pd.DataFrame({field: field_as_planned(frame, field) for field in schema.STATE})


def _cases(rows: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame, left: pd.DataFrame) -> pd.Series[Any]:
    """Name each row's case, a key of `_CASES`."""
    creates, deletes = rows["action"] == "create", rows["action"] == "delete"
    exists, no_image = now["known"], ~creates & before["status"].isna()
    as_before, as_left = same_state(now, before), same_state(now, left) & _same_date(now, left)
    return select_texts(
        (rows["outcome"].isin(OPEN), "unsettled"),
        (now["unsure"] != "", "unsure"),
        (creates & ~exists, "create gone"),
        (creates & as_left, "create"),
        (creates, "create moved"),
        (no_image, "no image"),
        (deletes & ~exists & (before["status"] == "inactive"), "delete inactive"),
        (deletes & ~exists, "delete"),
        (deletes & as_before, "delete again"),
        (deletes, "delete taken"),
        (~exists, "update gone"),
        (as_before, "update back"),
        (as_left, "update"),
        default="update moved",
    )


def _same_date(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series[Any]:
    """Tell where the dates agree; a missing one disagrees with nothing."""
    dates = one["date_updated"], other["date_updated"]
    return (dates[0] == dates[1]) | dates[0].isna() | dates[1].isna()


_CASES: Final = {
    "update": ("update", "exact"),
    "update back": ("none", "exact: already as before the run"),
    "update moved": ("update", ""),
    "update gone": ("none", "impossible: deleted since the run"),
    "create": ("delete", TOKENS),
    "create gone": ("none", "exact: already deleted again"),
    "create moved": ("delete", ""),
    "delete": ("create", AGAIN),
    "delete inactive": ("create", SUSPENDED),
    "delete again": ("none", "lossy: somebody has created it again since, just as it was"),
    "delete taken": ("none", ""),
    "no image": ("none", "impossible: the run did not know what it was before"),
    "unsure": ("none", ""),
    "unsettled": ("none", "impossible yet: not known whether the run did it; resume the run first"),
}
"""What each case does, and says; the empty notes are told by what moved."""


def _notes(case: pd.Series[Any], now: pd.DataFrame, left: pd.DataFrame) -> pd.Series[Any]:
    note = case.map({name: note for name, (_, note) in _CASES.items()}).astype(schema.STR)
    taken = "impossible: created again since, as " + describe_state(now)
    what = describe_change(left, now)
    since = SINCE + what.where(what == "", ": " + what) + ". " + WAYS
    since = since.where(case != "unsure", "impossible yet: what it is now is not known: " + now["unsure"])
    return note.where(note != "", since.where(case != "delete taken", taken))
