"""What is written to a workbook comes back as it was, through our own hands and through real LibreOffice's."""

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotel_frames.errors import ValidationError, WorkbookError
from exotel_frames.workbooks import read_with_base, read_workbook, write_pages, write_workbook
from exotel_frames.workbooks.writing.fast_rows import write_book
from tests.slow import slow
from tests.workbooks.excel_kit import (
    NASTY_FIELDS,
    NASTY_NAMES,
    formula_cells,
    packed,
    parts_of,
    plain,
    random_fields,
    random_names,
    resaved_by_libreoffice,
    subscribers,
    written,
)

ORIGIN = {"account_sid": "acme1", "base_url": "https://chaotix.mum1.exotel.in"}


def assert_the_same(frame, read):
    """Compare names, statuses and fields as texts; in a cell, empty and missing are one."""
    for column in ("subscriber_name", "status", "custom_field"):
        assert plain(read[column]) == [cell or None for cell in plain(frame[column])], column


def test_there_are_47_nasty_names_and_all_are_legal():
    assert len(set(NASTY_NAMES)) == 47
    assert all(name.isascii() and name.isalnum() and len(name) <= 16 for name in NASTY_NAMES)


def test_nasty_names_and_fields_come_back_as_they_were(tmp_path):
    frame = subscribers(random_names(len(NASTY_FIELDS) - 47, 1) + NASTY_NAMES, NASTY_FIELDS)
    write_workbook(frame, tmp_path / "audit.xlsx", origin=ORIGIN)
    assert_the_same(frame, read_workbook(tmp_path / "audit.xlsx"))
    assert formula_cells(tmp_path / "audit.xlsx") == 0


def test_three_thousand_random_names_and_fields_come_back_as_they_were(tmp_path):
    frame = subscribers(random_names(3_000, 2), random_fields(3_000, 3))
    frame = written(frame, tmp_path / "audit.xlsx")
    assert_the_same(frame, read_workbook(tmp_path / "audit.xlsx"))
    assert formula_cells(tmp_path / "audit.xlsx") == 0


def hypothesis_fields(number):
    """Return so many texts of Hypothesis' finding, of all characters that a workbook can hold; each once."""
    found = {}

    @settings(max_examples=number // 3, derandomize=True, deadline=None, database=None)
    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"])), min_size=30, max_size=60))
    def collect(texts):
        found.update(dict.fromkeys(texts))

    collect()
    assert len(found) >= number
    return list(found)[:number]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fields_of", [lambda number: random_fields(number, 7), hypothesis_fields])
def test_libreoffice_saves_ten_thousand_again_and_none_has_changed(tmp_path, fields_of):
    fields = [*fields_of(10_000), *NASTY_FIELDS[:47]]
    frame = written(subscribers([*random_names(10_000, 6), *NASTY_NAMES], fields), tmp_path / "audit.xlsx")
    resaved = resaved_by_libreoffice(tmp_path / "audit.xlsx", tmp_path)
    assert_the_same(frame, read_workbook(resaved))
    pd.testing.assert_frame_equal(read_with_base(resaved)[1].frame, frame)
    assert formula_cells(resaved) == 0


@pytest.mark.parametrize("examples", [4, slow(100)])
def test_any_texts_come_back(tmp_path, examples):
    path = tmp_path / "any.xlsx"

    @settings(max_examples=examples, deadline=None)
    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), max_size=300), max_size=47))
    def check(texts):
        frame = subscribers(NASTY_NAMES[: len(texts)], texts)
        write_workbook(frame, path)
        assert_the_same(frame, read_workbook(path))

    check()


def test_what_no_cell_can_hold_is_refused_all_at_once_and_nothing_is_written(tmp_path):
    fields = ["bell\x07", "half \ud83d", "x" * 32_768, "😀" * 16_384, "\ufffe", "_x0041_x00e9_", "x" * 32_767]
    made = {"subscriber_name": random_names(7, 8), "custom_field": pd.Series(fields, dtype=object), "note": "\uffff"}
    with pytest.raises(WorkbookError, match=r"subscribers!D3 .*U\+D83D(.|\n)*\.problems") as refused:
        write_workbook(pd.DataFrame(made), tmp_path / "audit.xlsx")
    found = refused.value.problems
    assert found.loc[found["column"] == "custom_field", "row"].tolist() == [1, 2, 3, 4, 5]
    assert found.loc[found["column"] == "custom_field", "rule"].tolist() == [
        *("lone_surrogate", "too_long", "too_long", "control_character", "escape_like")
    ]
    assert (found["column"] == "note").sum() == 7
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_not_legal_or_there_twice_are_refused_with_their_cells(tmp_path):
    typed = pd.DataFrame({"subscriber_name": ["bob", "al ex", "bob", None, "BOB"]})
    with pytest.raises(WorkbookError) as refused:
        write_workbook(typed, tmp_path / "audit.xlsx")
    assert refused.value.problems[["row", "rule"]].to_numpy().tolist() == [
        [0, "repeated"],
        [1, "bad_characters"],
        [2, "repeated"],
        [3, "missing"],
    ]
    assert "subscribers!B3" in str(refused.value)


