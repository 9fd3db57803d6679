"""Services that differ from their document: what is told is what is stored, and no code is told that was not sent."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from tests.slow import slow

SENT = " Team  <A> & Caf\u00e9\r\n"


def one(name="priya07", text=SENT, **more):
    return pd.DataFrame(
        {"subscriber_name": [name], "custom_field": [text], **{key: [is_] for key, is_ in more.items()}}
    )


def stored(box):
    return {row["subscriber_name"]: (row["status"], row["custom_field"] or "") for row in box.subscribers()}


@pytest.mark.parametrize(
    ("way", "lost"),
    [
        (way, lost) if at % 2 == lost and at % 4 == 1 else slow(way, lost)
        for at, way in enumerate(["trim", "collapse", "cut32", "nfc", "lf", "html", "lower", "null_to_empty"])
        for lost in (False, True)
    ],
)
def test_a_service_that_spells_texts_its_own_way_has_done_what_was_asked(way, lost):
    with ef.Sandbox(subscribers=3, seed=5, behavior={"custom_field": way}) as box:
        client = box.connect(workers=1)
        ef.load_subscribers(client, progress=False)
        if lost:
            box.set_faults(drop_after=1, only={"create"}, limit=1)
        results = ef.create_subscribers(client, one(), progress=False)
        assert results[["outcome", "custom_field"]].fillna("").to_numpy().tolist() == [
            ["done", stored(box)["priya07"][1]]
        ]
        undo = ef.plan_undo(client, results["run_id"].iloc[0], progress=False)
        assert undo["action"].tolist() == ["delete"]
        if lost:
            box.set_faults(drop_after=1, only={"update"}, limit=1)
        changed = ef.update_subscribers(client, one(text=f"{SENT}two"), progress=False)
        assert changed["outcome"].tolist() == ["done"]
        assert changed["custom_field"].fillna("").tolist() == [stored(box)["priya07"][1]]


@pytest.mark.parametrize("status", ["inactive", "pending"])
def test_a_subscriber_that_begins_in_another_status_is_done_with_a_note(status):
    with ef.Sandbox(subscribers=3, seed=5, behavior={"new_status": status}) as box:
        results = ef.create_subscribers(box.connect(), one(), progress=False)
    assert results[["outcome", "status"]].to_numpy().tolist() == [["done", status]]
    assert f"status is '{status}', not 'active'" in results["error_message"].iloc[0]


def test_a_success_for_a_name_that_was_there_has_created_nothing():
    with ef.Sandbox(subscribers=3, seed=5, behavior={"repeated_create": "200"}) as box:
        name = box.subscribers()[0]["subscriber_name"]
        results = ef.create_subscribers(box.connect(), one(name), progress=False)
    assert results["outcome"].tolist() == ["rejected"]
    assert results["error_code"].isna().all()


@pytest.mark.parametrize(("code", "verb"), [(403, "update"), (423, "delete"), slow(423, "update"), slow(403, "delete")])
def test_one_protected_subscriber_is_one_rejected_row(code, verb):
    with ef.Sandbox(subscribers=20, seed=5, behavior={"protected_row": str(code)}) as box:
        client = box.connect()
        names = [row["subscriber_name"] for row in box.subscribers()]
        if verb == "delete":
            results = ef.delete_subscribers(client, names, max_deletes=20, progress=False)
        else:
            frame = pd.DataFrame({"subscriber_name": names, "custom_field": "new"})
            results = ef.update_subscribers(client, frame, progress=False)
    assert results["outcome"].tolist() == ["done"] * 19 + ["rejected"]
    assert results["http_code"].iloc[-1] == code


@pytest.mark.parametrize("way", ["all_or_nothing", "items_in_4xx", "whole_post"])
def test_one_poison_row_takes_no_other_row_with_it(way):
    behavior = {"post_refusal": way, "custom_field": "refuse_over255"}
    with ef.Sandbox(subscribers=3, seed=5, behavior=behavior) as box:
        client = box.connect(workers=1)
        texts = ["x" * 300 if row == 4 else "fine" for row in range(10)]
        frame = pd.DataFrame({"subscriber_name": [f"n{row}" for row in range(10)], "custom_field": texts})
        results = ef.create_subscribers(client, frame, progress=False)
        assert results["outcome"].tolist() == ["done"] * 4 + ["rejected"] + ["done"] * 5
        assert results["error_code"].iloc[4] == 1002


@pytest.mark.parametrize("way", ["-90s", slow("-2s"), "+2s", slow("+90s"), "backwards", "absent"])
def test_two_clocks_make_no_false_verdict(way):
    with ef.Sandbox(subscribers=3, seed=5, behavior={"date_header": way}) as box:
        client = box.connect(workers=1)
        first = ef.create_subscribers(client, one("first"), progress=False)
        assert first["outcome"].tolist() == ["done"]
        box.add("theirs", custom_field="team", date_created="2020-01-01T00:00:00+05:30")
        box.set_faults(drop_after=1, only={"create"}, limit=1)
        frame = pd.DataFrame({"subscriber_name": ["ours", "theirs"], "custom_field": "team"})
        ours, theirs = ef.create_subscribers(client, frame, progress=False)["outcome"]
    assert ours in {"done", "unknown"}
    assert theirs in {"rejected", "unknown"}
    if way[1:] in {"2s", "90s"}:
        assert (ours, theirs) == ("done", "rejected")


def test_a_gateway_that_repeats_a_post_makes_no_rejected_row_of_what_it_created():
    with ef.Sandbox(subscribers=3, seed=5, behavior={"gateway": "repeats_post"}) as box:
        frame = pd.DataFrame({"subscriber_name": ["a1", "a2"], "custom_field": "team"})
        results = ef.create_subscribers(box.connect(), frame, progress=False)
    assert results["outcome"].tolist() == ["unknown", "unknown"]


@pytest.mark.parametrize("offset_past_end", ["400", "404"])
def test_a_share_of_the_tenant_is_computed_from_a_size_that_is_known(offset_past_end):
    with ef.Sandbox(subscribers=40, seed=5, behavior={"offset_past_end": offset_past_end}) as box:
        client = box.connect()
        current = ef.load_subscribers(client, progress=False)
        plan = ef.plan_changes(current, current.assign(custom_field="new").head(35))
        with pytest.raises(ef.UnsafePlanError):
            ef.apply_plan(client, plan, progress=False)


def test_a_missing_name_has_no_code_when_the_service_was_not_asked_for_it():
    with ef.Sandbox(subscribers=40, seed=5) as box:
        results = ef.get_subscribers(box.connect(), ["nobody", "noone"], progress=False)
    assert results["outcome"].tolist() == ["rejected"] * 2
    assert results[["http_code", "code", "error_code"]].isna().all(axis=None)
