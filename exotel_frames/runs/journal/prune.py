"""Deletes runs that are over from the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import msgspec

from exotel_frames.outcomes import OPEN
from exotel_frames.runs.journal.statements import RunInfo

_TABLES: Final = ("states", "answers", "intents", "plan", "runs")
"""In the order that their references ask for."""
_STEPS: Final = 10_000
"""So many steps of SQLite's machine take a millisecond or less."""


def has_ended(run: RunInfo, before: datetime) -> bool:
    """Tell whether a run had ended by then and has no row that a resume would settle or send."""
    is_open = run.state == "begun" or any(run.counts.get(outcome, 0) for outcome in OPEN)
    return run.ended is not None and run.ended < before and not is_open


def forget(db: sqlite3.Connection, runs: Sequence[int]) -> None:
    """Delete every line of some runs, a table at a time: a table of events is read once, however many runs they are.

    References are not to be checked meanwhile (`without_references`): whole runs go, and each check reads a table.
    """
    numbers = msgspec.json.encode(list(runs)).decode()
    for table in _TABLES:
        db.execute(f"DELETE FROM {table} WHERE run IN (SELECT value FROM json_each(?))", (numbers,))  # noqa: S608 - ours


@contextmanager
def without_references(db: sqlite3.Connection) -> Iterator[None]:
    """Check no references for a while; to be entered outside of a transaction."""
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        db.execute("PRAGMA foreign_keys = ON")


@contextmanager
def allow_interrupts(db: sqlite3.Connection) -> Iterator[None]:
    """Let a Ctrl-C end what takes SQLite long: inside a statement Python hears none, but in a function it is asked for.

    >>> with allow_interrupts(sqlite3.connect(":memory:")) as nothing:
    ...     print(nothing)
    None
    """
    db.set_progress_handler(lambda: 0, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        raise
    finally:
        db.set_progress_handler(None, 0)
