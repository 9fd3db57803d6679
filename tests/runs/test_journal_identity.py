"""The journal's files while a run is under way: still those that were opened, and nobody else's."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from exotel_frames.errors import JournalError
from exotel_frames.runs.journal import Journal
from exotel_frames.runs.journal.database import open_for_reading, open_for_writing
from exotel_frames.runs.journal.lock import has_locks, probe_path
from tests.runs.journal_kit import RUN, SERVER, creates, header
from tests.runs.wording import FILE_IS_GONE


def under_way(path):
    journal = Journal.open(path)
    journal.begin(header(), creates(20))
    journal.record_intent(RUN, 0, range(10), server_time=SERVER)
    return journal


@pytest.mark.skipif(os.name == "nt", reason="an open file can't be deleted there")
@pytest.mark.parametrize("gone", ["", "-wal"])
def test_before_anything_more_is_sent_a_deleted_journal_stops_the_run(tmp_path, gone):
    path = tmp_path / "acme1.sqlite3"
    with under_way(path) as journal:
        path.with_name(path.name + gone).unlink()
        with pytest.raises(JournalError, match=FILE_IS_GONE):
            journal.record_intent(RUN, 1, range(10, 20), server_time=SERVER)


@pytest.mark.skipif(os.name == "nt", reason="an open file can't be moved there")
def test_a_journal_that_was_replaced_by_another_one_stops_the_run(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with under_way(path) as journal:
        path.rename(tmp_path / "away")
        Journal.open(path).close()
        with pytest.raises(JournalError, match=FILE_IS_GONE):
            journal.record_intent(RUN, 1, range(10, 20), server_time=SERVER)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("name", ["acme1.sqlite3", "acme1.sqlite3.lock"])
def test_a_link_in_the_place_of_the_journal_or_its_lock_leaves_its_target_alone(tmp_path, name):
    theirs = tmp_path / "theirs"
    theirs.write_text("")
    theirs.chmod(0o644)
    (tmp_path / name).symlink_to(theirs)
    path = tmp_path / "acme1.sqlite3"
    with pytest.raises(JournalError, match="symbolic link"), Journal.open(path) as journal, journal.lock(RUN):
        pass
    assert theirs.stat().st_mode & 0o777 == 0o644


def test_a_disk_without_locks_is_named_with_the_way_out(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    Journal.open(path).close()
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(probe_path(path))) as probe:
        one.execute("PRAGMA locking_mode = EXCLUSIVE")
        one.execute("BEGIN EXCLUSIVE")
        probe.execute("BEGIN EXCLUSIVE")  # as on a drive on which every lock is refused
        with pytest.raises(JournalError, match=r"no file locks \(a network drive\?\).*journal="):
            Journal.open(path)


def test_two_that_ask_at_once_whether_a_disk_has_locks_are_both_told_that_it_has(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(has_locks, tmp_path / "acme1.sqlite3") for _ in range(400)]
        assert {each.result() for each in asked} == {True}
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("opener", [open_for_reading, open_for_writing])
def test_whoever_opens_a_journal_waits_while_another_one_makes_it_or_closes_it_last(tmp_path, opener):
    """Both lock out even those who read, for as long as the disk takes: longer than a run waits for its turn."""
    path = tmp_path / "acme1.sqlite3"
    Journal.open(path).close()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    ready = threading.Timer(0.05, other.close)
    ready.start()
    with closing(opener(path, timeout_s=0)) as db:
        assert db.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    ready.join()
