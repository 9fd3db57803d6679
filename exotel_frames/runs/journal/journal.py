"""The journal of an account's runs: written before anything is sent, true after a kill at any point.

All rows of a run are recorded as planned first; an intent is recorded for a chunk before each sending, and its results
after it. A row with an intent but no result may have been carried out: it is `unknown`, and `open_work` returns what is
needed to settle it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec

import exotel_frames.runs.journal.statements as lines
from exotel_frames.errors import JournalError
from exotel_frames.records import Chunk, PlanRow, Verdict, instant
from exotel_frames.runs.journal.database import (
    explain_failures,
    file_identities,
    open_for_reading,
    open_for_writing,
    refuse_damage,
    refuse_link,
    refuse_replaced,
    transaction,
)
from exotel_frames.runs.journal.find_run import find_run
from exotel_frames.runs.journal.group_commit import GroupCommit, Statements
from exotel_frames.runs.journal.holder import acquire
from exotel_frames.runs.journal.lock import open_lock
from exotel_frames.runs.journal.prune import allow_interrupts, forget, has_ended, without_references
from exotel_frames.runs.journal.statements import RunHeader, RunInfo
from exotel_frames.runs.stale_readings import KNOWN_S, LastKnown

_OPENING_TIMEOUT_S: Final = 0.3
_RUNNING_TIMEOUT_S: Final = 30.0
"""A run without the lock gives up at once; a run under way waits out those who only look in."""


class Journal:
    """The journal of one account; safe to share between threads, not with a forked process.

    >>> from tempfile import mkdtemp
    >>> with Journal.open(Path(mkdtemp()) / "acme1.sqlite3") as journal, journal.lock("20261123-181500-3f9a"):
    ...     start = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
    ...     header = RunHeader("20261123-181500-3f9a", start, "create", "acme1", "https://chaotix.mum1.exotel.in")
    ...     journal.begin(header, [PlanRow(0, "create", "bob"), PlanRow(1, "create", "nidhi")])
    ...     journal.record_intent(header.run_id, 0, [0], server_time=None)
    ...     [verdict.outcome for verdict in journal.verdicts(header.run_id)]
    ['unknown', 'not_sent']
    """

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self.path = path
        self._lock_path = path.with_name(f"{path.name}.lock")
        self._db = db
        self._now = now
        self._pid = os.getpid()
        self._mutex = threading.RLock()
        self._files = file_identities(path)
        self._numbers: dict[str, tuple[int, int]] = {}
        self._unwritten: list[Statements] = []
        self._wait_s = 0.0
        self.is_stopped: Callable[[], bool] = lambda: False
        """Whether to wait no longer for somebody else's write: SQLite's own waiting can't be stopped."""
        self._together = GroupCommit(self._for_writing)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, now: Callable[[], datetime] | None = None) -> Self:
        """Open the journal, or make it.

        `read_only` needs no lock, and works while a run is under way; a journal that does not exist reads as an empty
        one. Raises JournalError.
        """
        opener = open_for_reading if read_only else open_for_writing
        with explain_failures(path, "opened"):
            return cls(path, opener(path, timeout_s=_OPENING_TIMEOUT_S), now or (lambda: datetime.now(UTC)))

    def close(self) -> None:
        """Let go of the file; harmless when it was closed before, or in a forked child."""
        if os.getpid() == self._pid:
            with suppress(JournalError):  # what could not be written by now is settled by a resume
                self.flush()
            with self._mutex, explain_failures(self.path, "closed"):
                self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def lock(self, run_id: str) -> Iterator[None]:
        """Hold the account for one run; a second one is refused at once with a RunLockedError that names this one.

        Its name is written down in the same transaction, which proves that the disk takes what is written.
        """
        self._check_process()
        refuse_link(self._lock_path)
        with explain_failures(self._lock_path, "locked"):
            lock = open_lock(self._lock_path)
        try:
            with self._mutex, explain_failures(self.path, "locked"):
                acquire(self._db, lock, self._lock_path, run_id, self._stamp())
                self._wait_s = _RUNNING_TIMEOUT_S
            yield
        finally:
            lock.close()

    def begin(self, run: RunHeader, rows: Sequence[PlanRow], settled: Sequence[Verdict] = ()) -> None:
        """Write down a run and all its rows, with their before-images, in one transaction.

        `settled` are the verdicts of the rows that are never to be sent: a kill must not leave them open to a resume.
        """
        with self._for_writing() as db:
            number = db.execute(lines.BEGIN, lines.header_line(run, len(rows))).lastrowid or 0
            db.executemany(lines.PLAN, lines.plan_lines(number, rows))
            lines.store_verdicts(db, self._stamp(), number, None, settled)

    def reopen(self, run_id: str) -> None:
        """Mark a run as under way again, before a resume; the whole file is checked first, for a resume acts on it."""
        with self._for_reading() as db:
            refuse_damage(db)
        self._mark(run_id, "begun", None)

    def end(self, run_id: str, state: Literal["finished", "interrupted", "stopped"]) -> None:
        """Write down that a run is over, and how."""
        self._mark(run_id, state, self._now())

    def record_intent(self, run_id: str, chunk: int, rows: Sequence[int], *, server_time: datetime | None) -> None:
        """Write down that these rows are about to be sent, before *each* sending; on the disk when this returns.

        `server_time` is the newest `Date` of the service's answers so far. A row that has its verdict is refused.
        """
        when = lines.cell(server_time)
        refuse_replaced(self.path, self._files)

        def statements(db: sqlite3.Connection) -> None:
            run, numbers = self._run(run_id)[0], str([*rows])
            if db.execute(lines.RECORD_INTENT, (run, chunk, when, numbers)).rowcount != len(rows):
                raise JournalError(f"Chunk {chunk} of run {run_id} has rows that are settled already: not sent again.")
            db.execute(lines.LOG_INTENT, (self._stamp(), when, numbers, run))

        self._together.write(statements)

    def record_before_image(self, run_id: str, row: PlanRow) -> None:
        """Write the before-image of an update that was planned without one, and what is sent; on the disk on return.

        It is what was read just before the first sending; a before-image that is known already stays.
        """
        self._together.write(
            lambda db: db.execute(lines.RECORD_BEFORE_IMAGE, lines.before_image_line(self._run(run_id)[0], row))
        )

    def record_results(
        self, run_id: str, chunk: int | None, verdicts: Sequence[Verdict], *, with_next: bool = False
    ) -> None:
        """Write down what became of rows (`chunk` is None for rows that were never to be sent); on the disk on return.

        `with_next` leaves that to the next write of any kind, which saves the disk every second one: a kill in between
        costs a reading, since what has no answer here is looked for before anything else. `flush` ends the waiting.

        The last verdict counts, but none replaces a heavier one: `unknown` and `not_sent` never undo what is settled,
        and `not_sent` never undoes that an earlier sending may have been carried out. Each one is kept as a trail.
        """
        at = self._stamp()
        with self._mutex:
            self._unwritten.append(lambda db: lines.store_verdicts(db, at, self._run(run_id)[0], chunk, verdicts))
        if not with_next:
            self.flush()

    def flush(self) -> None:
        """Write down what waits for the next write."""
        if self._unwritten:
            with self._for_writing():
                pass

    def runs(self) -> list[RunInfo]:
        """Return every run, the newest first, with a count of rows for each outcome."""
        with self._for_reading() as db:
            counts: dict[int, dict[str, int]] = {}
            for run, outcome, count in db.execute(lines.COUNTS):
                counts.setdefault(run, {})[outcome] = count
            return [lines.run_info(line, counts.get(line[0], {})) for line in db.execute(lines.RUNS)]

    def find(self, run_id: str | None = None) -> RunInfo:
        """Return one run: the newest, or the one whose id is, or begins unambiguously with, `run_id`."""
        return find_run(self.runs(), run_id, self.path)

    def prune(self, before: datetime) -> list[RunInfo]:
        """Forget the runs that had ended by then and have no open row, and give their space back; return them.

        Hold the lock meanwhile: nothing else may write.
        """
        old = [run for run in self.runs() if has_ended(run, before)]
        with without_references(self._db), self._for_writing() as db, allow_interrupts(db):
            forget(db, [self._run(run.run_id)[0] for run in old])
            self._numbers.clear()
        with self._mutex, explain_failures(self.path, "written"), allow_interrupts(self._db):
            self._db.execute("VACUUM")
        return old

    def plan_rows(self, run_id: str) -> list[PlanRow]:
        """Return what a run was asked to do, in the caller's order."""
        return [lines.plan_row(line) for line in self._whole(lines.PLAN_ROWS, run_id)]

    def verdicts(self, run_id: str) -> list[Verdict]:
        """Return one verdict for every planned row, in the caller's order; dates are ISO 8601 texts.

        Intended and not answered is `unknown`; never intended is `not_sent`.
        """
        with explain_failures(self.path, "read"):
            return [lines.verdict(line, run_id) for line in self._whole(lines.VERDICTS, run_id)]

    def open_work(self, run_id: str) -> tuple[list[Chunk[PlanRow]], list[PlanRow]]:
        """Return what a resume has to settle, by chunk, and what it has to send, in the caller's order."""
        with self._for_reading() as db:
            run, _ = self._run(run_id)
            in_flight = [
                Chunk(chunk, tuple(lines.plan_row(line[2:]) for line in group), instant(server_time), was_sent=True)
                for (chunk, server_time), group in groupby(db.execute(lines.IN_FLIGHT, (run,)), lambda line: line[:2])
            ]
            return in_flight, [lines.plan_row(line) for line in db.execute(lines.UNSENT, (run,))]

    def last_known(self, names: Iterable[str], *, besides: str = "") -> dict[str, LastKnown]:
        """Return what this account's runs, except one, have left of these names within the last day."""
        names_json, now = msgspec.json.encode(list(names)).decode(), self._now()
        with self._for_reading() as db:
            found = db.execute(lines.LAST_KNOWN, (besides, self._stamp(ago_s=KNOWN_S), names_json))
            return dict(lines.last_known(line, now) for line in found)

    def clock_gaps(self) -> list[float]:
        """Return by how many seconds dates of what was created were ahead of the answers' `Date`, in the last day."""
        with self._for_reading() as db:
            return lines.clock_gaps(db.execute(lines.WRITE_DATES, (self._stamp(ago_s=KNOWN_S),)))

    def _whole(self, query: str, run_id: str) -> list[tuple[Any, ...]]:
        """Return a query's line for each row of a run; a damaged file that has lost some of them is an error."""
        with self._for_reading() as db:
            run, rows = self._run(run_id)
            found = db.execute(query, (run,)).fetchall()
            if len(found) != rows:
                raise sqlite3.DatabaseError(f"only {len(found)} of the {rows} rows of run {run_id} are there")
            return found

    @contextmanager
    def _for_reading(self) -> Iterator[sqlite3.Connection]:
        self._check_process()
        self.flush()
        with self._mutex, explain_failures(self.path, "read"):
            yield self._db

    @contextmanager
    def _for_writing(self) -> Iterator[sqlite3.Connection]:
        self._check_process()
        with self._mutex, explain_failures(self.path, "written"):
            waiting = self._unwritten[:]
            until_s = time.monotonic() + self._wait_s
            with transaction(self._db, lambda: time.monotonic() < until_s and not self.is_stopped()):
                for statements in waiting:
                    try:
                        statements(self._db)
                    except (sqlite3.IntegrityError, ValueError):  # told this once; the next write is not to blame
                        self._unwritten.remove(statements)
                        raise
                yield self._db
            del self._unwritten[: len(waiting)]

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise JournalError(
                f"The journal {self.path} was opened by process {self._pid}, but SQLite connections don't survive a "
                "fork: open it again in this process."
            )

    def _run(self, run_id: str) -> tuple[int, int]:
        """Return a run's number and how many rows it has."""
        if run_id not in self._numbers:
            line = self._db.execute('SELECT run, "rows" FROM runs WHERE run_id = ?', (run_id,)).fetchone()
            if line is None:
                raise JournalError(f"There is no run {run_id} in the journal {self.path}: list_runs shows the others.")
            self._numbers[run_id] = int(line[0]), int(line[1])
        return self._numbers[run_id]

    def _mark(self, run_id: str, state: str, ended: datetime | None) -> None:
        with self._for_writing() as db:
            db.execute(lines.END, (state, lines.cell(ended), self._run(run_id)[0]))

    def _stamp(self, *, ago_s: float = 0.0) -> str:
        return (self._now() - timedelta(seconds=ago_s)).isoformat(timespec="milliseconds")
