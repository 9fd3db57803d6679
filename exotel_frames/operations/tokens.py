"""The tokens of devices: a verb without a plan and without a journal."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import ApiError, RunInterrupted
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.row_numbers import about_rows
from exotel_frames.operations.cost import cost_of, with_cost
from exotel_frames.operations.engine import learn_server_time
from exotel_frames.operations.execute import run_with_progress
from exotel_frames.operations.lookup import without_existing_names
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.records import TokenRow, TokenVerdict
from exotel_frames.runs.context import StopSignal
from exotel_frames.runs.progress import Listener
from exotel_frames.runs.read_rows import row_by_row
from exotel_frames.runs.runner import chunks_of
from exotel_frames.runs.tokens import LOST_TOKENS, leave_tokens, make_tokens
from exotel_frames.schema import NAME
from exotel_frames.validation import row_messages, validate_tokens


@takes_client
def create_tokens(
    client: Client, frame: pd.DataFrame, *, dry_run: bool = False, progress: bool | Listener = True
) -> pd.DataFrame:
    """Make the two tokens of each device, one request each; return one row for each device.

    The access token is valid for 30 minutes, the refresh token for 24 hours; the frame has the exact expiry times.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    frame : DataFrame
        A frame with subscriber_name, platform ("android" or "ios", in any case) and device_id.
    dry_run : bool, default False
        Send no writes, and return a preview of the results: rows that would be sent are `not_sent`. Its
        `attrs["exotel_frames"]` has `requests` and `minutes` (None while no rate limit is known).
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A tokens frame with the index of `frame`. The tokens are masked wherever they are shown: `.reveal()` returns the
        text.

    Raises
    ------
    ValidationError
        When a column is missing, repeated or misspelt; nothing is sent.
    AuthError
        When the key, the token or the account is wrong.
    RunInterrupted
        When it is stopped by hand; `.results` has the tokens so far.

    Examples
    --------
    >>> devices = pd.DataFrame({"subscriber_name": ["0000000000000000"], "platform": ["iOS"], "device_id": ["d1"]})
    >>> create_tokens(client, devices, progress=False)[["outcome", "error_code"]].values.tolist()
    [['rejected', 1000]]
    """
    frame = need_columns(frame, [NAME, "platform", "device_id"], what="The frame of devices")
    problems = without_existing_names(client, frame[NAME], validate_tokens(frame), progress=False)
    messages = row_messages(problems)
    cells = zip(frame[NAME], frame["platform"], frame["device_id"], strict=True)
    devices = [
        TokenRow(row, _text(name), _text(platform).lower(), _text(device_id))
        for row, (name, platform, device_id) in enumerate(cells)
    ]
    settled = [leave_tokens(row, "invalid", messages[row.row]) for row in devices if row.row in messages]
    to_make = [row for row in devices if row.row not in messages]
    if dry_run:
        would = [leave_tokens(row, "not_sent", "dry run: this would be sent (token)") for row in to_make]
        frames = convert.tokens_frame([*settled, *would], frame.index, attrs=origin_attrs(client))
        return with_cost(client, frames, len(to_make), cost_of(client, len(to_make)), say=progress is True)
    found = _make_tokens(client, to_make, progress)
    tokens = convert.tokens_frame([*settled, *found], frame.index, attrs=origin_attrs(client))
    return about_rows(frame[NAME], tokens)


def _make_tokens(client: Client, rows: list[TokenRow], progress: bool | Listener) -> list[TokenVerdict]:
    stop_signal = StopSignal()
    if rows:
        learn_server_time(client, progress=progress)  # a wrong key is told after one request
    found = run_with_progress(
        client,
        "tokens",
        chunks_of(rows, workers=client.settings.workers),
        row_by_row(partial(make_tokens, client.with_stop(stop_signal), stop_signal)),
        unfinished=lambda _chunk, row, under_way: leave_tokens(
            row, "unknown" if under_way else "not_sent", LOST_TOKENS if under_way else stop_signal.reason
        ),
        stop_signal=stop_signal,
        progress=progress,
    )
    if isinstance(stop_signal.problem, KeyboardInterrupt):
        raise RunInterrupted(
            "Stopped. The tokens made so far are in .results.", results=convert.tokens_frame(list(found.values()))
        )
    if stop_signal.problem and not isinstance(stop_signal.problem, ApiError):
        raise stop_signal.problem
    return list(found.values())


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else "" if pd.isna(cell) else str(cell)
