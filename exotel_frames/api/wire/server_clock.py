"""The service's clock, without using this machine's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from exotel_frames.api.after_fork import renew_in_children

SKEW_S: Final = 1.5
"""Whole seconds of several servers may differ by so much."""
DOUBT_S: Final = 60.0
"""So long after a `Date` that went back the service tells no time."""


class ServerClock:
    """The service's clock, as far as its answers tell it: the latest moment they prove; none while they contradict.

    Several servers may disagree by a second or two: then the latest one counts. A `Date` further back is no clock.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: tuple[datetime, float] | None = None
        self._doubted_until_s = 0.0
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Take a lock of one's own: a thread of the parent may have held the old one."""
        self._lock = threading.Lock()

    def learn(self, told: datetime | None) -> None:
        """Take the `Date` of an answer that has just come."""
        if not told:
            return
        with self._lock:
            now_s = self._monotonic()
            shown = self._time_at(now_s)
            back_s = (shown - told).total_seconds() if shown else 0.0
            if back_s > SKEW_S:
                self._doubted_until_s = now_s + DOUBT_S
            if not 0 < back_s <= SKEW_S:
                self._seen = (told, now_s)

    def now(self) -> datetime | None:
        """Return what the service's clock shows at least; None before the first answer, and while it runs backwards."""
        with self._lock:
            now_s = self._monotonic()
            return None if now_s < self._doubted_until_s else self._time_at(now_s)

    def _time_at(self, now_s: float) -> datetime | None:
        if self._seen is None:
            return None
        told, then_s = self._seen
        return told + timedelta(seconds=now_s - then_s)
