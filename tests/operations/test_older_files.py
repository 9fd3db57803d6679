"""What an older version has written still reads, after the subscribers have got another field."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pyarrow.parquet as pq
import pytest
from msgspec import structs

import exotel_frames as ef
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.runs.journal import database
from exotel_frames.workbooks import plan_file_of, write_plan_file
from tests.slow import slow

ABSENT = ["custom_field_from", "custom_field"]


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=30, seed=3) as box:
        box.add("ann", "bob", "eve", custom_field="support")
        yield box


def suspended(client):
    """Plan what an older version would have planned, to which the custom field was not known."""
    current = ef.load_subscribers(client, progress=False)
    wanted = {"subscriber_name": ["ann", "bob", "new1"], "status": ["inactive", None, None]}
    plan = ef.plan_changes(current, pd.DataFrame(wanted).assign(action=["", "delete", ""]))
    return plan.drop(columns=ABSENT)


def kept_as(plan, kind, folder):
    file = folder / f"plan.{kind}"
    if kind == "parquet":
        plan.to_parquet(file)
        return pd.read_parquet(file)
    if kind == "csv":
        plan.to_csv(file, index=False)
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    return plan


@pytest.mark.parametrize("kind", [slow("frame"), "parquet", slow("csv")])
def test_a_plan_from_before_a_field_existed_leaves_that_field_as_it_is(box, kind, tmp_path):
    client = box.connect()
    plan = kept_as(suspended(client), kind, tmp_path)
    found = ef.apply_plan(client, plan, max_deletes=1, account=box.account_sid, progress=False)
    assert found["outcome"].tolist() == ["done"] * 3
    state = {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}
    assert state["ann"] == ("inactive", "support")
    assert "bob" not in state
    undo = ef.apply_plan(client, ef.plan_undo(client, found, progress=False), max_deletes=1, progress=False)
    assert undo["outcome"].tolist() == ["done"] * 3
    state = {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}
    assert (state["ann"], state["bob"]) == (("active", "support"), ("active", "support"))


@pytest.mark.parametrize("ending", ["xlsx", slow("json")])
def test_a_plan_file_from_before_a_field_existed_is_read_and_applied(box, ending, tmp_path):
    client = box.connect()
    plan = suspended(client)
    whole = plan_file_of(plan.assign(**dict.fromkeys(ABSENT)), now=datetime.now(UTC))
    then = structs.replace(whole, columns={name: whole.columns[name] for name in whole.columns if name not in ABSENT})
    write_plan_file(then, tmp_path / f"plan.{ending}")
    read = ef.read_plan(tmp_path / f"plan.{ending}", progress=False)
    found = ef.apply_plan(client, read, max_deletes=1, progress=False)
    assert found["outcome"].tolist() == ["done"] * 3
    assert {row["subscriber_name"]: row["custom_field"] for row in box.subscribers()}["ann"] == "support"


@pytest.mark.parametrize("column", ABSENT)
def test_a_plan_that_has_lost_one_of_the_two_columns_is_refused(box, column):
    client = box.connect()
    plan = suspended(client).assign(**dict.fromkeys(set(ABSENT) - {column}))
    with pytest.raises(ef.ValidationError, match=f"no column '{column}'"):
        ef.apply_plan(client, plan, max_deletes=1, account=box.account_sid, progress=False)


def test_a_journal_of_an_older_version_is_read_without_being_changed(box, monkeypatch):
    client = box.connect()
    found = ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["new1"]}), progress=False)
    file = journal_file(client.settings)
    to_the_next = ("ALTER TABLE answers RENAME COLUMN code TO old", "ALTER TABLE answers ADD COLUMN code INTEGER")
    monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, to_the_next))
    monkeypatch.setattr(database, "VERSION", len(database.MIGRATIONS))
    before = file.read_bytes()
    assert ef.read_results(client)["outcome"].tolist() == ["done"]
    assert ef.read_results(client)["code"].isna().all()
    assert ef.list_runs(client)["run_id"].tolist() == [found["run_id"].iloc[0]]
    assert ef.plan_undo(client, found, progress=False)["action"].tolist() == ["delete"]
    assert file.read_bytes() == before


def without_the_field(path):
    table = pq.read_table(path)
    pq.write_table(table.drop_columns("custom_field"), path)


def test_a_snapshot_from_before_a_field_existed_says_nothing_of_it(box, tmp_path):
    client = box.connect()
    ef.write_snapshot(ef.load_subscribers(client, progress=False), tmp_path / "old.parquet")
    without_the_field(tmp_path / "old.parquet")
    box.change("ann", status="inactive")
    before, now = ef.read_snapshot(tmp_path / "old.parquet"), ef.load_subscribers(client, progress=False)
    for sides in ((before, now), (now, before)):
        assert ef.compare(*sides)[["change", "subscriber_name"]].to_numpy().tolist() == [["changed", "ann"]]


def test_edits_of_a_frame_that_was_kept_before_a_field_existed_ask_nothing_of_it(box, tmp_path):
    client = box.connect()
    ef.load_subscribers(client, progress=False).to_parquet(tmp_path / "old.parquet")
    without_the_field(tmp_path / "old.parquet")
    old = pd.read_parquet(tmp_path / "old.parquet")
    box.change("bob", custom_field="theirs")
    desired = old.assign(status=old["status"].mask(old["subscriber_name"].isin(["ann", "bob"]), "inactive"))
    plan = ef.plan_changes(ef.load_subscribers(client, progress=False), desired, base=old)
    assert plan[["subscriber_name", "status", "custom_field", "conflict"]].to_numpy().tolist() == [
        ["bob", "inactive", "theirs", False],
        ["ann", "inactive", "support", False],
    ]


def test_a_base_without_a_field_that_is_asked_for_is_refused(box):
    current = ef.load_subscribers(box.connect(), progress=False)
    with pytest.raises(ef.ValidationError, match="base: it has no column 'custom_field'"):
        ef.plan_changes(current, current, base=current.drop(columns="custom_field"))
