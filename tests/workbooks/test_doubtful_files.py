"""Files in which something else than a list of subscribers stands, or may not be meant: left out, refused, or said."""

import re

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

import exotel_frames as ef
from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import read_table
from tests.workbooks.wording import only_values_of

HEADERS = ["subscriber_name", "status", "custom_field"]
TEAM = [["bob", "active", "vip"], ["eve", "inactive", None]]


def table(sheet, name, ref):
    """Make an Excel table of cells that are there."""
    sheet.add_table(Table(displayName=name, ref=ref))


def test_another_table_below_is_no_part_of_the_list_and_one_with_the_same_headers_is(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [HEADERS, *TEAM, [], ["team", "lead", "number"], ["north", "Ann", "1"], ["south", "Ben", "2"]]:
        sheet.append(row)
    table(sheet, "People", "A1:C3")
    table(sheet, "Teams", "A5:C7")
    book.save(tmp_path / "two.xlsx")
    read = read_table(tmp_path / "two.xlsx")
    assert read["subscriber_name"].tolist() == ["bob", "eve"]
    assert read.attrs["exotel_frames"]["left_out"][0] == (5, "in another table, 'Teams'")
    for at, header in enumerate(HEADERS, start=1):
        sheet.cell(5, at).value = header
    book.save(tmp_path / "stacked.xlsx")
    read = read_table(tmp_path / "stacked.xlsx")
    assert read["subscriber_name"].tolist() == ["bob", "eve", "north", "south"]
    assert read.attrs["exotel_frames"]["left_out"] == ((5, "the headers again"),)


@pytest.mark.parametrize(
    "again", ["subscriber_name,custom_field", "\ufeffsubscriber_name,custom_field", "subscriber_name,"]
)
def test_headers_in_the_midst_are_left_out_and_named(tmp_path, again):
    path = tmp_path / "both.csv"
    path.write_text(f"subscriber_name,custom_field\nbob,x\n{again}\neve,y\n", encoding="utf-8")
    read = read_table(path)
    assert read["subscriber_name"].tolist() == ["bob", "eve"]
    assert read.attrs["exotel_frames"]["left_out"] == ((3, "the headers again"),)


def test_somebody_who_is_called_like_their_header_stays(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text("name\nbob\nname\n")
    assert read_table(path, columns={"name": "subscriber_name"})["subscriber_name"].tolist() == ["bob", "name"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "sep=;\nsubscriber_name,status\nbob,active\n",
            r"are in one column, 'subscriber_name,status': .* delimiter=','",
        ),
        ("subscriber_name^status\nbob^active\n", r"delimiter='\^'"),
        ("status:subscriber_name\nactive:bob\n", "delimiter=':'"),
        ("# of 2026\nsubscriber_name,status\nbob,active\n", "its header is in line 2. Delete the lines above it"),
    ],
)
def test_a_header_that_is_not_found_is_told_where_it_is(tmp_path, text, said):
    path = tmp_path / "team.csv"
    path.write_text(text)
    with pytest.raises(WorkbookError, match=said):
        read_table(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subscriber_name,State\nbob,Inactive\n", only_values_of("State", "status")),
        ("subscriber_name,todo\nbob,delete\n", only_values_of("todo", "action")),
        ("subscriber_name,custom_field\nbob,JosÃ©\n", "custom_field looks garbled.*'JosÃ©' instead of 'José'"),
        (
            "subscriber_name,custom_field,outcome,message\nbob,'=1+1,done,\n",
            "1 cell of custom_field begins with an apos",
        ),
    ],
)
def test_what_may_not_be_meant_is_read_as_it_stands_and_said(tmp_path, capsys, text, said):
    path = tmp_path / "team.csv"
    path.write_text(text, encoding="utf-8")
    assert len(read_table(path)) == 1
    assert re.search(said, capsys.readouterr().out)


def test_what_is_plain_has_no_note(tmp_path, capsys):
    path = tmp_path / "team.csv"
    path.write_text("subscriber_name,status,was,note\nbob,active,inactive,Ârvíz â„ ok\n", encoding="utf-8")
    read_table(path)
    assert capsys.readouterr().out == ""


def test_a_total_with_numbers_in_our_columns_is_a_total(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text("subscriber_name,status\nbob,active\neve,active\nTotal,2\n")
    assert read_table(path)["subscriber_name"].tolist() == ["bob", "eve"]


def test_headers_that_are_no_mapping_are_refused_in_a_sentence(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text("subscriber_name\nbob\n")
    with pytest.raises(WorkbookError, match=r"columns= must map the file's headers to ours.*this is a list"):
        read_table(path, columns=["Emp ID"])


def test_columns_and_rows_that_have_gone_from_a_workbook_of_ours_are_said(tmp_path, capsys):
    with ef.Sandbox(subscribers=3, seed=1) as box:
        client = box.connect(journal=tmp_path / "journal")
        path = tmp_path / "audit.xlsx"
        ef.write_workbook(ef.load_subscribers(client, progress=False), path)
        book = openpyxl.load_workbook(path)
        book["subscribers"]["D1"].value = "team"
        book["subscribers"].delete_rows(3)
        book.save(path)
        plan = ef.plan_workbook(client, path)
    said = capsys.readouterr().out
    assert "its column custom_field was removed, so no edit of it is read" in said
    assert "1 row of 3 was removed from the sheet; removing a row does not delete the subscriber" in said
    assert plan.empty
