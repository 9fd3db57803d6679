"""A summary counts every row once, whatever became of it."""

import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import empty, results_frame, tokens_frame
from exotel_frames.frames.summary import count_outcomes, headline, summarize
from exotel_frames.records import TokenVerdict, Verdict
from tests.laws import holds

COLUMNS = {"outcome": "str", "error_code": "Int64", "error_message": "str", "rows": "int64"}


def results(*rows):
    """Make a results frame of (count, outcome, code, message)."""
    told = [row[1:] for row in rows for _ in range(row[0])]
    return results_frame(
        [
            Verdict(
                row=place, subscriber_name="n", action="create", outcome=outcome, error_code=code, error_message=message
            )
            for place, (outcome, code, message) in enumerate(told)
        ]
    )


def lines(frame):
    return count_outcomes(frame).astype(object).where(lambda cell: cell.notna(), None).to_numpy().tolist()


def test_the_lines_come_in_the_order_of_the_outcomes_and_the_most_frequent_error_first():
    frame = results(
        (1, "not_sent", None, None),
        (1, "rejected", 1000, "Not Found"),
        (2, "rejected", 1008, "Duplicate"),
        (3, "done", None, None),
    )
    assert lines(frame) == [
        ["done", None, None, 3],
        ["rejected", 1008, "Duplicate", 2],
        ["rejected", 1000, "Not Found", 1],
        ["not_sent", None, None, 1],
    ]


@holds(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from(schema.OUTCOMES),
            st.one_of(st.none(), st.integers(1000, 1003)),
            st.one_of(st.none(), st.text("abcdefghij", max_size=1)),
        ),
        max_size=25,
    ),
    few=5,
)
def test_every_row_is_counted_once(rows):
    frame = results(*rows)
    counts = count_outcomes(frame)
    assert counts["rows"].sum() == len(frame)
    assert counts.groupby("outcome")["rows"].sum().to_dict() == frame["outcome"].value_counts().to_dict()
    assert {name: str(dtype) for name, dtype in counts.dtypes.items()} == COLUMNS
    assert headline(frame).startswith(f"{len(frame)} row")


@pytest.mark.parametrize("name", ["results", "tokens"])
def test_nothing_has_a_summary_too(name):
    assert {name: str(dtype) for name, dtype in count_outcomes(empty(name)).dtypes.items()} == COLUMNS
    assert headline(empty(name)) == "0 rows"


def test_tokens_are_summarized_alike():
    verdict = TokenVerdict(
        row=0, subscriber_name="bob", platform="ios", device_id="d", outcome="rejected", error_code=1000
    )
    assert lines(tokens_frame([verdict])) == [["rejected", 1000, None, 1]]


def test_messages_about_single_rows_are_put_together():
    frame = results(*[(1, "invalid", None, f"'n{place}' is wrong.") for place in range(7)])
    assert lines(frame) == [["invalid", None, "'n0' is wrong. (and 6 more like it)", 7]]
    few = results(*[(1, "invalid", None, f"'n{place}' is wrong.") for place in range(5)])
    assert len(summarize(few)) == 5


def test_an_outcome_that_is_missing_is_still_counted():
    assert (
        summarize(pd.DataFrame({"outcome": ["done", None], "error_code": None, "error_message": None}))["rows"].sum()
        == 2
    )


def test_a_headline_says_what_became_of_the_rows():
    frame = results(
        (953, "done", None, None), (40, "rejected", 1008, "Duplicate resource"), (7, "invalid", None, "No.")
    )
    assert headline(frame) == "1,000 rows: 953 done, 40 rejected (1008 Duplicate resource), 7 invalid"
    assert headline(results((1, "done", None, None))) == "1 row: 1 done"


def test_a_headline_counts_several_reasons():
    frame = results((3, "rejected", 1008, "Duplicate"), (2, "rejected", 1000, "Not Found"), (1, "rejected", 1002, None))
    assert headline(frame) == "6 rows: 6 rejected (1008 Duplicate: 3, 1000 Not Found: 2 and 1 more)"


def test_a_frame_that_is_no_result_is_refused():
    with pytest.raises(ValidationError, match="no column 'outcome'"):
        summarize(pd.DataFrame({"subscriber_name": ["bob"]}))


def test_what_is_read_has_no_marks_of_what_is_missing_and_codes_stay_numbers():
    shown = summarize(results((2, "done", None, None), (1, "rejected", 1008, "Duplicate")))
    assert "NA" not in shown.to_string().upper().replace("NAME", "")
    assert shown.to_numpy().tolist() == [["done", "", "", 2], ["rejected", 1008, "Duplicate", 1]]
    assert shown[shown["error_code"] == 1008]["rows"].tolist() == [1]


def test_messages_are_counted_by_rule_whatever_they_quote():
    messages = [f"'n{row}' is repeated in rows {row} and 1,00{row}." for row in range(4)]
    messages += [f"'it\\'s {row}' is no status." for row in range(3)]
    assert lines(results(*[(1, "invalid", None, message) for message in messages])) == [
        ["invalid", None, f"{messages[0]} (and 3 more like it)", 4],
        ["invalid", None, f"{messages[4]} (and 2 more like it)", 3],
    ]


@pytest.mark.parametrize("evil", ["\x1b]0;pwned\x07", "\r\n600 rows: 600 done", "\u202egnp.exe", "\u2028", "\x9b31m"])
def test_texts_of_the_service_are_escaped(evil):
    frame = results((1, "rejected", 1008, f"no{evil}"))
    assert evil not in headline(frame)
    assert headline(frame).isprintable()
    assert summarize(frame)["error_message"].item().isprintable()
