"""The hidden copy after a run, and what a row says of its own wish: field by field, without a file."""

from __future__ import annotations

import pandas as pd
import pytest

from exotel_frames.frames.convert import conform, results_frame
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.records import Verdict
from exotel_frames.workbooks.base import Base
from exotel_frames.workbooks.verdicts.live_base import base_after, without_carried_out
from exotel_frames.workbooks.verdicts.messages import messages
from exotel_frames.workbooks.verdicts.overruled import with_overruled
from tests.slow import slow

A, OFF = "active", "inactive"
MEANING = {
    "rejected": "the service refused it",
    "unchanged": "nothing to do: it is already like that",
    "unknown": "sent, but the response was lost: it may or may not have been done; resume the run to settle it",
}
OLD, NEW = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"


def frame(*rows):
    named = pd.DataFrame(list(rows), columns=["subscriber_name", "status", "custom_field"], dtype=object)
    return conform(named.assign(date_created=OLD, date_updated=OLD), "subscribers")


def base_of(*rows, carried_out=None, proposed=None):
    return Base(frame(*rows), {"account_sid": "acme1"}, carried_out=carried_out or {}, proposed=proposed or {})


def done(name, status=A, custom_field=None, *, action="update", outcome="done", date=NEW, **more):
    return Verdict(
        row=0,
        subscriber_name=name,
        action=action,
        outcome=outcome,
        status=status,
        custom_field=custom_field,
        date_created=OLD if status else None,
        date_updated=date if status else None,
        **more,
    )


def gone(name, **more):
    return done(name, None, action="delete", **more)


def after(base, sheet, *verdicts):
    return base_after(base, sheet, results_frame(list(verdicts)))


def cells(made, *columns):
    part = made.frame[list(columns or ("subscriber_name", "status", "custom_field"))].astype(object)
    return [tuple(row) for row in part.where(part.notna(), None).to_numpy().tolist()]


@pytest.mark.parametrize(
    ("was", "cell", "live", "kept"),
    [
        ("old", "new", "new", "new"),  # done as the sheet says
        ("old", "old", "other", "old"),  # somebody else's: an old cell would count as an edit
        ("old", "mine", "theirs", "old"),  # overruled: it is a conflict again
        (None, "new ", "new", "new "),  # stored otherwise: what the sheet says is done
        slow("old", None, None, None),
        slow("old", "", None, None),
        slow(None, None, "theirs", None),
    ],
)
def test_a_field_takes_what_is_live_where_the_sheet_says_the_same(was, cell, live, kept):
    made = after(base_of(("bob", A, was)), frame(("bob", A, cell)), done("bob", A, live))
    assert cells(made) == [("bob", A, kept)]
    assert made.frame["date_updated"].tolist() == [pd.Timestamp(NEW)]


@pytest.mark.parametrize(("cell", "kept"), [(OFF, OFF), (A, A), (None, OFF)])
def test_a_status_that_a_sheet_does_not_give_is_what_is_live(cell, kept):
    made = after(base_of(("bob", A, "x")), frame(("bob", cell, "x")), done("bob", OFF, "x"))
    assert cells(made) == [("bob", kept, "x")]


@pytest.mark.parametrize("outcome", ["rejected", *map(slow, ["unknown", "not_sent", "conflict", "invalid"])])
def test_what_is_not_settled_stays_as_it_was(outcome):
    base = base_of(("bob", A, "x"), proposed={"bob": {"status": OFF}})
    made = after(base, frame(("bob", OFF, "y")), done("bob", OFF, "y", outcome=outcome))
    assert cells(made) == [("bob", A, "x")]
    assert (made.proposed, made.carried_out) == (base.proposed, {})
    assert made.frame["date_updated"].tolist() == [pd.Timestamp(OLD)]


