"""What is read from the headers of an answer."""

import pytest
from hypothesis import strategies as st

from exotel_frames.api.rate_limit.headers import RateHeaders, read_rate_headers, read_wait_s
from tests.laws import holds


@pytest.mark.parametrize(
    ("limit", "remaining", "told"),
    [
        ("200", "150", RateHeaders(200, 150)),
        (" 200 ", "0", RateHeaders(200, 0)),
        ("200, 200;w=60", "-1", RateHeaders(200, 0)),
        ("0", "0", RateHeaders(None, 0)),
        ("-5", "many", RateHeaders(None, None)),
        ("9" * 5000, "", RateHeaders(None, None)),
        ("²00", "٣", RateHeaders(None, None)),
        ("1" * 12, "1" * 13, RateHeaders(111_111_111_111, None)),
    ],
)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_limit_and_remaining_are_read_in_any_case_and_junk_is_missing(limit, remaining, told, change):
    headers = {change("X-RateLimit-Limit"): limit, change("X-RateLimit-Remaining"): remaining}
    assert read_rate_headers(headers) == told


@pytest.mark.parametrize(
    ("told", "used"),
    [
        (RateHeaders(200, 150), 50),
        (RateHeaders(200, 250), 0),
        (RateHeaders(200, None), None),
        (RateHeaders(None, 7), None),
    ],
)
def test_used_is_the_limit_less_what_remains(told, used):
    assert told.used == used


@pytest.mark.parametrize(("reset", "wait_s"), [("99999", 99999.0), ("100000", None), ("-1", None), ("soon", None)])
def test_a_reset_is_seconds_left_or_else_an_epoch_that_needs_a_date(reset, wait_s):
    assert read_wait_s({"X-RateLimit-Reset": reset}) == wait_s


@holds(
    st.dictionaries(st.sampled_from(["X-RateLimit-Limit", "x-ratelimit-remaining", "Retry-After", "Date"]), st.text()),
    few=30,
    many=2000,
)
def test_no_header_whatever_raises(headers):
    told = read_rate_headers(headers)
    assert told.limit is None or told.limit > 0
    wait_s = read_wait_s(headers)
    assert wait_s is None or wait_s >= 0
