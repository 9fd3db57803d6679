import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames.errors import ValidationError
from exotel_frames.plans import plan_changes, plan_undo_frame
from tests.laws import holds
from tests.plans.plan_kit import DAY, apply, cells, changes, has_the_schema, state, tenant
from tests.plans.wording import UNKNOWN_BEFORE, WAS_SUSPENDED

LATER, LATEST = DAY + pd.Timedelta(days=1), DAY + pd.Timedelta(days=2)
A, OFF, KEPT_OUT = "active", "inactive", "suspended"
TOKENS = "lossy: the list is as before, but the device's tokens are lost"
AGAIN = "lossy: created again, with a new date_created; device tokens are lost"
WAYS = "Drop this row to keep the later changes, or set its conflict to False to undo the run's change anyway."
SINCE = "impossible without losing later changes: changed since the run"
TOUCHED = "touched since the run, and the fields are again as the run left them"


def ran(action, before=None, after=None, *, outcome="done", day=LATER, name="bob"):
    """One row of a finished run: from a (status, custom field) to another."""
    (status_from, field_from), (status, field) = before or (None, None), after or (None, None)
    return {
        "action": action,
        "outcome": outcome,
        "subscriber_name": name,
        "status_from": status_from,
        "status": status,
        "custom_field_from": field_from,
        "custom_field": field,
        "date_updated": day,
    }


UPDATED = ran("update", (A, "x"), (OFF, "x"))
CREATED = ran("create", None, (A, "x"))
DELETED = ran("delete", (A, "x"), day=None)


@pytest.mark.parametrize(
    ("run", "live", "row", "conflict", "note"),
    [
        (UPDATED, ("bob", OFF, "x", LATER), ("update", OFF, A, "x", "x"), False, "exact"),
        (UPDATED, ("bob", OFF, "x", None), ("update", OFF, A, "x", "x"), False, "exact"),
        (UPDATED, ("bob", A, "x", LATEST), ("none", A, A, "x", "x"), False, "exact: already as before the run"),
        (
            UPDATED,
            ("bob", OFF, "y", LATEST),
            ("update", OFF, A, "y", "x"),
            True,
            f"{SINCE}: custom_field 'x' → 'y'. {WAYS}",
        ),
        (UPDATED, ("bob", OFF, "x", LATEST), ("update", OFF, A, "x", "x"), True, f"exact; {TOUCHED}. {WAYS}"),
        (UPDATED, None, ("none", None, None, None, None), False, "impossible: deleted since the run"),
        (ran("update", (A, "x"), (A, None)), ("bob", A, None, LATER), ("update", A, A, None, "x"), False, "exact"),
        (ran("update", (A, ""), (A, "x")), ("bob", A, "x", LATER), ("update", A, A, "x", None), False, "exact"),
        (
            ran("update", None, (OFF, "x")),
            ("bob", OFF, "x", LATER),
            ("none", OFF, OFF, "x", "x"),
            False,
            UNKNOWN_BEFORE,
        ),
        (CREATED, ("bob", A, "x", LATER), ("delete", A, None, "x", None), False, TOKENS),
        (
            ran("create", (OFF, "old"), (A, "x")),  # planned on somebody who was deleted before it was sent
            ("bob", A, "x", LATER),
            ("delete", A, None, "x", None),
            False,
            TOKENS,
        ),
        (CREATED, None, ("none", None, None, None, None), False, "exact: already deleted again"),
        (
            CREATED,
            ("bob", A, "y", LATEST),
            ("delete", A, None, "y", None),
            True,
            f"{SINCE}: custom_field 'x' → 'y'. {WAYS}",
        ),
        (CREATED, ("bob", A, "x", LATEST), ("delete", A, None, "x", None), True, f"{TOKENS}; {TOUCHED}. {WAYS}"),
        (DELETED, None, ("create", None, A, None, "x"), False, AGAIN),
        (
            ran("delete", (OFF, None)),
            None,
            ("create", None, OFF, None, None),
            False,
            f"{AGAIN}; created active, then made inactive",
        ),
        (
            DELETED,
            ("bob", A, "x", LATEST),
            ("none", A, A, "x", "x"),
            False,
            "lossy: somebody has created it again since, just as it was",
        ),
        (
            DELETED,
            ("bob", OFF, "x", LATEST),
            ("none", OFF, OFF, "x", "x"),
            False,
            "impossible: created again since, as inactive, custom_field 'x'",
        ),
        (
            ran("delete"),
            None,
            ("none", None, None, None, None),
            False,
            UNKNOWN_BEFORE,
        ),
        (
            ran("update", (KEPT_OUT, "x"), (A, "x")),
            ("bob", A, "x", LATER),
            ("update", A, OFF, "x", "x"),
            False,
            f"lossy: {WAS_SUSPENDED}",
        ),
        (
            ran("update", (KEPT_OUT, "x"), (KEPT_OUT, "y")),
            ("bob", KEPT_OUT, "y", LATER),
            ("update", KEPT_OUT, KEPT_OUT, "y", "x"),
            False,
            "exact",
        ),
        (
            ran("update", (KEPT_OUT, "x"), (A, "x")),
            ("bob", A, "y", LATEST),
            ("update", A, OFF, "y", "x"),
            True,
            f"{SINCE}: custom_field 'x' → 'y'. {WAYS}",
        ),
        (
            ran("delete", (KEPT_OUT, None), day=None),
            None,
            ("create", None, OFF, None, None),
            False,
            f"{AGAIN}; {WAS_SUSPENDED}",
        ),
        (
            UPDATED | {"outcome": "unknown"},
            ("bob", OFF, "x", LATER),
            ("none", OFF, OFF, "x", "x"),
            False,
            "impossible for now: it is not known whether the run did it; resume the run first",
        ),
    ],
)
def test_the_way_back_says_how_far_it_goes(run, live, row, conflict, note):
    plan = plan_undo_frame(pd.DataFrame([run]), tenant(*[live] if live else []))
    assert changes(plan) == [(row[0], "bob", *row[1:])]
    assert cells(plan, "conflict", "note") == [(conflict, note)]
    assert has_the_schema(plan)


