"""Which result belongs to which row of a sheet, and what is said of rows without one: without a file."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import results_frame
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.frames.text_column import TEXT
from exotel_frames.records import Verdict
from exotel_frames.workbooks.base import Base
from exotel_frames.workbooks.verdicts.match_rows import match_rows
from exotel_frames.workbooks.verdicts.not_in_run import messages_not_in_run

WAY_ON = (
    "Nothing was written. A name that was changed after reading can't be found: write it into the sheet as it was "
    "sent, or leave its result out. If the run was for several workbooks, pass all of them."
)


def numbers(*names):
    return RowNumbers(range(2, 2 + len(names)), pa.array(names, TEXT))


def results(*names, action="update", rows=None):
    verdicts = [Verdict(row=at, subscriber_name=name, action=action, outcome="done") for at, name in enumerate(names)]
    made = results_frame(verdicts)
    return made if rows is None else made.set_index(pd.Index(rows)).assign(row=rows)


def matched(sheet, found, words=None):
    return match_rows("new.xlsx", numbers(*sheet), found, words or [("done", "updated")] * len(found))


def refusal(sheet, found, words=None):
    with pytest.raises(WorkbookError) as told:
        matched(sheet, found, words)
    return str(told.value).removeprefix("new.xlsx and the results don't belong together: ")


@pytest.mark.parametrize(
    ("before", "after"),
    [("priya s", "priyas"), ("Prïya!", "priya"), ("abcdefg xyz", "abcdefg123"), ("a_b", "ab")],
)
def test_a_name_that_was_mended_stands_in_the_row_of_the_illegal_one(before, after):
    assert matched(["bob", before], results("bob", after, rows=[0, 1])) == ({2: 0, 3: 1}, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("robert1", "robert2"),  # another legal name is another subscriber
        ("abcdefg xyzv", "abcdefg123"),  # too few of the letters
        ("priya s", None),
        (None, "priyas"),
    ],
)
def test_what_was_not_mended_is_another_subscriber(before, after):
    told = refusal(["bob", before], results("bob", after, rows=[0, 1]))
    assert told.startswith("1 result has no row in the sheet (")
    assert told.endswith(WAY_ON)


def test_all_that_have_no_row_are_counted_and_the_first_five_named():
    told = refusal(["bob"], results(*[f"new{at}" for at in range(7)]))
    assert told == ("7 results have no row in the sheet ('new0', 'new1', 'new2', 'new3', 'new4' and 2 more). " + WAY_ON)
    assert refusal(["bob"], results("new0")) == f"1 result has no row in the sheet ('new0'). {WAY_ON}"


def test_a_name_in_several_rows_has_as_many_results_that_say_the_same_or_is_refused():
    several = ["bob"] * 7
    assert matched(several, results(*several, rows=list(range(90, 97)))) == ({2 + at: at for at in range(7)}, [])
    assert refusal(several, results("bob", rows=[99])) == (
        "'bob' is in 7 rows (2, 3, 4, 5, 6 and 2 more) and has 1 result. Nothing was written."
    )
    assert matched(["bob", "bob"], results("bob", "bob", rows=[0, 0])) == (
        {2: 0, 3: 1},
        [],
    )  # labels that prove nothing
    told = refusal(["bob", "bob"], results("bob", "bob", rows=[98, 99]), [("done", "updated"), ("rejected", "no")])
    assert told == "'bob' is in 2 rows (2 and 3) and has 2 results. Nothing was written."


def test_deletes_whose_row_was_removed_are_told_by_their_place():
    assert matched(["bob"], results("eve", "bob", "ann", action="delete")) == ({2: 1}, [0, 2])


BASE = pd.DataFrame(
    {
        "subscriber_name": ["bob", "eve", "ann"],
        "status": "active",
        "custom_field": ["x", None, None],
        "date_updated": None,
    }
)


def silent(edited, plan=None, base=BASE, answered=("nobody",), skip=(), carried_out=None):
    sheet = edited.copy()
    sheet.attrs["exotel_frames"] = {"row_numbers": numbers(*sheet["subscriber_name"])}
    of_sheet = None if base is None else Base(base, {}, carried_out=carried_out or {})
    return messages_not_in_run(sheet, of_sheet, results(*answered), plan, skip=skip)


def test_a_row_that_was_edited_and_is_in_no_run_says_what_it_asked_for():
    edited = BASE.assign(status=["inactive", "active", "active"], action=["", "delete", ""], note=7)
    why = "left out of the plan, or refused together with the plan"
    assert silent(edited) == {
        2: ("left out", f"in no run: status active → inactive; {why}"),
        3: ("left out", f"in no run: delete; {why}"),
    }
    plan = pd.DataFrame({"subscriber_name": ["bob", "eve"], "note": ["clash with south.xlsx", None]})
    assert silent(edited, plan)[2] == ("left out", "in no run: status active → inactive; clash with south.xlsx")
    assert silent(edited, plan)[3] == ("left out", f"in no run: delete; {why}")
    assert list(silent(edited, answered=("bob",))) == [3]
    assert list(silent(edited, skip={3})) == [2]
    assert list(silent(edited, base=BASE[["subscriber_name", "status", "custom_field"]])) == [2, 3]
    assert silent(edited, base=None) == {}
    assert silent(BASE.assign(action="create")) == {}  # they exist, and that is what is asked
    assert silent(BASE.assign(action=""), base=BASE.head(2), carried_out={"ann": "delete"}) == {}  # done before
    assert silent(BASE) == silent(edited, skip={2, 3, 4}) == silent(edited, base=BASE[["subscriber_name"]]) == {}


def test_rows_that_can_not_be_planned_say_what_is_wrong_and_the_others_what_they_asked_for():
    edited = BASE.assign(status=["gone", "inactive", "active"])
    found = silent(edited)
    assert found[2][0] == "invalid"
    assert found[2][1].startswith("in no run: 'gone' is not a status")
    assert found[3] == (
        "left out",
        "in no run: status active → inactive; left out of the plan, or refused together with the plan",
    )
    assert list(found) == [2, 3]
