"""How long a write waits for somebody else's, and that a Ctrl-C ends the waiting."""

from __future__ import annotations

import time
from collections.abc import Callable


class Patience:
    """How long the writes of a journal wait: `seconds`, and no longer than `is_stopped` allows.

    SQLite's own waiting can't be stopped; so it waits a third of a second at a time, and asks here whether to go on.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.is_stopped: Callable[[], bool] = lambda: False

    def begin(self) -> Callable[[], bool]:
        """Return what tells whether a write that begins now may try again.

        >>> Patience().begin()()
        False
        """
        until_s = time.monotonic() + self.seconds
        return lambda: time.monotonic() < until_s and not self.is_stopped()
