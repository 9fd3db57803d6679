"""Ctrl-C at every step of a request's turn: nobody behind it ever waits for a place that nobody stands at."""

import sys

import pytest

from exotel_frames.api.rate_limit import estimate, limiter, quota, window
from exotel_frames.api.rate_limit.limiter import Clock, Limiter, Slot

OURS = {module.__file__ for module in (estimate, limiter, quota, window)}
LIMIT = 3


class HangError(Exception):
    """Somebody would wait for what never comes."""


class Time:
    """A clock that moves by hand; whoever waits for news waits in vain, since there is nobody else."""

    def __init__(self):
        self.now_s = 0.0

    def clock(self):
        return Clock(now=lambda: self.now_s, wait=self._wait)

    def _wait(self, condition, seconds):
        if seconds == float("inf"):
            raise HangError
        self.now_s += seconds


def limiter_of(time):
    return Limiter(requests_per_minute=LIMIT, clock=time.clock())


def test_a_slot_that_is_dropped_before_its_with_holds_up_nobody():
    limiter = limiter_of(Time())
    slot = limiter.slot()
    del slot
    for _ in range(2 * LIMIT):
        with limiter.slot() as slot:
            slot.on_answer({}, 200)


def test_a_slot_that_is_dropped_may_have_been_sent_and_counts_for_a_minute():
    limiter = limiter_of(Time())
    for _ in range(LIMIT):
        limiter.slot()
    assert limiter.slot().waited_s == pytest.approx(60.1)


def test_a_place_in_the_queue_that_is_dropped_is_nobodys_any_more():
    limiter = limiter_of(Time())
    slot = Slot(limiter)
    slot.place = object()
    limiter._queue.append(slot.place)
    del slot
    limiter.slot().on_not_sent()
    assert not limiter._queue


def struck(nth, work):
    """Do the work, with a KeyboardInterrupt at the nth moment at which a signal can come; False: it had fewer."""
    moments = 0

    def strike(frame, event, _):
        nonlocal moments
        # A signal is looked for when a function begins and after a call; one in `__del__` is only printed, by Python.
        if event == "c_call" or frame.f_code.co_filename not in OURS or frame.f_code.co_name == "__del__":
            return
        moments += 1
        if moments == nth:
            sys.setprofile(None)
            raise KeyboardInterrupt

    before = sys.getprofile()
    sys.setprofile(strike)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(before)
    return False


def use_all_places(limiter):
    for _ in range(2 * LIMIT):  # the second half waits for the first
        with limiter.slot() as slot:
            slot.on_answer({"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "2"}, 200)


def leave_without_a_word(limiter):
    for _ in range(2):
        with limiter.slot():
            pass


def send_nothing(limiter):
    for _ in range(2):
        with limiter.slot() as slot:
            slot.on_not_sent()


def refused_then_probe(limiter):
    for code in (429, 200, 429, 429, 200):
        with limiter.slot() as slot:
            slot.on_answer({"Retry-After": "1"}, code)


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("work", [use_all_places, leave_without_a_word, send_nothing, refused_then_probe])
def test_ctrl_c_at_any_moment_of_a_turn_leaves_a_limiter_that_works(work, every):
    nth = 0
    while True:
        nth += every
        time = Time()
        limiter = limiter_of(time)
        if not struck(nth, lambda limiter=limiter: work(limiter)):
            break
        for _ in range(2 * LIMIT):
            with limiter.slot() as slot:  # HangError, if anything is held for ever
                slot.on_answer({}, 200)
        assert limiter._quota._log.in_flight == 0, nth
        assert not limiter._queue, nth
        assert not limiter._quota._estimate._under_way, nth
        assert not limiter._lock.locked(), nth
    assert nth > 50
