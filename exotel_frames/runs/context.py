"""What the chunks of a run share: the service, the journal, and the signal to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final, Protocol

from msgspec import UnsetType

from exotel_frames.errors import (
    AuthError,
    BadReplyError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServerError,
)
from exotel_frames.records import Chunk, Item, NewSubscriber, Page, PlanRow, Reply, Subscriber, Tokens, instant
from exotel_frames.runs.clock import ServiceClocks
from exotel_frames.runs.journal import Journal
from exotel_frames.runs.stale_readings import LastKnown, believe, is_doubtful, is_stale

MAX_SENDS = 4
"""How often a row is sent before it is left `unknown`: once, and again in each of three rounds of looking for it."""

AMBIGUOUS_ERRORS = (OutcomeUnknownError, BadReplyError, ServerError)
"""What leaves open whether a write was carried out."""
FAILURES_MAX: Final = 3
"""So many whom a service fails to show are odd ones; more, and it is the service that fails."""
UNAUTHORIZED = 401
ACCEPTED = 202
"""A promise, and no deed yet: it is looked for like one whose answer was lost."""
SETTLE_LATER = "Sent, but the response was lost. resume_run(client) finds out whether it was carried out."


def stops_a_run(problem: Exception) -> bool:
    """Tell whether an error says that a write was not carried out, and that the next one won't be either.

    A 401 is about the key; a 403 may be about the one subscriber, as a 423 is: that row is rejected, others go on.
    """
    if isinstance(problem, AuthError):
        return problem.http_code in (UNAUTHORIZED, None)
    return isinstance(problem, NotSentError | RateLimitedError)


def refuses_one(problem: Exception) -> bool:
    """Tell whether an error is about one row and says nothing of others: a no, or an answer that can't be taken."""
    if isinstance(problem, BadReplyError):
        return problem.about_one
    return isinstance(problem, RejectedError) and not isinstance(problem, ServerError) and not stops_a_run(problem)


def first_failures() -> Callable[[Exception], bool]:
    """Return what tells whether a failure of the service is one of the first `FAILURES_MAX`, in whichever thread."""
    numbers = count(1)  # each is given out once
    return lambda problem: isinstance(problem, AMBIGUOUS_ERRORS) and next(numbers) <= FAILURES_MAX


class Service(Protocol):
    """The calls of API.md that a run uses; each raises the errors of `exotel_frames.errors`."""

    def create(self, subscribers: Sequence[NewSubscriber]) -> Reply[tuple[Item, ...]]:
        """Create 1 to 10."""

    def update(self, name: str, *, status: str, custom_field: str | UnsetType | None = ...) -> Reply[Subscriber]:
        """Update one."""

    def get(self, name: str) -> Reply[Subscriber]:
        """Read one."""

    def list_page(self, *, offset: int = 0, page_size: int = 100) -> Reply[Page[Subscriber]]:
        """Read one page, newest first."""

    def delete(self, name: str) -> Reply[None]:
        """Delete one."""

    def create_token(self, name: str, *, platform: str, device_id: str) -> Reply[Tokens]:
        """Make the two tokens of a device."""

    def server_time(self) -> datetime | None:
        """Return a lower bound of the server's clock now, from the `Date` of its answers; None before the first."""


class StopSignal:
    """Says that no further request of a run may begin, and why."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self.reason = ""
        self.problem: BaseException | None = None

    def stop(self, reason: str, problem: BaseException | None = None) -> None:
        """Stop the run; the first reason stays."""
        with self._lock:
            if not self._event.is_set():
                self.reason, self.problem = reason, problem
                self._event.set()

    def is_set(self) -> bool:
        """Tell whether the run was stopped."""
        return self._event.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until the run is stopped."""
        return self._event.wait(timeout)


@dataclass(frozen=True)
class RunContext:
    """What the chunks of a run share; `jitter` returns a factor for each wait.

    `behavior` is what `check_service`, or this run, has seen the service do otherwise than documented.
    """

    service: Service
    journal: Journal
    run_id: str
    settle_delay_s: float
    jitter: Callable[[], float]
    stop_signal: StopSignal = field(default_factory=StopSignal)
    clocks: ServiceClocks = field(default_factory=ServiceClocks)
    known: Mapping[str, LastKnown] = field(default_factory=dict)
    behavior: dict[str, str] = field(default_factory=dict)
    _trial: threading.Lock = field(default_factory=threading.Lock)
    _is_odd_one: Callable[[Exception], bool] = field(default_factory=first_failures)

    @contextmanager
    def one_at_first(self, name: str) -> Iterator[None]:
        """While this behaviour is not known, let one thread at a time try: what goes wrong goes wrong once."""
        if name in self.behavior:
            yield
            return
        with self._trial:
            if name not in self.behavior:
                yield
                return
        yield

    def leaves_out(self, problem: Exception) -> bool:
        """Tell whether one who can't be read is left out, and the run goes on: refused, or one of a few failures."""
        return refuses_one(problem) or self._is_odd_one(problem)

    def is_stale(self, name: str, live: Subscriber | None) -> bool:
        """Tell whether a reading is older than what this account's own journal knows of that name."""
        return is_stale(self.known.get(name), live)

    def is_doubtful(self, name: str) -> bool:
        """Tell whether a reading that shows nobody may be behind what we wrote a moment ago."""
        return is_doubtful(self.known.get(name), None)

    def is_of_another_run(self, name: str, live: Subscriber) -> bool:
        """Tell whether a reading shows what another run of this account has created."""
        known = self.known.get(name)
        theirs = known.subscriber.date_created if known and known.subscriber else None
        return theirs is not None and instant(theirs) == instant(live.date_created)

    def believe(self, name: str, live: Subscriber | None) -> Subscriber | None:
        """Return what is to be believed: the reading, or what our own write has left when the reading is older."""
        known = self.known.get(name)
        return known.subscriber if known and is_doubtful(known, live) else believe(known, live)

    def notice(self, rows: Sequence[Subscriber], reply: Reply[Any]) -> None:
        """Learn from a reading how far the service's dates are."""
        dates = [date for live in rows if (date := instant(live.date_created))]
        self.clocks.notice(newest=max(dates, default=None), answered=reply.server_time)

    def measure(self, written: str | datetime | None, reply: Reply[Any]) -> None:
        """Learn from a write of our own how far the two clocks differ; one that goes back tells nothing."""
        if self.service.server_time() is not None:
            self.clocks.measure(written=instant(written), answered=reply.server_time)

    def record_intent(self, chunk: Chunk[PlanRow], rows: Iterable[PlanRow]) -> datetime | None:
        """Write down what is about to be sent; return the server's time at the first intent."""
        now = self.service.server_time()
        self.journal.record_intent(self.run_id, chunk.number, [row.row for row in rows], server_time=now)
        return chunk.first_sent_at or now

    def stop(self, problem: Exception) -> None:
        """Stop the run because the service is away, or will not have us."""
        self.stop_signal.stop(f"The run was stopped: {problem}", problem)

    def wait_before_lookup(self) -> None:
        """Give a request that is still on its way the time to arrive."""
        self.stop_signal.wait(self.settle_delay_s * self.jitter())
