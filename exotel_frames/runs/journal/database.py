"""The journal's file: its path, its tables, how it is opened, and the messages of its failures."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from exotel_frames.errors import JournalError
from exotel_frames.runs.journal.lock import has_locks, is_busy

APPLICATION_ID: Final = 0x45784672
"""Marks a SQLite file as ours ("ExFr")."""

_VERSION_1: Final = (
    """CREATE TABLE runs (
        run INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, started TEXT NOT NULL, ended TEXT, state TEXT NOT NULL,
        action TEXT NOT NULL, account_sid TEXT NOT NULL, base_url TEXT NOT NULL, options TEXT NOT NULL,
        "rows" INTEGER NOT NULL) STRICT""",
    # What was asked for, with the before-image; never changed, but for an update that was planned without knowing the
    # subscriber: what is read before it is sent completes its line.
    """CREATE TABLE plan (
        run INTEGER NOT NULL REFERENCES runs, "row" INTEGER NOT NULL, action TEXT NOT NULL,
        subscriber_name TEXT NOT NULL, status_from TEXT, status TEXT, custom_field_from TEXT, custom_field TEXT,
        date_updated TEXT, PRIMARY KEY (run, "row")) STRICT, WITHOUT ROWID""",
    # The audit trail: one line for each time a row was about to be sent, and for each verdict. Only ever appended to.
    """CREATE TABLE intents (
        event INTEGER PRIMARY KEY, at TEXT NOT NULL, run INTEGER NOT NULL, "row" INTEGER NOT NULL,
        chunk INTEGER NOT NULL, attempt INTEGER NOT NULL, server_time TEXT) STRICT""",
    """CREATE TABLE answers (
        event INTEGER PRIMARY KEY, at TEXT NOT NULL, run INTEGER NOT NULL, "row" INTEGER NOT NULL, chunk INTEGER,
        subscriber_name TEXT, action TEXT NOT NULL, outcome TEXT NOT NULL,
        http_code INTEGER, code INTEGER, error_code INTEGER, error_message TEXT, error_description TEXT, status TEXT,
        custom_field TEXT, date_created TEXT, date_updated TEXT, request_id TEXT, attempts INTEGER NOT NULL,
        seconds REAL NOT NULL) STRICT""",
    # Where a row stands, drawn from the trail; no line: never touched. `outcome` and `answer` are empty while it is in
    # flight. `weight`: 0 surely not sent, or sent once; 1 may have been carried out by an earlier try; 2 settled.
    """CREATE TABLE states (
        run INTEGER NOT NULL, "row" INTEGER NOT NULL, chunk INTEGER, intents INTEGER NOT NULL, first_server_time TEXT,
        outcome TEXT, answer INTEGER REFERENCES answers, weight INTEGER NOT NULL,
        PRIMARY KEY (run, "row"), FOREIGN KEY (run, "row") REFERENCES plan) STRICT, WITHOUT ROWID""",
    # Who holds the account's lock, for the message of a run that is refused; the lock itself is a file of its own.
    """CREATE TABLE holder (
        one INTEGER PRIMARY KEY CHECK (one = 1), run_id TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL,
        since TEXT NOT NULL) STRICT""",
    # Versions up to 0.2 write a line there when they open a journal.
    "CREATE TABLE probe (one INTEGER PRIMARY KEY CHECK (one = 1), opened TEXT NOT NULL) STRICT",
)
MIGRATIONS: Final = (_VERSION_1,)
"""The statements that lead from each version of the schema to the next; an old journal is brought up when opened."""
VERSION: Final = len(MIGRATIONS)

_MARKS: Final = """
    SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
    FROM pragma_user_version, pragma_application_id"""
"""One statement, because it sees one state: between two, somebody else may just have made the tables."""
_MAKING_TIMEOUT_S: Final = 30.0
"""Who opens a journal while another one makes it, or closes it last, waits until that is on the disk, however slow."""

_ELSEWHERE: Final = "or give another folder (journal=...)"
_OWN_DISK: Final = "give a folder on a disk of this machine, journal=..."
_DAMAGED: Final = f"Move that file and its -wal and -shm away, but keep them, {_ELSEWHERE}."
_ADVICE: Final = {
    sqlite3.SQLITE_FULL: f"Free some space there, {_ELSEWHERE}.",
    sqlite3.SQLITE_IOERR: f"Free some space there and check the disk, {_ELSEWHERE}.",
    sqlite3.SQLITE_BUSY: "Another program is writing there: run again when it has finished.",
    sqlite3.SQLITE_CONSTRAINT: "It contradicts what the journal already contains: please report this as a bug.",
}


def journal_path(folder: Path | None, account_sid: str, base_url: str) -> Path:
    """Return where the journal of one account is: one file for each account and service, in `folder` or the user's own.

    >>> journal_path(Path("journals"), "acme1", "https://chaotix.mum1.exotel.in").name
    'acme1-8a1760a22e9d.sqlite3'
    """
    where = folder if folder is not None else _own_folder()
    readable = re.sub("[^0-9A-Za-z_-]", "_", account_sid)[:40]
    service = base_url.rstrip("/").lower()
    digest = hashlib.sha256(f"{service}\n{account_sid}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Path(where) / f"{readable}-{digest}.sqlite3"


def _own_folder() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415 - who names the folder needs none of it

    return user_state_path("exotel_frames", appauthor=False)


@contextmanager
def explain_failures(path: Path, doing: str) -> Iterator[None]:
    """Turn every failure of the disk, of SQLite or of a damaged value into one JournalError that says how to go on."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError, msgspec.MsgspecError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise JournalError(f"The journal {path} can't be {doing}: {reason}. {_advice(error, path)}") from None


