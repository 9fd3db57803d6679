"""One chunk of creates, step by step: what is asked, in which order, and the verdict of each row."""

from __future__ import annotations

import pytest

from exotel_frames.errors import DuplicateError
from exotel_frames.records import ErrorData, Item, PlanRow, Reply, Subscriber, Verdict
from exotel_frames.runs.context import MAX_SENDS, SETTLE_LATER, Chunk
from exotel_frames.runs.create import UNCLEAR, create_rows
from tests.runs.scripted import (
    NOON,
    REQUEST,
    at,
    away,
    bob,
    failed,
    forbidden,
    lost,
    missing,
    page,
    refused,
    reply,
    work_of,
)

ANN = PlanRow(4, "create", "ann", custom_field="team")
BOB = PlanRow(7, "create", "bob")
OLD = bob(name="zoe", created=-10)


def made(name, custom_field=None, *, seconds=1, status="active"):
    return bob(status, custom_field, created=seconds, updated=seconds, name=name)


NEW_ANN, NEW_BOB = made("ann", "team"), made("bob")
OK = {"http_code": 200, "code": 200, "request_id": REQUEST, "seconds": 0.5}
SHOWN = {"status": "active", "date_created": at(1), "date_updated": at(1)}


def created(*subscribers):
    return reply(tuple(Item(200, "success", each) for each in subscribers), 207)


def taken():
    return Item(409, "failure", None, ErrorData(1008, "Duplicate resource", "It exists."))


def duplicate():
    return DuplicateError("It exists.", http_code=409, code=1008, reason="Duplicate resource", request_id=REQUEST)


def verdict(row, outcome, attempts=0, **fields):
    named = {"row": row.row, "subscriber_name": row.subscriber_name, "action": "create", "outcome": outcome}
    return Verdict(**named, attempts=attempts, **fields)


def carried_out(*steps, rows=(ANN, BOB), was_sent=False, since=None):
    context, waits = work_of(*steps)
    found = create_rows(context, Chunk(5, rows, since, was_sent))
    assert not context.service.steps, "not everything was asked"
    assert [one.row for one in found] == [row.row for row in rows]
    assert [numbers for _, numbers, _ in context.journal.intended] == [
        [row.row for row in rows if row.subscriber_name in names] for call, names in asked(context) if call == "create"
    ]
    return found, context, waits


def asked(context):
    return [(call, rest[0]) for call, *rest in context.service.asked]


def told(found):
    return [(one.outcome, one.attempts) for one in found]


def test_what_the_answer_says_is_what_is_told():
    (ann, second), context, waits = carried_out(("create", reply((Item(200, "success", NEW_ANN), taken()), 207)))
    assert ann == verdict(ANN, "done", 1, **OK | {"http_code": 207}, **SHOWN, custom_field="team")
    refusal = {
        "code": 409,
        "error_code": 1008,
        "error_message": "Duplicate resource",
        "error_description": "It exists.",
    }
    assert second == verdict(BOB, "rejected", 1, **OK | {"http_code": 207} | refusal)
    assert context.journal.intended == [(5, [4, 7], NOON)]
    assert waits == []


@pytest.mark.parametrize("problem", [lost(), failed()])
def test_what_was_lost_and_is_there_since_was_created_by_us(problem):
    (ann, second), _, waits = carried_out(("create", problem), ("list", page(NEW_BOB, NEW_ANN, OLD)))
    assert ann == verdict(ANN, "done", 1, **OK, **SHOWN, custom_field="team")
    assert second == verdict(BOB, "done", 1, **OK, **SHOWN)
    assert len(waits) == 1


def test_what_was_lost_and_is_not_there_is_sent_again_and_nothing_else():
    found, context, _ = carried_out(
        ("create", lost()), ("list", page(NEW_ANN, OLD, last=False)), ("create", created(NEW_BOB))
    )
    assert told(found) == [("done", 1), ("done", 2)]
    assert asked(context) == [("create", ["ann", "bob"]), ("list", 0), ("create", ["bob"])]


