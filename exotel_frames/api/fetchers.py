"""Threads that wait for the network, so that the main thread reacts to Ctrl-C at once."""

from __future__ import annotations

import _thread
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Self, TypeAlias, TypeVar

POLL_S = 0.2
"""How long the waiting thread sleeps at a time: on Windows nothing else lets Ctrl-C through."""

_GRACE_S = 0.5

T = TypeVar("T")
R = TypeVar("R")
Answer: TypeAlias = "queue.SimpleQueue[tuple[Any, BaseException | None]]"
Task: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...], Answer]


class Fetchers:
    """A few threads; nobody waits long for them at the end, since a hung server would hold up a Ctrl-C for minutes.

    >>> with Fetchers(2, on_tick=lambda: None) as fetchers:
    ...     fetchers.submit(max, 3, 7)()
    7
    """

    def __init__(self, most: int, *, on_tick: Callable[[], None]) -> None:
        self._most = most
        self._on_tick = on_tick
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open = 0
        self.withdrawn = 0
        """How many tasks nobody had begun when it ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(queue.Empty):
            while True:  # what nobody has begun is not begun any more
                self._tasks.get_nowait()
                self.withdrawn += 1
        for _one in self._threads:
            self._tasks.put(None)
        until_s = time.monotonic() + _GRACE_S
        for thread in self._threads:
            if thread.is_alive():  # a Ctrl-C can keep one from starting
                thread.join(max(0.0, until_s - time.monotonic()))

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        """Have something done by a thread; return what waits for it."""
        answer: Answer = queue.SimpleQueue()
        self._open += 1
        if len(self._threads) < min(self._most, self._open):
            thread = threading.Thread(target=self._run, name=f"listing-{self._open}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put((work, arguments, answer))
        return lambda: self._wait(answer)

    def _wait(self, answer: Answer) -> Any:
        found = _take(answer, self._on_tick)
        self._open -= 1
        return found

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            _do(*task)


def away_from_main(work: Callable[[T], R], given: T) -> R:
    """Do something that may block; in the main thread another one does it.

    Ctrl-C does not reach a look-up of a host's name there, which can take half a minute, nor on Windows any socket.

    >>> away_from_main(len, "abc")
    3
    """
    if threading.current_thread() is not threading.main_thread():
        return work(given)
    return in_background(work, given)(lambda: None)


def in_background(work: Callable[[T], R], given: T) -> Callable[[Callable[[], None]], R]:
    """Have another thread do something; return what waits for it, and calls a function every POLL_S meanwhile.

    >>> in_background(len, "abc")(lambda: None)
    3
    """
    answer: Answer = queue.SimpleQueue()
    _thread.start_new_thread(_do, (work, (given,), answer))  # one step: a Ctrl-C in Thread.start can break its locks
    return partial(_take, answer)


def _do(work: Callable[..., Any], arguments: tuple[Any, ...], answer: Answer) -> None:
    try:
        answer.put((work(*arguments), None))
    except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
        answer.put((None, problem))


def _take(answer: Answer, on_tick: Callable[[], None]) -> Any:
    """Wait for an answer; raise what its work raised."""
    while True:
        with suppress(queue.Empty):
            found, problem = answer.get(timeout=POLL_S)
            if problem is not None:
                raise problem
            return found
        on_tick()
