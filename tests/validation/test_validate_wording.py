"""What a problem says, word for word: the row, the cell as it was, the rule, the sentence and the suggestion."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import conform
from exotel_frames.validation.validate import invalid_rows, validate_names, validate_subscribers, validate_tokens
from tests.frames.wording import NO_WHOLE_NUMBER
from tests.plans.wording import case_twin
from tests.validation.wording import AS_TEXT, SEVEN, frame_to

CURRENT = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": ["active", None]})
TWIN = "(row {}, counted from 0): names are case-sensitive, so these are different"


def told(problems):
    columns = ["row", "column", "value", "rule", "message", "fix"]
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in problems[columns].to_numpy().tolist()]


def devices(**columns):
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"subscriber_name": ["bob"] * rows, "platform": "ios", "device_id": "d1", **columns})


def test_a_platform_is_told_with_the_cell_as_it_was_and_what_is_meant():
    frame = devices(platform=["android", "IOS", " Android ", None, "windows", 7, "\ud83dx"])
    no = "is not a platform: it must be 'android' or 'ios'."
    assert told(validate_tokens(frame)) == [
        (2, "platform", " Android ", "bad_platform", f"' Android ' {no}", "android"),
        (3, "platform", None, "missing", "This row has no platform: android or ios is needed.", ""),
        (4, "platform", "windows", "bad_platform", f"'windows' {no}", ""),
        (5, "platform", "7", "bad_platform", f"7 {no}", ""),
        (6, "platform", "\\ud83dx", "bad_platform", f"'\\ud83dx' {no}", ""),
    ]


def test_a_device_is_told_with_the_cell_as_it_was_and_why_it_can_not_be_sent():
    frame = devices(device_id=["d", " ", None, 7, "\ud800", "a\udfffb\ud800", b"x"])
    the_id = "the id by which the app knows the device is needed."
    half = "can't be sent: it contains half of a surrogate pair"
    assert sorted(told(validate_tokens(frame))) == [
        (1, "device_id", " ", "empty", f"The device_id is empty: {the_id}", ""),
        (2, "device_id", None, "missing", f"This row has no device_id: {the_id}", ""),
        (3, "device_id", "7", "not_text", SEVEN, ""),
        (4, "device_id", "\\ud800", "bad_device_id", f"'\\ud800' {half} (U+D800).", ""),
        (5, "device_id", "a\\udfffb\\ud800", "bad_device_id", f"'a\\udfffb\\ud800' {half} (U+DFFF).", ""),
        (
            6,
            "device_id",
            "b'x'",
            "not_text",
            f"b'x' is bytes, not text: their encoding is not known{AS_TEXT}",
            "",
        ),
    ]


def test_a_creation_beside_the_tenant_says_who_is_there():
    frame = pd.DataFrame({"subscriber_name": ["bob", "eve2", "eve"]})
    drop = "exists already: drop the row, or update the subscriber instead."
    assert told(validate_subscribers(frame, action="create", current=CURRENT)) == [
        (0, "subscriber_name", "bob", "already_exists", f"'bob' {drop}", ""),
        (2, "subscriber_name", "eve", "already_exists", f"'eve' {drop}", ""),
    ]


def test_an_update_beside_the_tenant_says_what_is_missing_and_who_may_be_meant():
    frame = pd.DataFrame({"subscriber_name": ["eve", "Bob", "nobody"], "status": [None, "active", "active"]})
    no_status = "An update needs a status, but neither this row nor the current subscriber 'eve' has one."
    meant = "'Bob' is not among the 2 current subscribers. Did you mean 'bob'? Names are case-sensitive."
    problems = told(validate_subscribers(frame, action="update", current=CURRENT))
    assert [problem for problem in problems if problem[3] != "case_twin"] == [
        (0, "status", None, "status_missing", no_status, ""),
        (1, "subscriber_name", "Bob", "not_found", meant, "bob"),
        (2, "subscriber_name", "nobody", "not_found", "'nobody' is not among the 2 current subscribers.", ""),
    ]


def test_a_delete_has_no_use_for_a_status_and_does_not_look_at_it():
    frame = pd.DataFrame({"subscriber_name": ["eve"], "status": ["?"]})
    assert told(validate_subscribers(frame, action="delete", current=CURRENT)) == []


def test_names_that_differ_by_case_only_name_each_others_rows():
    problems = told(validate_subscribers(pd.DataFrame({"subscriber_name": ["bob", "ann", "Bob"]})))
    assert [(row, rule) for row, _, _, rule, _, _ in problems] == [(0, "case_twin"), (2, "case_twin")]
    assert f"{case_twin('Bob')} {TWIN.format(2)}" in problems[0][4]
    assert f"{case_twin('bob')} {TWIN.format(0)}" in problems[1][4]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: validate_subscribers(pd.DataFrame({"subscriber_name": ["eve"]}), action="rename"),
            "'rename' is not an action that can be validated: use one of 'create', 'update' or 'delete'.",
        ),
        (
            lambda: validate_subscribers(pd.DataFrame({"name": ["eve"]}), action="delete"),
            f"{frame_to('delete')}it has no column 'subscriber_name' (did you mean",
        ),
        (
            lambda: validate_tokens(pd.DataFrame({"subscriber_name": [], "platform": []})),
            "The frame of devices can't be used: it has no column 'device_id' (its columns are 'subscriber_name' and",
        ),
        (
            lambda: validate_subscribers(pd.DataFrame({"subscriber_name": ["eve"]}), current=pd.DataFrame()),
            "current",
        ),
    ],
)
def test_a_frame_that_can_not_be_validated_is_named(call, said):
    with pytest.raises(ValidationError) as refused:
        call()
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "problems",
    [
        validate_subscribers(pd.DataFrame({"subscriber_name": ["a", "b b"]}, index=["x", "y"])),
        validate_tokens(devices(device_id=["1", ""]).set_axis(["x", "y"])),
    ],
)
def test_a_problem_keeps_the_label_of_its_row(problems):
    assert problems.index.tolist() == ["y"]
    assert problems["row"].tolist() == [1]


ALLOWED = "only A to Z, a to z and 0 to 9 are allowed."


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", ["The name is empty: 1 to 16 letters and digits are needed."]),
        ("123456789012345 ", [f"'123456789012345 ' contains a space (character 16): {ALLOWED}"]),
        (
            "é" * 9,
            [
                "'ééééééééé' is 18 bytes long (9 characters): a name has at most 16.",
                f"'ééééééééé' contains the letter 'é' with an accent (character 1): {ALLOWED}",
            ],
        ),
        ("x" * 17, ["'xxxxxxxxxxxxxxxxx' is 17 bytes long: a name has at most 16."]),
        (True, [f"True is a truth value, not text: the cell may have said TRUE, True or true{AS_TEXT}"]),
        (7, [SEVEN]),
        (
            1.5,
            [
                "1.5 is a number, not text: leading zeros, an E as in '1E5' and the digits after the 15th would be lost"
                + AS_TEXT
            ],
        ),
        (
            date(2026, 3, 1),
            [
                "datetime.date(2026, 3, 1) is a date or time, not text: a name such as 'MAR1' may have been turned "
                "into it" + AS_TEXT
            ],
        ),
        (["a"], [f"['a'] is of the type list, not text: how it would read as text is not known{AS_TEXT}"]),
        (None, ["This row has no name: add one, or drop the row."]),
    ],
)
def test_a_name_is_told_every_fault_it_has(name, said):
    assert validate_names(pd.Series([name, "sound"], dtype=object))["message"].tolist() == said


def test_a_frame_without_rows_rules_and_messages_is_no_problems_frame():
    with pytest.raises(ValidationError, match=r"^The problems frame can't be used: it has no column 'rule'"):
        invalid_rows(pd.DataFrame({"row": [1]}))


def results_with(**columns):
    sound = {"row": 0, "subscriber_name": "bob", "action": "create", "outcome": "done", "attempts": 1, "seconds": 0.5}
    return pd.DataFrame({name: pd.Series(columns.get(name, [cell, cell])) for name, cell in sound.items()})


def test_numbers_of_any_kind_become_the_schemas_and_what_is_missing_stays_missing():
    results = conform(results_with(seconds=pd.Series([1, None], dtype=object), attempts=[2.0, 3.0]), "results")
    assert results["seconds"].dtype == "float64"
    assert results["seconds"].tolist()[:1] == [1.0]
    assert results["seconds"].isna().tolist() == [False, True]
    assert results["attempts"].dtype == "int64"
    assert results["attempts"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"row": pd.Series([None, 1], dtype=object)}, "its column 'row' must not be missing (row 0: None"),
        ({"seconds": ["x", "y"]}, "its column 'seconds' contains values that are not numbers ("),
        ({"attempts": [1.5, 2.0]}, f"its column 'attempts' {NO_WHOLE_NUMBER} (row 0: 1.5"),
        (
            {"seconds": pd.Series([Decimal(1), 2.0], dtype=object)},
            "its column 'seconds' contains values that are not numbers (",
        ),
    ],
)
def test_a_number_that_is_none_is_refused_in_words(columns, said):
    with pytest.raises(ValidationError) as refused:
        conform(results_with(**columns), "results")
    assert said in str(refused.value)
