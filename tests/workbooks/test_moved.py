"""A column that was sorted or moved without the others is seen, and told with its arithmetic; edits are not."""

import openpyxl
import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import read_workbook
from exotel_frames.workbooks.reading.moved import find_moved

FIELDS = ["sales", "support", "field", "night", "pune", "delhi", "agra"]


def known(rows=24, fields=FIELDS):
    """Return what a workbook said: names in no order, two statuses, few fields, a date each."""
    dates = pd.date_range("2026-01-01", periods=rows, freq="37min", tz="UTC", unit="us")
    return pd.DataFrame(
        {
            "subscriber_name": [f"{'qwertyuiopas'[row * 5 % 12]}{row:02}" for row in range(rows)],
            "status": [("active", "inactive")[row * row % 3 % 2] for row in range(rows)],
            "custom_field": [fields[row * 3 % len(fields)] for row in range(rows)],
            "date_created": dates,
            "date_updated": dates[::-1],
        }
    )


def moved(sheet, before):
    return [each.column for each in find_moved(sheet, before, in_order=True)]


def alone(columns):
    return lambda frame: frame.assign(**{name: sorted(frame[name]) for name in columns})


def together(columns):
    def sort(frame):
        part = frame.sort_values(columns[0])[columns].reset_index(drop=True)
        return frame.assign(**{name: part[name] for name in columns})

    return sort


def one_row_down(column):
    return lambda frame: frame.assign(**{column: [None, *frame[column][:-1]]})


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (alone(["subscriber_name"]), ["date_created", "date_updated", "status", "custom_field"]),
        (alone(["status"]), ["status"]),
        (alone(["custom_field"]), ["custom_field"]),
        (alone(["date_updated"]), ["date_updated"]),
        (together(["subscriber_name", "status"]), ["date_created", "date_updated", "custom_field"]),
        (together(["subscriber_name", "date_created", "date_updated"]), ["status", "custom_field"]),
        (together(["status", "custom_field"]), ["status", "custom_field"]),
        (one_row_down("subscriber_name"), ["date_created", "date_updated", "status", "custom_field"]),
        (one_row_down("custom_field"), ["custom_field"]),
        (lambda frame: frame.assign(subscriber_name=frame["subscriber_name"][::-1].to_numpy()), ["date_created"]),
    ],
)
def test_what_was_sorted_or_moved_without_the_others_is_seen(change, seen):
    before = known()
    assert [column for column in moved(change(before.copy()), before) if column in seen] == seen


@pytest.mark.parametrize("column", ["subscriber_name", "status", "custom_field"])
def test_it_is_seen_without_the_dates_too(column):
    before = known().drop(columns=["date_created", "date_updated"])
    assert moved(alone([column])(before.copy()), before) != []


@pytest.mark.parametrize(
    "edit",
    [
        lambda frame: frame.sort_values("status"),
        lambda frame: frame.sort_values("custom_field", ascending=False).drop(index=[3, 7]),
        lambda frame: frame.assign(status="inactive"),
        lambda frame: frame.assign(custom_field=frame["custom_field"].replace({"sales": "pune", "pune": "sales"})),
        lambda frame: frame.assign(status=["inactive"] * 4 + [*frame["status"][4:20]] + ["active"] * 4),
        lambda frame: frame.assign(custom_field=[*"abcdefghijklmnopqrstuvwx"]),
        lambda frame: frame.assign(date_created=frame["date_created"].dt.strftime("%d/%m/%Y")),
        lambda frame: frame.assign(date_updated=None, date_created="2026-01-01T00:00:00+00:00"),
        lambda frame: frame.assign(subscriber_name=[*frame["subscriber_name"][:-1], "newone"]),
        lambda frame: pd.concat([frame, frame.tail(3)]),
    ],
)  # fmt: skip
def test_edits_are_no_moves(edit):
    before = known()
    assert moved(edit(before.copy()), before) == []


@pytest.fixture
def client(tmp_path):
    with ef.Sandbox(subscribers=12, seed=5) as box:
        yield box.connect(journal=tmp_path / "journal")


def sort_names(path):
    """Sort the column of the names, as a spreadsheet program does when only that column is marked."""
    book = openpyxl.load_workbook(path)
    cells = [row[1] for row in book["subscribers"].iter_rows(min_row=2)]
    for cell, name in zip(cells, sorted(cell.value for cell in cells), strict=True):
        cell.value = name
    book.save(path)


def test_a_workbook_whose_names_were_sorted_alone_is_refused_with_the_arithmetic_and_a_way_on(client, tmp_path, capsys):
    ef.write_workbook(ef.load_subscribers(client, progress=False), tmp_path / "audit.xlsx")
    sort_names(tmp_path / "audit.xlsx")
    read_workbook(tmp_path / "audit.xlsx")
    assert "a column seems to have been sorted or moved without the others" in capsys.readouterr().out
    with pytest.raises(WorkbookError) as refused:
        ef.plan_workbook(client, tmp_path / "audit.xlsx", progress=False)
    told = str(refused.value)
    rows = refused.value.problems.query("column == 'date_updated'")
    assert f"{len(rows)} rows of 12 have another date_updated than the one written beside their name" in told
    assert "allow_moved=True" in told
    assert "--allow-moved" in told
    assert set(refused.value.problems["rule"]) == {"moved"}
    plan = ef.plan_workbook(client, tmp_path / "audit.xlsx", allow_moved=True, progress=False)
    assert len(plan) > 0


def test_a_hand_made_sheet_with_dates_is_compared_with_what_is_live(client, tmp_path):
    subs = ef.load_subscribers(client, progress=False)
    sheet = subs.assign(subscriber_name=sorted(subs["subscriber_name"]))
    ef.write_workbook(sheet, tmp_path / "hand.xlsx", base=subs)
    book = openpyxl.load_workbook(tmp_path / "hand.xlsx")
    for name in ("exotel_frames_base", "legend"):
        del book[name]
    book.save(tmp_path / "hand.xlsx")
    with pytest.raises(WorkbookError, match="date_updated"):
        ef.plan_workbook(client, tmp_path / "hand.xlsx", progress=False)