def test_names_that_two_pages_do_not_show_are_asked_for_one_by_one():
    newer = [made(f"n{row}") for row in range(100)]
    pages = [("list", page(*newer, last=False)), ("list", page(*newer, last=False))]
    found, context, _ = carried_out(
        ("create", lost()), *pages, ("get", reply(NEW_ANN)), ("get", missing()), ("create", created(NEW_BOB))
    )
    assert told(found) == [("done", 1), ("done", 2)]
    assert asked(context)[1:5] == [("list", 0), ("list", 100), ("get", "ann"), ("get", "bob")]


def test_a_page_that_shows_all_names_is_enough():
    found, _, _ = carried_out(("create", lost()), ("list", page(NEW_ANN, NEW_BOB, last=False)))
    assert told(found) == [("done", 1), ("done", 1)]


def test_a_row_as_old_as_the_grain_does_not_end_the_search():
    edge = [made("z", seconds=-2)]
    found, context, _ = carried_out(
        ("create", lost()), ("list", page(*edge, last=False)), ("list", page(NEW_ANN, NEW_BOB))
    )
    assert told(found) == [("done", 1), ("done", 1)]
    assert asked(context)[1:] == [("list", 0), ("list", 1)]


def test_somebody_elses_subscriber_is_never_claimed():
    theirs = made("ann", "team", seconds=-3)
    (ann, second), _, _ = carried_out(("create", lost()), ("list", page(NEW_BOB, theirs)))
    described = f"Another subscriber has this name: active, custom_field 'team', created {at(-3)}."
    assert ann == verdict(
        ANN,
        "rejected",
        1,
        **OK | {"code": 409},
        error_message="Duplicate resource",
        error_description=described,
        status="active",
        custom_field="team",
        date_created=at(-3),
        date_updated=at(-3),
    )
    assert second.outcome == "done"


def test_what_tells_no_time_is_neither_claimed_nor_denied():
    timeless = Subscriber("bob", "active")
    (found,), _, _ = carried_out(("create", lost()), ("list", page(timeless)), rows=(BOB,))
    assert found == verdict(BOB, "unknown", 1, **OK, status="active", error_message=UNCLEAR)


@pytest.mark.parametrize("late", [reply((taken(), Item(200, "success", NEW_BOB)), 207), duplicate()])
def test_a_refusal_behind_a_lost_answer_may_speak_of_our_own_first_request(late):
    steps = [("create", lost()), ("list", page(OLD)), ("create", late), ("list", page(NEW_ANN, NEW_BOB, OLD))]
    found, _, _ = carried_out(*steps)
    assert told(found) == [("done", 2), ("done", 2)]


@pytest.mark.parametrize(("problem", "code"), [(duplicate(), 409), (refused(), 400)])
def test_a_refusal_of_the_whole_request_at_first_is_one(problem, code):
    found, _, _ = carried_out(("create", problem))
    assert told(found) == [("rejected", 1), ("rejected", 1)]
    assert [one.http_code for one in found] == [code, code]
    assert [one.error_message for one in found] == [problem.reason] * 2


def test_an_item_that_is_not_there_is_looked_for_alone():
    found, _, waits = carried_out(("create", created(NEW_BOB)), ("list", page(NEW_ANN, OLD)))
    assert told(found) == [("done", 1), ("done", 1)]
    assert len(waits) == 1


@pytest.mark.parametrize("problem", [away(), forbidden()])
def test_a_service_that_is_away_leaves_everything_not_sent_and_stops_the_run(problem):
    found, context, _ = carried_out(("create", problem))
    message = f"The run was stopped: {problem}"
    assert found == [verdict(row, "not_sent", error_message=message) for row in (ANN, BOB)]
    assert context.stop_signal.problem is problem


@pytest.mark.parametrize("problem", [away(), lost(), failed()])
def test_what_can_not_be_looked_for_is_unknown_and_stops_the_run(problem):
    found, context, _ = carried_out(("create", lost()), ("list", problem))
    assert found == [verdict(row, "unknown", 1, error_message=SETTLE_LATER) for row in (ANN, BOB)]
    assert context.stop_signal.problem is problem


def test_after_as_many_rounds_as_there_are_it_is_unknown():
    rounds = [step for _ in range(MAX_SENDS) for step in (("create", lost()), ("list", page(OLD)))]
    found, context, waits = carried_out(*rounds)
    assert found == [verdict(row, "unknown", MAX_SENDS, error_message=SETTLE_LATER) for row in (ANN, BOB)]
    assert len(waits) == MAX_SENDS
    assert not context.stop_signal.is_set()


