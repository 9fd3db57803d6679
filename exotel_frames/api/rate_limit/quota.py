"""What an account's rate limit allows right now. Pure: no thread, no clock; the caller says what time it is.

A request is held in a log from the moment of sending until one window after its response; at most as many are held as
the limit allows, minus what others use. So no window of the service contains more of our requests than the limit, no
matter when the service counted each of them. This is true for fixed and sliding windows, with any latency, and without
comparing two clocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from exotel_frames.api.rate_limit.estimate import LimitEstimate
from exotel_frames.api.rate_limit.headers import RateHeaders, read_rate_headers, read_wait_s
from exotel_frames.api.rate_limit.window import HOLD_S, MARGIN_S, WINDOW_S, Recent, Ticket, WindowLog

LONGEST_PAUSE_S: Final = 600.0
"""Nobody waits a day on one header's word: after this long one request asks again."""
LEAST_PAUSE_S: Final = 0.1
SILENT_PAUSE_S: Final = 5.0
"""The first pause after a 429 that does not say how long; one that says 0 means at once, or nearly."""
LEAST_SHARE: Final = 20
"""Beside others one twentieth of the limit is always ours: of two bulk runs neither stands still."""
TOO_MANY: Final = 429


@dataclass(frozen=True)
class Waiting:
    """A wait that is about to begin, as data for a progress bar; 0 seconds say that it is over.

    >>> Waiting(23.0, "the account's limit of 200/min")
    Waiting(seconds=23.0, reason="the account's limit of 200/min")
    """

    seconds: float
    reason: str


class Pause:
    """The one pause of all threads after a 429, and the one request that then asks whether it is over."""

    def __init__(self) -> None:
        self.until_s = -math.inf
        self.asked_until_s = -math.inf
        self.half_open = False
        self._last_before = 0
        self._strikes = 0

    def counts(self, ticket: Ticket) -> bool:
        """Tell whether a request was sent after the last pause began: only then is its 429 news."""
        return ticket.number > self._last_before

    def begin(self, ticket: Ticket, now: float, *, asked_s: float | None, sent: int) -> None:
        """Pause, or pause longer."""
        if self.counts(ticket):
            self._strikes += 1
            self._last_before = sent
        self.half_open = True
        self.until_s = max(self.until_s, now + self._seconds(asked_s) + MARGIN_S)
        self.asked_until_s = now + (asked_s or 0.0)

    def end(self) -> None:
        """Let everybody go on."""
        self.half_open, self._strikes = False, 0

    def _seconds(self, asked_s: float | None) -> float:
        """Return what was asked for, within reason; a short pause that was not enough is doubled, up to a minute."""
        first_s = SILENT_PAUSE_S if asked_s is None else max(LEAST_PAUSE_S, asked_s)
        patient_s = min(SILENT_PAUSE_S, first_s) * 2.0 ** min(max(0, self._strikes - 1), 10)
        return min(LONGEST_PAUSE_S, max(first_s, min(WINDOW_S, patient_s)))


