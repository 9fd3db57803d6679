"""Lost answers, one at a time: what is read, what is sent again, and what is said."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.runs import runner
from tests.gate import PATIENCE_S, gated
from tests.operations.mutating_proxy import spoiling_proxy
from tests.operations.truth import assert_accounted, assert_creates_are_true, assert_updates_are_true

LOSSES = ["drop_after", "error_after", "truncate"]
NEVER_ARRIVED = ["drop_before", "error_before"]


@pytest.fixture
def box():
    with ef.Sandbox(subscribers=10, seed=5) as box:
        yield box


@pytest.fixture
def client(box):
    client = box.connect(workers=1, timeout_s=60.0)
    ef.load_subscribers(client, progress=False)
    return client


def calls(box, since):
    return [entry.call for entry in box.log[since:]]


def names(count):
    return pd.DataFrame({"subscriber_name": [f"n{row}" for row in range(count)], "custom_field": "team"})


@pytest.mark.parametrize("fault", LOSSES)
def test_a_create_whose_answer_was_lost_is_found_by_one_listing(box, client, fault):
    since = len(box.log)
    box.set_faults({fault: 1, "only": {"create"}, "limit": 1})
    results = ef.create_subscribers(client, names(10), progress=False)
    assert calls(box, since) == ["create", "list"]
    assert results["outcome"].tolist() == ["done"] * 10
    assert results["attempts"].tolist() == [1] * 10
    assert results["status"].tolist() == ["active"] * 10
    assert_creates_are_true(box, results)


@pytest.mark.parametrize("fault", NEVER_ARRIVED)
def test_a_create_that_never_arrived_is_looked_for_and_sent_again(box, client, fault):
    since = len(box.log)
    box.set_faults({fault: 1, "only": {"create"}, "limit": 1})
    results = ef.create_subscribers(client, names(10), progress=False)
    assert calls(box, since) == ["create", "list", "create"]
    assert results["attempts"].tolist() == [2] * 10
    assert_creates_are_true(box, results)


def test_only_what_is_missing_from_an_answer_is_looked_for(box, client):
    since = len(box.log)
    box.set_faults(short=1, only={"create"}, limit=1)
    results = ef.create_subscribers(client, names(10), progress=False)
    assert calls(box, since) == ["create", "list"]
    assert results["outcome"].tolist() == ["done"] * 10


def test_a_name_that_somebody_had_before_is_not_claimed_when_the_answer_is_lost(box, client):
    box.add("n3", custom_field="team", date_created="2020-01-01T00:00:00+05:30")
    box.set_faults(drop_after=1, only={"create"}, limit=1)
    results = ef.create_subscribers(client, names(10), progress=False)
    assert results["outcome"].tolist() == ["done"] * 3 + ["rejected"] + ["done"] * 6
    assert "2020-01-01" in results["error_description"].iloc[3]


def test_a_first_send_that_comes_late_is_recognised_behind_the_409_of_the_second(box):
    second, arrived, sends = threading.Event(), threading.Event(), itertools.count(1)

    def hold(line):
        """Keep the first send on its way until there is a second one, and that one until the first has arrived."""
        if line.startswith("POST") and next(sends) == 1:
            assert second.wait(PATIENCE_S)
        elif line.startswith("POST"):
            second.set()
            assert arrived.wait(PATIENCE_S)

    def note(line, _, content):
        if line.startswith("POST"):
            arrived.set()
        return content

    since = len(box.log)
    with spoiling_proxy(box.base_url, note, hold) as url:
        client = Client(replace(box.connect(workers=1, timeout_s=0.5).settings, base_url=url))
        results = ef.create_subscribers(client, names(10), progress=False)
    assert [entry.http_code for entry in box.log[since:] if entry.call == "create"] == [207, 207]
    assert Counter(calls(box, since))["create"] == 2
    assert results["outcome"].tolist() == ["done"] * 10
    assert_creates_are_true(box, results)


@pytest.mark.parametrize("fault", LOSSES)
def test_an_update_whose_answer_was_lost_is_read_and_not_sent_again(box, client, fault):
    box.add("bob", custom_field="old")
    since = len(box.log)
    box.set_faults({fault: 1, "only": {"update"}, "limit": 1})
    results = ef.update_subscribers(
        client, pd.DataFrame({"subscriber_name": ["bob"], "custom_field": ["new"]}), progress=False
    )
    assert calls(box, since) == ["get", "update", "get"]
    assert results["outcome"].tolist() == ["done"]
    assert_updates_are_true(box, results)


@pytest.mark.parametrize("fault", NEVER_ARRIVED)
def test_an_update_that_never_arrived_is_read_and_sent_again(box, client, fault):
    box.add("bob", custom_field="old")
    since = len(box.log)
    box.set_faults({fault: 1, "only": {"update"}, "limit": 1})
    frame = pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]})
    results = ef.update_subscribers(client, frame, progress=False)
    assert calls(box, since) == ["get", "update", "get", "update"]
    assert results[["outcome", "attempts", "status"]].to_numpy().tolist() == [["done", 2, "inactive"]]


@pytest.mark.parametrize(("fault", "expected"), [("drop_after", 1), ("drop_before", 2)])
def test_a_delete_whose_answer_was_lost_is_looked_for(box, client, fault, expected):
    box.add("bob")
    box.set_faults({fault: 1, "only": {"delete"}, "limit": 1})
    results = ef.delete_subscribers(client, ["bob"], max_deletes=1, progress=False)
    assert results["outcome"].tolist() == ["done"]
    assert sum(entry.call == "delete" for entry in box.log) == expected
    assert "bob" not in {row["subscriber_name"] for row in box.subscribers()}


def test_a_delete_of_nobody_is_rejected_at_the_first_try(box, client):
    results = ef.delete_subscribers(client, ["nobody"], max_deletes=1, progress=False)
    assert results[["outcome", "http_code", "error_code"]].to_numpy().tolist() == [["rejected", 404, 1000]]


def test_a_lost_create_costs_two_more_requests_in_the_median_and_four_at_p95():
    ticks = itertools.count(1_800_000_000.0, 0.3)  # a service that is allowed some 200 requests a minute
    with ef.Sandbox(subscribers=10, seed=5, clock=lambda: next(ticks)) as box:
        client = box.connect(workers=1, timeout_s=60.0)
        ef.load_subscribers(client, progress=False)
        since = len(box.log)
        box.set_faults(drop_after=0.04, error_before=0.04, only={"create"})
        results = ef.create_subscribers(client, names(2400), progress=False)
    assert (results["outcome"] == "done").mean() > 0.98
    requests: Counter[tuple[str, ...]] = Counter()  # one worker: what stands between two chunks belongs to the first
    chunk = ()
    for entry in box.log[since:]:
        if entry.call == "create" and not set(entry.names) <= set(chunk):
            chunk = entry.names
        requests[chunk] += 1
    extra = sorted(count - 1 for count in requests.values() if count > 1)
    assert len(extra) >= 5
    assert statistics.median(extra) <= 2
    assert statistics.quantiles(extra, n=20, method="inclusive")[-1] <= 4


def test_while_the_service_stays_away_rows_are_unknown_and_a_resume_settles_them_later(box):
    client = box.connect(workers=2, timeout_s=0.2)
    ef.load_subscribers(client, progress=False)
    box.set_faults(drop_after=1)
    results = ef.create_subscribers(client, names(60), progress=False)
    assert_accounted(results, 60)
    assert set(results["outcome"]) == {"unknown", "not_sent"}
    assert_creates_are_true(box, results)
    box.set_faults()
    assert_a_rehearsed_resume_shows_it_as_it_stands(box, client, results)
    again = ef.resume_run(client, progress=False)
    assert again["outcome"].tolist() == ["done"] * 60
    assert_creates_are_true(box, again)
    assert ef.resume_run(client, progress=False)["outcome"].tolist() == ["done"] * 60


def assert_a_rehearsed_resume_shows_it_as_it_stands(box, client, results):
    requests, runs = len(box.log), ef.list_runs(client)
    shown = ef.resume_run(client, dry_run=True, progress=False)
    assert shown["outcome"].tolist() == results["outcome"].tolist()
    assert shown.attrs["exotel_frames"]["requests"] == -(-int((results["outcome"] == "not_sent").sum()) // 10)
    assert len(box.log) == requests
    pd.testing.assert_frame_equal(ef.list_runs(client), runs)


def test_the_stop_button_drains_what_is_under_way_and_the_rest_can_go_on(box, monkeypatch):
    monkeypatch.setattr(runner, "DRAIN_S", PATIENCE_S)
    with gated(box, "POST", 2, workers=1) as (client, gate):
        with pytest.raises(ef.RunInterrupted) as told:
            ef.create_subscribers(client, names(100), progress=gate.stop_run_at(20))
        results = told.value.results
        assert_accounted(results, 100)
        assert results["outcome"].tolist() == ["done"] * 30 + ["not_sent"] * 70
        assert_creates_are_true(box, results)
        assert told.value.run_id in str(told.value)
        rest = ef.resume_run(client, told.value.run_id, progress=False)
    assert rest["outcome"].tolist() == ["done"] * 100


def test_a_resume_does_not_touch_what_others_changed_meanwhile(box, monkeypatch):
    monkeypatch.setattr(runner, "DRAIN_S", PATIENCE_S)
    box.add(*(f"u{row}" for row in range(30)), custom_field="old")
    frame = pd.DataFrame({"subscriber_name": [f"u{row}" for row in range(30)], "custom_field": "new"})
    with gated(box, "PUT", 10, workers=1) as (client, gate):
        current = ef.load_subscribers(client, progress=False)
        with pytest.raises(ef.RunInterrupted) as told:
            ef.update_subscribers(client, frame, current=current, progress=gate.stop_run_at(1))
        box.change("u29", custom_field="theirs", date_updated="2030-01-01T00:00:00+05:30")
        results = ef.resume_run(client, told.value.run_id, progress=False)
    assert results["outcome"].tolist() == ["done"] * 29 + ["conflict"]
    assert {row["subscriber_name"]: row["custom_field"] for row in box.subscribers()}["u29"] == "theirs"


def test_a_second_run_on_the_account_is_refused_at_once_and_names_the_first(box):
    told = []
    with gated(box, "POST", 0, workers=8) as (client, gate):
        first = threading.Thread(target=lambda: told.append(ef.create_subscribers(client, names(30), progress=False)))
        first.start()
        assert gate.holds.wait(PATIENCE_S)
        began = time.monotonic()
        with pytest.raises(ef.RunLockedError) as refused:
            ef.create_subscribers(Client(client.settings), names(1), progress=False)
        assert time.monotonic() - began < 5
        gate.open()
        first.join()
    assert told[0]["run_id"].iloc[0] in str(refused.value)
    assert told[0]["outcome"].tolist() == ["done"] * 30


def test_without_a_journal_nothing_is_sent(box, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    client = box.connect(journal=tmp_path / "file")
    with pytest.raises(ef.JournalError):
        ef.create_subscribers(client, names(3), progress=False)
    assert not any(entry.call == "create" for entry in box.log)
