"""Workbooks made by hand and changed by programs: what is still text is read, what is not is refused, all at once."""

import copy
import datetime as dt
import runpy
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from exotel_frames.errors import WorkbookError
from exotel_frames.validation.validate import validate_names
from exotel_frames.workbooks import read_table, read_with_base, read_workbook, write_workbook
from exotel_frames.workbooks.reading.cells import describe
from tests.workbooks.excel_kit import NASTY_NAMES, plain, subscribers
from tests.workbooks.wording import NAME_COLUMN

SAMPLES = Path(__file__).parents[2] / "sample_data"
HEADER = ["subscriber_name", "status", "custom_field"]


def hand_made(path, rows, *, sheet="Team", more=lambda book, sheet: None):
    """Write rows as xlsxwriter takes them for text, numbers, dates and formulas."""
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet(sheet)
        for at, row in enumerate(rows):
            made.write_row(at, 0, row)
        more(book, made)
    return path


def refused(path, **options):
    """Return the error that reading a file raises."""
    with pytest.raises(WorkbookError) as error:
        read_workbook(path, **options)
    return error.value


def test_the_sample_files_are_what_their_script_makes(tmp_path):
    runpy.run_path(str(SAMPLES.parent / "tests" / "make_sample_data.py"))["main"](tmp_path)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (SAMPLES / made.name).read_bytes()


def test_the_sample_has_49_rows_and_8_of_them_break_a_rule_beside_the_repeated_name():
    frame = read_workbook(SAMPLES / "new_subscribers.xlsx")
    assert list(frame) == ["subscriber_name", "custom_field", "Team lead note"]
    assert set("007 1E5 TRUE NA MAR1 null 0123456789012345".split()) <= set(frame["subscriber_name"])  # noqa: SIM905 - names
    problems = validate_names(frame)
    fatal = problems[problems["rule"] != "case_twin"]
    assert len(frame) == 49
    assert fatal["row"].nunique() == 9
    assert frame.attrs["exotel_frames"]["row_numbers"] == list(range(2, 51))


def test_names_that_excel_has_retyped_are_refused_all_at_once_with_what_they_may_have_been():
    error = refused(SAMPLES / "retyped_by_excel.xlsx")
    assert 'Team!A3 is the number 7: was it "007"? Format the column as Text and type the cell again.' in str(error)
    assert error.problems["row"].tolist() == [1, 2, 3, 4, 5, 6]
    assert error.problems["rule"].tolist() == ["retyped"] * 5 + ["error"]
    assert error.problems["column"].tolist() == ["subscriber_name"] * 6
    assert "1E5" in error.problems["message"][1]
    assert "MAR1" in error.problems["message"][3]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (0.0, '"000"'),
        (7.0, '"007"'),
        (1.2e35, '"12E34"'),
        (100000.0, '"1E5"'),
        (1234.0, "number 1234"),
        (-3.5, "number -3.5"),
        (True, '"TRUE"'),
        (dt.date(2026, 9, 2), '"SEP2" or "2SEP"'),
        (dt.datetime(2026, 3, 1, 12), '"MAR1"'),  # noqa: DTZ001 - a cell has no zone
        (dt.time(10, 30), "10:30"),
        (dt.timedelta(days=2), "2 days"),
    ],
)
def test_what_a_cell_has_become_is_said_with_what_it_may_have_been(cell, said):
    assert said in "".join(describe(cell))


def test_formulas_errors_and_merged_cells_are_refused_each_with_its_place(tmp_path):
    def more(book, sheet):
        sheet.write_formula("A3", '="b"&"ob"', None, "bob")
        sheet.write_formula("B4", "=NA()", None, "#N/A")
        sheet.write_formula("C5", "=1+1")
        sheet.merge_range("A6:A7", "eve")

    error = refused(hand_made(tmp_path / "x.xlsx", [HEADER, ["a"], [""], ["c"], ["d"], ["e"], ["f"]], more=more))
    found = set(zip(error.problems["rule"], error.problems["message"].str.split(" ").str[0], strict=True))
    assert found == {("formula", "Team!A3"), ("error", "Team!B4"), ("formula", "Team!C5"), ("merged", "Team!A6:A7")}


def test_a_row_whose_only_cell_is_a_zero_is_not_taken_for_an_empty_one(tmp_path):
    error = refused(hand_made(tmp_path / "x.xlsx", [["subscriber_name"], ["a"], [0], [False]]))
    assert error.problems["row"].tolist() == [1, 2]