def test_a_frame_that_is_no_run_is_told_so():
    with pytest.raises(ValidationError, match=r"^The run can't be used: it has no column 'outcome'"):
        plan_undo_frame(pd.DataFrame([UPDATED]).drop(columns="outcome"), tenant())


@pytest.mark.parametrize("outcome", ["unchanged", "rejected", "invalid", "conflict", "not_sent"])
def test_what_was_not_done_needs_no_way_back(outcome):
    plan = plan_undo_frame(pd.DataFrame([UPDATED | {"outcome": outcome}]), tenant(("bob", OFF, "x", LATER)))
    assert plan.empty
    assert has_the_schema(plan)


def test_the_last_row_is_undone_first_and_on_what_is_live_now():
    run = pd.DataFrame(
        [UPDATED, ran("create", None, (A, None), name="eve"), ran("delete", (A, None), name="zed")], index=[4, 4, 4]
    )
    live = tenant(("eve", A, None, LATER), ("bob", OFF, "x", LATER))
    live.attrs["account_sid"] = "acme1"
    plan = plan_undo_frame(run, live)
    assert cells(plan, "subscriber_name", "action") == [("zed", "create"), ("eve", "delete"), ("bob", "update")]
    assert plan.index.tolist() == [0, 1, 2]
    assert cells(plan, "date_updated") == [(None,), (LATER,), (LATER,)]
    assert plan.attrs == {"account_sid": "acme1"}


def test_a_frame_that_is_no_run_is_refused_with_all_that_is_missing():
    with pytest.raises(ValidationError, match=r"no column 'status_from'.*no column 'custom_field_from'"):
        plan_undo_frame(pd.DataFrame([UPDATED]).drop(columns=["status_from", "custom_field_from"]), tenant())


names = st.sampled_from([f"{letter}{number}" for letter in "ab" for number in range(10)])
sides = st.dictionaries(
    names, st.tuples(st.sampled_from([A, OFF]), st.sampled_from([None, "x", "y"])), min_size=5, max_size=15
)


@holds(sides, sides)
def test_a_run_that_is_undone_leaves_the_list_as_it_was(a, b):
    a, b = (tenant(*[(name, *cell) for name, cell in side.items()]) for side in (a, b))
    plan = plan_changes(a, b, delete_missing=True)
    live = apply(plan, a, day=LATER)
    run = plan.assign(outcome="done", date_updated=LATER)
    copies = [frame.copy(deep=True) for frame in (run, live)]
    back = plan_undo_frame(run, live)
    for frame, copy in zip((run, live), copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    assert len(back) == len(plan)
    assert not back["conflict"].any()
    assert back["note"].str.match("exact|lossy").all()
    assert state(apply(back, live)) == state(a)


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_whoever_cannot_be_read_now_is_left_alone_and_told(action):
    run = {"action": action, "outcome": "done", "subscriber_name": "eve", "status": "active", "status_from": "inactive"}
    live = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    live.attrs["exotel_frames"] = {"unread": {"eve": "HTTP 403: Protected"}}
    rest = dict.fromkeys(("custom_field_from", "custom_field", "date_updated"))
    undo = plan_undo_frame(pd.DataFrame([run | rest]), live)
    told = "impossible for now: its current state is not known: it can't be read (HTTP 403: Protected)"
    assert undo[["action", "note", "conflict"]].to_numpy().tolist() == [["none", told, False]]
