"""Earlier runs of an account: list them, read their results, resume one, undo one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
from msgspec import structs

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.errors import JournalError, ValidationError
from exotel_frames.frames import convert
from exotel_frames.frames.part import why_unsure
from exotel_frames.operations.cost import dry_results
from exotel_frames.operations.engine import carry_out_run, interruptible_run, learn_server_time, open_journal
from exotel_frames.operations.execute import subscribers_of
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import origin_attrs, run_id_of, takes_client
from exotel_frames.outcomes import OPEN, Outcome
from exotel_frames.records import Chunk, PlanRow, Subscriber, Verdict, instant
from exotel_frames.runs import verdicts
from exotel_frames.runs.journal import Journal, RunInfo, has_ended, new_run_id
from exotel_frames.runs.progress import Listener
from exotel_frames.runs.runner import chunks_of
from exotel_frames.runs.settle import is_target

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
CHANGED_SINCE = "It has changed since the run was planned: look at it, and plan again."
NOT_CHECKED: Final = "It is not known whether it has changed since the run was planned: {why}. Nothing was sent."


@takes_client
def list_runs(client: Client) -> pd.DataFrame:
    """Return the account's runs on this machine, newest first: when, what, how many rows, and a count of each outcome.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.

    Returns
    -------
    DataFrame
        A runs frame. `plan_id` and `approved_by` say which plan of `read_plan` was applied, and who approved it.

    Raises
    ------
    JournalError
        When the journal can't be read.

    Examples
    --------
    >>> results = create_subscribers(client, pd.DataFrame({"subscriber_name": ["priya07"]}), progress=False)
    >>> list_runs(client)[["action", "rows", "done"]].values.tolist()
    [['create', 1, 1]]
    """
    with open_journal(client, read_only=True) as journal:
        return _as_frame(client, journal.runs())


def _as_frame(client: Client, runs: Sequence[RunInfo]) -> pd.DataFrame:
    rows = [
        {**run.options, **structs.asdict(run), **{str(outcome): count for outcome, count in run.counts.items()}}
        for run in runs
    ]
    return convert.runs_frame(rows, attrs=origin_attrs(client))


@takes_client
def read_results(client: Client, run_id: str | pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the results frame of a run, from the journal.

    It works after a restart, and after a kill: rows that were sent but not answered are `unknown`, and the rest
    `not_sent`.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    run_id : str or DataFrame, optional
        The run, the beginning of its id, or a results frame of it; the newest run by default.

    Returns
    -------
    DataFrame
        A results frame. Its index is the row number, because the journal does not record the caller's index.

    Raises
    ------
    JournalError
        When there is no such run on this machine.

    Examples
    --------
    >>> read_results(client)["outcome"].tolist()
    ['done']
    """
    with open_journal(client, read_only=True) as journal:
        run = journal.find(run_id_of(run_id))
        return convert.results_frame(journal.verdicts(run.run_id), attrs=origin_attrs(client))


@takes_client
def prune_runs(client: Client, *, keep_days: float, dry_run: bool = False) -> pd.DataFrame:
    """Delete the account's old runs from the journal; nothing is deleted without this call.

    Their results and their undo are lost, and the journal's file gets smaller. A run that is in progress, or that has
    unknown or unsent rows, is never deleted, however old it is.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    keep_days : float
        How many days of runs to keep, counted from the end of a run.
    dry_run : bool, default False
        Delete nothing, and return the runs that would be deleted.

    Returns
    -------
    DataFrame
        The runs that were (or would be) deleted, as `list_runs` shows them.

    Raises
    ------
    ValidationError
        When `keep_days` is not a number of days.
    RunLockedError
        While a run is in progress.

    Examples
    --------
    >>> len(prune_runs(client, keep_days=90))
    0
    """
    _need_days(keep_days)
    now = datetime.now(UTC)
    before = now - timedelta(days=min(float(keep_days), (now - _LONG_AGO).days))
    if dry_run:
        with open_journal(client, read_only=True) as journal:
            return _as_frame(client, [run for run in journal.runs() if has_ended(run, before)])
    with open_journal(client) as journal, journal.lock(f"{new_run_id(now)} (prune_runs)"):
        return _as_frame(client, journal.prune(before))


def _need_days(days: float) -> None:
    is_number = isinstance(days, int | float | np.integer) and not isinstance(days, bool)
    if not is_number or not 0 <= days < math.inf:
        raise ValidationError(f"keep_days must be a number of days, 0 or more, not {days!r}.")


