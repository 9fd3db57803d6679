"""A large sheet is read in slices, and gives what it gives when it is read whole."""

import datetime as dt

import pytest
import xlsxwriter

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import write_workbook
from exotel_frames.workbooks.preflight.check import inspect
from exotel_frames.workbooks.reading.rows import cut, sheet_rows
from tests.workbooks.excel_kit import (
    NASTY_FIELDS,
    NASTY_NAMES,
    packed,
    parts_of,
    random_names,
    resaved_by_libreoffice,
    subscribers,
    written,
)

WHOLE = 2**40


def rows_of(path, slice_bytes, sheet="subscribers"):
    """Return a sheet's rows without the blanks at their ends; rows without anything count."""
    rows = [list(row) for row in sheet_rows(inspect(path), sheet, slice_bytes=slice_bytes)]
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    return rows


@pytest.fixture
def audit(tmp_path):
    path = tmp_path / "audit.xlsx"
    names = NASTY_NAMES + random_names(len(NASTY_FIELDS) - len(NASTY_NAMES), 11)
    written(subscribers(names, NASTY_FIELDS), path)
    return path


@pytest.mark.parametrize("slice_bytes", [1, 1_000, 5_000, 50_000])
def test_slices_of_any_size_give_the_rows_of_the_whole(audit, slice_bytes):
    assert rows_of(audit, slice_bytes) == rows_of(audit, WHOLE)


def test_what_libreoffice_saved_gives_the_same_rows(audit, tmp_path):
    resaved = resaved_by_libreoffice(audit, tmp_path)
    assert rows_of(resaved, 2_000) == rows_of(resaved, WHOLE)


def test_rows_and_columns_that_are_empty_stay_in_their_places_between_slices(tmp_path):
    path = tmp_path / "x.xlsx"
    write_workbook(subscribers([f"n{at}" for at in range(30)], ["x", *[None] * 28, "y"]), path)
    parts = parts_of(path)
    sheet = parts["xl/worksheets/sheet1.xml"]
    begin, end = sheet.index(b'<row r="9"'), sheet.index(b'<row r="20"')
    path.write_bytes(packed({**parts, "xl/worksheets/sheet1.xml": sheet[:begin] + sheet[end:]}))
    found = rows_of(path, 200)
    assert found == rows_of(path, WHOLE)
    assert found[8:19] == [[]] * 11
    assert found[19][:2] == ["", "n18"]
    assert len({len(row) for row in sheet_rows(inspect(path), "subscribers", slice_bytes=200) if row}) == 1


def test_numbers_dates_and_truths_keep_their_types_in_slices(tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:  # texts in their cells, as ours
        sheet = book.add_worksheet("subscribers")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row in range(200):
            sheet.write_row(row, 1, [row, f"text {row}", row % 2 == 0])
            sheet.write_datetime(row, 5, dt.datetime(2026, 3, 1), day)  # noqa: DTZ001 - a cell has no zone
    found = rows_of(path, 500)
    assert found == rows_of(path, WHOLE)
    assert [type(cell) for cell in found[199]] == [str, float, str, bool, str, dt.date]


def test_a_sheet_that_can_not_be_cut_is_read_whole(tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:  # texts in a part of their own, as Excel writes them
        sheet = book.add_worksheet("subscribers")
        for row in range(50):
            sheet.write_row(row, 0, ["subscriber_name", f"n{row}"])
    assert inspect(path).sheets["subscribers"].shared == 100
    assert rows_of(path, 10) == rows_of(path, WHOLE)


def test_the_slices_of_a_sheet_are_sheets_and_hold_every_row_once():
    rows = [b'<row r="%d"><c r="A%d"/></row>' % (at, at) for at in range(1, 60)]
    pieces = [b"<worksheet><cols/><sheetData>", *rows, b"</sheetData><mergeCells/></worksheet>"]
    slices = list(cut(pieces, 100))
    assert len(slices) > 10
    assert all(part.startswith(b"<worksheet><cols/><sheetData><row ") for part in slices)
    assert all(part.endswith(b"</sheetData></worksheet>") for part in slices[:-1])
    assert slices[-1].endswith(b"</sheetData><mergeCells/></worksheet>")
    assert [b'<row r="%d">' % at in b"".join(slices) for at in range(1, 60)] == [True] * 59
    assert sum(part.count(b"<row ") for part in slices) == 59


def test_a_sheet_without_rows_is_one_slice():
    assert list(cut([b"<worksheet>", b"<sheetData/></worksheet>"], 3)) == [b"<worksheet><sheetData/></worksheet>"]


def test_what_the_library_finds_damaged_is_said(audit):
    parts = parts_of(audit)
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b't="inlineStr"', b't="b"', 1)
    audit.write_bytes(packed({**parts, "xl/worksheets/sheet1.xml": sheet, "xl/styles.xml": b"<styleSheet><cellXfs"}))
    with pytest.raises(WorkbookError, match="damaged"):
        rows_of(audit, 1_000)
