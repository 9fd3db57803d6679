"""Which journal belongs to which service: two services never share one, and those of version 0.1 are found."""

from datetime import UTC, datetime

import pytest

import exotel_frames as ef
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.runs.journal import Journal, RunHeader, journal_path


def tunnel(base_url, folder):
    return ef.connect(api_key="k", api_token="t", account_sid="sandbox1", base_url=base_url, journal=folder)


def write_old_run(folder, base_url):
    """Leave the journal that version 0.1 made for every address of this machine."""
    path = journal_path(folder, "sandbox1", "sandbox")
    with Journal.open(path) as journal:
        journal.begin(RunHeader("old", datetime.now(UTC), "create", "sandbox1", base_url), [])
    return path


def test_a_run_on_one_server_of_this_machine_is_not_listed_on_another(tmp_path):
    with ef.Sandbox(subscribers=0) as one, ef.Sandbox(subscribers=0) as other:
        here = tunnel(one.base_url, tmp_path)
        with Journal.open(journal_file(here.settings)) as journal:
            journal.begin(RunHeader("r1", datetime.now(UTC), "create", "sandbox1", one.base_url), [])
        assert ef.list_runs(here)["run_id"].tolist() == ["r1"]
        assert ef.list_runs(tunnel(other.base_url, tmp_path)).empty


def test_two_sandboxes_of_one_folder_share_no_journal(tmp_path):
    with ef.Sandbox(subscribers=0) as one, ef.Sandbox(subscribers=0) as other:
        files = {journal_file(box.connect(journal=tmp_path).settings) for box in (one, other)}
    assert len(files) == 2


def test_a_sandbox_with_a_state_finds_its_journal_again_on_another_port(tmp_path):
    files = set()
    for _ in range(2):
        with ef.Sandbox(subscribers=0, state=tmp_path / "box.db") as box:
            files.add(journal_file(box.connect().settings))
    assert len(files) == 1


def test_the_journal_that_version_0_1_made_for_an_address_of_this_machine_is_found(tmp_path):
    old = write_old_run(tmp_path, "http://127.0.0.1:8080")
    assert journal_file(tunnel("http://127.0.0.1:8080", tmp_path).settings) == old
    assert journal_file(tunnel("http://127.0.0.1:8081", tmp_path).settings) != old


def test_the_journal_that_version_0_1_made_for_a_sandbox_s_state_is_found(tmp_path):
    old = write_old_run(tmp_path, "http://127.0.0.1:8080")
    with ef.Sandbox(subscribers=0, state=tmp_path / "box.db") as box:
        assert journal_file(box.connect().settings) == old


def test_a_plan_for_another_account_is_not_taken_through_a_tunnel(tmp_path):
    with ef.Sandbox(subscribers=3) as one, ef.Sandbox(subscribers=3) as other:
        subs = ef.load_subscribers(one.connect(), progress=False)
        plan = ef.plan_changes(subs, subs.assign(status="inactive"))
        with pytest.raises(ef.StalePlanError, match="LIVE account sandbox1 at 127"):
            ef.apply_plan(tunnel(other.base_url, tmp_path), plan, max_share=1, progress=False)
