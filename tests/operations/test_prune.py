"""Old runs are forgotten when asked for, and never one that is open; a run is gone on with where it was begun."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing, suppress
from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.runs.journal.database import transaction
from exotel_frames.runs.journal.prune import forget, without_references
from tests.ctrl_c import ctrl_c_when


def frame(*names):
    return pd.DataFrame({"subscriber_name": list(names)})


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=3, seed=5) as box:
        yield box


def test_ended_runs_are_forgotten_and_open_ones_stay(box):
    client = box.connect(workers=1, timeout_s=0.3)
    ended = ef.create_subscribers(client, frame("a1"), progress=False)["run_id"].iloc[0]
    box.set_faults(drop_before=1, only={"create"})
    still_open = ef.create_subscribers(client, frame("a2"), progress=False)["run_id"].iloc[0]
    box.set_faults()
    assert ef.prune_runs(client, keep_days=1)["run_id"].tolist() == []
    assert ef.prune_runs(client, keep_days=0)[["run_id", "rows", "done"]].to_numpy().tolist() == [[ended, 1, 1]]
    assert ef.list_runs(client)["run_id"].tolist() == [still_open]
    assert ef.resume_run(client, progress=False)["outcome"].tolist() == ["done"]
    assert ef.prune_runs(client, keep_days=0)["run_id"].tolist() == [still_open]
    assert len(ef.list_runs(client)) == 0
    assert ef.create_subscribers(client, frame("a3"), progress=False)["outcome"].tolist() == ["done"]


@pytest.mark.parametrize("days", [-1, float("nan"), float("inf"), True, "7", None])
def test_what_is_no_number_of_days_is_refused(box, days):
    with pytest.raises(ef.ValidationError, match="keep_days"):
        ef.prune_runs(box.connect(), keep_days=days)


def test_a_run_is_not_gone_on_with_at_another_address(box, tmp_path):
    client = box.connect(workers=1, timeout_s=0.3, journal=tmp_path)
    ef.create_subscribers(client, frame("a1"), progress=False)
    (journal,) = tmp_path.glob("*.sqlite3")
    with ef.Sandbox(subscribers=3, seed=5) as other:
        settings = replace(other.connect(journal=tmp_path).settings, sandbox=None)
        there = Client(settings)
        ef.create_subscribers(there, frame("a2"), progress=False)
        (second,) = set(tmp_path.glob("*.sqlite3")) - {journal}
        second.write_bytes(journal.read_bytes())
        since = other.requests
        with pytest.raises(ef.JournalError, match="was started at"):
            ef.resume_run(there, progress=False)
        assert other.requests == since


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) SELECT count(*) FROM n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_ends_a_prune_that_takes_the_database_long_and_nothing_is_forgotten(box):
    client = box.connect()
    ef.create_subscribers(client, frame("a1"), progress=False)
    with closing(sqlite3.connect(journal_file(client.settings))) as other, other:
        other.execute(f"CREATE TRIGGER slow BEFORE DELETE ON runs WHEN ({ENDLESS}) BEGIN SELECT 1; END")
    with closing(sqlite3.connect(journal_file(client.settings), timeout=0, check_same_thread=False)) as other:
        looks = []

        def is_being_pruned():
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
                other.rollback()
                return False
            looks.append("it is locked")
            return len(looks) > 10  # it was seen in the middle of it

        began_s = time.monotonic()
        with pytest.raises(KeyboardInterrupt), ctrl_c_when(is_being_pruned):
            ef.prune_runs(client, keep_days=0)
        assert time.monotonic() - began_s < 10  # the statement takes half a minute
    assert ef.read_results(client)["outcome"].tolist() == ["done"]


def test_each_table_is_read_once_however_many_rows_are_forgotten_and_kept(box):
    client = box.connect()
    for run in ("old", "new"):
        ef.create_subscribers(client, frame(*(f"{run}{number}" for number in range(400))), progress=False)
    steps = []
    with closing(sqlite3.connect(journal_file(client.settings), isolation_level=None)) as db:
        db.set_progress_handler(lambda: steps.append(1), 1000)
        with without_references(db), transaction(db):
            forget(db, [1])
        assert len(steps) < 100  # to look for each of 400 answers among 800 states takes many hundreds
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert ef.list_runs(client)["rows"].tolist() == [400]
    assert ef.read_results(client)["outcome"].eq("done").all()
