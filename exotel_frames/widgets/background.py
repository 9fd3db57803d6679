"""Runs one task at a time in a thread of its own, so that a form can be used, and its Stop clicked, meanwhile."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

from exotel_frames.widgets.callbacks import describe_error

T = TypeVar("T")


class Background:
    """Runs tasks in a thread, one at a time: a task that is started while another runs is ignored.

    `on_busy(True)` is called when a task starts, `on_busy(False)` when it ends. Whatever exception the task, or one of
    these calls, raises is passed to `on_error` as a sentence.
    """

    def __init__(self, on_busy: Callable[[bool], None], on_error: Callable[[str], None]) -> None:
        self._on_busy = on_busy
        self._on_error = on_error
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Call `work` in a thread, and then `then` with its result in the same thread."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._on_busy(True)  # noqa: FBT003 - a callback has no keywords
        except BaseException:
            self._lock.release()
            raise
        context = contextvars.copy_context()  # the kernel finds in it the cell that an output belongs to
        thread = threading.Thread(target=context.run, args=(self._run, work, then), daemon=True)
        thread.start()
        self._thread = thread  # only once started: JupyterLab clicks in one thread while a cell may `wait` in another

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the running task to end; return whether it has."""
        thread = self._thread
        if thread:
            thread.join(timeout_s)
        return not (thread and thread.is_alive())

    def _run(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        problems = [_exception_of(lambda: then(work()))]
        self._lock.release()
        problems.append(_exception_of(lambda: self._on_busy(False)))  # noqa: FBT003 - a callback has no keywords
        sentences = [describe_error(problem) for problem in problems if problem]
        if sentences:
            self._on_error(sentences[0])


def _exception_of(call: Callable[[], None]) -> BaseException | None:
    """Return what a call raised: nobody sees an exception that ends a thread."""
    try:
        call()
    except BaseException as problem:  # noqa: BLE001 - whatever it is, the form must show it
        return problem
    return None
