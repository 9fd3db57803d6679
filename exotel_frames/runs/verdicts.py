"""Turns responses and errors into the one verdict of a row."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from exotel_frames.errors import ApiError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import ErrorData, Item, PlanRow, Reply, Subscriber, Verdict
from exotel_frames.schema import FIELDS, MUTABLE, Field
from exotel_frames.text import escape_text, quote_value

_SHOWN: Final = (*FIELDS, "date_created", "date_updated")


def blank(row: PlanRow, outcome: Outcome, *, message: str | None = None) -> Verdict:
    """Return a verdict without an answer: `unchanged`, `conflict`, `not_sent` or `unknown`."""
    return Verdict(
        row=row.row,
        subscriber_name=row.subscriber_name,
        action=row.action,
        outcome=outcome,
        error_message=message,
    )


def of_answer(
    row: PlanRow, outcome: Outcome, reply: Reply[Any], live: Subscriber | None, message: str | None = None
) -> Verdict:
    """Return a verdict that an answer settled; `live` is the subscriber as it is now (None when it is gone)."""
    return Verdict(
        row=row.row,
        subscriber_name=row.subscriber_name,
        action=row.action,
        outcome=outcome,
        error_message=message,
        http_code=reply.http_code,
        code=reply.http_code,
        request_id=reply.request_id,
        attempts=reply.attempts,
        seconds=reply.seconds,
        **state_of(live),
    )


def of_item(row: PlanRow, outcome: Outcome, reply: Reply[Any], item: Item, note: str | None = None) -> Verdict:
    """Return the verdict of one item of a 207; a `note` stands in the place of its message."""
    error = item.error_data or ErrorData()
    shows_somebody = item.data and (outcome == "done" or item.data.date_created)  # a refusal may have the name alone
    return msgspec.structs.replace(
        of_answer(row, outcome, reply, item.data if shows_somebody else None),
        code=item.code,
        error_code=error.code,
        error_message=note or (None if outcome == "done" else error.message or "refused without a reason"),
        error_description=error.description,
    )


def of_error(row: PlanRow, outcome: Outcome, problem: ApiError, message: str | None = None) -> Verdict:
    """Return the verdict of a row whose request ended in an error."""
    return msgspec.structs.replace(
        blank(row, outcome, message=message or problem.reason or str(problem)),
        http_code=problem.http_code,
        code=problem.http_code,
        error_code=problem.code,
        error_description=problem.description or (None if problem.reason is None else str(problem)),
        request_id=problem.request_id,
        attempts=problem.attempts,
        seconds=problem.seconds,
    )


def state_of(live: Subscriber | None) -> dict[str, Any]:
    """Return a verdict's columns that show the subscriber; none when it is gone."""
    if live is None:
        return {}
    return {name: getattr(live, name) for name in _SHOWN}


def describe_state(live: Subscriber | Verdict) -> str:
    """Say what a subscriber is now.

    >>> describe_state(Subscriber("bob", "active", "vip", None, "2026-01-01T10:00:00+00:00"))
    "active, custom_field 'vip', changed 2026-01-01T10:00:00+00:00"
    """
    dates = (("created", live.date_created), ("changed", live.date_updated))
    known = [f"{what} {date}" for what, date in dates if date is not None]
    return ", ".join([*(_describe_field(field, getattr(live, field.name)) for field in MUTABLE), *known])


def _describe_field(field: Field, text: str | None) -> str:
    if field.choices:
        return escape_text(str(text))
    return f"{field.name} {quote_value(text)}" if text else f"no {field.name}"
