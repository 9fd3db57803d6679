"""How much of a limit is used, and that it is never passed: whole minutes and hours in simulated time."""

import math
import random
import sys

import pytest
from hypothesis import strategies as st

from exotel_frames.api.rate_limit.limiter import Limiter, Waiting
from exotel_frames.api.rate_limit.quota import Quota
from exotel_frames.errors import SettingsError
from tests.api.pacing_world import Server, World, share_used
from tests.laws import holds
from tests.slow import but_slow

SEEDS = range(10)
SOME_SEEDS = but_slow(SEEDS, [0])
both_windows = pytest.mark.parametrize("sliding", [False, True], ids=["fixed", "sliding"])
fixed_window, sliding_window = (
    pytest.mark.parametrize("sliding", but_slow([False, True], [default]), ids=["fixed", "sliding"])
    for default in (False, True)
)
"""The one by default, the other in the slow run."""


def server_of(limit, sliding, seed):
    """A server whose clock is off by days and drifts; its minute begins at any moment."""
    draw = random.Random(seed)
    return Server(limit, sliding=sliding, clock_off_s=draw.uniform(-1e6, 1e6), drift=draw.uniform(-5e-4, 5e-4))


@both_windows
@pytest.mark.parametrize("seed", but_slow(SEEDS, [0]))
def test_98_percent_of_200_a_minute_are_used_and_none_is_refused(sliding, seed):
    world = World(server_of(200, sliding, seed), seed=seed)
    assert share_used(world, 200 * 5 + 1) >= 0.98
    assert world.codes[429] == 0


@pytest.mark.slow
@sliding_window
def test_98_percent_of_10000_a_minute_are_used_and_none_is_refused(sliding):
    world = World(server_of(10_000, sliding, 1), workers=64)
    assert share_used(world, 10_001) >= 0.98
    assert world.codes[429] == 0


@pytest.mark.slow
@both_windows
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("limit", "workers", "minutes"), [(200, 8, 60), (10_000, 64, 3)])
def test_98_percent_are_used_for_long(limit, workers, minutes, sliding, seed):
    world = World(server_of(limit, sliding, seed), seed=seed, workers=workers)
    assert share_used(world, limit * minutes + 1) >= 0.98
    assert world.codes[429] == 0


@sliding_window
def test_slow_answers_cost_throughput_but_no_refusal(sliding):
    world = World(server_of(200, sliding, 3), workers=32, latency_s=(0.1, 20.0))
    assert share_used(world, 200 * 10 + 1) >= 0.7
    assert world.codes[429] == 0


@both_windows
def test_no_window_of_the_server_ever_holds_more_than_the_limit(sliding):
    world = World(server_of(50, sliding, 7))
    world.succeed(401)
    assert all(later - first >= 60 for first, later in zip(world.sent_s, world.sent_s[50:], strict=False))


@fixed_window
@pytest.mark.parametrize("seed", SOME_SEEDS)
def test_others_who_use_30_percent_go_on_doing_so(sliding, seed):
    server = server_of(200, sliding, seed)
    world = World(server, seed=seed)
    world.let_others_send(60)
    world.work_until(1200)
    assert world.codes[429] <= 5
    assert world.others[429] <= 0.05 * world.others.total()
    assert server.answers[200] >= 0.87 * 200 * 20


@pytest.mark.slow
def test_when_the_others_are_gone_their_share_is_used_within_two_minutes():
    world = World(server_of(200, sliding=True, seed=5))
    world.let_others_send(60, until_s=600)
    world.work_until(720)
    before = world.codes[200]
    world.work_until(1320)
    assert world.codes[200] - before >= 0.95 * 2000


def test_what_an_earlier_process_has_used_is_respected_from_the_first_answer_on():
    server = server_of(200, sliding=True, seed=2)
    for _ in range(190):
        server.take(0.0)
    world = World(server)
    world.work_until(300)
    assert world.codes[429] == 0
    assert world.codes[200] >= 600


def two_runs(server, minutes):
    """Two of our own runs on two machines, one after the other: a worker each, answers at once."""
    quotas, sent, now = [Quota(), Quota()], [0, 0], 0.0
    while now < minutes * 60:
        for which, quota in enumerate(quotas):
            if now >= which * 60 and quota.next_wait(now) is None:
                ticket = quota.send(now)
                code, headers = server.take(now)
                quota.on_answer(ticket, now, headers, code)
                sent[which] += code == 200
        now += 0.05
    return sent


@fixed_window
def test_of_two_runs_on_two_machines_neither_stands_still(sliding):
    sent = two_runs(Server(200, sliding=sliding), 6)
    assert min(sent) >= 5 * 200 / 20 * 0.85
    assert sum(sent) >= 0.85 * 6 * 200


def test_the_first_request_goes_alone():
    world = World(Server(3), workers=8)
    world.work_until(30)
    assert world.sent_s[1] >= world.sent_s[0] + 0.04
    assert world.codes[429] == 0


