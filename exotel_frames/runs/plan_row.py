"""The request of a planned row, and what an update or delete row knows about its subscriber."""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from exotel_frames.records import NewSubscriber, PlanRow, Subscriber, instant
from exotel_frames.runs.settle import field_is_as_sent, fields_to_send
from exotel_frames.schema import FIELDS, MUTABLE

_GIVEN_AT_BIRTH: Final = NewSubscriber.__struct_fields__[1:]


def new_subscriber(row: PlanRow) -> NewSubscriber:
    """Return what a create sends; a field that is empty is not sent."""
    fields = {name: text for name in _GIVEN_AT_BIRTH if (text := getattr(row, name))}
    return NewSubscriber(row.subscriber_name, **fields)


def has_our_choices(row: PlanRow, live: Subscriber) -> bool:
    """Tell whether the fields with a closed list of values are as they were sent."""
    sent = fields_to_send(row)
    return all(field_is_as_sent(field, sent[field.name], live) for field in MUTABLE if field.choices)


def is_same_state(one: Subscriber, other: Subscriber) -> bool:
    """Tell whether two readings show the same fields and the same moment of the last change."""
    return all(getattr(one, name) == getattr(other, name) for name in (*FIELDS, "date_updated"))


def lacks_before(row: PlanRow) -> bool:
    """Tell whether an update was planned without knowing the subscriber: its status must be read, never assumed."""
    return row.action == "update" and row.status_from is None


def was_there(row: PlanRow) -> bool:
    """Tell whether a row was planned on a reading that showed the subscriber."""
    return row.status_from is not None or row.date_updated is not None


def with_before(row: PlanRow, live: Subscriber) -> PlanRow:
    """Complete a row that was planned without knowing the subscriber: only then "" is not "keep"."""
    if not lacks_before(row):
        return row
    return structs.replace(
        row,
        date_updated=instant(live.date_updated),
        **{f"{name}_from": getattr(live, name) for name in FIELDS},
        **{name: getattr(live, name) if getattr(row, name) is None else getattr(row, name) for name in FIELDS},
    )


def kept_fields(row: PlanRow) -> dict[str, str]:
    """Return what a subscriber has in the fields that an update does not name."""
    sent = fields_to_send(row)
    before = {field.name: getattr(row, f"{field.name}_from") for field in MUTABLE if field.name not in sent}
    return {name: text for name, text in before.items() if text}


def sendable_fields(row: PlanRow) -> dict[str, Any]:
    """Return what an update sends, once the subscriber was read."""
    fields = fields_to_send(row)
    assert all(field.name in fields for field in MUTABLE if field.always_sent), "it was read before"
    return fields
