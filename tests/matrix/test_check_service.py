"""`ef.check_service` against every variant of the sandbox: it names that one and no other."""

import json

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.cli import main
from exotel_frames.operations.check import ASSUMPTIONS
from exotel_frames.operations.service_behavior import read_behavior
from exotel_frames.sandbox import BEHAVIORS
from tests.make_service_page import PAGE, page
from tests.matrix.scenario import TickingClock
from tests.matrix.variants import LAST_BY_DEFAULT

NEVER_SEEN = {"protected_row"}
"""What only a change of somebody's real subscriber would show."""
NOT_READABLE = {("dates", "epoch")}


def service(behavior, tmp_path, **options):
    """Return a sandbox that behaves so, its clock, and a client that was told nothing but its address."""
    clock = TickingClock()
    box = ef.Sandbox(subscribers=130, behavior=behavior, clock=clock, **{"rate_limit": 100_000, **options}).start()
    clock.pass_time(50)
    box.add(*(f"tie{at}" for at in range(8)))
    clock.pass_time(50)
    who = {"api_key": box.api_key, "api_token": box.api_token, "account_sid": box.account_sid}
    return box, clock, ef.connect(**who, base_url=box.base_url, journal=tmp_path, workers=2, timeout_s=5.0)


def differing(check: pd.DataFrame) -> dict[str, str]:
    rows = check[check["holds"].eq(other=False).fillna(value=False)]
    return dict(zip(rows["assumption"], rows["observed"], strict=True))


def test_against_the_default_nothing_differs_and_all_that_can_be_seen_is_seen(tmp_path):
    box, clock, client = service({}, tmp_path)
    with box:
        before = box.subscribers()
        check = ef.check_service(client, write=True, sleep=clock.pass_time)
        assert box.subscribers() == before
    assert differing(check) == {}
    assert set(check.loc[check["holds"].isna(), "assumption"]) == NEVER_SEEN
    assert check.columns.tolist() == ["assumption", "source", "expected", "observed", "holds", "matters"]
    assert str(check["holds"].dtype) == "boolean"


@pytest.mark.parametrize(("behavior", "variant"), LAST_BY_DEFAULT)
def test_against_a_variant_it_names_exactly_that_one_and_leaves_nothing(behavior, variant, tmp_path):
    box, clock, client = service({behavior: variant}, tmp_path)
    with box:
        before = {row["subscriber_name"] for row in box.subscribers()}
        check = ef.check_service(client, write=True, sleep=clock.pass_time)
        clock.pass_time(30)
        assert {row["subscriber_name"] for row in box.subscribers()} == before
    found = differing(check)
    assert found.keys() == ({behavior} - NEVER_SEEN)
    if found and behavior not in {"read_lag", "late_writes"}:  # how long those take can only be told roughly
        assert found[behavior].partition(":")[0] == variant


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["error_after", "error_before", "drop_after"])
@pytest.mark.parametrize("call", ["create", "update", "delete"])
def test_answers_that_are_lost_on_the_way_are_no_sign_that_the_service_differs(kind, call, tmp_path):
    box, clock, client = service({}, tmp_path, faults={kind: 0.4, "only": [call], "limit": 3})
    with box:
        before = {row["subscriber_name"] for row in box.subscribers()}
        check = ef.check_service(client, write=True, sleep=clock.pass_time)
        assert differing(check) == {}
        assert {row["subscriber_name"] for row in box.subscribers()} == before


@pytest.mark.parametrize("behavior", [{}, {"pages": "empty_first"}, {"page_cap": "clamped50"}, {"links": "absent"}])
def test_without_write_it_only_reads_in_at_most_twelve_requests(behavior, tmp_path):
    box, _, client = service(behavior, tmp_path)
    with box:
        since, requests = len(box.log), box.requests
        ef.check_service(client)
        assert {entry.method for entry in box.log[since:]} == {"GET"}
        assert box.requests - requests <= 12


def test_an_empty_account_is_no_reason_to_say_that_something_differs(tmp_path):
    with ef.Sandbox(subscribers=0) as box:
        check = ef.check_service(box.connect(journal=tmp_path))
        assert differing(check) == {}


def test_stopped_in_the_middle_it_cleans_up_or_says_what_is_left_and_what_removes_it(tmp_path):
    box, clock, client = service({}, tmp_path)
    before = {row["subscriber_name"] for row in box.subscribers()}

    def stop(_seconds: float) -> None:
        box.set_faults(error_before=1, only=["delete"])
        raise KeyboardInterrupt

    with box:
        with pytest.raises(
            ef.RunInterrupted, match=r"ef.delete_subscribers\(client, \[.*\], max_deletes=2\)"
        ) as caught:
            ef.check_service(client, write=True, sleep=stop)
        box.set_faults()
        names = eval(str(caught.value).partition("client, ")[2].partition(", max")[0])
        left = {row["subscriber_name"] for row in box.subscribers()} - before
        assert left
        assert left <= set(names)
        assert ef.list_runs(client)["action"].tolist() == ["create"]
        clock.pass_time(5)
        ef.delete_subscribers(client, names, max_deletes=2, progress=False)
        assert {row["subscriber_name"] for row in box.subscribers()} == before


def test_what_was_learnt_is_kept_beside_the_journal(tmp_path):
    box, _, client = service({"offset_past_end": "400"}, tmp_path)
    with box:
        assert read_behavior(client) == {}
        ef.check_service(client)
        assert read_behavior(client)["offset_past_end"] == "400"
        assert read_behavior(client)["order"] == "holds"


def test_the_page_for_support_has_what_differs_and_neither_secret_nor_customer(tmp_path):
    box, _, client = service({"order": "oldest"}, tmp_path)
    with box:
        shown = ef.show(ef.check_service(client))
        for text in (shown.text, shown.html):
            assert "order" in text
            assert "oldest" in text
            assert box.api_token not in text
            assert not [row for row in box.subscribers() if row["subscriber_name"] in text.split()]


@pytest.mark.parametrize(("behavior", "code"), [({}, 0), ({"order": "name"}, 2)])
def test_the_command_ends_with_0_when_all_hold_and_with_2_when_some_do_not(
    behavior, code, tmp_path, capsys, monkeypatch
):
    box, _, _ = service(behavior, tmp_path)
    monkeypatch.setenv("EXOTEL_API_KEY", box.api_key)
    monkeypatch.setenv("EXOTEL_API_TOKEN", box.api_token)
    where = ["--account-sid", box.account_sid, "--base-url", box.base_url, "--journal", str(tmp_path)]
    with box:
        assert main(["check", *where]) == code
        assert "assumptions" in capsys.readouterr().out
        assert main(["check", "--json", *where]) == code
        assert len(json.loads(capsys.readouterr().out)) == len(ASSUMPTIONS)
    assert main(["check", *where]) == 1


def test_both_tables_speak_of_the_same_things():
    theirs = [(each.name, each.source, each.variants[0].meaning) for each in BEHAVIORS]
    assert [(each.name, each.source, each.expected) for each in ASSUMPTIONS] == theirs
    assert all(each.matters for each in ASSUMPTIONS)


def test_the_page_about_the_service_is_generated_from_the_tables():
    assert PAGE.read_text(encoding="utf-8") == page()
