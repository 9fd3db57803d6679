"""The writing verbs: each makes a plan frame, and the engine does the rest."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.api.wire import expiry
from exotel_frames.errors import ApiError, RunInterrupted, UnsafePlanError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import names_series, need_columns
from exotel_frames.operations.cost import cost_of, dry_results, told_dry
from exotel_frames.operations.engine import Job, job_of, learn_server_time, run_job
from exotel_frames.operations.execute import run_with_progress
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.operations.own_writes import with_own_writes
from exotel_frames.plans import plan_creates, plan_deletes, plan_updates
from exotel_frames.records import TokenRow, TokenVerdict
from exotel_frames.runs.context import StopSignal
from exotel_frames.runs.progress import Listener
from exotel_frames.runs.read_chunk import LOST_TOKENS, leave_tokens, token_chunk
from exotel_frames.runs.runner import chunks_of
from exotel_frames.validation import invalid_rows, row_messages, validate_names, validate_subscribers, validate_tokens

NAME = "subscriber_name"


@takes_client
def create_subscribers(
    client: Client,
    frame: pd.DataFrame,
    *,
    on_exists: Literal["reject", "skip", "update"] = "reject",
    dry_run: bool = False,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Create a subscriber for each row, ten a request; one result row for each row, with its index.

    `frame` has subscriber_name and may have custom_field and status (`inactive` costs an update more). Rows that break
    a rule become `invalid` and are not sent; the others go. A name that exists is `rejected` by the service, unless
    `on_exists` is "skip" (`unchanged`) or "update" (gets the row's custom field, keeps its status).

    `dry_run=True` sends nothing that writes, and returns the frame that would come, with requests and minutes in attrs.

    >>> sheet = pd.DataFrame({"subscriber_name": ["priya07", "not legal"], "custom_field": ["support", None]})
    >>> create_subscribers(client, sheet, progress=False)[["subscriber_name", "outcome"]].values.tolist()
    [['priya07', 'done'], ['not legal', 'invalid']]
    """
    frame = need_columns(frame, [NAME], what="The frame of new subscribers")
    problems = validate_subscribers(frame, action="create")
    current = None
    if on_exists != "reject":
        current = read_current(client, _sound_names(frame[NAME], problems), progress=progress)
    plan = plan_creates(frame, current=current, on_exists=on_exists)
    return _run(client, job_of("create", plan, row_messages(problems)), frame.index, dry_run=dry_run, progress=progress)


