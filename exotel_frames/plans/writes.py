"""The plans of the three writing verbs: one row for each row that came in, in its order, with its index.

Rows that break a rule are planned as they are (validation reports them elsewhere). A name that is not text matches no
subscriber.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import names_series, need_columns, without_attrs
from exotel_frames.frames.arrow_columns import (
    Mask,
    alike,
    as_texts,
    is_known,
    is_text,
    join_pieces,
    same_text,
    select_cases,
)
from exotel_frames.frames.text_column import read_texts
from exotel_frames.plans.before import State, build_plan, comparable_texts, requested_fields, same_fields, state_of
from exotel_frames.plans.notes import MAY_REFUSE, NOT_KNOWN, WILL_ASK
from exotel_frames.schema import NAME

OnExists = Literal["reject", "skip", "update"]
_GIVEN_TO_EXISTING: Final = tuple(field.name for field in schema.MUTABLE if not field.always_sent)
"""What `on_exists="update"` gives to those who exist; their status is kept."""
ON_EXISTS: Final = ("reject", "skip", "update")
EXISTS: Final = "exists already"
NOT_FOUND: Final = "not among the current subscribers: the service decides"
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
        raise ValidationError(f"on_exists is {on_exists!r}; it must be one of {', '.join(map(repr, ON_EXISTS))}.")
    frame = need_columns(frame, [NAME])
    cells = without_attrs(frame)
    live, requested = state_of(read_texts(cells[NAME]).arrow, current), requested_fields(cells)
    kept = live.known & (on_exists != "reject")
    fresh = [_differs(requested[name], live.fields[name], name) for name in _GIVEN_TO_EXISTING]
    updates = kept & (on_exists == "update") & np.logical_or.reduce(fresh)
    columns = {
        "action": select_cases((updates, "update"), (kept, "none"), default="create").texts(),
        NAME: as_texts(cells[NAME]),
        **{
            field.name: _field_of_create(field, requested[field.name], live.fields[field.name], kept, updates)
            for field in schema.MUTABLE
        },
        "note": _with_unsure(
            live,
            MAY_REFUSE,
            (updates, f"{EXISTS}: updated"),
            (kept, f"{EXISTS}: skipped" if on_exists == "skip" else f"{EXISTS}: {NOTHING}"),
            (live.known, f"{EXISTS}: the service will refuse it"),
        ),
    }
    return build_plan(live, columns, index=frame.index, attrs=_origin(frame, current))


def _differs(requested: Any, live: Any, field: str) -> Mask:
    return is_known(requested) & ~alike(comparable_texts(requested, field), live)


def _field_of_create(field: schema.Field, requested: Any, live: Any, kept: Mask, updates: Mask) -> Any:
    """Return what one field shall be; those who exist and are kept stay as they are, unless an update gives more."""
    if field.name not in _GIVEN_TO_EXISTING:
        return pc.if_else(kept, live, requested.fill_null(field.at_birth))
    given = pc.if_else(is_known(requested), requested, live)
    return pc.if_else(updates, given, pc.if_else(kept, live, comparable_texts(requested, field.name)))


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
    cells = without_attrs(frame)
    live = state_of(read_texts(cells[NAME]).arrow, current)
    wanted = {name: pc.coalesce(texts, live.fields[name]) for name, texts in requested_fields(cells).items()}
    idle = live.known & same_fields(wanted, live.fields)
    columns = {
        "action": select_cases((idle, "none"), default="update").texts(),
        NAME: as_texts(cells[NAME]),
        **{name: pc.if_else(idle, live.fields[name], wanted[name]) for name in schema.FIELDS},
        "note": _with_unsure(live, WILL_ASK, (~live.known & (current is not None), NOT_FOUND), (idle, NOTHING)),
    }
    return build_plan(live, columns, index=frame.index, attrs=_origin(frame, current))


def plan_deletes(names: Any, current: pd.DataFrame | None = None) -> pd.DataFrame:
    """Plan a delete for each name, with what is lost by it where `current` knows it.

    >>> plan_deletes(["bob"])[["action", "subscriber_name"]].values.tolist()
    [['delete', 'bob']]
    """
    column = names_series(names)
    live, rows = state_of(read_texts(column).arrow, current), len(column)
    columns = {
        "action": same_text("delete", rows),
        NAME: as_texts(column),
        **dict.fromkeys(schema.FIELDS, same_text(None, rows)),
        "note": _with_unsure(live, WILL_ASK, (~live.known & (current is not None), NOT_FOUND)),
    }
    return build_plan(live, columns, index=column.index, attrs=_origin(column, current))


def _with_unsure(live: State, what_then: str, *cases: tuple[Mask, str]) -> Any:
    """Return the notes, and of whom it is not known whether they exist, why."""
    why = join_pieces(len(live.known), NOT_KNOWN, live.unsure, ". ", what_then)
    return pc.if_else(is_text(live.unsure, ""), select_cases(*cases).texts(), why)


def _origin(given_by: Any, current: pd.DataFrame | None) -> dict[str, Any]:
    """Return where the frames came from (an account, a sandbox): a plan tells it too."""
    return {**given_by.attrs, **({} if current is None else current.attrs)}
