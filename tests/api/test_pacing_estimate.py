"""What is estimated when only 429s tell of a limit: a true one is kept, a moody server throttles nobody."""

import random

import pytest

from exotel_frames.api.rate_limit.estimate import FIRST_TRY_S, LAST_TRY_S, LimitEstimate
from exotel_frames.api.rate_limit.quota import Quota
from exotel_frames.api.rate_limit.window import Ticket
from tests.api.pacing_world import Server, World, quota_of
from tests.slow import but_slow, slow

SEEDS = but_slow(range(10), [0])


def headers_of(retry_after):
    """Whether a server says `Retry-After` at all: only that one, of all headers."""
    return frozenset() if retry_after == "none" else frozenset({"Retry-After"})


def ticket(held, beyond):
    return Ticket(number=1, held=held, expired=0, probe=False, beyond=beyond)


def estimate_of(limit, now=0.0):
    estimate = LimitEstimate()
    estimate.refuse(ticket(limit + 1, beyond=False), limit, now)
    return estimate


@pytest.mark.parametrize(
    ("retry_after", "sliding"),
    [
        (said, sliding) if (said, sliding) == ("none", False) else slow(said, sliding)
        for said in ("none", "0", "1", None)
        for sliding in (False, True)
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_hour_at_a_limit_that_no_header_names_costs_at_most_100_refusals(sliding, retry_after, seed):
    clock = {"clock_off_s": seed * 17.3, "drift": random.Random(seed).uniform(-5e-4, 5e-4)}
    server = Server(120, sliding=sliding, headers=headers_of(retry_after), retry_after=retry_after, **clock)
    world = World(server, seed=seed, workers=16)
    world.work_until(600)
    before = world.codes[200]
    world.work_until(3600)
    assert world.codes[429] <= 100
    assert world.codes[200] - before >= 0.95 * 6000
    assert world.codes[200] >= 0.98 * 7200


@pytest.mark.parametrize("retry_after", [slow("none"), slow("0"), slow(None)])
@pytest.mark.parametrize("seed", SEEDS)
def test_answers_within_10_ms_make_a_limit_that_no_header_names_no_dearer(retry_after, seed):
    server = Server(120, headers=headers_of(retry_after), retry_after=retry_after, clock_off_s=seed * 17.3)
    world = World(server, seed=seed, workers=16, latency_s=(0.005, 0.01))
    world.work_until(3600)
    assert world.codes[429] <= 100
    assert world.codes[200] >= 0.98 * 7200


@pytest.mark.parametrize(
    ("retry_after", "longest_s", "longest_refusal_s"), [("0", 30, 0.6), ("1", 80, 1.8), ("none", 350, 6.0)]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_5_percent_of_refusals_for_no_reason_cost_little_more_than_their_pauses(
    retry_after, longest_s, longest_refusal_s, seed
):
    draw = random.Random(seed)
    server = Server(10**9, headers=headers_of(retry_after), retry_after=retry_after, moody=lambda: draw.random() < 0.05)
    world = World(server, seed=seed, workers=8, latency_s=(0.01, 0.01))
    world.succeed(1000)
    assert world.codes[429] >= 30
    assert world.now_s <= min(longest_s, world.codes[429] * longest_refusal_s)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_long_run_under_refusals_for_no_reason_is_not_slower_towards_its_end(seed):
    draw = random.Random(seed)
    server = Server(10**9, headers=headers_of("0"), retry_after="0", moody=lambda: draw.random() < 0.05)
    world = World(server, seed=seed, workers=8, latency_s=(0.01, 0.01))
    assert world.succeed(10_000) <= 10 * 30


@pytest.mark.parametrize(
    ("before", "retry_after"),
    but_slow(
        [(before, said) for before in (1, 5, 100, 3000) for said in ("none", "0", "3")],
        [(5, "0")],
    ),
)
def test_a_single_refusal_is_over_within_10_seconds(retry_after, before):
    asked = iter(range(10**9))
    server = Server(
        10**9, headers=headers_of(retry_after), retry_after=retry_after, moody=lambda: next(asked) == before
    )
    world = World(server, workers=8, latency_s=(0.01, 0.01))
    world.work_until(10)
    assert world.codes[429] == 1
    at_10_s = world.codes[200]
    world.work_until(12)
    assert world.codes[200] - at_10_s >= 0.99 * 2 * 8 / 0.01


def test_an_estimate_of_a_bad_minute_does_not_last():
    server = Server(2, sliding=True, headers=frozenset())
    world = World(server, workers=16)
    world.work_until(50)
    assert world.limiter.limit <= 3
    server.limit = 120
    world.work_until(300)
    assert world.limiter.limit >= 110
    world.work_until(3600)
    assert world.codes[429] <= 100


def test_a_limit_that_is_said_but_not_kept_is_not_believed_for_long():
    world = World(Server(120, sliding=True, says=200), workers=16)
    world.work_until(1800)
    assert world.codes[429] <= 50
    assert world.codes[200] >= 0.95 * 120 * 30


@pytest.mark.parametrize("sliding", but_slow([False, True], [False]), ids=["fixed", "sliding"])
def test_beside_others_who_are_not_seen_few_are_refused(sliding):
    world = World(Server(120, sliding=sliding, headers=frozenset()), workers=16)
    world.let_others_send(60)
    world.work_until(3600)
    assert world.codes[429] <= 200
    assert world.codes[200] >= 60 * 60


def test_beyond_the_estimate_they_go_one_at_a_time_at_first():
    quota = Quota()
    for _ in range(20):
        quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    quota.on_answer(quota.send(0.0), 0.0, {"Retry-After": "0"}, 429)
    quota.on_answer(quota.send(1.0), 1.0, {}, 200)
    assert quota.limit(1.0) == 20
    one = quota.send(1.0)
    assert one.beyond
    assert quota.next_wait(1.0).seconds == pytest.approx(59.1)  # or an answer
    quota.on_answer(one, 1.0, {}, 200)
    assert quota.next_wait(1.0) is None


@pytest.mark.parametrize("outcome", ["lost", "not_sent"])
def test_one_beyond_the_estimate_without_an_answer_is_followed_by_another_one(outcome):
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    quota.on_answer(quota.send(0.0), 0.0, {"Retry-After": "0"}, 429)
    one = quota.send(1.0)
    assert quota.next_wait(1.0) is not None
    quota.on_loss(one, 1.0) if outcome == "lost" else quota.on_not_sent(one)
    assert quota.next_wait(1.0) is None


def test_no_more_are_sent_beyond_the_estimate_than_what_is_known_for_sure():
    quota = quota_of(3)
    for code in (200, 429, 200):
        quota.on_answer(quota.send(0.0), 0.0, {"Retry-After": "0"}, code)
    assert quota.limit(1.0) == 1
    assert quota.next_wait(1.0).seconds == pytest.approx(59.1)


def test_for_every_16_beyond_the_estimate_one_more_goes_at_once():
    at_once = []
    for beyond in (0, 15, 16, 31, 32):
        estimate = estimate_of(100)
        while estimate.seconds_until_try(100 + beyond, 1.0) == 0:
            assert estimate.is_beyond(100 + beyond + 1)
            estimate.send(ticket(100 + beyond + 1, beyond=True))
        at_once.append(len(estimate._under_way))
    assert at_once == [1, 1, 2, 2, 3]


def test_what_goes_within_the_estimate_is_not_beyond_it():
    estimate = estimate_of(100)
    assert not estimate.is_beyond(100)
    estimate.send(ticket(100, beyond=False))
    assert estimate.seconds_until_try(100, 1.0) == 0.0


def test_a_refused_try_keeps_the_estimate_and_the_next_comes_twice_as_late():
    estimate, waits_s = estimate_of(100), []
    assert estimate.seconds_until_try(100, 0.0) == FIRST_TRY_S
    for hour in range(11):
        estimate.refuse(ticket(101, beyond=True), 60, hour * 3600.0)
        waits_s.append(estimate.seconds_until_try(100, hour * 3600.0))
    assert waits_s == [0.5, 1, 2, 4, 8, 16, 32, 64, 120, 120, LAST_TRY_S]
    assert estimate.limit == 100


def opened_twice(second_s):
    """An estimate of 100 that was refused and went on at 0 s, and again so late."""
    estimate = estimate_of(100, now=0.0)
    estimate.refuse(ticket(101, beyond=True), 100, 0.0)
    estimate.on_success(ticket(101, beyond=True), 101, 5.0)
    estimate.refuse(ticket(102, beyond=True), 101, 6.0)
    estimate.on_success(ticket(102, beyond=True), 102, second_s)
    estimate.refuse(ticket(103, beyond=True), 102, 100.0)
    return estimate.seconds_until_try(103, 100.0)


def test_a_limit_that_opens_twice_in_half_a_minute_is_tried_soon_again():
    assert opened_twice(29.9) == 0.5
    assert opened_twice(30.0) == 2.0


def test_several_that_are_let_through_in_a_row_open_it_once():
    estimate = estimate_of(100)
    estimate.refuse(ticket(101, beyond=True), 100, 0.0)
    for _ in range(3):
        estimate.on_success(ticket(101, beyond=True), 101, 5.0)
    estimate.refuse(ticket(102, beyond=True), 101, 6.0)
    assert estimate.seconds_until_try(102, 6.0) == 1.0


def test_one_within_the_estimate_opens_nothing():
    estimate = estimate_of(100)
    for _ in range(2):
        estimate.refuse(ticket(101, beyond=True), 100, 1.0)
        estimate.on_success(ticket(99, beyond=False), 1000, 2.0)
    assert estimate.limit == 100
    assert estimate.seconds_until_try(100, 1.0) == 1.0


def test_more_than_twice_as_many_in_a_window_refute_the_estimate():
    estimate = estimate_of(100)
    estimate.on_success(ticket(201, beyond=True), 200, 1.0)
    assert estimate.limit == 100
    estimate.on_success(ticket(201, beyond=True), 201, 1.0)
    assert estimate.limit is None


def test_after_a_refuted_estimate_tries_come_soon_again():
    estimate = estimate_of(100)
    for _ in range(9):
        estimate.refuse(ticket(101, beyond=True), 100, 1.0)
    estimate.on_success(ticket(201, beyond=True), 201, 100.0)
    estimate.refuse(ticket(300, beyond=False), 299, 101.0)
    assert estimate.limit == 299
    assert estimate.seconds_until_try(299, 101.0) == FIRST_TRY_S


def test_an_estimate_is_at_least_half_of_the_one_before():
    estimate = estimate_of(101)
    estimate.refuse(ticket(50, beyond=False), 3, 30.0)
    assert estimate.limit == 50
    assert estimate.seconds_until_try(50, 60.0) == 0.0


def test_no_successes_tell_nothing_of_the_limit():
    estimate = estimate_of(100)
    estimate.refuse(ticket(50, beyond=False), 0, 30.0)
    estimate.add_late_success()
    assert estimate.limit == 100


def test_late_successes_count_for_a_new_estimate_only():
    estimate = estimate_of(100)
    estimate.add_late_success()
    assert estimate.limit == 101
    estimate.refuse(ticket(102, beyond=True), 101, 1.0)
    estimate.add_late_success()
    assert estimate.limit == 101