def test_a_chunk_of_an_earlier_run_is_looked_for_first():
    found, context, _ = carried_out(
        ("list", page(NEW_BOB, OLD)), ("create", created(NEW_ANN)), was_sent=True, since=NOON
    )
    assert told(found) == [("done", 1), ("done", 0)]
    assert asked(context) == [("list", 0), ("create", ["ann"])]


def test_a_chunk_whose_first_time_is_not_known_is_looked_for_by_name():
    found, context, _ = carried_out(
        ("get", reply(NEW_ANN)), ("get", missing()), ("create", created(NEW_BOB)), was_sent=True
    )
    assert [one.outcome for one in found] == ["unknown", "done"]
    assert found[0].error_message == UNCLEAR
    assert asked(context)[:2] == [("get", "ann"), ("get", "bob")]


def test_a_stopped_run_looks_for_what_was_lost_and_sends_nothing():
    context, _ = work_of(("list", page(NEW_ANN, OLD)))
    context.stop_signal.stop("Enough.")
    found = create_rows(context, Chunk(5, (ANN, BOB), NOON, was_sent=True))
    assert told(found) == [("done", 0), ("unknown", 0)]
    context, _ = work_of()
    context.stop_signal.stop("Enough.")
    found = create_rows(context, Chunk(5, (ANN, BOB)))
    assert found == [verdict(row, "not_sent", error_message="Enough.") for row in (ANN, BOB)]


SLEEPER = PlanRow(7, "create", "bob", status="inactive", custom_field="team")
AWAKE, ASLEEP = made("bob", "team"), made("bob", "team", status="inactive")


def test_one_that_shall_be_inactive_is_created_and_then_made_so():
    asleep = made("bob", "team", status="inactive", seconds=9)
    (found,), context, _ = carried_out(("create", created(AWAKE)), ("update", reply(asleep)), rows=(SLEEPER,))
    assert (found.outcome, found.status, found.action, found.attempts) == ("done", "inactive", "create", 1)
    assert found.date_updated == at(9)
    assert context.service.asked[1] == ("update", "bob", {"status": "inactive"})


def test_one_that_somebody_changed_before_it_could_be_made_inactive_is_a_conflict():
    theirs = made("bob", "theirs", seconds=4)
    (found,), _, _ = carried_out(
        ("create", created(AWAKE)), ("update", lost()), ("get", reply(theirs)), rows=(SLEEPER,)
    )
    assert found.outcome == "conflict"
    assert found.error_message.startswith("Created, but still active: Somebody else changed it meanwhile")


def test_every_sending_counts_also_those_that_were_told_to_wait():
    patient = Reply((Item(200, "success", NEW_BOB),), 207, REQUEST, attempts=3, seconds=0.5)
    (found,), _, _ = carried_out(("create", patient), rows=(BOB,))
    assert (found.outcome, found.attempts) == ("done", 3)


def test_a_refusal_without_a_reason_says_so():
    (found,), _, _ = carried_out(("create", reply((Item(400, "failure"),), 207)), rows=(BOB,))
    assert (found.outcome, found.code, found.error_message) == ("rejected", 400, "refused without a reason")


def test_one_that_is_inactive_already_is_left_alone():
    (found,), _, _ = carried_out(("list", page(ASLEEP, OLD)), rows=(SLEEPER,), was_sent=True, since=NOON)
    assert (found.outcome, found.status) == ("done", "inactive")


@pytest.mark.parametrize(
    ("steps", "outcome", "said"),
    [
        ([("update", refused())], "rejected", "Invalid parameter"),
        ([("update", away())], "unknown", "The run was stopped: No connection."),
        ([("update", lost()), ("get", away())], "unknown", SETTLE_LATER),
    ],
)
def test_one_that_could_not_be_made_inactive_is_not_called_done(steps, outcome, said):
    (found,), _, _ = carried_out(("create", created(AWAKE)), *steps, rows=(SLEEPER,))
    assert (found.outcome, found.status) == (outcome, "active")
    assert found.error_message == f"Created, but still active: {said}"
