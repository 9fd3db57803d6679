"""Snapshots keep what was there, and a comparison tells what an observer sees."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.cli import main
from tests.audit.planted import NOW, frame
from tests.plans.wording import NOT_COMPARED

HOUR = pd.Timestamp("2026-11-02 10:00", tz="UTC")


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=12, seed=3) as box:
        yield box


@pytest.fixture
def client(box):
    return box.connect()


def test_a_snapshot_gives_back_the_frame_the_account_and_the_moment(client, tmp_path):
    subs = ef.load_subscribers(client, progress=False)
    path = ef.write_snapshot(subs, tmp_path / "old.parquet", now=NOW)
    back = ef.read_snapshot(path)
    pd.testing.assert_frame_equal(back, subs)
    about = back.attrs["exotel_frames"]
    assert (about["origin"], about["taken_at"]) == (client.settings.origin, NOW.isoformat())
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert pd.read_parquet(path).shape == subs.shape


def test_a_snapshot_is_never_written_over(client, tmp_path):
    subs = ef.load_subscribers(client, progress=False)
    path = Path(ef.write_snapshot(subs, tmp_path / "old.parquet"))
    before = path.read_bytes()
    with pytest.raises(ef.WorkbookError, match="already exists"):
        ef.write_snapshot(subs.head(1), path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["old.parquet"]


def test_rows_picked_from_a_snapshot_are_a_part_of_it(client, tmp_path):
    now = ef.load_subscribers(client, progress=False)
    read = ef.read_snapshot(ef.write_snapshot(now, tmp_path / "then.parquet"))
    for part in (read.head(2), read[read["status"] == "active"], read.drop(index=[0]).reset_index(drop=True)):
        for pair in ((part, now), (now, part)):
            with pytest.raises(ef.ValidationError, match=r"does not show whether .* there"):
                ef.compare(*pair)
    assert ef.compare(read.sample(frac=1, random_state=1), now).empty
    assert ef.compare(read.head(2), now.head(2)).empty  # whoever makes both knows what they have


@pytest.mark.parametrize("column", ["status", "custom_field", "subscriber_name", "date_updated"])
def test_a_snapshot_of_a_frame_that_was_edited_says_so_wherever_it_is_compared(client, tmp_path, capsys, column):
    subs = ef.load_subscribers(client, progress=False)
    kept = ef.read_snapshot(ef.write_snapshot(subs, tmp_path / "then.parquet"))
    assert capsys.readouterr().out == ""
    for number, loaded in enumerate((subs, kept)):
        edited = loaded.copy()
        edited.loc[0, column] = edited[column].max() + pd.Timedelta("1s") if column == "date_updated" else "other"
        path = ef.write_snapshot(edited, tmp_path / f"edited{number}.parquet")
        assert "is not what the account held" in capsys.readouterr().out
        for each in (ef.read_snapshot(path), ef.read_snapshot(path).head(3)):
            again = ef.read_snapshot(ef.write_snapshot(each, tmp_path / f"{number}of{len(each)}.parquet"))
            notes = ef.compare(again, subs.head(3) if len(each) == 3 else subs).attrs["exotel_frames"]["notes"]
            assert [note[:28] for note in notes] == ["before: the frame was edited"]
    assert "notes" not in ef.compare(kept, subs).attrs["exotel_frames"]


def test_a_frame_with_columns_and_an_order_of_its_own_is_a_snapshot_still(client, tmp_path):
    subs = ef.load_subscribers(client, progress=False)
    own = subs.sort_values("subscriber_name").assign(team="x").astype({"status": "category"}).convert_dtypes()
    again = ef.read_snapshot(ef.write_snapshot(own, tmp_path / "own.parquet"))
    assert ef.compare(again, subs).empty


def test_a_copy_of_a_snapshot_keeps_the_time_at_which_it_was_taken(client, tmp_path):
    subs = ef.load_subscribers(client, progress=False)
    first = ef.read_snapshot(ef.write_snapshot(subs, tmp_path / "then.parquet", now=NOW))
    copy = ef.read_snapshot(ef.write_snapshot(first.head(2), tmp_path / "copy.parquet"))
    assert copy.attrs["exotel_frames"]["taken_at"] == first.attrs["exotel_frames"]["taken_at"]


def test_by_default_snapshots_lie_beside_the_journal_and_two_of_one_second_are_two(client):
    subs = ef.load_subscribers(client, progress=False)
    paths = [ef.write_snapshot(subs, now=NOW), ef.write_snapshot(subs.head(3), now=NOW)]
    paths.append(ef.write_snapshot(frame(["bob"]), client=client, now=NOW + pd.Timedelta(days=1)))
    listed = ef.list_snapshots(client)
    assert listed["path"].tolist() == [paths[2], *sorted(paths[:2], reverse=True)]
    assert sorted(listed["rows"]) == [1, 3, 12]
    assert all(client.settings.journal in Path(path).parents for path in paths)
    assert listed["taken_at"].dt.tz is not None


def test_a_damaged_snapshot_stays_in_the_list_and_says_why_when_it_is_read(client):
    path = Path(ef.write_snapshot(ef.load_subscribers(client, progress=False)))
    path.write_bytes(path.read_bytes()[:-40])
    assert ef.list_snapshots(client)["rows"].isna().tolist() == [True]
    with pytest.raises(ef.WorkbookError, match="can't be read as a snapshot"):
        ef.read_snapshot(path)


def test_a_snapshot_of_a_newer_version_or_with_damaged_rows_is_not_read_by_half(client, tmp_path):
    path = Path(ef.write_snapshot(ef.load_subscribers(client, progress=False), tmp_path / "now.parquet"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])
    with pytest.raises(ef.WorkbookError, match="damaged"):
        ef.read_snapshot(path)
    path.write_bytes(whole)
    table = pq.read_table(path)
    about = {key: value.replace(b'"format":1', b'"format":2') for key, value in table.schema.metadata.items()}
    pq.write_table(table.replace_schema_metadata(about), path)
    with pytest.raises(ef.WorkbookError, match="it was written by a newer version of exotel_frames"):
        ef.read_snapshot(path)
    with pytest.raises(ef.WorkbookError, match="nothing was"):
        ef.write_snapshot(frame(["bob"]), tmp_path / "no folder" / "now.parquet", client=client)


def test_where_it_goes_must_be_known_and_what_is_no_snapshot_is_named(tmp_path):
    with pytest.raises(ef.WorkbookError, match="client=client"):
        ef.write_snapshot(frame(["bob"]))
    with pytest.raises(ef.WorkbookError, match=r"old\.parquet"):
        ef.write_snapshot(frame(["bob"]), tmp_path / "old.xlsx")
    with pytest.raises(ef.WorkbookError, match="no such file"):
        ef.read_snapshot(tmp_path / "none.parquet")
    frame(["bob"]).to_parquet(tmp_path / "plain.parquet")
    with pytest.raises(ef.WorkbookError, match="not a snapshot"):
        ef.read_snapshot(tmp_path / "plain.parquet")
    (tmp_path / "text.parquet").write_text("subscriber_name\nbob\n")
    with pytest.raises(ef.WorkbookError, match="not a parquet file"):
        ef.read_snapshot(tmp_path / "text.parquet")


def states():
    before = frame(list("abcdef"), fields=["HR", "", None, "x", "y", "z"])
    after = before.drop(index=[5]).reset_index(drop=True)
    after.loc[0, "status"] = "inactive"
    after.loc[1, "custom_field"] = None
    after.loc[3, "date_updated"] = HOUR
    after.loc[4, ["date_created", "date_updated"]] = HOUR
    return before, pd.concat([after, frame(["new"], fields=["IT"])], ignore_index=True)


def test_added_removed_changed_touched_and_created_again_are_told_and_nothing_else():
    changes = ef.compare(*states())
    assert list(zip(changes["change"], changes["subscriber_name"], strict=True)) == [
        *[("changed", "a"), ("changed", "d"), ("changed", "e"), ("added", "new"), ("removed", "f")]
    ]
    assert {name: str(dtype) for name, dtype in changes.dtypes.items()} == schema.CHANGES
    assert changes.loc[4, ["status_before", "custom_field_before"]].tolist() == ["active", "z"]
    assert changes.loc[4, ["status_after", "date_created_after"]].isna().all()


def test_two_equal_states_in_any_order_have_no_changes():
    before, _ = states()
    changes = ef.compare(before, before.iloc[::-1])
    assert changes.empty
    assert {name: str(dtype) for name, dtype in changes.dtypes.items()} == schema.CHANGES
    assert "Nothing differs" in repr(ef.show(changes))


def test_a_comparison_back_is_the_mirror():
    before, after = states()
    there, back = ef.compare(before, after), ef.compare(after, before)
    mirror = {"added": "removed", "removed": "added", "changed": "changed"}
    assert dict(zip(there["subscriber_name"], there["change"].map(mirror), strict=True)) == dict(
        zip(back["subscriber_name"], back["change"], strict=True)
    )


def test_frames_that_are_no_states_are_refused():
    before, after = states()
    with pytest.raises(ef.ValidationError, match=f"{NOT_COMPARED}it has 'a' more than once"):
        ef.compare(before, pd.concat([after, after.head(1)]))
    with pytest.raises(ef.ValidationError, match="before can't be compared"):
        ef.compare(after[["status"]], after)
    for column in ("status", "custom_field"):
        with pytest.raises(ef.ValidationError, match=f"{NOT_COMPARED}it has no column {column}"):
            ef.compare(before, after.drop(columns=column))
    with pytest.raises(
        ef.ValidationError, match=r"no columns status and custom_field, .* as load_subscribers or read_snap"
    ):
        ef.compare(before, after.drop(columns=["status", "custom_field"]))


def test_who_was_not_listed_is_not_told_as_added_or_removed(client, tmp_path):
    part = ef.load_subscribers(client, status="active", progress=False)
    path = ef.write_snapshot(part, tmp_path / "active.parquet")
    whole = ef.load_subscribers(client, progress=False)
    for before in (part, ef.read_snapshot(path)):
        with pytest.raises(
            ef.ValidationError, match="before has only subscribers with the status 'active', but after has all"
        ):
            ef.compare(before, whole)
        assert ef.compare(before, part).empty


def test_changes_are_shown_in_an_observers_words(client):
    changes = ef.compare(*states())
    told = repr(ef.show(changes))
    assert "1 added, 1 removed, 3 changed" in told
    assert "status active → inactive" in told
    assert "deleted and created again on 2026-11-02" in told
    assert "DELETE" not in told
    assert "DELETE" not in ef.show(changes)._repr_html_()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"status": None}, {"status": None}, "custom_field 'x' → 'y'"),
        ({"status": None}, {"status": "active"}, "status (not known) → active   custom_field 'x' → 'y'"),
        ({"custom_field": None}, {"custom_field": None, "status": "inactive"}, "status active → inactive"),
    ],
)
def test_what_nobody_knows_before_and_after_is_no_change(before, after, said):
    state = {"subscriber_name": "bob", "status": "active"}
    one, other = (
        pd.DataFrame([state | {"custom_field": field} | cells], dtype="str")
        for field, cells in (("x", before), ("y", after))
    )
    assert str(ef.show(ef.compare(one, other))).endswith(f"~ changed bob   {said}")


def test_changes_are_drawn_and_written_to_a_workbook(tmp_path):
    changes = ef.compare(*states())
    title = ef.plot_changes(changes).get_suptitle()
    assert title.endswith("5 subscribers: 1 added, 1 removed, 3 changed")
    ef.write_workbook(changes, tmp_path / "changes.xlsx")
    assert ef.read_workbook(tmp_path / "changes.xlsx")["change"].tolist() == changes["change"].tolist()


@pytest.fixture
def account(box, monkeypatch, tmp_path):
    for name, value in (("API_KEY", box.api_key), ("API_TOKEN", box.api_token), ("ACCOUNT_SID", box.account_sid),
                        ("BASE_URL", box.base_url)):  # fmt: skip
        monkeypatch.setenv(f"EXOTEL_{name}", value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return box


def test_the_commands_take_a_snapshot_and_tell_what_has_changed_since(account, client, capsys):
    assert main(["snapshot", "-o", "old.parquet"]) == 0
    assert main(["compare", "old.parquet"]) == 0
    ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["new_1"[:3]]}), progress=False)
    capsys.readouterr()
    assert main(["compare", "old.parquet"]) == 2
    assert "1 added, 0 removed, 0 changed" in capsys.readouterr().out
    assert main(["snapshot", "-o", "new.parquet", "--json"]) == 0
    capsys.readouterr()
    assert main(["compare", "old.parquet", "new.parquet", "--json"]) == 2
    assert [row["change"] for row in json.loads(capsys.readouterr().out)] == ["added"]
    assert main(["compare", "old.parquet", "new.parquet", "--markdown"]) == 2
    assert "| new |" in capsys.readouterr().out
    assert main(["snapshot", "-o", "new.parquet"]) == 1


def test_a_comparison_of_two_files_needs_no_account(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    before, after = states()
    old, new = (ef.write_snapshot(each, tmp_path / f"{at}.parquet") for at, each in enumerate((before, after)))
    assert main(["compare", old, new]) == 2
    assert "3 changed" in capsys.readouterr().out


def test_by_default_the_command_puts_it_where_the_account_is(account, capsys):
    assert main(["snapshot"]) == 0
    path = Path(capsys.readouterr().out.splitlines()[-1])
    assert path.exists()
    assert "snapshots" in path.parts


def test_a_snapshot_that_is_removed_while_the_list_is_made_is_not_in_it(client):
    path = Path(ef.write_snapshot(ef.load_subscribers(client, progress=False)))
    path.with_name("gone.parquet").symlink_to(path.with_name("nothing"))  # found by its name, and then not there
    assert ef.list_snapshots(client)["path"].tolist() == [str(path)]