def _advice(error: Exception, path: Path) -> str:
    if is_busy(error) and not has_locks(path):
        return _without_locks(path)
    if isinstance(error, UnicodeEncodeError):
        return "Half of a character (a lone surrogate) can't be stored: correct that text."
    if type(error) is sqlite3.DatabaseError or isinstance(error, ValueError | msgspec.MsgspecError):
        return _DAMAGED
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _ADVICE.get(code, f"Check that you own the file and its folder and can write to them, {_ELSEWHERE}.")


def _without_locks(path: Path) -> str:
    return f"The drive of {path.parent} has no file locks (a network drive?): {_OWN_DISK}"


def open_for_writing(path: Path, *, timeout_s: float) -> sqlite3.Connection:
    """Open the file, or make it, and bring its tables up to this version; only its owner can read it."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_link(path)
    with _close_on_error(_connect(str(path), timeout_s)) as db:
        _keep_private(path)
        version = _version(db, path)
        wait_for_others(db, _MAKING_TIMEOUT_S)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA fullfsync = ON")  # on macOS a plain fsync stops at the drive's cache
        db.execute("PRAGMA foreign_keys = ON")
        # Journals of 0.1 list the outcomes of then in a CHECK; a new one must not need their tables rebuilt.
        db.execute("PRAGMA ignore_check_constraints = ON")
        if version != VERSION:
            _migrate(db, path)
        wait_for_others(db, timeout_s)
        return db


def wait_for_others(db: sqlite3.Connection, timeout_s: float) -> None:
    """Set how long a write waits for somebody else's."""
    db.execute(f"PRAGMA busy_timeout = {timeout_s * 1000:.0f}")


def open_for_reading(path: Path, *, timeout_s: float) -> sqlite3.Connection:
    """Open the file for reading while others may write; one that was never written to reads as an empty journal.

    Of an older version a copy in memory is brought up: the file stays what it is.
    """
    where = f"{path.absolute().as_uri()}?mode=ro" if path.exists() else ":memory:"
    with _close_on_error(_connect(where, timeout_s)) as db:
        if _version(db, path) == VERSION:
            return db
        copy = _connect(":memory:", timeout_s)
        db.backup(copy)
        db.close()
    _migrate(copy, path)
    return copy


