"""What a response's headers say about the account's rate limit (API.md, "Rate limits")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from exotel_frames.api.retry import parse_http_date, parse_retry_after

_NAMES: Final = frozenset({"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after", "date"})
_COUNT = re.compile(r"\s*(-?[0-9]{1,12})(?![0-9])")
_EPOCH_FROM: Final = 100_000
"""A smaller `X-RateLimit-Reset` is no date but the seconds left: some gateways send it so."""


@dataclass(frozen=True)
class RateHeaders:
    """The limit a minute and what remains of it; None where the answer says nothing."""

    limit: int | None = None
    remaining: int | None = None

    @property
    def used(self) -> int | None:
        """How many requests of everybody the service counts in its window, this one with them."""
        return None if self.limit is None or self.remaining is None else max(0, self.limit - self.remaining)


def read_rate_headers(headers: Mapping[str, str]) -> RateHeaders:
    """Read the limit from an answer's headers; names in any case, junk counts as missing.

    >>> read_rate_headers({"X-RateLimit-Limit": "200", "x-ratelimit-remaining": "some"})
    RateHeaders(limit=200, remaining=None)
    """
    found = _rate_headers(headers)
    limit, remaining = _count(found.get("x-ratelimit-limit")), _count(found.get("x-ratelimit-remaining"))
    return RateHeaders(
        limit=limit if limit is not None and limit > 0 else None,
        remaining=None if remaining is None else max(0, remaining),
    )


def read_wait_s(headers: Mapping[str, str]) -> float | None:
    """Read how long a 429 asks to wait: its `Retry-After`, or else the time until its `X-RateLimit-Reset`.

    >>> read_wait_s({"Retry-After": "23"}), read_wait_s({"Retry-After": "soon", "X-RateLimit-Reset": "12"})
    (23.0, 12.0)
    """
    found = _rate_headers(headers)
    wait_s = parse_retry_after(found.get("retry-after"), found.get("date"))
    return _until_reset_s(found) if wait_s is None else wait_s


def _rate_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() in _NAMES}


def _count(text: str | None) -> int | None:
    found = _COUNT.match(text or "")
    return int(found[1]) if found else None


def _until_reset_s(found: Mapping[str, str]) -> float | None:
    """How long until the window resets, by the service's own clock: its `Date` beside its `X-RateLimit-Reset`."""
    reset, answered = _count(found.get("x-ratelimit-reset")), parse_http_date(found.get("date"))
    if reset is None or reset < 0:
        return None
    if reset < _EPOCH_FROM:
        return float(reset)
    return max(0.0, reset - answered.timestamp()) if answered else None
