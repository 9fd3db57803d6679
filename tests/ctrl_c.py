"""Ctrl-C at a moment that is waited for: by a real signal, and never when the block it belongs to is over."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ctrl_c_when(holds: Callable[[], bool]) -> Iterator[None]:
    """Send this process Ctrl-C as soon as something holds inside the block."""
    over, before = threading.Event(), signal.signal(signal.SIGINT, signal.default_int_handler)

    def strike() -> None:
        while not holds():
            if over.wait(0.01):
                return
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        signal.signal(signal.SIGINT, before)


def main_thread_is_in(name: str) -> bool:
    """Tell whether the main thread is in a function of this name, or in what that calls."""
    frame: FrameType | None = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame and frame.f_code.co_name != name:
        frame = frame.f_back
    return frame is not None