@takes_client
def update_subscribers(
    client: Client,
    frame: pd.DataFrame,
    *,
    current: pd.DataFrame | None = None,
    dry_run: bool = False,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Update each row's subscriber; one result row for each row, with its index.

    `frame` has subscriber_name and status or custom_field or both. What is missing or NA stays as it is, `""` clears
    the custom field. The API insists on a status: without one the current one is sent, never a default. `current` is a
    frame of `load_subscribers`; without it the service is read first. Rows that change nothing are `unchanged`, and not
    sent.

    `dry_run=True` sends nothing that writes, and returns the frame that would come, with requests and minutes in attrs.

    >>> sheet = pd.DataFrame({"subscriber_name": ["priya07"], "status": ["inactive"]})
    >>> update_subscribers(client, sheet, progress=False)[["outcome", "status", "custom_field"]].values.tolist()
    [['done', 'inactive', 'support']]
    """
    frame = need_columns(frame, [NAME], what="The frame of updates")
    problems = validate_subscribers(frame, action="update")
    if current is None:
        current = read_current(client, _sound_names(frame[NAME], problems), progress=progress)
    else:
        current = with_own_writes(client, current, _sound_names(frame[NAME], problems))
    plan = plan_updates(frame, current)
    return _run(client, job_of("update", plan, row_messages(problems)), frame.index, dry_run=dry_run, progress=progress)


@takes_client
def delete_subscribers(
    client: Client, names: Any, *, max_deletes: int, dry_run: bool = False, progress: bool | Listener = True
) -> pd.DataFrame:
    """Delete subscribers for good; one result row for each name.

    `max_deletes` is how many you mean to delete: one more, and UnsafePlanError is raised before anything is sent.

    `dry_run=True` sends nothing that writes, and returns the frame that would come, with requests and minutes in attrs.

    >>> delete_subscribers(client, ["priya07"], max_deletes=1, progress=False)["outcome"].tolist()
    ['done']
    """
    column = names_series(names)
    problems = validate_names(column)
    sound = _sound_names(column, problems)
    if len(sound) > max_deletes:
        raise UnsafePlanError(
            f"This deletes {len(sound):,} subscribers and max_deletes is {max_deletes:,}. Nothing was sent. "
            f"To allow it: delete_subscribers(client, names, max_deletes={len(sound)})."
        )
    plan = plan_deletes(column, read_current(client, sound, progress=progress))
    return _run(
        client, job_of("delete", plan, row_messages(problems)), column.index, dry_run=dry_run, progress=progress
    )


@takes_client
def create_tokens(
    client: Client, frame: pd.DataFrame, *, dry_run: bool = False, progress: bool | Listener = True
) -> pd.DataFrame:
    """Make the two tokens of each device; one row for each row, the tokens wrapped (`.reveal()` gives the text).

    `frame` has subscriber_name, platform ("android" or "ios", in any case) and device_id. The access token lives 30
    minutes, the refresh token 24 hours (API.md); when exactly they end stands beside them.

    `dry_run=True` sends nothing that writes, and returns the frame that would come, with requests and minutes in attrs.

    >>> devices = pd.DataFrame({"subscriber_name": ["0000000000000000"], "platform": ["iOS"], "device_id": ["d1"]})
    >>> create_tokens(client, devices, progress=False)[["outcome", "error_code"]].values.tolist()
    [['rejected', 1000]]
    """
    frame = need_columns(frame, [NAME, "platform", "device_id"], what="The frame of devices")
    problems = validate_tokens(frame)
    messages = row_messages(problems)
    cells = zip(frame[NAME], frame["platform"], frame["device_id"], strict=True)
    asked = [_token_row(row, *texts) for row, texts in enumerate(cells)]
    settled = [leave_tokens(row, "invalid", messages[row.row]) for row in asked if row.row in messages]
    to_make = [row for row in asked if row.row not in messages]
    if dry_run:
        would = [leave_tokens(row, "not_sent", "dry run: this would be sent (token)") for row in to_make]
        frames = convert.tokens_frame([*settled, *would], frame.index, attrs=origin_attrs(client))
        return told_dry(client, frames, len(to_make), cost_of(client, len(to_make)), say=progress is True)
    found = _make_tokens(client, to_make, progress)
    return convert.tokens_frame([*settled, *found], frame.index, attrs=origin_attrs(client))


def _run(client: Client, job: Job, index: pd.Index[Any], *, dry_run: bool, progress: bool | Listener) -> pd.DataFrame:
    """Run a job, or tell what it would do."""
    if dry_run:
        return dry_results(client, job.to_send, job.settled, index, say=progress is True)
    return run_job(client, job, index=index, progress=progress)


def _make_tokens(client: Client, rows: list[TokenRow], progress: bool | Listener) -> list[TokenVerdict]:
    stop_signal = StopSignal()
    if rows:
        learn_server_time(client)  # a wrong key is told after one request
    found = run_with_progress(
        client,
        "tokens",
        chunks_of(rows),
        partial(token_chunk, client.with_stop(stop_signal), stop_signal, expiry),
        unfinished=lambda _chunk, row, under_way: leave_tokens(
            row, "unknown" if under_way else "not_sent", LOST_TOKENS if under_way else stop_signal.reason
        ),
        stop_signal=stop_signal,
        progress=progress,
    )
    if isinstance(stop_signal.problem, KeyboardInterrupt):
        raise RunInterrupted(
            "Stopped; .results has the tokens made so far.", results=convert.tokens_frame(list(found.values()))
        )
    if stop_signal.problem and not isinstance(stop_signal.problem, ApiError):
        raise stop_signal.problem
    return list(found.values())


def _token_row(row: int, name: Any, platform: Any, device_id: Any) -> TokenRow:
    return TokenRow(row, _text(name), _text(platform).lower(), _text(device_id))


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else "" if pd.isna(cell) else str(cell)


def _sound_names(names: pd.Series[Any], problems: pd.DataFrame) -> list[str]:
    """Return the names of the rows that can be sent."""
    bad = set(invalid_rows(problems))
    return [name for row, name in enumerate(names) if row not in bad]
