"""What plans say of somebody whom a listing lacks and who may exist: he can't be read, or an item names nobody."""

from __future__ import annotations

import pandas as pd
import pytest

from exotel_frames.errors import ValidationError
from exotel_frames.frames.loaded_state import Loaded
from exotel_frames.plans import (
    Copy,
    mark_stale,
    merge_copies,
    plan_changes,
    plan_creates,
    plan_deletes,
    plan_updates,
)
from tests.plans.plan_kit import DAY, cells, tenant

A, OFF = "active", "inactive"
WHY = "it can't be read (HTTP 403: Protected)"
NOT_KNOWN = f"it is not known whether it exists: {WHY}. "
WILL_ASK = "The service decides."
DECIDE = "Drop this row, or set its conflict to False to let the service decide."


def listing(*rows, **about):
    """A listing that lacks eve, who can't be read."""
    made = tenant(*(rows or [("bob", A, "x")]))
    made.attrs["exotel_frames"] = about or {"unread": {"eve": "HTTP 403: Protected"}}
    return made


def asks(*names, **columns):
    return pd.DataFrame({"subscriber_name": list(names)} | columns)


@pytest.mark.parametrize("on_exists", ["reject", "skip", "update"])
def test_a_create_says_that_it_may_be_refused(on_exists):
    plan = plan_creates(asks("bob", "eve", "nidhi"), current=listing(), on_exists=on_exists)
    assert plan["action"].tolist()[1:] == ["create", "create"]
    assert plan["note"].tolist()[1:] == [f"{NOT_KNOWN}If it does, the service refuses the create.", ""]
    assert not plan["conflict"].any()


def test_a_create_beside_those_who_exist_gives_each_its_own_row_s_field():
    current = listing(("bob", A, "x"), ("ann", A, "new"))
    plan = plan_creates(asks("bob", "ann", custom_field=["new", "new"]), current=current, on_exists="update")
    assert plan["action"].tolist() == ["update", "none"]
    assert plan.attrs["exotel_frames"] == current.attrs["exotel_frames"]


@pytest.mark.parametrize("made", [plan_updates, lambda frame, current: plan_deletes(frame["subscriber_name"], current)])
def test_updates_and_deletes_say_why_the_service_will_be_asked(made):
    plan = made(asks("eve", "nidhi", status=OFF), listing())
    asked = "not among the current subscribers: the service decides"
    assert plan["note"].tolist() == [NOT_KNOWN + WILL_ASK, asked]


def test_without_a_base_nothing_is_said_to_be_absent():
    desired = asks("eve", "eve2", action=["update", "update"], custom_field="y")
    current = listing(("bob", A, "x"), unread={"eve": "HTTP 403: Protected"})
    plan = plan_changes(current, desired)
    assert cells(plan, "action", "conflict") == [("update", False), ("update", True)]
    assert plan["note"].iloc[0] == NOT_KNOWN + WILL_ASK
    plan = plan_changes(current, asks("eve", "eve2", action="delete"))
    assert cells(plan, "action", "note", "conflict") == [
        ("delete", NOT_KNOWN + WILL_ASK, False),
        ("none", "nothing to delete: there is no such subscriber", False),
    ]
    plan = plan_changes(current, asks("eve"))
    assert cells(plan, "action", "status", "note") == [
        ("create", A, f"{NOT_KNOWN}If it does, the service refuses the create.")
    ]


def test_with_a_base_what_he_is_now_is_asked_and_what_nobody_edited_is_left():
    base = tenant(("bob", A, "x"), ("eve", A, "x"))
    edited = base.assign(status=[A, OFF])
    plan = plan_changes(listing(), edited, base=base)
    told = f"you: {OFF}, but {NOT_KNOWN}{DECIDE}"
    assert cells(plan, "action", "subscriber_name", "note", "conflict") == [("update", "eve", told, True)]
    plan = plan_changes(listing(), base.assign(action=["", "delete"]), base=base)
    told = f"you: delete, but {NOT_KNOWN}{DECIDE}"
    assert cells(plan, "action", "subscriber_name", "note", "conflict") == [("delete", "eve", told, True)]
    plan = plan_changes(listing(), base.assign(action=["", "create"]), base=base)
    assert cells(plan, "action", "subscriber_name", "conflict") == [("create", "eve", False)]
    assert plan_changes(listing(), base, base=base).empty
    assert plan_changes(listing(), base.assign(action=["", "none"]), base=base).empty


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (1, "1 item of the listing can't be read (no name or failed), and it may be this one"),
        (3, "3 items of the listing can't be read (no name or failed), and it may be one of them"),
    ],
)
def test_items_without_a_name_may_be_anybody_who_is_absent(items, said):
    plan = plan_changes(listing(("bob", A, "x"), nameless=items), asks("bob", "eve", custom_field="y"))
    assert cells(plan, "action", "note") == [
        ("update", ""),
        ("create", f"it is not known whether it exists: {said}. If it does, the service refuses the create."),
    ]


