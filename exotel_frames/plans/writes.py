"""The plans of the three writing verbs: one row for each row that came in, in its order, with its index.

Rows that break a rule are planned as they are (validation tells about them elsewhere). A name that is no text
finds no subscriber.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import names_series, need_columns
from exotel_frames.frames.compare import same, select_texts, texts
from exotel_frames.plans.before import blank, build_plan, comparable, current_state, requested_fields, same_state
from exotel_frames.plans.notes import MAY_REFUSE, NOT_KNOWN, WILL_ASK
from exotel_frames.schema import NAME

OnExists = Literal["reject", "skip", "update"]
_GIVEN_TO_EXISTING: Final = tuple(field.name for field in schema.MUTABLE if not field.always_sent)
"""What `on_exists="update"` gives to those who exist; their status is kept."""
ON_EXISTS: Final = ("reject", "skip", "update")
EXISTS: Final = "exists already"
NOT_FOUND: Final = "not among the current subscribers: the service will be asked"
NOTHING: Final = "nothing to change"


def plan_creates(
    frame: pd.DataFrame,
    *,
    current: pd.DataFrame | None = None,
    on_exists: OnExists = "reject",
) -> pd.DataFrame:
    """Plan a create for each row; of subscribers that are among `current` already, do as `on_exists` says.

    `"reject"` sends them all the same and the service says no, `"skip"` leaves them alone, `"update"` gives them the
    row's custom field (if it has one) and keeps their status. A row without a status is created `active`: the service
    creates no other.

    >>> plan = plan_creates(pd.DataFrame({"subscriber_name": ["bob"]}))
    >>> plan[["action", "subscriber_name", "status"]].values.tolist()
    [['create', 'bob', 'active']]
    """
    if on_exists not in ON_EXISTS:
        raise ValidationError(f"on_exists is {on_exists!r}; it can be one of {', '.join(map(repr, ON_EXISTS))}.")
    frame = need_columns(frame, [NAME])
    live, requested = current_state(frame[NAME], current), requested_fields(frame)
    kept = live["known"] & (on_exists != "reject")
    fresh = pd.DataFrame({name: _differs(requested[name], live[name], name) for name in _GIVEN_TO_EXISTING}).any(axis=1)
    updates = kept & (on_exists == "update") & fresh
    columns = {
        "action": select_texts((updates, "update"), (kept, "none"), default="create"),
        NAME: texts(frame[NAME]),
        **{
            field.name: _created(field, requested[field.name], live[field.name], kept, updates)
            for field in schema.MUTABLE
        },
        "note": select_texts(
            (updates, f"{EXISTS}: updated"),
            (kept, f"{EXISTS}: skipped" if on_exists == "skip" else f"{EXISTS}: {NOTHING}"),
            (live["known"], f"{EXISTS}: the service will refuse it"),
        ).mask(live["unsure"] != "", NOT_KNOWN + live["unsure"] + ". " + MAY_REFUSE),
    }
    return build_plan(live, columns, index=frame.index, attrs=_origin(frame, current))


def _differs(requested: pd.Series[Any], live: pd.Series[Any], field: str) -> pd.Series[Any]:
    return requested.notna() & ~same(comparable(requested, field), live)


def _created(
    field: schema.Field, requested: pd.Series[Any], live: pd.Series[Any], kept: pd.Series[Any], updates: pd.Series[Any]
) -> pd.Series[Any]:
    """Return what one field shall be; those who exist and are kept stay as they are, unless an update gives more."""
    if field.name not in _GIVEN_TO_EXISTING:
        return requested.fillna(field.at_birth).mask(kept, live)
    updated = requested.where(updates & requested.notna(), live.where(updates, comparable(requested, field.name)))
    return updated.mask(kept & ~updates, live)


def plan_updates(frame: pd.DataFrame, current: pd.DataFrame | None) -> pd.DataFrame:
    """Plan an update for each row; what a row does not give stays as it is, and an empty custom field clears.

    A missing column or cell keeps the current value. A row that changes nothing has the action `none`. A name that is
    not among `current` stays an update to what it gives: the service will be asked.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": ["support"]})
    >>> plan = plan_updates(pd.DataFrame({"subscriber_name": ["bob"], "custom_field": ["sales"]}), current)
    >>> plan[["action", "status", "custom_field_from", "custom_field"]].values.tolist()
    [['update', 'active', 'support', 'sales']]
    """
    frame = need_columns(frame, [NAME])
    live, requested = current_state(frame[NAME], current), requested_fields(frame)
    wanted = requested.fillna(live[list(schema.FIELDS)])
    idle = live["known"] & same_state(wanted, live)
    columns = {
        "action": select_texts((idle, "none"), default="update"),
        NAME: texts(frame[NAME]),
        **{name: wanted[name].mask(idle, live[name]) for name in schema.FIELDS},
        "note": _asked(select_texts((~live["known"] & (current is not None), NOT_FOUND), (idle, NOTHING)), live),
    }
    return build_plan(live, columns, index=frame.index, attrs=_origin(frame, current))


def plan_deletes(names: Any, current: pd.DataFrame | None = None) -> pd.DataFrame:
    """Plan a delete for each name, with what is lost by it where `current` knows it.

    >>> plan_deletes(["bob"])[["action", "subscriber_name"]].values.tolist()
    [['delete', 'bob']]
    """
    column = names_series(names)
    live, nothing = current_state(column, current), blank(len(column))
    columns = {
        "action": nothing.fillna("delete"),
        NAME: texts(column),
        **dict.fromkeys(schema.FIELDS, nothing),
        "note": _asked(select_texts((~live["known"] & (current is not None), NOT_FOUND)), live),
    }
    return build_plan(live, columns, index=column.index, attrs=_origin(column, current))


def _asked(note: pd.Series[Any], live: pd.DataFrame) -> pd.Series[Any]:
    """Return the notes, and of whom it is not known whether they exist, why."""
    return note.mask(live["unsure"] != "", NOT_KNOWN + live["unsure"] + ". " + WILL_ASK)


def _origin(given_by: Any, current: pd.DataFrame | None) -> dict[str, Any]:
    """Return where the frames came from (an account, a sandbox): a plan tells it too."""
    return {**given_by.attrs, **({} if current is None else current.attrs)}
