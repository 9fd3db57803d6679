"""Records become frames with exactly the documented columns and dtypes, and come back."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames import convert
from exotel_frames.records import PlanRow, Subscriber, TokenVerdict, Verdict
from exotel_frames.secret import Secret
from tests.frames.wording import NO_WHOLE_NUMBER

SAMPLE = "2019-11-19T23:14:17+05:30"  # API.md, "The subscriber object"
SAMPLE_UTC = pd.Timestamp("2019-11-19T17:44:17Z")


def dtypes(frame):
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def created(*texts):
    rows = [Subscriber(f"n{place}", "active", None, text) for place, text in enumerate(texts)]
    return convert.subscribers_frame([convert.subscriber_batch(rows)])["date_created"]


@pytest.mark.parametrize("name", schema.SCHEMAS)
def test_an_empty_frame_has_the_schemas_columns_and_dtypes(name):
    frame = convert.empty(name)
    assert dtypes(frame) == schema.SCHEMAS[name]
    assert len(frame) == 0


@pytest.mark.parametrize("name", schema.SCHEMAS)
def test_conforming_an_empty_frame_changes_nothing(name):
    pd.testing.assert_frame_equal(convert.conform(convert.empty(name), name), convert.empty(name))


@pytest.mark.parametrize("name", schema.SCHEMAS)
def test_text_columns_are_the_str_dtype_that_arrow_stores(name):
    texts = [column.dtype for _, column in convert.empty(name).items() if str(column.dtype) == "str"]
    assert texts
    assert all(dtype == pd.StringDtype("pyarrow", na_value=np.nan) for dtype in texts)


def test_no_batches_make_an_empty_subscribers_frame():
    pd.testing.assert_frame_equal(convert.subscribers_frame([]), convert.empty("subscribers"))
    pd.testing.assert_frame_equal(
        convert.subscribers_frame([convert.subscriber_batch([])]), convert.empty("subscribers")
    )


def test_subscribers_keep_order_attrs_and_awkward_names():
    names = ["007", "1E5", "TRUE", "NA", "null", "nan", "None", "0000000000000001"]
    batches = [convert.subscriber_batch([Subscriber(name, "active", "")]) for name in names]
    frame = convert.subscribers_frame(batches, attrs={"account_sid": "acme1"})
    assert frame["subscriber_name"].tolist() == names
    assert frame["custom_field"].tolist() == [""] * len(names)
    assert frame.attrs == {"account_sid": "acme1"}
    assert frame.index.equals(pd.RangeIndex(len(names)))
    assert dtypes(frame) == schema.SUBSCRIBERS


def test_a_status_that_nobody_knows_is_kept():
    frame = convert.subscribers_frame([convert.subscriber_batch([Subscriber("bob", "sleeping")])])
    assert frame["status"].tolist() == ["sleeping"]


def test_dates_of_any_offset_become_utc():
    forms = (SAMPLE, "2019-11-19T17:44:17Z", "2019-11-19T23:14:17+0530", "2019-11-19 12:44:17-05:00")
    assert created(*forms).tolist() == [SAMPLE_UTC] * len(forms)


def test_dates_in_forms_that_arrow_refuses_are_read_all_the_same():
    forms = ("2019-11-19T17:44:17", "20191119T174417Z", "2019-11-19T17:44:17.0000009Z")
    assert created(*forms).tolist() == [SAMPLE_UTC] * len(forms)


def test_what_is_no_date_is_missing_and_spoils_no_other():
    dates = created("soon", SAMPLE, "", "2019-02-30T00:00:00Z", None)
    assert dates.isna().tolist() == [True, False, True, True, True]
    assert dates[1] == SAMPLE_UTC


def test_dates_that_an_offset_moves_out_of_the_calendar_are_missing():
    dates = created("9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:30", SAMPLE)
    assert dates.isna().tolist() == [True, True, False]
    assert created("9999-12-31T23:59:59-05:00", "soon").isna().all()


def test_created_and_updated_are_not_confused():
    rows = [
        Subscriber("a", "active", None, SAMPLE, "2020-01-01T00:00:00Z"),
        Subscriber("b", "active", None, SAMPLE, None),
    ]
    frame = convert.subscribers_frame([convert.subscriber_batch(rows)])
    assert frame["date_created"].tolist() == [SAMPLE_UTC] * 2
    assert frame["date_updated"].tolist() == [pd.Timestamp("2020-01-01", tz="UTC"), pd.NaT]


def test_making_a_frame_leaves_the_batches_usable():
    batches = [convert.subscriber_batch([Subscriber("bob", "active", "x", SAMPLE)])]
    first = convert.subscribers_frame(batches)
    pd.testing.assert_frame_equal(convert.subscribers_frame(batches), first)


# results and tokens


def verdict(row, **more):
    return Verdict(**{"row": row, "subscriber_name": f"n{row}", "action": "create", "outcome": "done", **more})


def test_results_come_in_the_order_of_their_rows_with_the_callers_labels():
    index = pd.Index(["x", "y", "z"], name="sheet")
    frame = convert.results_frame([verdict(2), verdict(0), verdict(1)], index)
    assert frame["row"].tolist() == [0, 1, 2]
    assert frame.index.equals(index)
    assert frame.index.name == "sheet"
    assert dtypes(frame) == schema.RESULTS


def test_a_part_of_the_results_gets_the_labels_of_its_rows():
    assert convert.results_frame([verdict(2), verdict(0)], pd.Index(["x", "y", "z"])).index.tolist() == ["x", "z"]


def test_result_dates_may_be_texts_and_datetimes_side_by_side():
    frame = convert.results_frame(
        [verdict(0, date_created=SAMPLE), verdict(1, date_created=SAMPLE_UTC.to_pydatetime())]
    )
    assert frame["date_created"].tolist() == [SAMPLE_UTC] * 2


def test_a_name_that_is_no_unicode_is_escaped_in_a_result_and_never_lost():
    assert convert.results_frame([verdict(0, subscriber_name="\ud83d")])["subscriber_name"].tolist() == ["\\ud83d"]


def test_results_come_back_as_the_verdicts_they_were():
    moment = datetime(2020, 1, 1, 12, tzinfo=UTC)
    given_verdicts = [
        verdict(0, chunk=0, http_code=207, code=200, date_created=moment, attempts=2, seconds=0.25, run_id="r"),
        verdict(1, outcome="rejected", error_code=1008, error_message="Duplicate resource", custom_field=""),
        verdict(2, subscriber_name=None, outcome="invalid"),
    ]
    assert [Verdict(**row) for row in convert.records(convert.results_frame(given_verdicts))] == given_verdicts
    assert convert.records(convert.empty("results")) == []


def test_tokens_stay_wrapped_in_frames_and_in_what_is_printed():
    token = TokenVerdict(
        row=0,
        subscriber_name="bob",
        platform="ios",
        device_id="d1",
        outcome="done",
        access_token=Secret("eyJsecret"),
        access_expires=SAMPLE_UTC.to_pydatetime(),
    )
    frame = convert.tokens_frame([token], pd.Index(["x"]), attrs={"account_sid": "acme1"})
    assert dtypes(frame) == schema.TOKENS
    assert "eyJsecret" not in frame.to_string() + frame.to_csv() + repr(frame.to_dict())
    assert frame.loc["x", "access_token"].reveal() == "eyJsecret"
    assert frame.loc["x", "access_expires"] == SAMPLE_UTC
    assert frame.attrs == {"account_sid": "acme1"}


# runs, problems, plans


def test_runs_count_what_is_absent_as_nothing():
    frame = convert.runs_frame([{"run_id": "r1", "started": SAMPLE, "rows": 3, "done": 2, "unknown": 1}])
    assert dtypes(frame) == schema.RUNS
    assert frame.loc[0, ["done", "unknown", "rejected"]].tolist() == [2, 1, 0]
    assert frame.loc[0, "started"] == SAMPLE_UTC


def test_problems_may_be_tuples_or_mappings_and_get_their_rows_labels():
    rows = [(2, "status", "on", "bad_status", "No status.", "active"), {"row": 0, "rule": "missing"}]
    frame = convert.problems_frame(rows, pd.Index(["x", "y", "z"]))
    assert dtypes(frame) == schema.PROBLEMS
    assert frame.index.tolist() == ["z", "x"]
    assert frame["rule"].tolist() == ["bad_status", "missing"]


def test_a_problem_tuple_of_the_wrong_length_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        convert.problems_frame([(1, "status")])


def test_a_plan_made_of_columns_ignores_their_indexes_and_fills_in_the_rest():
    columns = {
        "action": pd.Series(["create", "delete"], index=[7, 8]),
        "subscriber_name": ["007", "TRUE"],
        "custom_field": [None, ""],
    }
    frame = convert.plan_frame(columns, index=pd.Index(["x", "y"]), attrs={"account_sid": "acme1"})
    assert dtypes(frame) == schema.PLAN
    assert frame["action"].tolist() == ["create", "delete"]
    assert frame["note"].tolist() == ["", ""]
    assert frame["conflict"].tolist() == [False, False]
    assert frame.index.tolist() == ["x", "y"]
    assert frame.attrs == {"account_sid": "acme1"}


def test_plan_rows_turn_what_is_missing_into_none():
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    plan = convert.plan_frame(
        {
            "action": ["update", "delete"],
            "subscriber_name": ["bob", "nidhi"],
            "status": ["inactive", None],
            "custom_field": ["", np.nan],
            "date_updated": [moment, pd.NaT],
        }
    )
    assert convert.plan_rows(plan) == [
        PlanRow(0, "update", "bob", status="inactive", custom_field="", date_updated=moment),
        PlanRow(1, "delete", "nidhi"),
    ]
    assert type(convert.plan_rows(plan)[0].date_updated) is datetime


# conform


def test_conforming_orders_fills_drops_and_keeps_index_and_attrs():
    given_frame = pd.DataFrame({"team": ["a"], "status": ["active"], "subscriber_name": ["bob"]}, index=["x"])
    given_frame.attrs["account_sid"] = "acme1"
    before = given_frame.copy(deep=True)
    frame = convert.conform(given_frame, "subscribers")
    assert dtypes(frame) == schema.SUBSCRIBERS
    assert frame.index.tolist() == ["x"]
    assert frame.attrs == {"account_sid": "acme1"}
    pd.testing.assert_frame_equal(given_frame, before)


@pytest.mark.parametrize("dtype", ["object", "str", "string", "string[python]", "category", "string[pyarrow]"])
def test_every_kind_of_text_column_conforms(dtype):
    frame = convert.conform(pd.DataFrame({"subscriber_name": pd.Series(["007", None], dtype=dtype)}), "subscribers")
    assert frame["subscriber_name"].tolist()[0] == "007"
    assert frame["subscriber_name"].isna().tolist() == [False, True]
    assert dtypes(frame) == schema.SUBSCRIBERS


def test_a_column_that_is_wholly_missing_conforms_whatever_its_dtype():
    frame = pd.DataFrame(
        {"custom_field": [np.nan], "status": pd.array([pd.NA], dtype="Int64"), "date_created": [np.nan]}
    )
    assert convert.conform(frame, "subscribers").isna().all(axis=None)


@pytest.mark.parametrize(
    "dates",
    [
        pd.Series([SAMPLE]),
        pd.Series([SAMPLE_UTC]),
        pd.Series([SAMPLE_UTC.to_pydatetime(), None], dtype=object),
        pd.Series([SAMPLE_UTC.tz_convert("Asia/Kolkata")]),
        pd.Series([SAMPLE_UTC.tz_localize(None)]).astype("datetime64[ns]"),
        pd.Series([SAMPLE, SAMPLE_UTC], dtype=object),
    ],
)
def test_every_kind_of_date_column_conforms(dates):
    frame = convert.conform(pd.DataFrame({"date_updated": dates}), "subscribers")
    assert frame.loc[0, "date_updated"] == SAMPLE_UTC
    assert dtypes(frame) == schema.SUBSCRIBERS


def test_a_plain_date_is_its_midnight_in_utc():
    frame = convert.conform(pd.DataFrame({"date_updated": [date(2020, 1, 2)]}), "subscribers")
    assert frame.loc[0, "date_updated"] == pd.Timestamp("2020-01-02", tz="UTC")


def test_all_that_can_not_be_converted_is_one_error():
    frame = pd.DataFrame(
        {
            "row": ["x"],
            "attempts": [None],
            "seconds": ["q"],
            "subscriber_name": [7],
            "date_created": ["soon"],
            "code": [0.5],
        }
    )
    with pytest.raises(ValidationError) as told:
        convert.conform(frame, "results")
    for part in ("'row'", "'attempts'", "'seconds'", "'subscriber_name'", "row 0: 7", "'soon'", "0.5"):
        assert part in str(told.value)


def test_a_number_never_becomes_a_name():
    with pytest.raises(ValidationError, match="'subscriber_name' contains values that are not text"):
        convert.conform(pd.DataFrame({"subscriber_name": [7]}), "subscribers")


@pytest.mark.parametrize("cell", [True, "1", 1.5, float("inf"), 2**63])
def test_what_is_no_whole_number_is_refused(cell):
    frame = convert.empty("problems").reindex([0]).assign(row=pd.Series([cell], dtype=object))
    with pytest.raises(ValidationError, match=f"'row' {NO_WHOLE_NUMBER}"):
        convert.conform(frame, "problems")


def test_whole_numbers_that_pandas_made_floats_come_back():
    frame = convert.empty("problems").reindex([0, 1]).assign(row=[3.0, np.nan])
    assert convert.conform(frame, "problems")["row"].tolist() == [3, pd.NA]


def test_a_missing_or_repeated_column_that_can_not_be_filled_is_named():
    with pytest.raises(ValidationError, match="'conflict'"):
        convert.conform(pd.DataFrame({"action": ["create"]}), "plan")
    twice = pd.DataFrame([["a", "b"]], columns=["status", "status"])
    with pytest.raises(ValidationError, match="2 columns 'status'"):
        convert.conform(twice, "subscribers")
    with pytest.raises(ValidationError, match="this is a list"):
        convert.conform([], "plan")


def test_a_conflict_that_is_neither_true_nor_false_is_refused():
    plan = convert.plan_frame({"action": ["create"], "subscriber_name": ["a"]}).assign(conflict=["no"])
    with pytest.raises(ValidationError, match="neither True nor False"):
        convert.conform(plan, "plan")
