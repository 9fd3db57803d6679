"""What callers give is taken in any common shape, and what is wrong with it is one clear error."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import names_series, need_columns
from exotel_frames.text import escape_text, join_words, quote_value
from tests.frames.wording import NO_FRAME, NO_LIST, rename_to

FRAME = pd.DataFrame({"subscriber_name": ["bob", "nidhi"], "team": ["a", "b"]}, index=["x", "y"])


def refusal(frame, required, **more):
    with pytest.raises(ValidationError) as told:
        need_columns(frame, required, **more)
    return str(told.value)


def test_the_columns_that_are_needed_are_enough():
    need_columns(FRAME, ["subscriber_name"], optional=["status", "custom_field"])
    need_columns(FRAME, ["subscriber_name"], any_of=["team", "status"])


@pytest.mark.parametrize("value", [None, [], {"subscriber_name": []}, "bob", pd.Series(["bob"])])
def test_what_is_no_frame_is_named(value):
    assert NO_FRAME in refusal(value, ["subscriber_name"])


def test_everything_wrong_with_the_columns_is_one_error():
    frame = pd.DataFrame([["a", "b", "c"]], columns=["team", "team", "Custom Field"])
    text = refusal(frame, ["subscriber_name", "platform"], optional=["custom_field"], what="The sheet")
    assert text.startswith("The sheet can't be used: ")
    for part in (
        "2 columns 'team'",
        "no column 'subscriber_name'",
        "no column 'platform'",
        "'Custom Field' would be",
    ):
        assert part in text


@pytest.mark.parametrize("label", ["Subscriber_Name", "subscriber name", "subscribername", "subscriber_nmae", "name"])
def test_a_misspelt_column_is_suggested(label):
    assert f"did you mean '{label}'?" in refusal(pd.DataFrame({label: []}), ["subscriber_name"])


@pytest.mark.parametrize("label", ["Status", "STATUS", " status", "statuss", "satus"])
def test_an_optional_column_that_would_be_ignored_is_refused(label):
    assert rename_to("status") in refusal(pd.DataFrame({label: []}), [], optional=["status"])


@pytest.mark.parametrize("label", ["status_from", "state", "team", 7, None, ("a", "b")])
def test_a_column_of_the_analysts_own_is_welcome(label):
    need_columns(pd.DataFrame([["a"]], columns=pd.Index([label], tupleize_cols=False)), [], optional=["status"])


def test_a_near_miss_is_welcome_beside_the_real_column():
    need_columns(pd.DataFrame({"status": [], "Status": []}), [], optional=["status"])


def test_a_frame_without_columns_says_so():
    assert "it has no columns at all" in refusal(pd.DataFrame(), ["subscriber_name"])


@pytest.mark.parametrize(
    "names",
    [
        ["bob", "nidhi"],
        ("bob", "nidhi"),
        {"bob": 1, "nidhi": 2}.keys(),
        {"nidhi", "bob"},
        frozenset({"nidhi", "bob"}),
        (name for name in ["bob", "nidhi"]),
        np.array(["bob", "nidhi"]),
        np.array(["bob", "nidhi"], dtype=object),
        pd.Index(["bob", "nidhi"]),
        pd.array(["bob", "nidhi"], dtype="string"),
        pd.Categorical(["bob", "nidhi"]),
    ],
)
def test_names_come_in_any_common_shape(names):
    series = names_series(names)
    assert series.tolist() == ["bob", "nidhi"]
    assert series.name == "subscriber_name"
    assert series.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    "names", [FRAME["subscriber_name"].rename("who"), FRAME, FRAME[["team"]].assign(team=["bob", "nidhi"])]
)
def test_a_series_or_frame_of_names_keeps_its_index(names):
    series = names_series(names)
    assert series.tolist() == ["bob", "nidhi"]
    assert series.index.tolist() == ["x", "y"]
    assert series.name == "subscriber_name"


def test_the_callers_series_is_not_renamed():
    mine = pd.Series(["bob"], name="who")
    names_series(mine)
    assert mine.name == "who"


def test_names_stay_the_objects_they_are():
    cells = [1, None, 2.0, "bob", True]
    assert [type(cell) for cell in names_series(cells)] == [type(cell) for cell in cells]


def test_one_name_is_told_to_be_wrapped_in_a_list():
    with pytest.raises(ValidationError, match=re.escape(f"{NO_LIST}['bob']")):
        names_series("bob")


@pytest.mark.parametrize(
    "names", [None, 7, b"bob", {"bob": 1}, np.array([["bob"]]), pd.MultiIndex.from_tuples([("a", "b")])]
)
def test_what_holds_no_names_is_refused(names):
    with pytest.raises(ValidationError, match="must be"):
        names_series(names)


def test_a_frame_of_several_columns_without_names_is_refused():
    with pytest.raises(ValidationError, match=r"a frame of 2 columns.*did you mean 'Name'\?"):
        names_series(pd.DataFrame({"Name": ["bob"], "team": ["a"]}))


def test_a_frame_with_two_columns_of_names_is_refused():
    with pytest.raises(ValidationError, match="2 columns 'subscriber_name'"):
        names_series(pd.DataFrame([["bob", "bob"]], columns=["subscriber_name"] * 2))


# words


class Rude:
    def __repr__(self):
        raise RuntimeError("no")


@settings(max_examples=30)
@given(st.one_of(st.text(st.characters()), st.binary(), st.lists(st.text()), st.floats(), st.datetimes()))
def test_whatever_is_shown_is_one_short_printable_line(value):
    text = quote_value(value)
    assert text
    assert text.isprintable()
    assert len(text) <= 40 * 10 + 3


def test_a_value_whose_repr_fails_is_still_shown():
    assert quote_value(Rude()) == "a Rude"


def test_a_long_text_is_cut_and_a_line_break_is_escaped():
    assert quote_value("x" * 41) == f"'{'x' * 40}…'"
    assert escape_text("a\nb\x00") == r"a\nb\x00"


def test_a_list_of_one_or_none_reads_well():
    assert [join_words([]), join_words(["a"]), join_words(["a"], 3), join_words(["a", "b"], last="or")] == [
        "",
        "a",
        "a and 2 more",
        "a or b",
    ]
