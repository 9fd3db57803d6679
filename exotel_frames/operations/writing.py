"""The writing verbs: each makes a plan frame, and the engine does the rest."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import UnsafePlanError
from exotel_frames.frames.arguments import names_series, need_columns, without_attrs
from exotel_frames.frames.part import existing_subscribers, may_exist
from exotel_frames.frames.row_numbers import about_rows
from exotel_frames.operations.cost import dry_results
from exotel_frames.operations.engine import Job, job_of, run_job
from exotel_frames.operations.lookup import askable_rows, read_current
from exotel_frames.operations.origin import takes_client
from exotel_frames.operations.own_writes import with_own_writes
from exotel_frames.plans import check_arguments, plan_creates, plan_deletes, plan_updates
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize
from exotel_frames.validation import (
    invalid_rows,
    row_messages,
    twins_of_existing,
    validate_names,
    validate_subscribers,
    without_existing,
)


@takes_client
def create_subscribers(
    client: Client,
    frame: pd.DataFrame,
    *,
    on_exists: Literal["reject", "skip", "update"] = "reject",
    dry_run: bool = False,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Create a subscriber for each row, ten in each request; return one result row for each row, with its index.

    Rows that break a rule become `invalid` and are not sent; the other rows are sent.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    frame : DataFrame
        A frame with subscriber_name, and optionally custom_field and status (`inactive` costs one more request). Other
        columns are not read.
    on_exists : {"reject", "skip", "update"}, default "reject"
        What to do with a name that exists: let the service reject it; leave it `unchanged`; or set the row's custom
        field and keep its status.
    dry_run : bool, default False
        Send no writes, and return a preview of the results: rows that would be sent are `not_sent`. Its
        `attrs["exotel_frames"]` has `requests` and `minutes` (None while no rate limit is known).
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame: as many rows as `frame`, in its order, with its index.

    Raises
    ------
    ValidationError
        When a column is missing, repeated or misspelt; nothing is sent.
    JournalError
        When the run can't be recorded, or (RunLockedError) another run on the account is in progress; nothing is sent.
    AuthError
        When the key, the token or the account is wrong; `.results` has the rows so far.
    RunInterrupted
        When it is stopped by hand; `.results` has the rows so far, and the message has the call that continues the run.

    Examples
    --------
    >>> sheet = pd.DataFrame({"subscriber_name": ["priya07", "not legal"], "custom_field": ["support", None]})
    >>> create_subscribers(client, sheet, progress=False)[["subscriber_name", "outcome"]].values.tolist()
    [['priya07', 'done'], ['not legal', 'invalid']]
    """
    frame = need_columns(frame, [NAME], what="The frame of new subscribers")
    problems = validate_subscribers(frame, action="create")
    current = None
    if on_exists != "reject":
        current = read_current(client, _names_to_look_up(frame[NAME], problems), progress=progress)
        problems = without_existing(problems, frame[NAME], current)
    plan = plan_creates(frame, current=current, on_exists=on_exists)
    return _run(client, job_of("create", plan, row_messages(problems)), frame[NAME], dry_run=dry_run, progress=progress)


