"""The diary of an account's runs: written before anything is sent, true after a kill at any point.

All rows of a run are planned first; a chunk is intended before each sending and answered after it. What was intended
and not answered may have been carried out: it is `unknown`, and `open_work` gives what is needed to settle it.
"""

from __future__ import annotations

import os
import secrets
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec

from exotel_frames.errors import JournalError, RunLockedError
from exotel_frames.records import PlanRow, Verdict, instant
from exotel_frames.runs.journal_file import explained, open_for_reading, open_for_writing, transaction
from exotel_frames.runs.lock import is_busy, try_lock
from exotel_frames.schema import OUTCOMES

_PLAN_FIELDS: Final = PlanRow.__struct_fields__
_ANSWER_FIELDS: Final = tuple(name for name in Verdict.__struct_fields__ if name != "run_id")
_PLAN_COLUMNS: Final = ", ".join(f'plan."{name}"' for name in _PLAN_FIELDS)
_ANSWER_COLUMNS: Final = ", ".join(f'answers."{name}"' for name in _ANSWER_FIELDS)

_WEIGHT: Final = {"not_sent": 0, "unknown": 1}
_SETTLED: Final = 2
"""A verdict counts only when it weighs as much as what is known already; see `states` in journal_file."""

_IN_FLIGHT: Final = "sent, or about to be, and no answer was written down; resume_run settles it"
_UNSENT: Final = "not sent yet; resume_run goes on with it"

_OPENING_TIMEOUT_S: Final = 0.3
_RUNNING_TIMEOUT_S: Final = 30.0
"""Whoever has no lock gives up at once; a run under way waits out those who only look in."""

_INTEND: Final = """
    INSERT INTO states VALUES (?, ?, ?, 1, ?, NULL, NULL, 0)
    ON CONFLICT DO UPDATE SET chunk = excluded.chunk, intents = intents + 1, outcome = NULL, answer = NULL,
        first_server_time = iif(intents = 0, excluded.first_server_time, first_server_time),
        weight = iif(outcome = 'not_sent', 0, 1)
    WHERE weight < 2"""
_LOG_INTENT: Final = """
    INSERT INTO intents (at, run, "row", chunk, attempt, server_time)
    SELECT ?, run, "row", chunk, intents, ? FROM states WHERE run = ? AND "row" = ?"""
_LOG_ANSWER: Final = f"""
    INSERT INTO answers (at, run, {", ".join(f'"{name}"' for name in _ANSWER_FIELDS)})
    VALUES (?, ?, {", ".join("?" * len(_ANSWER_FIELDS))})"""  # noqa: S608 - the names are those of our own struct
_ANSWER: Final = """
    INSERT INTO states VALUES (?, ?, ?, 0, NULL, ?, ?, ?)
    ON CONFLICT DO UPDATE SET chunk = coalesce(excluded.chunk, chunk), outcome = excluded.outcome,
        answer = excluded.answer, weight = excluded.weight
    WHERE excluded.weight >= weight"""
_VERDICTS: Final = f"""
    SELECT {_ANSWER_COLUMNS}, plan."row", plan.subscriber_name, plan.action, states.chunk, states.intents
    FROM plan LEFT JOIN states USING (run, "row") LEFT JOIN answers ON answers.event = states.answer
    WHERE plan.run = ? ORDER BY plan."row" """  # noqa: S608 - the names are those of our own struct
_OPEN: Final = f"""
    SELECT states.chunk, states.first_server_time, coalesce(states.outcome, 'unknown'), states.intents, {_PLAN_COLUMNS}
    FROM plan LEFT JOIN states USING (run, "row")
    WHERE plan.run = ? AND coalesce(states.outcome, 'unknown') IN ('unknown', 'not_sent')
    ORDER BY states.chunk, states.first_server_time, plan."row" """  # noqa: S608 - the names are those of our own struct