@contextmanager
def _close_on_error(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    except BaseException:
        db.close()
        raise


def _connect(where: str, timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        where, timeout=timeout_s, isolation_level=None, check_same_thread=False, uri=where.startswith("file:")
    )


def file_identities(path: Path) -> tuple[object, ...]:
    """Return what tells whether a journal's files are the same: a deleted one is written to without a word."""
    found = []
    for each in (str(path), f"{path}-wal"):
        with suppress(FileNotFoundError, NotADirectoryError):
            status = os.stat(each)  # noqa: PTH116 - before each request: half of what Path takes
            found.append((status.st_dev, status.st_ino))
    return tuple(found)


def refuse_replaced(path: Path, opened: tuple[object, ...]) -> None:
    """See that a journal's files are still those that were opened: else nothing more is sent."""
    with explain_failures(path, "found"):
        is_replaced = file_identities(path) != opened
    if is_replaced:
        raise JournalError(
            f"The journal {path} was moved, deleted or replaced during a run: nothing more is sent, because it could "
            "not be recorded. Put the journal back, or check by hand which of the rows that are not done were carried "
            "out."
        )


def refuse_link(path: Path) -> None:
    """Refuse a symbolic link in the place of one of our files: making that private would change somebody's file."""
    if path.is_symlink():
        raise JournalError(
            f"{path} is a symbolic link, but the journal must be a regular file: remove the link, {_ELSEWHERE}."
        )


def _keep_private(path: Path) -> None:
    """Let only the owner read; by name, because closing a second handle of a file drops this process's locks on it.

    SQLite gives the -wal and -shm files that it makes the mode of the file itself, and whoever closes the journal last
    removes them: also while they are looked at here.
    """
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(FileNotFoundError):
            if stat.S_IMODE(each.stat().st_mode) != stat.S_IRUSR | stat.S_IWUSR:
                each.chmod(stat.S_IRUSR | stat.S_IWUSR)


def _version(db: sqlite3.Connection, path: Path) -> int:
    """Return the schema version of a file of ours, 0 for an empty one; refuse what is newer or somebody else's."""
    version, application, tables = _when_free(db, _MARKS, path)
    if application != APPLICATION_ID and (application or version or tables):
        raise JournalError(
            f"{path} is a SQLite file, but not a journal of exotel_frames: give another folder (journal=)."
        )
    if version > VERSION:
        raise JournalError(
            f"The journal {path} was written by a newer exotel_frames (its version {version}, this one reads up to "
            f"{VERSION}): upgrade exotel_frames, {_ELSEWHERE}."
        )
    return int(version)


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    (mode,) = _when_free(db, "PRAGMA journal_mode = WAL", path)
    if mode not in ("wal", "memory"):
        raise JournalError(f"The journal {path} can't be kept safely on this disk (no write-ahead log), {_ELSEWHERE}.")
    with transaction(db):
        if (version := _version(db, path)) == VERSION:
            return  # somebody else was quicker: to write it again would keep others waiting
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")


def _when_free(db: sqlite3.Connection, statement: str, path: Path) -> tuple[Any, ...]:
    """Return a statement's line, once those are done who make the file or close it; a Ctrl-C ends the waiting.

    SQLite itself gives up at once, however long it may wait, when two switch to the write-ahead log together.
    """
    deadline = time.monotonic() + _MAKING_TIMEOUT_S
    while True:
        try:
            line: tuple[Any, ...] = db.execute(statement).fetchone()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            if not has_locks(path):
                raise JournalError(f"The journal {path} can't be opened: {error}. {_without_locks(path)}") from None
            time.sleep(0.01)
        else:
            return line


def refuse_damage(db: sqlite3.Connection) -> None:
    """Check the whole file, as far as it takes to see its structure."""
    for (damage,) in db.execute("PRAGMA quick_check(1)"):
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)


def _begin(db: sqlite3.Connection, may_wait: Callable[[], bool]) -> None:
    while True:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or not may_wait():
                raise
        else:
            return


@contextmanager
def transaction(db: sqlite3.Connection, may_wait: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Write all or nothing; what was written is on the disk when this is left. While others write, wait if allowed."""
    try:
        _begin(db, may_wait)
        yield
        db.execute("COMMIT")
    finally:
        with suppress(sqlite3.ProgrammingError):  # closed: a Ctrl-C can leave this to the garbage collector
            if db.in_transaction:
                db.execute("ROLLBACK")
