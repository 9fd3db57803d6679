"""Old runs are forgotten when asked for, and never one that is open; a run is gone on with where it was begun."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client


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
        with pytest.raises(ef.JournalError, match="was begun at"):
            ef.resume_run(there, progress=False)
        assert other.requests == since
