"""The rate limiter: every request of an account in this process, from any thread or client, waits here for its turn.

quota.py decides what is allowed; this module has the queue, the lock and the clock.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from exotel_frames.api.after_fork import renew_in_children
from exotel_frames.api.rate_limit.quota import Quota, Waiting
from exotel_frames.api.rate_limit.window import Ticket
from exotel_frames.api.stop import Stop
from exotel_frames.errors import NotSentError, SettingsError

__all__ = ["Clock", "Limiter", "Slot", "Waiting"]

WORTH_SAYING_S: Final = 1.0
"""Shorter waits are not announced: at a busy limit there are several a second."""
_LOOK_AGAIN_S: Final = 1.0

T = TypeVar("T")
Listener = Callable[[Waiting], None]


def _wait(condition: threading.Condition, seconds: float) -> None:
    """Wait for news; look again every second, since Ctrl-C does not reach a longer wait on every system."""
    condition.wait(min(seconds, _LOOK_AGAIN_S))


@dataclass(frozen=True)
class Clock:
    """The time, and how to wait on a held condition for some seconds or for news (math.inf: for news only)."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Condition, float], None] = _wait


REAL_CLOCK: Final = Clock()


class Slot:
    """The place of one request; say what became of it, once: `on_answer`, `on_loss` or `on_not_sent`.

    Left with nothing said, it counts as lost; so does one that is dropped, which is what Ctrl-C does to a slot that has
    not reached its `with`. `waited_s` is how long the limiter held the request back.
    """

    place: threading.Condition | None = None
    """Where it stands in the queue, while it does."""
    ticket: Ticket | None = None

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self.waited_s = 0.0

    def keep(self, ticket: Ticket) -> None:
        """Take the ticket."""
        self.ticket = ticket

    def on_answer(self, headers: Mapping[str, str], http_code: int) -> None:
        """Learn from an answer's headers; the place stays taken for a window more."""
        self._settle(lambda quota, ticket, now: quota.on_answer(ticket, now, headers, http_code))

    def on_loss(self) -> None:
        """Count a request whose answer never came: the service may have counted it too."""
        self._settle(lambda quota, ticket, now: quota.on_loss(ticket, now))

    def on_not_sent(self) -> None:
        """Give the place back at once: nothing reached the service."""
        self._settle(lambda quota, ticket, _: quota.on_not_sent(ticket))

    def _settle(self, tell: Callable[[Quota, Ticket, float], None]) -> None:
        ticket = self.ticket
        if ticket is not None:
            self._limiter.update(lambda quota, now: tell(quota, ticket, now))
            self.ticket = None  # the last step: what Ctrl-C cuts short is said again, and counts once

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.on_loss()

    def __del__(self) -> None:
        if self.ticket is not None or self.place is not None:
            self._limiter.dropped.append((self.place, self.ticket))  # no lock: this may run inside the limiter's


