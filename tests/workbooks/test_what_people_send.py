"""Files as people send them: what is no subscriber is left out and named, what no verb reads is not judged."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.worksheet.table import Table

import exotel_frames as ef
from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import read_table, read_with_base, read_workbook, reading_line, write_workbook
from exotel_frames.workbooks.preflight.check import inspect
from tests.workbooks.excel_kit import packed, parts_of, plain, subscribers
from tests.workbooks.wording import read_loosely

HEADER = ["subscriber_name", "status", "custom_field", "seats"]


def hand_made(path, rows, more=lambda book, sheet: None):
    """Write rows to a sheet "Team", as xlsxwriter takes them."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Team")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        more(book, sheet)
    return path


def names_and_left_out(path, **options):
    """Return the names that were read, and the numbers of the rows that were left out."""
    frame = read_with_base(path, **options)[0]
    return plain(frame["subscriber_name"]), [row for row, _ in frame.attrs["exotel_frames"]["left_out"]]


def write_total(path):
    """Write a table with a total row."""

    def more(book, sheet):
        columns = [{"header": header} for header in HEADER]
        columns[0]["total_string"], columns[3]["total_function"] = "Total", "sum"
        sheet.add_table("A1:D4", {"columns": columns, "total_row": True})

    return hand_made(path, [HEADER, ["a", "active", "x", 1], ["b", "active", "y", 2]], more)


def test_the_total_row_of_a_table_is_no_subscriber(tmp_path):
    path = write_total(tmp_path / "x.xlsx")
    assert [table.totals for table in inspect(path).tables["Team"]] == [range(4, 5)]
    assert names_and_left_out(path) == (["a", "b"], [4])
    assert (
        reading_line(read_with_base(path)[0])
        == "x.xlsx: row 4 was left out (the total row of a table); no verb reads 'seats'."
    )


def test_a_subscriber_called_total_stays(tmp_path):
    path = tmp_path / "audit.xlsx"
    write_workbook(subscribers(["a", "Total"]), path)
    assert names_and_left_out(path) == (["a", "Total"], [])
    assert names_and_left_out(hand_made(path, [["subscriber_name"], ["a"], ["Total"]])) == (["a", "Total"], [])


@pytest.mark.parametrize(
    "footer",
    [
        ["Total", "", "", 3],
        ["TOTAL:", "", "", ""],
        ["Grand total", "", "", "=SUM(D2:D3)"],
        ["", "", "", "=SUM(D2:D3)"],
        ["", "", "", "checked by Priya"],
        ["=COUNTA(A2:A3)", "", "", ""],
        ["", '=COUNTIF(B2:B3,"active")', "", ""],
        ["", "", "Total", 3],
    ],
)
def test_a_sum_or_a_remark_below_the_data_is_left_out_and_named(tmp_path, footer):
    def more(book, sheet):
        for at, cell in enumerate(footer):
            if str(cell).startswith("="):
                sheet.write_formula(3, at, cell, None, 2)

    rows = [HEADER, ["a", "active", "x", 1], ["b", "active", "y", 2], footer]
    path = hand_made(tmp_path / "x.xlsx", rows, more)
    assert names_and_left_out(path) == (["a", "b"], [4])
    assert "row 4 was left out" in reading_line(read_with_base(path)[0])


@pytest.mark.parametrize("remark", ["Prepared by Priya on 12 November", "Note:", "* back in May", "(two of them)"])
def test_a_remark_in_the_column_of_names_below_an_empty_row_is_left_out(tmp_path, remark):
    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a"], ["b"], [], [remark], ["Source: HR"]])
    assert names_and_left_out(path) == (["a", "b"], [5, 6])


def test_subtotals_between_the_names_are_left_out_too(tmp_path):
    def more(book, sheet):
        sheet.write_formula("D3", "=SUBTOTAL(9,D2:D2)", None, 1)

    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a", "", "", 1], [], ["b", "", "", 2]], more)
    assert names_and_left_out(path) == (["a", "b"], [3])


@pytest.mark.parametrize(
    "row",
    [["", "active"], ["", "", "vip"], ["Priya Sharma"], ["Priya Sharma", "active"], ["al ex", "", "x"]],
)
def test_what_may_be_somebody_with_a_mistake_stays(tmp_path, row):
    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a"], ["b"], row])
    assert names_and_left_out(path) == (["a", "b", row[0] or None], [])


