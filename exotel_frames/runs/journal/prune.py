"""Forgetting runs that are over."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from exotel_frames.outcomes import OPEN
from exotel_frames.runs.journal.statements import RunInfo

_TABLES: Final = ("states", "answers", "intents", "plan", "runs")
"""In the order that their references ask for."""


def has_ended(run: RunInfo, before: datetime) -> bool:
    """Tell whether a run had ended by then and has no row that a resume would settle or send."""
    is_open = run.state == "begun" or any(run.counts.get(outcome, 0) for outcome in OPEN)
    return run.ended is not None and run.ended < before and not is_open


def forget(db: sqlite3.Connection, runs: Sequence[int]) -> None:
    """Delete every line of some runs."""
    for run in runs:
        for table in _TABLES:
            db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))  # noqa: S608 - our own names
