"""Verdicts beside the rows of a workbook that people have edited: each at its row, and all else as it was."""

import re
import shutil

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from exotel_frames.errors import ValidationError, WorkbookError
from exotel_frames.frames.convert import results_frame
from exotel_frames.plans import plan_changes
from exotel_frames.records import Verdict
from exotel_frames.workbooks import (
    check_verdicts,
    read_with_base,
    read_workbook,
    write_pages,
    write_verdicts,
    write_workbook,
)
from tests.slow import but_slow, slow
from tests.workbooks.excel_kit import (
    NASTY_FIELDS,
    NASTY_NAMES,
    formula_cells,
    packed,
    parts_of,
    plain,
    subscribers,
    written,
)
from tests.workbooks.wording import in_a_copy


def results(names, **more):
    """Return a results frame, one done update for each name."""
    told = {"action": "update", "outcome": "done", **more}
    return results_frame([Verdict(row=row, subscriber_name=name, **told) for row, name in enumerate(names)])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_audit(tmp_path_factory.mktemp("made") / "audit.xlsx")


@pytest.fixture
def audit(made, tmp_path):
    return shutil.copy(made, tmp_path / "audit.xlsx")


def write_audit(path):
    """Write a workbook of nasty names and fields, with columns of somebody's own."""
    frame = subscribers(NASTY_NAMES, NASTY_FIELDS[:47]).assign(note="=mine", number=[str(at) for at in range(47)])
    written(frame, path, origin={"account_sid": "acme1"})
    return path


def test_each_rows_verdict_stands_beside_it_and_all_else_is_as_it_was(audit):
    before = read_workbook(audit)
    refused = {"outcome": "rejected", "error_message": "=Said", "error_description": "no", "request_id": "ab" * 16}
    write_verdicts(audit, results(NASTY_NAMES[:40], **refused))
    after = read_workbook(audit)
    pd.testing.assert_frame_equal(after[list(before)], before)
    assert plain(after["outcome"]) == ["rejected"] * 40 + [None] * 7
    assert after["message"][0] == f"=Said: no (request {'ab' * 16})"
    assert len(read_with_base(audit)[1].frame) == 47
    assert formula_cells(audit) == 0


def test_a_second_call_replaces_the_columns_of_the_first(audit):
    write_verdicts(audit, results(NASTY_NAMES, outcome="not_sent"))
    write_verdicts(audit, results(NASTY_NAMES[:5]))
    after = read_workbook(audit)
    assert list(after)[-2:] == ["outcome", "message"]
    assert plain(after["outcome"]) == ["done"] * 5 + [None] * 42


def test_verdicts_find_their_rows_in_a_sheet_that_was_sorted_and_extended(tmp_path):
    audit = tmp_path / "sorted.xlsx"
    written(subscribers(NASTY_NAMES), audit)
    book = openpyxl.load_workbook(audit)
    sheet = book["subscribers"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)][::-1]
    sheet.delete_rows(2, 100)
    for row in rows:
        sheet.append(row)
    sheet.insert_cols(1)
    sheet["A1"] = "inserted"
    book.save(audit)
    outcomes = [("done", "unchanged", "rejected", "conflict")[at % 4] for at in range(47)]
    told = results(NASTY_NAMES).assign(outcome=pd.array(outcomes, dtype="str"))
    write_verdicts(audit, told)
    after = read_workbook(audit).set_index("subscriber_name")["outcome"]
    assert [after[name] for name in NASTY_NAMES] == outcomes


def test_a_name_that_is_there_twice_gets_its_verdicts_in_order(tmp_path):
    path = tmp_path / "hand.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["bob", "eve", None, "bob"]})})
    told = [("bob", "done"), ("eve", "done"), (None, "invalid"), ("bob", "rejected")]
    rows = [Verdict(row=at, subscriber_name=name, action="create", outcome=out) for at, (name, out) in enumerate(told)]
    openpyxl_book = openpyxl.load_workbook(path)
    openpyxl_book["Team"]["B4"] = "a row without a name"
    openpyxl_book.save(path)
    write_verdicts(path, results_frame(rows))
    assert plain(read_workbook(path)["outcome"]) == ["done", "done", "invalid", "rejected"]


def test_results_that_do_not_belong_to_the_rows_are_refused_and_nothing_is_written(audit):
    before = audit.read_bytes()
    with pytest.raises(WorkbookError, match=r"2 results have no row in the sheet \('eve' and 'zoe'\)"):
        write_verdicts(audit, results(["007", "eve", "zoe"]))
    with pytest.raises(WorkbookError, match=r"'007' is in 1 row \(2\) and has 2 results"):
        write_verdicts(audit, results(["007", "007"]))
    with pytest.raises(ValidationError, match="outcome"):
        write_verdicts(audit, pd.DataFrame({"subscriber_name": ["007"]}))
    assert audit.read_bytes() == before