class Limiter:
    """Paces all requests of one account.

    >>> limiter = Limiter(requests_per_minute=200)
    >>> with limiter.slot() as slot:
    ...     slot.on_answer({"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49"}, 200)
    >>> limiter.limit
    50

    The first request goes alone, because its answer may name the limit. First come, first served. Listeners
    hear of waits of a second or more, one at a time for all threads. Source: docs/design.md, "Pacing".
    """

    def __init__(
        self,
        *,
        requests_per_minute: int | None = None,
        clock: Clock = REAL_CLOCK,
    ) -> None:
        self._quota = Quota()
        self._clock = clock
        self.renew_after_fork()
        self.cap(requests_per_minute)
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Begin anew with the same ceiling: what the parent has under way ends there, and its locks may be held."""
        ceiling, self._quota = self._quota.ceiling, Quota()
        self._quota.ceiling = ceiling
        self._lock = threading.Lock()
        self._queue: deque[threading.Condition] = deque()
        self.dropped: deque[tuple[threading.Condition | None, Ticket | None]] = deque()
        """The places and tickets of slots that were garbage-collected unused; taken back at the next turn."""
        self._listeners: tuple[Listener, ...] = ()
        self._announced_until_s = -math.inf

    @property
    def limit(self) -> int | None:
        """The limit a minute as far as it is known; None when it is not."""
        return self._ask(lambda quota, now: quota.limit(now))

    def useful_workers(self, latency_s: float) -> int:
        """Return how many requests at once are of use when an answer takes `latency_s`; unbounded if unknown."""
        found = self._ask(lambda quota, now: quota.useful_workers(latency_s, now))
        return sys.maxsize if found is None else found

    def seconds_for(self, requests: int) -> float:
        """Return how long the limit makes so many requests take, from now; 0.0 when no limit is known.

        >>> limiter = Limiter(requests_per_minute=200)
        >>> round(limiter.seconds_for(200)), round(limiter.seconds_for(1000) / 60)
        (0, 4)
        """
        return self._ask(lambda quota, now: quota.seconds_for(requests, now))

    def long_pause_s(self) -> float:
        """Return how much longer the service has asked to wait, when that is longer than anybody waits; else 0."""
        return self._ask(lambda quota, now: quota.long_pause_s(now))

    def cap(self, requests_per_minute: int | None) -> None:
        """Set a ceiling of one's own; of several the lowest holds. SettingsError when it is no whole number from 1."""
        if requests_per_minute is None:
            return
        if not isinstance(requests_per_minute, int) or isinstance(requests_per_minute, bool) or requests_per_minute < 1:
            raise SettingsError(f"requests_per_minute must be a whole number from 1, not {requests_per_minute!r}.")
        with self._lock:
            self._quota.ceiling = min(requests_per_minute, self._quota.ceiling or requests_per_minute)

    @contextmanager
    def subscribe(self, listener: Listener) -> Iterator[None]:
        """Let a listener hear of waits inside the block (a progress bar lives shorter than the limiter)."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        try:
            yield
        finally:
            with self._lock:
                rest = list(self._listeners)
                rest.remove(listener)
                self._listeners = tuple(rest)

    def slot(self, *, stop: Stop | None = None) -> Slot:
        """Wait for a turn and take it. NotSentError when `stop` is set meanwhile (sleepers look every second)."""
        slot, began_s = Slot(self), self._clock.now()
        slot.place = place = threading.Condition(self._lock)
        try:
            with self._lock:
                self._queue.append(place)
            while not self._take_turn(place, slot, stop):
                pass
        except BaseException:  # Ctrl-C too: an abandoned place would block all behind it
            self._leave(place, slot)
            raise
        slot.waited_s = self._clock.now() - began_s
        return slot

    def update(self, news: Callable[[Quota, float], None]) -> None:
        """Bring news to the quota, and wake who is next."""
        with self._lock:
            news(self._quota, self._clock.now())
            self._wake_next()

    def _take_turn(self, place: threading.Condition, slot: Slot, stop: Stop | None) -> bool:
        """Go, or sleep until there is news. Listeners are called without the lock: they may ask the limiter."""
        with self._lock:
            self._take_back_dropped()
            if stop is not None and stop.is_set():
                raise NotSentError("Stopped while waiting for the account's rate limit: nothing was sent.", attempts=0)
            now, first = self._clock.now(), self._queue[0] is place
            waiting = self._quota.next_wait(now) if first else _BEHIND
            if waiting is None:
                self._quota.send(now, keep=slot.keep)
                self._queue.popleft()
                slot.place = None
                self._wake_next()
            announcement = self._announcement(waiting, now) if first else None
            if waiting is not None and announcement is None:
                self._clock.wait(place, waiting.seconds)
        if announcement is not None:
            for listener in self._listeners:
                listener(announcement)
        return waiting is None

    def _announcement(self, waiting: Waiting | None, now: float) -> Waiting | None:
        """Return what the listeners should hear: a long wait when it begins or grows, and its end."""
        told_s = self._announced_until_s
        if waiting is None:
            self._announced_until_s = -math.inf
            return None if math.isinf(told_s) else Waiting(0.0, "")
        until_s = now + waiting.seconds
        short = waiting.seconds < WORTH_SAYING_S or until_s < told_s + WORTH_SAYING_S
        if not waiting.reason or math.isinf(until_s) or short:
            return None
        self._announced_until_s = until_s
        return waiting

    def _leave(self, place: threading.Condition, slot: Slot) -> None:
        with self._lock:
            self._remove(place)
            self._wake_next()
        slot.place = None
        slot.on_not_sent()

    def _take_back_dropped(self) -> None:
        while self.dropped:
            place, ticket = self.dropped[0]
            if place is not None:
                self._remove(place)
            if ticket is not None:
                self._quota.on_loss(ticket, self._clock.now())
            self.dropped.popleft()

    def _remove(self, place: threading.Condition) -> None:
        if place in self._queue:
            self._queue.remove(place)

    def _wake_next(self) -> None:
        if self._queue:
            self._queue[0].notify()

    def _ask(self, question: Callable[[Quota, float], T]) -> T:
        with self._lock:
            return question(self._quota, self._clock.now())


_BEHIND: Final = Waiting(math.inf, "")
_LIMITERS: Final[WeakValueDictionary[tuple[str, str], Limiter]] = WeakValueDictionary()
_LIMITERS_LOCK: Final = threading.Lock()


def limiter_for(base_url: str, account_sid: str, *, requests_per_minute: int | None = None) -> Limiter:
    """Return the limiter that all clients of one account in this process share, for as long as one of them keeps it.

    >>> one = limiter_for("https://chaotix.mum1.exotel.in", "acme1", requests_per_minute=100)
    >>> two = limiter_for("https://CHAOTIX.mum1.exotel.in/", "acme1", requests_per_minute=150)
    >>> one is two, two.limit
    (True, 100)

    Of several clients' `requests_per_minute` the lowest holds, for all of them. The limit is the account's, not the
    key's (API.md, "Rate limits"); it is the one thing in this package that a process has once.
    """
    url = urlsplit(base_url)
    key = (f"{url.scheme.lower()}://{url.hostname}:{url.port or ''}", account_sid)
    with _LIMITERS_LOCK:
        limiter = _LIMITERS.setdefault(key, Limiter())
    limiter.cap(requests_per_minute)
    return limiter