def test_peoples_own_columns_may_hold_anything_and_become_text(tmp_path):
    def more(book, sheet):
        sheet.write_formula("C2", "=1+1", None, 2)
        sheet.write_datetime("D2", dt.datetime(2026, 11, 2), book.add_format({"num_format": "d-mmm"}))  # noqa: DTZ001 - a cell has no zone
        sheet.write_string("E2", "no header above")
        sheet.merge_range("C4:D4", "merged")

    path = hand_made(tmp_path / "x.xlsx", [["subscriber_name", "seats", "sum", "since"], ["bob", 3.5]], more=more)
    frame = read_workbook(path)
    assert frame.iloc[0].tolist() == ["bob", "3.5", "2", "2026-11-02", "no header above"]
    assert list(frame)[-1] == "column E"


def test_headers_in_any_order_come_in_ours_with_peoples_own_behind(tmp_path):
    header = ["note", "custom_field", "action", "subscriber_name"]
    frame = read_workbook(hand_made(tmp_path / "x.xlsx", [header, ["n", "c", "delete", "s"]]))
    assert frame.iloc[0].to_dict() == {"action": "delete", "subscriber_name": "s", "custom_field": "c", "note": "n"}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["Subscriber Name"], "Team!A1 says 'Subscriber Name'. Rename it to subscriber_name"),
        (["subscriber_name", "Status"], "Team!B1 says 'Status'. Rename it to status"),
        (["subscriber_name", "custom_feild"], "Rename it to custom_field"),
        (["subscriber_name "], "Rename it to subscriber_name"),
        (
            ["who", "team"],
            f"{NAME_COLUMN}, exactly (there: 'who', 'team')",
        ),
        (["subscriber_name", "status", "status"], "Team!C1 is a second 'status'"),
        (["subscriber_name", "x", "x"], "Team!C1 is a second 'x'"),
    ],
)
def test_a_header_that_is_unclear_missing_or_there_twice_is_refused(tmp_path, header, said):
    assert said in str(refused(hand_made(tmp_path / "x.xlsx", [header, ["a"] * len(header)])))


def test_all_that_is_wrong_is_told_in_one_error(tmp_path):
    rows = [["subscriber_name", "Status", "note", "note"], [7], [True], ["ok"], *([number] for number in range(20))]
    error = refused(hand_made(tmp_path / "x.xlsx", rows))
    assert len(error.problems) == 24
    assert "for 24 reasons" in str(error)
    assert "and 19 more" in str(error)
    assert list(error.problems.columns) == ["row", "column", "value", "rule", "message", "fix"]


def test_rows_above_the_header_are_said(tmp_path):
    path = hand_made(tmp_path / "x.xlsx", [["Our team"], [], HEADER, ["bob"]])
    assert "The header is in row 3: delete the rows above it." in str(refused(path))


def test_empty_rows_anywhere_are_left_out_and_the_row_numbers_stay_true(tmp_path):
    frame = read_workbook(hand_made(tmp_path / "x.xlsx", [[], HEADER, ["a"], [], ["b"], [], [""]]))
    assert plain(frame["subscriber_name"]) == ["a", "b"]
    assert frame.attrs["exotel_frames"]["row_numbers"] == [3, 5]


def test_row_numbers_cost_nothing_to_copy_and_equal_a_list():
    numbers = read_workbook(SAMPLES / "new_subscribers.xlsx").attrs["exotel_frames"]["row_numbers"]
    assert copy.deepcopy(numbers) is numbers
    assert numbers == list(numbers)


def test_a_sheet_without_rows_or_without_anything_is_read_or_refused(tmp_path):
    assert len(read_workbook(hand_made(tmp_path / "x.xlsx", [HEADER]))) == 0
    assert "no headers at all" in str(refused(hand_made(tmp_path / "y.xlsx", [])))


def test_several_sheets_with_names_must_be_told_apart(tmp_path):
    def more(book, sheet):
        book.add_worksheet("Copy").write_row(0, 0, HEADER)
        book.add_worksheet("Notes").write_row(0, 0, ["anything"])

    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["bob"]], more=more)
    assert 'say which, sheet="Team" or sheet="Copy"' in str(refused(path))
    assert len(read_workbook(path, sheet="Team")) == 1
    assert len(read_workbook(path, sheet="Copy")) == 0
    assert 'its sheets are "Team", "Copy" and "Notes"' in str(refused(path, sheet="Taem"))