def test_deletes_of_removed_rows_go_to_a_sheet_of_their_own(audit):
    for _ in range(2):
        write_verdicts(audit, results(["007", "gone"], action="delete"))
    book = openpyxl.load_workbook(audit)
    assert book.sheetnames == ["subscribers", "legend", "exotel_frames_base", "other verdicts"]
    assert [cell.value for cell in book["other verdicts"][2]] == ["gone", "delete", "done", "deleted"]
    assert len(read_workbook(audit)) == 47
    write_verdicts(audit, results(["007"]))
    assert "other verdicts" not in openpyxl.load_workbook(audit).sheetnames


def test_comments_colours_lists_filter_widths_and_hidden_rows_stay(audit):
    book = openpyxl.load_workbook(audit)
    sheet = book["subscribers"]
    sheet["B3"].comment = Comment("really?", "a manager")
    sheet["B4"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["D"].width = 77
    book.save(audit)
    write_verdicts(audit, results(NASTY_NAMES))
    sheet = openpyxl.load_workbook(audit)["subscribers"]
    assert sheet["B3"].comment.text == "really?"
    assert sheet["B4"].fill.fgColor.rgb == "FF00FF00"
    assert sheet.row_dimensions[5].hidden
    assert sheet.column_dimensions["D"].width == 77
    assert len(sheet.data_validations.dataValidation) == 2
    assert len(sheet.conditional_formatting) == 2
    assert sheet.auto_filter.ref == "A1:J48"
    assert sheet.freeze_panes == "C2"
    assert sheet["I2"].number_format == "@"
    assert sheet["I2"].fill.fgColor.rgb == "00D1E7DD"


def columns_of(path):
    """Return the first and last column of each of a sheet's column widths, as they stand in the file."""
    found = re.findall(rb"<col [^>]*>", parts_of(path)["xl/worksheets/sheet1.xml"])
    return [tuple(int(re.search(rb'%s="(\d+)"' % side, col)[1]) for side in (b"min", b"max")) for col in found]


@pytest.mark.parametrize(
    "groups",
    but_slow(
        [[(1, 16384)], [(1, 9)], [(9, 9)], [(10, 10)], [(9, 10)], [(2, 8), (10, 300)], []],
        [[(2, 8), (10, 300)]],
    ),
)
def test_the_widths_of_columns_never_overlap_for_excel_would_call_the_file_damaged(audit, groups):
    parts = parts_of(audit)
    sheet, name = parts["xl/worksheets/sheet1.xml"], "xl/worksheets/sheet1.xml"
    cols = b"".join(b'<col min="%d" max="%d" width="20" customWidth="1"/>' % group for group in groups)
    parts[name] = re.sub(rb"<cols>.*</cols>", b"<cols>" + cols + b"</cols>" if cols else b"", sheet)
    audit.write_bytes(packed(parts))
    for _ in range(2):
        write_verdicts(audit, results(NASTY_NAMES))
    found = columns_of(audit)
    covered = [column for first, last in found for column in range(first, last + 1)]
    assert len(covered) == len(set(covered))
    assert set(covered) == {9, 10}.union(*(range(first, last + 1) for first, last in groups))
    assert found == sorted(found)
    assert {(9, 9), (10, 10)} <= set(found)


def test_a_column_of_peoples_own_that_is_called_outcome_is_left_alone(tmp_path):
    path = tmp_path / "hand.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["bob"], "outcome": ["mine"]})})
    for _ in range(2):
        write_verdicts(path, results(["bob"]))
    assert read_workbook(path).iloc[0].to_dict() == {
        "subscriber_name": "bob",
        "outcome": "mine",
        "outcome 2": "done",
        "message": "updated",
    }


def test_a_formula_in_peoples_own_column_stays_a_formula(tmp_path):
    path = tmp_path / "hand.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["subscriber_name", "sum"])
        sheet.write_row(1, 0, ["bob"])
        sheet.write_formula("B2", "=1+1", None, 2)
    write_verdicts(path, results(["bob"]))
    assert openpyxl.load_workbook(path).active["B2"].value == "=1+1"


def test_parts_that_no_library_here_knows_stay_byte_for_byte(audit):
    strange = {
        "xl/threadedComments/threadedComment1.xml": b"<x/>",
        "xl/media/image1.png": bytes(range(256)),
        "xl/model/item.data": b"\x00\x01",
    }
    audit.write_bytes(packed({**parts_of(audit), **strange}))
    before = parts_of(audit)
    write_verdicts(audit, results(NASTY_NAMES))
    after = parts_of(audit)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "xl/worksheets/sheet1.xml",  # the two columns
        "xl/worksheets/sheet3.xml",  # the hidden copy
        "xl/styles.xml",
        "xl/workbook.xml",  # where the two columns are
    }
    assert after.keys() == before.keys()


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("unchanged", "nothing to do"),
        ("rejected", "the service refused it"),
        ("invalid", "the row breaks a rule"),
        ("conflict", "changed meanwhile"),
        ("unknown", "response was lost"),
        ("not_sent", "resume the run"),
    ],
)
def test_every_outcome_is_said_in_words(tmp_path, outcome, said):
    path = tmp_path / "hand.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["bob"]})})
    write_verdicts(path, results(["bob"], outcome=outcome))
    assert said in read_workbook(path)["message"][0]


