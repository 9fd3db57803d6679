"""The public verbs against a sandbox: what an analyst asks for, and what they get for odd input."""

from __future__ import annotations

import math

import numpy as np
import openpyxl
import pandas as pd
import pytest
from msgspec import structs

import exotel_frames as ef
from tests.gate import gated
from tests.operations.truth import assert_accounted


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=40, seed=7) as box:
        yield box


@pytest.fixture
def client(box):
    return box.connect()


def names(*texts):
    return pd.DataFrame({"subscriber_name": list(texts)})


@pytest.mark.parametrize(("workers", "more"), [(1, 1), (8, 10)])  # a quarter more wait to be begun
def test_2500_subscribers_are_loaded_exactly_for_few_requests(workers, more):
    with ef.Sandbox(subscribers=2500, seed=1) as box:
        subs = ef.load_subscribers(box.connect(workers=workers), progress=False)
        truth = box.subscribers()
        assert subs["subscriber_name"].tolist() == [row["subscriber_name"] for row in truth]
        assert subs["status"].tolist() == [row["status"] for row in truth]
        assert subs["custom_field"].fillna("").tolist() == [row["custom_field"] or "" for row in truth]
        assert (subs["date_created"] == pd.to_datetime([row["date_created"] for row in truth], utc=True)).all()
        assert box.requests <= math.ceil(2500 / 99) + more


def test_a_status_is_loaded_alone(client, box):
    subs = ef.load_subscribers(client, status="inactive", progress=False)
    assert set(subs["subscriber_name"]) == {
        row["subscriber_name"] for row in box.subscribers() if row["status"] == "inactive"
    }


def test_a_wrong_status_is_an_error_before_any_request(client, box):
    with pytest.raises(ef.ValidationError, match="asleep"):
        ef.load_subscribers(client, status="asleep", progress=False)
    assert box.requests == 0


@pytest.mark.parametrize(
    "verb",
    [
        lambda client: ef.load_subscribers(client, progress=False),
        lambda client: ef.create_subscribers(client, names("bob"), progress=False),
        lambda client: ef.update_subscribers(client, names("bob").assign(status="active"), progress=False),
        lambda client: ef.delete_subscribers(client, ["bob"], max_deletes=1, progress=False),
        lambda client: ef.create_tokens(client, names("bob").assign(platform="ios", device_id="1"), progress=False),
        lambda client: ef.get_subscribers(client, ["bob"], progress=False),
    ],
)
def test_a_wrong_key_is_one_clear_auth_error_after_one_request(box, verb):
    box.api_key, right = "wrongKey4711", box.api_key
    client = box.connect()
    box.api_key = right
    with pytest.raises(ef.AuthError) as told:
        verb(client)
    assert box.requests == 1
    assert "wrongKey" not in str(told.value)
    assert told.value.http_code == 401


def test_a_key_that_is_revoked_half_way_leaves_the_rest_not_sent():
    with ef.Sandbox(subscribers=3) as box, gated(box, "POST", 1, workers=1) as (client, gate):

        def revoke_after_ten(step):
            if step.done == 10:
                box._tenant.account = structs.replace(box._tenant.account, api_key="anotherkey")
                gate.open()

        results = ef.create_subscribers(client, names(*(f"n{row}" for row in range(40))), progress=revoke_after_ten)
        assert_accounted(results, 40)
        assert results["outcome"].tolist() == ["done"] * 10 + ["not_sent"] * 30
        assert "401" in results["error_message"].iloc[-1]


