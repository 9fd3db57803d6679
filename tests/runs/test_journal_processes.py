"""Several processes on one journal, and processes that die."""

import contextlib
import os
import random
import sqlite3
import threading
import time
from datetime import datetime

import pytest

from exotel_frames.errors import JournalError, RunLockedError
from exotel_frames.runs.journal import Journal
from tests.runs.journal_kit import (
    ROWS,
    RUN,
    child,
    creates,
    header,
    heard,
    hold,
    integrity,
    outcomes,
    processes,
    run_until_killed,
    try_to_lock,
)
from tests.runs.wording import BUSY_FILE

OTHER = "20261123-181501-0000"


def kill_often(path, kills, seed):
    """Kill runs at random points; return how many had been promised something, and were not finished."""
    chances = random.Random(seed)
    midway = 0
    for number in range(kills):
        run_id = f"run-{number:04d}"
        with child(run_until_killed, path, run_id, chances.random()) as (process, pipe):
            said = []
            patience = chances.randrange(2 * ROWS // 10 + 4)
            for words in heard(pipe):
                said.append(words)
                if len(said) > patience:
                    break
            process.kill()
            said += heard(pipe)
            process.join()
        midway += ("begun", 0) in said and ("ended", 0) not in said
        check_promises(path, run_id, said)
    return midway


def check_promises(path, run_id, said):
    """Whatever was said to be written is there; the file is sound; the lock is free."""
    assert integrity(path) == [("ok",)]
    with Journal.open(path, read_only=True) as journal:
        if ("begun", 0) in said:
            found = outcomes(journal, run_id)
            assert len(found) == ROWS
            answered = {chunk for word, chunk in said if word == "answered"}
            intended = {chunk for word, chunk in said if word == "intended"}
            assert all(found[row] == "done" for chunk in answered for row in range(chunk * 10, chunk * 10 + 10))
            # What was answered a moment before the kill may be written and not said; it is never `not_sent`.
            assert all(
                found[row] in ("done", "unknown") for chunk in intended for row in range(chunk * 10, chunk * 10 + 10)
            )
            in_flight, unsent = journal.open_work(run_id)
            open_rows = {row.row for part in in_flight for row in part.rows} | {row.row for row in unsent}
            assert open_rows == {row for row, outcome in enumerate(found) if outcome != "done"}
    with Journal.open(path) as journal, journal.lock(OTHER):
        pass


def test_thirty_kills_lose_nothing_that_was_promised(tmp_path):
    assert kill_often(tmp_path / "acme1.sqlite3", 30, seed=1) >= 20


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_kills_lose_nothing_that_was_promised(tmp_path, seed):
    assert kill_often(tmp_path / "acme1.sqlite3", 50, seed=seed) >= 30


def test_a_second_process_is_refused_at_once_and_told_who_holds_the_account(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with child(hold, path, RUN) as (holder, held):
        assert held.recv() == "held"
        with child(try_to_lock, path, OTHER) as (_, answer):
            told = answer.recv()
        named = f"{RUN} (process {holder.pid} on {os.uname().nodename}, since "
    assert told.startswith("RunLockedError: ")
    assert named in told
    since = told.split("since ")[1].split(")")[0]
    assert datetime.fromisoformat(since).tzinfo is not None


def refused(journal, by=RUN):
    """Try to run beside another run."""
    with pytest.raises(RunLockedError, match=by), journal.lock(OTHER):
        pytest.fail("two runs at once")


@pytest.mark.parametrize("writing", [False, True])
def test_a_refusal_takes_less_than_a_second_even_while_a_long_plan_is_written(tmp_path, writing):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal, journal.lock(RUN):
        with journal._for_writing() if writing else contextlib.nullcontext():
            start = time.monotonic()
            with Journal.open(path) as second:
                refused(second)
            assert time.monotonic() - start < 1
        journal.begin(header(), creates(3))


def test_the_lock_is_free_the_moment_its_holder_is_killed(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with child(hold, path, RUN) as (process, pipe):
        assert pipe.recv() == "held"
        with Journal.open(path) as journal:
            refused(journal, by=f"process {process.pid} on ")
        process.kill()
        process.join()
        with Journal.open(path) as journal, journal.lock(OTHER):
            assert outcomes(journal) == ["not_sent"] * 20


def test_another_thread_and_another_journal_of_the_same_process_are_refused_too(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    tried = []

    def try_it(journal):
        refused(journal)
        tried.append(journal)

    with Journal.open(path) as first, Journal.open(path) as second, first.lock(RUN):
        threads = [threading.Thread(target=try_it, args=(journal,)) for journal in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(tried) == {first, second}


def test_the_lock_is_free_after_the_run_whatever_ended_it(tmp_path):
    with Journal.open(tmp_path / "acme1.sqlite3") as journal:
        with pytest.raises(KeyboardInterrupt), journal.lock(RUN):
            raise KeyboardInterrupt
        with journal.lock(OTHER):
            pass
        with journal.lock(RUN):
            pass


def test_a_refusal_names_the_present_holder_and_not_an_earlier_one(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as first, Journal.open(path) as second:
        with second.lock(OTHER):
            pass
        with first.lock(RUN):
            refused(second)


def test_a_file_that_is_busy_without_a_run_is_not_called_a_run(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal, Journal.open(path) as second:
        with journal.lock(RUN):
            pass
        with journal._for_writing(), pytest.raises(JournalError, match=BUSY_FILE) as caught:
            second.lock(OTHER).__enter__()
        assert not isinstance(caught.value, RunLockedError)
        with second.lock(OTHER):
            pass


def test_a_run_under_way_waits_for_those_who_look_in_and_a_stopped_one_does_not(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal, contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        with journal.lock(RUN):
            journal.begin(header(), creates(1))
            asked = []

            def is_stopped():
                asked.append(1)
                if len(asked) == 1:
                    other.execute("ROLLBACK")
                return len(asked) > 1

            journal.is_stopped = is_stopped
            other.execute("BEGIN IMMEDIATE")
            journal.end(RUN, "finished")  # which has waited
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalError, match=BUSY_FILE):
                journal.end(RUN, "stopped")
            other.execute("ROLLBACK")
        assert len(asked) == 2


def test_two_accounts_run_side_by_side(tmp_path):
    with Journal.open(tmp_path / "a") as one, Journal.open(tmp_path / "b") as two, one.lock(RUN), two.lock(RUN):
        one.begin(header(), creates(1))
        two.begin(header(), creates(2))
        assert (len(one.verdicts(RUN)), len(two.verdicts(RUN))) == (1, 2)


def test_only_one_of_many_that_start_together_gets_the_account(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    barrier = threading.Barrier(8)
    won, lost = [], []

    def start(number):
        with Journal.open(path) as journal:
            barrier.wait()
            try:
                with journal.lock(f"run{number}"):
                    won.append(number)
                    barrier.wait()
            except RunLockedError:
                lost.append(number)
                barrier.wait()

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)


def in_fork(work):
    """Fork, work in the child, and return what it said; the child leaves as an interpreter does, closing everything."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, work().encode())
        finally:
            os.close(writing)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="forking is POSIX's")
no_threads = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")


@fork
@no_threads
def test_a_forked_child_can_not_use_the_journal_of_its_parent(tmp_path):
    with Journal.open(tmp_path / "acme1.sqlite3") as journal:
        journal.begin(header(), creates(2))

        def use():
            said = []
            for verb in (journal.runs, lambda: journal.end(RUN, "finished"), lambda: journal.lock(OTHER).__enter__()):
                try:
                    verb()
                except JournalError as error:
                    said.append("open it again" in str(error))
            journal.close()
            return repr(said)

        assert in_fork(use) == "[True, True, True]"
        assert journal.find().state == "begun"


@fork
@no_threads
def test_a_forked_child_that_leaves_the_run_or_closes_its_files_frees_nothing(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal, Journal.open(path) as second:
        lock = journal.lock(RUN)
        lock.__enter__()
        journal.begin(header(), creates(2))

        def leave():
            lock.__exit__(None, None, None)
            journal._db.close()
            return "left"

        assert in_fork(leave) == "left"
        refused(second)
        journal.record_intent(RUN, 0, [0], server_time=None)
        lock.__exit__(None, None, None)
        assert outcomes(second) == ["unknown", "not_sent"]
    assert integrity(path) == [("ok",)]


def hold_with_a_child(path, pipe):
    """Hold the lock, and fork a child that outlives the holder."""
    with Journal.open(path) as journal, journal.lock(RUN):
        if (pid := os.fork()) == 0:
            pipe.recv()
            os._exit(0)
        pipe.send(pid)
        threading.Event().wait()


@fork
def test_a_child_that_outlives_a_killed_run_does_not_keep_the_lock(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with child(hold_with_a_child, path) as (process, pipe):
        orphan = pipe.recv()
        process.kill()
        process.join()
        os.kill(orphan, 0)
        with Journal.open(path) as journal, journal.lock(OTHER):
            pass
        pipe.send("leave")


def test_children_are_started_from_a_clean_process():
    assert processes.get_start_method() in ("forkserver", "spawn")
