"""One run of a journal, by its id or the beginning of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from exotel_frames.errors import JournalError
from exotel_frames.runs.journal.statements import RunInfo

_RUNS_NAMED: Final = 10


def find_run(runs: Sequence[RunInfo], run_id: str | None, journal: Path) -> RunInfo:
    """Return the newest run, or the one whose id is, or begins unambiguously with, `run_id`."""
    found = [run for run in runs if run.run_id.startswith(run_id or "")]
    exact = found[:1] if run_id is None else [run for run in found if run.run_id == run_id] or found
    if len(exact) == 1:
        return exact[0]
    listed = ", ".join(run.run_id for run in (found or runs)[:_RUNS_NAMED]) or "none"
    wanted = "There is no run yet" if run_id is None else f"{len(found)} runs begin with {run_id!r}"
    raise JournalError(f"{wanted} in the journal {journal}; the newest to choose from: {listed}.")
