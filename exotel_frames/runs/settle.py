"""What really happened to a request whose answer was lost: read, compare, decide. Pure, so that it can be simulated.

There are no idempotency keys; the unique name is the natural key. "Since the intent" is the server's time: the `Date`
of its answers, compared with its own `date_created`, both in whole seconds of one clock. This machine's clock has no
say.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from exotel_frames.records import PlanRow, Subscriber, instant, same_text
from exotel_frames.schema import MUTABLE, Field

CLOCK_TOLERANCE = timedelta(seconds=2)
"""Dates are whole seconds, and the answer's `Date` may be written a moment after the row: two grains of one second."""


class Settlement(Enum):
    """What reading says about a write that may or may not have been carried out."""

    DONE = "it was carried out"
    NAME_TAKEN = "another subscriber has the name"
    GONE = "there is no such subscriber"
    MOVED = "somebody else changed it meanwhile"
    NOT_DONE = "it was not carried out: send it again"
    UNCLEAR = "it is there, and whose it is can't be told"


def settle_create(row: PlanRow, live: Subscriber | None, since: datetime | None) -> Settlement:
    """Decide about a lost create: ours is a row with the same fields that was created since the intent.

    >>> since = instant("2026-01-01T10:00:00+00:00")
    >>> bob = PlanRow(0, "create", "bob", custom_field="support")
    >>> settle_create(bob, Subscriber("bob", "active", "support", "2026-01-01T10:00:01+00:00"), since).name
    'DONE'
    >>> settle_create(bob, Subscriber("bob", "active", "support", "2025-01-01T10:00:01+00:00"), since).name
    'NAME_TAKEN'
    >>> settle_create(bob, None, since).name
    'NOT_DONE'
    """
    if live is None:
        return Settlement.NOT_DONE
    if not all(_as_created(row, live, field) for field in MUTABLE):
        return Settlement.NAME_TAKEN
    created = instant(live.date_created)
    if created is None or since is None:
        return Settlement.UNCLEAR  # a service without dates, or without a clock: what can't be known is not claimed
    return Settlement.NAME_TAKEN if created < since - CLOCK_TOLERANCE else Settlement.DONE


def _as_created(row: PlanRow, live: Subscriber, field: Field) -> bool:
    now = getattr(live, field.name)
    return same_text(now, getattr(row, field.name)) or (field.at_birth is not None and now == field.at_birth)


def settle_update(row: PlanRow, live: Subscriber | None) -> Settlement:
    """Decide about a lost update: it is there, or nothing has moved since the plan was made, or somebody else was."""
    if live is None:
        return Settlement.GONE
    if is_target(row, live):
        return Settlement.DONE
    untouched = row.date_updated is None or instant(live.date_updated) == row.date_updated
    return Settlement.NOT_DONE if untouched else Settlement.MOVED


def settle_delete(row: PlanRow, live: Subscriber | None, since: datetime | None) -> Settlement:
    """Decide about a lost delete: gone is done, and so is a name that somebody has created again since.

    What is there now was created again when it was created after the last change that the plan knew of, or (nothing
    known) clearly after the intent.
    """
    if live is None:
        return Settlement.DONE
    created, updated = instant(live.date_created), instant(live.date_updated)
    if row.date_updated is None:
        again = created is not None and since is not None and created > since + CLOCK_TOLERANCE
        return Settlement.DONE if again else Settlement.NOT_DONE
    if updated == row.date_updated:
        return Settlement.NOT_DONE
    return Settlement.DONE if created is not None and created > row.date_updated else Settlement.MOVED


def is_target(row: PlanRow, live: Subscriber) -> bool:
    """Tell whether what an update sends is what is there; a field that is kept is not compared."""
    return all(same_text(getattr(live, name), wanted) for name, wanted in fields_to_send(row).items())


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