def test_a_hidden_sheet_is_read_only_when_it_is_named(tmp_path):
    def more(book, sheet):
        book.add_worksheet("Front").activate()
        book.add_worksheet("Back")
        sheet.hide()

    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["bob"]], more=more)
    assert 'hidden: "Team"' in str(refused(path))
    assert len(read_workbook(path, sheet="Team")) == 1


def test_rich_text_and_phonetic_hints_are_read_as_the_text_itself(tmp_path):
    def more(book, sheet):
        bold = book.add_format({"bold": True})
        sheet.write_rich_string("A2", "00", bold, "7", "x")

    frame = read_workbook(hand_made(tmp_path / "x.xlsx", [HEADER], more=more))
    assert frame["subscriber_name"].tolist() == ["007x"]


@pytest.fixture
def audit(tmp_path):
    path = tmp_path / "audit.xlsx"
    write_workbook(subscribers(NASTY_NAMES), path, origin={"account_sid": "acme1"})
    return path


def test_what_people_do_to_the_sheet_does_no_harm(audit):
    book = openpyxl.load_workbook(audit)
    sheet = book["subscribers"]
    for number in range(3, 20, 3):
        sheet.row_dimensions[number].hidden = True
    sheet.auto_filter.add_filter_column(2, ["active"])
    sheet["B4"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["B5"].comment = Comment("is he still here?", "a manager")
    sheet["G1"], sheet["G2"] = "my column", 12
    book.create_sheet("my notes")["A1"] = "call Priya"
    sheet.title = "renamed"
    book.save(audit)
    frame, base = read_with_base(audit)
    assert plain(frame["subscriber_name"]) == NASTY_NAMES
    assert frame["my column"][0] == "12"
    assert frame.attrs["exotel_frames"]["sheet"] == "renamed"
    assert len(base.frame) == 47


def test_a_sorted_sheet_keeps_each_rows_cells_together_and_a_removed_row_is_just_not_there(audit):
    book = openpyxl.load_workbook(audit)
    sheet = book["subscribers"]
    rows = sorted(([cell.value for cell in row] for row in sheet.iter_rows(min_row=2)), key=lambda row: row[1])[1:]
    sheet.delete_rows(2, 100)
    for row in rows:
        sheet.append(row)
    book.save(audit)
    frame = read_workbook(audit)
    assert plain(frame["subscriber_name"]) == sorted(NASTY_NAMES)[1:]
    status = dict(zip(NASTY_NAMES, subscribers(NASTY_NAMES)["status"], strict=True))
    assert plain(frame["status"]) == [status[name] for name in frame["subscriber_name"]]
    assert len(read_with_base(audit)[1].frame) == 47


def test_a_name_retyped_in_our_own_workbook_is_refused_with_its_cell(audit):
    book = openpyxl.load_workbook(audit)
    book["subscribers"]["B7"] = 7
    book["subscribers"]["D8"] = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - a cell has no zone
    book.save(audit)
    error = refused(audit)
    assert error.problems[["row", "column", "value"]].to_numpy().tolist() == [
        [5, "subscriber_name", "7"],
        [6, "custom_field", "2026-03-01"],
    ]
    assert "subscribers!B7" in error.problems["message"][0]


def test_the_frame_is_text_alone_and_na_is_a_name(audit):
    frame = read_workbook(audit)
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}
    assert not frame["subscriber_name"].isna().any()
    assert frame["action"].isna().all()


def test_a_table_is_read_by_what_it_is_not_by_its_name(audit, tmp_path):
    disguised = audit.rename(tmp_path / "audit.csv")
    pd.testing.assert_series_equal(
        read_table(disguised)["subscriber_name"], subscribers(NASTY_NAMES)["subscriber_name"]
    )
    (tmp_path / "list.xlsx").write_text("subscriber_name\n007\n")
    assert plain(read_table(tmp_path / "list.xlsx")["subscriber_name"]) == ["007"]


def test_a_file_of_another_make_gives_the_same_names(tmp_path):
    pd.DataFrame({"subscriber_name": NASTY_NAMES}).to_excel(tmp_path / "x.xlsx", index=False, engine="openpyxl")
    assert plain(read_workbook(tmp_path / "x.xlsx")["subscriber_name"]) == NASTY_NAMES
