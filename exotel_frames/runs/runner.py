"""Runs many rows safely: chunks of up to ten, worker threads, one verdict a row, and a stop that loses nothing."""

from __future__ import annotations

import itertools
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from exotel_frames import schema
from exotel_frames.records import Chunk
from exotel_frames.runs.context import StopSignal

POLL_S = 0.2
"""How long the main thread waits at a time: on Windows nothing else lets Ctrl-C through. Progress is drawn as often."""

DRAIN_S = 0.5
"""How long a stopped run waits for answers that are under way; what has none by then is settled by a resume."""

BY_HAND = "The run was stopped by hand."


class Numbered(Protocol):
    """Whatever belongs to one row."""

    @property
    def row(self) -> int:
        """The 0-based position in the caller's frame."""


R = TypeVar("R", bound=Numbered)
V = TypeVar("V", bound=Numbered)


def chunks_of(
    rows: Sequence[R], *, workers: int = 1, first_number: int = 0, key: Callable[[R], Any] = lambda _: None
) -> list[Chunk[R]]:
    """Cut rows into chunks of at most ten in their order; the rows of a chunk have the same key.

    What takes a request each, all but creates, is shared among the workers: towards the end the chunks get smaller, so
    that nobody has ten rows left when the others have none.

    >>> from exotel_frames.records import PlanRow
    >>> updates = [PlanRow(row, "update", f"u{row}") for row in range(25)]
    >>> [len(chunk.rows) for chunk in chunks_of(updates, workers=2, key=lambda row: row.action)]
    [10, 8, 4, 2, 1]
    """
    groups = (list(group) for _, group in itertools.groupby(rows, key=key))
    parts = (part for group in groups for part in _parts(group, 1 if key(group[0]) == "create" else workers))
    return [Chunk(number, part) for number, part in enumerate(parts, first_number)]


def _parts(rows: Sequence[R], workers: int) -> Iterator[tuple[R, ...]]:
    first = 0
    while first < len(rows):
        size = min(schema.CREATE_MAX, math.ceil((len(rows) - first) / workers))
        yield tuple(rows[first : first + size])
        first += size


def run_chunks(  # noqa: PLR0913 - all but two have defaults
    chunks: Sequence[Chunk[R]],
    work: Callable[[Chunk[R]], Sequence[V]],
    *,
    unfinished: Callable[[Chunk[R], R, bool], V],
    stop_signal: StopSignal,
    workers: int,
    on_verdicts: Callable[[Sequence[V]], None] | None = None,
    on_tick: Callable[[], None] = lambda: None,
    on_leave: Callable[[], None] = lambda: None,
    drain: bool = True,
) -> dict[int, V]:
    """Do all chunks; return one verdict for each of their rows, by row.

    `unfinished(chunk, row, under_way)` says what becomes of a row that nobody finished. KeyboardInterrupt: what is
    under way gets DRAIN_S to finish, then the verdicts are returned with `stop_signal` set; a second one leaves it at
    once, as does the first one without `drain` (of reads nothing stays open). Whatever else a worker, or the progress,
    raises stops the run, and stands in `stop_signal.problem`. A worker for whom nothing is left calls `on_leave`.
    Without `on_verdicts` the waiting thread sleeps on while chunks are finished: to wake it costs more than a verdict.
    """
    pool = _WorkerPool(chunks, work, stop_signal, on_leave, tells_each=on_verdicts is not None)
    found: dict[int, V] = {}
    show = _Shown(stop_signal)

    def collect(at_most_s: float = math.inf) -> None:
        for part in pool.results(lambda: show(on_tick), at_most_s):
            found.update({verdict.row: verdict for verdict in part})
            if on_verdicts is not None:
                show(on_verdicts, part)

    try:
        try:
            pool.start(min(workers, len(chunks)))
            collect()
        except KeyboardInterrupt as stop:
            stop_signal.stop(BY_HAND, stop)
            if drain:
                collect(DRAIN_S)
    except KeyboardInterrupt as stop:  # a second one: what is under way stays open in the journal
        stop_signal.stop(BY_HAND, stop)
    found.update({verdict.row: verdict for part in pool.collect_finished() for verdict in part})
    for chunk in chunks:
        under_way = chunk.was_sent or chunk.number in pool.started
        found.update({row.row: unfinished(chunk, row, under_way) for row in chunk.rows if row.row not in found})
    return found


class _Shown:
    """Calls whatever shows the progress, until that fails once: then the run stops in good order."""

    def __init__(self, stop_signal: StopSignal) -> None:
        self._stop_signal = stop_signal
        self._works = True

    def __call__(self, show: Callable[..., None], *arguments: Any) -> None:
        try:
            if self._works:
                show(*arguments)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is raised again with the run's results
            self._works = False
            self._stop_signal.stop(f"The run was stopped: its progress could not be shown ({problem!r}).", problem)


class _WorkerPool(Generic[R, V]):
    """Worker threads that take the chunks one by one; daemons, so that a second Ctrl-C need not wait for them."""

    def __init__(
        self,
        chunks: Sequence[Chunk[R]],
        work: Callable[[Chunk[R]], Sequence[V]],
        stop_signal: StopSignal,
        on_leave: Callable[[], None],
        *,
        tells_each: bool,
    ) -> None:
        self._todo = iter(chunks)
        self._work = work
        self._stop_signal = stop_signal
        self._on_leave = on_leave
        self._lock = threading.Lock()
        self._tells_each = tells_each
        self._finished: deque[Sequence[V]] = deque()
        self._news: queue.SimpleQueue[int] = queue.SimpleQueue()
        """By how many workers fewer are at work: 0 says only that a chunk is finished, 1 that a worker has left."""
        self._threads: list[threading.Thread] = []
        self._left = 0
        self.started: set[int] = set()

    def start(self, workers: int) -> None:
        """Set so many to work."""
        for number in range(workers):
            thread = threading.Thread(target=self._run, name=f"exotel_frames-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def results(self, on_tick: Callable[[], None], at_most_s: float = math.inf) -> Iterator[Sequence[V]]:
        """Yield each finished chunk, until all workers have left, or the time is over."""
        until_s = time.monotonic() + at_most_s
        while self._left < len(self._threads) and time.monotonic() < until_s:
            try:
                self._left += self._news.get(timeout=POLL_S)
            except queue.Empty:
                on_tick()
                if self._is_deserted():
                    break
            yield from self.collect_finished()

    def collect_finished(self) -> Iterator[Sequence[V]]:
        """Yield what is finished and was not yielded yet."""
        while self._finished:
            yield self._finished.popleft()

    def _is_deserted(self) -> bool:
        """Tell whether nobody works any more, and all was heard: a Ctrl-C can keep a thread from starting."""
        return not any(thread.is_alive() for thread in self._threads) and self._news.empty()

    def _run(self) -> None:
        try:
            while chunk := self._next():
                self._finished.append(self._work(chunk))
                if self._tells_each:
                    self._news.put(0)
            self._on_leave()
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
            self._stop_signal.stop(f"The run was stopped: {problem}", problem)
        finally:
            self._news.put(1)

    def _next(self) -> Chunk[R] | None:
        with self._lock:
            chunk = None if self._stop_signal.is_set() else next(self._todo, None)
            if chunk:
                self.started.add(chunk.number)
            return chunk
