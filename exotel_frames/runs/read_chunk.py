"""The chunks of a run that changes nothing: subscribers read one by one, and tokens made for devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec import structs

from exotel_frames.errors import ApiError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import PlanRow, TokenRow, TokenVerdict, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import AMBIGUOUS_ERRORS, Chunk, Service, StopSignal, refuses_one, stops_a_run

V = TypeVar("V")
LOST_READ = "No answer came, and nothing was changed: ask again."
LOST_TOKENS = "The answer was lost, and nothing of the subscriber has changed: ask for new tokens."


def told(on_row: Callable[[V], None], verdicts: Iterable[V]) -> list[V]:
    """Return the verdicts, after each was told as it came.

    >>> told(print, ["done"])
    done
    ['done']
    """
    found = []
    for verdict in verdicts:
        on_row(verdict)
        found.append(verdict)
    return found


def read_chunk(
    service: Service,
    stop_signal: StopSignal,
    chunk: Chunk[PlanRow],
    *,
    tolerates: Callable[[ApiError], bool] = lambda _: False,
    on_row: Callable[[Verdict], None] = lambda _: None,
) -> list[Verdict]:
    """Read each subscriber of a chunk: `done` with its state, or `rejected` when there is none.

    A failure that is not about the one row alone stops the reading, unless it `tolerates` that.
    """
    return told(on_row, (_read(service, stop_signal, row, tolerates) for row in chunk.rows))


def _read(service: Service, stop_signal: StopSignal, row: PlanRow, tolerates: Callable[[ApiError], bool]) -> Verdict:
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
    return verdicts.answered(row, "done", reply, reply.data)


def leave_read(stop_signal: StopSignal, row: PlanRow) -> Verdict:
    """Return the verdict of a row that was not read: there is nothing to settle."""
    return verdicts.blank(row, "not_sent", message=f"{stop_signal.reason} {LOST_READ}")


def token_chunk(
    service: Service,
    stop_signal: StopSignal,
    chunk: Chunk[TokenRow],
    *,
    on_row: Callable[[TokenVerdict], None] = lambda _: None,
) -> list[TokenVerdict]:
    """Make the tokens of each device of a chunk."""
    return told(on_row, (_tokens(service, stop_signal, row) for row in chunk.rows))


def _tokens(service: Service, stop_signal: StopSignal, row: TokenRow) -> TokenVerdict:
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
