"""Disks that fill, folders that can't be written, files that are damaged: always a JournalError, never a wrong word."""

import contextlib
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exotel_frames import schema
from exotel_frames.errors import JournalError, RunLockedError
from exotel_frames.runs.journal import Journal
from tests.runs.journal_kit import RUN, SERVER, child, creates, header, heard, integrity, outcomes, verdict
from tests.slow import but_slow

OTHER = "20261123-181501-0000"
ROWS = 30
PROMISES = 1 + 2 * ROWS // 10 + 1
WAL_FRAME = 4096 + 24
"""What SQLite writes at a time to its write-ahead log."""


def whole_run(journal):
    """A small run; yields each promise as it is made."""
    with journal.lock(RUN):
        journal.begin(header(), creates(ROWS))
        yield "begun", 0
        for chunk in range(ROWS // 10):
            rows = range(chunk * 10, chunk * 10 + 10)
            journal.record_intent(RUN, chunk, rows, server_time=SERVER)
            yield "intended", chunk
            journal.record_results(RUN, chunk, [verdict(row, error_description="x" * 300) for row in rows])
            yield "answered", chunk
        journal.end(RUN, "finished")
        yield "ended", 0


def promises_kept(path, said):
    if not said:
        return
    with Journal.open(path, read_only=True) as journal:
        found = outcomes(journal)
        assert len(found) == ROWS
        for word, chunk in said:
            allowed = {"answered": {"done"}, "intended": {"done", "unknown"}}.get(word, set(schema.OUTCOMES))
            assert {found[row] for row in range(chunk * 10, chunk * 10 + 10)} <= allowed
    assert integrity(path) == [("ok",)]


def fill_the_disk(folder, pipe):
    """Limit the size of files a bit later each time: every write in turn is the one that fails."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for number in range(100):
        said, problem = [], ""
        path = folder / f"{number}.sqlite3"
        resource.setrlimit(resource.RLIMIT_FSIZE, (number * WAL_FRAME, most))
        try:
            with Journal.open(path) as journal:
                said.extend(whole_run(journal))
        except JournalError as error:
            problem = str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        promises_kept(path, said)
        if said:
            with Journal.open(path) as journal, journal.lock(OTHER):
                journal.reopen(RUN)
        pipe.send((len(said), problem))
        if not problem:
            return


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")
def test_a_disk_that_fills_at_every_write_in_turn_keeps_every_promise(tmp_path):
    with child(fill_the_disk, tmp_path) as (_, pipe):
        said = list(heard(pipe))
    assert said[-1] == (PROMISES, "")
    assert {count for count, _ in said} == set(range(PROMISES + 1))
    for _, problem in said[:-1]:
        assert str(tmp_path) in problem
        assert "Free some space" in problem


def test_a_full_file_stops_the_run_before_sending_and_goes_on_when_there_is_space(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal:
        pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
        journal._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(JournalError, match=r"can't be written: database or disk is full\. Free some space there"):
            journal.begin(header(), creates(1000))
        assert journal.runs() == []
        journal._db.execute("PRAGMA max_page_count = 100000")
        journal.begin(header(), creates(1000))
        assert journal.find().counts["not_sent"] == 1000


def test_a_lock_is_not_kept_when_its_holder_can_not_be_written_down(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal:
        journal._db.execute("CREATE TRIGGER full BEFORE INSERT ON holder BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(JournalError, match="can't be locked: no"):
            journal.lock(RUN).__enter__()
        journal._db.execute("DROP TRIGGER full")
        with journal.lock(RUN):
            pass


def refused(path, **options):
    with pytest.raises(JournalError) as caught:
        Journal.open(path, **options)
    assert not isinstance(caught.value, RunLockedError)
    assert caught.value.__cause__ is None
    assert str(path) in str(caught.value)
    assert "journal=" in str(caught.value)
    return str(caught.value)


def test_a_file_where_the_folder_should_be_is_an_error(tmp_path):
    (tmp_path / "state").write_text("I am a file")
    refused(tmp_path / "state" / "acme1.sqlite3")
    refused(tmp_path / "state" / "deeper" / "acme1.sqlite3")


def test_a_folder_where_the_file_should_be_is_an_error(tmp_path):
    refused(tmp_path)
    refused(tmp_path, read_only=True)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that nobody can write to")
def test_a_folder_that_can_not_be_written_is_an_error():
    refused(Path("/proc/acme1.sqlite3"))
    refused(Path("/proc/exotel_frames/acme1.sqlite3"))


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="modes are POSIX's, and nothing to root")
def test_a_folder_and_a_file_without_write_permission_are_errors(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    tmp_path.chmod(0o500)
    refused(path)
    tmp_path.chmod(0o700)


def test_a_folder_in_the_place_of_the_lock_is_an_error_before_anything_is_sent(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal:
        path.with_name(f"{path.name}.lock").mkdir()
        with pytest.raises(JournalError, match="can't be locked: unable to open database file"):
            journal.lock(RUN).__enter__()


def test_a_damaged_lock_is_an_error_and_not_called_a_run(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal:
        path.with_name(f"{path.name}.lock").write_bytes(b"Dear diary, today I sent nothing.\n" * 300)
        with pytest.raises(
            JournalError, match=r"acme1\.sqlite3\.lock can't be locked: file is not a database"
        ) as caught:
            journal.lock(RUN).__enter__()
        assert not isinstance(caught.value, RunLockedError)


@pytest.fixture
def kept(tmp_path):
    """A closed journal with a finished run."""
    path = tmp_path / "acme1.sqlite3"
    with Journal.open(path) as journal:
        list(whole_run(journal))
    return path


@pytest.mark.parametrize("content", [b"Dear diary, today I sent nothing.\n" * 300, b"PK\x03\x04" * 3000, bytes(8192)])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path, content, read_only):
    path = tmp_path / "acme1.sqlite3"
    path.write_bytes(content)
    assert "keep them" in refused(path, read_only=read_only)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [True, False])
def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path, read_only):
    path = tmp_path / "acme1.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE music (title TEXT)")
    content = path.read_bytes()
    assert "not a journal of exotel_frames" in refused(path, read_only=read_only)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_journal_is_refused_with_the_advice_to_upgrade(kept, read_only):
    with closing(sqlite3.connect(kept)) as db:
        db.execute("PRAGMA user_version = 2")
    assert "its version 2, this one reads up to 1): upgrade" in refused(kept, read_only=read_only)


def test_an_empty_file_becomes_a_journal(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    path.touch()
    with Journal.open(path, read_only=True) as journal:
        assert journal.runs() == []
    with Journal.open(path) as journal:
        list(whole_run(journal))
        assert journal.find().counts["done"] == ROWS


def use_everything(path):
    """Read all there is and resume it; whatever is said of a row must be one of the closed set, for every row."""
    with Journal.open(path, read_only=True) as journal:
        for run in journal.runs():
            assert sum(run.counts[outcome] for outcome in schema.OUTCOMES) == run.rows
            if run.run_id == RUN:
                assert [verdict.row for verdict in journal.verdicts(RUN)] == list(range(ROWS))
                assert set(outcomes(journal)) <= set(schema.OUTCOMES)
                assert len(journal.plan_rows(RUN)) == ROWS
                journal.open_work(RUN)
    with Journal.open(path) as journal, journal.lock(OTHER):
        journal.begin(header(OTHER), creates(30))
        journal.record_intent(OTHER, 0, range(10), server_time=None)
        journal.record_results(OTHER, 0, [verdict(row) for row in range(10)])
        journal.reopen(RUN)


@pytest.mark.parametrize("seed", but_slow(range(60), range(20)))
def test_a_damaged_page_is_a_journal_error_or_does_not_matter(kept, seed):
    chances = random.Random(seed)
    content = bytearray(kept.read_bytes())
    page = chances.randrange(len(content) // 4096) * 4096
    for _ in range(chances.choice([1, 8, 200])):
        where = page + chances.choice([chances.randrange(108), chances.randrange(4096)])
        content[where] = chances.randrange(256)
    kept.write_bytes(content)
    with contextlib.suppress(JournalError):  # anything else is somebody else's traceback
        use_everything(kept)


@pytest.mark.parametrize("keep", [90, 100, 4095, 4096, 8192, 20000, 30000])
def test_a_truncated_file_is_a_journal_error(kept, keep):
    os.truncate(kept, keep)
    with pytest.raises(JournalError, match="keep them"):
        use_everything(kept)


def test_a_page_of_zeros_in_the_middle_stops_a_resume_before_it_sends_anything(kept):
    with closing(sqlite3.connect(kept)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'states'").fetchone()
    content = bytearray(kept.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    kept.write_bytes(content)
    with Journal.open(kept) as journal, pytest.raises(JournalError, match="keep them"):
        journal.reopen(RUN)


@pytest.mark.parametrize(
    ("damage", "verb"),
    [
        ('DELETE FROM plan WHERE "row" = 7', lambda journal: journal.verdicts(RUN)),
        ('DELETE FROM plan WHERE "row" = 7', lambda journal: journal.plan_rows(RUN)),
        ("UPDATE answers SET outcome = 'dome' WHERE \"row\" = 7", lambda journal: journal.verdicts(RUN)),
        ("UPDATE states SET outcome = 'dome' WHERE \"row\" = 7", lambda journal: journal.runs()),
        ('UPDATE runs SET "rows" = 5', lambda journal: journal.runs()),
        ("UPDATE runs SET started = 'yesterday'", lambda journal: journal.runs()),
        ("UPDATE runs SET options = '{'", lambda journal: journal.runs()),
        ("UPDATE runs SET options = '3'", lambda journal: journal.runs()),
    ],
)
def test_values_that_make_no_sense_are_damage_and_never_passed_on(kept, damage, verb):
    with closing(sqlite3.connect(kept, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(damage)
    with Journal.open(kept) as journal, pytest.raises(JournalError, match=r"can't be read.*keep them"):
        verb(journal)


def test_a_write_ahead_log_that_was_cut_loses_only_its_tail(tmp_path):
    path = tmp_path / "acme1.sqlite3"
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with Journal.open(path) as journal:
        said = list(whole_run(journal))
        shutil.copy(path, copy)
        wal = path.with_name(f"{path.name}-wal").read_bytes()
    assert len(said) == PROMISES
    found = []
    for share in range(11):
        copy.with_name(f"{path.name}-wal").write_bytes(wal[: len(wal) * share // 10])
        copy.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        with Journal.open(copy, read_only=True) as journal:
            found.append(sum(run.counts["done"] for run in journal.runs()))
    assert found == sorted(found)
    assert found[-1] == ROWS