def test_a_forgotten_name_in_the_midst_stays(tmp_path):
    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a"], ["", "", "", 5], ["b"]])
    assert names_and_left_out(path) == (["a", None, "b"], [])


def test_a_column_of_nothing_but_forgotten_names_stays(tmp_path):
    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["", "", "", 5], ["", "", "", 6]])
    assert names_and_left_out(path) == ([None, None], [])


def test_names_that_are_all_formulas_are_still_refused(tmp_path):
    def more(book, sheet):
        for row in (2, 3):
            sheet.write_formula(f"A{row}", "=6+1", None, 7)

    with pytest.raises(WorkbookError, match="Team!A2 is a formula"):
        read_workbook(hand_made(tmp_path / "x.xlsx", [["subscriber_name"]], more))


def test_a_footer_of_a_csv_file_is_left_out(tmp_path):
    (tmp_path / "x.csv").write_text("subscriber_name,seats\na,1\nb,2\nTotal,3\n,checked\n")
    assert names_and_left_out(tmp_path / "x.csv") == (["a", "b"], [4, 5])


def test_dates_and_other_columns_that_no_verb_reads_are_not_judged(tmp_path):
    def more(book, sheet):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime("B2", dt.datetime(2026, 3, 1), day)  # noqa: DTZ001 - a cell has no zone
        sheet.write_formula("C2", "=NOW()", None, 46_000)
        sheet.merge_range("B3:C3", "long ago")

    header = ["subscriber_name", "date_created", "date_updated", "Date Created "]
    frame = read_workbook(hand_made(tmp_path / "x.xlsx", [header, ["a"], ["b"]], more))
    assert frame.loc[0, ["date_created", "date_updated"]].tolist() == ["2026-03-01", "46000"]
    assert frame["date_created"][1] == "long ago"


def control_characters():
    return [chr(code) for code in (*range(9), 0xB, 0xC, *range(0xE, 0x20), 0xFFFE, 0xFFFF)]


def odd_subscribers():
    """Return subscribers with whatever a service may hold."""
    odd = [f"a{char}b" for char in control_characters()]
    fields = [
        *odd,
        "_x000B_",
        "_x0041_x00e9_",
        "_x000D_x005F_{",
        "\x0b_x000B_",
        "x" * 40_000,
        "😀" * 20_000,
        "cr\r\nhere\x0b",
    ]
    names = ["amit_k", "x" * 25, "Ünal", "प्रिया", "al ex", "a\x0bb", *(f"n{at}" for at in range(len(fields) - 6))]
    return subscribers(names, fields)


def test_whatever_the_service_holds_is_written_and_comes_back(tmp_path):
    frame = odd_subscribers()
    write_workbook(frame, tmp_path / "audit.xlsx")
    assert_holds(tmp_path / "audit.xlsx", frame)


def assert_holds(path, frame):
    """Compare a workbook, and its base, with what was written."""
    read, base = read_with_base(path)
    for column in ("subscriber_name", "custom_field"):
        assert plain(read[column]) == plain(frame[column])
    pd.testing.assert_frame_equal(base.frame, frame)


def test_a_text_that_was_too_long_and_was_changed_is_what_somebody_typed(tmp_path):
    write_workbook(subscribers(["a", "b"], ["x" * 40_000, "y" * 40_000]), tmp_path / "audit.xlsx")
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    assert book["subscribers"]["D3"].value.endswith("[cut: all 40,000 characters are kept in the account]")
    book["subscribers"]["D2"] = "short"
    book.save(tmp_path / "edited.xlsx")
    assert plain(read_workbook(tmp_path / "edited.xlsx")["custom_field"]) == ["short", "y" * 40_000]


def test_a_proposal_that_no_cell_holds_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match="40,000 characters"):
        write_workbook(subscribers(["a"], ["x" * 40_000]), tmp_path / "audit.xlsx", base=subscribers(["a"], ["x"]))


def test_macros_and_links_are_left_alone_and_said(tmp_path):
    parts = parts_of(hand_made(tmp_path / "x.xlsx", [HEADER, ["007"]]))
    more = {"xl/vbaProject.bin": b"x", "xl/externalLinks/externalLink1.xml": b"<x/>", "xl/connections.xml": b"<x/>"}
    (tmp_path / "x.xlsm").write_bytes(packed({**parts, **more}))
    frame = read_with_base(tmp_path / "x.xlsm")[0]
    assert plain(frame["subscriber_name"]) == ["007"]
    assert reading_line(frame) == (
        "x.xlsm: its macros were not run; its links to other workbooks were not followed; "
        "its data connections were not refreshed; no verb reads 'seats'."
    )


