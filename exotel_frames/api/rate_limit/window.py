"""What may still count against a rate limit, and what was seen lately: the limiter's memory. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

WINDOW_S: Final = 60.0
MARGIN_S: Final = 0.1
"""Two clocks drift apart by milliseconds a minute, and services count in ticks."""
HOLD_S: Final = WINDOW_S + MARGIN_S


@dataclass(frozen=True, eq=False)
class Ticket:
    """One request under way: its number, how many were held with it, how many had left the log before it.

    A `probe` asks whether a pause is over; one `beyond` asks whether the limit is higher than was estimated.
    """

    number: int
    held: int
    expired: int
    probe: bool
    beyond: bool


class WindowLog:
    """The requests that may still count against the limit: those under way, and those answered within a window."""

    def __init__(self) -> None:
        self.sent = 0
        self.expired = 0
        self.successes = 0
        """How many of the answered ones were let through."""
        self._under_way: set[Ticket] = set()
        self._ends: deque[tuple[float, bool]] = deque()

    @property
    def in_flight(self) -> int:
        """How many are under way."""
        return len(self._under_way)

    @property
    def ended(self) -> int:
        """How many were ever answered, or lost."""
        return self.expired + len(self._ends)

    @property
    def held(self) -> int:
        """How many requests may count now."""
        return len(self._under_way) + len(self._ends)

    def next_ticket(self, *, probe: bool, beyond: bool) -> Ticket:
        """Return the ticket of the next one; nothing is counted yet."""
        return Ticket(number=self.sent + 1, held=self.held + 1, expired=self.expired, probe=probe, beyond=beyond)

    def send(self, ticket: Ticket) -> None:
        """Take one in."""
        self.sent = ticket.number
        self._under_way.add(ticket)

    def end(self, ticket: Ticket, now: float, *, ok: bool) -> None:
        """Keep one that was answered, or whose answer was lost, for a window more; said again, it changes nothing."""
        if ticket in self._under_way:
            self.successes += ok
            self._ends.append((now + HOLD_S, ok))
            self._under_way.discard(ticket)

    def give_back(self, ticket: Ticket) -> None:
        """Forget one that never left this machine."""
        self._under_way.discard(ticket)

    def expire(self, now: float) -> None:
        """Let go of those no window can hold any more."""
        while self._ends and self._ends[0][0] <= now:
            self.successes -= self._ends.popleft()[1]
            self.expired += 1

    def seconds_until(self, capacity: int, nth: int, now: float) -> float:
        """Return how long until the nth further request has a place among `capacity`, if each is answered at once."""
        # each further one takes the place of the one that was sent `capacity` requests before it
        windows, nth_of_window = divmod(nth - 1, capacity)
        turn = self.held - capacity + nth_of_window
        release_s = next(islice(self._ends, turn, None), (now + HOLD_S,))[0] if turn >= 0 else now
        return windows * HOLD_S + release_s - now

    def next_release_s(self, capacity: int, now: float) -> float:
        """Return how long until one fewer than `capacity` is held; infinity when only an answer can tell."""
        surplus = self.held - capacity
        return self._ends[surplus][0] - now if surplus < len(self._ends) else math.inf


class Recent:
    """The least or the largest value seen within about a window; None when there was none."""

    _STEP_S: Final = WINDOW_S / 10
    _STEPS: Final = 11  # one more than a window: a burst a window ago must not be forgotten just before the next

    def __init__(self, pick: Callable[..., Any]) -> None:
        self._pick = pick
        self._steps: dict[int, int] = {}

    def see(self, now: float, value: int) -> None:
        """Take one value in."""
        step = int(now // self._STEP_S)
        self._steps[step] = self._pick(self._steps.get(step, value), value)

    def value(self, now: float) -> int | None:
        """Return the picked one of the last window."""
        oldest = int(now // self._STEP_S) - self._STEPS
        while self._steps and (first := next(iter(self._steps))) < oldest:
            del self._steps[first]
        best: int | None = self._pick(self._steps.values(), default=None)
        return best
