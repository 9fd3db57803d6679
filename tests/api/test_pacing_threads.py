"""The limiter under real threads: its queue, its sleepers, its listeners, and who shares it."""

import gc
import math
import signal
import sys
import threading
from queue import Queue

import pytest

from exotel_frames.api.rate_limit.limiter import REAL_CLOCK, Clock, Limiter, limiter_for
from exotel_frames.errors import NotSentError
from tests.api.pacing_world import Server, World
from tests.api.wording import PAUSE

PATIENCE_S = 10.0


class Stage:
    """A clock that stands still, and says when somebody goes to sleep; sleepers wake by news only, never by time."""

    def __init__(self):
        self.now_s = 0.0
        self.asleep = Queue()
        self.interrupt_next = False

    def clock(self):
        return Clock(now=lambda: self.now_s, wait=self._wait)

    def _wait(self, condition, seconds):
        self.asleep.put(seconds)
        assert condition.wait(PATIENCE_S), "nobody woke the sleeper"
        if self.interrupt_next:
            self.interrupt_next = False
            raise KeyboardInterrupt

    def wait_for_sleepers(self, number):
        return [self.asleep.get(timeout=PATIENCE_S) for _ in range(number)]


def full(stage, places=1):
    """A limiter of so many a minute, all taken."""
    limiter = Limiter(requests_per_minute=places, clock=stage.clock())
    slots = []
    for _ in range(places):
        slots.append(limiter.slot())
        slots[-1].on_answer({}, 200)
    return limiter


def run(target, *args):
    thread = threading.Thread(target=target, args=args, daemon=True)
    thread.start()
    return thread


def let_all_look(limiter):
    """Let every sleeper look whether to go on, as each does by itself every second."""
    with limiter._lock:
        for place in limiter._queue:
            place.notify()


def test_turns_are_taken_in_the_order_of_asking():
    stage = Stage()
    limiter, order = full(stage), []

    def take(who):
        with limiter.slot() as slot:
            order.append(who)
            slot.on_not_sent()

    threads = []
    for who in range(16):
        threads.append(run(take, who))
        stage.wait_for_sleepers(1)
    stage.now_s = 61.0
    let_all_look(limiter)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert order == list(range(16))


def test_16_threads_lose_no_wake_up_and_never_hold_more_than_the_limit():
    limiter = Limiter(requests_per_minute=5, clock=Clock(wait=lambda condition, _: condition.wait(PATIENCE_S)))
    holding, most, lock, done = 0, [], threading.Lock(), []

    def work():
        nonlocal holding
        for _ in range(200):
            slot = limiter.slot()
            with lock:
                holding += 1
                most.append(holding)
            with lock:
                holding -= 1
            slot.on_not_sent()
        done.append(True)

    threads = [run(work) for _ in range(16)]
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(done) == 16
    assert max(most) <= 5


def test_a_stop_wakes_every_sleeper_and_nothing_is_sent():
    stage = Stage()
    limiter, stop, errors = full(stage), threading.Event(), []

    def take():
        try:
            limiter.slot(stop=stop)
        except NotSentError as error:
            errors.append(error)

    threads = [run(take) for _ in range(8)]
    stage.wait_for_sleepers(8)
    stop.set()
    let_all_look(limiter)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert [error.attempts for error in errors] == [0] * 8
    stage.now_s = 61.0
    limiter.slot().on_not_sent()


def test_a_stop_reaches_a_sleeper_in_the_middle_of_the_queue():
    stage = Stage()
    limiter, stop = full(stage), threading.Event()
    stopped = threading.Event()

    def leave():
        with pytest.raises(NotSentError):
            limiter.slot(stop=stop)
        stopped.set()

    head = run(lambda: limiter.slot().on_not_sent())
    stage.wait_for_sleepers(1)
    run(leave)
    stage.wait_for_sleepers(1)
    stop.set()
    let_all_look(limiter)
    assert stopped.wait(PATIENCE_S)
    stage.now_s = 61.0
    let_all_look(limiter)
    head.join(PATIENCE_S)
    assert not head.is_alive()


def test_a_sleeper_that_is_interrupted_gives_its_place_to_the_next():
    stage = Stage()
    limiter, taken = full(stage), []

    def first():
        with pytest.raises(KeyboardInterrupt):
            limiter.slot()

    threads = [run(first)]
    stage.wait_for_sleepers(1)
    threads.append(run(lambda: taken.append(limiter.slot())))
    stage.wait_for_sleepers(1)
    stage.now_s, stage.interrupt_next = 61.0, True
    limiter.update(lambda quota, now: None)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(taken) == 1


def test_a_place_that_comes_free_wakes_the_next_and_that_one_the_next():
    stage = Stage()
    limiter, taken = Limiter(requests_per_minute=2, clock=stage.clock()), []
    first, second = limiter.slot(), None
    first.on_answer({}, 200)
    second = limiter.slot()
    threads = []
    for _ in range(2):
        threads.append(run(lambda: taken.append(limiter.slot())))
        stage.wait_for_sleepers(1)
    stage.now_s = 61.0
    second.on_not_sent()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(taken) == 2


