"""Subscribers on their way into a frame: like a list, whatever is taken and cut, and empty once the frame is made."""

import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames.frames import convert
from exotel_frames.frames.builder import SubscriberRows
from exotel_frames.records import Subscriber
from tests.laws import holds


def some(numbers):
    return [Subscriber(f"n{number}", "active", None, "2026-01-01T00:00:00+05:30") for number in numbers]


@holds(
    st.integers(1, 7),
    st.lists(st.one_of(st.tuples(st.just("take"), st.integers(0, 9)), st.tuples(st.just("cut"), st.integers(0, 40)))),
    few=30,
    many=1000,
)
def test_rows_that_come_and_go_are_those_a_list_would_have(batch_rows, steps):
    rows, plain, number = SubscriberRows(batch_rows), [], 0
    for step, count in steps:
        if step == "take":
            rows.extend(some(range(number, number + count)))
            plain.extend(f"n{at}" for at in range(number, number + count))
            number += count
        else:
            del rows[count:]
            del plain[count:]
        assert len(rows) == len(plain)
    frame = rows.frame()
    assert frame["subscriber_name"].tolist() == plain
    assert frame["date_created"].notna().all()


def test_no_rows_make_an_empty_subscribers_frame_that_remembers_its_account():
    frame = SubscriberRows().frame(attrs={"exotel_frames": {"origin": {}}})
    pd.testing.assert_frame_equal(frame, convert.empty("subscribers"))
    assert frame.attrs == {"exotel_frames": {"origin": {}}}


def test_what_was_gathered_is_let_go_when_the_frame_is_made():
    rows = SubscriberRows(batch_rows=2)
    rows.extend(some(range(5)))
    assert len(rows.frame()) == 5
    assert len(rows) == 0
    assert rows.frame().empty


@pytest.mark.parametrize("cut", [slice(0, 1), slice(1, 2), slice(0, None, 2)])
def test_rows_go_at_the_end_only(cut):
    rows = SubscriberRows()
    rows.extend(some(range(3)))
    with pytest.raises(IndexError, match="only at the end"):
        del rows[cut]
    assert len(rows) == 3