def test_a_formula_into_another_workbook_is_what_it_showed_last(tmp_path):
    def more(book, sheet):
        sheet.write_formula("C2", "='[teams.xlsx]Sheet1'!B2", None, "west")
        sheet.write_formula("C3", "=VLOOKUP(A3,[1]Sheet1!A:B,2,0)", None, "east")
        sheet.write_formula("D3", "=[1]Sheet1!A1", None, "")

    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a"], ["b"]], more)
    frame = read_with_base(path)[0]
    assert plain(frame["custom_field"]) == ["west", "east"]
    assert "2 cells of custom_field referred to another workbook" in reading_line(frame)


def test_a_formula_into_another_workbook_that_showed_nothing_is_refused(tmp_path):
    def more(book, sheet):
        sheet.write_formula("C2", "=[1]Sheet1!A1", None, "")
        sheet.write_formula("C3", "=Table1[Name]&1", None, "x1")

    with pytest.raises(WorkbookError, match="for 2 reasons") as refused:
        read_workbook(hand_made(tmp_path / "x.xlsx", [HEADER, ["a"], ["b"]], more))
    messages = refused.value.problems["message"].tolist()
    assert "Team!C2 refers to another workbook" in messages[0]
    assert messages[1] == "Team!C3 is a formula"


def test_a_shared_formula_into_another_workbook_is_found_by_both_scanners(tmp_path):
    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a", "", "p"], ["b", "", "q"]])
    parts = parts_of(path)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    first, second = (f'<c r="C{row}" t="s">' for row in (2, 3))
    shared = '<f t="shared" ref="C2:C3" si="0">[1]S!A1</f>', '<f t="shared" si="0"/>'
    sheet = sheet.replace(first, first + shared[0]).replace(second, second + shared[1])
    for spelling in (sheet, sheet.replace("<c r=", "<c  r=")):
        (tmp_path / "y.xlsx").write_bytes(packed({**parts, "xl/worksheets/sheet1.xml": spelling.encode()}))
        assert inspect(tmp_path / "y.xlsx").sheets["Team"].linked == ["C2", "C3"]
    assert plain(read_with_base(tmp_path / "y.xlsx")[0]["custom_field"]) == ["p", "q"]


def test_statuses_and_actions_in_any_case_are_taken_with_a_note(tmp_path):
    rows = [
        ["action", "subscriber_name", "status"],
        ["Update", "a", "Active"],
        ["", "b", "INACTIVE "],
        [" ", "c", "on"],
    ]
    frame = read_with_base(hand_made(tmp_path / "x.xlsx", rows))[0]
    assert plain(frame["status"]) == ["active", "inactive", "on"]
    assert plain(frame["action"]) == ["update", None, None]
    assert read_loosely("2 cells", "'Active' and 'INACTIVE '") in reading_line(frame)


def test_a_status_that_the_service_itself_spells_so_stays(tmp_path):
    write_workbook(subscribers(["a"]).assign(status="Active"), tmp_path / "audit.xlsx")
    assert plain(read_workbook(tmp_path / "audit.xlsx")["status"]) == ["Active"]


def test_their_headers_are_called_as_ours(tmp_path):
    rows = [["Emp ID", "Full name", "Team"], ["007", "Priya Sharma", "west"]]
    columns = {"Emp ID": "subscriber_name", "Team": "custom_field"}
    path = hand_made(tmp_path / "hr.xlsx", rows)
    (tmp_path / "hr.csv").write_text("Emp ID;Full name;Team\n007;Priya Sharma;west\n")
    for file in (path, tmp_path / "hr.csv"):
        assert read_table(file, columns=columns).iloc[0].to_dict() == {
            "subscriber_name": "007",
            "custom_field": "west",
            "Full name": "Priya Sharma",
        }
    with pytest.raises(WorkbookError, match=r"no column 'Emp' to use as subscriber_name.*'Emp ID'"):
        read_table(path, columns={"Emp": "subscriber_name", "Team": "custom_field"})
    with pytest.raises(WorkbookError, match=r"columns=\{'Emp ID': 'subscriber_name'\}"):
        read_table(path)
    with pytest.raises(WorkbookError, match="'Team' is not one of our columns"):
        read_table(path, columns={"custom_field": "Team"})
    with pytest.raises(WorkbookError, match="'status' appears twice"):
        read_table(path, columns={"Team": "status", "Full name": "status"})