def test_without_headers_nothing_is_limited_until_the_first_refusal():
    world = World(Server(10**9, headers=frozenset()))
    world.work_until(60)
    assert world.limiter.limit is None
    assert world.limiter.seconds_for(10**6) == 0.0
    assert world.limiter.useful_workers(0.1) == sys.maxsize
    assert world.codes[200] > 60 / 0.4 * 8


def test_the_limit_of_the_service_is_learnt():
    world = World(Server(200))
    assert world.limiter.limit is None
    world.succeed(1)
    assert world.limiter.limit == 200


@both_windows
def test_a_limit_of_ones_own_is_never_exceeded(sliding):
    world = World(server_of(200, sliding, 1), requests_per_minute=120)
    assert 600 * 60 / 120 <= world.succeed(601) <= 600 * 60 / 120 / 0.98
    assert world.limiter.limit == 120


def test_the_services_lower_limit_wins_over_ones_own():
    world = World(Server(100), requests_per_minute=120)
    world.succeed(301)
    assert world.limiter.limit == 100
    assert world.codes[429] == 0


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "200"])
def test_a_limit_of_ones_own_must_be_a_whole_number_from_1(wrong):
    with pytest.raises(SettingsError, match="whole number from 1"):
        Limiter(requests_per_minute=wrong)


@both_windows
def test_a_limit_that_drops_midway_is_kept_at_once(sliding):
    server = server_of(200, sliding, 4)
    world = World(server)
    world.succeed(500)
    server.limit, before = 100, world.now_s
    world.succeed(500)
    assert world.limiter.limit == 100
    assert world.codes[429] <= 8 * 2
    assert world.now_s - before <= 500 / 100 * 60 * 1.4


def test_a_limit_that_rises_is_used_within_two_minutes():
    server = Server(100)
    world = World(server)
    world.succeed(300)
    server.limit = 200
    world.work_until(world.now_s + 120)
    before = world.codes[200]
    world.work_until(world.now_s + 600)
    assert world.codes[200] - before >= 0.95 * 2000


def test_the_least_limit_of_several_endpoints_holds_for_all():
    world = World(Server(200))
    for limit in (300, 50, 300):
        with world.limiter.slot() as slot:
            slot.on_answer({"X-RateLimit-Limit": str(limit)}, 200)
    assert world.limiter.limit == 50
    world.now_s += 80
    assert world.limiter.limit == 300


def test_what_is_free_now_can_be_used_at_once():
    world = World(Server(10))
    world.succeed(4)
    assert world.limiter.useful_workers(0.1) == 6
    world.succeed(6)
    assert world.limiter.useful_workers(0.1) == 1
    assert world.limiter.useful_workers(30.0) == 5


@holds(
    room=st.integers(1, 9),
    before=st.integers(0, 12),
    pause_s=st.floats(0, 100),
    requests=st.integers(1, 40),
    few=30,
    many=1000,
)
def test_the_estimate_is_when_the_last_one_is_sent(room, before, pause_s, requests):
    world = World(Server(10**9, headers=frozenset()), workers=1, latency_s=(0.0, 0.0), requests_per_minute=room)
    if before:
        world.succeed(before)
    world.now_s += pause_s
    start_s, estimate_s = world.now_s, world.limiter.seconds_for(requests)
    assert math.isclose(world.succeed(requests) - start_s, estimate_s, abs_tol=1e-6)


def test_no_requests_take_no_time():
    world = World(Server(1))
    world.succeed(2)
    assert world.limiter.seconds_for(0) == 0.0


def test_a_long_wait_is_announced_once_with_its_reason_and_its_end():
    world = World(Server(200, sliding=True), workers=8, latency_s=(0.05, 0.05))
    world.succeed(201)
    (at_s, waiting), (end_s, over) = world.heard
    assert waiting.reason == "the account's limit of 200/min"
    assert waiting.seconds == pytest.approx(world.sent_s[0] + 0.05 + 60.1 - at_s)
    assert (end_s, over) == (world.sent_s[-1], Waiting(0.0, ""))


@pytest.mark.parametrize(
    ("headers", "others", "own", "reason"),
    [
        (True, 0, None, "the account's limit of 20/min"),
        (True, 9, None, "the account's limit of 20/min, others use 9 of it"),
        (True, 0, 10, "requests_per_minute=10"),
        (False, 0, None, "the account's limit, about 20/min"),
    ],
)
def test_the_reason_of_a_wait_says_whose_limit_it_is(headers, others, own, reason):
    server = Server(20) if headers else Server(20, headers=frozenset())
    for _ in range(others):
        server.take(0.0)
    world = World(server, workers=1, requests_per_minute=own)
    world.work_until(300)
    assert reason in {waiting.reason for _, waiting in world.heard}


def test_short_waits_are_not_announced():
    world = World(Server(6000, sliding=True), workers=1, latency_s=(0.02, 0.02), requests_per_minute=6000)
    world.let_others_send(60)
    world.work_until(30)
    assert not world.heard
