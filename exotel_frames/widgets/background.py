"""One thing at a time, beside the kernel: the form stays alive, and a run can be stopped by its own button."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

from exotel_frames.errors import ExotelFramesError, RunInterrupted

T = TypeVar("T")


class Background:
    """Does one thing at a time in a thread of its own; whoever asks for a second one meanwhile is not heard.

    `on_busy(True)` is called as a thing begins, `on_busy(False)` as it ends; `on_error` is told in a sentence what went
    wrong, whatever it was: nothing is lost in a log.
    """

    def __init__(self, on_busy: Callable[[bool], None], on_error: Callable[[str], None]) -> None:
        self._on_busy = on_busy
        self._on_error = on_error
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do `work` in the background, and hand what it returns to `then`; the same thread does both."""
        if not self._lock.acquire(blocking=False):
            return
        self._on_busy(True)  # noqa: FBT003 - a callback has no keywords
        context = contextvars.copy_context()  # the kernel knows by it to which cell an output belongs
        self._thread = threading.Thread(target=context.run, args=(self._do, work, then), daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for what is under way; return whether it has ended."""
        thread = self._thread
        if thread:
            thread.join(timeout_s)
        return not (thread and thread.is_alive())

    def _do(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        problem = ""
        try:
            then(work())
        except (ExotelFramesError, RunInterrupted) as known:
            problem = str(known)
        except BaseException as unknown:  # noqa: BLE001 - a thread's error would be seen by nobody
            problem = f"This went wrong inside the tool ({type(unknown).__name__}: {unknown}). {_LOOK}"
        finally:
            self._lock.release()
            self._on_busy(False)  # noqa: FBT003 - a callback has no keywords
        if problem:
            self._on_error(problem)


_LOOK = "What was sent stands in the journal: ef.list_runs(client) and ef.read_results(client) show it."
