"""The rows of a run that reads: subscribers, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from exotel_frames.errors import ApiError
from exotel_frames.records import Chunk, PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import Service, StopSignal, refuses_one

R = TypeVar("R")
V = TypeVar("V")
LOST_READ = "No response came. Nothing was changed: ask again."


def row_by_row(do: Callable[[R], V]) -> Callable[..., list[V]]:
    """Return what does the rows of a chunk one after the other, and tells `on_row` each as it is done.

    >>> row_by_row(str.upper)(Chunk(0, ("ann", "bob")), on_row=print)
    ANN
    BOB
    ['ANN', 'BOB']
    """

    def work(chunk: Chunk[R], *, on_row: Callable[[V], None] = lambda _: None) -> list[V]:
        found = []
        for row in chunk.rows:
            found.append(do(row))
            on_row(found[-1])
        return found

    return work


def read_row(service: Service, stop_signal: StopSignal, tolerates: Callable[[ApiError], bool], row: PlanRow) -> Verdict:
    """Read a subscriber: `done` with its state, or `rejected` when there is none.

    A failure that is not about this row alone stops the reading, unless it `tolerates` that.
    """
    if stop_signal.is_set():
        return leave_read(stop_signal, row)
    try:
        reply = service.get(row.subscriber_name)
    except ApiError as problem:
        if refuses_one(problem):
            return verdicts.of_error(row, "rejected", problem)
        if not tolerates(problem):
            stop_signal.stop(f"Reading was stopped: {problem}", problem)
        return verdicts.of_error(row, "not_sent", problem)
    return verdicts.of_answer(row, "done", reply, reply.data)


def leave_read(stop_signal: StopSignal, row: PlanRow) -> Verdict:
    """Return the verdict of a row that was not read: there is nothing to settle."""
    return verdicts.blank(row, "not_sent", message=f"{stop_signal.reason} {LOST_READ}")
