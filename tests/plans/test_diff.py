from functools import cache

import pandas as pd
import pytest
from hypothesis import strategies as st

from exotel_frames.errors import ValidationError
from exotel_frames.plans import plan_changes
from tests.frames.wording import NO_FRAME
from tests.laws import holds
from tests.plans.plan_kit import DAY, apply, cells, changes, has_the_schema, state, tenant
from tests.plans.wording import KEEP_OR_DELETE, KEEP_OR_WRITE, REMAKE, RENAMED, case_twin, exists_already, same_change

LATER = DAY + pd.Timedelta(days=1)
A, OFF = "active", "inactive"
CHECK_NAME = "Check the name and drop this row, or set its action to 'create' and its conflict to False."
SUSPENDED = "meanwhile: status active → inactive"


SAID = ("action", "status_from", "status", "custom_field_from", "custom_field", "conflict", "note")


@cache
def all_at_once(table):
    """One plan for a whole table: a subscriber for each of its (desired, current, base), and one who never changes."""
    sides = ({f"case{row}": side for row, side in enumerate(column) if side} for column in zip(*table, strict=True))
    desired, current, base = (tenant(*((n, *c) for n, c in side.items()), ("zed", A, None)) for side in sides)
    return plan_changes(current, desired, base=base)


def of_case(plan, row, *columns):
    return cells(plan[plan["subscriber_name"] == f"case{row}"], *columns)


# base -> what you made of it, what others made of it: what is to be done, and what is said
THREE_WAY = [
    # both fields, one at a time and together; base is always (active, x)
    ("untouched", (A, "x"), (A, "x"), None, ""),
    ("status here", (OFF, "x"), (A, "x"), ("update", A, OFF, "x", "x", False), ""),
    ("field here", (A, "y"), (A, "x"), ("update", A, A, "x", "y", False), ""),
    ("field cleared here", (A, ""), (A, "x"), ("update", A, A, "x", None, False), ""),
    ("both fields here", (OFF, "y"), (A, "x"), ("update", A, OFF, "x", "y", False), ""),
    (
        "status there",
        (A, "x"),
        (OFF, "x"),
        ("none", OFF, OFF, "x", "x", False),
        "changed by others only: status active → inactive",
    ),
    (
        "field there",
        (A, "x"),
        (A, "y"),
        ("none", A, A, "y", "y", False),
        "changed by others only: custom_field 'x' → 'y'",
    ),
    (
        "field cleared there",
        (A, "x"),
        (A, None),
        ("none", A, A, None, None, False),
        "changed by others only: custom_field 'x' → none",
    ),
    (
        "status alike",
        (OFF, "x"),
        (OFF, "x"),
        ("none", OFF, OFF, "x", "x", False),
        same_change("status active → inactive"),
    ),
    (
        "field alike",
        (A, "y"),
        (A, "y"),
        ("none", A, A, "y", "y", False),
        same_change("custom_field 'x' → 'y'"),
    ),
    (
        "field cleared by both",
        (A, ""),
        (A, None),
        ("none", A, A, None, None, False),
        same_change("custom_field 'x' → none"),
    ),
    (
        "field differently",
        (A, "y"),
        (A, "z"),
        ("update", A, A, "z", "y", True),
        f"you: custom_field 'y', meanwhile: custom_field 'x' → 'z'. {KEEP_OR_WRITE}",
    ),
    (
        "status here, field there",
        (OFF, "x"),
        (A, "y"),
        ("update", A, OFF, "y", "y", True),
        f"you: inactive, meanwhile: custom_field 'x' → 'y'. {KEEP_OR_WRITE}",
    ),
    (
        "field here, status there",
        (A, "y"),
        (OFF, "x"),
        ("update", OFF, OFF, "x", "y", True),
        f"you: custom_field 'y', meanwhile: status active → inactive. {KEEP_OR_WRITE}",
    ),
    (
        "status alike, field differently",
        (OFF, "y"),
        (OFF, "z"),
        ("update", OFF, OFF, "z", "y", True),
        f"you: inactive, custom_field 'y', {SUSPENDED}, custom_field 'x' → 'z'. {KEEP_OR_WRITE}",
    ),
    (
        "status by both, field by you: theirs is part of yours",
        (OFF, "y"),
        (OFF, "x"),
        ("update", OFF, OFF, "x", "y", False),
        "",
    ),
    (
        "status by both, field by others: yours is done",
        (OFF, "x"),
        (OFF, "y"),
        ("none", OFF, OFF, "y", "y", False),
        same_change("status active → inactive, custom_field 'x' → 'y'"),
    ),
    (
        "untouched here, deleted there",
        (A, "x"),
        None,
        ("none", None, None, None, None, False),
        "deleted by others; you had not changed it",
    ),
    (
        "status here, deleted there",
        (OFF, "x"),
        None,
        ("update", None, OFF, None, "x", True),
        f"you: inactive, meanwhile: deleted. {REMAKE}",
    ),
    (
        "field here, deleted there",
        (A, "y"),
        None,
        ("update", None, A, None, "y", True),
        f"you: custom_field 'y', meanwhile: deleted. {REMAKE}",
    ),
]