def test_a_message_from_a_hostile_service_is_shown_and_does_no_harm(tmp_path):
    path = tmp_path / "hand.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["bob"]})})
    write_verdicts(path, results(["bob"], error_message="\x00\x1b[31m_x0041_" + "y" * 50_000))
    said = read_workbook(path)["message"][0]
    assert said.startswith(r"\x00\x1b[31m_x0041_yyy")
    assert len(said) < 2_100


@pytest.fixture
def team(tmp_path):
    path = tmp_path / "team.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["zoe", "bo b", "eve", "bo b", "José"]})})
    return path


def outcomes(path):
    """Return what stands beside each row, by the row's number in Excel."""
    frame = read_workbook(path)
    return dict(zip(frame.attrs["exotel_frames"]["row_numbers"], plain(frame["outcome"]), strict=True))


def created(frame):
    """Return results as the creating verb gives them for a frame: its index, and rows by position; each another one."""
    told = ["done", "rejected", "unknown", "invalid", "not_sent"]
    rows = [
        Verdict(row=row, subscriber_name=name, action="create", outcome=told[row])
        for row, name in enumerate(frame["subscriber_name"])
    ]
    return results_frame(rows, frame.index)


def test_a_name_that_was_mended_in_pandas_gets_its_verdict_by_its_row(team):
    frame = read_workbook(team)
    mended = frame.assign(subscriber_name=["zoe", "bob", "eve", "Bobby", "JoseD"])
    write_verdicts(team, created(mended))
    assert outcomes(team) == {2: "done", 3: "rejected", 4: "unknown", 5: "invalid", 6: "not_sent"}


def test_mended_filtered_and_sorted_rows_keep_their_labels_and_find_their_rows(team):
    frame = read_workbook(team)
    mended = frame.assign(subscriber_name=["zoe", "bob", "eve", "Bobby", "JoseD"]).drop(index=1).iloc[::-1]
    write_verdicts(team, created(mended))
    assert outcomes(team) == {2: "invalid", 3: None, 4: "unknown", 5: "rejected", 6: "done"}


def test_results_of_a_run_that_is_read_again_find_mended_rows_by_their_column_row(team):
    mended = read_workbook(team).assign(subscriber_name=["zoe", "bob", "eve", "Bobby", "JoseD"])
    told = created(mended).iloc[::-1].set_axis(list("abcde"))
    write_verdicts(team, told)
    assert outcomes(team) == {2: "done", 3: "rejected", 4: "unknown", 5: "invalid", 6: "not_sent"}


@pytest.mark.parametrize(
    "names",
    [
        ["bob", "eve", "zoe"],  # sorted and numbered anew
        ["zoe", "kim", "eve"],  # another person in the place of an illegal name
        ["zoe", "bob", "eva"],  # another legal name is another subscriber
    ],
)
def test_a_name_whose_row_can_not_be_proved_is_refused_and_nothing_is_written(team, names):
    before = team.read_bytes()
    with pytest.raises(WorkbookError, match=r"1 result has no row|A name that was changed after reading"):
        write_verdicts(team, created(pd.DataFrame({"subscriber_name": names})))
    assert team.read_bytes() == before


def test_a_sheet_that_was_sorted_meanwhile_is_never_taken_for_the_one_that_was_read(team, tmp_path):
    mended = read_workbook(team).assign(subscriber_name=["zoe", "bob", "eve", "Bobby", "JoseD"])
    again = tmp_path / "sorted.xlsx"
    write_pages(again, {"Team": pd.DataFrame({"subscriber_name": ["eve", "bo b", "zoe", "bo b", "José"]})})
    with pytest.raises(WorkbookError, match="'bob', 'Bobby' and 'JoseD'"):
        write_verdicts(again, created(mended))


