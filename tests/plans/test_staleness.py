import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames.frames.convert import conform, plan_frame
from exotel_frames.plans import mark_stale, plan_changes, plan_creates, plan_deletes, plan_updates
from tests.laws import holds
from tests.plans.plan_kit import DAY, apply, cells, state, tenant
from tests.plans.wording import DELETED_SINCE, PLAN_AGAIN, changed_since

LATER = DAY + pd.Timedelta(days=1)
A, OFF = "active", "inactive"
BOB = ("bob", A, "x")


def row(*said, **more):
    """What makes a plan of one row: not before it is asked for, as each process collects all cases."""
    return lambda: plan_of_one(*said, **more)


def plan_of_one(action, before=None, after=None, day=DAY, conflict=False):
    """A plan of one row for bob, from a (status, custom field) to another."""
    (status_from, field_from), (status, field) = before or (None, None), after or (None, None)
    columns = {
        "status_from": [status_from],
        "custom_field_from": [field_from],
        "status": [status],
        "custom_field": [field],
    }
    named = {"action": [action], "subscriber_name": ["bob"], "date_updated": [day], "conflict": [conflict]}
    return plan_frame(named | columns)


UPDATE = row("update", (A, "x"), (OFF, "x"))
DELETE = row("delete", (A, "x"))
CREATE = row("create", None, (A, "x"), day=None)
NO_DATE = row("update", (A, "x"), (OFF, "x"), day=None)


@pytest.mark.parametrize(
    ("made", "live", "action", "conflict", "note"),
    [
        (UPDATE, BOB, "update", False, ""),
        (
            UPDATE,
            (*BOB, LATER),
            "update",
            True,
            changed_since("touched at 2026-01-02 00:00:00+00:00, and as before"),
        ),
        (
            UPDATE,
            ("bob", A, "y", LATER),
            "update",
            True,
            changed_since("custom_field 'x' → 'y'"),
        ),
        (UPDATE, ("bob", OFF, "x", LATER), "none", False, "already so"),
        (
            UPDATE,
            ("bob", OFF, "y", LATER),
            "update",
            True,
            changed_since("status active → inactive, custom_field 'x' → 'y'"),
        ),
        (UPDATE, None, "update", True, DELETED_SINCE),
        (UPDATE, ("bob", A, "x", None), "update", False, ""),
        (
            UPDATE,
            ("bob", A, "y", None),
            "update",
            True,
            changed_since("custom_field 'x' → 'y'"),
        ),
        (NO_DATE, (*BOB, LATER), "update", False, ""),
        (
            NO_DATE,
            ("bob", A, "y", LATER),
            "update",
            True,
            changed_since("custom_field 'x' → 'y'"),
        ),
        (NO_DATE, ("bob", OFF, "x", LATER), "none", False, "already so"),
        (NO_DATE, None, "update", True, DELETED_SINCE),
        (row("update", (A, "x"), (A, None)), ("bob", A, None, LATER), "none", False, "already so"),
        (row("update", (A, "x"), (A, "")), ("bob", A, None, LATER), "none", False, "already so"),
        (row("update", (A, "x"), (A, None)), BOB, "update", False, ""),
        (row("update", (A, ""), (OFF, ""), day=None), ("bob", A, None), "update", False, ""),
        (DELETE, BOB, "delete", False, ""),
        (
            DELETE,
            ("bob", A, "y", LATER),
            "delete",
            True,
            changed_since("custom_field 'x' → 'y'"),
        ),
        (DELETE, None, "none", False, "already so: there is no such subscriber"),
        (CREATE, None, "create", False, ""),
        (CREATE, (*BOB, LATER), "none", False, "already so"),
        (CREATE, ("bob", OFF, "x", LATER), "create", True, f"exists now: inactive, custom_field 'x'. {PLAN_AGAIN}"),
        (
            row("create", None, (None, "x"), day=None),
            ("bob", OFF, "x"),
            "create",
            True,
            f"exists now: inactive, custom_field 'x'. {PLAN_AGAIN}",
        ),
        (row("create", None, (None, "x"), day=None), ("bob", A, "x"), "none", False, "already so"),
        # a bare row: nothing was decided on what the subscriber was, and the engine asks
        (row("update", None, (OFF, None), day=None), BOB, "update", False, ""),
        (row("update", None, (OFF, None), day=None), ("bob", OFF, "x"), "none", False, "already so"),
        (row("update", None, (OFF, ""), day=None), ("bob", OFF, "x"), "update", False, ""),
        (row("update", None, (None, "x"), day=None), ("bob", OFF, "x"), "none", False, "already so"),
        (row("update", None, (OFF, None), day=None), None, "update", False, ""),
        (row("delete", day=None), BOB, "delete", False, ""),
        # what does nothing, or is in conflict already, stays
        (row("none", (A, "x"), (A, "x")), ("bob", OFF, "y", LATER), "none", False, ""),
        (row("update", (A, "x"), (OFF, "x"), conflict=True), ("bob", OFF, "x", LATER), "update", True, ""),
    ],
)
def test_the_guard_says_what_moved(made, live, action, conflict, note):
    plan = made()
    guarded = mark_stale(plan, tenant(*[live] if live else []))
    assert cells(guarded, "action", "conflict", "note") == [(action, conflict, note)]
    same = [column for column in plan if column not in ("action", "conflict", "note")]
    pd.testing.assert_frame_equal(guarded[same], plan[same])