@pytest.mark.parametrize("number", range(len(THREE_WAY)), ids=[case[0] for case in THREE_WAY])
def test_three_ways_meet_in_a_subscriber_that_was_there(number):
    plan = all_at_once(tuple((mine, theirs, (A, "x")) for _, mine, theirs, _, _ in THREE_WAY))
    _, _, _, row, note = THREE_WAY[number]
    assert of_case(plan, number, *SAID) == ([] if row is None else [(*row, note)])


NEW = [
    (("active", "x"), None, ("create", None, A, None, "x", False), ""),
    (("inactive", ""), None, ("create", None, OFF, None, None, False), ""),
    ((None, "x"), None, ("create", None, A, None, "x", False), ""),
    (
        (A, "x"),
        (A, "x"),
        ("none", A, A, "x", "x", False),
        "already so: created as active, custom_field 'x' meanwhile",
    ),
    (
        (None, None),
        (OFF, "x"),
        ("none", OFF, OFF, "x", "x", False),
        "already so: created as inactive, custom_field 'x' meanwhile",
    ),
    (
        (A, "y"),
        (A, None),
        ("update", A, A, None, "y", True),
        f"you: active, custom_field 'y', meanwhile: created as active, custom_field none. {KEEP_OR_WRITE}",
    ),
    (
        (OFF, None),
        (A, "x"),
        ("update", A, OFF, "x", "x", True),
        f"you: inactive, meanwhile: created as active, custom_field 'x'. {KEEP_OR_WRITE}",
    ),
    (None, (A, "x"), None, ""),
]


@pytest.mark.parametrize("number", range(len(NEW)))
def test_three_ways_meet_in_a_subscriber_that_is_new(number):
    plan = all_at_once(tuple((mine, theirs, None) for mine, theirs, _, _ in NEW))
    _, _, row, note = NEW[number]
    assert of_case(plan, number, *SAID) == ([] if row is None else [(*row, note)])


BASE = ("bob", A, "x")


