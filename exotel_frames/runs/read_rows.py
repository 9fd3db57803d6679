"""The rows of a run that changes nothing: subscribers read one by one, and tokens made for devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import structs

from exotel_frames.errors import ApiError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import Chunk, PlanRow, TokenRow, TokenVerdict, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import AMBIGUOUS_ERRORS, Service, StopSignal, refuses_one, stops_a_run

R = TypeVar("R")
V = TypeVar("V")
LOST_READ = "No answer came, and nothing was changed: ask again."
LOST_TOKENS = "The answer was lost, and nothing of the subscriber has changed: ask for new tokens."


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


def make_tokens(service: Service, stop_signal: StopSignal, row: TokenRow) -> TokenVerdict:
    """Make the tokens of a device."""
    if stop_signal.is_set():
        return leave_tokens(row, "not_sent", stop_signal.reason)
    try:
        reply = service.create_token(row.subscriber_name, platform=row.platform, device_id=row.device_id)
    except ApiError as problem:
        return _without_tokens(stop_signal, row, problem)
    return TokenVerdict(
        **structs.asdict(row) | structs.asdict(reply.data),
        outcome="done",
        http_code=reply.http_code,
        code=reply.http_code,
        request_id=reply.request_id,
    )


def _without_tokens(stop_signal: StopSignal, row: TokenRow, problem: ApiError) -> TokenVerdict:
    if stops_a_run(problem):
        stop_signal.stop(f"The run was stopped: {problem}", problem)
        return leave_tokens(row, "not_sent", str(problem), problem)
    if isinstance(problem, AMBIGUOUS_ERRORS):
        return leave_tokens(row, "unknown", LOST_TOKENS, problem)
    return leave_tokens(row, "rejected", problem.reason or str(problem), problem)


def leave_tokens(row: TokenRow, outcome: Outcome, message: str, problem: ApiError | None = None) -> TokenVerdict:
    """Return the verdict of a device that got no tokens."""
    left = TokenVerdict(**structs.asdict(row), outcome=outcome, error_message=message)
    if problem is None:
        return left
    return structs.replace(
        left,
        http_code=problem.http_code,
        code=problem.http_code,
        error_code=problem.code,
        error_description=problem.description,
        request_id=problem.request_id,
    )
