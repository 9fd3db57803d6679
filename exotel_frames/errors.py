"""The error tree, sorted by what the caller can do next.

::

    ExotelFramesError
    ├── SettingsError              say who and where: the message lists every way
    ├── ValidationError            mend the rows in .problems
    ├── WorkbookError              mend the cells in .problems
    ├── PlanError                  the plan can't be applied as it is
    │   ├── StalePlanError         make it again: the tenant has changed meanwhile
    │   └── UnsafePlanError        raise the limit the message names, or make the plan smaller
    ├── JournalError               the run's journal can't be written or read: nothing was sent
    │   └── RunLockedError         another run on this account is under way: wait for it
    ├── UnstableListingError       the tenant changes faster than it can be read: load again later
    └── ApiError                   .request_id is what the provider's support asks for
        ├── NotSentError           nothing reached the service: safe to run again
        ├── OutcomeUnknownError    sent, and the answer was lost: look before you send again
        ├── BadReplyError          an answer that is not of this API
        └── RejectedError          the service said no
            ├── AuthError          mend the key, the token or the account
            ├── NotFoundError      there is no such subscriber
            ├── DuplicateError     the name exists already
            ├── RateLimitedError   too fast for the account: .retry_after_s
            └── ServerError        the service failed: it may have done it or not

    KeyboardInterrupt
    └── RunInterrupted             stopped by hand: .results has what is known, .run_id goes on later
"""

from __future__ import annotations

from typing import Any, Final

from exotel_frames.text import escape_text

REST: Final = "(where it happened: import sys, traceback; traceback.print_exception(sys.last_value))"
"""How to see what a notebook is spared."""


def _sentence_alone(problem: BaseException) -> list[str]:
    return [f"{type(problem).__name__}: {problem}", REST]


class ExotelFramesError(Exception):
    """The base of all errors of this package; a notebook shows only the message, and how to see the traceback."""

    def _render_traceback_(self) -> list[str]:
        return _sentence_alone(self)


class SettingsError(ExotelFramesError):
    """The settings of the account or the service are missing, contradictory or unsafe."""


class _ProblemsError(ExotelFramesError):
    """An error about cells; `.problems` is a frame with one row for each of them (or None)."""

    def __init__(self, message: str, problems: Any = None) -> None:
        super().__init__(message)
        self.problems = problems


class ValidationError(_ProblemsError):
    """A frame that can't be used as it is; nothing was sent."""


class WorkbookError(_ProblemsError):
    """A file that can't be read or written without changing somebody's data; nothing was changed."""


class PlanError(ExotelFramesError):
    """A plan that can't be applied as it is; `.rows` has the rows concerned (or None). Nothing was sent."""

    def __init__(self, message: str, rows: Any = None) -> None:
        super().__init__(message)
        self.rows = rows


class StalePlanError(PlanError):
    """The plan was made for another state, or another account."""


class UnsafePlanError(PlanError):
    """The plan does more than the limits allow; the message has the arithmetic and the argument that allows it."""


class JournalError(ExotelFramesError):
    """The run's journal can't be written or read; nothing is sent without one.

    `.results` is the result frame of the run that the error stopped (None if there was no run yet).
    """

    results: Any = None


class RunLockedError(JournalError):
    """Another run on the same account is in progress; the message names the run and its process."""


class UnstableListingError(ExotelFramesError):
    """The list changed faster than it could be read; a partial list is never returned."""


class ApiError(ExotelFramesError):
    """A request that did not succeed.

    Attributes: `request_id` (32 hex digits, or None), `http_code`, `code` (the body's `error_data.code`), `reason` (its
    `message`), `description`, `attempts` (how many times it was sent, 0 if never), `seconds` (all attempts together)
    and `items` (the service's verdict on each subscriber, if the refusal contains them).
    """

    items: tuple[Any, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        request_id: str | None = None,
        http_code: int | None = None,
        code: int | None = None,
        reason: str | None = None,
        description: str | None = None,
        attempts: int = 1,
        seconds: float = 0.0,
    ) -> None:
        super().__init__(escape_text(message, len(message)))  # it may quote the service, and goes to terminals
        self.request_id = request_id
        self.http_code = http_code
        self.code = code
        self.reason = reason
        self.description = description
        self.attempts = attempts
        self.seconds = seconds


class NotSentError(ApiError):
    """Nothing reached the service: refused, not resolved, or no connection in time.

    `.refused` says that the connection was refused, or that the host name does not exist: waiting rarely helps.
    """

    refused = False


class OutcomeUnknownError(ApiError):
    """The request may have been carried out: it was sent, but no complete response came back."""


class BadReplyError(ApiError):
    """A response arrived, but it is not a response of this API.

    `.about_one` says that it does come from the API, and that only its data about one subscriber can't be used.
    """

    about_one = False


class RejectedError(ApiError):
    """The service understood the request, and refused it."""


class AuthError(RejectedError):
    """401 or 403: the key, the token or the account is wrong, or lacks the permission.

    `.results` is the result frame of the run that the error stopped (None outside a run).
    """

    results: Any = None


class NotFoundError(RejectedError):
    """404: no such subscriber."""


class DuplicateError(RejectedError):
    """409: the name exists already."""


class RateLimitedError(RejectedError):
    """429, for longer than a call may wait; `.retry_after_s` is the wait that the service asked for (or None)."""

    retry_after_s: float | None = None


class ServerError(RejectedError):
    """5xx, for longer than a call may wait."""


class RunInterrupted(KeyboardInterrupt):
    """A run was stopped by hand; `.results` is its result frame so far, `.run_id` the id for `resume_run`.

    A Ctrl-C before the run is recorded raises a plain KeyboardInterrupt: nothing was sent, and there is no run.
    """

    def __init__(self, message: str, *, run_id: str | None = None, results: Any = None) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.results = results

    def _render_traceback_(self) -> list[str]:
        return _sentence_alone(self)


def __dir__() -> list[str]:
    return [*sorted(name for name in globals() if name.endswith("Error") and name[0] != "_"), "RunInterrupted"]
