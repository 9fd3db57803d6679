"""What several threads want written at the same time is one transaction; an error reaches the one it is of."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from exotel_frames.errors import JournalError
from exotel_frames.runs.journal import Journal
from exotel_frames.runs.journal.database import transaction
from exotel_frames.runs.journal.group_commit import GroupCommit
from tests.runs.journal_kit import RUN, creates, header, outcomes, verdict


class Disk:
    """A table of numbers, and how many transactions have reached it."""

    def __init__(self):
        self.db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.db.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        self.commits = 0

    @contextmanager
    def transaction(self):
        with transaction(self.db):
            yield self.db
        self.commits += 1

    @property
    def numbers(self):
        return [number for (number,) in self.db.execute("SELECT number FROM numbers")]


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path / "acme1.sqlite3") as made, made.lock(RUN):
        made.begin(header(), creates(160))
        yield made


@pytest.fixture
def disk():
    made = Disk()
    yield made
    made.db.close()


def add(number):
    return lambda db: db.execute("INSERT INTO numbers VALUES (?)", (number,))


def written_behind(group, first, others):
    """Write `others` from a thread each, all of which wait while `first` is being written; return what they raised."""
    began, go_on = threading.Event(), threading.Event()

    def slow(db):
        began.set()
        assert go_on.wait(30)
        first(db)

    with ThreadPoolExecutor(1 + len(others)) as pool:
        before = pool.submit(group.write, slow)
        assert began.wait(30)
        behind = [pool.submit(group.write, other) for other in others]
        while len(group._waiting) <= len(others):  # they all stand in the queue
            threading.Event().wait(0.001)
        go_on.set()
        return [each.exception() for each in (before, *behind)]


def test_those_who_wait_are_written_by_one_transaction(disk):
    assert written_behind(GroupCommit(disk.transaction), add(0), [add(number) for number in range(1, 9)]) == [None] * 9
    assert sorted(disk.numbers) == [*range(9)]
    assert disk.commits == 2


def test_an_error_reaches_the_one_whose_it_is_and_the_others_are_written(disk):
    raised = written_behind(GroupCommit(disk.transaction), add(0), [add(1), add(0), add(2)])
    assert [type(problem) for problem in raised] == [type(None), type(None), sqlite3.IntegrityError, type(None)]
    assert sorted(disk.numbers) == [0, 1, 2]


def test_a_disk_that_takes_no_more_is_told_to_everybody(disk):
    raised = written_behind(
        GroupCommit(disk.transaction), lambda db: db.execute("PRAGMA query_only = ON"), [add(1), add(2)]
    )
    assert [type(problem) for problem in raised] == [type(None)] + [sqlite3.OperationalError] * 2


def test_a_ctrl_c_while_writing_leaves_the_others_to_be_written_by_the_next(disk):
    def interrupted(_):
        raise KeyboardInterrupt

    group = GroupCommit(disk.transaction)
    raised = written_behind(group, interrupted, [add(1), add(2)])
    assert [type(problem) for problem in raised] == [KeyboardInterrupt, type(None), type(None)]
    assert sorted(disk.numbers) == [1, 2]
    assert not group._waiting


def intended_at_once(journal, chunks):
    """Intend each chunk's rows from a thread of its own; return what they raised."""
    with ThreadPoolExecutor(len(chunks)) as pool:
        asked = [pool.submit(journal.record_intent, RUN, at, rows, server_time=None) for at, rows in enumerate(chunks)]
        return [each.exception() for each in asked]


def test_a_row_that_is_settled_keeps_only_its_own_request_back(journal):
    """Sixteen threads intend at once, one of them a row that is settled: that one is refused, the others are told."""
    journal.record_intent(RUN, 0, [0], server_time=None)
    journal.record_results(RUN, 0, [verdict(0)])
    raised = intended_at_once(journal, [[*range(first, first + 10)] for first in range(0, 160, 10)])
    assert [type(problem) for problem in raised] == [JournalError] + [type(None)] * 15
    assert outcomes(journal) == ["done"] + ["not_sent"] * 9 + ["unknown"] * 150


@pytest.mark.parametrize("threads", [1, 2, 16])
def test_an_answer_that_can_never_be_written_is_told_to_one_of_those_who_wait_and_to_no_other(journal, threads):
    """It was left for the next write, which is the write of everybody who waits."""
    journal.record_intent(RUN, 0, [0], server_time=None)
    with journal._together._turn:  # all of them stand in the queue when the first one writes
        pool = ThreadPoolExecutor(threads)
        asked = [pool.submit(journal.record_intent, RUN, at, [at], server_time=None) for at in range(1, threads + 1)]
        while len(journal._together._waiting) < threads:
            threading.Event().wait(0.001)
        journal.record_results(RUN, 0, [verdict(0)], with_next=True)
        journal.record_results(RUN, 0, [verdict(999)], with_next=True)
    pool.shutdown()
    raised = [problem for each in asked if (problem := each.exception())]
    assert [type(problem) for problem in raised] == [JournalError]
    assert outcomes(journal).count("unknown") == threads - 1
    assert outcomes(journal)[0] == "done"
