"""Ten quick Ctrl-Cs are one, and whatever shows the progress may fail: the verdicts come all the same."""

from __future__ import annotations

import signal
import threading

import pytest

from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs.context import StopSignal
from exotel_frames.runs.interrupts import IGNORED_S, one_interrupt
from exotel_frames.runs.runner import chunks_of, run_chunks

CHUNKS = chunks_of([PlanRow(row, "create", f"n{row}") for row in range(30)])


@pytest.fixture(autouse=True)
def usual_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def verdict(row, outcome):
    return Verdict(row=row.row, subscriber_name=row.subscriber_name, action="create", outcome=outcome)


def carried_out(work, **options):
    stop_signal = StopSignal()
    found = run_chunks(
        CHUNKS,
        work,
        unfinished=lambda _chunk, row, under_way: verdict(row, "unknown" if under_way else "not_sent"),
        stop_signal=stop_signal,
        workers=1,
        **options,
    )
    return [found[row].outcome for row in range(30)], stop_signal


def done(chunk):
    return [verdict(row, "done") for row in chunk.rows]


def test_of_ten_quick_interrupts_the_first_one_counts():
    moments = iter([0.0] + [second / 30 for second in range(1, 10)])
    raised = 0
    with one_interrupt(lambda: next(moments)):
        for _ in range(10):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                raised += 1
    assert raised == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_long_after_the_first_one_counts_again():
    moments = iter([0.0, IGNORED_S])
    with one_interrupt(lambda: next(moments)):
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)


def test_nobodys_own_handler_is_replaced():
    mine = signal.signal(signal.SIGINT, lambda *_: None) and signal.getsignal(signal.SIGINT)
    with one_interrupt():
        assert signal.getsignal(signal.SIGINT) is mine


def test_in_another_thread_nothing_is_installed():
    seen = []

    def look():
        with one_interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_ten_quick_interrupts_of_a_run_that_hangs_still_give_its_verdicts():
    hangs, never = threading.Event(), threading.Event()

    def work(chunk):
        if chunk.number == 1:
            hangs.set()
            never.wait(30)
        return done(chunk)

    def strike():
        if hangs.is_set():
            signal.raise_signal(signal.SIGINT)

    with one_interrupt():
        outcomes, stop_signal = carried_out(work, on_tick=strike)
    never.set()
    assert outcomes == ["done"] * 10 + ["unknown"] * 10 + ["not_sent"] * 10
    assert isinstance(stop_signal.problem, KeyboardInterrupt)


@pytest.mark.parametrize("problem", [BrokenPipeError(), ValueError("closed"), AttributeError("no stderr")])
def test_a_progress_function_that_fails_stops_the_run_in_good_order(problem):
    def fail(_):
        raise problem

    outcomes, stop_signal = carried_out(done, on_verdicts=fail)
    assert outcomes[:10] == ["done"] * 10
    assert set(outcomes) <= {"done", "not_sent"}
    assert stop_signal.problem is problem


def test_a_run_without_progress_keeps_what_was_finished_before_a_ctrl_c_that_waits_for_nothing():
    struck, never = threading.Event(), threading.Event()

    def work(chunk):
        if chunk.number == 2:
            struck.set()
            never.wait(30)
        return done(chunk)

    def strike():
        if struck.is_set():
            signal.raise_signal(signal.SIGINT)

    with one_interrupt():
        outcomes, _ = carried_out(work, on_tick=strike, drain=False)
    never.set()
    assert outcomes == ["done"] * 20 + ["unknown"] * 10
