import pandas as pd
import pytest

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.plans import plan_creates, plan_deletes, plan_updates
from tests.frames.wording import NO_LIST
from tests.plans.wording import SERVICE_IS_ASKED

MOVED = "2026-01-02T03:04:05+05:30"
CURRENT = pd.DataFrame(
    {
        "subscriber_name": ["bob", "eve"],
        "status": ["active", "inactive"],
        "custom_field": ["support", None],
        "date_updated": pd.to_datetime([MOVED, None], utc=True, format="ISO8601"),
    },
)
ODD = [
    7,
    7.5,
    float("nan"),
    None,
    pd.NA,
    pd.NaT,
    True,
    b"bob",
    ["bob"],
    "bob\ud800",
    "",
    "é",
    pd.Timestamp("2026-01-01"),
]


def cells(plan, *columns):
    """The columns as a list of tuples, missing as None."""
    return list(
        plan[list(columns)].astype(object).where(plan[list(columns)].notna(), None).itertuples(index=False, name=None)
    )


def changes(plan):
    return cells(plan, "action", "status_from", "status", "custom_field_from", "custom_field")


def test_creates_without_current_are_creates_with_the_status_the_service_gives():
    plan = plan_creates(pd.DataFrame({"subscriber_name": ["bob", "eve"], "custom_field": ["vip", None]}))
    assert changes(plan) == [("create", None, "active", None, "vip"), ("create", None, "active", None, None)]


def test_a_create_that_asks_for_inactive_is_planned_inactive():
    assert changes(plan_creates(pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]}))) == [
        ("create", None, "inactive", None, None),
    ]


def test_reject_sends_what_exists_and_the_note_says_what_comes():
    plan = plan_creates(pd.DataFrame({"subscriber_name": ["bob", "new"]}), current=CURRENT)
    assert plan["action"].tolist() == ["create", "create"]
    assert plan["note"].tolist() == ["exists already: the service will refuse it", ""]


def test_skip_leaves_what_exists_as_it_is():
    frame = pd.DataFrame({"subscriber_name": ["eve", "new"], "status": ["active", None], "custom_field": ["x", "y"]})
    plan = plan_creates(frame, current=CURRENT, on_exists="skip")
    assert changes(plan) == [("none", "inactive", "inactive", None, None), ("create", None, "active", None, "y")]
    assert plan["note"].tolist() == ["exists already: skipped", ""]


@pytest.mark.parametrize(
    ("name", "given", "change", "note"),
    [
        ("bob", "sales", ("update", "active", "active", "support", "sales"), "exists already: updated"),
        ("bob", "", ("update", "active", "active", "support", None), "exists already: updated"),
        ("bob", "support", ("none", "active", "active", "support", "support"), "exists already: nothing to change"),
        ("bob", None, ("none", "active", "active", "support", "support"), "exists already: nothing to change"),
        ("eve", "", ("none", "inactive", "inactive", None, None), "exists already: nothing to change"),
        ("eve", "vip", ("update", "inactive", "inactive", None, "vip"), "exists already: updated"),
        ("new", "vip", ("create", None, "active", None, "vip"), ""),
    ],
)
def test_on_exists_update_changes_the_custom_field_and_keeps_the_status(name, given, change, note):
    frame = pd.DataFrame({"subscriber_name": [name], "status": ["active"], "custom_field": [given]})
    plan = plan_creates(frame, current=CURRENT, on_exists="update")
    assert (changes(plan), plan["note"].tolist()) == ([change], [note])


def test_an_unknown_on_exists_names_the_choices():
    with pytest.raises(ValidationError, match="'overwrite'; it must be one of 'reject', 'skip', 'update'"):
        plan_creates(pd.DataFrame({"subscriber_name": ["bob"]}), on_exists="overwrite")


@pytest.mark.parametrize(
    ("name", "given", "change", "note"),
    [
        ("bob", {}, ("none", "active", "active", "support", "support"), "nothing to change"),
        ("bob", {"status": None}, ("none", "active", "active", "support", "support"), "nothing to change"),
        ("bob", {"status": "inactive"}, ("update", "active", "inactive", "support", "support"), ""),
        ("bob", {"status": "Inactive"}, ("update", "active", "Inactive", "support", "support"), ""),
        ("bob", {"custom_field": ""}, ("update", "active", "active", "support", None), ""),
        ("bob", {"custom_field": "7"}, ("update", "active", "active", "support", "7"), ""),
        ("eve", {"custom_field": ""}, ("none", "inactive", "inactive", None, None), "nothing to change"),
        ("eve", {"custom_field": "vip"}, ("update", "inactive", "inactive", None, "vip"), ""),
        ("Bob", {"status": "active"}, ("update", None, "active", None, None), "ASKED"),
        ("Bob", {"custom_field": "vip"}, ("update", None, None, None, "vip"), "ASKED"),
    ],
)
def test_an_update_keeps_what_is_not_given(name, given, change, note):
    frame = pd.DataFrame({"subscriber_name": [name]} | {field: [value] for field, value in given.items()})
    plan = plan_updates(frame, CURRENT)
    assert changes(plan) == [change]
    assert plan["note"].tolist() == [note.replace("ASKED", SERVICE_IS_ASKED)]


def test_an_update_never_invents_a_status():
    assert changes(plan_updates(pd.DataFrame({"subscriber_name": ["bob"]}), None)) == [
        ("update", None, None, None, None)
    ]


