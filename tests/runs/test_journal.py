import os
import shutil
import sqlite3
import stat
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from exotel_frames import schema
from exotel_frames.errors import JournalError
from exotel_frames.records import Chunk, PlanRow, Verdict
from exotel_frames.runs.journal import Journal, RunInfo, journal_path, new_run_id, statements
from tests.runs.journal_kit import RUN, SERVER, START, creates, header, integrity, outcomes, ticking, verdict

INDIA = timezone(timedelta(hours=5, minutes=30))
MUM, SGP = schema.STAMPS["mum"], schema.STAMPS["sgp"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "acme1.sqlite3"


@pytest.fixture
def journal(path):
    with Journal.open(path, now=ticking()) as journal:
        yield journal


def begun(journal, rows=3, run_id=RUN):
    journal.begin(header(run_id), creates(rows))
    return journal


def test_a_new_run_is_all_not_sent_and_every_row_names_the_run(journal):
    begun(journal)
    assert outcomes(journal) == ["not_sent"] * 3
    first = journal.verdicts(RUN)[0]
    assert (first.row, first.subscriber_name, first.action, first.run_id) == (0, "name0", "create", RUN)
    assert (first.chunk, first.attempts) == (None, 0)
    assert "resume_run" in first.error_message


def test_intended_and_not_answered_is_unknown_and_says_how_to_go_on(journal):
    begun(journal).record_intent(RUN, 7, [1], server_time=SERVER)
    assert outcomes(journal) == ["not_sent", "unknown", "not_sent"]
    lost = journal.verdicts(RUN)[1]
    assert (lost.chunk, lost.attempts, lost.run_id) == (7, 1, RUN)
    assert "resume_run" in lost.error_message


def test_an_answer_comes_back_with_every_field(journal):
    begun(journal).record_intent(RUN, 4, [2], server_time=None)
    told = Verdict(
        row=2,
        chunk=4,
        subscriber_name="name2",
        action="create",
        outcome="rejected",
        http_code=207,
        code=409,
        error_code=1008,
        error_message="Duplicate resource",
        error_description="name2 exists",
        status="active",
        custom_field="Zoë 🎉\x00\n",
        date_created="2019-11-19T23:14:18+05:30",
        date_updated="2019-11-20T11:13:38+05:30",
        request_id="8019271c8d98422db509c2801e63435f",
        attempts=2,
        seconds=0.25,
        run_id=RUN,
    )
    assert all(getattr(told, name) is not None for name in Verdict.__struct_fields__)
    journal.record_results(RUN, 4, [told])
    assert journal.verdicts(RUN)[2] == told


def test_the_plan_comes_back_with_its_before_image(journal):
    rows = [
        PlanRow(
            5, "update", "bob", "active", "inactive", "old", "", datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=INDIA)
        ),
        PlanRow(2, "delete", "NA", "inactive", None, None, None, None),
    ]
    journal.begin(header(), rows)
    assert journal.plan_rows(RUN) == rows[::-1]
    assert [verdict.row for verdict in journal.verdicts(RUN)] == [2, 5]
    assert journal.plan_rows(RUN)[1].date_updated.tzinfo == UTC


def test_what_was_read_before_the_first_sending_completes_the_plan_and_the_first_reading_stays(journal):
    journal.begin(header(), [PlanRow(0, "update", "bob", status="active"), PlanRow(1, "update", "eve")])
    read = PlanRow(0, "update", "bob", "inactive", "active", "old", "old", START)
    journal.record_before_image(RUN, read)
    journal.record_before_image(
        RUN, PlanRow(0, "update", "bob", "active", "active", "new", "new", START + timedelta(days=1))
    )
    assert journal.plan_rows(RUN) == [read, PlanRow(1, "update", "eve")]
    assert journal.open_work(RUN)[1][0] == read


