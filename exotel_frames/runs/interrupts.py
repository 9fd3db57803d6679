"""One Ctrl-C stops a run; further ones right after it must not lose its results."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

IGNORED_S: Final = 5.0
"""So long after the first Ctrl-C the next ones are taken for the same: by then the run has ended, or hangs."""


@contextmanager
def one_interrupt(clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Raise KeyboardInterrupt for the first Ctrl-C inside, and not again for those that come right after it.

    Only where Ctrl-C does what Python does by itself, and in the main thread: nobody's own handler is replaced.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    first_s: list[float] = []

    def handle(_number: int, _frame: FrameType | None) -> None:
        now_s = clock()
        if first_s and now_s < first_s[0] + IGNORED_S:
            return
        first_s[:] = [now_s]
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
