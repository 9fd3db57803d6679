"""Subscribers one by one, a GET each: several at once, with a bar, and ended by a Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.errors import ServerError
from exotel_frames.operations.execute import run_with_progress
from exotel_frames.records import PlanRow, Subscriber, Verdict
from exotel_frames.runs.context import StopSignal
from exotel_frames.runs.progress import Listener
from exotel_frames.runs.read_chunk import leave_read, read_chunk
from exotel_frames.runs.runner import chunks_of

NO_SUCH = frozenset({404, 410})


def read_rows(client: Client, rows: Sequence[PlanRow], progress: bool | Listener) -> list[Verdict]:
    """Read each of some rows by its name; one verdict each, in their order."""
    stop_signal = StopSignal()
    found = run_with_progress(
        client,
        "reading",
        chunks_of(rows),
        partial(read_chunk, client.with_stop(stop_signal), stop_signal),
        unfinished=lambda _chunk, row, _under_way: leave_read(stop_signal, row),
        stop_signal=stop_signal,
        progress=progress,
        drain=False,
    )
    if stop_signal.problem:
        raise stop_signal.problem
    return [found[row.row] for row in rows]


def read_names(client: Client, names: Sequence[str], progress: bool | Listener) -> list[Subscriber] | None:
    """Read each name, and return those who exist; None where one can't be read: who can't may exist all the same."""
    try:
        verdicts = read_rows(client, [PlanRow(row, "get", name) for row, name in enumerate(names)], progress)
    except ServerError:
        return None
    if any(each.outcome == "rejected" and each.http_code not in NO_SUCH for each in verdicts):
        return None
    return [as_subscriber(each) for each in verdicts if each.outcome == "done"]


def as_subscriber(verdict: Verdict) -> Subscriber:
    """Return whom a reading has shown."""
    return Subscriber(*(getattr(verdict, name) for name in schema.SUBSCRIBERS))