WRITTEN = [
    ("delete", (A, "x"), (A, "x"), ("delete", False), ""),
    (
        "delete",
        (A, "x"),
        (A, "y"),
        ("delete", True),
        f"you: delete, meanwhile: custom_field 'x' → 'y'. {KEEP_OR_DELETE}",
    ),
    ("delete", (A, "x"), None, ("none", False), "already so: deleted by others meanwhile"),
    (
        "delete",
        None,
        (A, "x"),
        ("delete", True),
        f"you: delete, meanwhile: created as active, custom_field 'x'. {KEEP_OR_DELETE}",
    ),
    ("delete", None, None, ("none", False), "nothing to delete: there is no such subscriber"),
    ("none", (A, "x"), (A, "x"), None, ""),
    ("none", (A, "x"), (A, "y"), None, ""),
    ("none", (A, "x"), None, None, ""),
    ("none", None, (A, "x"), None, ""),
    ("none", None, None, None, ""),
    ("update", (A, "x"), (A, "x"), ("update", False), ""),
    (
        "update",
        (A, "x"),
        (A, "y"),
        ("update", True),
        f"you: inactive, meanwhile: custom_field 'x' → 'y'. {KEEP_OR_WRITE}",
    ),
    ("update", (A, "x"), None, ("update", True), f"you: inactive, meanwhile: deleted. {REMAKE}"),
    (
        "update",
        None,
        (A, "x"),
        ("update", True),
        f"you: inactive, meanwhile: created as active, custom_field 'x'. {KEEP_OR_WRITE}",
    ),
    (
        "update",
        None,
        None,
        ("update", True),
        f"you: update, but there is no such subscriber. {CHECK_NAME}",
    ),
    (
        "create",
        (A, "x"),
        (A, "x"),
        ("update", True),
        f"you: create with inactive, {exists_already('x')}",
    ),
    (
        "create",
        (A, "x"),
        (A, "y"),
        ("update", True),
        f"you: create with inactive, {exists_already('y')}",
    ),
    ("create", (A, "x"), None, ("create", False), ""),
    (
        "create",
        None,
        (A, "x"),
        ("update", True),
        f"you: inactive, meanwhile: created as active, custom_field 'x'. {KEEP_OR_WRITE}",
    ),
    ("create", None, None, ("create", False), ""),
]


@cache
def written():
    """One plan for the table: a subscriber for each row, who shall become inactive by the action written down."""
    sides = ([(f"case{row}", *line[side]) for row, line in enumerate(WRITTEN) if line[side]] for side in (1, 2))
    base, current = (tenant(*side) for side in sides)
    desired = tenant(*((f"case{row}", OFF, None) for row in range(len(WRITTEN))))
    return plan_changes(current, desired.assign(action=[line[0] for line in WRITTEN]), base=base)


@pytest.mark.parametrize("number", range(len(WRITTEN)))
def test_an_action_that_was_written_down_meets_what_others_did(number):
    *_, row, note = WRITTEN[number]
    assert of_case(written(), number, "action", "conflict", "note") == ([] if row is None else [(*row, note)])


def test_a_create_of_what_exists_just_so_is_said_and_not_done():
    desired = tenant(BASE).assign(action="create")
    assert cells(plan_changes(tenant(BASE), desired), "action", "note") == [("none", "already so: it exists")]


def test_a_blank_action_is_found_out():
    desired = tenant(("bob", OFF, "x"), ("new", A, None)).assign(action=pd.Series(["", None], dtype=object))
    assert plan_changes(tenant(BASE), desired)["action"].tolist() == ["update", "create"]


def test_a_delete_shows_what_is_lost_and_leaves_nothing():
    plan = plan_changes(tenant(BASE), pd.DataFrame({"subscriber_name": ["bob"], "action": ["delete"]}))
    assert changes(plan) == [("delete", "bob", A, None, "x", None)]
    assert plan["date_updated"].tolist() == [DAY]


def test_what_desired_does_not_say_stays_as_it_is():
    current = tenant(("bob", OFF, "x"), ("eve", A, None))
    assert plan_changes(current, current[["subscriber_name"]]).empty
    fields = pd.DataFrame({"subscriber_name": ["bob", "eve"], "custom_field": ["y", None]})
    assert changes(plan_changes(current, fields)) == [("update", "bob", OFF, OFF, "x", "y")]
    statuses = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": ["", OFF]})
    assert changes(plan_changes(current, statuses)) == [("update", "eve", A, OFF, None, None)]


def test_a_clear_is_an_empty_text_and_clearing_nothing_is_nothing():
    desired = pd.DataFrame({"subscriber_name": ["bob", "eve"], "custom_field": ["", ""]})
    assert changes(plan_changes(tenant(BASE, ("eve", A, None)), desired)) == [("update", "bob", A, A, "x", None)]


def test_absent_rows_delete_nobody_unless_it_is_asked_for():
    current = tenant(("ann", A, None), BASE, ("eve", OFF, "z"))
    desired = current.iloc[[1]]
    assert plan_changes(current, desired).empty
    plan = plan_changes(current, desired, delete_missing=True)
    assert changes(plan) == [("delete", "ann", A, None, None, None), ("delete", "eve", OFF, None, "z", None)]
    assert plan["note"].tolist() == ["not among the desired rows"] * 2


