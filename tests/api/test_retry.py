"""Wait how long and send again, or stop."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import strategies as st

from exotel_frames.api.retry import DAY_S, Patience, parse_http_date, parse_retry_after, retry_wait_s
from tests.laws import holds

NOW = datetime(2019, 11, 19, 17, 44, 17, tzinfo=UTC)
FAILURES = ["not_sent", "unknown", "rate_limited", "server_error", "rejected", "tls"]
PATIENCE = Patience(deadline_s=30.0, limiter_s=100.0, first_wait_s=1.0, longest_wait_s=8.0)


def longest(failure, *, read=True, attempt=1, spent_s=0.0, **more):
    """The decision with the largest draw there is."""
    return retry_wait_s(
        failure, read=read, attempt=attempt, spent_s=spent_s, patience=PATIENCE, random=lambda: 1.0, **more
    )


@pytest.mark.parametrize(
    ("failure", "read_again", "write_again"),
    [
        ("not_sent", True, True),
        ("rate_limited", True, True),
        ("unknown", True, False),
        ("server_error", True, False),
        ("rejected", False, False),
        ("tls", False, False),
    ],
)
def test_a_read_is_sent_again_when_the_network_or_the_service_failed_a_write_only_when_it_was_not_carried_out(
    failure, read_again, write_again
):
    assert (longest(failure, read=True) is not None) == read_again
    assert (longest(failure, read=False) is not None) == write_again


def test_waits_double_up_to_the_longest():
    assert [longest("not_sent", attempt=attempt) for attempt in (1, 2, 3, 4, 5, 10**6)] == [1, 2, 4, 8, 8, 8]


def test_the_wait_is_drawn_from_nothing_to_the_whole():
    draws = [
        retry_wait_s("unknown", read=True, attempt=2, spent_s=0.0, patience=PATIENCE, random=lambda d=d: d)
        for d in (0.0, 0.5)
    ]
    assert draws == [0.0, 1.0]


def test_the_service_can_ask_for_a_longer_wait_but_not_for_a_shorter_one():
    assert longest("server_error", retry_after_s=5.0) == 5.0
    assert longest("server_error", retry_after_s=0.1) == 1.0


def test_all_attempts_and_waits_share_one_deadline():
    assert longest("not_sent", spent_s=28.9) == 1.0
    assert longest("not_sent", spent_s=29.0) is None
    assert longest("server_error", spent_s=20.0, retry_after_s=10.0) is None
    assert longest("rate_limited", spent_s=30.0) == 0.0
    assert longest("rate_limited", spent_s=30.1) is None


def test_after_a_429_the_limiter_waits_and_has_a_patience_of_its_own():
    assert longest("rate_limited", retry_after_s=60.0, held_s=40.0) == 0.0
    assert longest("rate_limited", retry_after_s=60.0, held_s=40.1) is None
    assert longest("rate_limited", retry_after_s=100.0) == 0.0  # the first: held for no time yet
    assert longest("rate_limited", retry_after_s=None, held_s=100.0) == 0.0
    assert longest("rate_limited", retry_after_s=None, held_s=100.1) is None


@holds(
    few=50,
    many=2000,
    failure=st.sampled_from(FAILURES),
    read=st.booleans(),
    attempt=st.integers(0, 10**9),
    spent_s=st.floats(0, 1e6),
    held_s=st.floats(0, 1e6),
    retry_after_s=st.none() | st.floats(0, 1e6),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_no_wait_ever_passes_the_deadline_and_no_write_is_repeated_blindly(
    failure, read, attempt, spent_s, held_s, retry_after_s, draw
):
    wait_s = retry_wait_s(
        failure,
        read=read,
        attempt=attempt,
        spent_s=spent_s,
        held_s=held_s,
        retry_after_s=retry_after_s,
        random=lambda: draw,
    )
    if wait_s is None:
        return
    assert 0 <= wait_s <= max(20.0, retry_after_s or 0.0)
    assert spent_s + wait_s <= 120
    assert failure in (
        {"not_sent", "rate_limited", "unknown", "server_error"} if read else {"not_sent", "rate_limited"}
    )


def test_the_draws_are_random_unless_they_are_given():
    assert len({retry_wait_s("unknown", read=True, attempt=5, spent_s=0.0) for _ in range(20)}) > 10


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("23", 23.0),
        (" 23 ", 23.0),
        ("+7", 7.0),
        ("1.5", 1.5),
        ("2.", 2.0),
        ("0", 0.0),
        ("-3", 0.0),
        ("86401", DAY_S),
        ("9" * 400, DAY_S),
        ("soon", None),
        ("1e3", None),
        ("1_000", None),
        ("inf", None),
        ("nan", None),
        ("٣", None),
        ("5 s", None),
        ("", None),
        (None, None),
        ("Tue, 19 Nov 2019 17:45:00 GMT", 43.0),
        ("Tuesday, 19-Nov-19 17:45:00 GMT", 43.0),
        ("Tue Nov 19 17:45:00 2019", 43.0),
        ("Tue, 19 Nov 2019 23:15:00 +0530", 43.0),
        ("Tue, 19 Nov 2019 17:45:00 -0000", 43.0),
        ("Tue, 19 Nov 2019 16:45:00 GMT", 0.0),
        ("Tue, 19 Nov 2999 17:45:00 GMT", DAY_S),
        ("Tue, 99 Nov 2019 17:45:00 GMT", None),
        ("2019-11-19T17:45:00Z", None),
    ],
)
def test_every_form_of_retry_after(value, seconds):
    assert parse_retry_after(value, "Tue, 19 Nov 2019 17:44:17 GMT") == seconds


@pytest.mark.parametrize("date_header", [None, "", "soon", "23"])
def test_a_date_without_the_answers_own_date_says_nothing(date_header):
    assert parse_retry_after("Tue, 19 Nov 2019 17:45:00 GMT", date_header) is None
    assert parse_retry_after("23", date_header) == 23.0


@holds(
    few=30,
    many=1000,
    wait_s=st.integers(-(10**6), 10**6),
    clock_off=st.timedeltas(min_value=timedelta(days=-300_000), max_value=timedelta(days=300_000)),
    hours=st.integers(-23, 23),
)
def test_a_date_is_the_time_since_the_answer_whatever_the_servers_clock_says(wait_s, clock_off, hours):
    answered = NOW + clock_off
    then = (answered + timedelta(seconds=wait_s)).astimezone(timezone(timedelta(hours=hours)))
    assert parse_retry_after(format_datetime(then), format_datetime(answered, usegmt=True)) == min(
        max(wait_s, 0), DAY_S
    )


@holds(
    st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\w+"),
    st.none() | st.text(),
    few=30,
    many=2000,
)
def test_no_junk_raises(value, date_header):
    seconds = parse_retry_after(value, date_header)
    assert seconds is None or 0 <= seconds <= DAY_S


def test_a_date_without_a_zone_is_in_utc():
    assert parse_http_date("Tue, 19 Nov 2019 17:44:17 -0000") == NOW
