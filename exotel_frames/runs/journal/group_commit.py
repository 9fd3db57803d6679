"""Group commit: writes that several threads make at the same time go to the disk in one transaction.

A synchronous write takes as long for sixteen threads as for one; one after the other, the threads would wait.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress

Statements = Callable[[sqlite3.Connection], object]


class _PendingWrite:
    """What one thread wants written; `problem` is what came of it instead."""

    def __init__(self, statements: Statements) -> None:
        self.statements = statements
        self.is_done = False
        self.problem: Exception | None = None


class GroupCommit:
    """Writes for many threads; `transaction` is one that is on the disk when it is left.

    Who gets the turn writes for everybody who waits for it. Where that fails, one of them is told, and the others are
    written without it: the one whose statements failed, or any where it was the transaction. So no error is lost.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        self._transaction = transaction
        self._turn = threading.Lock()
        self._waiting: list[_PendingWrite] = []

    def write(self, statements: Statements) -> None:
        """Write; on the disk when this returns."""
        mine = _PendingWrite(statements)
        try:
            self._waiting.append(mine)
            with self._turn:
                if not mine.is_done:
                    self._write_all(self._waiting[:])
        finally:
            with suppress(ValueError):  # a Ctrl-C can leave it there
                self._waiting.remove(mine)
        if mine.problem is not None:
            raise mine.problem

    def _write_all(self, pending: Sequence[_PendingWrite]) -> None:
        left = [*pending]
        while left:
            told = left[0]
            try:
                with self._transaction() as db:
                    for told in left:
                        told.statements(db)
            except Exception as problem:  # noqa: BLE001 - raised again by the thread that it is of
                told.problem, told.is_done = problem, True
                left.remove(told)
            else:
                for each in left:
                    each.is_done = True
                return