def test_a_delete_leaves_the_base_and_a_create_joins_it_and_both_are_remembered_while_the_sheet_asks_for_them():
    base = base_of(("bob", A, "x"), ("eve", A, None), carried_out={"old": "create", "left": "delete"})
    sheet = frame(("bob", A, "x"), ("eve", A, None), ("new", None, "y"), ("old", A, None), ("plain", A, None))
    sheet["action"] = ["delete", None, "create", "create", ""]
    made = after(base, sheet, gone("bob"), done("new", A, "y", action="create"), done("plain", action="create"))
    assert cells(made) == [("eve", A, None), ("new", A, "y"), ("plain", A, None)]
    assert made.carried_out == {"bob": "delete", "new": "create", "old": "create"}
    assert made.origin == base.origin
    again = sheet.assign(action=[None, None, None, "update", ""])
    assert after(base, again, gone("bob")).carried_out == {"bob": "delete"}  # nothing else is asked for any more


BOTH = (("bob", A, "x"), ("eve", A, None))


def test_a_delete_that_was_taken_back_is_not_a_clean_wish_again():
    sheet = frame(("bob", A, None), ("eve", A, "x")).assign(action=["delete", None])
    deleted = after(base_of(("bob", A, None), ("eve", A, "x")), sheet, gone("bob"))
    back = after(deleted, sheet, done("bob", action="create"))
    assert cells(back, "subscriber_name") == [("eve",)]  # not in the base, and there: a conflict
    assert back.carried_out == {}
    asked_no_more = after(deleted, sheet.assign(action=None), done("bob", action="create"))
    assert cells(asked_no_more, "subscriber_name") == [("eve",), ("bob",)]


def test_names_that_the_sheet_does_not_have_change_nothing_but_for_a_delete():
    base = base_of(*BOTH, proposed={"eve": {"status": OFF}, "bob": {"status": OFF}})
    made = after(base, frame(("bob", A, "x")), done("eve", OFF), gone("bob"), done("new", action="create"))
    assert cells(made) == [("eve", A, None)]
    assert made.proposed == {"eve": {"status": OFF}}
    assert made.carried_out == {"bob": "delete"}
    assert cells(after(base, frame(("bob", A, "x"), ("old", A, None)), gone("old"))) == cells(base_of(*BOTH))


def test_a_date_that_no_answer_told_stays_and_the_last_of_several_results_counts():
    made = after(base_of(("bob", A, "x")), frame(("bob", OFF, "x")), done("bob", OFF, "x", date=None))
    assert made.frame["date_updated"].tolist() == [pd.Timestamp(OLD)]
    made = after(base_of(("bob", A, "x")), frame(("bob", A, "z")), done("bob", A, "y"), done("bob", A, "z"))
    assert cells(made) == [("bob", A, "z")]


def test_columns_that_a_base_did_not_have_are_not_made_up():
    old = Base(frame(("bob", A, "x"))[["subscriber_name", "status"]], {})
    assert list(after(old, frame(("bob", OFF, "x")), done("bob", OFF, "x")).frame) == ["subscriber_name", "status"]
    sheet = frame(("bob", OFF, "x"))[["subscriber_name", "status"]]  # a column that the sheet lacks is what is live
    assert cells(after(base_of(("bob", A, "x")), sheet, done("bob", OFF, "y"))) == [("bob", OFF, "y")]


def test_what_was_carried_out_is_not_asked_for_again_until_somebody_does():
    sheet = pd.DataFrame(
        {"subscriber_name": ["a", "b", "c", "d", "e"], "action": ["create", "delete", None, "create", ""]}
    )
    base = base_of(carried_out={"a": "create", "b": "create", "c": "delete", "d": "delete"})
    assert without_carried_out(sheet, base)["action"].tolist() == ["", "delete", "none", "create", ""]
    plain = sheet[["subscriber_name"]]
    assert without_carried_out(plain, base)["action"].tolist() == ["", "", "none", "none", ""]
    assert without_carried_out(plain, base_of()) is plain
    assert without_carried_out(plain, None) is plain
    nameless = pd.DataFrame({"name": ["a"]})
    assert without_carried_out(nameless, base) is nameless


def untaken(sheet, base, *verdicts):
    sheet = sheet.copy()
    sheet.attrs["exotel_frames"] = {"row_numbers": RowNumbers(range(2, 2 + len(sheet)))}
    words = {2 + at: (at, each.outcome, "done so") for at, each in enumerate(verdicts)}
    return {row: text for row, (_, text) in with_overruled(sheet, base, results_frame(list(verdicts)), words).items()}