def test_rows_that_are_never_to_be_sent_are_settled_with_the_run_and_no_resume_sends_them(journal):
    journal.begin(header(), creates(3), [verdict(1, "invalid", error_message="no name")])
    assert outcomes(journal) == ["not_sent", "invalid", "not_sent"]
    assert [row.row for row in journal.open_work(RUN)[1]] == [0, 2]


def test_a_run_whose_settled_rows_can_not_be_written_does_not_begin(journal):
    with pytest.raises(JournalError):
        journal.begin(header(), creates(3), [verdict(99, "invalid")])
    assert journal.runs() == []


def test_dates_of_a_verdict_are_kept_as_texts(journal):
    begun(journal).record_results(RUN, 0, [verdict(0, date_created=START)])
    assert journal.verdicts(RUN)[0].date_created == "2026-11-23T18:15:00+00:00"


def test_a_later_verdict_counts(journal):
    begun(journal).record_intent(RUN, 0, [0], server_time=SERVER)
    for outcome in ("unknown", "rejected", "done"):
        journal.record_results(RUN, 0, [verdict(0, outcome)])
        assert outcomes(journal)[0] == outcome


def test_a_verdict_without_a_chunk_leaves_the_row_in_the_chunk_it_was_sent_with(journal):
    begun(journal).record_intent(RUN, 4, [0], server_time=SERVER)
    journal.record_results(RUN, None, [verdict(0), verdict(1, "invalid")])
    assert [verdict.chunk for verdict in journal.verdicts(RUN)] == [4, None, None]


@pytest.mark.parametrize("weaker", ["unknown", "not_sent"])
@pytest.mark.parametrize("settled", ["done", "unchanged", "rejected", "invalid", "conflict"])
def test_what_is_settled_is_never_replaced_by_a_weaker_verdict(journal, settled, weaker):
    begun(journal).record_results(RUN, 0, [verdict(0, settled, request_id="first")])
    journal.record_results(RUN, 1, [verdict(0, weaker, request_id="second")])
    kept = journal.verdicts(RUN)[0]
    assert (kept.outcome, kept.request_id, kept.chunk) == (settled, "first", 0)


def test_not_sent_does_not_undo_that_an_earlier_sending_may_have_arrived(journal):
    begun(journal).record_intent(RUN, 0, [0, 1, 2], server_time=SERVER)
    journal.record_results(RUN, 0, [verdict(0, "not_sent"), verdict(1, "unknown")])
    journal.record_intent(RUN, 0, [0, 1, 2], server_time=SERVER)
    assert outcomes(journal) == ["unknown"] * 3
    journal.record_results(RUN, 0, [verdict(row, "not_sent") for row in range(3)])
    assert outcomes(journal) == ["not_sent", "unknown", "unknown"]


def test_each_row_of_a_long_answer_gets_its_own_verdict_whatever_was_answered_before(journal):
    other = f"{RUN[:-1]}b"
    begun(journal, 25)
    begun(journal, 25, run_id=other)
    for run_id in (RUN, other, RUN):
        journal.record_results(
            run_id, None, [verdict(row, "done", request_id=f"{run_id} {row}") for row in range(24, -1, -1)]
        )
    for run_id in (RUN, other):
        assert [kept.request_id for kept in journal.verdicts(run_id)] == [f"{run_id} {row}" for row in range(25)]
    last = journal._db.execute("SELECT max(answer) FROM states").fetchone()[0]
    assert last == journal._db.execute("SELECT count(*) FROM answers").fetchone()[0] == 75


def test_every_verdict_and_every_intent_stays_in_the_trail(journal):
    begun(journal).record_intent(RUN, 0, [0], server_time=SERVER)
    for outcome in ("unknown", "done", "unknown"):
        journal.record_results(RUN, 0, [verdict(0, outcome)])
    answers = journal._db.execute("SELECT outcome FROM answers ORDER BY event").fetchall()
    assert answers == [("unknown",), ("done",), ("unknown",)]
    journal.record_intent(RUN, 1, [1, 2], server_time=None)
    journal.record_intent(RUN, 2, [2], server_time=SERVER)
    intents = journal._db.execute('SELECT "row", chunk, attempt, server_time FROM intents ORDER BY event').fetchall()
    when = SERVER.isoformat()
    assert intents == [(0, 0, 1, when), (1, 1, 1, None), (2, 1, 1, None), (2, 2, 2, when)]


