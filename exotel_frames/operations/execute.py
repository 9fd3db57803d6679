"""Runs the chunks of any call, with its progress bar and at its account's pace; reading is the simplest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.fetchers import in_background
from exotel_frames.errors import ApiError, ServerError
from exotel_frames.frames import convert
from exotel_frames.records import Chunk, PlanRow, Subscriber, TokenVerdict, Verdict
from exotel_frames.runs.context import AMBIGUOUS_ERRORS, StopSignal, first_failures
from exotel_frames.runs.progress import SILENCE_S, Listener, Progress, progress_of
from exotel_frames.runs.read_rows import leave_read, read_row, row_by_row
from exotel_frames.runs.runner import Numbered, chunks_of, run_chunks

R = TypeVar("R", bound=Numbered)
T = TypeVar("T")
V = TypeVar("V", Verdict, TokenVerdict)


@contextmanager
def show_progress(
    client: Client,
    progress: bool | Listener,
    what: str,
    total: int | None = None,
    seconds_for: Callable[[int], float] = lambda _: 0.0,
) -> Iterator[Progress]:
    """Give what shows how far a call of this client is, and what it waits for."""
    with (
        progress_of(progress, what, total, seconds_for=seconds_for, service=client.settings.base_url) as bar,
        client.limiter.subscribe(bar.on_wait),
    ):
        yield bar


def run_with_progress(  # noqa: PLR0913 - each but the last two is needed
    client: Client,
    what: str,
    chunks: Sequence[Chunk[R]],
    work: Callable[..., Sequence[V]],
    *,
    unfinished: Callable[[Chunk[R], R, bool], V],
    stop_signal: StopSignal,
    progress: bool | Listener,
    seconds_for: Callable[[int], float] | None = None,
    on_leave: Callable[[], None] = lambda: None,
    drain: bool = True,
) -> dict[int, V]:
    """Do all chunks as `run_chunks` does; `seconds_for(rows)` is how long they take at least (None: as requests).

    Where somebody looks, `work(chunk, on_row=…)` tells each row as it is answered: ten updates take ten requests.
    """
    rows = sum(len(chunk.rows) for chunk in chunks)
    with show_progress(client, progress, what, rows, seconds_for or client.limiter.seconds_for) as bar:
        return run_chunks(
            chunks,
            partial(work, on_row=bar.add_row) if bar.is_shown else work,
            unfinished=unfinished,
            stop_signal=stop_signal,
            workers=client.settings.workers,
            on_verdicts=bar.add if bar.is_shown else None,
            on_tick=bar.draw,
            on_leave=on_leave,
            drain=drain,
        )


class _SilentError(Exception):
    """Nothing has come for so long that it is told."""


def ask_with_progress(client: Client, ask: Callable[[Client], T], *, progress: bool | Listener) -> T:
    """Return what one request is answered; a service that stays silent is told as in a long run, and it can be stopped.

    Nothing is drawn as long as it is answered at once.
    """
    if not progress:
        return ask(client)
    stop, began_s = threading.Event(), time.monotonic()
    wait = in_background(ask, client.with_stop(stop))

    def be_silent() -> None:
        if time.monotonic() - began_s >= SILENCE_S:
            raise _SilentError

    try:
        with suppress(_SilentError):
            return wait(be_silent)
        with show_progress(client, progress, "reading") as bar:
            bar.mark_silent(began_s)
            return wait(bar.draw)
    finally:
        stop.set()  # whoever has stopped it waits for no answer


def read_until_failure(client: Client, rows: Sequence[PlanRow], progress: bool | Listener) -> list[Verdict]:
    """Read each of some rows by its name until the service fails; those that were not asked for have no `attempts`."""
    return _read_rows(client, rows, progress, stops_with=ServerError)


def read_despite_failures(client: Client, rows: Sequence[PlanRow], progress: bool | Listener) -> list[Verdict]:
    """Read each of some rows by its name, of a service that is there: a few whom it fails to show stop nobody.

    Theirs is `not_sent`, with what it has answered; after more than `FAILURES_MAX` of them, so are all that are left.
    """
    return _read_rows(client, rows, progress, tolerates=first_failures(), stops_with=AMBIGUOUS_ERRORS)


def _read_rows(
    client: Client,
    rows: Sequence[PlanRow],
    progress: bool | Listener,
    *,
    tolerates: Callable[[ApiError], bool] = lambda _: False,
    stops_with: type[ApiError] | tuple[type[ApiError], ...],
) -> list[Verdict]:
    """Read each of some rows; what stops that is raised, unless it is of the kinds with which it may stop.

    One verdict each, in their order.
    """
    stop_signal = StopSignal()
    found = run_with_progress(
        client,
        "reading",
        chunks_of(rows, workers=client.settings.workers),
        row_by_row(partial(read_row, client.with_stop(stop_signal), stop_signal, tolerates)),
        unfinished=lambda _chunk, row, _under_way: leave_read(stop_signal, row),
        stop_signal=stop_signal,
        progress=progress,
        drain=False,
    )
    if stop_signal.problem and not isinstance(stop_signal.problem, stops_with):
        raise stop_signal.problem
    return [found[row.row] for row in rows]


def subscribers_of(frame: pd.DataFrame) -> dict[str, Subscriber]:
    """Return the subscribers of a frame by their names."""
    return {record[schema.NAME]: Subscriber(**record) for record in convert.records(frame)}


def as_subscriber(verdict: Verdict) -> Subscriber:
    """Return whom a reading has shown."""
    return Subscriber(**{name: getattr(verdict, name) for name in schema.SUBSCRIBERS})
