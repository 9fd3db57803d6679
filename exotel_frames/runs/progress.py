"""The progress of a long call: a bar, the caller's function, or nothing.

`progress=True` draws a bar in a notebook and in a terminal, and writes a line every half minute elsewhere;
`progress=False` says nothing; a function is called with a `Step` whenever there is progress. An exception from it stops
the call; a KeyboardInterrupt does so like Ctrl-C. Saved notebooks show a bar at 0 %, so the calls end with a printed
sentence.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from exotel_frames.records import TokenVerdict, Verdict

MINUTE_S: Final = 60.0
SILENCE_S: Final = 2.0
"""After so long without an answer it is said that none comes."""
TICK_S: Final = 0.5
LINE_EVERY_S: Final = 30.0
_PACE_AFTER_S: Final = 3.0
"""Before that a pace says nothing."""
_NOT_DONE: Final = "not_sent"
Listener = Callable[["Step"], None]


class Step(Protocol):
    """What a listener is told: rows done so far, of how many (None: not known), and a remark (a wait, the counts)."""

    done: int
    total: int | None
    remark: str


class Progress:
    """Rows done, of how many, and what to say beside them: the one source of every number that is shown.

    Rows are counted as they are answered, by any thread; `draw` (None: nobody looks) is called by the thread that waits
    for the run.
    """

    def __init__(
        self,
        draw: Callable[[Progress], None] | None,
        total: int | None,
        seconds_for: Callable[[int], float] = lambda _: 0.0,
        *,
        service: str = "the service",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._draw, self._seconds_for, self._service, self._clock = draw, seconds_for, service, clock
        self.done = 0
        self.total = total
        self.remark = ""
        self._outcome_of: dict[int, str] = {}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._began_s = self._heard_s = clock()
        self._wait_ends_s, self._wait_reason = -math.inf, ""

    @property
    def is_shown(self) -> bool:
        """Whether anybody looks."""
        return self._draw is not None

    def add_row(self, verdict: Verdict | TokenVerdict) -> None:
        """Count one row as soon as it is answered; from any thread, drawn at the next tick."""
        self._count((verdict,))

    def add(self, verdicts: Sequence[Verdict] | Sequence[TokenVerdict]) -> None:
        """Count finished rows."""
        self._count(verdicts)
        self.draw()

    def _count(self, verdicts: Sequence[Verdict | TokenVerdict]) -> None:
        with self._lock:
            for verdict in verdicts:
                before = self._outcome_of.get(verdict.row)
                self._outcome_of[verdict.row] = verdict.outcome
                self._counts[verdict.outcome] += 1
                self._counts[before or verdict.outcome] -= 1 if before else 0
            self._heard_s = self._clock()

    def reach(self, rows: int) -> None:
        """Say how many rows are known by now."""
        self.done, self._heard_s = rows, self._clock()
        self.draw()

    def mark_silent(self, began_s: float) -> None:
        """Say that something was asked before this was there, and that nothing came since then."""
        self._heard_s = began_s

    def on_wait(self, waiting: Any) -> None:
        """Hear from the limiter, in any thread; it is drawn at the next tick."""
        self._heard_s = self._clock()
        self._wait_ends_s, self._wait_reason = self._heard_s + waiting.seconds, waiting.reason

    def finish(self) -> None:
        """Say that all is known: a listing's total is what it has found."""
        self.total = self.done if self.total is None else self.total
        self._wait_ends_s, self._heard_s = -math.inf, math.inf
        self.draw()

    def draw(self) -> None:
        """Draw the present state."""
        if self._draw is None:
            return
        with self._lock:
            counts = {outcome: count for outcome, count in self._counts.items() if count and outcome != _NOT_DONE}
        self.done = max(self.done, sum(counts.values()))
        counted = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
        self.remark = "; ".join(part for part in (self._waiting_text() or counted, self._time_left()) if part)
        self._draw(self)

    @property
    def text(self) -> str:
        """All of it in one line.

        >>> Progress(print, 400).text
        '0 of 400 rows'
        """
        known = self.total is not None and self.total != self.done
        rows = f"{self.done:,} of {self.total:,} rows" if known else f"{self.done:,} rows"
        return f"{rows}: {self.remark}" if self.remark else rows

    def _waiting_text(self) -> str:
        """Return what is waited for, with the seconds that are left of it."""
        now_s = self._clock()
        wait_s, silence_s = self._wait_ends_s - now_s, now_s - self._heard_s
        if wait_s > 0:
            return f"waiting {math.ceil(wait_s)} s: {self._wait_reason}" if wait_s >= 1 else ""
        since_wait_s = now_s - self._wait_ends_s
        if min(silence_s, since_wait_s) >= SILENCE_S:
            return f"no response from {self._service} for {min(silence_s, since_wait_s):.0f} s, still trying"
        return ""

    def _time_left(self) -> str:
        """Say how long the rest takes: by the pace so far, and at least what the account's rate limit makes it."""
        left = (self.total or 0) - self.done
        if left <= 0:
            return ""
        limit_s = self._seconds_for(left)
        passed_s = self._clock() - self._began_s
        pace_s = left / self.done * passed_s if self.done and passed_s >= _PACE_AFTER_S else 0.0
        if limit_s >= max(pace_s, MINUTE_S):
            return f"at least {limit_s / 60:.0f} min left at the account's limit"
        left_s = max(limit_s, pace_s)
        if left_s < 1:
            return ""
        return f"about {left_s:.0f} s left" if left_s < MINUTE_S else f"about {left_s / 60:.0f} min left"


