"""Estimates the limit when only 429s show that there is one. Pure.

The simple rule, the successes of a minute and 1 % more a clean minute, keeps a true limit as well (45 answers of 429 an
hour), but believes every 429: with 5 % of them for no reason 1,000 requests take 52 minutes instead of 25 seconds, and
after a single one, or one bad minute, all goes on slowly for hours. Four parts of the rule below were each taken out
by itself (opening twice, late successes, refuting, one more for each 16), and each time one bound of
tests/api/test_pacing_estimate.py was missed.
"""

from __future__ import annotations

import math
from typing import Final

from exotel_frames.api.rate_limit.window import WINDOW_S, Ticket

FIRST_TRY_S: Final = 0.25
LAST_TRY_S: Final = 120.0
ONE_MORE_FOR: Final = 16
"""Requests beyond the estimate go one at a time, and one more at once for each so many that are held beyond it."""


class LimitEstimate:
    """The limit as 429s show it when no header names it: what was let through in the window before the first one.

    It may be far too low: gateways answer a 429 now and then, and bursts of others end. So requests go beyond it, few
    at a time. When one is refused the estimate stays, and the next try comes twice as late, from 0.25 s to 2 minutes: a
    true limit costs one 429 each time, and one more for every 16 that were let through before it. Two things a limit
    a minute, fixed or sliding, does not do:

    - let more than twice as many through in a minute: then the estimate is forgotten;
    - open again twice within half a minute, for nothing of ours that expired: then the next try comes soon again.
    """

    def __init__(self) -> None:
        self._value = math.inf
        self._under_way: set[Ticket] = set()
        self._patience_s = FIRST_TRY_S
        self._next_try_s = -math.inf
        self._refused_s: float | None = None  # until the next one beyond is let through
        self._refused_before_s = -math.inf
        self._still_counting = False

    @property
    def limit(self) -> int | None:
        """The estimate, None when nothing was ever refused, or it was refuted since."""
        return None if math.isinf(self._value) else int(self._value)

    def seconds_until_try(self, held: int, now: float) -> float:
        """Return how long until one may go beyond an estimate that so many use up; infinity: when an answer comes."""
        if len(self._under_way) > (held - self._value) // ONE_MORE_FOR:
            return math.inf
        return max(0.0, self._next_try_s - now)

    def is_beyond(self, held: int) -> bool:
        """Tell whether a request, the last of so many held, goes beyond the estimate."""
        return held > self._value

    def send(self, ticket: Ticket) -> None:
        """Remember one that is under way, if it goes beyond the estimate."""
        if ticket.beyond:
            self._under_way.add(ticket)

    def close(self, ticket: Ticket) -> None:
        """Take one back that is not under way any more."""
        self._under_way.discard(ticket)

    def on_success(self, ticket: Ticket, successes: int, now: float) -> None:
        """Learn from one that was sent after the last 429 and let through, as so many of the last window were."""
        if not ticket.beyond:
            return
        if self._refused_s is not None:
            if now - self._refused_before_s < WINDOW_S / 2:
                self._patience_s = FIRST_TRY_S
            self._refused_before_s, self._refused_s = self._refused_s, None
        if successes > 2 * self._value:
            self._value, self._patience_s = math.inf, FIRST_TRY_S

    def refuse(self, ticket: Ticket, successes: int, now: float) -> None:
        """Learn from a 429: beyond the estimate, it stays; below, it is what was let through, half of it at the least.

        No successes tell nothing of the limit: somebody else has used it all.
        """
        self._refused_s, self._still_counting = now, not ticket.beyond and successes > 0
        if ticket.beyond:
            self._patience_s = min(LAST_TRY_S, self._patience_s * 2)
        elif self._still_counting:
            self._value = max(successes, 0 if math.isinf(self._value) else self._value // 2)
        self._next_try_s = now + self._patience_s

    def add_late_success(self) -> None:
        """Count one that was under way when the 429 came, and was let through."""
        self._value += self._still_counting
