"""Readings that are some seconds behind our own writes: never believed against what our own journal knows."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from tests.ctrl_c import ctrl_c_when, main_thread_is_in


@pytest.fixture
def world():
    """A service whose readings show what was 30 s ago, by a clock that moves with each look at it."""
    ticks = itertools.count(1_800_000_000.0, 0.5)
    with ef.Sandbox(subscribers=30, seed=5, behavior={"read_lag": "30s"}, clock=lambda: next(ticks)) as box:
        yield box, box.connect(workers=1)


def first(box):
    return next(row["subscriber_name"] for row in box.subscribers() if row["status"] == "active")


def status_of(box, name):
    return {row["subscriber_name"]: row["status"] for row in box.subscribers()}[name]


@pytest.mark.parametrize("give_current", [False, True])
def test_one_that_was_just_suspended_is_not_activated_by_an_update_of_its_text(world, give_current):
    box, client = world
    name = first(box)
    before = ef.load_subscribers(client, progress=False)
    suspended = pd.DataFrame({"subscriber_name": [name], "status": ["inactive"]})
    assert ef.update_subscribers(client, suspended, progress=False)["outcome"].tolist() == ["done"]
    text = pd.DataFrame({"subscriber_name": [name], "custom_field": ["moved"]})
    options = {"current": before} if give_current else {}
    results = ef.update_subscribers(client, text, progress=False, **options)
    assert results[["outcome", "status", "custom_field"]].to_numpy().tolist() == [["done", "inactive", "moved"]]
    assert status_of(box, name) == "inactive"


def test_that_holds_where_the_service_tells_no_dates_that_could_be_compared():
    """A reading that shows just what our write of a moment ago has changed is taken for an old one."""
    ticks = itertools.count(1_800_000_000.0, 0.5)
    behavior = {"read_lag": "30s", "dates": "no_offset"}
    with ef.Sandbox(subscribers=30, seed=5, behavior=behavior, clock=lambda: next(ticks)) as box:
        client, name = box.connect(workers=1), first(box)
        suspended = pd.DataFrame({"subscriber_name": [name], "status": ["inactive"]})
        assert ef.update_subscribers(client, suspended, progress=False)["outcome"].tolist() == ["done"]
        text = pd.DataFrame({"subscriber_name": [name], "custom_field": ["moved"]})
        results = ef.update_subscribers(client, text, progress=False)
        assert results[["status", "custom_field"]].to_numpy().tolist() == [["inactive", "moved"]]
        assert status_of(box, name) == "inactive"


def test_an_undo_does_not_call_it_as_before_because_a_reading_is_old(world):
    box, client = world
    name = first(box)
    results = ef.update_subscribers(
        client, pd.DataFrame({"subscriber_name": [name], "status": ["inactive"]}), progress=False
    )
    plan = ef.plan_undo(client, results["run_id"].iloc[0], progress=False)
    assert plan[["action", "status", "note"]].to_numpy().tolist() == [["update", "active", "exact"]]


def test_what_was_just_deleted_is_not_planned_on_again(world):
    box, client = world
    name = first(box)
    results = ef.delete_subscribers(client, [name], max_deletes=1, progress=False)
    plan = ef.plan_undo(client, results["run_id"].iloc[0], progress=False)
    assert plan["action"].tolist() == ["create"]


def test_a_lost_delete_is_not_done_because_a_copy_does_not_know_the_subscriber_yet(world):
    box, client = world
    ef.create_subscribers(client, pd.DataFrame({"subscriber_name": ["fresh"]}), progress=False)
    box.set_faults(drop_before=1, only={"delete"}, limit=1)
    results = ef.delete_subscribers(client, ["fresh"], max_deletes=1, progress=False)
    there = {row["subscriber_name"] for row in box.subscribers()}
    assert results["outcome"].tolist() == ["done"]
    assert "fresh" not in there


def test_the_looks_for_what_a_reading_does_not_show_yet_are_shown_and_waited_for_in_sight(world):
    _, client = world
    fresh, before = pd.DataFrame({"subscriber_name": ["fresh1"]}), ef.load_subscribers(client, progress=False)
    ef.create_subscribers(client, fresh, progress=False)
    seen = []
    changes = fresh.assign(custom_field="moved")
    ef.update_subscribers(client, changes, current=before, progress=lambda step: seen.append((step.total, step.remark)))
    assert [total for total, _ in seen].count(None) >= 3  # a wait before each of three looks has no rows
    assert seen[-1] == (1, "1 done")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_ends_the_wait_before_a_look(world):
    box, client = world[0], Client(replace(world[1].settings, sandbox=None))  # which waits two seconds before each look
    fresh, before = pd.DataFrame({"subscriber_name": ["fresh1"]}), ef.load_subscribers(client, progress=False)
    ef.create_subscribers(client, fresh, progress=False)
    sent = len(box.log)
    with pytest.raises(KeyboardInterrupt), ctrl_c_when(lambda: main_thread_is_in("_pause")):
        ef.update_subscribers(client, fresh.assign(custom_field="moved"), current=before, progress=False)
    assert len(box.log) == sent


def test_columns_of_ones_own_beside_current_are_no_hindrance(world):
    box, client = world
    current = ef.load_subscribers(client, progress=False).assign(team="north")
    for text in ("one", "two"):  # the second time there is a write of our own to compare with
        sheet = pd.DataFrame({"subscriber_name": [first(box)], "custom_field": [text]})
        done = ef.update_subscribers(client, sheet, current=current, progress=False)
        assert done[["outcome", "custom_field"]].to_numpy().tolist() == [["done", text]]
