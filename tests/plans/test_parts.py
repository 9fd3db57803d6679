"""Beside subscribers that are known to be a part of the account, nobody is planned for who may exist."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from tests.slow import but_slow


@pytest.fixture(scope="module")
def box():
    with ef.Sandbox(subscribers=40, seed=5) as box:
        yield box


@pytest.fixture(scope="module")
def client(box):
    return box.connect()


@pytest.fixture(scope="module")
def subs(client):
    return ef.load_subscribers(client, progress=False)


def of_status(client, subs, tmp_path):
    return ef.load_subscribers(client, status="inactive", progress=False)


def filtered(client, subs, tmp_path):
    return subs[subs["status"] == "inactive"]


def first_rows(client, subs, tmp_path):
    inactive = subs["status"] == "inactive"
    return subs.sort_values("status", ascending=False).head(int(inactive.sum()))


def of_parquet(client, subs, tmp_path):
    filtered(client, subs, tmp_path).to_parquet(tmp_path / "part.parquet")
    return pd.read_parquet(tmp_path / "part.parquet")


def of_snapshot(client, subs, tmp_path):
    ef.write_snapshot(of_status(client, subs, tmp_path), tmp_path / "part.parquet")
    return ef.read_snapshot(tmp_path / "part.parquet")


def results(client, subs, tmp_path):
    inactive = subs.loc[subs["status"] == "inactive", "subscriber_name"]
    return ef.get_subscribers(client, inactive.tolist(), progress=False)


PARTS = [of_status, filtered, first_rows, of_parquet, of_snapshot, results]


def active(subs):
    return subs.loc[subs["status"] == "active", "subscriber_name"].tolist()


@pytest.mark.parametrize("part", PARTS)
def test_who_is_left_out_of_a_part_is_not_planned_as_a_create(client, subs, tmp_path, part):
    current = part(client, subs, tmp_path)
    desired = pd.DataFrame({"subscriber_name": active(subs)[:7], "custom_field": "vip"})
    with pytest.raises(ef.ValidationError) as told:
        ef.plan_changes(current, desired)
    message = str(told.value)
    assert f"whether '{active(subs)[0]}', " in message
    assert "2 more" in message
    assert message.endswith("Pass all subscribers: plan_changes with ef.load_subscribers(client) as current.")


@pytest.mark.parametrize("part", PARTS)
def test_whom_a_part_has_is_planned_as_ever(client, subs, tmp_path, part):
    current = part(client, subs, tmp_path)
    desired = pd.DataFrame({"subscriber_name": current["subscriber_name"].tolist(), "custom_field": "vip"})
    plan = ef.plan_changes(current, desired)
    assert set(plan["action"]) == {"update"}
    assert len(plan) == len(current)


@pytest.mark.parametrize("part", [filtered, first_rows])
def test_a_name_that_nobody_had_when_all_were_loaded_is_created_beside_some_of_them(client, subs, tmp_path, part):
    plan = ef.plan_changes(part(client, subs, tmp_path), pd.DataFrame({"subscriber_name": ["fresh1"]}))
    assert plan["action"].tolist() == ["create"]


def test_of_results_who_was_looked_for_and_not_found_is_created_and_who_was_found_is_not(client, subs):
    asked = [active(subs)[0], "nobody1"]
    found = ef.get_subscribers(client, asked, progress=False)
    plan = ef.plan_changes(found, pd.DataFrame({"subscriber_name": asked, "custom_field": "vip"}))
    assert plan["action"].tolist() == ["update", "create"]


def test_of_results_who_could_not_be_read_may_exist(client, subs):
    found = ef.get_subscribers(client, active(subs)[:2], progress=False)
    found.loc[1, ["outcome", "http_code"]] = ["rejected", 403]
    with pytest.raises(ef.ValidationError, match=f"whether '{active(subs)[1]}' exists"):
        ef.plan_changes(found, pd.DataFrame({"subscriber_name": active(subs)[:2], "custom_field": "vip"}))


def test_with_a_base_nobody_is_called_deleted_whom_the_listing_only_leaves_out(client, subs):
    current = ef.load_subscribers(client, status="inactive", progress=False)
    with pytest.raises(ef.ValidationError, match="does not show whether"):
        ef.plan_changes(current, subs.assign(custom_field="vip"), base=subs)
    quiet = subs.assign(custom_field=subs["custom_field"].mask(subs["status"] == "inactive", "vip"))
    assert set(ef.plan_changes(subs, quiet, base=subs)["action"]) == {"update"}


def test_who_is_absent_from_a_listing_of_one_status_is_not_deleted(client, subs):
    desired = ef.load_subscribers(client, status="active", progress=False)
    with pytest.raises(ef.ValidationError, match="delete_missing=True would delete all others"):
        ef.plan_changes(subs, desired, delete_missing=True)
    plan = ef.plan_changes(desired, desired.iloc[1:], delete_missing=True)  # both list one status
    assert plan["action"].tolist() == ["delete"]
    plan = ef.plan_changes(subs, desired.iloc[1:], base=desired, delete_missing=True)
    assert plan["action"].tolist() == ["delete"]


def test_rows_that_were_dropped_from_everybody_are_deleted_as_ever(subs):
    plan = ef.plan_changes(subs, subs[subs["status"] == "active"], delete_missing=True)
    assert set(plan["action"]) == {"delete"}


@pytest.mark.parametrize("action", ["create", "update", "delete"])
@pytest.mark.parametrize("part", PARTS)
def test_whether_a_sheet_can_be_sent_is_not_told_from_a_part(client, subs, tmp_path, part, action):
    sheet = pd.DataFrame({"subscriber_name": active(subs)[:3], "custom_field": "vip"})
    with pytest.raises(ef.ValidationError, match=r"validate_subscribers with ef\.load_subscribers"):
        ef.validate_subscribers(sheet, action=action, current=part(client, subs, tmp_path))


def test_of_results_those_exist_who_were_found(client, subs):
    found = ef.get_subscribers(client, [active(subs)[0], "nobody1"], progress=False)
    problems = ef.validate_subscribers(pd.DataFrame({"subscriber_name": [active(subs)[0], "nobody1"]}), current=found)
    assert problems[["value", "rule"]].to_numpy().tolist() == [[active(subs)[0], "already_exists"]]


@pytest.mark.parametrize("part", but_slow(PARTS, [filtered, results]))
def test_an_update_looks_for_whom_the_part_leaves_out(tmp_path, part):
    with ef.Sandbox(subscribers=40, seed=5) as box:
        client = box.connect()
        box.add("amit_k", custom_field="odd", status="active")
        subs = ef.load_subscribers(client, progress=False)
        current = part(client, subs, tmp_path)
        sheet = pd.DataFrame({"subscriber_name": ["amit_k", *active(subs)[1:4], "nobody1"], "custom_field": "vip"})
        done = ef.update_subscribers(client, sheet, current=current, progress=False)
        assert done["outcome"].tolist() == ["done"] * 4 + ["rejected"]
        assert done["status"].tolist()[:4] == ["active"] * 4
        again = ef.update_subscribers(client, sheet.iloc[:4], current=current, progress=False)
        assert again["outcome"].tolist() == ["unchanged"] * 4
