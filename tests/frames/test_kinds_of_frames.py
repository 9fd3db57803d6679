"""Whatever holds text is read as text, whatever library or layout it comes in; whatever is meant is not ignored."""

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import exotel_frames as ef
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import names_series, need_columns
from exotel_frames.plans import mark_stale, plan_creates, plan_deletes, plan_updates
from tests.frames.wording import NO_FRAME, rename_to
from tests.slow import but_slow

NAMES = ["007", "bob", "bob", None, "al ex"]
LARGE_DICTIONARY = pd.ArrowDtype(pa.dictionary(pa.int8(), pa.large_string()))
DICTIONARY = pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
LAYOUTS = {
    "str": lambda column: column,
    "object": lambda column: column.astype(object),
    "category": lambda column: column.astype("category"),
    "dictionary": lambda column: column.astype(DICTIONARY),
    "dictionary of large texts": lambda column: column.astype(
        pd.ArrowDtype(pa.dictionary(pa.int8(), pa.large_string()))
    ),
    "arrow text": lambda column: column.astype(pd.ArrowDtype(pa.string())),
    "text views": lambda column: column.astype(pd.ArrowDtype(pa.string_view())),
    "python strings": lambda column: column.astype("string[python]"),
    "run ends": lambda column: pd.Series(
        pd.arrays.ArrowExtensionArray(pc.run_end_encode(pa.array(column, pa.string()))), index=column.index
    ),
}


