import re

import pandas as pd
import pytest

from exotel_frames import schema
from exotel_frames.errors import PlanError, UnsafePlanError, ValidationError
from exotel_frames.frames.convert import plan_frame
from exotel_frames.plans import check_limits, check_plan, conform_plan
from tests.plans.plan_kit import DAY, cells, has_the_schema
from tests.plans.wording import SHARE_IS_A_PART, to_allow


def plan_of(*, create=0, update=0, delete=0, none=0, conflict=()):
    """A plan with so many rows of each action; the named positions are conflicts."""
    actions = ["create"] * create + ["update"] * update + ["delete"] * delete + ["none"] * none
    names = [f"{action}{number}" for number, action in enumerate(actions)]
    marks = [row in conflict for row in range(len(actions))]
    return plan_frame({"action": actions, "subscriber_name": names, "conflict": marks})


def said(plan, tenant_rows, *, max_deletes=0, max_share=0.3, label=""):
    with pytest.raises(PlanError) as refused:
        check_limits(plan, tenant_rows, max_deletes=max_deletes, max_share=max_share, label=label)
    return refused.value


def allowed(plan, tenant_rows, *, max_deletes=0, max_share=0.3):
    check_limits(plan, tenant_rows, max_deletes=max_deletes, max_share=max_share)


def test_too_many_deletes_are_refused_with_the_argument_that_allows_them():
    refused = said(plan_of(delete=12), 1000)
    assert str(refused) == (f"The plan deletes 12 subscribers, and max_deletes is 0. {to_allow('max_deletes=12')}")
    assert isinstance(refused, UnsafePlanError)
    assert refused.rows["action"].tolist() == ["delete"] * 12
    allowed(plan_of(delete=12), 1000, max_deletes=12)


def test_too_large_a_share_is_refused_with_the_arithmetic():
    assert str(said(plan_of(update=400, delete=12), 1000, max_deletes=12)) == (
        f"The plan changes 412 of 1,000 subscribers (41.2 %), and max_share is 30 %. {to_allow('max_share=0.42')}"
    )
    allowed(plan_of(update=400, delete=12), 1000, max_deletes=12, max_share=0.42)
    assert str(said(plan_of(update=400), 1000)).endswith("max_share=0.4).")


def test_both_limits_are_told_at_once_and_one_call_allows_both():
    assert str(said(plan_of(update=300, delete=12), 1000, label="SANDBOX acme1")) == (
        "SANDBOX acme1: The plan deletes 12 subscribers, and max_deletes is 0; it changes 312 of 1,000 subscribers "
        f"(31.2 %), and max_share is 30 %. {to_allow('max_deletes=12, max_share=0.32')}"
    )
    allowed(plan_of(update=300, delete=12), 1000, max_deletes=12, max_share=0.32)


@pytest.mark.parametrize("changed", range(11, 101, 17))
@pytest.mark.parametrize("tenant_rows", [37, 100, 101, 7])
def test_the_share_that_is_named_is_enough(changed, tenant_rows):
    plan = plan_of(update=changed)
    text = str(said(plan, tenant_rows, max_share=0.0))
    allowed(plan, tenant_rows, max_share=float(text.split("max_share=")[1].removesuffix(").")))


def test_exactly_the_limit_is_allowed_and_one_more_is_not():
    allowed(plan_of(update=300), 1000)
    assert "301 of 1,000 subscribers (30.1 %)" in str(said(plan_of(update=301), 1000))
    allowed(plan_of(delete=3), 1000, max_deletes=3)
    assert "deletes 4 subscribers, and max_deletes is 3" in str(said(plan_of(delete=4), 1000, max_deletes=3))


def test_a_few_rows_are_never_too_large_a_share():
    allowed(plan_of(update=10), 12)
    assert "changes 11 of 12 subscribers (91.67 %)" in str(said(plan_of(update=11), 12))
    assert "max_deletes=1" in str(said(plan_of(delete=1), 3))


def test_creates_and_rows_without_change_do_not_count():
    allowed(plan_of(create=5000, none=5000), 0)


def test_an_empty_tenant_has_no_share_to_divide_by():
    few = "changes 11 subscribers, but the account has {} (is it the right account?), and max_share is 30 %"
    assert all(few.format(rows) in str(said(plan_of(update=11), rows)) for rows in (0, 1, 10))
    assert "changes 11 of 11 subscribers (100 %)" in str(said(plan_of(update=11), 11))


def test_conflicts_are_named_with_the_ways_out():
    refused = said(plan_of(update=3, conflict=(0, 2)), 1000, label="LIVE acme1")
    assert str(refused) == (
        "LIVE acme1: The plan has 2 conflicts: 'update0' and 'update2'. Drop them (plan = plan[~plan.conflict]), or "
        'decide each as its note says (plan.loc[plan.subscriber_name == "…", "conflict"] = False), and apply again.'
    )
    assert not isinstance(refused, UnsafePlanError)
    assert refused.rows["subscriber_name"].tolist() == ["update0", "update2"]
    assert "and 15 more" in str(said(plan_of(update=25, conflict=range(25)), 1000))