@takes_client
def update_subscribers(
    client: Client,
    frame: pd.DataFrame,
    *,
    current: pd.DataFrame | None = None,
    dry_run: bool = False,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Update each row's subscriber, one request each; return one result row for each row, with its index.

    Rows that change nothing are `unchanged`, and not sent. The API requires a status: if a row has none, the current
    status is sent, never a default.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    frame : DataFrame
        A frame with subscriber_name, and status or custom_field or both. A missing or NA value stays as it is; `""`
        clears the custom field. A name that breaks the rules for new names is sent if the service has it.
    current : DataFrame, optional
        What `load_subscribers` returned; without it the subscribers are read first.
    dry_run : bool, default False
        Send no writes, and return a preview of the results: rows that would be sent are `not_sent`. Its
        `attrs["exotel_frames"]` has `requests` and `minutes` (None while no rate limit is known).
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame: as many rows as `frame`, in its order, with its index.

    Raises
    ------
    ValidationError
        When a column is missing, repeated or misspelt, or there is nothing to update; nothing is sent.
    JournalError
        When the run can't be recorded, or (RunLockedError) another run on the account is in progress; nothing is sent.
    AuthError
        When the key, the token or the account is wrong; `.results` has the rows so far.
    RunInterrupted
        When it is stopped by hand; `.results` has the rows so far, and the message has the call that continues the run.

    Examples
    --------
    >>> sheet = pd.DataFrame({"subscriber_name": ["priya07"], "status": ["inactive"]})
    >>> update_subscribers(client, sheet, progress=False)[["outcome", "status", "custom_field"]].values.tolist()
    [['done', 'inactive', 'support']]
    """
    frame = need_columns(frame, [NAME], what="The frame of updates")
    problems = validate_subscribers(frame, action="update")
    names = _names_to_look_up(frame[NAME], problems)
    if current is None:
        current = read_current(client, names, progress=progress)
    else:
        current = _complete_part(
            client, existing_subscribers(current), may_exist(pd.Series(names, dtype="str"), current), progress
        )
        current = with_own_writes(client, current, names, progress=progress)
    problems = without_existing(problems, frame[NAME], current)
    plan = plan_updates(frame, current)
    return _run(client, job_of("update", plan, row_messages(problems)), frame[NAME], dry_run=dry_run, progress=progress)


@takes_client
def delete_subscribers(
    client: Client, names: Any, *, max_deletes: int, dry_run: bool = False, progress: bool | Listener = True
) -> pd.DataFrame:
    """Delete subscribers for good, one request each; return one result row for each name.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    names : list, Series, Index or DataFrame
        The names; from a frame, its column `subscriber_name` or its only column. A name that breaks the rules for new
        names is sent if the service has it.
    max_deletes : int
        How many deletes you allow. If there are more, nothing is sent.
    dry_run : bool, default False
        Send no writes, and return a preview of the results: rows that would be sent are `not_sent`. Its
        `attrs["exotel_frames"]` has `requests` and `minutes` (None while no rate limit is known).
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame: as many rows as names, in their order, with their index.

    Raises
    ------
    ValidationError
        When `max_deletes` is not a number of subscribers; nothing is sent.
    UnsafePlanError
        When more would be deleted than `max_deletes`; nothing is sent.
    JournalError
        When the run can't be recorded, or (RunLockedError) another run on the account is in progress; nothing is sent.
    AuthError
        When the key, the token or the account is wrong; `.results` has the rows so far.
    RunInterrupted
        When it is stopped by hand; `.results` has the rows so far, and the message has the call that continues the run.

    Examples
    --------
    >>> delete_subscribers(client, ["priya07"], max_deletes=1, progress=False)["outcome"].tolist()
    ['done']
    """
    check_arguments(max_deletes, 0.0)
    column = names_series(names)
    _check_deletes(_sound_names(column, validate_names(column)), max_deletes)
    problems, current = _look_before_delete(client, column, progress)
    _check_deletes(_sound_names(column, problems), max_deletes)
    plan = plan_deletes(column, current)
    return _run(client, job_of("delete", plan, row_messages(problems)), column, dry_run=dry_run, progress=progress)


def names_to_delete(client: Client, names: Any, *, progress: bool | Listener = True) -> tuple[list[str], pd.DataFrame]:
    """Return the names that `delete_subscribers` would send, and who was found: what a question has to count."""
    column = names_series(names)
    problems, current = _look_before_delete(client, column, progress)
    return _sound_names(column, problems), current


def _look_before_delete(
    client: Client, column: pd.Series[Any], progress: bool | Listener
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return why some names are not sent, and who was found."""
    problems = validate_names(column)
    current = read_current(client, _names_to_look_up(column, problems), progress=progress)
    problems = without_existing(problems, column, current)
    return pd.concat([problems, twins_of_existing(column, current)]), current


def _check_deletes(sound: list[str], max_deletes: int) -> None:
    if len(sound) > max_deletes:
        raise UnsafePlanError(
            f"This deletes {pluralize(len(sound), 'subscriber')} and max_deletes is {max_deletes:,}. Nothing was sent. "
            f"To allow it: delete_subscribers(client, names, max_deletes={len(sound)})."
        )


def _run(client: Client, job: Job, names: pd.Series[Any], *, dry_run: bool, progress: bool | Listener) -> pd.DataFrame:
    """Run a job, or tell what it would do; the results remember the rows of the file that the names came from."""
    if dry_run:
        results = dry_results(client, job.to_send, job.settled, names.index, say=progress is True)
    else:
        results = run_job(client, job, index=names.index, progress=progress)
    return about_rows(names, results)


def _complete_part(client: Client, current: pd.DataFrame, absent: list[str], progress: bool | Listener) -> pd.DataFrame:
    """Return a part of the subscribers, completed by those of the names that it lacks and that exist."""
    if not absent:
        return current
    live = read_current(client, absent, progress=progress)
    made: pd.DataFrame = pd.concat([without_attrs(current), live[live[NAME].isin(absent)]], ignore_index=True)
    made.attrs = current.attrs
    return made


def _names_to_look_up(names: pd.Series[Any], problems: pd.DataFrame) -> list[str]:
    """Return the names that can be sent, and those that could not be created but may exist."""
    return [*_sound_names(names, problems), *(names.iloc[row] for row in sorted(askable_rows(names, problems)))]


def _sound_names(names: pd.Series[Any], problems: pd.DataFrame) -> list[str]:
    """Return the names of the rows that can be sent."""
    bad = set(invalid_rows(problems))
    return [name for row, name in enumerate(names) if row not in bad]
