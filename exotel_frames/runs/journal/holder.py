"""Who holds an account: the lock, and the line in the journal that names its holder, taken together."""

from __future__ import annotations

import os
import socket
import sqlite3
from pathlib import Path

from exotel_frames.errors import RunLockedError
from exotel_frames.runs.journal.database import explain_failures, transaction
from exotel_frames.runs.journal.lock import is_busy, is_free, take_lock


def acquire(db: sqlite3.Connection, lock: sqlite3.Connection, lock_path: Path, run_id: str, since: str) -> None:
    """Take the lock and write down who did; RunLockedError when a run has it.

    Where the file is busy and no run has the lock, the run that kept it busy may have ended since: it is waited for
    once more.
    """
    chances = iter([True])
    try:
        with transaction(db, lambda: is_free(lock_path) and next(chances, False)):
            with explain_failures(lock_path, "locked"):
                is_ours = take_lock(lock)
            if not is_ours:
                raise locked_error(db)
            holder = (run_id, os.getpid(), socket.gethostname(), since)
            db.execute("REPLACE INTO holder VALUES (1, ?, ?, ?, ?)", holder)
    except sqlite3.Error as error:
        # a file is busy because of a run, or of somebody who only looks in
        if is_busy(error) and not is_free(lock_path):
            raise locked_error(db) from None
        raise


def locked_error(db: sqlite3.Connection) -> RunLockedError:
    """Say who holds the account."""
    line = db.execute("SELECT run_id, pid, host, since FROM holder").fetchone()
    who = "Run {} (process {} on {}, since {})".format(*line) if line else "Another run"
    return RunLockedError(
        f"{who} is in progress on this account; nothing was sent. Wait until it ends, or stop it, then run again."
    )
