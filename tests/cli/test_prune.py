"""`exotel-frames prune`: what is old is shown, asked about, and forgotten; what is open never."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from tests.cli.kit import Terminal


def run(box, name):
    client = ef.connect()
    results = ef.create_subscribers(client, pd.DataFrame({"subscriber_name": [name]}), progress=False)
    return results["run_id"].iloc[0]


def runs():
    return ef.list_runs(ef.connect())["run_id"].tolist()


@pytest.fixture
def old(box):
    """Two runs that have ended, and one that is open."""
    ended = [run(box, "a1"), run(box, "a2")]
    box.set_faults(rate429=1, retry_after="86400", only={"create"})
    client = ef.connect()
    ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["a3"]}), progress=False)
    box.set_faults()
    return ended


def test_a_dry_run_shows_what_is_old_forgets_nothing_and_ends_with_2(old, capsys):
    known = runs()
    assert main(["prune", "--keep-days", "0", "--dry-run"]) == 2
    told = capsys.readouterr().out
    assert all(each in told for each in old)
    assert "2 runs would be forgotten. Nothing was." in told
    assert main(["prune", "--keep-days", "1", "--dry-run"]) == 0
    assert "0 runs would be forgotten" in capsys.readouterr().out
    assert main(["prune", "--keep-days", "0", "--dry-run", "--json"]) == 2
    assert {row["run_id"] for row in json.loads(capsys.readouterr().out)} == set(old)
    assert runs() == known


def test_without_a_yes_nothing_is_forgotten(old, capsys, monkeypatch):
    known = runs()
    for typed in ("", "yes\n", "3\n"):
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        assert main(["prune", "--keep-days", "0"]) == 4
        assert "Nothing was forgotten" in capsys.readouterr().err
    assert runs() == known


def test_typing_their_number_forgets_them_and_keeps_what_is_open(old, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("2\n"))
    assert main(["prune", "--keep-days", "0"]) == 0
    told = capsys.readouterr()
    assert "Type 2 to go on" in told.err
    assert told.out.rstrip().endswith("2 runs forgotten; 1 run kept.")
    assert len(runs()) == 1
    assert runs()[0] not in old


def test_yes_is_for_machines_and_json_shows_what_was_forgotten(old, capsys):
    assert main(["prune", "--keep-days", "0", "--yes", "--json"]) == 0
    assert {row["run_id"] for row in json.loads(capsys.readouterr().out)} == set(old)
    assert len(runs()) == 1
    assert main(["prune", "--keep-days", "0", "--yes"]) == 0
    assert "0 runs forgotten; 1 run kept." in capsys.readouterr().out


@pytest.mark.parametrize("days", ["-1", "nan", "inf", "soon", ""])
def test_what_is_no_number_of_days_is_a_usage_error(days, capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["prune", "--keep-days", days])
    assert "is not a number of days" in capsys.readouterr().err
