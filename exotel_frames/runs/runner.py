"""Many rows, safely: chunks of ten, worker threads, one verdict a row, and a stop that loses nothing."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence

from msgspec import structs

from exotel_frames import schema
from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.changes import change_row
from exotel_frames.runs.creates import create_rows
from exotel_frames.runs.work import Chunk, Work

POLL_S = 0.2
"""How long the main thread waits at a time: on Windows nothing else lets Ctrl-C through. Progress is drawn as often."""
ABANDONED = "The run was stopped at once while this was under way. resume_run(client) finds out what became of it."


def chunks_of(rows: Sequence[PlanRow], *, first_number: int = 0) -> Iterator[Chunk]:
    """Cut rows into chunks of ten with the same action, in their order."""
    numbers = itertools.count(first_number)
    for _, group in itertools.groupby(rows, key=lambda row: row.action):
        while part := tuple(itertools.islice(group, schema.CREATE_MAX)):
            yield Chunk(next(numbers), part)


def run_chunks(
    work: Work,
    chunks: Sequence[Chunk],
    *,
    workers: int,
    on_verdicts: Callable[[Sequence[Verdict]], None] = lambda _: None,
    on_tick: Callable[[], None] = lambda: None,
) -> dict[int, Verdict]:
    """Carry out all chunks; return one verdict for each of their rows, by row.

    KeyboardInterrupt: what is under way is finished and written down, then the verdicts are returned with
    `work.halt.is_set()`; a second one leaves at once what is under way, as `unknown`. Whatever else a worker raises
    stops the run, and stands in `work.halt.problem`.
    """
    crew = _Crew(work, chunks, min(workers, len(chunks)))
    found: dict[int, Verdict] = {}

    def collect() -> None:
        for part in crew.results(on_tick):
            found.update({verdict.row: verdict for verdict in part})
            on_verdicts(part)

    try:
        try:
            collect()
        except KeyboardInterrupt as stop:
            work.halt.stop("The run was stopped by hand.", stop)
            collect()
    except KeyboardInterrupt:
        pass  # a second one: what is under way stays open in the journal
    found.update(_left_over(work, crew, chunks, found))
    return found


class _Crew:
    """Worker threads that take the chunks one by one; daemons, so that a second Ctrl-C need not wait for them."""

    def __init__(self, work: Work, chunks: Sequence[Chunk], workers: int) -> None:
        self._work = work
        self._todo = iter(chunks)
        self._lock = threading.Lock()
        self._done: queue.SimpleQueue[list[Verdict] | None] = queue.SimpleQueue()
        self._running = workers
        self.begun: set[int] = set()
        for number in range(workers):
            threading.Thread(target=self._run, name=f"exotel_frames-{number}", daemon=True).start()

    def results(self, on_tick: Callable[[], None]) -> Iterator[list[Verdict]]:
        """Yield each finished chunk, until all workers have left."""
        while self._running:
            try:
                part = self._done.get(timeout=POLL_S)
            except queue.Empty:
                on_tick()
                continue
            if part is None:
                self._running -= 1
            else:
                yield part

    def _run(self) -> None:
        try:
            while chunk := self._next():
                self._done.put(do_chunk(self._work, chunk))
        except BaseException as problem:  # noqa: BLE001 - it is raised again by the thread that waits for the run
            self._work.halt.stop(f"The run was stopped: {problem}", problem)
        finally:
            self._done.put(None)

    def _next(self) -> Chunk | None:
        with self._lock:
            chunk = None if self._work.halt.is_set() else next(self._todo, None)
            if chunk:
                self.begun.add(chunk.number)
            return chunk


def do_chunk(work: Work, chunk: Chunk) -> list[Verdict]:
    """Carry out a chunk and write down what became of it; one verdict a row, in the chunk's order."""
    if chunk.rows[0].action == "create":
        found = create_rows(work, chunk)
    else:
        since = work.intend(chunk, chunk.rows)
        found = [change_row(work, chunk, row, since) for row in chunk.rows]
    finished = [structs.replace(verdict, chunk=chunk.number, run_id=work.run_id) for verdict in found]
    work.diary.answer(work.run_id, chunk.number, finished)
    return finished


def _left_over(work: Work, crew: _Crew, chunks: Sequence[Chunk], found: dict[int, Verdict]) -> dict[int, Verdict]:
    """Return a verdict for each row without one: its chunk was never begun, or was under way when the run was left."""
    left = {}
    for chunk in chunks:
        under_way = chunk.begun or chunk.number in crew.begun
        for row in chunk.rows:
            if row.row not in found:
                outcome, message = ("unknown", ABANDONED) if under_way else ("not_sent", work.halt.reason)
                verdict = verdicts.blank(row, outcome, message=message, chunk=chunk.number)
                left[row.row] = structs.replace(verdict, run_id=work.run_id)
    return left
