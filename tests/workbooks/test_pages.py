"""Pages of plans, results, problems, changes and runs: nice to read, and the same frame again when they are read."""

import re

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotel_frames import schema
from exotel_frames.display import show
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import conform, results_frame
from exotel_frames.frames.kinds import kind_of_frame
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.records import Verdict
from exotel_frames.secret import Secret
from exotel_frames.workbooks import read_table, read_workbook, write_pages
from exotel_frames.workbooks.pages.hidden_copy import PAGES_SHEET, parse_cell
from tests.slow import slow
from tests.workbooks.excel_kit import NASTY_FIELDS, NASTY_NAMES, packed, parts_of
from tests.workbooks.wording import PAGE_CHANGED, row_changed

ORIGIN = {"account_sid": "acme1", "base_url": "https://chaotix.mum1.exotel.in", "label": "LIVE account acme1 at mum"}
KINDS = [kind for kind in schema.SCHEMAS if kind != "tokens"]
ODD = st.one_of(
    st.sampled_from(
        [*NASTY_NAMES, *NASTY_FIELDS[:-2], "\x0b", "\ufffe", "_x0041_x00e9_", "x" * 40_000, "😀" * 20_000, ""]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
MOMENTS = st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01"))
CELLS = {
    schema.STR: st.none() | ODD,
    schema.DATE: st.none() | MOMENTS.map(lambda at: f"{at.isoformat()}+00:00"),
    schema.MAYBE_INT: st.none() | st.integers(-(2**53), 2**53),
    schema.INT: st.integers(-(2**63), 2**63 - 1),
    schema.FLOAT: st.floats(width=64),
    schema.BOOL: st.booleans(),
}  # fmt: skip


def frames(kind):
    """Return frames of a schema, with anything in its cells, and an index that says who is who."""
    columns = schema.SCHEMAS[kind]

    def made(rows):
        frame = conform(pd.DataFrame({name: [row[at] for row in rows] for at, name in enumerate(columns)}), kind)
        frame.index = pd.Index([f"r{at}" for at in range(len(rows))], dtype="str") if len(rows) % 2 else frame.index
        frame.attrs["exotel_frames"] = {"origin": ORIGIN}
        return frame

    return st.lists(st.tuples(*(CELLS[dtype] for dtype in columns.values())), max_size=4).map(made)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.mark.parametrize("examples", [2, slow(60)])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_in_a_frame_of_ours_comes_back_with_its_dtypes_index_account_and_kind(folder, kind, examples):
    @settings(max_examples=examples, deadline=None, derandomize=True)
    @given(frames(kind))
    def check(frame):
        write_pages(folder / "page.xlsx", {kind: frame})
        back = read_table(folder / "page.xlsx")
        pd.testing.assert_frame_equal(back, frame)
        assert back.attrs["exotel_frames"]["origin"] == ORIGIN
        assert (back.attrs["exotel_frames"]["kind"], kind_of_frame(back)) == (kind, kind)

    check()


def results(**more):
    """Return the results of four rows, one of them refused."""
    rows = [
        Verdict(row=0, subscriber_name="007", action="create", outcome="done", status="active", seconds=0.1),
        Verdict(row=1, subscriber_name="bob", action="create", outcome="rejected", error_code=1008, http_code=409,
                error_message="Duplicate resource", error_description="There is one of that name. " * 5),
        Verdict(row=2, subscriber_name="MAR1", action="create", outcome="unknown", request_id="0" * 32),
        Verdict(row=3, subscriber_name="eve", action="create", outcome="done", custom_field="@vip\x0b"),
    ]  # fmt: skip
    frame = results_frame(rows, attrs={"exotel_frames": {"origin": ORIGIN}})
    return frame.assign(**more)


def test_a_page_shows_what_people_need_and_folds_the_rest(folder):
    write_pages(folder / "r.xlsx", {"results": results(team=["a", "b", "c", "d"])})
    book = openpyxl.load_workbook(folder / "r.xlsx")
    sheet = book["results"]
    assert [each.title for each in book.worksheets] == ["results", "about", PAGES_SHEET]
    headers = [cell.value for cell in sheet[1]]
    assert headers[:6] == ["row", "subscriber_name", "action", "outcome", "error_message", "error_description"]
    assert headers[6:9] == [*schema.FIELDS, "team"]
    at = {cell.value: cell.column_letter for cell in sheet[1]}
    columns = sheet.column_dimensions
    assert [header for header in headers[:9] if columns[at[header]].hidden] == []
    assert (columns["J"].hidden, columns["J"].outlineLevel) == (True, 1)
    third = {header: sheet[f"{letter}3"].value for header, letter in at.items()}
    assert (third["http_code"], third["error_code"], third["attempts"]) == (409, 1008, 0)
    assert sheet.row_dimensions[3].height > sheet.row_dimensions[1].height
    assert sheet["F3"].alignment.wrap_text
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", f"A1:{at[headers[-1]]}5")
    assert (sheet.print_title_rows, sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == (
        "$1:$1",
        "landscape",
        0,
    )


def test_each_outcome_has_its_colour(folder):
    write_pages(folder / "r.xlsx", {"results": results()})
    sheet = openpyxl.load_workbook(folder / "r.xlsx")["results"]
    rules = [
        rule for ranges in sheet.conditional_formatting for rule in ranges.rules if str(ranges.sqref).startswith("D2:")
    ]
    fills = {rule.formula[0]: rule.dxf.fill.bgColor.rgb[-6:] for rule in rules}
    assert fills == {f'$D2="{outcome}"': info.fill for outcome, info in OUTCOME_INFO.items()}


def test_the_sheet_behind_it_counts_and_explains(folder):
    write_pages(folder / "r.xlsx", {"results": results()})
    sheet = openpyxl.load_workbook(folder / "r.xlsx")["about"]
    told = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert told[1][0] == ORIGIN["label"]
    assert ["done", 2, "done", None] in told or ["done", 2, "done", ""] in told
    assert ["unknown", 1, OUTCOME_INFO["unknown"].meaning, OUTCOME_INFO["unknown"].next_step] in told


def edited(path, change, sheet="results"):
    """Change a workbook as people do, and save it."""
    book = openpyxl.load_workbook(path)
    change(book[sheet])
    book.save(path)


def test_a_page_that_was_sorted_and_cut_keeps_each_rows_label_and_value(folder, capsys):
    frame = results()
    frame.index = list("wxyz")
    write_pages(folder / "r.xlsx", {"results": frame})
    cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(folder / "r.xlsx")["results"].iter_rows()]

    def sort_and_cut(sheet):
        sheet.delete_rows(2, 4)
        for row, values in enumerate([cells[4], cells[2], cells[1]], start=2):
            for column, value in enumerate(values, start=1):
                sheet.cell(row, column).value = value

    edited(folder / "r.xlsx", sort_and_cut)
    pd.testing.assert_frame_equal(read_table(folder / "r.xlsx"), frame.loc[["z", "x", "w"]])
    assert capsys.readouterr().out == "r.xlsx: 1 row was taken out.\n"


def test_what_somebody_changed_is_read_as_it_stands_and_told(folder, capsys):
    write_pages(folder / "r.xlsx", {"results": results()})

    plan = conform(pd.DataFrame({"action": ["delete"], "subscriber_name": ["007"], "conflict": True}), "plan")
    write_pages(folder / "p.xlsx", {"plan": plan})
    edited(folder / "p.xlsx", lambda sheet: setattr(sheet["C2"], "value", False), "plan")
    assert read_table(folder / "p.xlsx")["conflict"].tolist() == [False]
    assert row_changed(2) in capsys.readouterr().out
    edited(folder / "r.xlsx", lambda sheet: setattr(sheet["D4"], "value", "done"))
    back = read_table(folder / "r.xlsx")
    assert back["outcome"].tolist() == ["done", "rejected", "done", "done"]
    assert (back.dtypes == results().dtypes).all()
    assert back["custom_field"].tolist()[3] == "@vip\x0b"
    assert capsys.readouterr().out == f"r.xlsx: {row_changed(4)}.\n"
    edited(folder / "r.xlsx", lambda sheet: (setattr(sheet["B2"], "value", 7), setattr(sheet["A3"], "value", "first")))
    with pytest.raises(WorkbookError) as refused:
        read_table(folder / "r.xlsx")
    assert sorted(refused.value.problems["message"]) == [
        "results!A3 (row) says 'first', which is not a whole number",
        "results!B2 (subscriber_name) says '7', which is no longer text: format the cell as Text, and type it again",
    ]


@pytest.mark.parametrize("unit", [slow("s"), slow("ms"), "us", slow("ns")])
def test_a_date_that_somebody_typed_is_the_date_that_is_read(folder, unit):
    frame = results(seen=pd.to_datetime(["2026-01-01"] * 4, utc=True).as_unit(unit))
    write_pages(folder / "r.xlsx", {"results": frame})

    def type_dates(sheet):
        headers = [cell.value for cell in sheet[1]]
        sheet.cell(3, headers.index("date_created") + 1).value = "2026-11-25T12:00:00+01:00"
        sheet.cell(3, headers.index("seen") + 1).value = "2026-11-25T12:00:00+00:00"

    edited(folder / "r.xlsx", type_dates)
    back = read_table(folder / "r.xlsx")
    assert back.loc[1, ["date_created", "seen"]].tolist() == [
        pd.Timestamp("2026-11-25 11:00", tz="UTC"),
        pd.Timestamp("2026-11-25 12:00", tz="UTC"),
    ]


def test_columns_and_rows_that_people_add_are_read_as_theirs(folder, capsys):
    write_pages(folder / "r.xlsx", {"results": results()})

    def add(sheet):
        sheet.insert_cols(19)
        sheet["S1"].value, sheet["S2"].value = "my note", "ask Priya"
        for column, cell in enumerate(sheet[2][:18], start=1):
            sheet.cell(6, column).value = cell.value
        sheet["A6"].value, sheet["B6"].value = 9, "zoe"

    edited(folder / "r.xlsx", add)
    back = read_table(folder / "r.xlsx")
    assert back["my note"].tolist()[0] == "ask Priya"
    assert (back["subscriber_name"].tolist()[4], back.index.tolist()) == ("zoe", [0, 1, 2, 3, 4])
    assert capsys.readouterr().out == "r.xlsx: row 6 was added; the column 'my note' was added.\n"


def test_several_pages_in_one_workbook_are_read_by_their_name(folder):
    problems = conform(pd.DataFrame({"row": [1], "rule": ["missing"], "message": ["There is no name."]}), "problems")
    write_pages(folder / "m.xlsx", {"created": results(), "problems": problems})
    with pytest.raises(WorkbookError, match='2 tables: say which one, sheet="created" or sheet="problems"'):
        read_table(folder / "m.xlsx")
    pd.testing.assert_frame_equal(read_table(folder / "m.xlsx", sheet="problems"), problems)


def test_a_page_whose_sheet_was_renamed_is_still_read(folder):
    write_pages(folder / "r.xlsx", {"results": results()})
    edited(folder / "r.xlsx", lambda sheet: setattr(sheet, "title", "for Priya"))
    pd.testing.assert_frame_equal(read_table(folder / "r.xlsx"), results())


def test_a_page_whose_hidden_copy_was_changed_is_refused_and_its_text_still_reads(folder):
    write_pages(folder / "r.xlsx", {"results": results()})
    parts = parts_of(folder / "r.xlsx")
    shared = parts["xl/sharedStrings.xml"]
    packed_copy = max(re.findall(rb"<t[^>]*>([A-Za-z0-9+/=]+)</t>", shared), key=len)
    parts["xl/sharedStrings.xml"] = shared.replace(packed_copy, packed_copy[:100] + b"ab" + packed_copy[102:])
    (folder / "bad.xlsx").write_bytes(packed(parts))
    with pytest.raises(WorkbookError, match="its hidden sheet exotel_frames_pages was changed"):
        read_table(folder / "bad.xlsx")
    assert read_workbook(folder / "bad.xlsx")["subscriber_name"].tolist() == results()["subscriber_name"].tolist()


def test_tokens_are_never_written(folder):
    tokens = pd.DataFrame({"subscriber_name": ["bob"], "outcome": ["done"], "access_token": [Secret("hunter2")]})
    for frame in (tokens, tokens.assign(access_token="eyJhbGciOi"), results(key=[Secret("x")] * 4)):
        with pytest.raises(WorkbookError, match=r"would put secrets into a file"):
            write_pages(folder / "t.xlsx", {"tokens": frame})
    assert not (folder / "t.xlsx").exists()


def test_results_read_back_can_be_shown_as_before(folder):
    write_pages(folder / "r.xlsx", {"results": results()})
    assert repr(show(read_table(folder / "r.xlsx"))) == repr(show(results()))


def test_a_title_above_and_a_remark_below_are_no_rows(folder, capsys):
    write_pages(folder / "r.xlsx", {"results": results()})

    def add(sheet):
        sheet.insert_rows(1, 2)
        sheet["A1"].value, sheet["B9"].value = "Results for Priya", "checked by Priya"

    edited(folder / "r.xlsx", add)
    pd.testing.assert_frame_equal(read_table(folder / "r.xlsx"), results())
    assert capsys.readouterr().out == "r.xlsx: row 9 was left out (a remark).\n"


def test_a_page_without_its_header_is_refused(folder):
    write_pages(folder / "r.xlsx", {"results": results()})
    edited(folder / "r.xlsx", lambda sheet: sheet.delete_rows(1))
    with pytest.raises(WorkbookError, match="the header of its sheet results is missing"):
        read_table(folder / "r.xlsx")


@pytest.mark.parametrize(
    ("cell", "dtype", "read"),
    [
        ("true", "bool", True),
        ("maybe", "bool", "which is neither TRUE nor FALSE"),
        ("", "bool", "and must not be empty"),
        ("", "boolean", None),
        ("-7", "int64", -7),
        ("1.5", "Int64", "which is not a whole number"),
        ("x", "float64", "which is not a number"),
        ("2026-11-25T12:00:00+01:00", "datetime64[us, UTC]", 1_795_604_400_000_000),
        ("2026-11-25T12:00:00", "datetime64[us, UTC]", "which has no offset from UTC"),
        ("2026-11-25T12:00:00+01:00", "datetime64[s]", "which has an offset from UTC, but the other dates have none"),
        ("2026-11-25T12:00:00", "datetime64[s]", 1_795_608_000),
        ("soon", "datetime64[us, UTC]", "which is not a date such as 2026-11-25T12:00:00+00:00"),
    ],
)
def test_what_somebody_types_into_a_page_is_a_value_of_its_column_or_is_told_why_not(cell, dtype, read):
    if not isinstance(read, str):
        assert parse_cell(cell, dtype) == read
        return
    with pytest.raises(ValueError, match=re.escape(read)):
        parse_cell(cell, dtype)


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("format", "exotel_frames page 9", "was written by a newer version of exotel_frames"),
        ("checksum", "0" * 64, PAGE_CHANGED),
        slow("data", "AAAA", PAGE_CHANGED),
    ],
)
def test_a_hidden_copy_that_is_newer_or_was_changed_is_not_believed(folder, key, text, why):
    write_pages(folder / "r.xlsx", {"results": results()})

    def change(sheet):
        next(row[1] for row in sheet.iter_rows() if row[0].value == key).value = text

    edited(folder / "r.xlsx", change, PAGES_SHEET)
    with pytest.raises(WorkbookError, match=f"^r.xlsx {why}"):
        read_table(folder / "r.xlsx")


def test_columns_without_a_name_of_their_own_are_refused_before_anything_is_written(tmp_path):
    twice = pd.DataFrame([["bob", "a", "b"]], columns=["subscriber_name", "team", "team"])
    with pytest.raises(WorkbookError, match="The column 'team' appears twice or has no name"):
        write_pages(tmp_path / "r.xlsx", {"people": twice})
    assert list(tmp_path.iterdir()) == []
