"""What became of some rows of a run, on its way to the journal's tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

import exotel_frames.runs.journal.statements as lines
from exotel_frames import schema
from exotel_frames.records import Verdict

_LINES_AT_ONCE: Final = schema.CREATE_MAX
"""How many verdicts one statement writes: a chunk's, and so the few texts that SQLite has prepared already."""


class Answers(Struct, frozen=True, eq=False):
    """Verdicts that came together: when, of which run, of which chunk (None: rows that were never to be sent)."""

    at: str
    run_id: str
    chunk: int | None
    verdicts: Sequence[Verdict]


def write_answers(db: sqlite3.Connection, run: int, answers: Answers) -> None:
    """Write them to the trail, and where their rows stand by now."""
    for first in range(0, len(answers.verdicts), _LINES_AT_ONCE):
        some = answers.verdicts[first : first + _LINES_AT_ONCE]
        last = db.execute(*lines.log_answers(answers.at, run, some)).lastrowid or 0
        db.execute(lines.RECORD_RESULTS, (answers.chunk, last - len(some)))


def write_waiting(db: sqlite3.Connection, waiting: list[Answers], count: int, number_of: Callable[[str], int]) -> None:
    """Write the first `count` of those that wait; one that can never be written is dropped, and told this once."""
    for answers in waiting[:count]:
        try:
            write_answers(db, number_of(answers.run_id), answers)
        except (sqlite3.IntegrityError, ValueError):  # the next write is not to blame
            waiting.remove(answers)
            raise
