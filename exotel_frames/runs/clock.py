"""Two clocks of one service: the one in the `Date` of its responses, and the one that writes `date_created`.

They need not agree. The difference is learnt from our own writes: their stored date compared with the `Date` of the
response. This machine's clock is not used.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CLOCK_TOLERANCE_S: Final = 2.0
"""Dates are whole seconds, and an answer's `Date` may be written a moment after the row: two grains of one second."""
GRAIN_S: Final = 1.0
"""Dates are whole seconds."""
NOISE_S: Final = 3.0
"""Measured in whole seconds, over a request's duration, one and the same gap comes out as different as that."""
UNMEASURED_S: Final = 900.0
"""As long as nothing was written, the clocks may differ by so much before a row counts as surely older."""


@dataclass(frozen=True)
class ClockGap:
    """By how many seconds `date_created` is ahead of `Date`: at least `low_s`, at most `high_s`."""

    low_s: float = 0.0
    high_s: float = 0.0

    def is_before(self, written: datetime, moment: datetime) -> bool:
        """Tell whether a row was surely written before a moment of the `Date` clock."""
        return written < moment + timedelta(seconds=self.low_s - CLOCK_TOLERANCE_S)

    def is_since(self, written: datetime, moment: datetime) -> bool:
        """Tell whether a row was surely written at a moment of the `Date` clock, or later; dates are whole seconds."""
        return written >= (moment + timedelta(seconds=self.high_s)).replace(microsecond=0)


SAME_CLOCK: Final = ClockGap()


class ServiceClocks:
    """What is known of the gap between the two clocks; safe to share between threads.

    >>> clocks, noon = ServiceClocks(), datetime.fromisoformat("2026-01-01T12:00:00+00:00")
    >>> clocks.gap()
    ClockGap(low_s=-900.0, high_s=0.0)
    >>> clocks.measure(written=noon, answered=noon + timedelta(seconds=5))
    >>> clocks.gap()
    ClockGap(low_s=-5.0, high_s=-5.0)
    """

    def __init__(self, before_sending: Iterable[float] = ()) -> None:
        """Begin with gaps to the `Date` clock before the sending: each may be larger than the gap at the writing."""
        self._lock = threading.Lock()
        self._before_sending = set(before_sending)
        self._gaps: set[float] = set()
        self._ahead_s = 0.0
        self._known = self._estimate_gap()

    def measure(self, *, written: datetime | None, answered: datetime | None) -> None:
        """Learn from a write of our own: the date it was given, and the `Date` of the answer."""
        if written and answered and (gap_s := (written - answered).total_seconds()) not in self._gaps:
            with self._lock:
                self._gaps.add(gap_s)
                self._known = self._estimate_gap()

    def notice(self, *, newest: datetime | None, answered: datetime | None) -> None:
        """Learn from a reading: what it shows was written before it was answered."""
        if newest and answered:
            with self._lock:
                self._ahead_s = max(self._ahead_s, (newest - answered).total_seconds())
                self._known = self._estimate_gap()

    @property
    def is_measured(self) -> bool:
        """Whether the gap was seen in a write of our own."""
        with self._lock:
            return bool(self._gaps or self._before_sending)

    def gap(self) -> ClockGap:
        """Return the gap as far as it is known; nothing measured: the same clock, unless a reading contradicts."""
        return self._known

    def _estimate_gap(self) -> ClockGap:
        measured = self._gaps | self._before_sending
        if measured:
            low_s, high_s = min(measured), max(measured)
            least_s = min(self._gaps | {gap_s - GRAIN_S for gap_s in self._before_sending})
            return ClockGap(low_s, least_s if high_s - low_s <= NOISE_S else high_s)
        return ClockGap(-UNMEASURED_S, UNMEASURED_S if self._ahead_s > 0 else 0.0)
