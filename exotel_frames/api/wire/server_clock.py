"""The service's clock, without ever asking this machine's."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

from exotel_frames.api.after_fork import renew_in_children


class ServerClock:
    """The service's clock, as far as its answers tell it: the newest `Date`, and how long ago that was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[datetime, float] | None = None
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Take a lock of one's own: a thread of the parent may have held the old one."""
        self._lock = threading.Lock()

    def learn(self, told: datetime | None) -> None:
        """Take the `Date` of an answer that has just come."""
        if told:
            with self._lock:
                self._seen = (told, time.monotonic())

    def now(self) -> datetime | None:
        """Return what the service's clock shows at least; None before the first answer."""
        with self._lock:
            if self._seen is None:
                return None
            told, then_s = self._seen
            return told + timedelta(seconds=time.monotonic() - then_s)