def test_an_empty_frame_gives_an_empty_result_and_sends_nothing(client, box):
    for results in (
        ef.create_subscribers(client, names(), progress=False),
        ef.update_subscribers(client, names().assign(status=pd.Series(dtype="str")), progress=False),
        ef.delete_subscribers(client, [], max_deletes=0, progress=False),
        ef.get_subscribers(client, [], progress=False),
    ):
        assert len(results) == 0
        assert "outcome" in results
    assert box.requests == 0


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"name": ["bob"]}), "subscriber_name"),
        (pd.DataFrame([["a", "b"]], columns=["subscriber_name", "subscriber_name"]), "subscriber_name"),
        (["bob"], "DataFrame"),
        (None, "DataFrame"),
        (pd.Series(["bob"]), "DataFrame"),
    ],
)
def test_a_call_that_is_wrong_is_one_error_and_sends_nothing(client, box, frame, said):
    with pytest.raises(ef.ValidationError, match=said):
        ef.create_subscribers(client, frame, progress=False)
    assert box.requests == 0


def test_an_update_with_nothing_to_update_is_an_error(client, box):
    with pytest.raises(ef.ValidationError, match="status"):
        ef.update_subscribers(client, names("bob"), progress=False)
    assert box.requests == 0


def test_odd_cells_are_invalid_and_the_others_go(client):
    frame = pd.DataFrame({"subscriber_name": ["good1", 7, None, np.nan, pd.NA, True, b"x", 3.5, "bob\n", "", "good2"]})
    results = ef.create_subscribers(client, frame, progress=False)
    assert_accounted(results, 11)
    assert results["outcome"].tolist() == ["done", *["invalid"] * 9, "done"]
    assert results.loc[results["outcome"] == "invalid", "error_message"].str.len().min() > 10


def test_the_index_of_the_caller_is_kept_and_the_input_is_not_touched(client):
    frame = pd.DataFrame({"subscriber_name": ["n1", "n 2", "n3"]}, index=["x", "x", "z"])
    before = frame.copy(deep=True)
    results = ef.create_subscribers(client, frame, progress=False)
    assert results.index.tolist() == ["x", "x", "z"]
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_thousand_rows_are_validated_and_only_the_good_ones_sent(client, box):
    frame = pd.DataFrame({"subscriber_name": ["no good"] * 100_000})
    frame.loc[500, "subscriber_name"] = "fine"
    results = ef.create_subscribers(client, frame, progress=False)
    assert_accounted(results, 100_000)
    assert (results["outcome"] == "done").sum() == 1
    assert box.requests == 2  # one to learn the server's time, one that creates


def test_names_that_exist_are_rejected_skipped_or_updated_as_asked(client, box):
    box.add("bob", status="inactive", custom_field="old")
    frame = pd.DataFrame({"subscriber_name": ["bob", "new1"], "custom_field": ["fresh", "fresh"]})
    rejected = ef.create_subscribers(client, frame, progress=False)
    assert rejected["outcome"].tolist() == ["rejected", "done"]
    assert rejected["error_code"].tolist()[0] == 1008
    skipped = ef.create_subscribers(client, frame, on_exists="skip", progress=False)
    assert skipped["outcome"].tolist() == ["unchanged", "unchanged"]
    updated = ef.create_subscribers(client, frame, on_exists="update", progress=False)
    assert updated["outcome"].tolist() == ["done", "unchanged"]
    (bob,) = [row for row in box.subscribers() if row["subscriber_name"] == "bob"]
    assert (bob["status"], bob["custom_field"]) == ("inactive", "fresh")


def test_an_update_keeps_what_is_missing_clears_what_is_empty_and_never_activates(client, box):
    box.add("a", "b", "c", "d", status="inactive", custom_field="team")
    frame = pd.DataFrame({"subscriber_name": ["a", "b", "c", "d"], "custom_field": [None, "", "new", "team"]})
    results = ef.update_subscribers(client, frame, progress=False)
    assert results["outcome"].tolist() == ["unchanged", "done", "done", "unchanged"]
    there = {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}
    assert [there[name] for name in "abcd"] == [
        ("inactive", "team"),
        ("inactive", None),
        ("inactive", "new"),
        ("inactive", "team"),
    ]
    assert sum(entry.call == "update" for entry in box.log) == 2


def test_an_update_reads_by_name_when_that_is_fewer_requests(client, box):
    name = box.subscribers()[0]["subscriber_name"]
    ef.update_subscribers(client, names(name).assign(custom_field="x9"), progress=False)
    assert [entry.call for entry in box.log] == ["get", "update"]


