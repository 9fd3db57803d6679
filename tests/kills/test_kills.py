"""Runs that are killed or interrupted at random points, resumed, and compared with what was really done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("driver.py")
pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="kills need fork: not on this system")


def struck(*, how: str, kills: int, seed: int, timeout_s: float, rows: int = 25) -> dict:
    command = [sys.executable, DRIVER, "--how", how, "--kills", str(kills), "--seed", str(seed), "--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def assert_nothing_lost(told: dict, *, kills: int) -> None:
    assert told["violations"] == []
    assert told["kills"] >= kills
    assert sum(told["outcomes"].values()) == told["rows"] > 0
    assert told["outcomes"].get("done", 0) >= 0.95 * told["rows"]


@pytest.mark.timeout(300)
def test_20_kills_lose_no_row_double_no_effect_and_tell_no_lie():
    assert_nothing_lost(struck(how="kill", kills=20, seed=1, rows=8, timeout_s=280), kills=20)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_10_interrupts_lose_no_row_double_no_effect_and_tell_no_lie():
    assert_nothing_lost(struck(how="interrupt", kills=10, seed=2, timeout_s=280), kills=10)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10, 20))
def test_1000_kills_lose_no_row_double_no_effect_and_tell_no_lie(seed):
    assert_nothing_lost(struck(how="kill", kills=100, seed=seed, timeout_s=1800), kills=100)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [20, 21])
def test_200_interrupts_lose_no_row_double_no_effect_and_tell_no_lie(seed):
    assert_nothing_lost(struck(how="interrupt", kills=100, seed=seed, timeout_s=1800), kills=100)
