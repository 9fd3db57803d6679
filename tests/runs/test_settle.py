"""What reading says about a lost write, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exotel_frames.records import PlanRow, Subscriber
from exotel_frames.runs.clock import ClockGap
from exotel_frames.runs.settle import (
    Settlement,
    fields_at_birth,
    fields_to_send,
    is_target,
    settle_create,
    settle_delete,
    settle_update,
)

INTENT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (INTENT + timedelta(seconds=seconds)).isoformat()


def live(*, status="active", custom_field="team", created=-1000.0, updated=-1000.0) -> Subscriber:
    return Subscriber("bob", status, custom_field, at(created), at(updated))


CREATE = PlanRow(0, "create", "bob", custom_field="team")


@pytest.mark.parametrize(
    ("row", "found", "settlement"),
    [
        (CREATE, None, Settlement.NOT_DONE),
        (CREATE, live(created=0), Settlement.DONE),
        (CREATE, live(created=60), Settlement.DONE),
        (CREATE, live(created=-0.001), Settlement.UNCLEAR),
        (CREATE, live(created=-2), Settlement.UNCLEAR),
        (CREATE, live(created=-2.001), Settlement.NAME_TAKEN),
        (CREATE, live(created=-1000), Settlement.NAME_TAKEN),
        (CREATE, live(created=1, custom_field="theirs"), Settlement.UNCLEAR),
        (CREATE, live(created=1, custom_field=None), Settlement.UNCLEAR),
        (CREATE, live(created=1, status="inactive"), Settlement.DONE),
        (
            PlanRow(0, "create", "bob", status="inactive", custom_field="team"),
            live(created=1, status="inactive"),
            Settlement.DONE,
        ),
        (PlanRow(0, "create", "bob", status="inactive", custom_field="team"), live(created=1), Settlement.DONE),
        (PlanRow(0, "create", "bob"), live(created=1, custom_field=""), Settlement.DONE),
        (CREATE, Subscriber("bob", "active", "team", None), Settlement.UNCLEAR),
        (CREATE, Subscriber("bob", "active", "team", "yesterday"), Settlement.UNCLEAR),
        (CREATE, Subscriber("bob", "active", "theirs", None), Settlement.UNCLEAR),
    ],
)
def test_a_lost_create_is_ours_when_it_was_created_since_the_intent_with_our_text(row, found, settlement):
    assert settle_create(row, found, INTENT) is settlement


def test_a_create_whose_intent_has_no_time_is_neither_claimed_nor_denied():
    assert settle_create(CREATE, live(created=1), None) is Settlement.UNCLEAR
    assert settle_create(CREATE, live(created=1, custom_field="theirs"), None) is Settlement.UNCLEAR


@pytest.mark.parametrize("stored", ["team a", "TEAM A", "Team  A ", "team&nbsp;a", "te\u0301am a"])
def test_a_text_in_the_services_own_spelling_is_still_ours(stored):
    assert (
        settle_create(
            PlanRow(0, "create", "bob", custom_field=" team a\r\n"), live(created=1, custom_field=stored), INTENT
        )
        is Settlement.DONE
    )


@pytest.mark.parametrize(
    ("seconds", "settlement"),
    [(-8, Settlement.NAME_TAKEN), (-7, Settlement.UNCLEAR), (2, Settlement.UNCLEAR), (3, Settlement.DONE)],
)
def test_between_two_clocks_that_were_seen_to_differ_by_3_s_back_and_forth_nothing_is_claimed(seconds, settlement):
    assert settle_create(CREATE, live(created=seconds), INTENT, ClockGap(-5.0, 3.0)) is settlement


UPDATE = PlanRow(
    0,
    "update",
    "bob",
    status_from="active",
    status="inactive",
    custom_field_from="team",
    custom_field="team",
    date_updated=INTENT - timedelta(seconds=1000),
)


@pytest.mark.parametrize(
    ("found", "settlement"),
    [
        (None, Settlement.GONE),
        (live(status="inactive", updated=1), Settlement.DONE),
        (live(status="inactive", custom_field="theirs", updated=1), Settlement.DONE),
        (live(), Settlement.NOT_DONE),
        (live(updated=1), Settlement.MOVED),
        (live(custom_field="theirs", updated=5), Settlement.MOVED),
        (live(updated=-1001), Settlement.STALE),
        (Subscriber("bob", "active", "team", at(-1000), None), Settlement.MOVED),
    ],
)
def test_a_lost_update_is_judged_by_what_it_sent_and_by_what_moved(found, settlement):
    assert settle_update(UPDATE, found) is settlement


def both(status, custom_field):
    """An update of both fields of somebody active without a text."""
    return PlanRow(0, "update", "bob", "active", status, None, custom_field, INTENT - timedelta(seconds=1000))


@pytest.mark.parametrize(
    ("row", "found", "settlement"),
    [
        (both("inactive", "Team A "), live(status="inactive", custom_field="team a", updated=1), Settlement.DONE),
        (both("inactive", "Team A "), live(status="inactive", custom_field="team b", updated=1), Settlement.MOVED),
        (both("inactive", "Team A "), live(status="Inactive", custom_field="Team A ", updated=1), Settlement.MOVED),
        (both("inactive", "Team A "), live(status="active", custom_field="team a", updated=1), Settlement.MOVED),
        (both("active", "Team A "), live(custom_field="team a"), Settlement.NOT_DONE),
        (both("active", "Team A "), live(custom_field="team b"), Settlement.NOT_DONE),
    ],
)
def test_a_text_in_another_spelling_is_ours_once_the_subscriber_has_moved_and_a_status_never_is(row, found, settlement):
    assert settle_update(row, found) is settlement


@pytest.mark.parametrize(
    ("status", "custom_field", "left"),
    [
        (None, "vip", {"status": "active", "custom_field": "vip"}),
        ("active", None, {"status": "active", "custom_field": None}),
        ("inactive", "vip", {"custom_field": "vip"}),  # a second request makes it so: the first leaves it active
    ],
)
def test_what_a_create_leaves_is_what_it_sent_and_the_status_that_all_are_born_with(status, custom_field, left):
    assert fields_at_birth(PlanRow(0, "create", "bob", status=status, custom_field=custom_field)) == left


def test_a_lost_update_that_knew_nothing_before_is_sent_again():
    row = PlanRow(0, "update", "bob", status="inactive")
    assert settle_update(row, live(updated=1)) is Settlement.NOT_DONE


DELETE = PlanRow(0, "delete", "bob", date_updated=INTENT - timedelta(seconds=1000))


@pytest.mark.parametrize(
    ("row", "found", "settlement"),
    [
        (DELETE, None, Settlement.DONE),
        (DELETE, live(), Settlement.NOT_DONE),
        (DELETE, live(updated=1), Settlement.MOVED),
        (DELETE, live(created=1, updated=1), Settlement.DONE),
        (DELETE, live(created=-999, updated=-999), Settlement.DONE),
        (DELETE, live(created=-1000, updated=3), Settlement.MOVED),
        (PlanRow(0, "delete", "bob"), live(), Settlement.NOT_DONE),
        (PlanRow(0, "delete", "bob"), live(created=2.999), Settlement.NOT_DONE),
        (PlanRow(0, "delete", "bob"), live(created=3), Settlement.DONE),
        (DELETE, Subscriber("bob", "active", None, None, at(1)), Settlement.MOVED),
        (DELETE, live(updated=-1001), Settlement.STALE),
        (DELETE, Subscriber("bob", "active", None, at(1), None), Settlement.DONE),
    ],
)
def test_a_lost_delete_never_takes_somebodys_new_subscriber_for_the_old_one(row, found, settlement):
    assert settle_delete(row, found, INTENT) is settlement


def test_a_delete_without_any_time_to_compare_is_sent_again_only_if_it_is_there():
    assert settle_delete(PlanRow(0, "delete", "bob"), live(created=100), None) is Settlement.NOT_DONE
    assert settle_delete(PlanRow(0, "delete", "bob"), None, None) is Settlement.DONE


def test_what_is_kept_is_not_compared():
    kept = PlanRow(0, "update", "bob", status="active", custom_field_from=None, custom_field="")
    assert fields_to_send(kept) == {"status": "active"}
    assert is_target(kept, live(custom_field="anything"))
    cleared = PlanRow(0, "update", "bob", status="active", custom_field_from="team", custom_field="")
    assert fields_to_send(cleared) == {"status": "active", "custom_field": ""}
    assert not is_target(cleared, live())
    assert is_target(cleared, live(custom_field=None))
    assert is_target(PlanRow(0, "update", "bob"), live(status="inactive"))
    moved = PlanRow(0, "update", "bob", custom_field_from="team", custom_field="sales")
    assert is_target(moved, live(custom_field="sales"))
    assert not is_target(moved, live(custom_field="team"))
