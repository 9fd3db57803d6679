"""Ctrl-C at every moment of a run, by real signals: what is told is true, and a resume finishes it."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import sys
import threading
from collections import Counter

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.operations import engine, execute
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.runs import runner
from exotel_frames.runs.journal import database, journal, statements
from tests.gate import gated

OURS = {module.__file__ for module in (engine, execute, journal, database, statements, runner)}
ROWS = 12


@pytest.fixture(scope="module")
def box():
    with ef.Sandbox(subscribers=5, seed=5) as box:
        yield box


def sheet(prefix):
    names = [f"{prefix}n{row}" for row in range(ROWS - 1)]
    return pd.DataFrame({"subscriber_name": [*names, "not legal"], "custom_field": "team"})


@contextlib.contextmanager
def struck_at(nth, hits):
    """Send this process a real SIGINT at the nth moment at which the run's main thread can notice one."""
    moments = 0

    def strike(frame, event, _):
        nonlocal moments
        if event == "c_call" or frame.f_code.co_filename not in OURS:
            return
        moments += 1
        if moments == nth:
            sys.setprofile(None)
            hits.append((frame.f_code.co_name, event))
            signal.raise_signal(signal.SIGINT)

    with at_moments(strike):
        yield


@contextlib.contextmanager
def at_moments(strike):
    before = sys.getprofile(), signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.setprofile(strike)
    try:
        yield
    finally:
        sys.setprofile(before[0])
        signal.signal(signal.SIGINT, before[1])


@contextlib.contextmanager
def struck_in(name):
    """Send this process a real SIGINT when the function of this name begins."""

    def strike(frame, event, _):
        if event == "call" and frame.f_code.co_name == name and frame.f_code.co_filename in OURS:
            sys.setprofile(None)
            signal.raise_signal(signal.SIGINT)

    with at_moments(strike):
        yield


def assert_created_once(box, prefix, outcomes):
    by_us = Counter(name for entry in box.log if entry.call == "create" for name in entry.committed)
    for name, outcome in outcomes.items():
        times = by_us[name] if name.startswith(prefix) else 0
        assert times == (outcome == "done") or (outcome == "unknown" and times < 2), (name, outcome, times)


def interrupted_once(box, nth) -> bool:
    """Strike one run and look at what it says; False: it was over before the nth moment."""
    client, prefix, hits = box.connect(workers=2), f"r{nth}", []
    client.list_page(page_size=1)
    known = set(ef.list_runs(client)["run_id"])
    stopped: BaseException | None = None
    try:
        with struck_at(nth, hits):
            ef.create_subscribers(client, sheet(prefix), progress=False)
    except KeyboardInterrupt as told:
        stopped = told  # kept, as a notebook keeps the last error: what it holds must not lock anybody out
    if not hits:
        return False
    begun = set(ef.list_runs(client)["run_id"]) - known
    if isinstance(stopped, ef.RunInterrupted):
        assert begun == {stopped.run_id}, hits
        assert stopped.results["row"].tolist() == list(range(ROWS)), hits
        assert stopped.results["outcome"].iloc[-1] == "invalid", hits
        outcomes = stopped.results.set_index("subscriber_name")["outcome"].to_dict()
        assert_created_once(box, prefix, outcomes)
        if set(outcomes.values()) & {"unknown", "not_sent"}:
            assert stopped.run_id in str(stopped)
    elif begun:  # it was all over: only the way out was cut short
        assert not ef.read_results(client, *begun)["outcome"].isin(["unknown", "not_sent"]).any(), hits
    else:
        assert not any(name.startswith(prefix) for entry in box.log for name in entry.names), hits
        return True
    results = ef.resume_run(client, begun.pop(), progress=False)
    assert results["outcome"].tolist() == ["done"] * (ROWS - 1) + ["invalid"], hits
    assert_created_once(box, prefix, results.set_index("subscriber_name")["outcome"].to_dict())
    return True


def sweep(box, step):
    nth = 1
    while interrupted_once(box, nth):
        nth += step
    assert nth > 150


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_at_some_moments_of_a_run_tells_every_row_and_can_be_resumed(box):
    sweep(box, step=57)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_at_every_moment_of_a_run_tells_every_row_and_can_be_resumed(box):
    sweep(box, step=1)


def test_ctrl_c_before_the_first_sending_is_an_interrupted_run_with_every_row_not_sent(box):
    client = box.connect()

    client.list_page(page_size=1)
    with pytest.raises(ef.RunInterrupted) as told, struck_in("carry_out_run"):
        ef.create_subscribers(client, sheet("early"), progress=False)
    assert told.value.results["outcome"].tolist() == ["not_sent"] * (ROWS - 1) + ["invalid"]
    assert f"ef.resume_run(client, {told.value.run_id!r})" in str(told.value)
    assert not any(name.startswith("early") for entry in box.log for name in entry.names)


def test_ctrl_c_before_there_is_a_run_stays_what_it_is(box):
    client = box.connect()
    runs = len(ef.list_runs(client))
    with pytest.raises(KeyboardInterrupt) as told, struck_at(1, []):
        ef.create_subscribers(client, sheet("none"), progress=False)
    assert not isinstance(told.value, ef.RunInterrupted)
    assert len(ef.list_runs(client)) == runs


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_is_heard_while_another_program_writes_to_the_journal(box):
    """SQLite's own waiting can't be stopped; the other program lets go when the test is over, or after ten seconds."""
    over, let_go = threading.Event(), []

    def strike_when_held(step):
        if step.done and not let_go:
            let_go.append(False)
            other = sqlite3.connect(journal_file(client.settings), isolation_level=None, check_same_thread=False)
            other.execute("PRAGMA busy_timeout = 5000")
            other.execute("BEGIN IMMEDIATE")

            def hold():
                let_go[0] = not over.wait(10)
                other.close()

            threading.Thread(target=hold).start()
            gate.open()  # from here on no answer can be written down
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with gated(box, "POST", 2, workers=2) as (client, gate):
        client.list_page(page_size=1)
        ef.create_subscribers(client, sheet("held").head(1), progress=False)
        try:
            rows = pd.DataFrame({"subscriber_name": [f"busy{row}" for row in range(60)]})
            with pytest.raises(ef.RunInterrupted) as told:
                ef.create_subscribers(client, rows, progress=strike_when_held)
            assert let_go == [False]
            assert "not_sent" in set(told.value.results["outcome"]) <= {"done", "unknown", "not_sent"}
        finally:
            over.set()
            signal.signal(signal.SIGINT, before)
        assert ef.resume_run(client, told.value.run_id, progress=False)["outcome"].tolist() == ["done"] * 60
