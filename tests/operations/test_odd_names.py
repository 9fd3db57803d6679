"""Names that nobody could create, and that the service holds: they are updated, deleted and planned like any other."""

from __future__ import annotations

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames import schema
from tests.slow import slow

ODD = ["amit_k", "x" * 25, "Jos\u00e9 Maria", "dev team/2", "50%", "a?b#c", "अमित"]
NOBODY = ["priya_s", "y" * 30, "..", "z" * 2000]
FEW, MANY = 3, 1200


@pytest.fixture(params=[slow(FEW), MANY], ids=["a small tenant, which is listed", "a large one, each asked for"])
def box(request):
    with ef.Sandbox(subscribers=request.param) as box:
        box.add(*ODD, custom_field="support")
        yield box


def csv(file, names):
    file.write_text("\n".join(["subscriber_name,status", *(f'"{name}",inactive' for name in names)]), encoding="utf-8")


def state(box):
    return {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}


def sent(box, call):
    return [entry for entry in box.log if entry.call == call]


def test_they_are_updated_and_what_nobody_has_is_invalid_and_never_sent(box):
    sheet = pd.DataFrame({"subscriber_name": ODD + NOBODY, "status": "inactive"})
    found = ef.update_subscribers(box.connect(), sheet, progress=False)
    assert found["outcome"].tolist() == ["done"] * len(ODD) + ["invalid"] * len(NOBODY)
    assert {state(box)[name] for name in ODD} == {("inactive", "support")}
    assert {name for entry in sent(box, "update") for name in entry.names} == set(ODD)


def test_they_are_deleted_and_counted_before_the_first_delete(box):
    client, names = box.connect(), [*ODD, *NOBODY, box.subscribers()[-1]["subscriber_name"]]
    with pytest.raises(ef.UnsafePlanError, match=rf"deletes {len(ODD) + 1} subscribers"):
        ef.delete_subscribers(client, names, max_deletes=len(ODD), progress=False)
    assert not sent(box, "delete")
    found = ef.delete_subscribers(client, names, max_deletes=len(ODD) + 1, progress=False)
    assert found["outcome"].tolist() == ["done"] * len(ODD) + ["invalid"] * len(NOBODY) + ["done"]
    assert not set(ODD) & set(state(box))
    undo = ef.plan_undo(client, found, progress=False)
    assert set(undo["subscriber_name"]) >= set(ODD)


def test_who_differs_only_by_case_is_never_deleted_in_the_place_of_another(box):
    box.add("Bob")
    found = ef.delete_subscribers(box.connect(), ["bob", "Bob"], max_deletes=2, progress=False)
    if found["outcome"].tolist() == ["invalid", "done"]:
        assert "Did you mean 'Bob'?" in found["error_message"].iloc[0]
    else:  # each was asked for by itself, so that nobody knows of a twin
        assert found["outcome"].tolist() == ["rejected", "done"]


def test_they_get_tokens_and_what_nobody_has_gets_none(box):
    devices = pd.DataFrame({"subscriber_name": [*ODD, *NOBODY], "platform": "ios", "device_id": "d1"})
    made = ef.create_tokens(box.connect(), devices, progress=False)
    assert made["outcome"].tolist() == ["done"] * len(ODD) + ["invalid"] * len(NOBODY)
    assert len(sent(box, "token")) == len(ODD)


def test_none_is_ever_created(box):
    client, sheet = box.connect(), pd.DataFrame({"subscriber_name": ["amit_k", "priya_s"], "custom_field": "new"})
    for on_exists, outcome in (("reject", "invalid"), ("skip", "unchanged"), ("update", "done")):
        found = ef.create_subscribers(client, sheet, on_exists=on_exists, progress=False)
        assert found["outcome"].tolist() == [outcome, "invalid"]
    assert not sent(box, "create")
    assert state(box)["amit_k"] == ("active", "new")


def by_hand(rows):
    """Return a plan that somebody has typed: it knows nothing of what the subscribers were."""
    return pd.DataFrame(rows, columns=list(schema.PLAN)).assign(conflict=False)


def test_a_plan_by_hand_may_delete_and_update_them(box):
    rows = [{"subscriber_name": "amit_k", "action": "delete"}]
    plan = by_hand([*rows, {"subscriber_name": "50%", "action": "update", "status": "inactive"}])
    found = ef.apply_plan(box.connect(), plan, max_deletes=1, account=box.account_sid, progress=False)
    assert found["outcome"].tolist() == ["done", "done"]
    assert "amit_k" not in state(box)
    assert state(box)["50%"] == ("inactive", "support")


def test_one_reading_tells_whether_they_exist_and_what_all_are_now(box):
    client = box.connect()
    client.list_page(page_size=1)
    before = len(box.log)
    rows = [{"subscriber_name": name, "action": "update", "custom_field": "moved"} for name in ODD]
    found = ef.apply_plan(client, by_hand(rows), dry_run=True, account=box.account_sid, progress=False)
    assert found["outcome"].tolist() == ["not_sent"] * len(ODD)
    assert len(box.log) - before in {2, 1 + len(ODD)}  # whether a listing is cheaper, then the listing or each


def test_a_plan_by_hand_of_a_name_that_nobody_has_is_refused_with_its_row(box):
    plan = by_hand([{"subscriber_name": name, "action": "delete"} for name in ("amit_k", "priya_s")])
    with pytest.raises(ef.ValidationError, match=r"1 problem. Row 1: 'priya_s' contains an underscore"):
        ef.apply_plan(box.connect(), plan, max_deletes=2, account=box.account_sid, progress=False)


def test_a_sheet_by_hand_is_told_all_its_bad_names_with_their_rows_whatever_the_size_of_the_tenant(box, tmp_path):
    sheet = tmp_path / "mine.csv"
    csv(sheet, [*ODD, "priya_s", "..", "ok1"])
    with pytest.raises(ef.ValidationError) as told:
        ef.plan_workbook(box.connect(), sheet, progress=False)
    assert told.value.problems["row"].unique().tolist() == [len(ODD), len(ODD) + 1]
    assert f"Row {len(ODD) + 2}: 'priya_s'" in str(told.value)
    csv(sheet, ODD)
    plan = ef.plan_workbook(box.connect(), sheet, progress=False)
    assert plan["action"].tolist() == ["update"] * len(ODD)


def test_beside_the_current_subscribers_they_break_no_rule():
    current = pd.DataFrame({"subscriber_name": ODD, "status": "active"})
    sheet = pd.DataFrame({"subscriber_name": [*ODD, "priya_s"], "status": "inactive"})
    for action in ("update", "delete"):
        found = ef.validate_subscribers(sheet, action=action, current=current)
        assert set(found["value"]) == {"priya_s"}
        assert set(found["rule"]) == {"bad_characters", "not_found"}
    assert set(ODD) <= set(ef.validate_subscribers(sheet, action="create", current=current)["value"])