def test_a_header_that_is_ours_already_and_one_that_shall_be_are_told_apart(tmp_path):
    path = hand_made(tmp_path / "x.xlsx", [["Emp ID", "subscriber_name"], ["1", "a"]])
    with pytest.raises(WorkbookError, match="Team!B1 is a second 'subscriber_name'"):
        read_table(path, columns={"Emp ID": "subscriber_name"})


def test_the_line_about_a_reading_is_printed_once_and_stands_in_attrs(tmp_path, capsys):
    path = hand_made(tmp_path / "x.xlsx", [HEADER, ["a", "Active"], ["Total", "", "", 1]])
    frame = read_table(path)
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert frame.attrs["exotel_frames"]["reading"] == line.strip()
    assert "row 3 was left out (a total: 'Total')" in line
    read_table(hand_made(path, [HEADER, ["a", "active"]]))
    assert capsys.readouterr().out == ""


def test_a_table_of_excel_without_totals_is_read_whole(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["subscriber_name"])
    book.active.append(["a"])
    book.active.append(["b"])
    book.active.add_table(Table(displayName="T1", ref="A1:A3"))
    book.save(tmp_path / "x.xlsx")
    assert names_and_left_out(tmp_path / "x.xlsx") == (["a", "b"], [])


def people_own(
    path, headers=("Emp ID", "Team", "Shift"), rows=(("priya07", "sales", "night"), ("bob", "field", "day"))
):
    """Return a workbook with somebody else's headers, and a second sheet."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Staff")
        for number, cells in enumerate([headers, *rows]):
            sheet.write_row(number, 0, cells)
        book.add_worksheet("Notes").write_string(0, 0, "ask Priya")
    return path


COLUMNS = {"Emp ID": "subscriber_name", "Team": "custom_field"}


def test_one_line_and_the_attrs_say_which_sheet_and_which_columns_were_read(tmp_path, capsys):
    frame = read_workbook(people_own(tmp_path / "hr.xlsx"), columns=COLUMNS)
    assert frame.attrs["exotel_frames"]["not_read"] == ("Shift",)
    assert capsys.readouterr().out == (
        "hr.xlsx: read from the sheet 'Staff' (and not from 'Notes'); no verb reads 'Shift'.\n"
    )
    read_workbook(tmp_path / "hr.xlsx", columns=COLUMNS, sheet="Staff")
    assert capsys.readouterr().out == ""


def test_a_plan_of_somebodys_headers_says_how_it_was_read_and_the_verdicts_stand_beside_their_rows(tmp_path, capsys):
    path = people_own(tmp_path / "hr.xlsx")
    with ef.Sandbox(subscribers=0) as box:
        client = box.connect(journal=tmp_path / "journal")
        plan = ef.plan_workbook(client, path, columns=COLUMNS, account=box.account_sid)
        assert "hr.xlsx: read from the sheet 'Staff'" in capsys.readouterr().out
        about = plan.attrs["exotel_frames"]
        assert (about["sheet"], about["not_read"]) == ("Staff", ("Shift",))
        results = ef.apply_plan(client, plan, account=box.account_sid, max_share=1.0, progress=False)
        assert ef.write_verdicts(path, results, columns=COLUMNS) == path
    told = read_workbook(path, columns=COLUMNS)
    assert told[["subscriber_name", "Shift", "outcome"]].to_numpy().tolist() == [
        ["priya07", "night", "done"],
        ["bob", "day", "done"],
    ]


def test_a_csv_file_of_edits_is_planned_and_its_verdicts_stand_in_a_file_beside_it(tmp_path, capsys):
    path = tmp_path / "hr.csv"
    path.write_text("Emp ID;Team\npriya07;sales\nbob;field\n")
    with ef.Sandbox(subscribers=0) as box:
        client = box.connect(journal=tmp_path / "journal")
        plan = ef.plan_workbook(client, path, columns=COLUMNS, account=box.account_sid)
        assert "hr.csv: read with semicolons between the fields" in capsys.readouterr().out
        results = ef.apply_plan(client, plan, account=box.account_sid, max_share=1.0, progress=False)
        made = ef.write_verdicts(path, results, columns=COLUMNS)
    assert (made.name, read_table(made)["outcome"].tolist()) == ("hr.results.csv", ["done", "done"])
