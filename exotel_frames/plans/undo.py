"""Undo: a plan that reverses what a run did, as far as possible."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.arrow_columns import NULL, Cases, Mask, alike, is_known, is_text, join_pieces, select_cases
from exotel_frames.frames.text_column import TEXT, read_texts
from exotel_frames.outcomes import MAY_BE_DONE, OPEN
from exotel_frames.plans.before import (
    Fields,
    State,
    build_plan,
    dates_as_planned,
    fields_as_planned,
    same_fields,
    state_of,
)
from exotel_frames.plans.notes import change_texts, state_texts
from exotel_frames.schema import NAME
from exotel_frames.text import quote_value

NEEDED: Final = ("outcome", *(column for column in schema.PLAN if column not in {"note", "conflict"}))
SINCE: Final = "impossible without losing later changes: changed since the run"
TOUCHED: Final = "touched since the run, and the fields are again as the run left them"
WAYS: Final = "Drop this row to keep the later changes, or set its conflict to False to undo the run's change anyway."
TOKENS: Final = "lossy: the list is as before, but the device's tokens are lost"
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
    [['delete', "lossy: the list is as before, but the device's tokens are lost"]]
    """
    run = need_columns(run, NEEDED, what="The run")
    did = run["outcome"].isin(MAY_BE_DONE) & run["action"].isin(("create", "update", "delete"))
    rows = run[did.to_numpy()].iloc[::-1].reset_index(drop=True)
    action, outcome, names = (read_texts(rows[column]).arrow for column in ("action", "outcome", NAME))
    now, dates = state_of(names, live), dates_as_planned(rows)
    before, left = fields_as_planned(rows, "_from"), fields_as_planned(rows)
    as_before = same_fields(now.fields, before)
    as_left = same_fields(now.fields, left) & _same_date(now.date_updated, dates)
    case = _cases(action, outcome, now, before["status"], as_before, as_left)
    unaskable = _needs_another_status(before["status"], now.fields["status"])
    before = before | {"status": pc.if_else(unaskable, "inactive", before["status"])}
    made = Cases(tuple(_CASES[name][0] for name in case.names), case.code)
    idle, deletes, note = made.among(["none"]), made.among(["delete"]), _notes(case, now, left)
    if unaskable.any():
        note = pc.if_else(unaskable & case.among(["update", "delete"]), _like_inactive(rows), note)
    columns = {
        "action": made.texts(),
        NAME: names,
        **{name: pc.if_else(deletes, NULL, pc.if_else(idle, now.fields[name], before[name])) for name in schema.FIELDS},
        "note": note,
        "conflict": case.among(["update moved", "create moved"]),
    }
    return build_plan(now, columns, attrs={str(key): value for key, value in live.attrs.items()})


def _needs_another_status(was: Any, now: Any) -> Mask:
    """Tell which subscribers had a status that can't be asked for, and have it no more."""
    return is_known(was) & ~is_text(was, *schema.STATUSES) & ~alike(was, now)


def _like_inactive(rows: pd.DataFrame) -> Any:
    """Say that `inactive` takes the place of a status that can't be asked for: the subscriber stays kept out."""
    starts = {"delete": f"{AGAIN}; ", "update": "lossy: "}
    pairs = zip(rows["action"], rows["status_from"], strict=True)
    return pa.array(
        [
            f"{starts.get(action, '')}it was {quote_value(was)}, which can't be requested: made inactive"
            for action, was in pairs
        ],
        TEXT,
    )


def _cases(action: Any, outcome: Any, now: State, was: Any, as_before: Mask, as_left: Mask) -> Cases:
    """Name each row's case, a key of `_CASES`; `was` is the status before."""
    creates, deletes, exists = is_text(action, "create"), is_text(action, "delete"), now.known
    return select_cases(
        (is_text(outcome, *OPEN), "unsettled"),
        (~is_text(now.unsure, ""), "unsure"),
        (creates & ~exists, "create gone"),
        (creates & as_left, "create"),
        (creates, "create moved"),
        (~is_known(was), "no image"),
        (deletes & ~exists & is_text(was, "inactive"), "delete inactive"),
        (deletes & ~exists, "delete"),
        (deletes & as_before, "delete again"),
        (deletes, "delete taken"),
        (~exists, "update gone"),
        (as_before, "update back"),
        (as_left, "update"),
        default="update moved",
    )


def _same_date(one: Any, other: Any) -> Mask:
    """Tell where the dates agree; a missing one disagrees with nothing."""
    agree: Mask = (one == other) | one.isna() | other.isna()
    return agree


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
    "no image": ("none", "impossible: the run did not record what it was before"),
    "unsure": ("none", ""),
    "unsettled": ("none", "impossible for now: it is not known whether the run did it; resume the run first"),
}
"""What each case does, and says; the empty notes are told by what moved."""


def _notes(case: Cases, now: State, left: Fields) -> Any:
    note = case.texts({name: note for name, (_, note) in _CASES.items()})
    moved = is_text(note, "")
    if not moved.any():
        return note
    taken = join_pieces(len(note), "impossible: created again since, as ", state_texts(now.fields))
    what = change_texts(left, now.fields)
    way_back = select_cases((case.among(["create moved"]), TOKENS), default="exact").texts()
    touched = join_pieces(len(note), way_back, f"; {TOUCHED}. ", WAYS)
    since = pc.if_else(is_text(what, ""), touched, join_pieces(len(note), f"{SINCE}: ", what, ". ", WAYS))
    unsure = join_pieces(len(note), "impossible for now: its current state is not known: ", now.unsure)
    told = pc.if_else(case.among(["delete taken"]), taken, pc.if_else(case.among(["unsure"]), unsure, since))
    return pc.if_else(moved, told, note)