def test_more_rows_than_a_sheet_has_are_refused(tmp_path):
    frame = pd.DataFrame({"subscriber_name": pd.array([f"n{at}" for at in range(1_048_576)], dtype="str")})
    with pytest.raises(WorkbookError, match="1,048,576 rows, and a sheet holds 1,048,575"):
        write_workbook(frame, tmp_path / "audit.xlsx")


def test_a_header_that_nearly_is_one_of_ours_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="'Status'"):
        write_workbook(pd.DataFrame({"subscriber_name": ["bob"], "Status": ["active"]}), tmp_path / "audit.xlsx")


def test_a_frame_with_two_columns_of_one_name_is_refused(tmp_path):
    frame = pd.DataFrame([["bob", "a", "b"]], columns=["subscriber_name", "note", "note"])
    with pytest.raises((WorkbookError, ValidationError), match="note"):
        write_workbook(frame, tmp_path / "audit.xlsx")


def test_columns_of_people_become_text_behind_ours(tmp_path):
    frame = subscribers(["a", "b"]).assign(
        seats=[1, 2], when=pd.to_datetime("2026-01-02"), ok=[True, None], action="delete"
    )
    write_workbook(frame, tmp_path / "audit.xlsx")
    read = read_workbook(tmp_path / "audit.xlsx")
    assert next(iter(read)) == "action"
    assert list(read)[-3:] == ["seats", "when", "ok"]
    assert plain(read["seats"]) == ["1", "2"]
    assert plain(read["when"]) == ["2026-01-02T00:00:00"] * 2
    assert plain(read["ok"]) == ["TRUE", None]
    assert plain(read["action"]) == ["delete", "delete"]
    assert {str(dtype) for dtype in read.dtypes} == {"str"}


def test_dates_are_written_as_iso_text_with_their_offset(tmp_path):
    write_workbook(subscribers(["a", "b"]), tmp_path / "audit.xlsx")
    read = read_workbook(tmp_path / "audit.xlsx")
    assert read["date_created"].tolist() == ["2026-01-01T00:00:00+00:00", "2026-01-01T01:00:00+00:00"]
    assert read["date_updated"][0] == "2026-02-01T09:30:01.500000+00:00"


def test_a_frame_without_rows_makes_a_workbook_without_rows(tmp_path):
    write_workbook(subscribers([]), tmp_path / "audit.xlsx")
    read, base = read_with_base(tmp_path / "audit.xlsx")
    assert len(read) == 0
    assert len(base.frame) == 0


def test_the_base_is_the_frame_itself_or_what_is_given(tmp_path):
    before, after = subscribers(["a", "b"], ["old", ""]), subscribers(["a", "b"], ["new", None])
    write_workbook(after, tmp_path / "audit.xlsx", origin=ORIGIN, base=before)
    base = read_with_base(tmp_path / "audit.xlsx")[1]
    pd.testing.assert_frame_equal(base.frame, before)
    assert base.origin.keys() == {"account_sid", "base_url", "exported_at", "tool_version", "rows"}
    assert plain(read_workbook(tmp_path / "audit.xlsx")["custom_field"]) == ["new", None]


def test_an_emptied_custom_field_means_clear_it_where_the_base_had_one(tmp_path):
    frame = subscribers(["had", "hadnot", "was2"], ["vip", None, ""])
    write_workbook(frame, tmp_path / "audit.xlsx")
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    book["subscribers"]["D2"] = None
    book.save(tmp_path / "edited.xlsx")
    assert plain(read_workbook(tmp_path / "edited.xlsx")["custom_field"]) == ["", None, None]


def test_without_a_base_an_empty_cell_is_missing_and_keeps(tmp_path):
    write_pages(tmp_path / "hand.xlsx", {"Team": pd.DataFrame({"subscriber_name": ["a"], "custom_field": [None]})})
    read, base = read_with_base(tmp_path / "hand.xlsx")
    assert base is None
    assert plain(read["custom_field"]) == [None]
    assert read.attrs["exotel_frames"]["origin"] == {}


