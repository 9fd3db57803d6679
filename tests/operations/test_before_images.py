"""What an update was planned without knowing is read and written down before it is sent: so it can be taken back."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import schema
from exotel_frames.operations.engine import open_journal
from exotel_frames.runs.journal import RunHeader
from tests.slow import slow


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=3, seed=5) as box:
        box.add("bob", status="inactive", custom_field="old")
        yield box


@pytest.fixture
def client(box):
    return box.connect(workers=1, timeout_s=2.0)


def nobody():
    """A tenant as it was before bob was there."""
    return pd.DataFrame({"subscriber_name": [], "status": []}, dtype="str")


def update_bob(client, **columns):
    frame = pd.DataFrame({"subscriber_name": ["bob"], **columns})
    return ef.update_subscribers(client, frame, current=nobody(), progress=False)


def bob(box):
    (found,) = [row for row in box.subscribers() if row["subscriber_name"] == "bob"]
    return found["status"], found["custom_field"]


CHANGES = [
    ({"custom_field": "new"}, ("inactive", "new")),
    ({"custom_field": ""}, ("inactive", None)),
    ({"status": "active"}, ("active", "old")),
    ({"status": "active", "custom_field": "new"}, ("active", "new")),
]
FAULTS = [None, "drop_after", "drop_before"]


@pytest.mark.parametrize(
    ("columns", "after", "fault"),
    [
        (*change, fault) if at % len(FAULTS) == FAULTS.index(fault) and at else slow(*change, fault)
        for at, change in enumerate(CHANGES)
        for fault in FAULTS
    ],
)
def test_an_update_of_whom_the_plan_did_not_know_is_taken_back_exactly(box, client, columns, after, fault):
    if fault:
        box.set_faults({fault: 1, "only": {"update"}, "limit": 1})
    results = update_bob(client, **columns)
    assert results["outcome"].tolist() == ["done"]
    assert bob(box) == after
    undo = ef.plan_undo(client, results["run_id"].iloc[0], progress=False)
    assert undo[["action", "note"]].to_numpy().tolist() == [["update", "exact"]]
    assert ef.apply_plan(client, undo, max_share=1, progress=False)["outcome"].tolist() == ["done"]
    assert bob(box) == ("inactive", "old")


def journal_of(client):
    (path,) = client.settings.journal.glob("*.sqlite3")
    return contextlib.closing(sqlite3.connect(path, isolation_level=None))


def test_an_update_whose_before_image_can_not_be_written_down_is_not_sent(box, client):
    ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["eve"]}), progress=False)
    with journal_of(client) as db:
        db.execute("CREATE TRIGGER full BEFORE UPDATE ON plan BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(ef.JournalError) as told:
        update_bob(client, custom_field="new")
    assert told.value.results["outcome"].tolist() == ["unknown"]  # its chunk was intended
    assert bob(box) == ("inactive", "old")
    with journal_of(client) as db:
        db.execute("DROP TRIGGER full")
    assert ef.resume_run(client, progress=False)["outcome"].tolist() == ["done"]
    assert bob(box) == ("inactive", "new")


def test_a_subscriber_that_is_not_there_leaves_no_before_image(box, client):
    frame = pd.DataFrame({"subscriber_name": ["eve"], "status": ["active"]})
    results = ef.update_subscribers(client, frame, current=nobody(), progress=False)
    assert results["outcome"].tolist() == ["rejected"]
    with open_journal(client, read_only=True) as journal:
        assert journal.plan_rows(results["run_id"].iloc[0])[0].status_from is None


def test_a_run_of_no_rows_is_taken_back_by_an_empty_plan(client):
    with open_journal(client) as journal:
        where = client.settings
        journal.begin(RunHeader("none", datetime.now(UTC), "apply", where.account_sid, where.base_url), [])
    undo = ef.plan_undo(client, "none", progress=False)
    assert undo.empty
    assert undo.dtypes.astype(str).to_dict() == schema.PLAN