def test_a_creation_can_be_inactive_and_costs_one_update(client, box):
    results = ef.create_subscribers(client, names("zed").assign(status="inactive"), progress=False)
    assert results[["outcome", "status"]].to_numpy().tolist() == [["done", "inactive"]]
    assert [entry.call for entry in box.log] == ["list", "create", "update"]


def test_more_deletes_than_meant_are_refused_with_the_arithmetic(client, box):
    with pytest.raises(ef.UnsafePlanError, match="max_deletes=3"):
        ef.delete_subscribers(client, ["a", "b", "c"], max_deletes=2, progress=False)
    assert box.requests == 0


def test_tokens_are_wrapped_and_their_expiries_known(client, box):
    box.add("bob")
    devices = pd.DataFrame({"subscriber_name": ["bob", "bob"], "platform": ["Android", "iOS"], "device_id": ["1", "2"]})
    tokens = ef.create_tokens(client, devices, progress=False)
    assert tokens["outcome"].tolist() == ["done", "done"]
    assert "eyJ" not in tokens.to_string() + tokens.to_csv() + repr(tokens["access_token"].iloc[0])
    assert tokens["access_token"].iloc[0].reveal().startswith("eyJ")
    lives = tokens["refresh_expires"] - tokens["access_expires"]
    assert (lives == pd.Timedelta(hours=23, minutes=30)).all()


def test_what_was_found_by_name_says_what_it_is_and_what_is_not_there(client, box):
    box.add("bob", custom_field="team")
    found = ef.get_subscribers(client, ["bob", "nobody", "b b", "bob"], progress=False)
    assert found["outcome"].tolist() == ["done", "rejected", "invalid", "done"]
    assert found["custom_field"].tolist()[0] == "team"


def test_many_names_are_looked_up_in_a_listing(client, box):
    asked = [row["subscriber_name"] for row in box.subscribers()] + ["nobody"]
    found = ef.get_subscribers(client, asked, progress=False)
    assert found["outcome"].tolist() == ["done"] * 40 + ["rejected"]
    assert box.requests <= 3


def test_a_run_can_be_read_again_without_the_client_that_made_it(box):
    results = ef.create_subscribers(box.connect(), names("n1", "n 2"), progress=False)
    again = ef.read_results(box.connect(), results["run_id"].iloc[0])
    pd.testing.assert_frame_equal(again, results, check_index_type=False)


def test_a_plan_is_applied_and_the_second_time_changes_nothing(client, box):
    subs = ef.load_subscribers(client, progress=False)
    desired = subs[["subscriber_name", "custom_field"]].head(3).assign(custom_field="moved")
    plan = ef.plan_changes(subs, pd.concat([desired, names("brandnew")]))
    first = ef.apply_plan(client, plan, progress=False)
    assert first["outcome"].tolist() == ["done"] * 4
    sent = sum(entry.call in {"create", "update", "delete"} for entry in box.log)
    second = ef.apply_plan(client, plan, progress=False)
    assert second["outcome"].tolist() == ["unchanged"] * 4
    assert sum(entry.call in {"create", "update", "delete"} for entry in box.log) == sent


def test_a_dry_run_writes_nothing_and_says_what_it_would_take(client, box):
    plan = ef.plan_changes(ef.load_subscribers(client, progress=False), names(*(f"n{row}" for row in range(25))))
    results = ef.apply_plan(client, plan, dry_run=True, progress=False)
    assert set(results["outcome"]) == {"not_sent"}
    assert results.attrs["exotel_frames"]["requests"] == 3
    assert {entry.call for entry in box.log} == {"list"} or {entry.call for entry in box.log} == {"list", "get"}
    assert len(ef.list_runs(client)) == 0


