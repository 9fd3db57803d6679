"""What a long call shows while it works: a bar, a function of the caller's, or nothing.

A bar never has the last word: saved notebooks show it at 0 %. So the calls end with a printed sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from exotel_frames.records import TokenVerdict, Verdict

MINUTE_S = 60.0
Listener = Callable[["Step"], None]


class Step(Protocol):
    """What a listener is told: rows done so far, of how many (None: not known), and a remark (a wait, the counts)."""

    done: int
    total: int | None
    remark: str


class Progress:
    """Rows done, of how many, and what to say beside them; drawn by the thread that waits for the run."""

    def __init__(
        self, draw: Callable[[Progress], None], total: int | None, seconds_for: Callable[[int], float] = lambda _: 0.0
    ) -> None:
        self._draw = draw
        self._seconds_for = seconds_for
        self.done = 0
        self.total = total
        self.remark = ""
        self._outcomes: Counter[str] = Counter()
        self._waiting = ""

    def add(self, verdicts: Sequence[Verdict] | Sequence[TokenVerdict]) -> None:
        """Count finished rows."""
        self.done += len(verdicts)
        self._outcomes.update(verdict.outcome for verdict in verdicts)
        self.draw()

    def reach(self, rows: int) -> None:
        """Say how many rows are known by now."""
        self.done = rows
        self.draw()

    def waits(self, waiting: Any) -> None:
        """Hear from the limiter, in any thread; it is drawn at the next tick."""
        self._waiting = f"waiting {waiting.seconds:.0f} s: {waiting.reason}" if waiting.seconds >= 1 else ""

    def draw(self) -> None:
        """Draw the present state."""
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in self._outcomes.items())
        self.remark = "; ".join(part for part in (self._waiting or counts, self._time_left()) if part)
        self._draw(self)

    def _time_left(self) -> str:
        """Say how long the account's rate limit makes the rest take, when that is worth saying."""
        seconds = self._seconds_for(self.total - self.done) if self.total else 0.0
        return f"at least {seconds / 60:.0f} min left at the account's limit" if seconds > MINUTE_S else ""


@contextmanager
def progress_of(
    progress: bool | Listener,
    what: str,
    total: int | None = None,
    *,
    seconds_for: Callable[[int], float] = lambda _: 0.0,
) -> Iterator[Progress]:
    """Give a Progress that is drawn as `progress` says: True a tqdm bar, False nothing, a function: told each step.

    `seconds_for(rows)` is how long the rate limit makes so many rows take.
    """
    if callable(progress):
        yield Progress(progress, total, seconds_for)
    elif progress:
        yield from _with_bar(what, total, seconds_for)
    else:
        yield Progress(lambda _: None, total)


def _with_bar(what: str, total: int | None, seconds_for: Callable[[int], float]) -> Iterator[Progress]:
    from tqdm.auto import tqdm  # noqa: PLC0415 - it looks for a notebook when it is imported

    with tqdm(total=total, desc=what, unit=" rows", dynamic_ncols=True) as bar:

        def draw(state: Progress) -> None:
            bar.set_postfix_str(state.remark, refresh=False)
            bar.update(state.done - bar.n)

        yield Progress(draw, total, seconds_for)
        bar.refresh()
