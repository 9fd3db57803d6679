"""The sandbox's state in a file: writes that were confirmed survive a SIGKILL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from exotel_frames.sandbox.envelopes import Row

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subscribers (
    key INTEGER PRIMARY KEY, date_created TEXT NOT NULL, date_updated TEXT NOT NULL,
    subscriber_name TEXT NOT NULL UNIQUE, status TEXT NOT NULL, custom_field TEXT) STRICT;
CREATE TABLE IF NOT EXISTS filled (at_once INTEGER NOT NULL) STRICT;
"""


class StateFile:
    """A SQLite file in WAL mode with synchronous=FULL; each method is one transaction, on the disk when it returns.

    >>> file = StateFile(":memory:")
    >>> file.fresh, list(file.rows())
    (True, [])
    >>> file.close()
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        except sqlite3.OperationalError as error:
            raise OSError(
                f"The sandbox can't use {path} as its state ({error}). Name a file in a folder that is there."
            ) from error
        try:
            # Exclusive: a second sandbox on the same file would answer from a truth of its own.
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise OSError(
                f"The sandbox can't use {path} as its state ({error}): it is in use by another sandbox, or is no such "
                "file. Name another file, or stop the other sandbox."
            ) from error

    @property
    def fresh(self) -> bool:
        """Whether it was never filled."""
        return self._db.execute("SELECT 1 FROM filled").fetchone() is None

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Return every subscriber with its key, oldest first."""
        for key, *fields in self._db.execute("SELECT * FROM subscribers ORDER BY key"):
            yield key, Row(*fields)

    def insert(self, keyed: Sequence[tuple[int, Row]]) -> None:
        """Add all of them or none."""
        values = [
            (key, row.date_created, row.date_updated, row.subscriber_name, row.status, row.custom_field)
            for key, row in keyed
        ]
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO subscribers VALUES (?, ?, ?, ?, ?, ?)", values)
            self._db.execute("INSERT INTO filled SELECT ? WHERE NOT EXISTS (SELECT 1 FROM filled)", (len(values),))

    def update(self, key: int, row: Row) -> None:
        """Write the fields that can change."""
        self._db.execute(
            "UPDATE subscribers SET date_updated = ?, status = ?, custom_field = ? WHERE key = ?",
            (row.date_updated, row.status, row.custom_field, key),
        )

    def delete(self, key: int) -> None:
        """Remove one."""
        self._db.execute("DELETE FROM subscribers WHERE key = ?", (key,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