def test_the_guard_holds_back_what_was_decided_on_what_he_was():
    known = tenant(("eve", A, "x"), ("bob", A, "x"))
    plan = plan_changes(known, asks("eve", "bob", status=OFF))
    marked = mark_stale(plan, listing())
    told = f"its current state is not known: {WHY}. Plan again, or drop this row."
    assert cells(marked, "action", "note", "conflict") == [("update", told, True), ("update", "", False)]
    deletes = mark_stale(plan_deletes(asks("eve", "ann"), known), listing())
    assert cells(deletes, "action", "conflict") == [("delete", True), ("none", False)]
    creates = mark_stale(plan_creates(asks("eve", "ann")), listing())
    assert cells(creates, "action", "note", "conflict") == [("create", "", False)] * 2


def test_the_guard_leaves_a_bare_row_to_the_service_unless_it_may_delete_another():
    bare = plan_deletes(asks("eve", "ann"))
    assert cells(mark_stale(bare, listing()), "action", "conflict") == [("delete", False), ("none", False)]
    another = listing(("bob", A, "x"), unread={"eve": "HTTP 200: another"}, another=["eve"])
    assert cells(mark_stale(bare, another), "action", "conflict") == [("delete", True), ("none", False)]
    update = plan_updates(asks("eve", status=OFF), None)
    assert cells(mark_stale(update, another), "action", "conflict") == [("update", False)]


def test_the_guard_tells_of_each_row_what_became_of_it():
    known = tenant(("bob", A, None), ("ann", A, "x"), ("eve", A, "x"))
    plan = pd.concat(
        [plan_changes(known, asks("bob", "ann", "eve", status=OFF)), plan_creates(asks("new"))], ignore_index=True
    )
    live = listing(("bob", A, "y", DAY + pd.Timedelta(days=1)), ("new", A, "z"))
    assert mark_stale(plan, live)["note"].tolist() == [
        "changed since this was planned: custom_field none → 'y'. Plan again, or drop this row.",
        "deleted since this was planned. Plan again, or drop this row.",
        f"its current state is not known: {WHY}. Plan again, or drop this row.",
        "exists now: active, custom_field 'z'. Plan again, or drop this row.",
    ]


def test_copies_that_do_not_agree_say_that_it_is_not_known_what_became_of_him():
    base = tenant(("bob", A, "x"), ("eve", A, "x"))
    copies = [
        Copy("north.xlsx", base.assign(status=[A, OFF]), base),
        Copy("south.xlsx", base.assign(custom_field=["x", "z"], status=[A, A]), base),
    ]
    note = merge_copies(listing(), copies)[0]["note"].item()
    assert f"It is not known whether it exists: {WHY}. " in note
    assert "deleted" not in note


def test_a_listing_of_which_not_all_is_known_deletes_nobody_by_absence_but_from_itself():
    desired, whole = listing(("bob", A, "x"), nameless=2), tenant(("bob", A, "x"), ("eve", A, "x"))
    with pytest.raises(ValidationError) as told:
        plan_changes(whole, desired, delete_missing=True)
    assert str(told.value) == (
        "desired does not list all subscribers: 2 items of the listing can't be read (no name or failed). "
        "delete_missing=True would delete the missing ones. Pass base=, the frame that desired was made from; or "
        "set the "
        "action 'delete' on the rows to delete."
    )
    loaded = listing(("bob", A, "x"), ("ann", A, "x"), nameless=2)
    loaded.attrs["exotel_frames"]["loaded"] = Loaded(loaded)
    assert cells(plan_changes(loaded, loaded.head(1), delete_missing=True), "action", "subscriber_name") == [
        ("delete", "ann")
    ]
    other = loaded.copy()
    other.attrs["exotel_frames"] = {"nameless": 2, "loaded": Loaded(other)}
    with pytest.raises(ValidationError, match="does not list all subscribers"):
        plan_changes(other, loaded.head(1), delete_missing=True)


def test_a_listing_of_a_status_names_it_where_it_deletes_nobody_by_absence():
    desired = listing(("bob", A, "x"), only=A)
    with pytest.raises(ValidationError) as told:
        plan_changes(tenant(("bob", A, "x"), ("eve", OFF, "x")), desired, delete_missing=True)
    assert str(told.value) == (
        "desired lists only subscribers with the status 'active': delete_missing=True would delete all others. Pass "
        "base=, the frame that desired was made from; or set the action 'delete' on the rows to delete."
    )
