"""Items of a listing name nobody, and one of those they may be can't be read: each one's state is what was seen.

`hidden` is read by its name, `shut` is not, and both are items without a name; `nobody1` is not there.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.api.retry import Patience
from exotel_frames.operations.lookup import read_current
from tests.api.raw_server import BOB, envelope, refusal
from tests.operations.mutating_proxy import spoiling_proxy
from tests.slow import slow

HASTY = Patience(deadline_s=0.02, first_wait_s=0.001, longest_wait_s=0.001)
FORBIDDEN = (403, refusal(403, {"code": 1003, "message": "Authorization failed", "description": "Protected"}))
ANSWERS = {
    "403": FORBIDDEN,
    "423": (423, refusal(423, {"code": 1002, "message": "Locked"})),
    "500": (500, refusal(500, {"code": 1, "message": "Internal"})),
    "502 of a gateway": (502, b"<html>Bad gateway</html>"),
    "about another": (200, envelope(BOB)),
    "cut short": (200, b'{"response": {"co'),
    "JSON can't represent": (200, b"ok"),
}
IS_REFUSED = {"403", "423", "about another"}
"""What is said of the one subscriber; the rest may be the service's trouble."""
OF_THIS_API = ANSWERS.keys() - {"cut short", "JSON can't represent"}


@contextmanager
def account(answer=FORBIDDEN, *, rows=250, shut=1, journal=None):
    """Give a sandbox, its own client, a client that reads through what spoils it, and the names."""
    with ef.Sandbox(subscribers=rows, seed=3) as box:
        names = [row["subscriber_name"] for row in box.subscribers()]
        hidden, closed = names[93], names[40 : 40 + shut]
        box.closed = closed

        def spoil(line, status, content):
            if any(line == f"GET {path}" for path in (f"/v2/accounts/{sid}/subscribers/{name}" for name in closed)):
                return answer
            if "/subscribers?" not in line or status != 200:
                return content
            page = json.loads(content)
            for item in page["response"]:
                if item["data"]["subscriber_name"] in {hidden, *names[40 : 40 + shut]}:
                    item["data"] = None
            return json.dumps(page).encode()

        own = box.connect(**({"journal": journal} if journal else {}))
        sid = own.settings.account_sid
        with spoiling_proxy(box.base_url, spoil) as url:
            client = Client(replace(own.settings, base_url=url), patience=HASTY)
            yield box, own, client, [hidden, *names[40 : 40 + shut], "nobody1", names[0], names[1]]


def outcomes(results):
    return results["outcome"].tolist()


@pytest.mark.parametrize(
    ("how", "rows"),  # the listing is cheaper, or (700) reading by name, which ends where nothing is of this API
    [
        ("403", 150),
        *(slow(how, rows) for rows in (150, 700) for how in ANSWERS if rows == 150 or how in OF_THIS_API),
    ],
)
def test_each_name_is_told_as_it_was_seen(how, rows):
    with account(ANSWERS[how], rows=rows) as (_, __, client, names):
        found = ef.get_subscribers(client, names, progress=False)
        of_shut = "rejected" if how in IS_REFUSED else "not_sent"
        assert outcomes(found) == ["done", of_shut, "rejected", "done", "done"]
        assert found["http_code"].tolist()[1:3] == [ANSWERS[how][0], 404]
        current = read_current(client, names, progress=False)
        assert set(names) - set(current["subscriber_name"]) == {names[1], "nobody1"}
        unread = current.attrs["exotel_frames"]["unread"]
        assert set(unread) == {names[1]}
        assert unread[names[1]]
        assert "nameless" not in current.attrs["exotel_frames"]


@pytest.mark.parametrize("how", ["403", slow("500")])
def test_one_alone_who_cannot_be_read_is_neither_there_nor_absent(how):
    with account(ANSWERS[how]) as (_, __, client, names):
        current = read_current(client, names[1:2], progress=False)
        assert list(current.attrs["exotel_frames"]["unread"]) == names[1:2]
        assert names[1] not in set(current["subscriber_name"])


