"""Rate limits: so many a minute for the account, with the documented headers."""

import pytest
from hypothesis import strategies as st

from exotel_frames.sandbox import RateLimit, SandboxServer
from exotel_frames.sandbox.rate_limit import Limiter
from tests.laws import holds
from tests.sandbox.conftest import NOON, Caller, Clock


@pytest.fixture(params=["fixed", "sliding"])
def limited(request, clock):
    with SandboxServer(subscribers=0, clock=clock, rate_limit=RateLimit(per_minute=3, window=request.param)) as box:
        yield box


def test_over_the_limit_nothing_is_done_and_the_answer_says_when_to_come_back(limited, clock):
    call = Caller(limited)
    remaining = [call.create(f"s{at}").headers["X-RateLimit-Remaining"] for at in range(3)]
    refused = call.create("late")
    assert remaining == ["2", "1", "0"]
    assert refused.status_code == 429
    assert refused.json()["RestException"].keys() == {"Status", "Message", "Code"}
    assert (refused.headers["X-RateLimit-Limit"], refused.headers["X-RateLimit-Remaining"]) == ("3", "0")
    reset = float(refused.headers["X-RateLimit-Reset"])
    assert clock.now + int(refused.headers["Retry-After"]) == reset
    clock.now = reset
    assert call.create("late").status_code == 207
    call.session.close()


def test_a_request_with_a_wrong_key_counts_for_nobody(limited):
    call = Caller(limited)
    call.session.auth = ("wrong", "wrong")
    assert {call("GET", "/subscribers").status_code for _ in range(9)} == {401}
    call.session.auth = (limited.api_key, limited.api_token)
    assert call("GET", "/subscribers").headers["X-RateLimit-Remaining"] == "2"
    call.session.close()


def test_a_limit_as_a_plain_number_is_a_fixed_window(clock):
    with SandboxServer(subscribers=0, clock=clock, rate_limit=1) as box:
        call = Caller(box)
        assert [call("GET", "/subscribers").status_code for _ in range(2)] == [200, 429]
        clock.now += 60 - NOON % 60
        assert call("GET", "/subscribers").status_code == 200
        call.session.close()


def test_the_headers_can_be_kept_back(clock):
    with SandboxServer(subscribers=0, clock=clock, rate_limit=RateLimit(per_minute=1, headers=False)) as box:
        call = Caller(box)
        answers = [call("GET", "/subscribers") for _ in range(2)]
        call.session.close()
    assert not [name for answer in answers for name in answer.headers if name.lower().startswith("x-ratelimit")]
    assert "Retry-After" in answers[1].headers


def test_without_a_limit_there_are_no_headers(call):
    assert not [name for name in call("GET", "/subscribers").headers if name.lower().startswith("x-ratelimit")]


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_a_request_at_the_very_start_of_a_minute_counts_for_all_of_it_and_no_longer(window):
    limiter = Limiter(RateLimit(per_minute=1, window=window))
    assert [limiter.admit(now) for now in (120.0, 120.0, 179.999, 180.0)] == [True, False, False, True]


def test_a_limit_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        RateLimit(per_minute=0)
    with pytest.raises(ValueError, match="'fixed' or 'sliding'"):
        RateLimit(window="rolling")


@holds(st.lists(st.floats(0, 40), max_size=80), st.integers(1, 5), few=30, many=1000)
def test_no_minute_of_a_sliding_window_sees_more_than_the_limit(steps, per_minute):
    limiter, clock, admitted = Limiter(RateLimit(per_minute=per_minute, window="sliding")), Clock(), []
    for step in steps:
        clock.now += step
        if limiter.admit(clock.now):
            admitted.append(clock.now)
        else:
            assert sum(time > clock.now - 60 for time in admitted) == per_minute
    for later, earlier in zip(admitted[per_minute:], admitted, strict=False):
        assert later - earlier >= 60


@holds(st.lists(st.floats(0, 40), max_size=80), st.integers(1, 5), few=30, many=1000)
def test_no_minute_of_the_clock_sees_more_than_the_limit(steps, per_minute):
    limiter, clock, minutes = Limiter(RateLimit(per_minute=per_minute)), Clock(), {}
    for step in steps:
        clock.now += step
        seen = minutes.setdefault(clock.now // 60, [])
        assert limiter.admit(clock.now) == (len(seen) < per_minute)
        seen += [clock.now] * (len(seen) < per_minute)