def test_deletes_show_what_is_lost():
    plan = plan_deletes(["bob", "eve", "who"], CURRENT)
    assert changes(plan) == [
        ("delete", "active", None, "support", None),
        ("delete", "inactive", None, None, None),
        ("delete", None, None, None, None),
    ]
    assert plan["note"].tolist() == ["", "", SERVICE_IS_ASKED]


def test_every_verb_remembers_the_date_the_change_was_decided_on():
    frame = pd.DataFrame({"subscriber_name": ["eve", "bob", "new"], "custom_field": ["a", "b", "c"]})
    wanted = [None, pd.Timestamp(MOVED), None]
    for on_exists in ("reject", "skip", "update"):
        assert [
            date for (date,) in cells(plan_creates(frame, current=CURRENT, on_exists=on_exists), "date_updated")
        ] == wanted
    assert [date for (date,) in cells(plan_updates(frame, CURRENT), "date_updated")] == wanted
    assert [date for (date,) in cells(plan_deletes(frame["subscriber_name"], CURRENT), "date_updated")] == wanted


def every_verb(frame):
    yield plan_creates(frame)
    for on_exists in ("reject", "skip", "update"):
        yield plan_creates(frame, current=CURRENT, on_exists=on_exists)
    yield plan_updates(frame, CURRENT)
    yield plan_deletes(frame["subscriber_name"], CURRENT)


def test_one_row_for_each_row_in_order_with_the_callers_index():
    frame = pd.DataFrame({"subscriber_name": ["new", "bob", "bob", "eve"]}, index=pd.Index([9, 9, 2, 5], name="mine"))
    before = frame.copy(deep=True)
    for plan in every_verb(frame):
        assert plan.index.equals(frame.index)
        assert plan.index.name == "mine"
        assert plan["subscriber_name"].tolist() == ["new", "bob", "bob", "eve"]
        assert {column: str(dtype) for column, dtype in plan.dtypes.items()} == schema.PLAN
    pd.testing.assert_frame_equal(frame, before)


def test_no_rows_give_a_plan_with_the_same_columns():
    for plan in every_verb(pd.DataFrame({"subscriber_name": []})):
        assert len(plan) == 0
        assert {column: str(dtype) for column, dtype in plan.dtypes.items()} == schema.PLAN


def test_odd_cells_find_nobody_and_keep_their_text():
    current = CURRENT.assign(subscriber_name=["7", "True"])
    frame = pd.DataFrame({"subscriber_name": pd.Series(ODD, dtype=object), "status": pd.Series(ODD, dtype=object)})
    wanted = [
        "7",
        "7.5",
        None,
        None,
        None,
        None,
        "True",
        "b'bob'",
        "['bob']",
        "bob\\ud800",
        "",
        "é",
        "2026-01-01 00:00:00",
    ]
    for plan in (plan_updates(frame, current), plan_deletes(ODD, current), plan_creates(frame, current=current)):
        assert [name for (name,) in cells(plan, "subscriber_name")] == wanted
        assert plan["status_from"].isna().all()


def test_whole_columns_of_numbers_and_categories_are_no_trouble():
    numbers = pd.DataFrame({"subscriber_name": [1, 2], "custom_field": [3.0, float("nan")]})
    assert cells(plan_updates(numbers, CURRENT), "subscriber_name", "custom_field") == [("1", "3.0"), ("2", None)]
    known = pd.DataFrame({"subscriber_name": ["bob", None]}).astype("category")
    assert cells(plan_updates(known, CURRENT), "subscriber_name", "status_from") == [("bob", "active"), (None, None)]


def test_a_name_that_current_has_twice_is_looked_up_at_its_first_row():
    current = pd.concat([CURRENT, CURRENT.assign(status="inactive"), CURRENT.assign(subscriber_name=None)])
    assert plan_deletes(["bob", None], current)["status_from"].tolist()[0] == "active"
    assert plan_deletes([None], current)["status_from"].isna().all()


def test_an_empty_custom_field_of_a_new_subscriber_is_none():
    frame = pd.DataFrame({"subscriber_name": ["new"], "custom_field": [""]})
    for on_exists in ("reject", "skip", "update"):
        assert plan_creates(frame, current=CURRENT, on_exists=on_exists)["custom_field"].isna().all()


def test_a_clear_stays_an_empty_text_where_the_engine_must_ask_first_for_missing_means_keep_there():
    frame = pd.DataFrame({"subscriber_name": ["who", "eve", "bob"], "custom_field": ["", "", ""]})
    current = CURRENT.assign(custom_field="vip")
    plan = plan_updates(frame, current)
    assert cells(plan, "custom_field") == [("",), ("",), (None,)]
    assert plan["date_updated"].notna().tolist() == [False, False, True]


def test_a_plan_tells_where_its_subscribers_came_from():
    current = CURRENT.copy()
    current.attrs["account_sid"] = "acme1"
    assert plan_deletes(["bob"], current).attrs == {"account_sid": "acme1"}
    assert plan_updates(pd.DataFrame({"subscriber_name": ["bob"]}), current).attrs == {"account_sid": "acme1"}


def test_a_frame_without_names_is_refused_by_name():
    with pytest.raises(ValidationError, match="no column 'subscriber_name'"):
        plan_updates(pd.DataFrame({"name": ["bob"]}), CURRENT)
    with pytest.raises(ValidationError, match="no column 'subscriber_name'"):
        plan_creates(pd.DataFrame({"name": ["bob"]}))
    with pytest.raises(ValidationError, match=NO_LIST):
        plan_deletes("bob")