@pytest.mark.parametrize(
    ("row", "verdict", "left"),
    [
        (("bob", OFF, "y"), done("bob", OFF, "y"), ""),
        (("bob", OFF, "y"), done("bob", A, "x"), "status 'inactive' and custom_field 'y'"),
        (("bob", OFF, "y"), done("bob", OFF, "z", outcome="unchanged"), "custom_field 'y'"),
        (("bob", A, "y "), done("bob", A, "y"), ""),
        (("bob", A, ""), done("bob", A, "x"), "custom_field ''"),
        slow(("bob", A, "x"), done("bob", OFF, "z"), ""),  # no wish of its own
        (("bob", OFF, "x"), gone("bob"), "status 'inactive'"),
        slow(("bob", OFF, "y"), done("bob", A, "x", outcome="rejected"), ""),  # its own message says so
        slow(("new", OFF, "y"), done("new", A, "x"), ""),  # the base does not know it
        slow(("bob", OFF, None), done("bob", A, None), "status 'inactive'"),
    ],
)
def test_a_row_says_what_of_its_own_wish_was_not_done(row, verdict, left):
    told = untaken(frame(row), base_of(("bob", A, "x")), verdict)
    assert told == {2: f"done so. Not done for this row: {left}" if left else "done so"}


def test_a_delete_that_was_overruled_is_told_too_and_without_a_base_nothing_is():
    sheet = frame(("bob", A, "x"), ("eve", OFF, "x")).assign(action=["delete", None])
    told = untaken(sheet, base_of(("bob", A, "x"), ("eve", A, "x")), done("bob", A, "x"), done("eve", A, "x"))
    assert told == {
        2: "done so. Not done for this row: delete",
        3: "done so. Not done for this row: status 'inactive'",
    }
    assert untaken(sheet, None, done("bob", A, "x")) == {2: "done so"}
    older = Base(frame(("bob", A, "x"))[["subscriber_name", "status"]], {})
    assert untaken(frame(("bob", A, "y")), older, done("bob", A, "x")) == {2: "done so"}  # what it was is not known
    assert untaken(sheet, base_of(("bob", A, "x"))) == {}


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (done("bob", OFF, "y"), "updated: status active → inactive, custom_field 'x' → 'y'"),
        (done("bob", A, "x"), "updated: now active, custom_field 'x'"),
        (done("eve", OFF), "updated: now inactive, custom_field none"),
        (done("bob", None), "updated"),
        (done("bob", A, "x", action="create"), "created"),
        (gone("bob", request_id="r1"), "deleted"),
        (done("bob", A, "x", error_message="stored trimmed"), "stored trimmed"),
        (
            done("bob", None, outcome="rejected", error_message="No", error_description="Why", request_id="r1"),
            "No: Why (request r1)",
        ),
        (done("bob", None, outcome="rejected", error_description="Why"), "Why"),
        (done("bob", None, outcome="conflict", error_message="Moved", request_id="r1"), "Moved"),
        *((done("bob", None, outcome=outcome), MEANING[outcome]) for outcome in ("rejected", "unchanged", "unknown")),
    ],
)
def test_each_result_says_what_became_of_it(verdict, said):
    base = frame(("bob", A, "x"))
    assert messages(results_frame([verdict]), base) == [said]


def test_without_a_base_an_update_says_what_is_there_now_and_a_long_text_is_cut():
    assert messages(results_frame([done("bob", OFF, "y")]), None) == ["updated: now inactive, custom_field 'y'"]
    (text,) = messages(results_frame([done("bob", outcome="rejected", error_message="x" * 5_000)]), None)
    assert len(text) <= 2_000 + len("…")


def test_several_results_have_each_their_own_words():
    rows = [done("new", action="create"), done("bob", OFF, "x"), gone("eve"), done("ann", A, "y")]
    assert messages(results_frame(rows), frame(("bob", A, "x"), ("eve", A, None))) == [
        *("created", "updated: status active → inactive", "deleted", "updated: now active, custom_field 'y'")
    ]


def test_of_a_name_that_a_sheet_has_twice_the_last_row_counts():
    made = after(base_of(("bob", A, "x")), frame(("bob", A, "one"), ("bob", A, "two")), done("bob", A, "two"))
    assert cells(made) == [("bob", A, "two")]