class RunHeader(msgspec.Struct, frozen=True):
    """What a run is: its id, when it started, what it does where, and the options that a resume needs (no secrets)."""

    run_id: str
    started: datetime
    action: str
    account_sid: str
    base_url: str
    options: Mapping[str, Any] = {}


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One run as the journal knows it: the columns of a runs frame in their order, then what a resume needs.

    The counts sum to `rows`. `state` is "begun" (under way, or killed) until the run has ended.
    """

    run_id: str
    started: datetime
    ended: datetime | None
    action: str
    account_sid: str
    base_url: str
    rows: int
    done: int = 0
    unchanged: int = 0
    rejected: int = 0
    invalid: int = 0
    conflict: int = 0
    unknown: int = 0
    not_sent: int = 0
    state: str
    options: Mapping[str, Any]


class InFlight(msgspec.Struct, frozen=True):
    """Rows of one chunk that were intended and never settled.

    `server_time` is what the service's clock said at the latest before the *first* sending (None: not known); whatever
    these rows created was created at that second or later, however often they were sent again since.
    """

    chunk: int
    server_time: datetime | None
    rows: Sequence[PlanRow]


def new_run_id(now: datetime, token_hex: Callable[[int], str] = secrets.token_hex) -> str:
    """Return a readable run id; later runs sort later.

    >>> new_run_id(datetime(2026, 11, 23, 18, 15, tzinfo=UTC), lambda size: "3f9a")
    '20261123-181500-3f9a'
    """
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{token_hex(2)}"


class Journal:
    """The journal of one account; safe to share between threads, not with a forked process.

    >>> from tempfile import mkdtemp
    >>> with Journal.open(Path(mkdtemp()) / "acme1.sqlite3") as journal, journal.lock("20261123-181500-3f9a"):
    ...     start = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
    ...     header = RunHeader("20261123-181500-3f9a", start, "create", "acme1", "https://chaotix.mum1.exotel.in")
    ...     journal.begin(header, [PlanRow(0, "create", "bob"), PlanRow(1, "create", "nidhi")])
    ...     journal.intend(header.run_id, 0, [0], server_time=None)
    ...     [verdict.outcome for verdict in journal.verdicts(header.run_id)]
    ['unknown', 'not_sent']
    """

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self.path = path
        self._db = db
        self._now = now
        self._pid = os.getpid()
        self._mutex = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, now: Callable[[], datetime] | None = None) -> Self:
        """Open the journal, or make it, and prove with a real write that the disk takes it.

        `read_only` needs neither that nor the lock, and works while a run is under way; a journal that does not exist
        reads as an empty one. Raises JournalError.
        """
        opener = open_for_reading if read_only else open_for_writing
        with explained(path, "opened"):
            journal = cls(path, opener(path, timeout_s=_OPENING_TIMEOUT_S), now or (lambda: datetime.now(UTC)))
        if not read_only:
            journal._prove()
        return journal

    def close(self) -> None:
        """Let go of the file; harmless when it was closed before, or in a forked child."""
        if os.getpid() == self._pid:
            with self._mutex, explained(self.path, "closed"):
                self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def lock(self, run_id: str) -> Iterator[None]:
        """Hold the account for one run; a second one is refused at once with a RunLockedError that names this one.

        Who takes the lock writes the name down in the same transaction, so whoever is refused reads the right one.
        """
        free = self._take(run_id)
        try:
            yield
        finally:
            if os.getpid() == self._pid:
                free()

    def begin(self, run: RunHeader, rows: Sequence[PlanRow]) -> None:
        """Write down a run and all its rows, with their before-images, in one transaction."""
        values = attrgetter(*_PLAN_FIELDS)
        with self._writing() as db:
            number = db.execute(
                "INSERT INTO runs VALUES (NULL, ?, ?, NULL, 'begun', ?, ?, ?, ?, ?)",
                (
                    run.run_id,
                    run.started.isoformat(),
                    run.action,
                    run.account_sid,
                    run.base_url,
                    msgspec.json.encode(run.options).decode(),
                    len(rows),
                ),
            ).lastrowid
            marks = ", ".join("?" * len(_PLAN_FIELDS))
            lines = ((number, *map(_cell, values(row))) for row in rows)
            db.executemany(f"INSERT INTO plan VALUES (?, {marks})", lines)  # noqa: S608 - marks only

    def reopen(self, run_id: str) -> None:
        """Mark a run as under way again, before a resume."""
        self._mark(run_id, "begun", None)

    def end(self, run_id: str, state: Literal["finished", "interrupted", "stopped"]) -> None:
        """Write down that a run is over, and how."""
        self._mark(run_id, state, self._now())

    def intend(self, run_id: str, chunk: int, rows: Sequence[int], *, server_time: datetime | None) -> None:
        """Write down that these rows are about to be sent, before *each* sending; on the disk when this returns.

        `server_time` is the newest `Date` of the service's answers so far. A row that has its verdict is refused.
        """
        when = _cell(server_time)
        with self._writing() as db:
            run = self._number(run_id)
            touched = db.executemany(_INTEND, [(run, row, chunk, when) for row in rows]).rowcount
            if touched != len(rows):
                raise JournalError(f"Chunk {chunk} of run {run_id} has rows that are settled already: not sent again.")
            db.executemany(_LOG_INTENT, [(self._stamp(), when, run, row) for row in rows])

    def answer(self, run_id: str, chunk: int | None, verdicts: Sequence[Verdict]) -> None:
        """Write down what became of rows (`chunk` is None for rows that were never to be sent); on the disk on return.

        The last verdict counts, but none is replaced by a weaker one: `unknown` and `not_sent` never by-pass what is
        settled, and `not_sent` does not undo that an earlier sending may have been carried out.
        """
        values = attrgetter(*_ANSWER_FIELDS)
        with self._writing() as db:
            run, at = self._number(run_id), self._stamp()
            for verdict in verdicts:
                event = db.execute(_LOG_ANSWER, (at, run, *map(_cell, values(verdict)))).lastrowid
                where = verdict.chunk if chunk is None else chunk
                weight = _WEIGHT.get(verdict.outcome, _SETTLED)
                db.execute(_ANSWER, (run, verdict.row, where, verdict.outcome, event, weight))

    def runs(self) -> list[RunInfo]:
        """Return every run, the newest first, with a count of rows for each outcome."""
        with self._reading() as db:
            counts: dict[int, dict[str, int]] = {}
            for run, outcome, count in db.execute(
                "SELECT run, coalesce(outcome, 'unknown'), count(*) FROM states GROUP BY 1, 2"
            ):
                counts.setdefault(run, {})[outcome] = count
            return [_info(line, counts.get(line[0], {})) for line in db.execute("SELECT * FROM runs ORDER BY run DESC")]

    def find(self, run_id: str | None = None) -> RunInfo:
        """Return one run: the newest, or the one whose id is, or begins unambiguously with, `run_id`."""
        runs = self.runs()
        matches = [run for run in runs if run_id is None or run.run_id.startswith(run_id)]
        exact = [run for run in runs if run.run_id == run_id] or matches[: 1 if run_id is None else None]
        if len(exact) == 1:
            return exact[0]
        there = ", ".join(run.run_id for run in (matches or runs)[:10]) or "none"
        wanted = "There is no run yet" if run_id is None else f"{len(matches)} runs begin with {run_id!r}"
        raise JournalError(f"{wanted} in the journal {self.path}; the runs to choose from: {there}.")

    def plan_rows(self, run_id: str) -> list[PlanRow]:
        """Return what a run was asked to do, in the caller's order."""
        query = f'SELECT {_PLAN_COLUMNS} FROM plan WHERE run = ? ORDER BY "row"'  # noqa: S608 - our own names
        with self._reading() as db:
            return [_plan_row(line) for line in db.execute(query, (self._number(run_id),))]

    def verdicts(self, run_id: str) -> list[Verdict]:
        """Return one verdict for every planned row, in the caller's order.

        Intended and not answered is `unknown`; never intended is `not_sent`. Dates are ISO 8601 texts.
        """
        with self._reading() as db:
            return [_verdict(line, run_id) for line in db.execute(_VERDICTS, (self._number(run_id),))]

    def open_work(self, run_id: str) -> tuple[list[InFlight], list[PlanRow]]:
        """Return what a resume has to settle, by chunk, and what it has to send, in the caller's order."""
        with self._reading() as db:
            lines = db.execute(_OPEN, (self._number(run_id),)).fetchall()
            sent = [line for line in lines if line[3] is not None and line[2] == "unknown"]
            unsent = [_plan_row(line[4:]) for line in lines if line[3] is None or line[2] == "not_sent"]
            in_flight = [
                InFlight(chunk, instant(when), [_plan_row(line[4:]) for line in group])
                for (chunk, when), group in groupby(sent, lambda line: line[:2])
            ]
        return in_flight, sorted(unsent, key=lambda row: row.row)

    def first_intent(self, run_id: str, row: int) -> datetime | None:
        """Return what the service's clock said at the latest before a row was *first* sent (None: not known).

        Anything the row created was created at that second or later: the bound that stays safe after any re-sending.
        """
        with self._reading() as db:
            query = 'SELECT first_server_time FROM states WHERE run = ? AND "row" = ?'
            line = db.execute(query, (self._number(run_id), row)).fetchone()
            return instant(line[0]) if line else None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        self._check_process()
        with self._mutex, explained(self.path, "read"):
            yield self._db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._check_process()
        with self._mutex, explained(self.path, "written"), transaction(self._db):
            yield self._db

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise JournalError(
                f"The journal {self.path} was opened by process {self._pid}, and SQLite files don't survive a fork: "
                "open it anew in this process."
            )

    def _number(self, run_id: str) -> int:
        line = self._db.execute("SELECT run FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        if line is None:
            raise JournalError(f"There is no run {run_id} in the journal {self.path}: list_runs shows what there is.")
        return int(line[0])

    def _mark(self, run_id: str, state: str, ended: datetime | None) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE runs SET state = ?, ended = ? WHERE run = ?", (state, _cell(ended), self._number(run_id))
            )

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    def _prove(self) -> None:
        try:
            with self._writing() as db:
                db.execute("REPLACE INTO probe VALUES (1, ?)", (self._stamp(),))
        except BaseException:
            self.close()
            raise

    def _take(self, run_id: str) -> Callable[[], None]:
        with self._mutex, explained(self.path, "locked"):
            try:
                with transaction(self._db):
                    free = try_lock(self.path.with_name(f"{self.path.name}.lock"))
                    if free is None:
                        raise self._refusal()
                    holder = (run_id, os.getpid(), socket.gethostname(), self._stamp())
                    self._db.execute("REPLACE INTO holder VALUES (1, ?, ?, ?, ?)", holder)
                self._db.execute(f"PRAGMA busy_timeout = {_RUNNING_TIMEOUT_S * 1000:.0f}")
            except sqlite3.Error as error:
                raise (self._refusal() if is_busy(error) else error) from None
        return free

    def _refusal(self) -> RunLockedError:
        line = self._db.execute("SELECT run_id, pid, host, since FROM holder").fetchone()
        who = "Run {} (process {} on {}, since {})".format(*line) if line else "Another run"
        return RunLockedError(
            f"{who} is under way on this account; nothing was sent. Wait until it ends, or stop it, then run again."
        )


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _plan_row(line: Sequence[Any]) -> PlanRow:
    return PlanRow(*(*line[:-1], instant(line[-1])))


def _verdict(line: Sequence[Any], run_id: str) -> Verdict:
    size = len(_ANSWER_FIELDS)
    row, name, action, chunk, intents = line[size:]
    if line[0] is not None:
        return Verdict(**dict(zip(_ANSWER_FIELDS, line, strict=False)) | {"chunk": chunk}, run_id=run_id)
    outcome, message = ("unknown", _IN_FLIGHT) if intents else ("not_sent", _UNSENT)
    return Verdict(
        row=row,
        chunk=chunk,
        subscriber_name=name,
        action=action,
        outcome=outcome,
        error_message=message,
        attempts=intents or 0,
        run_id=run_id,
    )


def _info(line: Sequence[Any], counts: Mapping[str, int]) -> RunInfo:
    run_id, started, ended, state, action, account_sid, base_url, options, rows = line[1:]
    known = {outcome: counts.get(outcome, 0) for outcome in OUTCOMES}
    known["not_sent"] += rows - sum(counts.values())
    return RunInfo(
        run_id=run_id,
        started=datetime.fromisoformat(started),
        ended=instant(ended),
        action=action,
        account_sid=account_sid,
        base_url=base_url,
        rows=rows,
        state=state,
        options=msgspec.json.decode(options),
        **known,
    )
