"""Decides what happened to a request whose response was lost: read, compare, decide. Pure, so that it can be simulated.

There are no idempotency keys; the unique name is the natural key. "Since the intent" is in the service's time: see
`clock`. Dates count more than texts, because a service may store a different text from the one sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from exotel_frames.records import PlanRow, Subscriber, instant, same_text
from exotel_frames.runs.clock import CLOCK_TOLERANCE_S, SAME_CLOCK, ClockGap
from exotel_frames.runs.stored import is_respelled
from exotel_frames.schema import MUTABLE, Field

AGAIN_AFTER: Final = timedelta(seconds=CLOCK_TOLERANCE_S + 1)


class Settlement(Enum):
    """What reading says about a write that may or may not have been carried out."""

    DONE = "it was carried out"
    NAME_TAKEN = "another subscriber has the name"
    GONE = "there is no such subscriber"
    MOVED = "it is neither what it was nor what was sent"
    NOT_DONE = "it was not carried out: send it again"
    UNCLEAR = "it is there, and whose it is can't be told"
    STALE = "the reading is older than what is known: look again"


def settle_create(
    row: PlanRow, live: Subscriber | None, since: datetime | None, gap: ClockGap = SAME_CLOCK
) -> Settlement:
    """Decide about a lost create: ours is a row that was created since the intent, with the text that was sent.

    A text that no service makes of ours, or clocks that don't agree, leave it unclear whose the row is.

    >>> since = instant("2026-01-01T10:00:00+00:00")
    >>> bob = PlanRow(0, "create", "bob", custom_field="support ")
    >>> settle_create(bob, Subscriber("bob", "active", "support", "2026-01-01T10:00:01+00:00"), since).name
    'DONE'
    >>> settle_create(bob, Subscriber("bob", "active", "support", "2025-01-01T10:00:01+00:00"), since).name
    'NAME_TAKEN'
    >>> settle_create(bob, None, since).name
    'NOT_DONE'
    """
    if live is None:
        return Settlement.NOT_DONE
    created = instant(live.date_created)
    if created is None or since is None:
        return Settlement.UNCLEAR  # a service without dates, or without a clock: what can't be known is not claimed
    if gap.is_before(created, since):
        return Settlement.NAME_TAKEN
    return Settlement.DONE if gap.is_since(created, since) and has_our_texts(row, live) else Settlement.UNCLEAR


def has_our_texts(row: PlanRow, live: Subscriber) -> bool:
    """Tell whether the free texts of a subscriber are those that a create sent, in whatever spelling."""
    return all(field_is_as_sent(field, getattr(row, field.name), live) for field in MUTABLE if not field.choices)


def settle_update(row: PlanRow, live: Subscriber | None) -> Settlement:
    """Decide about a lost update: it is there, or nothing has moved since the plan was made, or something else has."""
    if live is None:
        return Settlement.GONE
    updated = instant(live.date_updated)
    if row.date_updated and updated and updated < row.date_updated:
        return Settlement.STALE
    untouched = row.date_updated is None or updated == row.date_updated
    if is_target(row, live) or (not untouched and is_respelled_target(row, live)):
        return Settlement.DONE
    return Settlement.NOT_DONE if untouched else Settlement.MOVED


def settle_delete(
    row: PlanRow, live: Subscriber | None, since: datetime | None, gap: ClockGap = SAME_CLOCK
) -> Settlement:
    """Decide about a lost delete: gone is done, and so is a name that somebody has created again since.

    What is there now was created again when it was created after the last change that the plan knew of, or (nothing
    known) clearly after the intent.
    """
    if live is None:
        return Settlement.DONE
    created, updated = instant(live.date_created), instant(live.date_updated)
    if row.date_updated is None:
        # A tolerance apart: what was created in the very second of the intent may be the one that was meant.
        again = created is not None and since is not None and gap.is_since(created, since + AGAIN_AFTER)
        return Settlement.DONE if again else Settlement.NOT_DONE
    if updated == row.date_updated:
        return Settlement.NOT_DONE
    if updated is not None and updated < row.date_updated:
        return Settlement.STALE
    return Settlement.DONE if created is not None and created > row.date_updated else Settlement.MOVED


def is_target(row: PlanRow, live: Subscriber) -> bool:
    """Tell whether what an update sends is what is there; a field that is kept is not compared."""
    return all(same_text(getattr(live, name), wanted) for name, wanted in fields_to_send(row).items())


def is_respelled_target(row: PlanRow, live: Subscriber) -> bool:
    """Tell whether what is there is what an update sent, its free texts in the service's own spelling."""
    sent = fields_to_send(row)
    return all(field_is_as_sent(field, sent[field.name], live) for field in MUTABLE if field.name in sent)


def field_is_as_sent(field: Field, sent: str | None, live: Subscriber) -> bool:
    """Tell whether one field is what was sent: free text in any spelling, a choice exactly."""
    stored = getattr(live, field.name)
    return same_text(stored, sent) if field.choices else is_respelled(sent, stored)


def fields_to_send(row: PlanRow) -> dict[str, str]:
    """Return what an update sends: what the service insists on, and what changes; `""` clears.

    >>> fields_to_send(PlanRow(0, "update", "bob", "active", None, "vip", None))
    {'status': 'active', 'custom_field': ''}
    """
    sent: dict[str, str] = {}
    for field in MUTABLE:
        before, after = getattr(row, f"{field.name}_from"), getattr(row, field.name)
        if field.always_sent and (after or before):
            sent[field.name] = after or before
        elif not field.always_sent and not same_text(before, after):
            sent[field.name] = after or ""
    return sent


def fields_at_birth(row: PlanRow) -> dict[str, str | None]:
    """Return what a create should leave: what it sent, and what a subscriber is born with where the row wants no other.

    >>> fields_at_birth(PlanRow(0, "create", "bob", status="inactive", custom_field="vip"))
    {'custom_field': 'vip'}
    """
    return {
        field.name: field.at_birth or text
        for field in MUTABLE
        if (text := getattr(row, field.name)) is None or field.at_birth in (None, text)
    }