def test_a_settled_row_is_never_intended_again_and_nothing_of_that_chunk_is_written(journal):
    begun(journal).record_results(RUN, 0, [verdict(1)])
    with pytest.raises(JournalError, match="settled already"):
        journal.record_intent(RUN, 3, [0, 1, 2], server_time=SERVER)
    assert outcomes(journal) == ["not_sent", "done", "not_sent"]
    assert journal._db.execute("SELECT count(*) FROM intents").fetchone() == (0,)


def first_sent_at(journal, row):
    """What a resume is told of a row in flight (None for one that is not, too)."""
    in_flight, _ = journal.open_work(RUN)
    return next((flight.first_sent_at for flight in in_flight for each in flight.rows if each.row == row), None)


def test_the_first_intents_server_time_stays_through_every_re_sending(journal):
    begun(journal)
    for minute in range(3):
        journal.record_intent(RUN, minute, [0], server_time=SERVER + timedelta(minutes=minute))
    assert first_sent_at(journal, 0) == SERVER
    assert first_sent_at(journal, 1) is None
    assert journal.verdicts(RUN)[0].attempts == 3
    assert journal.verdicts(RUN)[0].chunk == 2


def test_an_unknown_first_server_time_is_not_made_up_by_a_later_one(journal):
    begun(journal).record_intent(RUN, 0, [0], server_time=None)
    journal.record_intent(RUN, 0, [0], server_time=SERVER)
    assert first_sent_at(journal, 0) is None


def test_a_row_that_was_called_unknown_before_any_intent_takes_its_first_intents_time(journal):
    begun(journal).record_results(RUN, None, [verdict(0, "not_sent")])
    journal.record_intent(RUN, 0, [0], server_time=SERVER)
    assert first_sent_at(journal, 0) == SERVER


def test_open_work_is_what_to_settle_by_chunk_and_what_to_send_in_order(journal):
    rows = creates(9)
    journal.begin(header(), rows)
    journal.record_intent(RUN, 1, [4, 5], server_time=SERVER)
    journal.record_intent(RUN, 0, [1, 2, 3], server_time=None)
    journal.record_intent(RUN, 2, [6, 7], server_time=SERVER)
    journal.record_results(RUN, 0, [verdict(1), verdict(2, "unknown"), verdict(3, "not_sent")])
    journal.record_results(RUN, 2, [verdict(6, "rejected"), verdict(7, "invalid")])
    in_flight, unsent = journal.open_work(RUN)
    assert in_flight == [
        Chunk(0, (rows[2],), None, was_sent=True),
        Chunk(1, (rows[4], rows[5]), SERVER, was_sent=True),
    ]
    assert unsent == [rows[0], rows[3], rows[8]]


def test_rows_of_one_chunk_with_different_first_times_are_settled_apart(journal):
    begun(journal).record_intent(RUN, 0, [0], server_time=SERVER)
    later = SERVER + timedelta(seconds=9)
    journal.record_intent(RUN, 0, [0, 1], server_time=later)
    in_flight, _ = journal.open_work(RUN)
    assert [(part.number, part.first_sent_at, [row.row for row in part.rows]) for part in in_flight] == [
        (0, SERVER, [0]),
        (0, later, [1]),
    ]


