"""The rate limit of the sandbox's account (API.md, "Rate limits")."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from exotel_frames.sandbox.envelopes import Payload

WINDOW_S: Final = 60


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """So many requests a minute; the minute is the clock's (`fixed`) or the last one (`sliding`).

    `headers=False` keeps the `X-RateLimit-*` headers back: a limit one only learns of by its 429.
    """

    per_minute: int = 200
    window: Literal["fixed", "sliding"] = "fixed"
    headers: bool = True

    def __post_init__(self) -> None:
        if self.per_minute < 1 or self.window not in {"fixed", "sliding"}:
            raise ValueError(
                f"A rate limit needs at least 1 request a minute and a window that is 'fixed' or 'sliding', not {self}."
            )


class Limiter:
    """Counts the requests that were let in; one that is refused does not count.

    >>> limiter = Limiter(RateLimit(per_minute=1))
    >>> limiter.admit(now=120.0), limiter.admit(now=121.0), limiter.retry_after_s(now=121.0)
    (True, False, 59)
    """

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._times: deque[float] = deque()

    def admit(self, now: float) -> bool:
        """Take a place in the window, if one is free."""
        start = now - now % WINDOW_S if self._limit.window == "fixed" else math.nextafter(now - WINDOW_S, math.inf)
        while self._times and self._times[0] < start:
            self._times.popleft()
        free = len(self._times) < self._limit.per_minute
        if free:
            self._times.append(now)
        return free

    def headers(self, now: float) -> tuple[tuple[str, str], ...]:
        """Return the three headers as they stand."""
        if not self._limit.headers:
            return ()
        return (
            ("x-ratelimit-limit", str(self._limit.per_minute)),
            ("x-ratelimit-remaining", str(self._limit.per_minute - len(self._times))),
            ("x-ratelimit-reset", str(math.ceil(self._reset(now)))),
        )

    def retry_after_s(self, now: float) -> int:
        """Return how many whole seconds later a place is free."""
        return max(math.ceil(self._reset(now) - now), 1)

    def _reset(self, now: float) -> float:
        """When the window ends, or its oldest request leaves it."""
        if self._limit.window == "fixed":
            return now - now % WINDOW_S + WINDOW_S
        return (self._times[0] if self._times else now) + WINDOW_S


def too_many(retry_after: str) -> Payload:
    """Make the 429 [platform]: no envelope, but a RestException."""
    body = {"RestException": {"Status": 429, "Message": "Rate limit exceeded", "Code": "RATE_LIMIT_EXCEEDED"}}
    headers = (("content-type", "application/json"), ("retry-after", retry_after))
    return Payload(429, msgspec.json.encode(body), headers)