def test_the_guard_keeps_notes_index_and_origin():
    plan = pd.concat([UPDATE(), DELETE().assign(subscriber_name="eve")]).set_axis([9, 9]).assign(note="why")
    plan.attrs["account_sid"] = "acme1"
    guarded = mark_stale(plan, tenant(BOB, ("eve", A, "y", LATER)))
    assert guarded.index.tolist() == [9, 9]
    assert guarded.attrs == {"account_sid": "acme1"}
    assert guarded["note"].tolist() == ["why", changed_since("custom_field 'x' → 'y'")]


names = st.sampled_from([f"{letter}{number}" for letter in "ab" for number in range(10)])
sides = st.dictionaries(
    names, st.tuples(st.sampled_from([A, OFF]), st.sampled_from([None, "x", "y"])), min_size=5, max_size=15
)


def frame_of(side):
    return tenant(*[(name, *cell) for name, cell in side.items()])


@holds(sides, sides)
def test_a_plan_guarded_at_once_is_the_plan(a, b):
    a, b = frame_of(a), frame_of(b)
    plan = plan_changes(a, b, delete_missing=True)
    pd.testing.assert_frame_equal(mark_stale(plan, a), plan)


@holds(sides, sides)
def test_a_plan_that_was_applied_has_nothing_left_to_do(a, b):
    a, b = frame_of(a), frame_of(b)
    plans = [
        plan_changes(a, b, delete_missing=True),
        plan_creates(b, current=a, on_exists="update"),
        plan_updates(b[b["subscriber_name"].isin(a["subscriber_name"])], a),
        plan_deletes(a["subscriber_name"], a),
    ]
    for plan in plans:
        again = mark_stale(plan, apply(plan, a, day=LATER))
        assert (again["action"] == "none").all()
        assert not again["conflict"].any()


@holds(sides, sides, sides)
def test_a_guarded_plan_never_touches_what_moved(a, b, now):
    a, b, live = frame_of(a), frame_of(b), tenant(*[(name, *cell, LATER) for name, cell in now.items()])
    plan = plan_changes(a, b, delete_missing=True)
    before = plan.copy(deep=True)
    guarded = mark_stale(plan, live)
    pd.testing.assert_frame_equal(plan, before)
    held, after = state(live), state(apply(guarded, live))
    assert all(after.get(name) == cell for name, cell in held.items())
    assert set(after) - set(held) <= set(plan.loc[plan["action"] == "create", "subscriber_name"])


def test_a_change_within_the_second_of_the_reading_is_seen_though_its_date_is_the_same():
    read = conform(
        pd.DataFrame({"subscriber_name": ["bob"], "status": "active", "custom_field": ["night"]}), "subscribers"
    )
    read["date_updated"] = pd.Timestamp("2026-01-05T10:00:00", tz="UTC").as_unit("us")
    plan = plan_changes(read, pd.DataFrame({"subscriber_name": ["bob"], "custom_field": ["mine"]}))
    guarded = mark_stale(plan, read.assign(custom_field="theirs"))
    assert guarded["conflict"].tolist() == [True]
    assert "'night' → 'theirs'" in guarded["note"].item()
    assert mark_stale(plan, read)["conflict"].tolist() == [False]


@pytest.mark.parametrize("note", ["", None])
def test_a_change_within_the_same_second_is_seen_where_no_note_tells_of_another_decision(note):
    plan = UPDATE().assign(note=pd.Series([note], dtype="str"))
    assert mark_stale(plan, tenant(("bob", A, "y")))["conflict"].tolist() == [True]
    decided = UPDATE().assign(note="you: inactive, meanwhile: custom_field 'x' → 'y'.")
    assert mark_stale(decided, tenant(("bob", A, "y")))["conflict"].tolist() == [False]