@pytest.mark.slow
def test_who_was_read_before_another_could_not_be_is_there_though_the_listing_does_not_name_him():
    with account() as (_, __, client, names):
        current = read_current(client, names[:2], progress=False)  # two names: by name, and only then the listing
        assert names[0] in set(current["subscriber_name"])
        assert list(current.attrs["exotel_frames"]["unread"]) == [names[1]]


@pytest.mark.parametrize("shut", [slow(3), slow(9)])
def test_several_who_cannot_be_read_stop_nobody_and_after_some_the_rest_is_told_as_not_read(shut):
    with account(ANSWERS["500"], rows=150, shut=shut) as (_, __, client, names):
        found = ef.get_subscribers(client, [*names[:1], *names[-2:], *names[1 : 1 + shut]], progress=False)
        assert outcomes(found) == ["done"] * 3 + ["not_sent"] * shut
        assert found["http_code"].iloc[3:].isin([500]).sum() >= min(3, shut)
        assert found["error_message"].iloc[3:].notna().all()


def test_a_whole_listing_tells_of_whom_cannot_be_read_by_name():
    with account(rows=250, shut=0) as (box, own, _, names):
        closed = names[-1]

        def spoil(line, __, content):
            return ANSWERS["500"] if line.startswith("GET") and f"/{closed}" in line else content

        with spoiling_proxy(box.base_url, spoil) as url:
            client = Client(replace(own.settings, base_url=url), patience=HASTY)
            found = ef.get_subscribers(client, [closed, "nobody1"], progress=False)
        assert outcomes(found) == ["done", "rejected"]


def test_a_create_skips_who_exists_and_leaves_it_to_the_service_who_may_exist():
    with account(rows=150) as (_, __, client, names):
        sheet = pd.DataFrame({"subscriber_name": names[:3]})
        planned = ef.create_subscribers(client, sheet, on_exists="skip", dry_run=True, progress=False)
        assert outcomes(planned) == ["unchanged", "not_sent", "not_sent"]
        results = ef.create_subscribers(client, sheet, on_exists="skip", progress=False)
        assert outcomes(results) == ["unchanged", "rejected", "done"]
        assert results["code"].iloc[1] == 409  # the service's own word


@pytest.mark.parametrize("how", ["403", slow("423"), slow("about another")])
def test_an_update_and_a_delete_tell_what_the_service_said_of_each(how):
    with account(ANSWERS[how], rows=150) as (box, _, client, names):
        sheet = pd.DataFrame({"subscriber_name": names, "custom_field": "moved"})
        results = ef.update_subscribers(client, sheet, progress=False)
        assert outcomes(results) == ["done", "rejected", "rejected", "done", "done"]
        assert results["http_code"].tolist()[1:3] == [ANSWERS[how][0], 404]
        results = ef.delete_subscribers(client, names, max_deletes=9, progress=False)
        assert outcomes(results) == [
            "done",
            "invalid" if how == "about another" else "done",
            "rejected",
            "done",
            "done",
        ]
        assert results["http_code"].iloc[2] == 404
        left = {row["subscriber_name"] for row in box.subscribers()}
        assert set(names) & left == ({names[1]} if how == "about another" else set())


@pytest.mark.parametrize("how", ["500", slow("502 of a gateway"), slow("JSON can't represent")])
def test_an_update_of_whom_the_service_fails_to_show_stays_open_and_the_others_are_done(how, tmp_path):
    with account(ANSWERS[how], rows=150, journal=tmp_path) as (box, _, client, names):
        sheet = pd.DataFrame({"subscriber_name": names, "custom_field": "moved"})
        results = ef.update_subscribers(client, sheet, progress=False)
        assert outcomes(results) == ["done", "not_sent", "rejected", "done", "done"]
        assert results["http_code"].iloc[1] == ANSWERS[how][0]
        box.closed.clear()
        assert outcomes(ef.resume_run(client, progress=False)) == ["done", "done", "rejected", "done", "done"]


