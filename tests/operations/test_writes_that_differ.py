"""Writing to a service that differs from its document: what was done is told, and can be taken back."""

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.operations.service_behavior import (
    behavior_path,
    read_behavior,
    use_behavior,
    write_behavior,
    write_page_size,
)
from tests.operations.wording import NO_MOMENT
from tests.plans.wording import WAS_SUSPENDED
from tests.slow import but_slow, slow


def frame(**columns):
    return pd.DataFrame(columns)


@pytest.fixture
def open_box(tmp_path):
    def opened(timeout_s=30.0, **options):
        box = ef.Sandbox(**{"subscribers": 0} | options)
        return box.start(), box.connect(journal=tmp_path, timeout_s=timeout_s)

    return opened


def truth(box):
    return {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}


def test_a_delete_that_a_gateway_repeats_is_open_until_a_look_and_then_taken_back(open_box):
    box, client = open_box(behavior={"gateway": "repeats_delete"})
    with box:
        box.add("ann", custom_field="night")
        found = ef.delete_subscribers(client, ["ann", "nobody"], max_deletes=2, progress=False)
        assert found["outcome"].tolist() == ["unknown", "rejected"]
        assert "a gateway may have sent it twice" in found["error_message"][0]
        assert ef.plan_undo(client, found, progress=False)["note"].tolist()[0].startswith("impossible for now")
        assert ef.resume_run(client, found, progress=False)["outcome"].tolist() == ["done", "rejected"]
        plan = ef.plan_undo(client, found, progress=False)
        ef.apply_plan(client, plan, progress=False)
        assert truth(box) == {"ann": ("active", "night")}


@pytest.mark.slow
def test_a_name_that_a_later_run_has_created_again_is_not_denied_to_the_run_that_made_it_first(open_box):
    box, client = open_box(timeout_s=2.0)
    with box:
        client.list_page(page_size=1)
        box.set_faults(error_after=1, only=["create", "list", "get"])
        first = ef.create_subscribers(client, frame(subscriber_name=["ann"]), progress=False)
        box.set_faults()
        assert (first["outcome"].tolist(), list(truth(box))) == (["unknown"], ["ann"])
        ef.delete_subscribers(client, ["ann"], max_deletes=1, progress=False)
        again = ef.create_subscribers(client, frame(subscriber_name=["ann"]), progress=False)
        assert again["outcome"].tolist() == ["done"]
        settled = ef.resume_run(client, first, progress=False)
        assert settled["outcome"].tolist() == ["unknown"]
        assert "another run on this account has created it since" in settled["error_message"][0]


def test_who_is_created_inactive_keeps_the_custom_field_where_a_put_clears_what_it_does_not_name(open_box):
    box, client = open_box(behavior={"put_without_custom_field": "clears"})
    with box:
        sheet = frame(subscriber_name=["ann", "bob"], custom_field=["night", None], status="inactive")
        found = ef.create_subscribers(client, sheet, progress=False)
        assert found["outcome"].tolist() == ["done", "done"]
        assert truth(box) == {"ann": ("inactive", "night"), "bob": ("inactive", None)}
        assert found["custom_field"].fillna("").tolist() == ["night", ""]


@pytest.mark.parametrize("verb", ["get", "create", "update"])
def test_dates_that_name_no_offset_are_told_of_in_every_frame_of_results(open_box, verb, capsys):
    box, client = open_box(behavior={"dates": "no_offset"})
    calls = {"get": ef.get_subscribers, "create": ef.create_subscribers, "update": ef.update_subscribers}
    with box:
        if verb != "create":
            box.add("ann")
        sheet = frame(subscriber_name=["ann"])
        sheet = sheet if verb == "get" else sheet.assign(custom_field="x")
        found = calls[verb](client, sheet)
        assert found["outcome"].tolist() == ["done"]
        (note,) = found.attrs["exotel_frames"]["notes"]
        assert note == f"1 date_created {NO_MOMENT} (the offset is missing): left empty."
        assert note in capsys.readouterr().out


def odd_one(box):
    return next(row["subscriber_name"] for row in box.subscribers() if row["status"] == "suspended")


def test_an_update_of_a_subscriber_whose_status_is_none_of_ours_is_undone_as_far_as_can_be(open_box):
    box, client = open_box(subscribers=24, behavior={"tenant_status": "odd"})
    with box:
        name = odd_one(box)
        did = ef.update_subscribers(client, frame(subscriber_name=[name], status="active"), progress=False)
        plan = ef.plan_undo(client, did, progress=False)
        assert plan["note"].tolist() == [f"lossy: {WAS_SUSPENDED}"]
        assert ef.apply_plan(client, plan, progress=False)["outcome"].tolist() == ["done"]
        assert truth(box)[name][0] == "inactive"


def test_a_deleted_subscriber_whose_status_is_none_of_ours_comes_back_inactive(open_box):
    box, client = open_box(subscribers=24, behavior={"tenant_status": "odd"})
    with box:
        name = odd_one(box)
        before = truth(box)[name]
        did = ef.delete_subscribers(client, [name], max_deletes=1, progress=False)
        plan = ef.plan_undo(client, did, progress=False)
        assert plan["note"][0].endswith(WAS_SUSPENDED)
        assert ef.apply_plan(client, plan, progress=False)["outcome"].tolist() == ["done"]
        assert truth(box)[name] == ("inactive", before[1])


def test_one_odd_status_that_stays_as_it_is_stops_no_plan(open_box):
    box, client = open_box(subscribers=24, behavior={"tenant_status": "odd"})
    with box:
        name = odd_one(box)
        current = ef.load_subscribers(client, progress=False)
        ann = next(row["subscriber_name"] for row in box.subscribers() if row["status"] == "active")
        desired = current[current["subscriber_name"].isin([name, ann])].assign(custom_field="new")
        found = ef.apply_plan(client, ef.plan_changes(current, desired), max_share=1, progress=False)
        assert dict(zip(found["subscriber_name"], found["outcome"], strict=True)) == {name: "rejected", ann: "done"}


