"""Whole runs on a disk that fills: they stop before they send what they can't write down, and can be resumed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("full_disk.py")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")


def stopped_runs(*writes: int, timeout_s: float) -> list[tuple[int, str, int]]:
    """Let the driver check a run for each size of the disk; return where each one stopped, and what was done."""
    command = [sys.executable, DRIVER, *map(str, writes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.slow  # by default the journal alone meets such disks: tests/runs/test_journal_damage.py
def test_a_disk_that_fills_stops_a_run_before_it_sends_and_a_resume_tells_the_truth():
    told = stopped_runs(3, 30, 1000, timeout_s=100)
    assert [where for _, where, _ in told] == ["before the run", "in the run", ""]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_disk_that_fills_at_every_write_in_turn_stops_a_run_before_it_sends():
    told = stopped_runs(timeout_s=880)
    places = [where for _, where, _ in told]
    assert places == sorted(places, reverse=True, key=["", "in the run", "before the run"].index)
    assert places.count("before the run") >= 10
    assert places.count("in the run") >= 50
    assert places.count("") == 1