def test_runs_are_newest_first_with_counts_that_sum_to_the_rows(journal):
    rows = list(range(8))
    begun(journal, rows=9)
    journal.record_results(
        RUN, None, [verdict(row, outcome) for row, outcome in zip(rows, schema.OUTCOMES, strict=False)]
    )
    journal.record_intent(RUN, 3, [7], server_time=None)
    journal.end(RUN, "interrupted")
    begun(journal, rows=0, run_id="20261123-181501-0000")
    newest, oldest = journal.runs()
    assert (newest.run_id, newest.rows, newest.ended, newest.state) == ("20261123-181501-0000", 0, None, "begun")
    counts = {outcome: oldest.counts[outcome] for outcome in schema.OUTCOMES}
    assert counts == dict.fromkeys(schema.OUTCOMES, 1) | {"unknown": 2, "not_sent": 2}
    assert (oldest.rows, oldest.started, oldest.state) == (9, START, "interrupted")
    assert oldest.ended > START
    assert (oldest.action, oldest.account_sid, oldest.base_url) == ("create", "acme1", MUM)


def test_the_newest_run_is_the_last_begun_whatever_the_clock_said(journal):
    begun(journal, run_id="20300101-000000-aaaa")
    begun(journal, run_id="20261123-181500-bbbb")
    assert journal.find().run_id == "20261123-181500-bbbb"


def test_a_run_info_begins_with_the_columns_of_a_runs_frame(journal):
    begun(journal)
    fields = RunInfo.__struct_fields__
    from_options = ("plan_id", "approved_by")  # at the end, since journals of before have none
    assert (*fields[: fields.index("counts")], *journal.find().counts, *from_options) == tuple(schema.RUNS)


def test_the_options_of_a_run_come_back(journal):
    journal.begin(header(on_exists="update", max_deletes=3), [])
    assert journal.find().options == {"on_exists": "update", "max_deletes": 3}


def test_a_resumed_run_is_under_way_again_until_it_ends(journal):
    begun(journal).end(RUN, "stopped")
    journal.reopen(RUN)
    assert (journal.find().state, journal.find().ended) == ("begun", None)
    journal.end(RUN, "finished")
    assert journal.find().state == "finished"
    assert journal.find().ended is not None


def test_a_run_is_found_by_an_unambiguous_beginning_of_its_id(journal):
    for run_id in ("20261123-1", "20261123-12", "20270101-7"):
        begun(journal, run_id=run_id)
    assert journal.find("2027").run_id == "20270101-7"
    assert journal.find("20261123-1").run_id == "20261123-1"
    with pytest.raises(JournalError, match=r"2 runs begin with '2026'.*20261123-12, 20261123-1\."):
        journal.find("2026")
    with pytest.raises(JournalError, match=r"0 runs begin with '%'.*20270101-7, 20261123-12, 20261123-1\."):
        journal.find("%")


def test_an_empty_journal_says_that_there_is_no_run_yet(journal):
    with pytest.raises(JournalError, match="There is no run yet"):
        journal.find()
    assert journal.runs() == []


@pytest.mark.parametrize("verb", ["verdicts", "plan_rows", "open_work", "reopen"])
def test_an_unknown_run_id_is_a_clear_error(journal, verb):
    with pytest.raises(JournalError, match="There is no run nope"):
        getattr(journal, verb)("nope")


def test_a_run_id_is_readable_and_sorts_by_time():
    moment = datetime(2026, 11, 23, 23, 45, tzinfo=INDIA)
    assert new_run_id(moment, lambda size: "ab" * size) == "20261123-181500-abab"
    assert new_run_id(moment) != new_run_id(moment + timedelta(seconds=1))
    assert new_run_id(moment)[:15] < new_run_id(moment + timedelta(seconds=1))[:15]


def test_the_same_run_id_can_not_begin_twice(journal):
    begun(journal)
    with pytest.raises(JournalError, match="report this"):
        begun(journal, rows=5)
    assert journal.find().rows == 3