def test_ctrl_c_ends_a_wait_of_the_main_thread_and_gives_the_place_back():
    about_to_sleep = threading.Event()

    def wait(condition, seconds):
        about_to_sleep.set()
        REAL_CLOCK.wait(condition, seconds)

    limiter = Limiter(requests_per_minute=1, clock=Clock(wait=wait))
    first = limiter.slot()

    def interrupt():
        about_to_sleep.wait(PATIENCE_S)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = run(interrupt)
    with pytest.raises(KeyboardInterrupt):
        limiter.slot()
    thread.join(PATIENCE_S)
    first.on_not_sent()
    limiter.slot().on_not_sent()


def test_an_interrupt_while_a_listener_speaks_gives_the_place_back():
    def shout(waiting):
        if waiting.seconds == 0:
            raise KeyboardInterrupt

    world = World(Server(1))
    world.succeed(1)
    with world.limiter.subscribe(shout), pytest.raises(KeyboardInterrupt):
        world.limiter.slot()
    world.limiter.slot().on_not_sent()
    assert world.limiter.seconds_for(1) == 0.0


def test_real_waits_are_short_enough_for_ctrl_c_on_every_system():
    waited = []

    class Condition:
        def wait(self, seconds):
            waited.append(seconds)

    for seconds in (0.25, 60.0, math.inf):
        REAL_CLOCK.wait(Condition(), seconds)
    assert waited == [0.25, 1.0, 1.0]


def test_a_slot_that_is_left_without_a_word_counts_as_lost():
    stage = Stage()
    limiter = Limiter(requests_per_minute=1, clock=stage.clock())
    with pytest.raises(OSError, match="reset"), limiter.slot():
        raise OSError("reset")
    assert limiter.seconds_for(1) == pytest.approx(60.1)


def test_what_became_of_a_slot_is_said_once():
    limiter = Limiter(requests_per_minute=2, clock=Stage().clock())
    with limiter.slot() as slot:
        slot.on_answer({}, 200)
        slot.on_not_sent()
        slot.on_loss()
    assert limiter.seconds_for(1) == 0.0
    assert limiter.seconds_for(2) == pytest.approx(60.1)


def test_a_slot_knows_how_long_it_was_held_back():
    world = World(Server(1))
    world.succeed(1)
    began_s = world.now_s
    assert world.limiter.slot().waited_s == pytest.approx(world.now_s - began_s)
    assert world.now_s - began_s == pytest.approx(60.1)


def test_a_listener_hears_only_while_its_block_lasts_and_may_ask_the_limiter():
    world, heard = World(Server(2)), []

    def listen(waiting):
        heard.append((waiting.seconds > 0, world.limiter.limit))

    with world.limiter.subscribe(listen), world.limiter.subscribe(listen):
        world.succeed(3)
    world.succeed(3)
    assert heard == [(True, 2)] * 2 + [(False, 2)] * 2


def test_a_pause_that_grows_is_announced_again():
    world = World(Server(10**9, headers=frozenset()), workers=3)
    world.succeed(10)
    slots = [world.limiter.slot() for _ in range(2)]
    world.at(world.now_s, lambda: slots[0].on_answer({"Retry-After": "5"}, 429))
    world.at(world.now_s + 1, lambda: slots[1].on_answer({"Retry-After": "30"}, 429))
    world.step()
    world.limiter.slot()
    pauses = [waiting for _, waiting in world.heard if waiting.reason == PAUSE]
    assert [waiting.seconds for waiting in pauses] == pytest.approx([5.1, 30.1])
    assert [waiting.seconds for _, waiting in world.heard].index(0.0) == len(world.heard) - 1


def test_all_clients_of_an_account_share_one_limiter_and_other_accounts_do_not():
    one = limiter_for("https://pacing.example", "acme1")
    assert limiter_for("HTTPS://Pacing.Example/", "acme1") is one
    assert limiter_for("https://pacing.example", "acme2") is not one
    assert limiter_for("https://pacing.example:8443", "acme1") is not one
    assert limiter_for("http://pacing.example", "acme1") is not one


def test_of_several_clients_own_limits_the_lowest_holds():
    limiter = limiter_for("https://pacing.example", "lowest")
    for own, limit in ((None, None), (100, 100), (150, 100), (80, 80), (None, 80)):
        limiter_for("https://pacing.example", "lowest", requests_per_minute=own)
        assert limiter.limit == limit


def test_a_limiter_that_nobody_keeps_is_forgotten():
    limiter_for("https://pacing.example", "gone", requests_per_minute=5)
    gc.collect()
    assert limiter_for("https://pacing.example", "gone").limit is None


@pytest.fixture
def hurried_threads():
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval_s)


@pytest.mark.usefixtures("hurried_threads")
@pytest.mark.parametrize("round_", range(20))
def test_clients_made_at_once_in_many_threads_share_one_limiter(round_):
    found, start = [], threading.Barrier(8)

    def make():
        start.wait(PATIENCE_S)
        found.append(limiter_for("https://pacing.example", f"at once {round_}"))

    for thread in [run(make) for _ in range(8)]:
        thread.join(PATIENCE_S)
    assert len(found) == 8
    assert len(set(map(id, found))) == 1
