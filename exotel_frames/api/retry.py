"""Decides after a failure: retry, after how long, or stop. Pure: no sockets, threads or clocks.

Source of the rules: docs/design.md, "Classes of answer".
"""

from __future__ import annotations

import random as _random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Literal

Failure = Literal["not_sent", "unknown", "rate_limited", "server_error", "rejected", "tls"]
"""not_sent: refused, not resolved, no connection in time · unknown: bytes were written, no whole answer came back ·
rate_limited: 429 · server_error: 5xx · rejected: any other answer that says no · tls: not who it claims to be."""

DAY_S: Final = 86_400.0
_SECONDS = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_RETRIED_READS: Final = frozenset({"not_sent", "unknown", "rate_limited", "server_error"})
_RETRIED_WRITES: Final = frozenset({"not_sent", "rate_limited"})


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long one call goes on trying.

    `deadline_s` covers all attempts and the waits between them; `limiter_s` is what 429s may cost on top of that, in
    the limiter's queue. The n-th wait is drawn from 0 to `first_wait_s * 2**(n-1)`, at most `longest_wait_s`.
    """

    deadline_s: float = 120.0
    limiter_s: float = 900.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0


DEFAULT_PATIENCE: Final = Patience()


def retry_wait_s(
    failure: Failure,
    *,
    read: bool,
    attempt: int,
    spent_s: float,
    held_s: float = 0.0,
    retry_after_s: float | None = None,
    patience: Patience = DEFAULT_PATIENCE,
    random: Callable[[], float] = _random.random,
) -> float | None:
    """Return the seconds to wait before the call is sent again, or None to stop.

    >>> retry_wait_s("server_error", read=True, attempt=1, spent_s=0.1, random=lambda: 0.5)
    0.25
    >>> print(retry_wait_s("unknown", read=False, attempt=1, spent_s=0.1))  # may have been done: look, don't repeat
    None
    >>> retry_wait_s("rate_limited", read=False, attempt=1, spent_s=0.1, retry_after_s=23.0)  # the limiter waits
    0.0

    `attempt` counts from 1. `spent_s` is what the attempts and the waits between them took, without `held_s`, the time
    the limiter held the call (`Slot.waited_s`, all attempts together). Source: docs/design.md, "Classes of answer".
    """
    if failure not in (_RETRIED_READS if read else _RETRIED_WRITES):
        return None
    if failure == "rate_limited":
        return 0.0 if held_s + (retry_after_s or 0.0) <= patience.limiter_s and spent_s <= patience.deadline_s else None
    wait_s = max(retry_after_s or 0.0, random() * _longest_wait_s(attempt, patience))
    return wait_s if spent_s + wait_s < patience.deadline_s else None


def parse_retry_after(value: str | None, date_header: str | None = None) -> float | None:
    """Return the seconds a `Retry-After` header asks for, from 0 to a day; None when it says nothing that can be used.

    >>> parse_retry_after("23"), parse_retry_after("1.5"), parse_retry_after("-3"), parse_retry_after("soon")
    (23.0, 1.5, 0.0, None)
    >>> parse_retry_after("Tue, 19 Nov 2019 17:45:00 GMT", "Tue, 19 Nov 2019 17:44:17 GMT")
    43.0

    A date is compared with the answer's own `Date` header: this machine's clock may be hours off, and is never asked.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return _within_a_day(float(text))
    then, answered = parse_http_date(text), parse_http_date(date_header)
    return _within_a_day((then - answered).total_seconds()) if then and answered else None


@lru_cache(maxsize=2)  # a service's date changes once a second, and is asked for twice an answer
def parse_http_date(text: str | None) -> datetime | None:
    """Return the moment an HTTP date names, or None when it is no date.

    >>> parse_http_date("Tue, 19 Nov 2019 17:44:17 GMT")
    datetime.datetime(2019, 11, 19, 17, 44, 17, tzinfo=datetime.timezone.utc)
    """
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):  # the last two: the standard library on junk
        return None


def _longest_wait_s(attempt: int, patience: Patience) -> float:
    doublings = min(max(attempt, 1) - 1, 60)  # 2.0**1024 would overflow
    return min(patience.longest_wait_s, patience.first_wait_s * 2.0**doublings)


def _within_a_day(seconds: float) -> float:
    return min(max(seconds, 0.0), DAY_S)