@pytest.mark.parametrize("key", ["origin.account_sid", "data", slow("checksum"), slow("format")])
def test_a_hidden_sheet_that_somebody_changed_is_noticed(tmp_path, key):
    write_workbook(subscribers(NASTY_NAMES), tmp_path / "audit.xlsx", origin=ORIGIN)
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    cell = next(row[1] for row in book["exotel_frames_base"].iter_rows() if row[0].value == key)
    cell.value = "exotel_frames base 9" if key == "format" else cell.value[:-4] + "AAAA"
    book.save(tmp_path / "audit.xlsx")
    if key == "format":
        with pytest.raises(WorkbookError, match="newer version"):
            read_with_base(tmp_path / "audit.xlsx")[1]
        return
    for read in (read_with_base, read_workbook):
        with pytest.raises(WorkbookError, match="hidden sheet"):
            read(tmp_path / "audit.xlsx")


def test_a_file_that_is_there_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "audit.xlsx"
    path.write_bytes(b"yesterday's")
    with pytest.raises(WorkbookError):
        write_workbook(pd.DataFrame({"subscriber_name": ["a b"]}), path)
    assert path.read_bytes() == b"yesterday's"
    write_workbook(subscribers(["ab"]), path)
    assert len(read_workbook(path)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["audit.xlsx"]


def test_a_write_that_fails_half_way_leaves_nothing_behind(tmp_path):
    path = tmp_path / "audit.xlsx"
    write_workbook(subscribers(["before"]), path)
    with pytest.raises(OverflowError):
        write_pages(path, {"x": pd.DataFrame({"a": [Explosive()]})})
    assert plain(read_workbook(path)["subscriber_name"]) == ["before"]
    assert [each.name for each in tmp_path.iterdir()] == ["audit.xlsx"]


class Explosive:
    def __str__(self):
        raise OverflowError


def test_a_folder_that_is_not_there_and_another_ending_are_said(tmp_path):
    with pytest.raises(WorkbookError, match=r"can't be written \(No such file"):
        write_workbook(subscribers(["a"]), tmp_path / "nowhere" / "audit.xlsx")
    with pytest.raises(WorkbookError, match=r"write to audit\.xlsx instead of audit\.csv"):
        write_workbook(subscribers(["a"]), tmp_path / "audit.csv")


def test_the_sheet_has_lists_a_filter_a_frozen_header_and_text_everywhere(tmp_path):
    write_workbook(subscribers(NASTY_NAMES), tmp_path / "audit.xlsx", origin=ORIGIN)
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    sheet = book["subscribers"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists == {"A2:A1048576": '"update,delete,create"', "C2:C1048576": '"active,inactive"'}
    assert sheet.auto_filter.ref == "A1:F48"
    assert sheet.freeze_panes == "C2"
    assert {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value} == {"@"}
    assert sheet.column_dimensions["G"].number_format == "@"
    assert [each.sheet_state for each in book.worksheets] == ["visible", "visible", "veryHidden"]
    told = " ".join(str(cell.value) for row in book["legend"].iter_rows() for cell in row if cell.value)
    assert "acme1" in told
    assert "47 subscribers" in told
    assert "Removing a row deletes nothing" in told


def test_several_frames_go_to_one_workbook(tmp_path):
    frame = pd.DataFrame({"subscriber_name": ["007"], "seconds": [0.5]})
    write_pages(tmp_path / "run.xlsx", {"first": frame, "empty": frame.head(0), "nothing": pd.DataFrame()})
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    assert [cell.value for cell in book["first"][2]] == ["007", 0.5]
    assert [cell.value for cell in book["empty"][1]] == ["subscriber_name", "seconds"]


def test_a_sheet_name_that_excel_does_not_take_is_said(tmp_path):
    with pytest.raises(WorkbookError, match=r"can't be written.*a/b"):
        write_pages(tmp_path / "run.xlsx", {"a/b": pd.DataFrame({"x": ["1"]})})
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_without_a_pattern_row_can_not_be_stamped(tmp_path):
    with (tmp_path / "x.xlsx").open("wb") as file, pytest.raises(ValueError, match="pattern"):
        write_book(file, lambda book: {1: [["a"]]} if book.add_worksheet("x") else {})


def test_a_workbook_taken_apart_and_packed_again_reads_the_same(tmp_path):
    write_workbook(subscribers(NASTY_NAMES), tmp_path / "audit.xlsx")
    (tmp_path / "again.xlsx").write_bytes(packed(parts_of(tmp_path / "audit.xlsx")))
    assert plain(read_workbook(tmp_path / "again.xlsx")["subscriber_name"]) == NASTY_NAMES