def test_with_a_base_only_who_was_in_it_can_be_missing():
    base = tenant(("ann", A, None), BASE, ("eve", A, None), ("zed", A, None))
    current = tenant(("ann", A, "moved"), BASE, ("new", A, None), ("zed", A, None))
    plan = plan_changes(current, base.iloc[[3]], base=base, delete_missing=True)
    assert cells(plan, "subscriber_name", "action", "conflict") == [
        ("ann", "delete", True),
        ("bob", "delete", False),
        ("eve", "none", False),
    ]
    assert plan_changes(current, base.iloc[[3]], base=base).empty


def test_the_order_is_that_of_desired_and_then_of_who_is_missing():
    current = tenant(("d2", A, None), ("u1", A, None), ("d1", A, None), ("x1", A, None))
    desired = tenant(("n2", A, None), ("x1", A, None), ("u1", OFF, None), ("n1", A, None)).assign(
        action=["", "delete", "", ""]
    )
    plan = plan_changes(current, desired, delete_missing=True)
    assert plan["subscriber_name"].tolist() == ["n2", "x1", "u1", "n1", "d2", "d1"]
    assert plan.index.tolist() == list(range(6))


def test_names_are_compared_to_the_letter_and_twins_are_warned_about():
    current = tenant(("alex", A, None), ("zed", A, None))
    plan = plan_changes(current, tenant(("alex", A, None), ("Alex", A, None), ("zed", OFF, None)))
    assert cells(plan, "action", "subscriber_name", "note") == [
        ("create", "Alex", case_twin("alex")),
        ("update", "zed", ""),
    ]
    both = plan_changes(current.iloc[[1]], tenant(("alex", A, None), ("Alex", A, None)))
    assert both["note"].tolist() == [case_twin("Alex"), case_twin("alex")]


def test_a_twin_beside_a_conflict_adds_to_the_note():
    plan = plan_changes(tenant(("bob", A, "y"), ("Bob", A, None)), tenant(("bob", OFF, "x")), base=tenant(BASE))
    assert plan["note"].tolist() == [
        f"you: inactive, meanwhile: custom_field 'x' → 'y'. {KEEP_OR_WRITE} {case_twin('Bob')}",
    ]


OTHERS = [(f"someone{letter}{letter}", A, None) for letter in "abcdefgh"]


@pytest.mark.parametrize(
    ("old", "new", "hinted"),
    [
        (("sandeep", A, None), ("sandep", A, None), True),
        (("sandeep", A, None), ("sandeeps", A, None), True),
        (("sandeep", A, None), ("sandeeq", A, None), True),
        (("sandeep", A, None), ("Sandeep", A, None), True),
        (("sandeep", A, None), ("deepsan", A, None), False),
        (("sandeep", A, "Desk 4"), ("gurpreet", A, "Desk 4"), True),
        (("sandeep", A, "Desk 4"), ("gurpreet", A, "Desk 5"), False),
        (("agent0041", A, None), ("agent0042", A, None), False),
        (("ab", A, None), ("ac", A, None), False),
    ],
)
def test_a_create_that_looks_like_a_rename_says_what_a_rename_is(old, new, hinted):
    current, desired = tenant(old, *OTHERS), tenant(new, *OTHERS)
    plan = plan_changes(current, desired)
    assert plan["action"].tolist() == ["create"]
    assert (f"perhaps '{old[0]}' under a new name; {RENAMED}" in plan["note"].item()) is hinted
    with_deletes = plan_changes(current, desired, delete_missing=True)
    assert with_deletes["action"].tolist() == ["create", "delete"]
    assert (f"perhaps renamed to '{new[0]}'; {RENAMED}" in with_deletes["note"].iloc[1]) is hinted


def test_two_who_share_a_custom_field_are_not_taken_for_a_rename():
    current, desired = (
        tenant(("sandeep", A, "IT"), ("farhan", A, "IT"), *OTHERS),
        tenant(("gurpreet", A, "IT"), *OTHERS),
    )
    assert plan_changes(current, desired)["note"].tolist() == [""]


