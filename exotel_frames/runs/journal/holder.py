"""Who holds an account: the lock, and the line in the journal that names its holder, taken together."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from exotel_frames.errors import RunLockedError
from exotel_frames.runs.journal.database import explained, refuse_link, transaction
from exotel_frames.runs.journal.lock import is_busy, try_lock


def acquire(db: sqlite3.Connection, lock_path: Path, run_id: str, since: str) -> Callable[[], None]:
    """Take the lock and write down who did, or neither; return what frees it. RunLockedError when a run has it."""
    try:
        return _acquired(db, lock_path, run_id, since)
    except sqlite3.Error as error:
        if is_busy(error) and is_held(lock_path):
            raise locked_error(db) from None
        raise


def _acquired(db: sqlite3.Connection, lock_path: Path, run_id: str, since: str) -> Callable[[], None]:
    with ExitStack() as undo:
        with transaction(db):
            refuse_link(lock_path)
            with explained(lock_path, "locked"):
                free = try_lock(lock_path)
            if free is None:
                raise locked_error(db)
            undo.callback(free)
            holder = (run_id, os.getpid(), socket.gethostname(), since)
            db.execute("REPLACE INTO holder VALUES (1, ?, ?, ?, ?)", holder)
        undo.pop_all()
    return free


def is_held(lock_path: Path) -> bool:
    """Tell whether the file is busy because of a run, and not of somebody who only looks in."""
    free = try_lock(lock_path)
    if free:
        free()
    return free is None


def locked_error(db: sqlite3.Connection) -> RunLockedError:
    """Say who holds the account."""
    line = db.execute("SELECT run_id, pid, host, since FROM holder").fetchone()
    who = "Run {} (process {} on {}, since {})".format(*line) if line else "Another run"
    return RunLockedError(
        f"{who} is under way on this account; nothing was sent. Wait until it ends, or stop it, then run again."
    )