def test_who_was_born_with_a_status_of_the_services_own_can_be_taken_back(open_box):
    box, client = open_box(behavior={"new_status": "pending"})
    with box:
        did = ef.create_subscribers(client, frame(subscriber_name=["ann"]), progress=False)
        assert (did["outcome"][0], did["status"][0]) == ("done", "pending")
        plan = ef.plan_undo(client, did, progress=False)
        ef.apply_plan(client, plan, max_deletes=1, max_share=1, progress=False)
        assert truth(box) == {}


def test_what_was_left_in_doubt_stays_so_when_a_resume_knows_no_more(open_box):
    box, client = open_box(behavior={"gateway": "repeats_post"})
    with box:
        first = ef.create_subscribers(client, frame(subscriber_name=["ann"]), progress=False)
        again = ef.resume_run(client, first, progress=False)
        assert again["outcome"].tolist() == ["unknown"]
        assert again["error_message"].tolist() == first["error_message"].tolist()


def test_what_a_check_has_seen_of_the_gateway_settles_what_it_repeats(open_box):
    box, client = open_box(behavior={"gateway": "repeats_post"})
    with box:
        write_behavior(client, {"gateway": "repeats_post"})
        made = ef.create_subscribers(client, frame(subscriber_name=["ann"]), progress=False)
        assert made["outcome"].tolist() == ["done"]
        write_behavior(client, {"gateway": "repeats_delete"})
    box, client = open_box(behavior={"gateway": "repeats_delete"})
    with box:
        box.add("bob")
        write_behavior(client, {"gateway": "repeats_delete"})
        gone = ef.delete_subscribers(client, ["bob", "nobody"], max_deletes=2, progress=False)
        assert gone["outcome"].tolist() == ["done", "rejected"]


@pytest.mark.parametrize("rows", [1, slow(4), 30])
@pytest.mark.parametrize("checked", but_slow([False, True], [False]))
def test_a_service_that_clears_what_an_update_does_not_name_loses_one_field_at_most_and_says_so(
    open_box, checked, rows
):
    box, client = open_box(behavior={"put_without_custom_field": "clears"}, faults={"latency_s": 0.02})
    with box:
        box.add(*(f"s{at}" for at in range(rows)), custom_field="night")
        if checked:
            write_behavior(client, {"put_without_custom_field": "clears"})
        sheet = frame(subscriber_name=[f"s{at}" for at in range(rows)], status="inactive")
        found = ef.update_subscribers(client, sheet, progress=False)
        assert found["outcome"].tolist() == ["done"] * rows
        kept = [truth(box)[name][1] for name in sheet["subscriber_name"]]
        assert kept.count(None) == (0 if checked else 1)
        assert kept.count("night") == rows - kept.count(None)
        told = found["error_message"].fillna("").str.contains("the service clears fields that an update does not name")
        assert told.tolist() == [field is None for field in kept]
        undo = ef.plan_undo(client, found, progress=False)
        ef.apply_plan(client, undo, max_share=1, progress=False)
        assert set(truth(box).values()) == {("active", "night")}


@pytest.mark.parametrize("past", ["400", "404"])
def test_a_service_that_is_known_to_refuse_an_offset_past_the_end_is_not_asked_for_one(open_box, past):
    box, client = open_box(subscribers=250, behavior={"offset_past_end": past})
    with box:
        write_behavior(client, {"offset_past_end": past})
        before = box.requests
        assert len(ef.load_subscribers(client, progress=False)) == 250
        assert box.requests - before == 3
        assert {entry.http_code for entry in box.log} == {200}


def test_where_the_service_keeps_what_an_update_does_not_name_that_is_remembered(open_box):
    box, client = open_box(behavior={})
    with box:
        box.add(*(f"s{at}" for at in range(30)), custom_field="night")
        sheet = frame(subscriber_name=[f"s{at}" for at in range(30)], status="inactive")
        assert ef.update_subscribers(client, sheet, progress=False)["outcome"].eq("done").all()
        assert read_behavior(client)["put_without_custom_field"] == "holds"


def test_rows_that_take_a_request_each_are_shared_among_the_workers(open_box):
    box, client = open_box()
    with box:
        names = [f"s{at}" for at in range(12)]
        made = ef.create_subscribers(client, frame(subscriber_name=names), progress=False)
        changed = ef.update_subscribers(client, frame(subscriber_name=names, custom_field="day"), progress=False)
        gone = ef.delete_subscribers(client, names, max_deletes=12, progress=False)
        assert made["chunk"].value_counts().tolist() == [10, 2]
        assert client.settings.workers == 8
        for run in (changed, gone):
            assert run["chunk"].value_counts().tolist() == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]


def test_what_a_check_writes_down_during_a_listing_stays(open_box):
    box, client = open_box()
    with box:
        known = use_behavior(client)
        write_behavior(client, {"gateway": "repeats_post"})  # a check, in another program
        client.page_size.given = 50
        write_page_size(client, known)
        assert read_behavior(client) == {"gateway": "repeats_post", "page_cap": "clamped50: a page of 100 had 50"}


def test_what_was_seen_of_a_service_is_read_whole_while_it_is_written_anew(open_box):
    box, client = open_box()
    with box:
        write_behavior(client, {"gateway": "repeats_post"})
        with behavior_path(client).open() as reader:
            write_behavior(client, {"gateway": "holds"})
            assert "repeats_post" in reader.read()
        assert read_behavior(client) == {"gateway": "holds"}
