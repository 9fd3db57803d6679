"""The kinds of failure of a call, and the errors that are raised without a response."""

from __future__ import annotations

from exotel_frames import errors
from exotel_frames.api.rate_limit import read_wait_s
from exotel_frames.api.retry import Failure
from exotel_frames.api.wire import CutReplyError, Response, TlsError, read_failure


def long_pause(seconds: float) -> errors.RateLimitedError:
    """Return the error for a pause that is longer than anybody waits."""
    problem = errors.RateLimitedError(
        f"The service has asked for a pause, and {seconds / 3600:.1f} hours of it are left. Nothing was sent: run it "
        "again after that, or ask the provider.",
        attempts=0,
    )
    problem.retry_after_s = seconds
    return problem


def refusal(answer: Response) -> errors.ApiError:
    """Return the error that an answer outside 2xx means, with how long it asks to wait."""
    problem = read_failure(answer)
    if isinstance(problem, errors.RateLimitedError):
        problem.retry_after_s = read_wait_s(answer.headers)  # the limiter's own rule
    return problem


def failure_kind(problem: errors.ApiError) -> Failure:
    """Return what may be done after an error, in the words of retry.py."""
    kinds: tuple[tuple[type[errors.ApiError], Failure], ...] = (
        (TlsError, "tls"),
        (errors.NotSentError, "not_sent"),
        (errors.RateLimitedError, "rate_limited"),
        (errors.ServerError, "server_error"),
        (CutReplyError, "unknown"),
        (errors.BadReplyError, "rejected"),  # a login page, a redirect: the next answer would be the same
        (errors.RejectedError, "rejected"),
    )
    return next((kind for error, kind in kinds if isinstance(problem, error)), "unknown")