def test_a_frame_of_a_few_new_rows_makes_nobody_vanish():
    plan = plan_changes(tenant(("sandeep", A, None), *OTHERS), tenant(("sandep", A, None)))
    assert plan["note"].tolist() == [""]


@pytest.mark.parametrize(("kept", "hinted"), [(4, True), (3, False)])
def test_who_is_absent_from_half_of_the_rows_has_vanished_and_from_less_is_only_left_out(kept, hinted):
    current = tenant(("sandeep", A, None), *OTHERS[:7])  # eight: half of them is kept, or less
    plan = plan_changes(current, tenant(("sandep", A, None), *OTHERS[:kept]))
    assert ("perhaps 'sandeep' under a new name" in plan["note"].item()) is hinted


def test_a_delete_that_was_written_down_beside_a_similar_create_is_a_rename_too():
    desired = tenant(("sandeep", A, None), ("sandep", A, None)).assign(action=["delete", "create"])
    plan = plan_changes(tenant(("sandeep", A, None), *OTHERS), desired)
    assert plan["note"].tolist() == [
        f"perhaps renamed to 'sandep'; {RENAMED}",
        f"perhaps 'sandeep' under a new name; {RENAMED}",
    ]


def test_all_problems_of_the_rows_come_at_once():
    desired = pd.DataFrame(
        {
            "subscriber_name": ["bob", "bob", "b b", None, 7, "ok"],
            "status": [A, "on", None, A, A, A],
            "custom_field": [None, None, 4, None, None, None],
            "action": ["", "Delete", None, "none", "update", "create"],
        },
        index=list("abcdef"),
    )
    with pytest.raises(
        ValidationError, match=r"The frames can't be compared: 8 problems\. Row 0: 'bob' is in 2 rows"
    ) as refused:
        plan_changes(tenant(BASE), desired)
    found = refused.value.problems
    assert sorted(zip(found["row"], found["rule"], strict=True)) == [
        (0, "repeated"),
        (1, "bad_action"),
        (1, "bad_status"),
        (1, "repeated"),
        (2, "bad_characters"),
        (2, "bad_custom_field"),
        (3, "missing"),
        (4, "not_text"),
    ]
    assert set(found.index) == set("abcde")
    assert found.set_index("rule").loc["bad_action", "fix"] == "delete"


def test_a_name_that_current_or_base_has_twice_is_refused_and_says_where():
    twice = pd.concat([tenant(BASE), tenant(BASE)])
    with pytest.raises(ValidationError, match="In current: 'bob' is in 2 rows"):
        plan_changes(twice, tenant(BASE))
    with pytest.raises(ValidationError, match="In base: 'bob' is in 2 rows"):
        plan_changes(tenant(BASE), tenant(BASE), base=twice)


def test_an_old_name_that_breaks_the_rules_is_no_reason_to_refuse_the_tenant():
    current = tenant(("old name", A, None), BASE)
    assert plan_changes(current, current).empty
    with pytest.raises(ValidationError, match=r"1 problem\. Row 1: 'new name' contains a space"):
        plan_changes(current, tenant(("old name", A, None), ("new name", A, None)))


def test_many_problems_are_cut_in_the_message_and_whole_in_the_frame():
    with pytest.raises(ValidationError, match=r"And 2 more, in the error's \.problems\.") as refused:
        plan_changes(tenant(), pd.DataFrame({"subscriber_name": [f"b {number}" for number in range(12)]}))
    assert len(refused.value.problems) == 12


def test_what_is_wrong_with_the_columns_of_all_frames_is_one_error():
    with pytest.raises(ValidationError) as refused:
        plan_changes(tenant(BASE)[["subscriber_name", "status"]], pd.DataFrame({"name": ["bob"]}), base=[1])
    message = str(refused.value)
    for part in (
        "current: it has no column 'custom_field'",
        f"base: {NO_FRAME}",
        "desired: it has no column",
        "Pass current and base with all their columns, as load_subscribers or read_snapshot returned them.",
    ):
        assert part in message


