"""Messages send people to the right row: as the file counts where that is proved, and else counted from 0, and said."""

import copy
import pickle

import pandas as pd
import pytest

from exotel_frames.errors import ValidationError, WorkbookError
from exotel_frames.frames.convert import conform
from exotel_frames.frames.row_numbers import RowNumbers, row_names
from exotel_frames.frames.text_column import read_texts
from exotel_frames.plans import check_plan, plan_changes
from exotel_frames.validation.fields import check_actions
from exotel_frames.validation.problem import RULES
from exotel_frames.validation.validate import validate_names, validate_subscribers
from exotel_frames.workbooks import read_table, read_workbook, write_pages, write_workbook
from tests.workbooks.excel_kit import subscribers

NAMES = ["zoe", "bob", "b b", "eve", "bob", "EVE"]


@pytest.fixture
def frame(tmp_path):
    write_pages(tmp_path / "team.xlsx", {"Team": pd.DataFrame({"subscriber_name": NAMES, "status": "active"})})
    return read_workbook(tmp_path / "team.xlsx")


def said(problems, rule):
    """Return the messages of one rule."""
    return problems.loc[problems["rule"] == rule, "message"].tolist()


def test_a_workbooks_rows_are_named_as_excel_shows_them(frame):
    problems = validate_subscribers(frame)
    assert said(problems, "repeated") == ["'bob' is in 2 rows (3 and 6 of the sheet): keep one of them."] * 2
    assert "'EVE' (row 7 of the sheet)" in said(problems, "case_twin")[0]
    assert problems["row"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "step", [lambda f: f[f["subscriber_name"] != "zoe"], lambda f: f.iloc[::-1], lambda f: f.copy()]
)
def test_filtering_and_sorting_in_pandas_keep_the_rows_of_the_sheet(frame, step):
    assert "(3 and 6 of the sheet)" in said(validate_names(step(frame)), "repeated")[0].replace("6 and 3", "3 and 6")


@pytest.mark.parametrize(
    "step",
    [
        lambda f: f[f["subscriber_name"] != "zoe"].reset_index(drop=True),
        lambda f: f.sort_values("subscriber_name", ignore_index=True),
        lambda f: f.set_index(pd.Index(list("abcdef"))),
        lambda f: pd.DataFrame({"subscriber_name": f["subscriber_name"].tolist()}),
        lambda f: f.set_axis(range(1, 7)),
        lambda f: f.set_axis([0, 1, 2, 3, 4, -1]),
    ],
)
def test_rows_that_were_numbered_anew_are_counted_from_0_and_that_is_said(frame, step):
    for message in said(validate_names(step(frame)), "repeated"):
        assert "counted from 0)" in message
        assert "sheet" not in message


def test_a_row_whose_name_was_mended_is_named_by_its_position_and_the_others_as_before(frame):
    mended = frame.assign(subscriber_name=frame["subscriber_name"].str.replace(" ", ""))
    assert row_names(read_texts(mended["subscriber_name"])).numbers.tolist() == [2, 3, -1, 5, 6, 7]
    again = mended.assign(subscriber_name=mended["subscriber_name"].replace("bb", "zoe"))
    assert "(0 and 2, counted from 0)" in said(validate_names(again), "repeated")[0]


def test_the_lines_of_a_csv_file_are_those_of_an_editor(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text('subscriber_name,note\nbob,"two\nlines"\n\neve,\nbob,\n', encoding="utf-8")
    assert "(2 and 6 of the file)" in said(validate_names(read_table(path)), "repeated")[0]


def test_many_rows_are_counted_and_the_first_ten_named():
    message = validate_names(["bob"] * 12)["message"][0]
    assert message == (
        "'bob' is in 12 rows (0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more, counted from 0): keep one of them."
    )


def test_a_refused_plan_names_the_rows_of_the_sheet_or_says_how_it_counts(frame):
    current = subscribers(["zoe"])
    edited = frame.iloc[[0, 3]].assign(status=["active", "on"])
    with pytest.raises(
        ValidationError, match=r"1 problem\. Row 5: 'on' is not a status: .*\. Rows are those of the sheet"
    ):
        plan_changes(current, edited)
    with pytest.raises(ValidationError, match=r"1 problem\. Row 1: 'on' is not a status: .*\. Rows count from 0"):
        plan_changes(current, edited.reset_index(drop=True))


def test_a_plan_that_was_kept_in_a_workbook_is_refused_with_the_rows_of_its_sheet(tmp_path):
    plan = plan_changes(subscribers([]), pd.DataFrame({"subscriber_name": ["bob", "eve"]}))
    write_pages(tmp_path / "plan.xlsx", {"plan": plan.assign(action=["create", "drop"])})
    with pytest.raises(ValidationError, match=r"Row 3: 'drop' is not an action.*Rows are those of the sheet"):
        check_plan(read_workbook(tmp_path / "plan.xlsx"))


def test_a_workbook_that_is_refused_before_writing_names_the_rows_it_would_have(tmp_path):
    frame = pd.DataFrame({"subscriber_name": ["zoe", "bob", "bob"]}, index=[7, 8, 9])
    with pytest.raises(WorkbookError, match=r"subscribers!B3: 'bob' is in 2 rows \(3 and 4 of the sheet\)"):
        write_workbook(frame, tmp_path / "audit.xlsx")


def test_the_numbers_survive_a_copy_and_a_pickle(frame):
    numbers = frame.attrs["exotel_frames"]["row_numbers"]
    assert copy.deepcopy(numbers) is numbers
    again = pickle.loads(pickle.dumps(frame))
    assert "3 and 6 of the sheet" in said(validate_names(again), "repeated")[0]


def test_attrs_of_anothers_making_are_no_row_numbers(frame):
    for odd in ({"row_numbers": [1, 2]}, "text", None):
        frame.attrs["exotel_frames"] = odd
        assert "(1 and 4, counted from 0)" in said(validate_names(frame), "repeated")[0]


def test_every_rule_that_a_problem_can_name_stands_in_the_list():
    assert {problem.rule for problem in check_actions(pd.Series(["drop"]))} <= set(RULES)


def test_what_parquet_leaves_of_row_numbers_is_not_carried_on_for_it_proves_nothing(tmp_path):
    frame = pd.DataFrame({"subscriber_name": ["bob"]})
    frame.attrs["exotel_frames"] = {"row_numbers": RowNumbers([2]), "origin": {"account_sid": "acme1"}}
    frame.to_parquet(tmp_path / "kept.parquet")
    again = pd.read_parquet(tmp_path / "kept.parquet")
    assert conform(again, "subscribers").attrs == {"exotel_frames": {"origin": {"account_sid": "acme1"}}}
    assert isinstance(conform(frame, "subscribers").attrs["exotel_frames"]["row_numbers"], RowNumbers)