def test_one_of_two_rows_with_a_name_gets_the_verdict_that_is_its_own(tmp_path):
    path = tmp_path / "hand.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["bob", "eve", "bob"]})})
    write_verdicts(path, created(read_workbook(path).drop(index=0)))
    assert outcomes(path) == {2: None, 3: "done", 4: "rejected"}


def test_two_rows_with_a_name_and_two_verdicts_are_told_apart_or_refused(tmp_path):
    path = tmp_path / "hand.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["bob", "eve", "bob"]})})
    told = created(pd.DataFrame({"subscriber_name": ["eve", "bob", "bob"]}))
    with pytest.raises(WorkbookError, match=r"'bob' is in 2 rows \(2 and 4\) and has 2 results"):
        write_verdicts(path, told)
    write_verdicts(path, told.assign(outcome=pd.array(["done", "invalid", "invalid"], dtype="str")))
    assert outcomes(path) == {2: "invalid", 3: "done", 4: "invalid"}


def updated(name, status, custom_field, **more):
    """Return the results of one update."""
    return results([name], status=status, custom_field=custom_field, **more)


@pytest.mark.parametrize(
    ("status", "custom_field", "said"),
    [
        slow("inactive", "old", "updated: status active → inactive"),
        slow("active", "new", "updated: custom_field 'old' → 'new'"),
        slow("active", None, "updated: custom_field 'old' → none"),
        ("inactive", "a\nb", r"updated: status active → inactive, custom_field 'old' → 'a\nb'"),
        slow("active", "old", "updated: now active, custom_field 'old'"),
    ],
)
def test_an_update_says_what_it_changed_and_names_no_request(tmp_path, status, custom_field, said):
    path = tmp_path / "audit.xlsx"
    written(subscribers(["bob"], ["old"]), path)
    write_verdicts(path, updated("bob", status, custom_field, request_id="ab" * 16))
    assert read_workbook(path)["message"].tolist() == [said]


def test_without_a_base_an_update_says_what_the_subscriber_is_now(team):
    write_verdicts(team, updated("zoe", "inactive", None))
    assert read_workbook(team)["message"][0] == "updated: now inactive, custom_field none"


@pytest.mark.parametrize(
    ("outcome", "named"), [("rejected", True), ("unknown", True), ("done", False), ("invalid", False)]
)
def test_the_request_is_named_where_support_will_ask_for_it(team, outcome, named):
    write_verdicts(team, results(["zoe"], outcome=outcome, request_id="ab" * 16))
    assert ("ab" * 16 in read_workbook(team)["message"][0]) is named


def test_results_and_plans_are_no_subscribers_for_editing(tmp_path):
    with pytest.raises(WorkbookError, match=r"frame of results.*write_verdicts.*exotel-frames results -o"):
        write_workbook(results(["bob"]), tmp_path / "results.xlsx")
    plan = plan_changes(subscribers(["bob"]), pd.DataFrame({"subscriber_name": ["bob"], "custom_field": ["x"]}))
    with pytest.raises(WorkbookError, match=r"this is a plan.*to_parquet.*exotel-frames plan"):
        write_workbook(plan, tmp_path / "plan.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("base_url", "label", "said"),
    [
        ("http://127.0.0.1:4711", "SANDBOX account acme1 at 127.0.0.1:4711", "from a made-up account (sandbox)"),
        ("https://chaotix.mum1.exotel.in", "LIVE account acme1 at mum", "from https://chaotix.mum1.exotel.in"),
    ],
)
def test_the_legend_says_where_the_subscribers_came_from(tmp_path, base_url, label, said):
    origin = {"account_sid": "acme1", "base_url": base_url, "label": label}
    write_workbook(subscribers(["bob"]), tmp_path / "x.xlsx", origin=origin)
    told = [str(row[0].value) for row in openpyxl.load_workbook(tmp_path / "x.xlsx")["legend"].iter_rows()]
    assert told[1].endswith(said)
    assert "127.0.0.1" not in " ".join(told)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda sheet: sheet.cell(3, 16_384, "x"), "its last column is in use"),
        (lambda sheet: sheet.merge_cells("C2:D2"), "cells are merged, or there is another table, in column C"),
    ],
)
def test_a_sheet_without_room_for_verdicts_says_why_they_will_be_in_a_copy(tmp_path, spoil, why):
    path = tmp_path / "team.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["subscriber_name", "custom_field"])
    book.active.append(["bob", "x"])
    spoil(book.active)
    book.save(path)
    assert check_verdicts(path) == in_a_copy("team", f"{why}.")