@contextmanager
def progress_of(
    progress: bool | Listener,
    what: str,
    total: int | None = None,
    *,
    seconds_for: Callable[[int], float] = lambda _: 0.0,
    service: str = "the service",
) -> Iterator[Progress]:
    """Give a Progress that is drawn as `progress` says: see this module.

    `seconds_for(rows)` is how long the rate limit makes so many rows take, `service` who is asked.
    """
    if callable(progress):
        yield Progress(progress, total, seconds_for, service=service)
    elif progress:
        with _make_drawer(what, total) as draw:
            state = Progress(draw, total, seconds_for, service=service)
            with _draw_regularly(state.draw):
                yield state
            state.finish()
    else:
        yield Progress(None, total)


@contextmanager
def _draw_regularly(draw: Callable[[], None]) -> Iterator[None]:
    """Draw twice a second in a thread: a wait counts down, and silence is seen, also when no row comes."""
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(TICK_S):
            draw()

    thread = threading.Thread(target=tick, name="exotel_frames-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _make_drawer(what: str, total: int | None) -> Iterator[Callable[[Progress], None]]:
    """Give what draws a Progress: a bar where one can be drawn, else a line now and then.

    What can't be drawn (a closed terminal, a full disk behind it) is not drawn: the run goes on.
    """
    from tqdm.auto import tqdm  # noqa: PLC0415 - it looks for a notebook when it is imported

    is_notebook = any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__)
    if not is_notebook and not _is_terminal():
        yield _forgive_errors(lines(what, sys.stderr))
        return
    # With a delay it draws nothing as it is made: what can't be drawn is found out below.
    bar = tqdm(total=total, bar_format="{bar} {desc}" if total else "{desc}", dynamic_ncols=True, delay=0.001)

    def draw(state: Progress) -> None:
        if state.total is not None and bar.total != state.total:
            bar.reset(total=state.total)
        bar.bar_format = "{bar} {desc}" if state.total else "{desc}"
        bar.set_description_str(f"{what}: {state.text}", refresh=False)
        bar.n = state.done
        bar.refresh()

    try:
        yield _forgive_errors(draw)
    finally:
        _forgive_errors(lambda _: bar.close())(None)
        bar.disable = True  # else it tries again as it is collected


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # pythonw has none; one that was closed
        return False


def _forgive_errors(draw: Callable[[Any], None]) -> Callable[[Any], None]:
    lock = threading.Lock()
    can_draw = True

    def attempt(state: Any) -> None:
        nonlocal can_draw
        with lock:
            try:
                if can_draw:
                    draw(state)
            except Exception:  # noqa: BLE001 - a bar is never worth a run
                can_draw = False

    return attempt


def lines(what: str, out: Any, clock: Callable[[], float] = time.monotonic) -> Callable[[Progress], None]:
    """Return what writes a line every half minute at most: a log would be flooded by a bar."""
    last_s = clock()

    def draw(state: Progress) -> None:
        nonlocal last_s
        if clock() - last_s >= LINE_EVERY_S:
            last_s = clock()
            print(f"{what}: {state.text}", file=out, flush=True)

    return draw
