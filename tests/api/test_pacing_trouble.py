"""After a 429: one pause, one probe; and what its answer tells."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from exotel_frames.api.rate_limit.limiter import Waiting
from exotel_frames.api.rate_limit.quota import LONGEST_PAUSE_S, Quota
from tests.api.pacing_world import Server, World, quota_of
from tests.api.wording import PAUSE

NOW = datetime(2019, 11, 19, 17, 44, 17, tzinfo=UTC)
DATE = {"Date": format_datetime(NOW, usegmt=True)}


def at(seconds):
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


def refused(headers):
    """A quota whose only request so far was refused at time 0."""
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, headers, 429)
    return quota


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"Retry-After": "23"}, 23.1),
        ({"retry-after": "1.5"}, 1.6),
        ({"RETRY-AFTER": at(43), **DATE}, 43.1),
        ({"Retry-After": at(43)}, 5.1),  # without their Date nobody knows
        ({"Retry-After": at(-3600), **DATE}, 0.2),
        ({"Retry-After": "-3"}, 0.2),
        ({"Retry-After": "0"}, 0.2),  # at once, or nearly
        ({"Retry-After": "soon"}, 5.1),
        ({"Retry-After": ""}, 5.1),
        ({}, 5.1),
        ({"Retry-After": "86400"}, LONGEST_PAUSE_S + 0.1),
        ({"Retry-After": "9" * 400}, LONGEST_PAUSE_S + 0.1),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 17), **DATE}, 17.1),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 17)}, 5.1),
        ({"X-RateLimit-Reset": "12"}, 12.1),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) - 17), **DATE}, 0.2),
        ({"Retry-After": "23", "X-RateLimit-Reset": "12"}, 23.1),
    ],
)
def test_a_refusal_pauses_for_what_the_service_asks_within_reason(headers, pause_s):
    assert refused(headers).next_wait(0.0) == Waiting(pytest.approx(pause_s), PAUSE)


def test_a_server_whose_clock_is_wildly_off_changes_nothing():
    ways = [World(Server(50, clock_off_s=off_s)) for off_s in (0.0, 3600.0 * 24 * 365 * 10, -3600.0 * 24 * 365 * 10)]
    assert len({world.succeed(501) for world in ways}) == 1


def test_a_storm_of_16_threads_pauses_once_and_probes_once():
    server = Server(10**9, headers=frozenset({"Retry-After"}), retry_after="70")
    world = World(server, workers=16)
    world.work_until(20)
    server.limit, refused_before, sent_before = 0, world.codes[429], len(world.sent_s)
    while world.codes[429] == refused_before:
        world.step() if not world._free else world.send_one()
    sent_in_storm = len(world.sent_s)
    server.limit = 10**9
    pause_began_s = world.now_s
    world.work_until(pause_began_s + 100)
    probe_s, *rest_s = world.sent_s[sent_in_storm:]
    assert world.codes[429] <= 16
    assert probe_s >= pause_began_s + 0.5
    assert rest_s[0] - probe_s >= 0.04  # only when the probe was answered
    assert rest_s[14] - rest_s[0] < 0.001  # and then all at once
    assert len([waiting for _, waiting in world.heard if waiting.reason == PAUSE]) == 1
    assert sent_in_storm > sent_before


@pytest.mark.parametrize("outcome", ["lost", "not_sent"])
def test_a_probe_without_an_answer_is_followed_by_another_one(outcome):
    quota = refused({"Retry-After": "10"})
    probe = quota.send(10.2)
    assert quota.next_wait(10.2) is not None
    quota.on_loss(probe, 10.3) if outcome == "lost" else quota.on_not_sent(probe)
    assert quota.next_wait(10.3) is None or quota.next_wait(10.3).reason != ""
    quota.send(71.0)
    assert quota.next_wait(71.0) == Waiting(60.0, "")


def test_a_probe_that_hangs_is_waited_for_a_minute_at_most():
    quota = quota_of(100)
    quota.on_answer(quota.send(0.0), 0.0, {"Retry-After": "10"}, 429)
    quota.send(11.0)
    assert quota.next_wait(11.0) == Waiting(60.0, "")
    assert quota.next_wait(70.9) is not None
    assert quota.next_wait(71.0) is None


def test_a_first_request_that_hangs_is_waited_for_a_minute_at_most():
    quota = Quota()
    quota.send(0.0)
    assert quota.next_wait(59.0) == Waiting(1.0, "")
    assert quota.next_wait(60.0) is None


@pytest.mark.parametrize(
    ("headers", "pauses_s"),
    [
        ({"Retry-After": "0"}, [0.2, 0.3, 0.5, 0.9, 1.7, 3.3, 6.5]),
        ({"Retry-After": "1"}, [1.1, 2.1, 4.1, 8.1, 16.1, 32.1, 60.1]),
        ({"Retry-After": "23"}, [23.1, 23.1, 23.1, 40.1, 60.1, 60.1, 60.1]),
        ({"Retry-After": "90"}, [90.1] * 7),
        ({}, [5.1, 10.1, 20.1, 40.1, 60.1, 60.1, 60.1]),
    ],
    ids=["0", "1", "23", "90", "none"],
)
def test_refused_probes_pause_longer_each_time(headers, pauses_s):
    quota, now, found_s = Quota(), 0.0, []
    for _ in range(7):
        quota.on_answer(quota.send(now), now, headers, 429)
        found_s.append(quota._pause.until_s - now)
        now = quota._pause.until_s + 100
    assert found_s == pytest.approx(pauses_s)


def test_a_probe_that_is_let_through_makes_all_good_again():
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, {"Retry-After": "1"}, 429)
    quota.on_answer(quota.send(100.0), 100.0, {"Retry-After": "1"}, 429)
    quota.on_answer(quota.send(200.0), 200.0, {}, 200)
    quota.on_answer(quota.send(300.0), 300.0, {"Retry-After": "1"}, 429)
    assert quota.next_wait(300.0).seconds == pytest.approx(1.1)


def test_a_late_refusal_of_the_same_storm_is_no_second_strike():
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    tickets = [quota.send(1.0) for _ in range(3)]
    for ticket in tickets:
        quota.on_answer(ticket, 1.0, {}, 429)
    assert quota.next_wait(1.0).seconds == pytest.approx(5.1)


def test_a_late_success_does_not_stand_for_the_probe():
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    slow, refused_one = quota.send(1.0), quota.send(1.0)
    quota.on_answer(refused_one, 1.0, {"Retry-After": "10"}, 429)
    quota.on_answer(slow, 1.5, {}, 200)
    quota.send(80.0)
    assert quota.next_wait(80.0) == Waiting(60.0, "")


def test_a_refusal_before_any_success_tells_nothing_of_the_limit():
    quota = Quota()
    hanging = quota.send(0.0)
    quota.on_answer(quota.send(61.0), 61.0, {"Retry-After": "10"}, 429)
    quota.on_answer(hanging, 62.0, {}, 200)
    assert quota.limit(62.0) is None


def test_what_was_let_through_while_the_refusal_came_back_counts_for_the_guess():
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    tickets = [quota.send(1.0) for _ in range(4)]
    for ticket, code in zip(tickets, (200, 429, 200, 429), strict=True):
        quota.on_answer(ticket, 1.5, {}, code)
    assert quota.limit(1.5) == 3


def test_a_refusal_that_comes_after_the_pause_it_belongs_to_is_no_new_guess():
    quota = Quota()
    for _ in range(8):
        quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    slow, refused_one = quota.send(1.0), quota.send(1.0)
    quota.on_answer(refused_one, 1.0, {"Retry-After": "1"}, 429)
    quota.on_answer(quota.send(61.2), 61.2, {}, 200)
    quota.on_answer(slow, 61.3, {"Retry-After": "1"}, 429)
    assert quota.limit(61.3) == 8


def test_only_the_probe_itself_ends_the_waiting_for_it():
    quota = Quota()
    quota.on_answer(quota.send(0.0), 0.0, {}, 200)
    slow, refused_one = quota.send(1.0), quota.send(1.0)
    quota.on_answer(refused_one, 1.0, {"Retry-After": "10"}, 429)
    probe = quota.send(70.0)
    quota.on_answer(slow, 71.0, {}, 200)
    assert quota.next_wait(71.0) == Waiting(59.0, "")
    quota.on_answer(probe, 72.0, {}, 200)
    assert quota.next_wait(132.2) is None


def test_when_the_limit_drops_the_wait_is_for_as_many_as_are_too_many():
    quota = quota_of(5)
    for second in range(5):
        quota.on_answer(quota.send(second), second, {}, 200)
    quota.ceiling = 2
    assert quota.next_wait(10.0).seconds == pytest.approx(3 + 60.1 - 10)


def test_what_was_lost_counts_against_the_limit_and_what_was_not_sent_does_not():
    quota = quota_of(2)
    quota.on_loss(quota.send(0.0), 0.5)
    quota.on_not_sent(quota.send(1.0))
    quota.on_not_sent(quota.send(1.0))
    assert quota.next_wait(1.0) is None
    quota.send(1.0)
    assert quota.next_wait(1.0).seconds == pytest.approx(0.5 + 60.1 - 1.0)
