"""A gate before a sandbox: so many requests of a kind pass, and the next ones wait until the test opens it.

A test that strikes in the middle of a run has something left to do then, however slow the machine is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.runs.progress import Step
from tests.operations.mutating_proxy import spoiling_proxy

PATIENCE_S = 60


class Gate:
    """Lets so many requests pass whose line begins like this, and holds the next ones before the service sees them."""

    def __init__(self, begins: str, passes: int) -> None:
        self._begins, self._left = begins, passes
        self._lock, self._opened = threading.Lock(), threading.Event()
        self.holds = threading.Event()
        """Whether a request waits, or has waited."""

    def hold(self, line: str) -> None:
        if not line.startswith(self._begins):
            return
        with self._lock:
            self._left -= 1
            passes = self._left >= 0
        if not passes:
            self.holds.set()
            assert self._opened.wait(PATIENCE_S)

    def open(self) -> None:
        """Let what waits, and what comes, pass."""
        self._opened.set()

    def stop_run_at(self, done: int) -> Callable[[Step], None]:
        """Return a progress function that stops a run by hand while a request waits, which may pass afterwards."""
        struck = threading.Event()

        def tell(step: Step) -> None:
            if struck.is_set():  # the run looks again, for what is under way
                self.open()
            elif step.done >= done and self.holds.is_set():
                struck.set()
                raise KeyboardInterrupt

        return tell


@contextmanager
def gated(box: ef.Sandbox, begins: str, passes: int, **options: object) -> Iterator[tuple[Client, Gate]]:
    """Yield a client that comes to the sandbox through a gate, and the gate."""
    gate = Gate(begins, passes)
    with spoiling_proxy(box.base_url, lambda _line, _status, content: content, hold=gate.hold) as url:
        try:
            yield Client(replace(box.connect(**options).settings, base_url=url)), gate
        finally:
            gate.open()