def test_one_subscriber_of_whom_every_call_fails_is_unknown_and_ends_no_run(tmp_path):
    with account(rows=120, shut=0, journal=tmp_path) as (box, own, _, names):
        odd, fails = names[0], ANSWERS["500"]

        def spoil(line, _, said):
            return fails if line.endswith(f"/subscribers/{odd}") else said

        with spoiling_proxy(box.base_url, spoil) as url:
            client = Client(replace(own.settings, base_url=url), patience=HASTY)
            sheet = ef.load_subscribers(client, progress=False).iloc[85:97].assign(custom_field="moved")
            results = ef.update_subscribers(client, sheet, progress=False).set_index("subscriber_name")
        assert set(results["outcome"].drop(odd)) == {"done"}
        assert results.loc[odd, ["outcome", "http_code"]].tolist() == ["unknown", 500]


def test_nobody_is_deleted_in_whose_place_the_service_may_delete_another():
    with account(ANSWERS["about another"], rows=150) as (box, _, client, names):
        results = ef.delete_subscribers(client, names[1:2], max_deletes=1, progress=False)
        assert outcomes(results) == ["invalid"]
        assert "with another subscriber" in results["error_message"].item()
        plan = ef.plan_changes(listed(client), pd.DataFrame({"subscriber_name": names[1:2], "action": "delete"}))
        results = ef.apply_plan(client, plan, max_deletes=1, progress=False)
        assert outcomes(results) == ["conflict"]
        assert not [entry for entry in box.log if entry.method == "DELETE"]


def test_a_sheet_is_planned_for_those_seen_and_says_of_whom_it_is_not_known(tmp_path):
    with account(rows=150) as (_, __, client, names):
        pd.DataFrame({"subscriber_name": names, "custom_field": "moved"}).to_csv(tmp_path / "sheet.csv", index=False)
        plan = ef.plan_workbook(client, tmp_path / "sheet.csv", progress=False)
        assert plan["action"].tolist() == ["update", "create", "create", "update", "update"]
        assert not plan["conflict"].any()
        assert (
            plan["note"]
            .iloc[1]
            .startswith("it is not known whether it exists: it can't be read (HTTP 403: Authorization")
        )
        assert "not known" not in plan["note"].iloc[2]
        results = ef.apply_plan(client, plan, account=client.settings.account_sid, progress=False)
        assert outcomes(results) == ["done", "rejected", "done", "done", "done"]
        assert results["code"].iloc[1] == 409


@pytest.mark.parametrize("cells", [{"status": "inactive"}, slow({"action": "delete"})])
def test_an_edit_of_him_asks_what_shall_be_and_never_calls_him_deleted(cells):
    with account(rows=150) as (_, own, client, names):
        base = ef.load_subscribers(own, progress=False)
        edited = base.assign(action="")
        edited.loc[edited["subscriber_name"].isin(names[:2]), list(cells)] = list(cells.values())
        plan = ef.plan_changes(read_current(client, names, progress=False), edited, base=base)
        mine = plan.set_index("subscriber_name").loc[names[:2]]
        assert mine["conflict"].tolist() == [False, True]
        assert mine["action"].tolist() == [cells.get("action", "update")] * 2
        assert "not known" in mine["note"].iloc[1]
        assert "let the service decide" in mine["note"].iloc[1]
        decided = plan[plan["subscriber_name"] == names[1]].assign(conflict=False)
        results = ef.apply_plan(client, decided, max_deletes=1, progress=False)
        told = ("done", 204) if "action" in cells else ("rejected", 403)  # whatever the service says
        assert results[["outcome", "http_code"]].to_numpy().tolist() == [list(told)]


@pytest.mark.parametrize("verb", [slow("update"), "delete"])
def test_a_plan_of_before_is_not_carried_out_on_whom_cannot_be_compared_now(verb):
    with account(rows=150) as (box, own, client, names):
        current = ef.load_subscribers(own, progress=False)
        change = {"status": "inactive"} if verb == "update" else {"action": "delete"}
        was = {row["subscriber_name"]: row["status"] for row in box.subscribers()}
        change = {"status": "active" if was[names[1]] == "inactive" else "inactive"} if verb == "update" else change
        plan = ef.plan_changes(current, pd.DataFrame({"subscriber_name": names[1:2]} | change))
        results = ef.apply_plan(client, plan, max_deletes=1, progress=False)
        assert outcomes(results) == ["conflict"]
        assert "its current state is not known: it can't be read (HTTP 403" in results["error_message"].item()


