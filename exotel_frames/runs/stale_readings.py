"""Compares reads with this account's own journal: a read may come from a replica that is some seconds behind.

The service has confirmed our own writes, so a read that is older than those is not trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from exotel_frames.records import Subscriber, instant, same_text
from exotel_frames.runs.verdicts import state_of
from exotel_frames.schema import FIELDS

KNOWN_S: Final = 86_400.0
"""What was written longer ago than a day is no longer held against a reading."""
LAG_S: Final = 60.0
"""So long after our own write a reading that does not show the subscriber at all, or no dates, may still be behind."""


class LastKnown(Struct, frozen=True):
    """What the last write of our own has left of a name: a subscriber, or (None) nobody.

    `date_updated` is the newest date that is known of it, `before` the `schema.FIELDS` it had before; `age_s` is how
    long ago that was written down.
    """

    subscriber: Subscriber | None
    date_updated: datetime | None
    before: Mapping[str, str | None]
    age_s: float


def is_stale(known: LastKnown | None, live: Subscriber | None) -> bool:
    """Tell whether a reading is older than our own last write of that name.

    Dates make that sure. Where the service tells none, a reading that shows just what our write of a moment ago has
    changed is taken for a copy that is behind: to believe it would take our own change back.

    >>> wrote = Subscriber("bob", "inactive", None, "2026-01-01T10:00:00+00:00", "2026-01-01T10:00:09+00:00")
    >>> known = LastKnown(wrote, instant(wrote.date_updated), {"status": "active"}, age_s=1.0)
    >>> older = Subscriber("bob", "active", None, wrote.date_created, wrote.date_created)
    >>> is_stale(known, older), is_stale(known, wrote)
    (True, False)
    """
    if known is None or known.age_s > KNOWN_S or live is None:
        return False
    if known.subscriber is None:
        created = instant(live.date_created)
        return created is not None and known.date_updated is not None and created <= known.date_updated
    updated = instant(live.date_updated)
    if updated is None or known.date_updated is None:  # no dates: what we have just changed, and nobody else's change
        return known.age_s < LAG_S and _is_as_before(known, live)
    return updated < known.date_updated or (updated == known.date_updated and _is_as_before(known, live))


def _is_as_before(known: LastKnown, live: Subscriber) -> bool:
    """Tell whether a reading of the same second shows what our own write has changed."""
    assert known.subscriber is not None
    now, after = state_of(live), state_of(known.subscriber)
    as_before = all(same_text(now[name], known.before.get(name)) for name in FIELDS)
    return as_before and not all(same_text(now[name], after[name]) for name in FIELDS)


def is_doubtful(known: LastKnown | None, live: Subscriber | None) -> bool:
    """Tell whether a reading that shows nobody may be behind our own write; it has no date that would tell."""
    return live is None and known is not None and known.subscriber is not None and known.age_s < LAG_S


def believe(known: LastKnown | None, live: Subscriber | None) -> Subscriber | None:
    """Return what is to be believed: the reading, or what our own write has left when the reading is older."""
    return known.subscriber if known is not None and is_stale(known, live) else live
