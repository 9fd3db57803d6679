"""Measures a contender in a process of its own, so that its peak of memory is its own; several rounds, medians."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
TIMEOUT_S = 300
Work = Callable[[], dict[str, Any]]
"""What is timed. It returns `rows` and what else it found; `wall_s` and `cpu_s` replace the clocks' (wrk's own)."""


class MissingError(Exception):
    """A program that a contender needs is not installed."""


@dataclass(frozen=True)
class Case:
    """One contender at one task; `task` is "module:function", and the function returns what is to be timed."""

    name: str
    task: str
    options: dict[str, Any] = field(default_factory=dict)
    rounds: int | None = None  # at most; None: as many as asked for


@dataclass(frozen=True)
class Figures:
    """A contender's medians, or why there are none."""

    rows: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: float = 0.0
    facts: dict[str, float] = field(default_factory=dict)
    trouble: str = ""

    @property
    def us_a_row(self) -> float:
        return self.cpu_s / self.rows * 1e6

    @property
    def bytes_a_row(self) -> float:
        return self.peak_bytes / self.rows


Found = dict[str, Figures]


@dataclass(frozen=True)
class Line:
    """A line of the table: a contender's figures, what they are beside another's, and a goal with whether it is met."""

    name: str
    figures: Figures | None = None
    beside: str = ""
    goal: str = ""
    reached: bool | None = None


@dataclass(frozen=True)
class Part:
    """A part of the table: `cases(quick)` starts what the cases need and ends it; `lines` reads the figures."""

    title: str
    cases: Callable[[bool], AbstractContextManager[Sequence[Case]]]
    lines: Callable[[Found], Sequence[Line]]


def measure(cases: Sequence[Case], rounds: int, say: Callable[[str], None] = lambda _: None) -> Found:
    """Run all cases round by round, so that a machine's moods fall on all of them, and return their medians."""
    runs: dict[str, list[dict[str, Any]]] = {case.name: [] for case in cases}
    for number in range(rounds):
        for case in cases:
            found = runs[case.name]
            if number < (case.rounds or rounds) and not any("trouble" in run for run in found):
                say(f"round {number + 1} of {rounds}: {case.name}")
                found.append(run_apart(case))
    return {name: medians(found) for name, found in runs.items()}


def run_apart(case: Case) -> dict[str, Any]:
    """Run one case in a process of its own, and return what that measured."""
    command = [sys.executable, "-m", "tests.benchmarks.worker", case.task, json.dumps(case.options)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return {"trouble": f"failed: not done after {TIMEOUT_S} s"}
    if done.returncode:
        return {"trouble": "failed: " + (done.stderr.strip() or "no word").splitlines()[-1][:200]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def medians(runs: Sequence[dict[str, Any]]) -> Figures:
    trouble = next((run["trouble"] for run in runs if "trouble" in run), "")
    if trouble or not runs:
        return Figures(trouble=trouble or "not run")
    middle = {key: statistics.median([run[key] for run in runs]) for key in runs[0]}
    known = {key: middle.pop(key) for key in ("wall_s", "cpu_s", "peak_bytes")}
    return Figures(rows=int(middle.pop("rows")), **known, facts=middle)