@pytest.mark.parametrize(
    "write",
    [
        lambda journal: journal.record_intent(RUN, 0, [99], server_time=None),
        lambda journal: journal.record_results(RUN, 0, [verdict(0), verdict(99)]),
        lambda journal: journal.record_results(RUN, 0, [verdict(0), verdict(1, "perhaps")]),
        lambda journal: journal.begin(header("other"), [PlanRow(0, "create", "a"), PlanRow(0, "create", "b")]),
    ],
    ids=["an intent for no row", "a verdict for no row", "an outcome of no kind", "a row twice"],
)
def test_what_contradicts_the_plan_is_refused_whole(journal, write):
    begun(journal)
    with pytest.raises(JournalError, match="can't be written"):
        write(journal)
    assert outcomes(journal) == ["not_sent"] * 3
    assert [run.run_id for run in journal.runs()] == [RUN]


def test_half_a_character_is_refused_in_words(journal):
    with pytest.raises(JournalError, match="lone surrogate"):
        journal.begin(header(), [PlanRow(0, "create", "bob", custom_field="\ud83d")])
    assert journal.runs() == []


def test_everything_is_there_after_closing_and_opening_again(path):
    with Journal.open(path) as journal:
        begun(journal).record_intent(RUN, 0, [0, 1], server_time=SERVER)
        journal.record_results(RUN, 0, [verdict(0)])
    with Journal.open(path) as journal:
        assert outcomes(journal) == ["done", "unknown", "not_sent"]
    assert integrity(path) == [("ok",)]


def test_a_reader_sees_a_run_while_it_is_being_written(path, journal):
    begun(journal)
    with journal.lock(RUN), Journal.open(path, read_only=True) as reader:
        assert outcomes(reader) == ["not_sent"] * 3
        journal.record_intent(RUN, 0, [0], server_time=None)
        assert outcomes(reader) == ["unknown", "not_sent", "not_sent"]
        with journal._for_writing():
            assert reader.find().counts["unknown"] == 1


def test_a_reader_can_not_write(path, journal):
    begun(journal)
    with Journal.open(path, read_only=True) as reader, pytest.raises(JournalError, match="readonly"):
        reader.record_intent(RUN, 0, [0], server_time=None)


def test_reading_a_journal_that_is_not_there_finds_no_runs_and_makes_no_file(path):
    with Journal.open(path, read_only=True) as reader:
        assert reader.runs() == []
    assert not path.parent.exists()


