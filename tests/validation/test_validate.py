"""Every problem of every row is told, named as what it is, before anything is sent."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import subscriber_batch, subscribers_frame
from exotel_frames.records import Subscriber
from exotel_frames.validation import FINDING_RULES
from exotel_frames.validation.problem import RULES
from exotel_frames.validation.validate import (
    invalid_rows,
    row_messages,
    validate_names,
    validate_subscribers,
    validate_tokens,
)
from tests.frames.wording import NOTHING_TO_DO
from tests.validation.wording import looks_like

LEGAL = ["bob", "007", "1E5", "MAR1", "TRUE", "NA", "null", "0", "x" * 16, "AlexBourton"]


def told(problems):
    return list(zip(problems["row"], problems["column"], problems["rule"], strict=True))


def only(names):
    problems = validate_names(names)
    assert len(problems) == 1, problems.to_string()
    return problems.iloc[0]


def tenant(*names, status="active"):
    return subscribers_frame([subscriber_batch([Subscriber(name, status) for name in names])])


def test_legal_names_have_no_problems_however_odd_they_look():
    problems = validate_names(LEGAL)
    assert len(problems) == 0
    assert {name: str(dtype) for name, dtype in problems.dtypes.items()} == schema.PROBLEMS


def test_no_names_have_no_problems():
    for nothing in (
        [],
        pd.Series([], dtype="str"),
        pd.Series([], dtype="float64"),
        pd.DataFrame({"subscriber_name": []}),
    ):
        assert len(validate_names(nothing)) == 0


@pytest.mark.parametrize("cell", [None, np.nan, pd.NA, pd.NaT, Decimal("NaN"), np.datetime64("NaT")])
def test_every_kind_of_nothing_is_a_missing_name(cell):
    problem = only(["bob", cell])
    assert (problem["row"], problem["rule"]) == (1, "missing")
    assert pd.isna(problem["value"])


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        (7, "7 is a whole number, not text: leading zeros"),
        (np.int64(7), "7 is a whole number"),
        (7.0, "7.0 is a number"),
        (float("inf"), "inf is a number"),
        (Decimal(7), "is a number"),
        (Decimal("sNaN"), "is a number"),
        (True, "True is a truth value"),
        (np.bool_(0), "False is a truth value"),
        (date(2020, 3, 1), "is a date or time"),
        (datetime(2020, 3, 1), "is a date or time"),  # noqa: DTZ001 - a cell as Excel gives it
        (pd.Timestamp(2020, 3, 1), "is a date or time"),
        (b"bob\xff", "is bytes"),
        (["bob"], "is of the type list"),
    ],
)
def test_what_is_not_text_is_named_with_what_may_be_lost(cell, part):
    problem = only(["bob", cell])
    assert (problem["row"], problem["rule"], problem["fix"]) == (1, "not_text", "")
    assert part in problem["message"]


def test_bytes_that_can_only_mean_one_name_are_suggested_as_it():
    assert only([b"bob"])["fix"] == "bob"


def test_an_empty_name_is_told_once_however_often_it_comes():
    assert told(validate_names(["", ""])) == [(0, "subscriber_name", "empty"), (1, "subscriber_name", "empty")]


def test_a_long_name_is_told_its_length_in_bytes():
    assert "17 bytes long" in only(["x" * 17])["message"]
    problems = validate_names(["é" * 9])
    assert problems["rule"].tolist() == ["too_long", "bad_characters"]
    assert "18 bytes long (9 characters)" in problems["message"].iloc[0]


@pytest.mark.parametrize(
    ("name", "part", "fix"),
    [
        ("bo b", "a space (character 3)", ""),
        (" bob ", "a space (character 1)", "bob"),
        ("b\tb", "a tab (character 2)", ""),
        ("bob\n", "a line break (character 4)", "bob"),
        ("bob\r\n", "a line break (character 4)", "bob"),
        ("bob\u2028", "a line break", "bob"),
        ("bob\u00a0", "a no-break space", "bob"),
        ("bob\u2003", "an unusual space (U+2003, em space)", "bob"),
        ("\uff11\uff12", "the full-width digit '\uff11' (U+FF11)", "12"),
        ("\uff22ob", "the full-width letter '\uff22'", "Bob"),
        ("jos\u00e9", "the letter '\u00e9' with an accent (character 4)", ""),
        ("jose\u0301", "a combining mark (U+0301, combining acute accent)", ""),
        ("\u0430nna", f"the Cyrillic letter '\u0430' (U+0430), {looks_like('a')}", ""),
        ("\u0391lex", f"the Greek letter '\u0391' (U+0391), {looks_like('A')}", ""),
        ("a\u00b2", "the special digit '\u00b2'", ""),
        ("\u0663", "the foreign digit '\u0663' (U+0663, arabic-indic digit three)", ""),
        ("stra\u00dfe", "the letter '\u00df' (U+00DF, latin small letter sharp s)", ""),
        ("a-b", "a hyphen (character 2)", ""),
        ("a_b", "an underscore", ""),
        ("a.b", "a full stop", ""),
        ("a#b", "the sign '#' (character 2)", ""),
        ("a\U0001f600", "the emoji or symbol '\U0001f600' (U+1F600, grinning face)", ""),
        ("\u200bzoe", "an invisible character (U+200B, zero width space)", "zoe"),
        ("\ufeffzoe", "an invisible character (U+FEFF, zero width no-break space)", "zoe"),
        ("\u202ebob", "an invisible character (U+202E, right-to-left override)", ""),
        ("a\x00", "a control character (U+0000)", ""),
        ("a\ufffd", "wrong encoding", ""),
        ("a\ud83d", "half of a surrogate pair (U+D83D)", ""),
        ("a\ue000", "a private character (U+E000)", ""),
    ],
)
def test_each_offending_character_is_named_as_what_it_is(name, part, fix):
    problem = only([name])
    assert problem["rule"] == "bad_characters"
    assert part in problem["message"]
    assert problem["fix"] == fix


def test_many_kinds_of_offending_characters_are_cut_short_and_none_comes_twice():
    message = only(["a- - -."])["message"]
    assert message.count("hyphen") == message.count("space") == 1
    assert "2 more" in only(["-_.,@+/"])["message"]


def test_the_value_of_a_problem_is_the_cell_as_it_is():
    assert only([" bob\n"])["value"] == " bob\n"
    assert only([7])["value"] == "7"


def test_a_suggestion_is_itself_without_problems():
    names = [" bob ", "\uff11", "\u200bzoe", "ann\u00a0", b"nidhi"]
    fixes = validate_names(names)["fix"].tolist()
    assert fixes == ["bob", "1", "zoe", "ann", "nidhi"]
    assert len(validate_names(fixes)) == 0


def test_names_are_never_changed_by_validating_them():
    frame = pd.DataFrame({"subscriber_name": [" bob ", 7, None], "status": ["Active", None, "on"]})
    before = frame.copy(deep=True)
    validate_names(frame)
    validate_subscribers(frame, action="update", current=frame)
    pd.testing.assert_frame_equal(frame, before)


def test_every_row_of_a_repeated_name_is_told_where_the_others_are():
    problems = validate_names(["bob", "ann", "bob", "zoe", "bob"])
    assert problems["row"].tolist() == [0, 2, 4]
    assert set(problems["rule"]) == {"repeated"}
    assert set(problems["message"]) == {"'bob' is in 3 rows (0, 2 and 4, counted from 0): keep one of them."}


def test_a_name_that_is_repeated_very_often_has_a_short_message():
    problems = validate_names(["bob"] * 1_000)
    assert len(problems) == 1_000
    assert "and 990 more" in problems["message"].iloc[999]
    assert problems["message"].str.len().max() < 110


def test_names_that_differ_only_by_case_are_a_warning_and_still_sent():
    problems = validate_names(["Bob", "ann", "bob", "BOB"])
    assert told(problems) == [(row, "subscriber_name", "case_twin") for row in (0, 2, 3)]
    assert "'bob' (row 2, counted from 0) and 'BOB' (row 3, counted from 0)" in problems["message"].iloc[0]
    assert invalid_rows(problems).tolist() == []
    assert row_messages(problems) == {}


def test_a_name_can_be_repeated_and_have_a_twin():
    assert told(validate_names(["bob", "bob", "Bob"])) == [
        (0, "subscriber_name", "repeated"),
        (0, "subscriber_name", "case_twin"),
        (1, "subscriber_name", "repeated"),
        (1, "subscriber_name", "case_twin"),
        (2, "subscriber_name", "case_twin"),
    ]


def test_case_is_ascii_case_only():
    rules = validate_names(["stra\u1e9ee", "stra\u00dfe"])["rule"]
    assert "case_twin" not in set(rules)


def test_a_group_of_many_twins_has_short_messages():
    names = [f"{place:010b}".replace("0", "a").replace("1", "A") for place in range(1024)]
    problems = validate_names(names)
    assert len(problems) == 1024
    assert problems["message"].str.len().max() < 400
    assert "1,018 more" in problems["message"].iloc[0]


def test_problems_keep_the_callers_labels_beside_the_row():
    series = pd.Series(["bob", "", "b b"], index=["x", "y", "x"])
    problems = validate_names(series)
    assert problems.index.tolist() == ["y", "x"]
    assert problems["row"].tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["object", "str", "string", "string[python]", "category", "string[pyarrow]"])
def test_every_kind_of_text_column_has_the_same_problems(dtype):
    names = pd.Series(["bob", None, "b b", "ann", "ann", ""], dtype=dtype)
    assert [(row, rule) for row, _, rule in told(validate_names(names))] == [
        (1, "missing"),
        (2, "bad_characters"),
        (3, "repeated"),
        (4, "repeated"),
        (5, "empty"),
    ]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float64", "bool", "datetime64[us]", "category", "int64[pyarrow]"])
def test_a_column_that_is_no_text_is_a_problem_in_every_row(dtype):
    names = pd.Series([1, 0]).astype(dtype)
    assert validate_names(names)["rule"].tolist() == ["not_text", "not_text"]


def test_the_holes_of_a_number_column_are_missing():
    assert validate_names(pd.Series([7.0, np.nan]))["rule"].tolist() == ["not_text", "missing"]
    assert validate_names(pd.array([7, pd.NA], dtype="Int64"))["rule"].tolist() == ["not_text", "missing"]


# subscribers


def test_creating_a_name_that_exists_is_a_problem():
    problems = validate_subscribers(pd.DataFrame({"subscriber_name": ["bob", "ann"]}), current=tenant("bob"))
    assert told(problems) == [(0, "subscriber_name", "already_exists")]


def test_a_new_name_that_is_an_existing_one_in_other_case_is_a_warning():
    problems = validate_subscribers(pd.DataFrame({"subscriber_name": ["Bob"]}), current=tenant("bob", "ann"))
    assert told(problems) == [(0, "subscriber_name", "case_twin")]
    assert "'bob' (an existing subscriber)" in problems["message"].iloc[0]


@pytest.mark.parametrize("action", ["update", "delete"])
def test_what_does_not_exist_can_not_be_changed_and_its_only_twin_is_suggested(action):
    frame = pd.DataFrame({"subscriber_name": ["bob", "Zoe", "max"], "status": "active"})
    problems = validate_subscribers(frame, action=action, current=tenant("bob", "zoe"))
    missing = problems[problems["rule"] == "not_found"]
    assert missing["row"].tolist() == [1, 2]
    assert missing["fix"].tolist() == ["zoe", ""]
    assert "Did you mean 'zoe'?" in missing["message"].iloc[0]
    assert "2 current subscribers" in missing["message"].iloc[1]


def test_two_existing_twins_are_a_warning_and_no_suggestion():
    current = tenant("bob", "Bob")
    both = validate_subscribers(pd.DataFrame({"subscriber_name": ["bob"]}), action="delete", current=current)
    assert told(both) == [(0, "subscriber_name", "case_twin")]
    neither = validate_subscribers(pd.DataFrame({"subscriber_name": ["BOB"]}), action="delete", current=current)
    assert neither.loc[neither["rule"] == "not_found", "fix"].tolist() == [""]


def test_an_empty_tenant_is_not_the_same_as_no_tenant():
    frame = pd.DataFrame({"subscriber_name": ["bob"]})
    assert told(validate_subscribers(frame, action="delete", current=tenant())) == [(0, "subscriber_name", "not_found")]
    assert told(validate_subscribers(frame, action="delete")) == []


def test_current_may_be_plain_names():
    frame = pd.DataFrame({"subscriber_name": ["bob"]})
    for current in (["bob"], {"bob"}, pd.Series(["bob", None]), pd.Index(["bob"])):
        assert validate_subscribers(frame, current=current)["rule"].tolist() == ["already_exists"]


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        ("Active", "active"),
        (" inactive ", "inactive"),
        ("suspended", "inactive"),
        ("enabled", "active"),
        ("", ""),
        ("away", ""),
        (1, ""),
        (True, ""),
        ("\ud83d", ""),
    ],
)
def test_a_status_outside_the_enum_is_a_problem(status, fix):
    frame = pd.DataFrame({"subscriber_name": ["bob"], "status": pd.Series([status], dtype=object)})
    problems = validate_subscribers(frame, action="update")
    assert told(problems) == [(0, "status", "bad_status")]
    assert problems["fix"].tolist() == [fix]
    assert "'active' or 'inactive'" in problems["message"].iloc[0]


def test_a_missing_status_can_be_read_from_the_tenant():
    frame = pd.DataFrame({"subscriber_name": ["bob", "ann"], "status": ["active", None], "custom_field": "x"})
    assert told(validate_subscribers(frame, action="update")) == []
    assert told(validate_subscribers(frame, action="update", current=tenant("bob", "ann"))) == []


def test_a_status_that_neither_the_row_nor_the_tenant_tells_is_a_problem():
    current = tenant("bob", "ann").assign(status=[None, None])
    frame = pd.DataFrame({"subscriber_name": ["bob", "ann"], "status": ["active", None], "custom_field": "x"})
    assert told(validate_subscribers(frame, action="update", current=current)) == [(1, "status", "status_missing")]
    without = validate_subscribers(frame.drop(columns="status"), action="update", current=current)
    assert told(without) == [(0, "status", "status_missing"), (1, "status", "status_missing")]


@pytest.mark.parametrize(
    ("cell", "fix"),
    [(42, "42"), (4.5, ""), (True, ""), (b"x", ""), (date(2020, 1, 1), ""), ("\ud83d", ""), ({"a": 1}, "")],
)
def test_a_custom_field_that_can_not_be_sent_is_a_problem(cell, fix):
    frame = pd.DataFrame({"subscriber_name": ["bob"], "custom_field": pd.Series([cell], dtype=object)})
    problems = validate_subscribers(frame)
    assert told(problems) == [(0, "custom_field", "bad_custom_field")]
    assert problems["fix"].tolist() == [fix]


def test_any_text_and_nothing_at_all_are_fine_custom_fields():
    fields = pd.Series(["", None, np.nan, "é\n\t😀", "x" * 10_000], dtype=object)
    assert told(validate_subscribers(pd.DataFrame({"subscriber_name": list("abcde"), "custom_field": fields}))) == []


def test_a_delete_looks_at_the_names_only():
    frame = pd.DataFrame({"subscriber_name": ["bob"], "status": ["Away"], "custom_field": [42], "Status": ["x"]})
    assert told(validate_subscribers(frame, action="delete")) == []


def test_an_update_of_nothing_is_an_error_of_the_call():
    with pytest.raises(ValidationError, match=NOTHING_TO_DO):
        validate_subscribers(pd.DataFrame({"subscriber_name": ["bob"]}), action="update")


def test_a_wrong_call_is_one_clear_error():
    frame = pd.DataFrame({"subscriber_name": ["bob"], "Status": ["active"]})
    with pytest.raises(ValidationError, match="rename it to 'status'"):
        validate_subscribers(frame)
    with pytest.raises(ValidationError, match="'upsert' is not an action"):
        validate_subscribers(frame, action="upsert")
    with pytest.raises(ValidationError, match="no column 'subscriber_name'"):
        validate_subscribers(frame[["Status"]])
    with pytest.raises(ValidationError, match="this is a list"):
        validate_subscribers([])


def test_all_problems_of_a_row_are_told_in_the_order_of_the_rules():
    frame = pd.DataFrame({"subscriber_name": ["bob", "b b" * 9], "status": ["on", "active"], "custom_field": [1, None]})
    problems = validate_subscribers(frame.astype({"custom_field": object}), current=["bob"])
    assert [(row, rule) for row, _, rule in told(problems)] == [
        (0, "already_exists"),
        (0, "bad_status"),
        (0, "bad_custom_field"),
        (1, "too_long"),
        (1, "bad_characters"),
    ]


# tokens


def test_devices_are_judged_by_name_platform_and_id():
    frame = pd.DataFrame(
        {
            "subscriber_name": ["bob", "bob", "b b", None, "ann", "ann"],
            "platform": ["Android", "IOS", "ios", "Windows", None, " ios "],
            "device_id": ["d1", "d2", 7, "", " \t", "\ud83d"],
        }
    )
    problems = validate_tokens(frame)
    assert told(problems) == [
        (2, "device_id", "not_text"),
        (2, "subscriber_name", "bad_characters"),
        (3, "subscriber_name", "missing"),
        (3, "device_id", "empty"),
        (3, "platform", "bad_platform"),
        (4, "platform", "missing"),
        (4, "device_id", "empty"),
        (5, "platform", "bad_platform"),
        (5, "device_id", "bad_device_id"),
    ]
    assert problems.loc[problems["rule"] == "bad_platform", "fix"].tolist() == ["", "ios"]


def test_a_frame_of_devices_needs_its_three_columns():
    with pytest.raises(ValidationError, match=r"no column 'platform'.*no column 'device_id'"):
        validate_tokens(pd.DataFrame({"subscriber_name": ["bob"]}))


# what operations make of problems


def test_invalid_rows_are_each_told_once_in_order():
    problems = validate_names(["Bob", "b b" * 9, "bob", None])
    assert invalid_rows(problems).tolist() == [1, 3]
    assert invalid_rows(problems).dtype == np.int64
    assert invalid_rows(validate_names([])).tolist() == []


def test_the_messages_of_a_row_are_joined():
    messages = row_messages(validate_names(["b b" * 9]))
    assert list(messages) == [0]
    assert "27 bytes long" in messages[0]
    assert "a space" in messages[0]


def test_every_warning_rule_is_a_rule():
    assert {*RULES, *FINDING_RULES} >= schema.WARNING_RULES
