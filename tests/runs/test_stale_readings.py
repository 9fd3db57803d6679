"""Which of two is believed, as a table: a reading, or what our own write of a moment ago has left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exotel_frames.records import Subscriber
from exotel_frames.runs.stale_readings import KNOWN_S, LAG_S, LastKnown, believe, is_doubtful, is_stale

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
CREATED = -1000.0


def live(status, custom_field, updated, created=CREATED):
    """A subscriber with dates so many seconds after noon, when our write was; None: it has no such date."""
    dates = [
        second if second is None else (NOON + timedelta(seconds=second)).isoformat() for second in (created, updated)
    ]
    return Subscriber("bob", status, custom_field, *dates)


def known(age_s=1.0, after=("inactive", "x"), updated=0.0):
    """What our suspension of somebody active has left."""
    moment = None if updated is None else NOON + timedelta(seconds=updated)
    return LastKnown(live(*after, updated), moment, {"status": "active", "custom_field": "x"}, age_s)


def deleted(updated=0.0):
    return LastKnown(None, None if updated is None else NOON + timedelta(seconds=updated), {}, 1.0)


BEFORE, OURS, THEIRS = ("active", "x"), ("inactive", "x"), ("active", "theirs")


@pytest.mark.parametrize(
    ("wrote", "reading", "stale"),
    [
        (None, live(*BEFORE, -1), False),
        (known(), None, False),
        # dates tell: older is stale, whatever it shows, and newer is not
        (known(), live(*BEFORE, -1), True),
        (known(), live(*THEIRS, -1), True),
        (known(), live(*BEFORE, 1), False),
        # of the same second is stale what shows just what we have changed
        (known(), live(*BEFORE, 0), True),
        (known(), live(*OURS, 0), False),
        (known(), live(*THEIRS, 0), False),
        (known(after=BEFORE), live(*BEFORE, 0), False),
        # without dates the same, as long as a copy may lag
        (known(), live(*BEFORE, None), True),
        (known(), live(*OURS, None), False),
        (known(), live(*THEIRS, None), False),
        (known(updated=None), live(*BEFORE, -1), True),
        (known(updated=None), live(*THEIRS, -1), False),
        (known(age_s=LAG_S - 0.1), live(*BEFORE, None), True),
        (known(age_s=LAG_S), live(*BEFORE, None), False),
        # what we wrote more than a day ago is held against nobody
        (known(age_s=KNOWN_S), live(*BEFORE, -1), True),
        (known(age_s=KNOWN_S + 1), live(*BEFORE, -1), False),
        # whom we have deleted: one who was created since is another one
        (deleted(), live(*BEFORE, -1, created=-1), True),
        (deleted(), live(*BEFORE, 0, created=0), True),
        (deleted(), live(*BEFORE, 1, created=1), False),
        (deleted(), live(*BEFORE, -1, created=None), False),
        (deleted(updated=None), live(*BEFORE, -1, created=-1), False),
    ],
)
def test_a_reading_that_is_older_than_our_own_write_is_not_believed(wrote, reading, stale):
    assert is_stale(wrote, reading) is stale
    assert believe(wrote, reading) == (wrote.subscriber if stale else reading)


@pytest.mark.parametrize(
    ("wrote", "reading", "doubtful"),
    [
        (known(), None, True),
        (known(age_s=LAG_S - 0.1), None, True),
        (known(age_s=LAG_S), None, False),
        (known(), live(*BEFORE, -1), False),
        (deleted(), None, False),
        (None, None, False),
    ],
)
def test_that_nobody_is_there_is_doubted_where_we_have_just_written_somebody(wrote, reading, doubtful):
    assert is_doubtful(wrote, reading) is doubtful