@takes_client
def resume_run(
    client: Client,
    run_id: str | pd.DataFrame | None = None,
    *,
    dry_run: bool = False,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Settle the rows of a run whose response was lost, send the rows not sent, and return all its results.

    Updates and deletes that were not sent yet are checked again first: a subscriber that has changed since the run was
    planned becomes a `conflict`.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    run_id : str or DataFrame, optional
        The run, the beginning of its id, or a results frame of it. By default the newest run with rows that are unknown
        or not sent; if there is none, the newest run: then nothing is sent, and its results are returned as they are.
    dry_run : bool, default False
        Send nothing, and look up nothing: return the results as they are. Rows that would be sent are `not_sent`, and
        rows that would be looked up are `unknown`. Its `attrs["exotel_frames"]` has the `requests` for the rows that
        would be sent, and the `minutes` (None while no rate limit is known).
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame with all rows of the run.

    Raises
    ------
    JournalError
        When the run can't be recorded, or (RunLockedError) another run on the account is in progress; nothing is sent.
    AuthError
        When the key, the token or the account is wrong; `.results` has the rows so far.
    RunInterrupted
        When it is stopped by hand; `.results` has the rows so far, and the message has the call that continues the run.

    Examples
    --------
    >>> resume_run(client, progress=False)["outcome"].tolist()
    ['done']
    """
    with open_journal(client, read_only=dry_run) as journal:
        run = _newest_open(journal) if run_id is None else journal.find(run_id_of(run_id))
        _check_place(client, run)
        if dry_run:
            return _current_results(client, journal, run, say=progress is True)
        with interruptible_run(client, run.run_id), journal.lock(run.run_id):
            journal.reopen(run.run_id)  # which checks the file first: a resume acts on what it says
            in_flight, unsent = journal.open_work(run.run_id)
            held: list[Verdict] = []
            if in_flight or unsent:
                learn_server_time(client, progress=progress)
                moved, held = _check_again(client, unsent, progress)
                journal.record_results(
                    run.run_id, None, [structs.replace(verdict, run_id=run.run_id) for verdict in moved]
                )
            settled, chunks = _left_to_do(journal, run.run_id, client.settings.workers, held)
            return carry_out_run(client, journal, run.run_id, chunks, settled, index=None, progress=progress)


def _current_results(client: Client, journal: Journal, run: RunInfo, *, say: bool) -> pd.DataFrame:
    """Return a run's results, and what it would cost to send what it had not sent."""
    unsent = journal.open_work(run.run_id)[1]
    to_send = {row.row for row in unsent}
    others = [verdict for verdict in journal.verdicts(run.run_id) if verdict.row not in to_send]
    return dry_results(client, unsent, others, pd.RangeIndex(run.rows), say=say)


def _check_place(client: Client, run: RunInfo) -> None:
    """Refuse to go on at another address than the one a run was begun at; a sandbox with a state has new ports."""
    here = client.settings
    if here.live and run.base_url.rstrip("/") != here.base_url.rstrip("/"):
        raise JournalError(
            f"Run {run.run_id} was started at {run.base_url}, but this client is at {here.base_url}: nothing was sent. "
            "Connect to that address to go on with it."
        )


def _newest_open(journal: Journal) -> RunInfo:
    """Return the newest run with rows that are unknown or not sent; the newest of all when there is none."""
    return next((run for run in journal.runs() if any(run.counts[outcome] for outcome in OPEN)), None) or journal.find()


def _left_to_do(
    journal: Journal, run_id: str, workers: int, held: Sequence[Verdict]
) -> tuple[list[Verdict], list[Chunk[PlanRow]]]:
    """Return the verdicts that stand, and the chunks that are to be settled or sent; `held` rows are not sent now."""
    in_flight, unsent = journal.open_work(run_id)
    stays = {verdict.row: verdict for verdict in held}
    unsent = [row for row in unsent if row.row not in stays]
    known = [stays.get(verdict.row, verdict) for verdict in journal.verdicts(run_id)]
    doubts = {
        each.subscriber_name: each.error_message or ""
        for each in known
        if each.outcome == "unknown" and each.subscriber_name
    }
    begun = [structs.replace(chunk, doubts=doubts) for chunk in in_flight]
    first_number = 1 + max((verdict.chunk for verdict in known if verdict.chunk is not None), default=-1)
    fresh = chunks_of(unsent, workers=workers, first_number=first_number, key=lambda row: row.action)
    chunks = [*begun, *fresh]
    open_rows = {row.row for chunk in chunks for row in chunk.rows}
    return [verdict for verdict in known if verdict.row not in open_rows], chunks


def _check_again(
    client: Client, unsent: Sequence[PlanRow], progress: bool | Listener
) -> tuple[list[Verdict], list[Verdict]]:
    """Return a verdict for each unsent update or delete whose subscriber has changed since the run was planned.

    And one for each whose subscriber can't be read: whether it has changed is not known, and it stays unsent.
    """
    planned = [row for row in unsent if row.action in {"update", "delete"} and row.date_updated is not None]
    if not planned:
        return [], []
    frame = read_current(client, [row.subscriber_name for row in planned], progress=progress)
    live = subscribers_of(frame)
    pairs = ((row, live.get(row.subscriber_name)) for row in planned)
    moved = [_conflict(row, now) for row, now in pairs if now and instant(now.date_updated) != row.date_updated]
    why = why_unsure(pd.Series([row.subscriber_name for row in planned], dtype=schema.STR), frame)
    unread = ((row, reason) for row, reason in zip(planned, why, strict=True) if reason)
    return moved, [verdicts.blank(row, "not_sent", message=NOT_CHECKED.format(why=reason)) for row, reason in unread]


def _conflict(row: PlanRow, live: Subscriber) -> Verdict:
    already_so = row.action == "update" and is_target(row, live)
    outcome: Outcome
    outcome, message = ("unchanged", "already so") if already_so else ("conflict", CHANGED_SINCE)
    verdict = verdicts.blank(row, outcome, message=message)
    return structs.replace(verdict, **structs.asdict(live))
