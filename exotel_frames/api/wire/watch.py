"""How much time a request has left, and whether a byte of it was written."""

from __future__ import annotations

import math
import threading
import time


class Watch(threading.local):
    """What the current thread's exchange may still take, and how far it got; each thread sees its own."""

    deadline_s: float = math.inf
    written: bool = False

    def begin(self, timeout_s: float) -> None:
        """Start an exchange that may take so long in all."""
        self.deadline_s = time.monotonic() + timeout_s
        self.written = False

    def left_s(self) -> float:
        """Return what is left; TimeoutError when nothing is."""
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        return left_s