def test_conflicts_do_not_count_as_changes_but_are_told_beside_them():
    assert not isinstance(said(plan_of(delete=12, conflict=range(12)), 1000), UnsafePlanError)
    refused = said(plan_of(delete=3, conflict=(0,)), 1000)
    assert isinstance(refused, UnsafePlanError)
    assert "deletes 2 subscribers" in str(refused)
    assert "The plan has 1 conflict: 'delete0'" in str(refused)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_share": 30}, f"max_share is 30; {SHARE_IS_A_PART}"),
        ({"max_share": 1.01}, "max_share is 1.01"),
        ({"max_share": -0.1}, "max_share is -0.1"),
        ({"max_share": True}, "max_share is True"),
        ({"max_deletes": -1}, "max_deletes is -1; it must be a number of subscribers"),
        ({"max_deletes": None}, "max_deletes is None"),
        ({"max_deletes": True}, "max_deletes is True"),
        ({"max_deletes": 1.5, "max_share": "x"}, "max_deletes is 1.5; .*; max_share is 'x'"),
    ],
)
def test_a_limit_that_limits_nothing_is_refused(arguments, message):
    with pytest.raises(ValidationError, match=message):
        check_limits(plan_of(), 10, **{"max_deletes": 0, "max_share": 0.3, **arguments})


ROWS = {
    "action": ["update", "delete", "create"],
    "subscriber_name": ["007", "NA", "1E5"],
    "status_from": ["active", "inactive", None],
    "status": ["inactive", None, "active"],
    "custom_field_from": ["x", "=1+1", None],
    "custom_field": [None, None, "null"],
    "date_updated": [DAY, DAY + pd.Timedelta(microseconds=1), None],
    "note": ["", "lossy: really", ""],
    "conflict": [False, True, False],
}


def test_a_plan_survives_a_file_in_which_all_is_text(tmp_path):
    plan = plan_frame(ROWS, index=pd.Index([5, 3, 9]))
    plan.to_csv(tmp_path / "plan.csv", index=False)
    text = pd.read_csv(tmp_path / "plan.csv", dtype=str, keep_default_na=False)
    assert text["conflict"].tolist() == ["False", "True", "False"]
    pd.testing.assert_frame_equal(conform_plan(text), plan.reset_index(drop=True))


def test_a_plan_survives_parquet(tmp_path):
    plan = plan_frame(ROWS, index=pd.Index([5, 3, 9]))
    plan.to_parquet(tmp_path / "plan.parquet")
    pd.testing.assert_frame_equal(conform_plan(pd.read_parquet(tmp_path / "plan.parquet")), plan)


def test_a_plan_of_no_rows_survives_text():
    assert has_the_schema(conform_plan(pd.DataFrame({column: [] for column in schema.PLAN}, dtype=object)))


def test_an_empty_text_of_a_plan_in_memory_stays_for_it_clears_there():
    plan = plan_frame({"action": ["update"], "subscriber_name": ["bob"], "custom_field": [""]})
    assert conform_plan(plan)["custom_field"].tolist() == [""]


@pytest.mark.parametrize(
    ("cell", "truth"),
    [
        ("TRUE", True),
        ("true", True),
        ("True ", True),
        ("FALSE", False),
        ("", False),
        (None, False),
        (True, True),
        (pd.NA, False),
    ],
)
def test_truth_is_read_from_what_files_make_of_it(cell, truth):
    text = pd.DataFrame(ROWS).astype(object).iloc[[0]]
    assert conform_plan(text.assign(conflict=pd.Series([cell], dtype=object)))["conflict"].tolist() == [truth]


@pytest.mark.parametrize("cell", ["maybe", 2, 0.5, ["x"], ["x", "y"]])
def test_what_is_neither_true_nor_false_is_refused(cell):
    text = pd.DataFrame(ROWS).astype(object).iloc[[0]]
    with pytest.raises(
        ValidationError, match=rf"column 'conflict' .* neither True nor False .*{re.escape(repr(cell))}"
    ):
        conform_plan(text.assign(conflict=pd.Series([cell], dtype=object)))


def test_all_columns_that_are_missing_or_unreadable_are_told_at_once():
    with pytest.raises(
        ValidationError, match=r"no column 'status_from'.*no column 'custom_field' .*no column 'conflict'"
    ):
        conform_plan(pd.DataFrame(ROWS).drop(columns=["status_from", "custom_field", "conflict"]))
    with pytest.raises(ValidationError, match=r"'subscriber_name' .* not text .*'date_updated' .* not dates"):
        conform_plan(pd.DataFrame(ROWS).assign(subscriber_name=7, date_updated="soon"))


def test_a_plan_without_notes_and_with_columns_of_your_own_is_a_plan():
    plan = conform_plan(pd.DataFrame(ROWS).drop(columns="note").assign(team="ops"))
    assert list(plan.columns) == list(schema.PLAN)
    assert plan["note"].tolist() == ["", "", ""]


def test_a_sound_plan_is_given_back():
    plan = plan_frame(ROWS)
    pd.testing.assert_frame_equal(check_plan(plan), plan)


