"""The rows of a run that makes the tokens of devices; subscribers are not changed."""

from __future__ import annotations

from msgspec import structs

from exotel_frames.errors import ApiError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import TokenRow, TokenVerdict
from exotel_frames.runs.context import AMBIGUOUS_ERRORS, Service, StopSignal, stops_a_run

LOST_TOKENS = "The response was lost. Nothing about the subscriber has changed: ask for new tokens."


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
