"""The one engine: a plan goes in, is journaled, sent and settled, and a results frame comes out.

Nothing else writes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from logging import INFO
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from msgspec import structs

from exotel_frames import schema
from exotel_frames.api.client import LOGGER, Client
from exotel_frames.errors import ApiError, AuthError, JournalError, RunInterrupted
from exotel_frames.frames import convert
from exotel_frames.frames.summary import headline
from exotel_frames.operations.cost import pace_of
from exotel_frames.operations.execute import ask_with_progress, run_with_progress
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.operations.notes import with_notes
from exotel_frames.operations.origin import origin_attrs
from exotel_frames.operations.service_behavior import use_behavior, write_news
from exotel_frames.outcomes import OPEN, WAS_SENT, Outcome
from exotel_frames.records import Chunk, PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.clock import ServiceClocks
from exotel_frames.runs.context import RunContext, StopSignal
from exotel_frames.runs.interrupts import one_interrupt
from exotel_frames.runs.journal import Journal, RunHeader, new_run_id
from exotel_frames.runs.progress import Listener
from exotel_frames.runs.runner import chunks_of
from exotel_frames.runs.write_chunk import leave_write, write_chunk

_NOTHING_INVALID: Final[Mapping[int, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Job:
    """What a run is to do: every row of the plan, and the verdicts of those that need no request."""

    action: str
    rows: Sequence[PlanRow]
    settled: Sequence[Verdict]

    @property
    def to_send(self) -> list[PlanRow]:
        """The rows that need a request."""
        settled = {verdict.row for verdict in self.settled}
        return [row for row in self.rows if row.row not in settled]


def job_of(action: str, plan: pd.DataFrame, invalid: Mapping[int, str] = _NOTHING_INVALID) -> Job:
    """Return what is to be done for a plan; rows with problems, conflicts or nothing to do are settled already.

    `invalid` has the message of each row that must not be sent.
    """
    names = plan["subscriber_name"]
    rows = convert.plan_rows(plan.assign(subscriber_name=names.fillna("")) if names.hasnans else plan)
    settled = {row: _invalid(rows[row], message) for row, message in invalid.items()}
    for row, note, conflict in zip(rows, plan["note"], plan["conflict"], strict=True):
        outcome: Outcome | None = "conflict" if conflict else "unchanged" if row.action == "none" else None
        if outcome and row.row not in settled:
            settled[row.row] = _planned_verdict(row, outcome, None if pd.isna(note) else note)
    return Job(action, rows, list(settled.values()))


def _invalid(row: PlanRow, message: str) -> Verdict:
    return structs.replace(verdicts.blank(row, "invalid", message=message), subscriber_name=row.subscriber_name or None)


def _planned_verdict(row: PlanRow, outcome: Outcome, note: str | None) -> Verdict:
    verdict = verdicts.blank(row, outcome, message=note)
    before = {name: getattr(row, f"{name}_from") for name in schema.FIELDS}
    return structs.replace(verdict, date_updated=row.date_updated, **before)


def open_journal(client: Client, *, read_only: bool = False) -> Journal:
    """Open the journal of the client's account."""
    return Journal.open(journal_file(client.settings), read_only=read_only)


