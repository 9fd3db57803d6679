"""Readings beside what this account's own journal knows: a reading may come from a copy that is some seconds behind.

What we wrote ourselves was answered by the service, so a reading that is older than that is not believed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from exotel_frames.records import Subscriber, instant, same_text

KNOWN_S: Final = 86_400.0
"""What was written longer ago than a day is no longer held against a reading."""
LAG_S: Final = 60.0
"""So long after our own write a reading that does not show the subscriber at all may still be behind."""


class LastKnown(Struct, frozen=True):
    """What the last write of our own has left of a name: a subscriber, or (None) nobody.

    `date_updated` is the newest date that is known of it, `status_from` and `custom_field_from` what it was before;
    `age_s` is how long ago that was written down.
    """

    subscriber: Subscriber | None
    date_updated: datetime | None
    status_from: str | None
    custom_field_from: str | None
    age_s: float


def is_stale(known: LastKnown | None, live: Subscriber | None) -> bool:
    """Tell whether a reading is surely older than our own last write of that name.

    >>> wrote = Subscriber("bob", "inactive", None, "2026-01-01T10:00:00+00:00", "2026-01-01T10:00:09+00:00")
    >>> known = LastKnown(wrote, instant(wrote.date_updated), "active", None, age_s=1.0)
    >>> older = Subscriber("bob", "active", None, wrote.date_created, wrote.date_created)
    >>> is_stale(known, older), is_stale(known, wrote)
    (True, False)
    """
    if known is None or known.age_s > KNOWN_S or live is None or known.date_updated is None:
        return False
    if known.subscriber is None:
        created = instant(live.date_created)
        return created is not None and created <= known.date_updated
    updated = instant(live.date_updated)
    if updated is None:
        return False
    return updated < known.date_updated or (updated == known.date_updated and _is_as_before(known, live))


def _is_as_before(known: LastKnown, live: Subscriber) -> bool:
    """Tell whether a reading of the same second shows what our own write has changed."""
    assert known.subscriber is not None
    before = live.status == known.status_from and same_text(live.custom_field, known.custom_field_from)
    return before and not _is_alike(live, known.subscriber)


def _is_alike(one: Subscriber, other: Subscriber) -> bool:
    return one.status == other.status and same_text(one.custom_field, other.custom_field)


def is_doubtful(known: LastKnown | None, live: Subscriber | None) -> bool:
    """Tell whether a reading that shows nobody may be behind our own write; it has no date that would tell."""
    return live is None and known is not None and known.subscriber is not None and known.age_s < LAG_S


def believe(known: LastKnown | None, live: Subscriber | None) -> Subscriber | None:
    """Return what is to be believed: the reading, or what our own write has left when the reading is older."""
    return known.subscriber if known is not None and is_stale(known, live) else live
