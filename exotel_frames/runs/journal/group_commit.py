"""Group commit: what several threads want to write at the same time goes to the disk in one transaction.

A synchronous write takes as long for one thread as for sixteen; one after the other they would wait for each other.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress

Statements = Callable[[sqlite3.Connection], object]


class _Wish:
    """What one thread wants written; `problem` is what came of it instead."""

    def __init__(self, statements: Statements) -> None:
        self.statements = statements
        self.is_done = False
        self.problem: Exception | None = None


class GroupCommit:
    """Writes for many threads; `transaction` is one that is on the disk when it is left.

    Who gets the turn writes for everybody who waits for it. Where the whole fails, each writes alone: an error reaches
    the thread whose statements it is of.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        self._transaction = transaction
        self._turn = threading.Lock()
        self._wishes: list[_Wish] = []

    def write(self, statements: Statements) -> None:
        """Write; on the disk when this returns."""
        wish = _Wish(statements)
        try:
            self._wishes.append(wish)
            with self._turn:
                if not wish.is_done:
                    self._write_all(self._wishes[:])
        finally:
            with suppress(ValueError):  # a Ctrl-C can leave it there
                self._wishes.remove(wish)
        if wish.problem is not None:
            raise wish.problem

    def _write_all(self, wishes: Sequence[_Wish]) -> None:
        try:
            self._write_as_one(wishes)
        except Exception as problem:  # noqa: BLE001 - raised again by the thread that it is of
            if len(wishes) == 1:
                wishes[0].problem, wishes[0].is_done = problem, True
                return
            for wish in wishes:
                self._write_all([wish])

    def _write_as_one(self, wishes: Sequence[_Wish]) -> None:
        with self._transaction() as db:
            for wish in wishes:
                wish.statements(db)
        for wish in wishes:
            wish.is_done = True