def test_a_closed_journal_says_so(path):
    journal = Journal.open(path)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.runs()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_the_owner_can_read_any_of_the_files(path, journal):
    with begun(journal).lock(RUN):
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == dict.fromkeys([path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"], 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_journal_that_somebody_opened_up_is_closed_to_others_again(path):
    Journal.open(path).close()
    path.chmod(0o644)
    Journal.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_write_is_flushed_to_the_disk_before_it_returns(journal):
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_file_holds_what_it_was_given_and_nothing_of_the_surroundings(path, monkeypatch):
    monkeypatch.setenv("EXOTEL_API_TOKEN", "s3cr3t-of-the-environment")
    with Journal.open(path) as journal, journal.lock(RUN):
        begun(journal).record_intent(RUN, 0, [0], server_time=SERVER)
    stored = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"s3cr3t" not in stored
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = [line[1] for table in tables for line in db.execute(f"PRAGMA table_info({table})")]
    assert not [name for name in columns if any(word in name for word in ("key", "token", "secret", "header"))]


def test_a_plan_row_and_a_verdict_have_a_column_for_each_field(journal):
    for table, record, extra in (("plan", PlanRow, {"run"}), ("answers", Verdict, {"event", "at", "run"})):
        columns = {line[1] for line in journal._db.execute(f"PRAGMA table_info({table})")}
        assert columns - extra == set(record.__struct_fields__) - {"run_id"}


def test_eight_threads_write_at_once_and_nothing_is_lost(path, journal):
    rows = creates(800)
    journal.begin(header(), rows)

    def work(worker):
        for chunk in range(worker, 80, 8):
            numbers = range(chunk * 10, chunk * 10 + 10)
            journal.record_intent(RUN, chunk, numbers, server_time=SERVER)
            journal.record_results(RUN, chunk, [verdict(row) for row in numbers[:-1]])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert outcomes(journal) == (["done"] * 9 + ["unknown"]) * 80
    assert [verdict.chunk for verdict in journal.verdicts(RUN)] == [row // 10 for row in range(800)]
    assert integrity(path) == [("ok",)]


def test_a_large_plan_is_not_held_twice_while_it_is_written(journal):
    rows = creates(20_000)
    tracemalloc.start()
    try:
        journal.begin(header(), rows)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000


@pytest.mark.parametrize("attempt", range(5))
def test_threads_that_open_a_new_journal_at_once_all_get_it(path, attempt):
    barrier = threading.Barrier(8)

    def open_it(number):
        barrier.wait()
        with Journal.open(path, read_only=number % 2 == 1) as journal:
            return len(journal.runs())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [0] * 8


def test_whoever_opens_a_journal_while_another_one_closes_it_gets_it(path):
    """The last who closes a journal removes its -wal and -shm, at any moment of an opening."""

    def open_often(_):
        for _ in range(400):
            with Journal.open(path) as journal:
                assert journal.runs() == []

    Journal.open(path).close()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(open_often, range(2)))


def test_whoever_makes_a_journal_waits_until_another_one_has_made_it(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        ready = threading.Timer(0.6, other.execute, ["ROLLBACK"])
        ready.start()
        with Journal.open(path) as journal:
            assert journal.runs() == []
        ready.join()


def test_each_account_and_each_service_has_a_file_of_its_own(tmp_path):
    accounts = ["acme1", "Acme1", "../../etc/passwd", "a/b", "a_b", "", "CON", "x" * 300, "Zoë", "a\x00b", "\ud800"]
    paths = [journal_path(tmp_path, account, base) for account in accounts for base in (MUM, SGP)]
    assert len({each.name.lower() for each in paths}) == len(paths)
    for each in paths:
        assert each.parent == tmp_path
        assert len(each.name) < 80
        each.touch()


def test_an_address_that_means_the_same_service_leads_to_the_same_file(tmp_path):
    assert journal_path(tmp_path, "acme1", f"{MUM}/") == journal_path(tmp_path, "acme1", MUM.upper())


def test_without_a_folder_the_journal_is_in_the_users_state_directory():
    where = journal_path(None, "acme1", MUM)
    assert where.parent.name == "exotel_frames"
    assert where.is_absolute()


# tests/runs/data/journal-1.sqlite3 was made once, at schema version 1, by `make_journal_1.py` beside it. Never make it
# again: a journal that somebody has must stay readable for ever, so this one must, too.
KEPT = Path(__file__).with_name("data") / "journal-1.sqlite3"
KEPT_OUTCOMES = ["done", "unchanged", "rejected", "invalid", "conflict", "unknown", "not_sent", "unknown", "not_sent"]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_journal_of_version_1_stays_readable(tmp_path, read_only):
    path = tmp_path / KEPT.name
    shutil.copy(KEPT, path)
    with Journal.open(path, read_only=read_only) as journal:
        newest, oldest = journal.runs()
        assert (newest.run_id, newest.state, newest.rows) == ("20261123-190000-0002", "begun", 1)
        assert newest.counts["unknown"] == 1
        assert (oldest.run_id, oldest.state, oldest.rows) == (RUN, "interrupted", 9)
        assert oldest.options == {"on_exists": "skip"}
        assert (oldest.started, oldest.ended) == (START, datetime(2026, 11, 23, 18, 16, tzinfo=UTC))
        assert outcomes(journal, RUN) == KEPT_OUTCOMES
        done = journal.verdicts(RUN)[0]
        assert (done.request_id, done.http_code, done.seconds) == ("8019271c8d98422db509c2801e63435f", 207, 0.25)
        assert done.date_created == "2019-11-19T23:14:18+05:30"
        assert journal.plan_rows(RUN)[0] == PlanRow(0, "update", "bob", "active", "inactive", "old", "Zoë", SERVER)
        in_flight, unsent = journal.open_work(RUN)
        assert [(part.number, part.first_sent_at, [row.row for row in part.rows]) for part in in_flight] == [
            (0, SERVER, [5]),
            (1, None, [7]),
        ]
        assert [row.row for row in unsent] == [6, 8]


def test_a_row_of_an_old_journal_can_be_completed(tmp_path):
    path = tmp_path / KEPT.name
    shutil.copy(KEPT, path)
    with Journal.open(path) as journal:
        before = journal.plan_rows(RUN)
        journal.record_before_image(RUN, PlanRow(8, "update", "name8", "inactive", "inactive", "x", "y", SERVER))
        assert journal.plan_rows(RUN) == before  # its before-image was known


def test_a_run_of_an_old_journal_can_be_resumed(tmp_path):
    path = tmp_path / KEPT.name
    shutil.copy(KEPT, path)
    with Journal.open(path) as journal, journal.lock(RUN):
        journal.reopen(RUN)
        journal.record_results(RUN, 1, [verdict(5), verdict(7)])
        journal.record_intent(RUN, 2, [6, 8], server_time=SERVER)
        journal.record_results(RUN, 2, [verdict(6), verdict(8)])
        journal.end(RUN, "finished")
        assert journal.open_work(RUN) == ([], [])


def test_an_outcome_of_a_later_version_needs_no_rebuild_of_an_old_journal_and_never_counts_as_settled(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(statements, "OUTCOMES", (*schema.OUTCOMES, "deferred"))
    later_run = "20261124-080000-0003"
    path = tmp_path / KEPT.name
    shutil.copy(KEPT, path)
    with Journal.open(path) as journal, journal.lock(later_run):
        begun(journal, rows=2, run_id=later_run)
        journal.record_results(later_run, None, [verdict(0, "deferred"), verdict(1, "done")])
        in_flight, unsent = journal.open_work(later_run)
    assert [[row.row for row in part.rows] for part in in_flight] == [[0]]
    assert unsent == []


def test_answers_that_may_wait_are_on_the_disk_with_the_next_intent(journal, path):
    begun(journal, rows=2).record_intent(RUN, 0, [0], server_time=SERVER)
    journal.record_results(RUN, 0, [verdict(0)], with_next=True)
    with Journal.open(path, read_only=True) as other:
        assert outcomes(other) == ["unknown", "not_sent"]  # a kill now: it is settled by reading
        journal.record_intent(RUN, 1, [1], server_time=SERVER)
        assert outcomes(other) == ["done", "unknown"]


@pytest.mark.parametrize(
    "ends_the_waiting",
    [
        lambda journal: journal.flush(),
        lambda journal: journal.end(RUN, "finished"),
        lambda journal: journal.runs(),
        lambda journal: journal.close(),
    ],
    ids=["asked for", "the end of the run", "a reading of one's own", "closed"],
)
def test_answers_wait_no_longer_than_that(journal, path, ends_the_waiting):
    begun(journal, rows=1).record_intent(RUN, 0, [0], server_time=SERVER)
    journal.record_results(RUN, 0, [verdict(0)], with_next=True)
    ends_the_waiting(journal)
    with Journal.open(path, read_only=True) as other:
        assert outcomes(other) == ["done"]


def test_an_answer_that_can_never_be_written_is_told_once_and_holds_up_nothing(journal):
    begun(journal, rows=2).record_intent(RUN, 0, [0], server_time=SERVER)
    journal.record_results(RUN, 0, [verdict(0)], with_next=True)
    journal.record_results(RUN, 0, [verdict(99)], with_next=True)
    with pytest.raises(JournalError, match="can't be written"):
        journal.record_intent(RUN, 1, [1], server_time=SERVER)
    journal.record_intent(RUN, 1, [1], server_time=SERVER)
    assert outcomes(journal) == ["done", "unknown"]