class Foreign:
    """A frame of another library: all that is known of it is Arrow's interchange."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


class Older:
    """A frame of another library that offers the dataframe interchange only."""

    def __init__(self, frame):
        self._frame = frame

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self._frame.__dataframe__(nan_as_null, allow_copy)


def text_layouts(table):
    yield table
    yield table.cast(pa.schema([(name, pa.large_string()) for name in table.column_names]))
    yield table.cast(pa.schema([(name, pa.string_view()) for name in table.column_names]))
    yield pa.table({name: table[name].dictionary_encode() for name in table.column_names})
    yield pa.table({name: dictionary_of_views(table[name]) for name in table.column_names})


def dictionary_of_views(column):
    """A column as polars gives its categories."""
    encoded = column.combine_chunks().dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices, encoded.dictionary.cast(pa.string_view()))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_names_in_any_layout_of_text_break_the_same_rules(layout):
    column = layout(pd.Series(NAMES, dtype="str"))
    rules = ["repeated", "repeated", "missing", "bad_characters"]
    assert ef.validate_names(column)["rule"].tolist() == rules
    assert ef.validate_subscribers(pd.DataFrame({"subscriber_name": column}))["rule"].tolist() == rules
    known = ef.validate_subscribers(pd.DataFrame({"subscriber_name": column}), current=layout(pd.Series(["007"])))
    assert known["rule"].tolist() == ["already_exists", *rules]


@pytest.mark.parametrize("name", but_slow(LAYOUTS, ["object", "dictionary", "text views", "run ends"]))
def test_a_plan_has_the_texts_of_any_layout(name):
    layout = LAYOUTS[name]
    frame = pd.DataFrame(
        {name: layout(pd.Series(["007"], dtype="str")) for name in ("subscriber_name", "custom_field")}
    )
    current = pd.DataFrame({"subscriber_name": ["007"], "status": ["active"], "custom_field": ["vip"]})
    wanted = current.apply(layout).assign(status=layout(pd.Series(["inactive"])), action=layout(pd.Series([""])))
    for plan in (
        plan_creates(frame),
        plan_updates(frame, current.apply(layout)),
        plan_deletes(frame["subscriber_name"]),
    ):
        assert plan["subscriber_name"].tolist() == ["007"]
    plan = ef.plan_changes(current.apply(layout), wanted)
    assert plan[["action", "status_from", "status"]].to_numpy().tolist() == [["update", "active", "inactive"]]


def test_other_libraries_frames_are_taken_by_arrows_interchange_in_every_layout():
    for table in text_layouts(pa.table({"subscriber_name": NAMES, "custom_field": ["x"] * 5})):
        for frame in (Foreign(table), table):
            assert ef.validate_subscribers(frame)["rule"].tolist().count("repeated") == 2
            assert names_series(frame).tolist()[:2] == ["007", "bob"]
            assert plan_creates(frame)["custom_field"].tolist() == ["x"] * 5


def test_verbs_that_take_a_whole_tenant_take_other_libraries_frames_too(tmp_path):
    dates = pa.array(["2026-01-02T03:04:05Z"] * 2).cast(pa.timestamp("us", "UTC"))
    columns = {"subscriber_name": ["7", "007"], "status": ["active"] * 2, "custom_field": ["HR", "hr"]}
    table = pa.table({**columns, "date_created": dates, "date_updated": dates})
    for frame in (Foreign(table), table, *text_layouts(table.select(list(columns)))):
        problems = ef.audit_subscribers(frame)
        assert {"zero_twin", "field_variant"} <= set(problems["rule"])
        assert ef.apply_fixes(frame, problems)["subscriber_name"].tolist() == ["7", "007"]
        assert ef.compare(frame, frame).empty
    path = ef.write_snapshot(Foreign(table), tmp_path / "foreign.parquet")
    assert ef.read_snapshot(path)["subscriber_name"].tolist() == ["7", "007"]


@pytest.mark.parametrize("odd", ["yesterday", 1_767_225_600])
def test_a_date_that_is_none_is_refused_in_a_sentence_by_every_verb_that_compares(odd):
    live = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": ["vip"]})
    for verb in (lambda frame: ef.plan_changes(frame, live), plan_creates_beside, ef.plot_subscribers):
        with pytest.raises(ValidationError, match=r"its column 'date_.*' contains values that are not dates"):
            verb(live.assign(date_updated=[odd], date_created=[odd]))


def plan_creates_beside(current):
    return plan_updates(pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]}), current)


def test_a_moment_without_a_time_zone_is_refused_by_the_audit():
    subs = pd.DataFrame({"subscriber_name": ["bob"], "status": "active", "custom_field": None, "date_updated": pd.NaT})
    with pytest.raises(ValidationError, match="has no time zone"):
        ef.audit_subscribers(subs, stale_days=1, now=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_and_by_the_dataframe_interchange():
    frame = Older(pa.table({"subscriber_name": ["007"], "status": ["on"]}))
    assert ef.validate_subscribers(frame)["rule"].tolist() == ["bad_status"]


@pytest.mark.parametrize("names", [pa.array(["007", "bob"]), pa.chunked_array([["007"], ["bob"]])])
def test_arrow_arrays_are_names(names):
    assert names_series(names).tolist() == ["007", "bob"]


@pytest.mark.parametrize("thing", [None, 7, "bob", ["bob"], {"subscriber_name": ["bob"]}])
def test_what_is_no_frame_is_refused_in_the_same_words_by_every_verb(thing):
    words = []
    for verb in (ef.validate_subscribers, ef.summarize, plan_creates, lambda frame: ef.plan_changes(frame, frame)):
        with pytest.raises(ValidationError, match=NO_FRAME) as refusal:
            verb(thing)
        words.append(str(refusal.value).split(NO_FRAME)[1].split(";")[0].strip("."))
    assert len(set(words)) == 1


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("stauts", "status"), ("sttaus", "status"), ("statsu", "status"), ("stats", "status"), ("statuss", "status"),
        ("stotus", "status"), ("Status ", "status"), ("custom_filed", "custom_field"), ("csutom_field", "custom_field"),
        ("customField", "custom_field"), ("custom_feild", "custom_field"),
    ],
)  # fmt: skip
def test_a_misspelt_column_never_passes(label, meant):
    frame = pd.DataFrame({"subscriber_name": ["bob"], label: ["inactive"]})
    for verb in (
        ef.validate_subscribers,
        lambda made: ef.plan_changes(made[["subscriber_name"]].assign(status="", custom_field=""), made),
    ):
        with pytest.raises(ValidationError, match=f"{rename_to(meant)}, or drop it"):
            verb(frame)


def test_a_misspelt_action_never_passes():
    current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    with pytest.raises(ValidationError, match=f"'actoin' {rename_to('action')}"):
        ef.plan_changes(current, pd.DataFrame({"subscriber_name": ["bob"], "actoin": ["delete"]}))


@pytest.mark.parametrize("label", ["team", "state", "note", "comment", "site", "custom", "field"])
def test_columns_of_ones_own_are_left_alone(label):
    assert ef.validate_subscribers(pd.DataFrame({"subscriber_name": ["bob"], label: ["x"]})).empty


def test_names_in_the_index_come_with_a_hint():
    named = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"]}).set_index("subscriber_name")
    with pytest.raises(ValidationError, match=r"it is the index: frame\.reset_index\(\) makes it a column"):
        need_columns(named, ["subscriber_name"])
    with pytest.raises(ValidationError, match=r"frame\.reset_index\(names='subscriber_name'\)"):
        need_columns(named.rename_axis(None), ["subscriber_name"])


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_dates_without_a_zone_make_no_row_a_conflict(zone):
    dates = pd.to_datetime(["2026-01-02T03:04:05Z"])
    live = pd.DataFrame(
        {"subscriber_name": ["bob"], "status": ["active"], "custom_field": ["vip"], "date_updated": dates}
    )
    naive = live.assign(date_updated=dates.tz_convert(zone).tz_localize(None))
    plan = ef.plan_changes(naive, pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]}))
    assert mark_stale(plan, live)["conflict"].tolist() == [False]
    assert mark_stale(plan, live.assign(custom_field="sales"))["conflict"].tolist() == [True]
