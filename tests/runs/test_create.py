"""One chunk of creates, step by step: what is asked, in which order, and the verdict of each row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from exotel_frames.errors import BadReplyError, DuplicateError, RejectedError
from exotel_frames.records import Chunk, ErrorData, Item, PlanRow, Reply, Subscriber, Verdict
from exotel_frames.runs.context import MAX_SENDS, SETTLE_LATER
from exotel_frames.runs.create import create_rows
from exotel_frames.runs.make_inactive import GO_ON, HALF_DONE
from exotel_frames.runs.messages import NAME_TAKEN, NO_TIME, REPEATED, UNCLEAR
from exotel_frames.runs.stale_readings import LastKnown
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
from tests.runs.wording import NOT_AS_PLANNED

ANN = PlanRow(4, "create", "ann", custom_field="team")
BOB = PlanRow(7, "create", "bob")
OLD = bob(name="zoe", created=-1000)
LONG_AGO = NOON - timedelta(seconds=90)


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


def too_much(code):
    return RejectedError("No.", http_code=code, code=1003, reason="Not this one", request_id=REQUEST)


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


def test_a_success_is_done_however_far_back_the_clock_of_the_answers_goes():
    context, _ = work_of(("create", structs.replace(created(NEW_ANN, NEW_BOB), server_time=LONG_AGO)), contradicts=True)
    found = create_rows(context, Chunk(5, (ANN, BOB)))
    assert told(found) == [("done", 1), ("done", 1)]
    assert not context.clocks.is_measured


@pytest.mark.parametrize("answer", [created(NEW_ANN, NEW_BOB), reply((Item(202, "success", NEW_ANN),) * 2, 207)])
def test_what_is_only_accepted_is_looked_for(answer):
    answer = structs.replace(answer, http_code=202 if answer.data[0].code == 200 else 207)
    found, _, _ = carried_out(("create", answer), ("list", page(NEW_ANN, NEW_BOB, OLD)))
    assert told(found) == [("done", 1), ("done", 1)]
    found, _, _ = carried_out(("create", answer), ("list", page(NEW_ANN, OLD)), ("create", created(NEW_BOB)))
    assert told(found) == [("done", 1), ("done", 2)]


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


def test_a_post_that_fails_alike_each_time_is_at_last_sent_row_by_row_for_it_may_be_one_rows_doing():
    nothing, lost_whole = ("list", page(OLD)), ("create", failed())
    alone = [("create", failed()), ("create", created(NEW_BOB)), nothing]
    found, context, _ = carried_out(*[lost_whole, nothing] * (MAX_SENDS - 1), *alone)
    assert told(found) == [("unknown", MAX_SENDS), ("done", MAX_SENDS)]
    assert [names for call, names in asked(context) if call == "create"][-2:] == [["ann"], ["bob"]]


@pytest.mark.parametrize("problem", [refused(), too_much(403), BadReplyError("No JSON.", http_code=200)], ids=str)
def test_where_nothing_may_be_listed_the_lost_names_are_asked_for_one_by_one(problem):
    found, context, _ = carried_out(
        ("create", lost()), ("list", problem), ("get", reply(NEW_ANN)), ("get", missing()), ("create", created(NEW_BOB))
    )
    assert told(found) == [("done", 1), ("done", 2)]
    assert not context.stop_signal.is_set()


@pytest.mark.parametrize("problem", [forbidden(), away(), failed()], ids=str)
def test_a_service_that_stays_away_while_it_is_looked_at_stops_the_run(problem):
    found, context, _ = carried_out(("create", lost()), ("list", problem))
    assert told(found) == [("unknown", 1), ("unknown", 1)]
    assert context.stop_signal.is_set()


def test_a_lost_name_that_must_not_be_read_is_unknown_and_the_others_go_on():
    found, context, _ = carried_out(
        ("create", lost()), ("list", refused()), ("get", too_much(423)), ("get", reply(NEW_BOB))
    )
    assert told(found) == [("unknown", 1), ("done", 1)]
    assert (found[0].http_code, found[0].error_description) == (423, SETTLE_LATER)
    assert not context.stop_signal.is_set()


def test_a_lost_name_that_the_service_fails_to_show_is_unknown_and_the_others_go_on():
    steps = [("create", lost()), ("list", refused()), ("get", failed()), ("get", reply(NEW_BOB))]
    found, context, _ = carried_out(*steps)
    assert told(found) == [("unknown", 1), ("done", 1)]
    assert (found[0].http_code, found[0].error_description) == (502, SETTLE_LATER)
    assert not context.stop_signal.is_set()


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


def test_somebody_elses_subscriber_is_never_claimed_and_no_code_is_made_up_for_it():
    theirs = made("ann", "team", seconds=-1000)
    (ann, second), _, _ = carried_out(("create", lost()), ("list", page(NEW_BOB, theirs)))
    assert ann == verdict(
        ANN,
        "rejected",
        1,
        **OK | {"code": None},
        error_message=NAME_TAKEN,
        error_description=f"It is active, custom_field 'team', created {at(-1000)}, changed {at(-1000)}.",
        status="active",
        custom_field="team",
        date_created=at(-1000),
        date_updated=at(-1000),
    )
    assert second.outcome == "done"


@pytest.mark.parametrize("seconds", [-90, -3])
def test_where_nothing_tells_how_two_clocks_differ_a_row_that_seems_a_little_older_is_not_denied(seconds):
    (ann,), _, _ = carried_out(("create", lost()), ("list", page(made("ann", "team", seconds=seconds))), rows=(ANN,))
    assert (ann.outcome, ann.code, ann.date_created) == ("unknown", 200, None)
    assert "may differ by 900 s" in ann.error_message


def test_a_clock_that_is_ahead_by_what_a_reading_shows_claims_nothing():
    seen = reply(page(made("ann", "team", seconds=5)).data)
    told = structs.replace(seen, server_time=NOON)
    (ann,), _, _ = carried_out(("create", lost()), ("list", told), rows=(ANN,))
    assert ann.outcome == "unknown"


@pytest.mark.parametrize("gap", [-90, -2, 3, 90])
def test_the_gap_of_two_clocks_is_learnt_from_what_was_created(gap):
    work, _ = work_of(("create", lost()), ("list", page(made("ann", "team", seconds=gap), made("z", seconds=gap - 9))))
    work.clocks.measure(written=NOON + timedelta(seconds=gap), answered=NOON)
    assert told(create_rows(work, Chunk(5, (ANN,)))) == [("done", 1)]
    work, _ = work_of(("create", lost()), ("list", page(made("ann", "team", seconds=gap - 3))))
    work.clocks.measure(written=NOON + timedelta(seconds=gap), answered=NOON)
    assert told(create_rows(work, Chunk(5, (ANN,)))) == [("rejected", 1)]


def test_what_tells_no_time_is_neither_claimed_nor_denied():
    timeless = Subscriber("bob", "active")
    (found,), _, _ = carried_out(("create", lost()), ("list", page(timeless)), rows=(BOB,))
    said = UNCLEAR.format(why=NO_TIME, state="active, no custom_field")
    assert found == verdict(BOB, "unknown", 1, **OK, error_message=said)


@pytest.mark.parametrize("stored", ["team a", "Team A", None, "something else"])
def test_a_success_is_done_with_what_is_stored_and_says_how_that_differs(stored):
    row = structs.replace(ANN, custom_field=" team a")
    answer = ("create", created(made("ann", stored)))
    look = [("list", page(made("ann", stored), OLD))] if stored in (None, "something else") else []
    (found,), _, waits = carried_out(answer, *look, rows=(row,))
    assert (found.outcome, found.code, found.custom_field) == ("done", 200, stored)
    assert found.error_message == f"Stored differently: custom_field is {stored or ''!r}, not ' team a'."
    assert waits == []


@pytest.mark.parametrize("looks", [1, 0])
def test_a_success_without_a_date_that_shows_another_text_may_show_one_of_before(looks):
    stranger = structs.replace(made("ann", "something else"), date_created=None, date_updated=None)
    (found,), _, _ = carried_out(
        ("create", created(stranger)),
        *[("list", page(stranger))] * looks,
        *[("list", lost())] * (1 - looks),
        rows=(ANN,),
    )
    assert (found.outcome, found.code, found.custom_field) == ("unknown", 200, "something else" if not looks else None)


def test_a_success_that_shows_one_from_long_ago_has_created_nothing():
    (found,), _, _ = carried_out(("create", created(made("ann", "team", seconds=-5000))), rows=(ANN,))
    assert (found.outcome, found.error_message) == ("rejected", NAME_TAKEN)


def test_a_name_that_begins_in_another_status_is_done_and_says_so():
    (found,), _, _ = carried_out(("create", created(made("bob", status="pending"))), rows=(BOB,))
    assert (found.outcome, found.status) == ("done", "pending")
    assert found.error_message == "Stored differently: status is 'pending', not 'active'."


@pytest.mark.parametrize("late", [reply((taken(), Item(200, "success", NEW_BOB)), 207), duplicate()])
def test_a_refusal_behind_a_lost_answer_may_speak_of_our_own_first_request(late):
    steps = [("create", lost()), ("list", page(OLD)), ("create", late), ("list", page(NEW_ANN, NEW_BOB, OLD))]
    found, _, _ = carried_out(*steps)
    assert told(found) == [("done", 2), ("done", 2)]


@pytest.mark.parametrize("problem", [refused(), too_much(403), too_much(423)])
def test_a_post_that_is_refused_as_a_whole_is_looked_at_and_sent_one_by_one(problem):
    steps = [("list", page(OLD)), ("create", problem), ("create", created(NEW_BOB))]
    (ann, second), context, waits = carried_out(("create", problem), *steps)
    assert [one.outcome for one in (ann, second)] == ["rejected", "done"]
    assert (ann.http_code, ann.error_message) == (problem.http_code, problem.reason)
    assert asked(context) == [("create", ["ann", "bob"]), ("list", 0), ("create", ["ann"]), ("create", ["bob"])]
    assert waits == []
    assert not context.stop_signal.is_set()


def test_what_a_refused_post_has_created_all_the_same_is_not_sent_again():
    steps = [("list", page(NEW_ANN, OLD)), ("create", created(NEW_BOB))]
    found, _, _ = carried_out(("create", refused()), *steps)
    assert told(found) == [("done", 1), ("done", 2)]


def test_a_refusal_that_has_a_list_of_items_is_read_item_by_item():
    problem = refused()
    problem.items = (Item(200, "success", NEW_ANN), Item(400, "failure", None, ErrorData(1002, "Invalid parameter")))
    (ann, second), _, _ = carried_out(("create", problem))
    assert (ann.outcome, ann.http_code, ann.code) == ("done", 400, 200)
    assert (second.outcome, second.error_code) == ("rejected", 1002)


def test_a_gateway_that_repeats_a_post_answers_with_refusals_and_these_are_looked_at():
    both = reply((taken(), taken()), 207)
    found, _, _ = carried_out(("create", both), ("list", page(NEW_ANN, NEW_BOB, OLD)))
    assert [one.outcome for one in found] == ["unknown", "unknown"]
    assert all(REPEATED in one.error_message for one in found)


def test_a_chunk_of_names_that_all_exist_costs_two_requests_more():
    both = reply((taken(), taken()), 207)
    old = made("ann", seconds=-5000)
    found, _, waits = carried_out(("create", both), ("list", page(OLD)), ("get", reply(old)))
    assert [(one.outcome, one.code, one.error_code) for one in found] == [("rejected", 409, 1008)] * 2
    assert waits == []


def test_a_name_that_an_earlier_run_has_created_is_not_created_by_this_one():
    work, _ = work_of(("create", lost()), ("list", page(NEW_ANN, OLD)))
    work.known["ann"] = LastKnown(NEW_ANN, NOON, {"status": "active", "custom_field": "team"}, 5.0)
    assert told(create_rows(work, Chunk(5, (ANN,)))) == [("rejected", 1)]


def test_a_reading_that_is_older_than_our_own_delete_is_not_believed():
    old = made("ann", "team", seconds=-50)
    looks = [("list", page(old, OLD)), ("list", page(NEW_ANN, OLD))]
    work, waits = work_of(("create", lost()), *looks)
    work.known["ann"] = LastKnown(None, NOON - timedelta(seconds=50), {"status": "active", "custom_field": "team"}, 5.0)
    assert told(create_rows(work, Chunk(5, (ANN,)))) == [("done", 1)]
    assert len(waits) == 2


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
    assert found[0].error_message.startswith(UNCLEAR.split("{")[0] + NO_TIME)
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
    assert context.service.asked[1] == ("update", "bob", {"status": "inactive", "custom_field": "team"})


def test_one_that_was_changed_before_it_could_be_made_inactive_shows_what_was_created():
    theirs = made("bob", "theirs", seconds=4)
    (found,), _, _ = carried_out(
        ("create", created(AWAKE)), ("update", lost()), ("get", reply(theirs)), rows=(SLEEPER,)
    )
    assert (found.outcome, found.date_created) == ("unknown", at(1))
    assert found.error_message.startswith(f"Created, but not yet made inactive: {NOT_AS_PLANNED}")


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
    ("steps", "code", "said"),
    [
        ([("update", refused())], 400, "Invalid parameter."),
        ([("update", missing())], 404, "Not Found."),
        ([("update", too_much(409))], 409, "Not this one."),
        ([("update", away())], 207, "The run was stopped: No connection."),
        ([("update", lost()), ("get", away())], 207, SETTLE_LATER),
    ],
)
def test_one_that_could_not_be_made_inactive_is_open_and_shows_what_was_created(steps, code, said):
    (found,), _, _ = carried_out(("create", created(AWAKE)), *steps, rows=(SLEEPER,))
    assert (found.outcome, found.status, found.date_created) == ("unknown", "active", at(1))
    assert (found.http_code, found.error_message) == (code, HALF_DONE.format(why=f"{said} {GO_ON}"))
