"""What a journal is called, and what it says: names that must never change, and sentences that name what is wrong."""

import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from exotel_frames.errors import JournalError, RunLockedError
from exotel_frames.runs.journal import Journal, journal_path, new_run_id
from tests.runs.journal_kit import RUN, START, creates, header, ticking, verdict
from tests.runs.wording import BUSY_FILE, UNDER_WAY, WAIT_FOR_IT, to_choose_from

OTHER = "20261123-181501-0000"
MUM = "https://chaotix.mum1.exotel.in"
DAMAGED = "Move that file and its -wal and -shm away, but keep them, or give another folder (journal=...)."


@pytest.fixture
def path(tmp_path):
    return tmp_path / "acme1.sqlite3"


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("acme1", "acme1-8a1760a22e9d.sqlite3"),
        ("Acme_1-x", "Acme_1-x-2f94f5508279.sqlite3"),
        ("a/b é", "a_b__-0e3ff4661409.sqlite3"),
        ("x" * 50, f"{'x' * 40}-276cea711d88.sqlite3"),
    ],
)
def test_a_journal_keeps_its_name_for_ever_or_an_upgrade_would_lose_it(account, name):
    assert journal_path(Path("folder"), account, MUM) == Path("folder") / name
    assert journal_path(Path("folder"), account, f"{MUM.upper()}//") == Path("folder") / name


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone can't be set on this system")
def test_a_run_id_is_in_utc_wherever_it_is_made(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert new_run_id(START, lambda _: "3f9a") == "20261123-181500-3f9a"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_whoever_is_refused_reads_who_holds_the_account(path):
    with Journal.open(path, now=ticking()) as first, first.lock(RUN), Journal.open(path) as second:
        with pytest.raises(RunLockedError) as refused, second.lock(OTHER):
            pass
        said = str(refused.value)
        assert said.startswith(f"Run {RUN} (process {os.getpid()} on {socket.gethostname()}, since 2026-11-23T18:15:0")
        assert said.endswith(f") {UNDER_WAY} {WAIT_FOR_IT}")


def test_a_holder_that_has_not_signed_yet_is_another_run(path):
    with Journal.open(path) as first, first.lock(RUN), Journal.open(path) as second:
        first._db.execute("DELETE FROM holder")
        with pytest.raises(RunLockedError, match=f"^Another run {UNDER_WAY}"):
            second.lock(OTHER).__enter__()


def test_a_file_that_somebody_only_writes_to_is_busy_and_is_not_called_a_run(path):
    with Journal.open(path) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=f"can't be locked: database is locked. {BUSY_FILE}") as told:
            journal.lock(RUN).__enter__()
        assert not isinstance(told.value, RunLockedError)
        assert str(told.value).startswith(f"The journal {path} can't be locked")


def test_a_run_that_ends_while_the_next_one_waits_for_its_last_write_does_not_refuse_it(path):
    with Journal.open(path) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = []

        def end_before_the_second_try(statement):
            if statement == "BEGIN IMMEDIATE":
                begun.append(statement)
                if len(begun) == 2:
                    other.execute("ROLLBACK")

        journal._db.execute("PRAGMA busy_timeout = 0")
        journal._db.set_trace_callback(end_before_the_second_try)
        with journal.lock(RUN):
            assert len(begun) == 2


def test_a_file_that_is_busy_because_of_a_run_is_called_that_run(path):
    with Journal.open(path) as first, first.lock(RUN), Journal.open(path) as second, first._for_writing():
        said = said_by(second.lock(OTHER).__enter__)
    assert said.startswith(f"Run {RUN} (process ")


def test_a_journal_that_is_not_there_is_read_without_making_a_file_anywhere(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Journal.open(path, read_only=True) as reader:
        assert reader.runs() == []
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def journal(path):
    with Journal.open(path) as journal:
        journal.begin(header(), creates(3))
        yield journal


def said_by(call):
    with pytest.raises(JournalError) as told:
        call()
    return str(told.value)


@pytest.mark.parametrize(
    ("damage", "call", "what"),
    [
        (
            'DELETE FROM plan WHERE "row" = 1',
            lambda journal: journal.verdicts(RUN),
            f"only 2 of the 3 rows of run {RUN} are there",
        ),
        (
            "UPDATE states SET outcome = 'dome'",
            lambda journal: journal.runs(),
            f"the counts of run {RUN} make no sense: {{'dome': 1}} of 3 rows",
        ),
        (
            "UPDATE answers SET outcome = 'dome'",
            lambda journal: journal.verdicts(RUN),
            f"row 0 of run {RUN} has the outcome 'dome'",
        ),
    ],
)
def test_damage_is_named_with_the_file_and_what_to_do(path, journal, damage, call, what):
    journal.record_results(RUN, None, [verdict(0)])
    journal._db.execute("PRAGMA foreign_keys = OFF")
    journal._db.execute("PRAGMA ignore_check_constraints = ON")
    journal._db.execute(damage)
    assert said_by(lambda: call(journal)) == f"The journal {path} can't be read: {what}. {DAMAGED}"


def test_a_search_for_a_run_says_what_there_is(path, journal):
    assert said_by(lambda: journal.find("x")) == f"0 runs begin with 'x' in the journal {path}; {to_choose_from(RUN)}"
    with Journal.open(path.with_name("empty.sqlite3")) as empty:
        assert said_by(empty.find) == f"There is no run yet in the journal {empty.path}; {to_choose_from('none')}"


def test_half_a_character_is_told_in_words(path, journal):
    rows = creates(1)
    half = type(rows[0])(0, "create", "bob", custom_field="\ud83d")
    reason = said_by(lambda: journal.begin(header(OTHER), [half]))
    assert reason.startswith(f"The journal {path} can't be written: ")
    assert reason.endswith(". Half of a character (a lone surrogate) can't be stored: correct that text.")
