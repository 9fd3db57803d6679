"""Corners of the arithmetic that whole minutes do not show."""

import pytest

from exotel_frames.api.rate_limit.headers import read_wait_s
from exotel_frames.api.rate_limit.limiter import limiter_for
from exotel_frames.api.rate_limit.quota import Quota
from exotel_frames.api.rate_limit.window import HOLD_S, MARGIN_S
from tests.api.pacing_world import quota_of


def test_two_ports_of_one_host_are_two_services():
    one, other = (limiter_for(f"http://127.0.0.1:{port}", "acme1") for port in (8443, 9443))
    assert one is not other


def test_a_window_that_ends_now_asks_for_no_wait():
    assert read_wait_s({"X-RateLimit-Reset": "0"}) == 0.0
    assert read_wait_s({"X-RateLimit-Reset": "-1"}) is None


def test_a_lost_answer_is_no_success_that_a_guess_could_be_made_of():
    quota = Quota()
    for _ in range(5):
        quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    for _ in range(4):
        quota.on_loss(quota.send(0.0), 0.0)
    quota.on_answer(quota.send(0.0), 0.0, {}, 429)
    assert quota.limit(0.0) == 5


def test_what_is_lost_is_not_under_way_any_more():
    quota = Quota()
    quota.on_loss(quota.send(0.0), 0.0)
    assert quota.next_wait(HOLD_S) is None
    assert quota.useful_workers(0.0, 0.0) is None


def test_one_worker_is_always_of_use():
    quota = quota_of(2)
    for _ in range(2):
        quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    assert quota.useful_workers(0.0, 1.0) == 1


@pytest.mark.parametrize(("requests", "seconds"), [(0, 0.0), (1, 7.0 + MARGIN_S), (2, 7.0 + MARGIN_S)])
def test_a_pause_is_part_of_the_time_that_requests_take_and_none_takes_none(requests, seconds):
    quota = Quota()
    quota.on_answer(quota.send(100.0), 100.0, {"Retry-After": "10"}, 429)
    assert quota.capacity(103.0) is None
    assert quota.seconds_for(requests, 103.0) == pytest.approx(seconds)


def test_the_estimate_tells_places_that_come_free_from_those_still_under_way():
    quota = quota_of(3)
    first, second, _third = (quota.send(0.0) for _ in range(3))
    quota.on_answer(first, 1.0, {}, 200)
    quota.on_answer(second, 5.0, {}, 200)
    waits_s = [quota.seconds_for(requests, 10.0) for requests in (1, 2, 3, 4)]
    free_s = [1.0 + HOLD_S - 10.0, 5.0 + HOLD_S - 10.0, HOLD_S, 1.0 + 2 * HOLD_S - 10.0]
    assert waits_s == pytest.approx(free_s)
