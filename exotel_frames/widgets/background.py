"""One thing at a time, beside the kernel: the form stays alive, and a run can be stopped by its own button."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

from exotel_frames.widgets.callbacks import sentence_of

T = TypeVar("T")


class Background:
    """Does one thing at a time in a thread of its own; a second one is refused while the first is under way.

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
        try:
            self._on_busy(True)  # noqa: FBT003 - a callback has no keywords
        except BaseException:
            self._lock.release()
            raise
        context = contextvars.copy_context()  # the kernel knows by it to which cell an output belongs
        thread = threading.Thread(target=context.run, args=(self._do, work, then), daemon=True)
        thread.start()
        self._thread = thread  # once it runs: JupyterLab clicks in one thread while a cell may `wait` in another

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for what is under way; return whether it has ended."""
        thread = self._thread
        if thread:
            thread.join(timeout_s)
        return not (thread and thread.is_alive())

    def _do(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        problems = [_problem_of(lambda: then(work()))]
        self._lock.release()
        problems.append(_problem_of(lambda: self._on_busy(False)))  # noqa: FBT003 - a callback has no keywords
        sentences = [sentence_of(problem) for problem in problems if problem]
        if sentences:
            self._on_error(sentences[0])


def _problem_of(call: Callable[[], None]) -> BaseException | None:
    """Return what a call raised: a thread's own error would be seen by nobody."""
    try:
        call()
    except BaseException as problem:  # noqa: BLE001 - whatever it is, the person must see it
        return problem
    return None