def test_what_moved_since_the_plan_was_made_is_a_conflict_and_is_not_touched(client, box):
    subs = ef.load_subscribers(client, progress=False)
    name = subs["subscriber_name"].iloc[0]
    plan = ef.plan_changes(subs, names(name).assign(custom_field="mine"))
    box.change(name, custom_field="theirs")
    results = ef.apply_plan(client, plan, progress=False)
    assert results["outcome"].tolist() == ["conflict"]
    assert box.subscribers()[0]["custom_field"] == "theirs"


def test_a_plan_for_another_account_is_refused(client, box):
    plan = ef.plan_changes(ef.load_subscribers(client, progress=False), names("bob"))
    with ef.Sandbox(subscribers=3, account_sid="another") as other, pytest.raises(ef.StalePlanError, match="sandbox1"):
        ef.apply_plan(other.connect(), plan, progress=False)


def test_a_workbook_goes_round_and_comes_back(client, box, tmp_path):
    box.add("007", custom_field="=1+1")
    path = tmp_path / "audit.xlsx"
    ef.write_workbook(ef.load_subscribers(client, progress=False), path)
    assert ef.plan_workbook(client, path, progress=False).empty
    results = ef.apply_plan(client, ef.plan_workbook(client, path, progress=False), progress=False)
    assert len(results) == 0
    with ef.Sandbox(subscribers=3, account_sid="another") as other, pytest.raises(ef.WorkbookError, match="sandbox1"):
        ef.plan_workbook(other.connect(), path, progress=False)


def test_a_workbook_with_two_sheets_of_names_is_planned_from_the_one_that_is_named(client, box, tmp_path):
    box.add("007", custom_field="old")
    path = tmp_path / "audit.xlsx"
    ef.write_workbook(ef.load_subscribers(client, progress=False), path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Copy").append(["subscriber_name", "custom_field"])
    book["Copy"].append(["007", "new"])
    book.save(path)
    with pytest.raises(ef.WorkbookError, match='sheet="subscribers" or sheet="Copy"'):
        ef.plan_workbook(client, path, progress=False)
    assert ef.plan_workbook(client, path, sheet="subscribers", progress=False).empty
    plan = ef.plan_workbook(client, path, sheet="Copy", progress=False)
    assert plan[["action", "subscriber_name", "custom_field"]].to_numpy().tolist() == [["update", "007", "new"]]


def test_a_run_is_taken_back_by_a_plan(client, box):
    before = {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()}
    subs = ef.load_subscribers(client, progress=False)
    frame = subs[["subscriber_name"]].head(5).assign(custom_field="oops", action="update")
    gone = subs[["subscriber_name"]].tail(2).assign(action="delete")
    plan = ef.plan_changes(subs, pd.concat([frame, gone, names("extra")]))
    done = ef.apply_plan(client, plan, max_deletes=2, progress=False)
    assert set(done["outcome"]) == {"done"}
    undo = ef.plan_undo(client, done["run_id"].iloc[0], progress=False)
    assert undo["note"].str.match("exact|lossy").all()
    ef.apply_plan(client, undo, max_deletes=1, progress=False)
    assert {row["subscriber_name"]: (row["status"], row["custom_field"]) for row in box.subscribers()} == before


def test_progress_can_be_a_function_of_the_callers(client):
    seen = []
    ef.create_subscribers(client, names("n1", "n2"), progress=lambda step: seen.append((step.done, step.total)))
    assert seen[-1] == (2, 2)


def test_the_last_word_is_a_printed_sentence_and_not_a_bar(client, capsys):
    ef.create_subscribers(client, names("n1", "n 2"))
    assert capsys.readouterr().out.startswith("2 rows: 1 done, 1 invalid (run ")


def test_a_cell_that_is_no_name_is_told_as_it_was_and_not_asked_for(client, box):
    since = box.requests
    odd = pd.Series([7, "", None, "\ud83d", ["x"]], dtype=object)
    results = ef.get_subscribers(client, odd, progress=False)
    assert results["subscriber_name"].fillna("").tolist() == ["7", "", "", "\\ud83d", "['x']"]
    assert set(results["outcome"]) == {"invalid"}
    assert results["error_message"].notna().all()
    assert box.requests == since