def test_a_misspelt_action_column_is_not_ignored():
    with pytest.raises(ValidationError, match="its column 'Action' would be ignored"):
        plan_changes(tenant(BASE), tenant(BASE).assign(Action="delete"))


def test_where_the_frames_came_from_stays_with_the_plan():
    current = tenant(BASE)
    current.attrs["account_sid"] = "acme1"
    desired = tenant(("bob", OFF, "x"))
    desired.attrs["file"] = "audit.xlsx"
    assert plan_changes(current, desired).attrs == {"account_sid": "acme1", "file": "audit.xlsx"}
    assert current.attrs == {"account_sid": "acme1"}


def test_a_long_or_odd_custom_field_is_shown_on_one_short_line():
    note = plan_changes(tenant(("bob", A, "é\n" + "x" * 99)), tenant(("bob", OFF, "x")), base=tenant(BASE))[
        "note"
    ].item()
    assert "custom_field 'x' → 'é\\n" in note
    assert "\n" not in note
    assert len(note) < 200


def test_the_callers_index_and_order_of_columns_do_not_matter():
    current = tenant(BASE, ("eve", A, None)).set_index(pd.Index([7, 7]))
    desired = tenant(("eve", OFF, None), BASE)[["status", "subscriber_name", "custom_field"]].set_index(
        pd.Index([3, 3])
    )
    assert changes(plan_changes(current, desired, base=current)) == [("update", "eve", A, OFF, None, None)]


# A few plans with many subscribers each: a plan costs the same for one as for thirty.
names = st.sampled_from(
    ["Bob", "bob", "0", "007", "NA", *(f"{letter}{number}" for letter in "abc" for number in range(10))]
)
sides = st.dictionaries(
    names, st.tuples(st.sampled_from([A, OFF]), st.sampled_from([None, "", "x", "y"])), min_size=5, max_size=30
)


def frame_of(side, day=DAY):
    return tenant(*[(name, *cell) for name, cell in side.items()], day=day)


@holds(sides, sides)
def test_applying_the_plan_from_one_to_the_other_gives_the_other(a, b):
    a, b = frame_of(a), frame_of(b)
    b["custom_field"] = b["custom_field"].fillna("")  # what b leaves open would stay as it is in a
    plan = plan_changes(a, b, delete_missing=True)
    assert not plan["conflict"].any()
    assert state(apply(plan, a)) == state(b)


@holds(sides)
def test_there_is_nothing_between_a_frame_and_itself(a):
    plan = plan_changes(frame_of(a), frame_of(a), delete_missing=True)
    assert plan.empty
    assert has_the_schema(plan)


@holds(sides, sides, st.booleans())
def test_a_base_that_is_current_makes_three_ways_two(a, b, delete_missing):
    a, b = frame_of(a), frame_of(b)
    three = plan_changes(a, b, base=a.copy(), delete_missing=delete_missing)
    pd.testing.assert_frame_equal(three, plan_changes(a, b, delete_missing=delete_missing))


@holds(sides, sides, sides)
def test_a_merge_never_undoes_silently_what_others_did(base, mine, theirs):
    frames = [frame_of(side) for side in (base, mine, theirs)]
    plan = plan_changes(frames[2], frames[1], base=frames[0], delete_missing=True)
    before, wanted, live, after = (state(frame) for frame in (*frames, apply(plan, frames[2])))
    for name in {*before, *wanted, *live}:
        if live.get(name) != before.get(name):  # others touched it: it stays, or it becomes what both of you say
            kept = after.get(name) == live.get(name)
            agreed = (
                all(
                    now in {then, asked}
                    for now, then, asked in zip(live[name], before[name], wanted[name], strict=True)
                )
                if name in live and name in before and name in wanted
                else False
            )
            assert kept or agreed
    assert has_the_schema(plan)
    assert plan["subscriber_name"].is_unique


@holds(sides, sides, sides)
def test_inputs_are_never_changed(base, mine, theirs):
    frames = [frame_of(side) for side in (base, mine, theirs)]
    copies = [frame.copy(deep=True) for frame in frames]
    plan_changes(frames[2], frames[1], base=frames[0], delete_missing=True)
    for frame, copy in zip(frames, copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
