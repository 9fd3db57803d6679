"""Carrying out the chunks of any call, with its progress bar and its account's pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import TypeVar

from exotel_frames.api.client import Client
from exotel_frames.records import TokenVerdict, Verdict
from exotel_frames.runs.context import Chunk, StopSignal
from exotel_frames.runs.progress import SILENCE_S, TICK_S, Listener, progress_of
from exotel_frames.runs.runner import Numbered, run_chunks

R = TypeVar("R", bound=Numbered)
T = TypeVar("T")
V = TypeVar("V", Verdict, TokenVerdict)


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

    `work(chunk, on_row=…)` tells each row as it is answered: a chunk of ten updates takes ten requests.
    """
    rows = sum(len(chunk.rows) for chunk in chunks)
    with (
        progress_of(
            progress,
            what,
            rows,
            seconds_for=seconds_for or client.limiter.seconds_for,
            service=client.settings.base_url,
        ) as bar,
        client.limiter.subscribe(bar.waits),
    ):
        return run_chunks(
            chunks,
            partial(work, on_row=bar.tell),
            unfinished=unfinished,
            stop_signal=stop_signal,
            workers=client.settings.workers,
            on_verdicts=bar.add,
            on_tick=bar.draw,
            on_leave=on_leave,
            drain=drain,
        )


def ask_with_progress(client: Client, what: str, ask: Callable[[Client], T], *, progress: bool | Listener) -> T:
    """Return what one request is answered; a service that stays silent is told as in a long run, and it can be stopped.

    Nothing is drawn as long as it is answered at once.
    """
    if not progress:
        return ask(client)
    stop, began_s = threading.Event(), time.monotonic()
    answer: Future[T] = Future()
    thread = threading.Thread(target=_answer, args=(answer, partial(ask, client.with_stop(stop))), daemon=True)
    thread.start()
    try:
        if _has_come(answer, SILENCE_S):
            return answer.result()
        with progress_of(progress, what, service=client.settings.base_url) as bar, client.limiter.subscribe(bar.waits):
            bar.silent_since(began_s)
            bar.draw()
            while not _has_come(answer, TICK_S):
                bar.draw()
        return answer.result()
    finally:
        stop.set()  # whoever has stopped it waits for no answer


def _answer(answer: Future[T], ask: Callable[[], T]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as problem:  # noqa: BLE001 - whatever it is, it is raised where it was asked
        answer.set_exception(problem)


def _has_come(answer: Future[T], timeout_s: float) -> bool:
    return bool(wait([answer], timeout_s).done)
