"""One run at a time for each account: a lock that is free the moment its holder dies.

SQLite's own file lock does it: the kernel takes it back from a killed process, a forked child does not inherit it, two
threads and two connections of one process exclude each other too, and it is the same call on Windows. (`flock` is
inherited by children that outlive the run; POSIX record locks are lost when anybody in the process closes the file.)
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes carry the primary one in their lowest byte."""


def is_busy(error: BaseException) -> bool:
    """Tell whether a failure of SQLite means that somebody else holds what was asked for."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def open_lock(path: Path) -> sqlite3.Connection:
    """Return the lock of a file, not taken yet; to close it frees it."""
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    path.chmod(0o600)
    return lock


def take_lock(lock: sqlite3.Connection) -> bool:
    """Take the lock at once; tell whether it was free.

    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "account.lock"
    >>> with closing(open_lock(path)) as one, closing(open_lock(path)) as other:
    ...     take_lock(one), take_lock(other)
    (True, False)
    """
    try:
        lock.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written: no file beside this one
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if is_busy(error):
            return False
        raise
    return True


def is_free(path: Path) -> bool:
    """Tell whether nobody has the lock of a file."""
    with closing(open_lock(path)) as lock:
        return take_lock(lock)


def probe_path(path: Path) -> Path:
    """Return the new file's place: this thread's own, since two that share one would find each other's lock."""
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.locks")


def has_locks(path: Path) -> bool:
    """Tell whether the disk of a file can lock at all: a new file, which nobody else uses, must be free."""
    probe = probe_path(path)
    try:
        return is_free(probe)
    except (sqlite3.Error, OSError):
        return True  # something else is wrong there, and is told by itself
    finally:
        with suppress(OSError):
            probe.unlink()