def test_everything_that_is_wrong_with_a_plan_is_told_at_once():
    plan = plan_frame(
        {
            "action": ["update", "update", "Drop", None, "delete", "create", "none", "none"],
            "subscriber_name": ["bob", "bob", "eve", "ann", "b b", "zed", "old name", None],
            "status": ["active", None, None, None, None, "on", "odd", None],
        },
        index=pd.Index(list("abcdefgh")),
    )
    with pytest.raises(ValidationError, match="The plan can't be used: 7 problems") as refused:
        check_plan(plan)
    assert cells(refused.value.problems, "row", "rule") == [
        (0, "repeated"),
        (1, "repeated"),
        (2, "bad_action"),
        (3, "missing"),
        (4, "bad_characters"),
        (5, "bad_status"),
        (7, "missing"),
    ]
    assert refused.value.problems.index.tolist() == list("abcdefh")


def test_what_is_wrong_with_a_row_stands_in_its_column():
    plan = plan_frame({"action": [None, "drop"], "subscriber_name": ["ann", "eve"]})
    with pytest.raises(ValidationError) as refused:
        check_plan(plan)
    assert cells(refused.value.problems, "column", "message") == [
        ("action", "This row has no action: add one, or drop the row."),
        (
            "action",
            "'drop' is not an action: it must be 'create', 'update', 'delete' or 'none', in exactly these letters.",
        ),
    ]


def one_row(action, name, status_from=None, status=None, day=None):
    cells_of = {"action": action, "subscriber_name": name, "status_from": status_from, "status": status}
    return plan_frame({column: [cell] for column, cell in (cells_of | {"date_updated": day}).items()})


@pytest.mark.parametrize(
    ("plan", "asked", "wrong"),
    [
        # a name that could not be made: what was planned on somebody is not asked about
        (one_row("update", "no body", "active", "inactive"), [], []),
        (one_row("delete", "no body", None, None, DAY), [], []),
        (one_row("none", "no body"), [], []),
        (one_row("update", "no body", None, "inactive"), ["no body"], ["bad_characters"]),
        (one_row("delete", "no body"), ["no body"], ["bad_characters"]),
        (one_row("create", "no body", None, "active"), [], ["bad_characters"]),
        (one_row("update", "x" * 17, None, "odd"), ["x" * 17], ["too_long", "bad_status"]),
        # a status that can't be asked for: it may stay, and go with its subscriber
        (one_row("update", "bob", "odd", "odd"), [], []),
        (one_row("delete", "bob", "odd", "stranger"), [], []),
        (one_row("none", "bob", "odd", "stranger"), [], []),
        (one_row("update", "bob", "active", "odd"), [], ["bad_status"]),
        (one_row("update", "bob", None, "odd"), [], ["bad_status"]),
        (one_row("create", "bob", None, "odd"), [], ["bad_status"]),
    ],
)
def test_the_rules_are_for_what_is_made_and_not_for_what_is_there(plan, asked, wrong):
    heard = []

    def existing(names):
        heard.extend(names)
        return []

    try:
        check_plan(plan, existing=existing)
        found = []
    except ValidationError as refused:
        found = refused.problems["rule"].tolist()
    assert (heard, found) == (asked, wrong)


def test_a_name_that_could_not_be_made_is_changed_where_somebody_has_it_and_made_nowhere():
    rows = {"action": ["update", "delete", "create", "update"], "subscriber_name": ["no 1", "no 2", "no 3", "no 4"]}
    plan = plan_frame(rows | {"status": ["inactive", None, "active", "odd"]})
    with pytest.raises(ValidationError) as refused:
        check_plan(plan, existing=lambda _: ["no 1", "no 2", "no 3", "no 4"])
    assert cells(refused.value.problems, "row", "rule") == [(2, "bad_characters"), (3, "bad_status")]


def test_a_plan_of_before_a_field_was_known_asks_nothing_of_it_and_keeps_its_origin():
    plan = plan_frame(ROWS).drop(columns=["custom_field", "custom_field_from"])
    plan.attrs["exotel_frames"] = {"origin": {"account_sid": "acme1"}}
    about = conform_plan(plan).attrs["exotel_frames"]
    assert about == {"origin": {"account_sid": "acme1"}, "unplanned": ["custom_field"]}
    del plan.attrs["exotel_frames"]
    assert conform_plan(plan).attrs["exotel_frames"] == {"unplanned": ["custom_field"]}
    with pytest.raises(ValidationError, match="no column 'custom_field_from'"):
        conform_plan(plan_frame(ROWS).drop(columns="custom_field_from"))


@pytest.mark.parametrize("thing", [None, "bob", pd.DataFrame({"action": ["delete"]})])
def test_what_is_no_plan_is_told_as_such(thing):
    with pytest.raises(ValidationError, match=r"^The plan can't be used: "):
        check_plan(thing)


def test_names_that_differ_by_case_are_no_problem_of_a_plan():
    check_plan(plan_frame({"action": ["create", "create"], "subscriber_name": ["bob", "Bob"]}))