class Quota:
    """What the account allows: learnt from every answer, asked before every request.

    `ceiling` is the user's own; the service's word counts when it is lower.
    """

    ceiling: int | None = None

    def __init__(self) -> None:
        self._log = WindowLog()
        self._pause = Pause()
        self._estimate = LimitEstimate()
        self._limits = Recent(min)  # endpoints can name different limits; the least one of a minute is safe for all
        self._foreign = Recent(max)
        self._last_limit: int | None = None
        self._introduced = False
        self._alone: Ticket | None = None
        self._alone_until_s = 0.0
        self._last_sent_s = -math.inf

    def next_wait(self, now: float) -> Waiting | None:
        """Return what the next request must wait for, or None when it may go.

        Infinite seconds wait for an answer; no reason is given for a wait behind a request that goes alone: the first
        one, whose answer may name the limit, and the one after a pause. Either is waited for a minute at most.
        """
        self._log.expire(now)
        if now < self._pause.until_s:
            return Waiting(self._pause.until_s - now, "the service asked for a pause")
        if self._alone and now < self._alone_until_s:
            return Waiting(self._alone_until_s - now, "")
        capacity = self.capacity(now)
        if capacity is None:
            return None
        if self._log.held < capacity:
            wait_s = self._spacing_s(capacity, now)
        else:
            wait_s = min(self._log.next_release_s(capacity, now), self._try_s(now))
        return Waiting(wait_s, self._reason(now)) if wait_s > 0 else None

    def send(self, now: float, *, keep: Callable[[Ticket], None] = lambda _: None) -> Ticket:
        """Take the place that `next_wait` has just allowed.

        `keep` gets the ticket before it counts: a caller that is interrupted half way can still give it back.
        """
        self._log.expire(now)
        beyond = self._estimate.is_beyond(self._log.held + 1)
        ticket = self._log.next_ticket(probe=self._pause.half_open, beyond=beyond)
        keep(ticket)
        self._log.send(ticket)
        self._estimate.send(ticket)
        if ticket.probe or not self._introduced:
            self._alone, self._alone_until_s = ticket, now + WINDOW_S
        self._last_sent_s = now
        return ticket

    def on_answer(self, ticket: Ticket, now: float, headers: Mapping[str, str], http_code: int) -> None:
        """Learn from an answer."""
        rate_headers = read_rate_headers(headers)
        self._log.expire(now)
        self._learn(ticket, now, rate_headers)
        self._log.end(ticket, now, ok=http_code != TOO_MANY)
        self._close(ticket)
        if http_code == TOO_MANY:
            self._learn_refusal(ticket, now, headers, rate_headers)
            return
        if self._pause.counts(ticket):
            self._estimate.on_success(ticket, self._log.successes, now)
        else:
            self._estimate.add_late_success()
        if ticket.probe:
            self._pause.end()

    def on_loss(self, ticket: Ticket, now: float) -> None:
        """Keep a request whose answer never came: the service may have counted it."""
        self._log.end(ticket, now, ok=False)
        self._close(ticket)

    def on_not_sent(self, ticket: Ticket) -> None:
        """Give a place back at once: nothing reached the service."""
        self._log.give_back(ticket)
        self._close(ticket)

    def limit(self, now: float) -> int | None:
        """Return the limit a minute as far as it is known: the lowest of the user's, the service's and an estimate."""
        return _least(self.ceiling, self._known_limit(now), self._estimate.limit)

    def capacity(self, now: float) -> int | None:
        """Return how many requests may be held at once: the limit less what others use, at least 1; None: any."""
        return self._less_others(self.limit(now), now)

    def _less_others(self, limit: int | None, now: float) -> int | None:
        named = self._known_limit(now)
        if limit is None or named is None:
            return limit
        others = self._foreign.value(now) or 0
        others += math.isqrt(others)  # their use varies by so much; taking all that is free would leave them nothing
        return max(1, limit // LEAST_SHARE, min(limit, named - others))

    def useful_workers(self, latency_s: float, now: float) -> int | None:
        """Return how many requests at once are of use: what is free now, or else what comes free meanwhile."""
        self._log.expire(now)
        capacity = self.capacity(now)
        if capacity is None:
            return None
        return max(1, capacity - self._log.held, math.ceil(capacity * latency_s / HOLD_S))

    def long_pause_s(self, now: float) -> float:
        """Return what is left of a pause that nobody waits for to its end; 0 when one may ask, or wait."""
        left_s = self._pause.asked_until_s - now
        return left_s if now < self._pause.until_s and left_s > LONGEST_PAUSE_S else 0.0

    def seconds_for(self, requests: int, now: float) -> float:
        """Return how long until the last of so many requests may be sent, if nobody else sends."""
        self._log.expire(now)
        capacity, paused_s = self.capacity(now), max(0.0, self._pause.until_s - now)
        if capacity is None or requests < 1:
            return paused_s if requests > 0 else 0.0
        return max(paused_s, self._log.seconds_until(capacity, requests, now))

    def _known_limit(self, now: float) -> int | None:
        return self._limits.value(now) or self._last_limit

    def _learn(self, ticket: Ticket, now: float, rate_headers: RateHeaders) -> None:
        if rate_headers.limit is not None:
            self._limits.see(now, rate_headers.limit)
            self._last_limit = rate_headers.limit
        if rate_headers.used is not None:
            self._foreign.see(now, self._others(ticket, rate_headers.used))

    def _others(self, ticket: Ticket, used: int) -> int:
        """How many of the service's count were not ours.

        Only what exceeds all of ours that it can have counted is certain. Once there is such an excess, a better figure
        is what exceeds those of ours that it has probably counted: those held when this request was sent.
        """
        possible = self._log.in_flight + self._log.ended - ticket.expired
        return used - ticket.held if used > possible else 0

    def _learn_refusal(self, ticket: Ticket, now: float, headers: Mapping[str, str], rate_headers: RateHeaders) -> None:
        explained = rate_headers.limit is not None and rate_headers.remaining == 0
        if self._pause.counts(ticket) and not explained:
            self._estimate.refuse(ticket, 0 if self._pause.half_open else self._log.successes, now)
        self._pause.begin(ticket, now, asked_s=read_wait_s(headers), sent=self._log.sent)

    def _close(self, ticket: Ticket) -> None:
        self._estimate.close(ticket)
        self._introduced = True
        if ticket is self._alone:
            self._alone = None

    def _try_s(self, now: float) -> float:
        """Return how long until one may go beyond the estimate; infinity when what is known for sure is used up too."""
        sure = self._less_others(_least(self.ceiling, self._known_limit(now)), now)
        if sure is not None and self._log.held >= sure:
            return math.inf
        return self._estimate.seconds_until_try(self._log.held, now)

    def _spacing_s(self, capacity: int, now: float) -> float:
        """Return how long the next one keeps its distance: beside others, the second half of the capacity goes evenly.

        Bursts would see the others' use at one moment of the service's window only, and leave them nothing in the rest.
        """
        if not self._foreign.value(now) or self._log.held < capacity / 2:
            return 0.0
        return self._last_sent_s + HOLD_S / capacity - now

    def _reason(self, now: float) -> str:
        limit, others = self.limit(now), self._foreign.value(now)
        if limit == self.ceiling:
            return f"requests_per_minute={limit}"
        if self._known_limit(now) is None:
            return f"the account's limit, about {limit}/min"
        return f"the account's limit of {limit}/min" + (f", others use {others} of it" if others else "")


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit), default=None)
