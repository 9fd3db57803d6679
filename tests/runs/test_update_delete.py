"""One update or delete, step by step: what is asked, in which order, and the verdict to the last field."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs.context import MAX_SENDS, SETTLE_LATER
from exotel_frames.runs.messages import ACCEPTED_ONLY, GONE_MEANWHILE, UNCHANGED
from exotel_frames.runs.update_delete import change_row
from tests.runs.scripted import NOON, REQUEST, at, away, bob, failed, forbidden, lost, missing, refused, reply, work_of
from tests.runs.wording import NOT_AS_PLANNED

BEFORE = NOON - timedelta(seconds=1000)
UPDATE = PlanRow(3, "update", "bob", "active", "inactive", "old", "old", BEFORE)
BLIND = PlanRow(3, "update", "bob", custom_field="new")
DELETE = PlanRow(3, "delete", "bob", date_updated=BEFORE)
BARE = PlanRow(3, "delete", "bob")
AFTER = bob("inactive", updated=5)
MOVED = bob("active", "theirs", updated=7)
THEIRS = (
    f"{NOT_AS_PLANNED}: it is active, custom_field 'theirs', created {at(-2000)}, changed {at(7)}. "
    "Somebody may have changed it in the meantime: look at it, and plan again."
)
SHOWN = {"status": "inactive", "custom_field": "old", "date_created": at(-2000), "date_updated": at(5)}
SHOWN_MOVED = {"status": "active", "custom_field": "theirs", "date_created": at(-2000), "date_updated": at(7)}
OK = {"http_code": 200, "code": 200, "request_id": REQUEST, "seconds": 0.5}
GONE = {"http_code": 404, "code": 404, "request_id": REQUEST, "seconds": 0.5}
NOT_FOUND = GONE | {"error_code": 1000, "error_message": "Not Found", "error_description": "Subscriber not found"}


def verdict(row, outcome, attempts=0, **fields):
    named = {"row": row.row, "subscriber_name": "bob", "action": row.action, "outcome": outcome}
    return Verdict(**named, attempts=attempts, **fields)


def accepted(data):
    return reply(data, 202)


def carried_out(row, *steps, was_sent=False):
    context, waits = work_of(*steps)
    found = change_row(context, NOON, row, was_sent=was_sent)
    assert not context.service.steps, "not everything was asked"
    return found, context, waits


@pytest.mark.parametrize(
    ("row", "steps", "expected"),
    [
        (UPDATE, [("update", reply(AFTER))], verdict(UPDATE, "done", 1, **OK, **SHOWN)),
        (UPDATE, [("update", lost()), ("get", reply(AFTER))], verdict(UPDATE, "done", 1, **OK, **SHOWN)),
        (
            UPDATE,
            [("update", failed()), ("get", reply(bob())), ("update", reply(AFTER))],
            verdict(UPDATE, "done", 2, **OK, **SHOWN),
        ),
        (
            UPDATE,
            [("update", reply(bob())), ("get", reply(bob())), ("update", reply(AFTER))],
            verdict(UPDATE, "done", 2, **OK, **SHOWN),
        ),
        (
            UPDATE,
            [("update", lost()), ("get", reply(MOVED))],
            verdict(UPDATE, "conflict", 1, **OK, **SHOWN_MOVED, error_message=THEIRS),
        ),
        (UPDATE, [("update", lost()), ("get", missing())], verdict(UPDATE, "rejected", 1, **NOT_FOUND)),
        (
            UPDATE,
            [("update", lost()), ("get", reply(bob())), ("update", missing())],
            verdict(UPDATE, "rejected", 2, **NOT_FOUND),
        ),
        (UPDATE, [("update", missing())], verdict(UPDATE, "rejected", 1, **NOT_FOUND)),
        (UPDATE, [("update", accepted(AFTER)), ("get", reply(AFTER))], verdict(UPDATE, "done", 1, **OK, **SHOWN)),
        (DELETE, [("delete", accepted(None)), ("get", missing())], verdict(DELETE, "done", 1, **GONE)),
        (
            DELETE,
            [("delete", accepted(None)), ("get", reply(bob()))] * MAX_SENDS,
            verdict(DELETE, "unknown", MAX_SENDS, error_message=ACCEPTED_ONLY),
        ),
        (
            UPDATE,
            [("update", reply(bob())), ("get", reply(bob()))] * MAX_SENDS,
            verdict(
                UPDATE,
                "unknown",
                MAX_SENDS,
                error_message=UNCHANGED.format(what="Stored differently: status is 'active', not 'inactive'."),
            ),
        ),
        (
            UPDATE,
            [("update", refused())],
            verdict(
                UPDATE,
                "rejected",
                1,
                http_code=400,
                code=400,
                error_code=1002,
                error_message="Invalid parameter",
                error_description="No.",
                request_id=REQUEST,
                seconds=0.5,
            ),
        ),
        (
            UPDATE,
            [step for _ in range(MAX_SENDS) for step in (("update", lost()), ("get", reply(bob())))],
            verdict(UPDATE, "unknown", MAX_SENDS, error_message=SETTLE_LATER),
        ),
        (DELETE, [("delete", reply(None, 204))], verdict(DELETE, "done", 1, **OK | {"http_code": 204, "code": 204})),
        (DELETE, [("delete", lost()), ("get", missing())], verdict(DELETE, "done", 1, **GONE)),
        (
            DELETE,
            [("delete", lost()), ("get", reply(bob())), ("delete", missing())],
            verdict(DELETE, "done", 2, **GONE),
        ),
        (
            DELETE,
            [("delete", missing())],
            verdict(DELETE, "unknown", 1, **NOT_FOUND | {"error_message": GONE_MEANWHILE}),
        ),
        (BARE, [("delete", missing())], verdict(BARE, "rejected", 1, **NOT_FOUND)),
        (DELETE, [("delete", lost()), ("get", reply(bob(created=9, updated=9)))], verdict(DELETE, "done", 1, **OK)),
        (
            DELETE,
            [("delete", lost()), ("get", reply(MOVED))],
            verdict(DELETE, "conflict", 1, **OK, **SHOWN_MOVED, error_message=THEIRS),
        ),
        (
            structs.replace(DELETE, date_updated=None),
            [("delete", lost()), ("get", reply(bob(created=9)))],
            verdict(DELETE, "done", 1, **OK),
        ),
    ],
)
def test_each_course_of_a_change_has_its_verdict(row, steps, expected):
    found, context, waits = carried_out(row, *steps)
    assert found == expected
    assert len(waits) == sum(call == "get" for call, *_ in context.service.asked)
    assert not context.stop_signal.is_set()
    assert context.journal.completed == []


@pytest.mark.parametrize("problem", [away(), forbidden()])
@pytest.mark.parametrize(
    ("before", "outcome", "attempts"),
    [([], "not_sent", 0), ([("update", lost()), ("get", reply(bob()))], "unknown", 1)],
)
def test_a_service_that_is_away_stops_the_run_and_leaves_open_only_what_was_sent(before, outcome, attempts, problem):
    found, context, _ = carried_out(UPDATE, *before, ("update", problem))
    assert context.stop_signal.problem is problem
    message = SETTLE_LATER if attempts else f"The run was stopped: {problem}"
    assert found == verdict(UPDATE, outcome, attempts, error_message=message)


@pytest.mark.parametrize("problem", [failed(), lost()])
@pytest.mark.parametrize(("row", "sent", "outcome"), [(UPDATE, True, "unknown"), (BLIND, False, "not_sent")])
def test_a_few_whom_the_service_fails_to_show_stay_open_and_the_run_goes_on(problem, row, sent, outcome):
    context, _ = work_of(*([("update", lost())] * sent + [("get", problem)]) * 4)
    for number in (1, 2, 3, 4):
        found = change_row(context, NOON, row)
        assert (found.outcome, found.http_code) == (outcome, problem.http_code if number < 4 else None)
        assert context.stop_signal.is_set() == (number == 4)  # so many are not odd ones
    assert context.stop_signal.problem is problem
    assert not context.service.steps


@pytest.mark.parametrize("problem", [away(), forbidden()])
def test_a_change_that_can_not_be_looked_for_is_unknown_and_stops_the_run(problem):
    found, context, _ = carried_out(UPDATE, ("update", lost()), ("get", problem))
    assert found == verdict(UPDATE, "unknown", 1, error_message=SETTLE_LATER)
    assert context.stop_signal.problem is problem


def test_a_change_of_an_earlier_run_is_looked_for_first():
    found, _, waits = carried_out(UPDATE, ("get", reply(AFTER)), was_sent=True)
    assert found == verdict(UPDATE, "done", **OK, **SHOWN)
    assert len(waits) == 1


def test_a_stopped_run_sends_nothing_more_and_still_looks_for_what_was_lost():
    context, _ = work_of()
    context.stop_signal.stop("Enough.")
    assert change_row(context, NOON, UPDATE) == verdict(UPDATE, "not_sent", error_message="Enough.")
    context, _ = work_of(("get", reply(bob())))
    context.stop_signal.stop("Enough.")
    found = change_row(context, NOON, UPDATE, was_sent=True)
    assert found == verdict(UPDATE, "unknown", error_message=SETTLE_LATER)


def test_an_update_of_whom_nothing_was_known_reads_writes_down_and_sends_the_status_it_found():
    after = bob("inactive", "new", updated=5)
    found, context, waits = carried_out(BLIND, ("get", reply(bob("inactive"))), ("update", reply(after)))
    assert (found.outcome, found.attempts, waits) == ("done", 1, [])
    assert context.service.asked == [("get", "bob"), ("update", "bob", {"status": "inactive", "custom_field": "new"})]
    known = structs.replace(
        BLIND, status_from="inactive", status="inactive", custom_field_from="old", date_updated=BEFORE
    )
    assert context.journal.completed == [("run", known)]


def test_an_update_of_whom_nothing_was_known_keeps_the_custom_field_that_it_does_not_ask_for():
    row = PlanRow(3, "update", "bob", status="inactive")
    found, context, _ = carried_out(row, ("get", reply(bob())), ("update", reply(AFTER)))
    assert found.outcome == "done"
    assert context.service.asked[-1] == ("update", "bob", {"status": "inactive"})


def test_a_delete_asks_for_the_one_it_is_about():
    _, context, _ = carried_out(DELETE, ("delete", lost()), ("get", missing()))
    assert context.service.asked == [("delete", "bob"), ("get", "bob")]


def test_an_update_of_whom_nothing_was_known_is_a_conflict_when_somebody_was_faster():
    found, _, _ = carried_out(BLIND, ("get", reply(bob())), ("update", lost()), ("get", reply(MOVED)))
    assert (found.outcome, found.error_message) == ("conflict", THEIRS)


@pytest.mark.parametrize(
    ("answer", "outcome", "fields"),
    [
        (
            reply(bob(custom_field="new", updated=5)),
            "unchanged",
            OK | SHOWN | {"status": "active", "custom_field": "new"},
        ),
        (missing(), "rejected", NOT_FOUND),
    ],
)
def test_an_update_that_has_nothing_to_do_or_nobody_to_do_it_to_is_not_sent(answer, outcome, fields):
    found, context, _ = carried_out(BLIND, ("get", answer))
    assert found == verdict(BLIND, outcome, **fields)
    assert context.journal.completed == []


@pytest.mark.parametrize(
    ("row", "sent"),
    [
        (UPDATE, {"status": "inactive"}),
        (structs.replace(UPDATE, status=None, custom_field=""), {"status": "active", "custom_field": ""}),
        (structs.replace(UPDATE, custom_field=None), {"status": "inactive", "custom_field": ""}),
        (structs.replace(UPDATE, custom_field="new"), {"status": "inactive", "custom_field": "new"}),
    ],
)
def test_what_is_kept_is_left_out_and_what_is_cleared_is_sent_empty(row, sent):
    after = bob(sent["status"], None if sent.get("custom_field") == "" else row.custom_field, updated=5)
    found, context, _ = carried_out(row, ("update", reply(after)))
    assert found.outcome == "done"
    assert context.service.asked == [("update", "bob", sent)]
