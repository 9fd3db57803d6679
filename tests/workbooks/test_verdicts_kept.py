"""Verdicts that keep: earlier runs, files that are open elsewhere, looks, CSV, and workbooks of version 0.1."""

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

import exotel_frames as ef
from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import check_verdicts, read_with_base, read_workbook, write_pages, write_verdicts
from exotel_frames.workbooks.base import pack, unpack
from tests.workbooks.excel_kit import plain, subscribers, written
from tests.workbooks.test_verdicts import results

OLD = Path(__file__).parent / "data" / "written_by_0.1.xlsx"


@pytest.fixture
def team(tmp_path):
    path = tmp_path / "team.xlsx"
    write_pages(path, {"Team": pd.DataFrame({"subscriber_name": ["zoe", "eve", "kim"]})})
    return path


def test_the_verdicts_of_each_run_are_kept_in_a_sheet_of_their_own(team):
    for outcome in ("rejected", "unknown", "done"):
        write_verdicts(team, results(["zoe", "eve"], outcome=outcome, run_id=f"run-{outcome}"))
    assert plain(read_workbook(team)["outcome"]) == ["done", "done", None]
    rows = list(openpyxl.load_workbook(team)["earlier verdicts"].iter_rows(values_only=True))
    assert [row[1:3] for row in rows] == [
        ("name", "outcome"),
        *(("zoe", "rejected"), ("eve", "rejected"), ("zoe", "unknown"), ("eve", "unknown")),
    ]
    assert rows[1][0].endswith("UTC, run run-rejected")


def test_our_own_verdicts_are_not_told_as_columns_that_no_verb_reads(tmp_path, capsys):
    path = tmp_path / "audit.xlsx"
    with ef.Sandbox(subscribers=2) as box:
        subs = ef.load_subscribers(box.connect(), progress=False)
        ef.write_workbook(subs.assign(Shift="night"), path)
    write_verdicts(path, results(subs["subscriber_name"].tolist()))
    book = openpyxl.load_workbook(path)
    book["subscribers"]["A2"] = "Delete"
    book.save(path)
    assert read_workbook(path).attrs["exotel_frames"]["not_read"] == ("Shift",)
    assert capsys.readouterr().out.endswith("('Delete'); no verb reads 'Shift'.\n")


def test_the_same_results_written_twice_are_one_run(team):
    for _ in range(2):
        write_verdicts(team, results(["zoe", "eve"], run_id="r1"))
    assert openpyxl.load_workbook(team).sheetnames == ["Team", "about", "exotel_frames_pages"]


def test_the_same_outcome_of_another_person_is_another_run(team):
    write_verdicts(team, results(["zoe"]))
    write_verdicts(team, results(["eve"]))
    assert openpyxl.load_workbook(team)["earlier verdicts"]["B2"].value == "zoe"


@pytest.mark.parametrize(
    ("mark", "content", "told"),
    [
        ("~$team.xlsx", b"\x03Ann" + bytes(60), "is open in Excel by Ann"),
        (".~lock.team.xlsx#", b",ben,desk,25.11.2026 10:00,file:///home/ben;", "is open in LibreOffice by ben"),
    ],
)
def test_a_file_that_is_open_elsewhere_is_left_alone_and_a_copy_is_written(team, capsys, mark, content, told):
    team.with_name(mark).write_bytes(content)
    before = team.read_bytes()
    assert told in check_verdicts(team)
    for name in ("team verdicts.xlsx", "team verdicts 2.xlsx"):
        made = write_verdicts(team, results(["zoe"]))
        assert made.name == name
        assert capsys.readouterr().out.count(told) == 1
        assert plain(read_workbook(made)["outcome"]) == ["done", None, None]
    assert team.read_bytes() == before


def test_verdicts_have_the_font_of_their_row_and_headers_that_of_the_names(tmp_path):
    path = tmp_path / "hand.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        title = book.add_format({"bold": True, "font_name": "Georgia", "font_color": "white", "bg_color": "navy"})
        cell = book.add_format({"font_name": "Courier New", "font_size": 15, "bold": True, "font_color": "red"})
        sheet.write_string("A1", "subscriber_name", title)
        sheet.write_string("B1", "my own")
        sheet.write_string("A2", "zoe", cell)
        sheet.write_string("A3", "eve")
    write_verdicts(path, results(["zoe", "eve"]))
    sheet = openpyxl.load_workbook(path).active
    assert sheet["C1"].style_id == sheet["A1"].style_id
    fonts = [(sheet[cell].font.name, sheet[cell].font.sz, sheet[cell].font.b) for cell in ("C2", "D2", "C3")]
    assert fonts == [("Courier New", 15, False), ("Courier New", 15, False), ("Calibri", 11, False)]


def test_people_may_widen_our_columns_and_they_stay_wide(team):
    write_verdicts(team, results(["zoe"]))
    book = openpyxl.load_workbook(team)
    book.active.column_dimensions["C"].width = 99
    book.save(team)
    write_verdicts(team, results(["eve"]))
    assert openpyxl.load_workbook(team)["Team"].column_dimensions["C"].width == 99


