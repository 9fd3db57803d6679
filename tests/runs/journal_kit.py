"""What the journal's tests share: a run's header, rows and verdicts, and child processes that can be killed."""

import contextlib
import multiprocessing
import random
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

from exotel_frames.errors import JournalError
from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs.journal import Journal, RunHeader

START = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
SERVER = datetime(2026, 11, 23, 18, 14, 50, tzinfo=UTC)
RUN = "20261123-181500-3f9a"
ROWS = 200
"""How many rows the runs have that are killed."""

methods = multiprocessing.get_all_start_methods()
processes = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
if "forkserver" in methods:
    # Imported once, in the server: otherwise each child imports pytest, only because it is the main module here.
    processes.set_forkserver_preload(["__main__", "pytest", "exotel_frames.runs.journal"])


def header(run_id=RUN, **options):
    return RunHeader(run_id, START, "create", "acme1", "https://chaotix.mum1.exotel.in", options)


def creates(count):
    return [PlanRow(row, "create", f"name{row}", status="active", custom_field=f"team {row}") for row in range(count)]


def verdict(row, outcome="done", **fields):
    return Verdict(row=row, subscriber_name=f"name{row}", action="create", outcome=outcome, **fields)


def ticking():
    """A clock that moves one second at each look."""
    moments = (START + timedelta(seconds=second) for second in range(1_000_000))
    return lambda: next(moments)


def outcomes(journal, run_id=RUN):
    return [verdict.outcome for verdict in journal.verdicts(run_id)]


def integrity(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA integrity_check").fetchall()


def run_until_killed(path, run_id, seed, pipe):
    """A run of ROWS rows in 4 threads that says what it was promised; whoever started it kills it."""
    chances = random.Random(seed)
    voice = threading.Lock()

    def say(*words):
        with voice:
            pipe.send(words)

    def chunks(numbers):
        for chunk in numbers:
            rows = range(chunk * 10, chunk * 10 + 10)
            journal.record_intent(run_id, chunk, rows, server_time=SERVER)
            say("intended", chunk)
            if chances.random() < 0.9:
                journal.record_results(run_id, chunk, [verdict(row) for row in rows])
                say("answered", chunk)

    with Journal.open(path) as journal, journal.lock(run_id):
        journal.begin(header(run_id), creates(ROWS))
        say("begun", 0)
        workers = [threading.Thread(target=chunks, args=(range(first, ROWS // 10, 4),)) for first in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        journal.end(run_id, "finished")
        say("ended", 0)


def hold(path, run_id, pipe):
    """Hold the lock until killed, or told to let go."""
    with Journal.open(path) as journal, journal.lock(run_id):
        journal.begin(header(run_id), creates(20))
        pipe.send("held")
        pipe.recv()


def try_to_lock(path, run_id, pipe):
    """Say what becomes of a second run."""
    try:
        with Journal.open(path) as journal, journal.lock(run_id):
            pipe.send("locked")
    except JournalError as error:
        pipe.send(f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def child(target, *args):
    """A process of its own, and the pipe to it; killed at the end."""
    ours, theirs = processes.Pipe()
    process = processes.Process(target=target, args=(*args, theirs))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def heard(pipe):
    """Everything that was said before the end of the pipe."""
    while True:
        try:
            yield pipe.recv()
        except (EOFError, OSError):
            return