def test_a_resume_holds_back_whom_it_cannot_check_and_a_later_one_sends_it(tmp_path):
    with account(rows=150, journal=tmp_path) as (box, own, client, names):
        sheet = pd.DataFrame({"subscriber_name": names[:2] + names[3:], "custom_field": "moved"})
        box.set_faults(rate429=1, retry_after="1000", only={"update"})
        assert outcomes(ef.update_subscribers(own, sheet, progress=False)) == ["not_sent"] * 4
        box.set_faults()
        held = ef.resume_run(client, progress=False)
        assert outcomes(held) == ["done", "not_sent", "done", "done"]
        assert "planned: it can't be read (HTTP 403" in held["error_message"].iloc[1]
        box.closed.clear()
        assert outcomes(ef.resume_run(client, progress=False)) == ["done"] * 4


@pytest.mark.slow
def test_a_frame_that_is_edited_is_not_written_as_if_he_were_new(tmp_path):
    with account(rows=150) as (_, own, client, names):
        frame = pd.DataFrame(ef.load_subscribers(own, progress=False).to_dict("list"))  # remembers nothing
        with pytest.raises(ef.WorkbookError, match=f"whether '{names[1]}' exists is not known: it can't be read"):
            ef.write_workbook(frame, tmp_path / "audit.xlsx", client=client)
        assert not (tmp_path / "audit.xlsx").exists()


def listed(client):
    return ef.load_subscribers(client, progress=False)


def test_beside_a_listing_with_nameless_items_a_pure_plan_says_who_may_exist():
    with account(rows=150) as (_, __, client, names):
        desired = pd.DataFrame({"subscriber_name": names[:4], "action": ["", "update", "delete", "delete"]})
        plan = ef.plan_changes(listed(client), desired.assign(custom_field=["a", "b", None, None]))
        assert plan["action"].tolist() == ["create", "update", "delete", "delete"]
        assert not plan["conflict"].any()
        assert plan["note"].str.startswith("it is not known whether it exists: 2 items of the listing").tolist() == [
            True,
            True,
            True,
            False,
        ]
        results = ef.apply_plan(client, plan, max_deletes=2, progress=False)
        assert outcomes(results) == ["conflict", "rejected", "unchanged", "done"]  # each by what was read by its name


@pytest.mark.parametrize("action", ["update", slow("delete")])
def test_beside_such_a_listing_nobody_is_called_absent_by_the_checks(action):
    with account(rows=150) as (_, __, client, names):
        frame = pd.DataFrame({"subscriber_name": names[:3], "status": "active"})
        with pytest.raises(ef.ValidationError, match=rf"whether '{names[0]}', .* exist: 2 items") as told:
            ef.validate_subscribers(frame, action=action, current=listed(client))
        assert "ef.get_subscribers(client, names)" in str(told.value)
        assert ef.validate_subscribers(frame, action="create", current=listed(client)).empty
        asked = ef.get_subscribers(client, [names[0], names[2]], progress=False)
        problems = ef.validate_subscribers(frame.iloc[[0, 2]], action=action, current=asked)
        assert problems["value"].tolist() == ["nobody1"]


@pytest.mark.slow
def test_an_update_beside_such_a_listing_asks_for_whom_it_lacks():
    with account(rows=150) as (_, __, client, names):
        sheet = pd.DataFrame({"subscriber_name": names, "custom_field": "moved"})
        results = ef.update_subscribers(client, sheet, current=listed(client), progress=False)
        assert outcomes(results) == ["done", "rejected", "rejected", "done", "done"]


def test_whom_such_a_listing_does_not_name_is_not_deleted_for_being_absent_from_it():
    with account(rows=150) as (_, own, client, __):
        desired = listed(client)
        with pytest.raises(ef.ValidationError, match="would delete the missing ones"):
            ef.plan_changes(listed(own), desired, delete_missing=True)
        assert ef.plan_changes(desired, desired, delete_missing=True).empty