def run_job(
    client: Client,
    job: Job,
    *,
    index: pd.Index[Any] | None,
    progress: bool | Listener = True,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> pd.DataFrame:
    """Run a job from its beginning; one result row for each of its rows, in their order, with the caller's index.

    `options` are written down with the run: which plan it is, and who approved it.

    Ctrl-C raises RunInterrupted once the run is written down, whether anything was sent by then or not: its `.results`
    have every row, and `resume_run` goes on. Before that it is a plain KeyboardInterrupt: there is no run yet.
    """
    if not job.rows:
        return convert.results_frame([], index, attrs=origin_attrs(client))
    if job.to_send:
        learn_server_time(client, progress=progress)
    run_id = new_run_id(datetime.now(UTC))
    settings = client.settings
    header = RunHeader(run_id, datetime.now(UTC), job.action, settings.account_sid, settings.base_url, dict(options))
    settled = [structs.replace(verdict, run_id=run_id) for verdict in job.settled]
    with interruptible_run(client, run_id, index), open_journal(client) as journal, journal.lock(run_id):
        journal.begin(header, job.rows, settled)
        chunks = chunks_of(job.to_send, workers=settings.workers, key=lambda row: row.action)
        return carry_out_run(client, journal, run_id, chunks, settled, index=index, progress=progress)


@contextmanager
def interruptible_run(client: Client, run_id: str, index: pd.Index[Any] | None = None) -> Iterator[None]:
    """Make each Ctrl-C inside a RunInterrupted with what the journal knows; before there is a run it stays as it is."""
    with one_interrupt():
        try:
            yield
        except RunInterrupted:
            raise
        except KeyboardInterrupt:
            results = _results_after_interrupt(client, run_id, index)
            if results is None:
                raise
            raise _interruption(run_id, results) from None


def _results_after_interrupt(client: Client, run_id: str, index: pd.Index[Any] | None) -> pd.DataFrame | None:
    try:
        with open_journal(client) as journal:
            state = next((run.state for run in journal.runs() if run.run_id == run_id), None)
            if state is None:
                return None
            if state == "begun":
                journal.end(run_id, "interrupted")
            return convert.results_frame(journal.verdicts(run_id), index, attrs=origin_attrs(client))
    except JournalError:
        return None  # the wish to stop comes first


def _interruption(run_id: str, results: pd.DataFrame) -> RunInterrupted:
    message = f"Stopped: {headline(results)}. {_how_to_go_on(run_id, results)}"
    return RunInterrupted(message, run_id=run_id, results=results)


def _how_to_go_on(run_id: str, results: pd.DataFrame) -> str:
    is_open = results["outcome"].isin(OPEN).any()
    return f"Go on with: ef.resume_run(client, {run_id!r})." if is_open else "Nothing is left to do."


def learn_server_time(client: Client, *, progress: bool | Listener = False) -> None:
    """Ask for one row when nothing was answered yet: it proves the key, and tells the limit and the server's clock."""
    if client.server_time() is None:
        ask_with_progress(client, lambda stoppable: stoppable.list_page(page_size=1), progress=progress)


def carry_out_run(
    client: Client,
    journal: Journal,
    run_id: str,
    chunks: Sequence[Chunk[PlanRow]],
    settled: Sequence[Verdict],
    *,
    index: pd.Index[Any] | None,
    progress: bool | Listener,
) -> pd.DataFrame:
    """Carry out a run's chunks, and end it in the journal however it ends."""
    stop_signal = StopSignal()
    journal.is_stopped = stop_signal.is_set
    known = use_behavior(client)
    behavior = dict(known)
    context = _context(client, journal, run_id, chunks, stop_signal, behavior)
    found = run_with_progress(
        client,
        "writing",
        chunks,
        partial(write_chunk, context),
        unfinished=partial(leave_write, context),
        stop_signal=stop_signal,
        progress=progress,
        seconds_for=pace_of(client, chunks),
        on_leave=journal.flush,
    )
    results = convert.results_frame([*settled, *found.values()], index, attrs=origin_attrs(client))
    write_news(client, behavior, known)  # the next run begins with what this one has seen
    with_notes(results, say=progress is True)
    _end(journal, run_id, stop_signal)
    if LOGGER.isEnabledFor(INFO):  # to count the rows takes longer than many a run
        LOGGER.info("run %s: %s", run_id, headline(results))
    _raise_what_stopped(stop_signal, run_id, results)
    if progress is True:
        print(f"{headline(results)} (run {run_id})")  # noqa: T201 - a saved notebook shows the bar at 0 %
    return results


def _context(
    client: Client,
    journal: Journal,
    run_id: str,
    chunks: Sequence[Chunk[PlanRow]],
    stop_signal: StopSignal,
    behavior: dict[str, str],
) -> RunContext:
    return RunContext(
        client.with_stop(stop_signal),
        journal,
        run_id,
        client.settings.settle_delay_s,
        lambda: random.uniform(0.7, 1.3),  # noqa: S311 - no secret
        stop_signal,
        ServiceClocks(journal.clock_gaps()),
        journal.last_known((row.subscriber_name for chunk in chunks for row in chunk.rows), besides=run_id),
        behavior,
    )


def _end(journal: Journal, run_id: str, stop_signal: StopSignal) -> None:
    interrupted = isinstance(stop_signal.problem, KeyboardInterrupt)
    try:
        journal.end(run_id, "interrupted" if interrupted else "stopped" if stop_signal.is_set() else "finished")
    except JournalError as problem:
        # else the disk was full before, and that is what matters; and the wish to stop comes first
        if not isinstance(stop_signal.problem, JournalError | KeyboardInterrupt):
            stop_signal.problem = problem


def _raise_what_stopped(stop_signal: StopSignal, run_id: str, results: pd.DataFrame) -> None:
    """Raise what stopped a run, with the results so far; if only the service went away, the rows say so."""
    problem = stop_signal.problem
    if isinstance(problem, KeyboardInterrupt):
        raise _interruption(run_id, results) from None
    was_sent = isinstance(problem, AuthError) and results["outcome"].isin(WAS_SENT).any()
    if isinstance(problem, JournalError | AuthError) and not was_sent:
        problem.results = results
        raise problem
    if problem is not None and not isinstance(problem, ApiError):
        problem.add_note(f"Stopped: {headline(results)}. {_how_to_go_on(run_id, results)}")
        with suppress(AttributeError):
            problem.results = results  # type: ignore[attr-defined]
        raise problem