def test_a_workbook_of_version_0_1_reads_and_takes_a_second_runs_verdicts(tmp_path):
    path = tmp_path / "old.xlsx"
    shutil.copy(OLD, path)
    assert plain(read_workbook(path)["outcome"]) == ["done", None, None, None]
    assert read_with_base(path)[1].frame["status"].tolist() == ["active", "inactive", "active", "active"]
    write_verdicts(path, results(["priya07"], status="inactive", custom_field="vip"))
    assert plain(read_workbook(path)["outcome"]) == [None, None, "done", None]
    assert list(read_workbook(path))[-2:] == ["outcome", "message"]
    assert openpyxl.load_workbook(path)["earlier verdicts"]["B2"].value == "007"


def test_a_base_with_a_column_fewer_or_more_still_reads():
    frame = subscribers(["bob"], ["vip"])
    fewer = unpack(pack(frame, {"account_sid": "acme1"}, fields=["subscriber_name", "status", "custom_field"]), "x")
    assert list(fewer.frame) == ["subscriber_name", "status", "custom_field"]
    assert unpack(pack(frame, {}, {"bob": "create"}), "x").carried_out == {"bob": "create"}


def test_a_base_in_which_what_was_carried_out_was_changed_is_noticed():
    rows = pack(subscribers(["bob"]), {}, {"bob": "create"})
    other = pack(subscribers(["bob"]), {}, {"bob": "delete"})[-1]
    with pytest.raises(WorkbookError, match=r"audit.xlsx can't be read: its hidden sheet exotel_frames_base"):
        unpack([*rows[:-1], other], "audit.xlsx")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_results_beside_a_csv_file_are_separated_as_it_is(tmp_path, delimiter):
    path = tmp_path / "team.csv"
    path.write_text(f'subscriber_name{delimiter}custom_field\nbob{delimiter}"a, b and c"\n')
    answer = write_verdicts(path, results(["bob"]))
    first = answer.read_text(encoding="utf-8-sig").splitlines()[0]
    assert first.split(delimiter) == ["subscriber_name", "custom_field", "outcome", "message"]
    assert pd.read_csv(answer, sep=delimiter)["custom_field"].tolist() == ["a, b and c"]


def test_a_csv_file_gets_its_results_in_a_file_beside_it(tmp_path, capsys):
    path = tmp_path / "team.csv"
    path.write_text('subscriber_name,custom_field,Outcome\nbob,=1+1,x\neve,"+49, west",\nkim,-,"two\nlines"\n')
    before = path.read_bytes()
    told = results(["bob", "kim"], error_message="=cmd|' /C calc'!A0")
    assert write_verdicts(path, told) == tmp_path / "team.results.csv"
    data = (tmp_path / "team.results.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfsubscriber_name,custom_field,Outcome,outcome 2,message\r\n")
    rows = pd.read_csv(tmp_path / "team.results.csv", keep_default_na=False)
    assert rows.to_numpy().tolist() == [
        ["bob", "'=1+1", "x", "done", "'=cmd|' /C calc'!A0"],
        ["eve", "'+49, west", "", "", ""],
        ["kim", "'-", "two\nlines", "done", "'=cmd|' /C calc'!A0"],
    ]
    assert "5 cells that a spreadsheet program would take for a formula" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_the_result_of_a_row_that_a_csv_file_no_longer_has_stands_below(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text("subscriber_name,custom_field\nbob,x\n")
    made = write_verdicts(path, results(["bob", "eve"]).assign(action=pd.array(["update", "delete"], "str")))
    assert read_with_base(made)[0][["subscriber_name", "outcome"]].to_numpy().tolist() == [
        ["bob", "done"],
        ["eve", "done"],
    ]


def test_the_results_of_an_earlier_run_beside_a_csv_file_stay(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text("subscriber_name\nbob\neve\n")
    assert "will be in team.results.csv" in check_verdicts(path)
    first = write_verdicts(path, results(["bob"]))
    kept = first.read_bytes()
    assert write_verdicts(path, results(["bob"])) == first
    assert "will be in team.results 2.csv" in check_verdicts(path)
    assert write_verdicts(path, results(["eve"])).name == "team.results 2.csv"
    assert first.read_bytes() == kept


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("subscriber_name^custom_field\nbob^Zoë\n".encode(), {"delimiter": "^"}),
        ("subscriber_name,custom_field\nbob,naďve\n".encode("cp1250"), {"encoding": "cp1250"}),
    ],
)
def test_a_csv_file_takes_its_verdicts_as_it_was_read(tmp_path, text, how):
    path = tmp_path / "team.csv"
    path.write_bytes(text)
    made = write_verdicts(path, results(["bob"]), **how)
    read = read_with_base(made)[0]
    assert read["outcome"].tolist() == ["done"]
    assert read["custom_field"].equals(read_with_base(path, **how)[0]["custom_field"])


def test_a_message_may_be_written_where_a_hidden_group_of_columns_was(tmp_path):
    path = tmp_path / "audit.xlsx"
    written(subscribers(["zoe", "eve"]), path)
    book = openpyxl.load_workbook(path)
    book["subscribers"].column_dimensions.group("G", "XFD", hidden=True)
    book.save(path)
    write_verdicts(path, results(["zoe"]))
    widths = openpyxl.load_workbook(path)["subscribers"].column_dimensions
    assert not widths["G"].hidden
    assert not widths["H"].hidden
