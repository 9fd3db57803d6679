"""What a walk through a listing has read so far, and how one page joins the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from exotel_frames.records import Page, instant
from exotel_frames.schema import PAGE_MAX

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
_SECONDS = len("2019-11-19T23:14:17")


class Rows(Protocol[T_contra]):
    """Whatever takes the rows of a listing, in their order: a list, for one. A walk only looks at their number."""

    def __len__(self) -> int:
        """Return how many there are."""

    def extend(self, rows: Iterable[T_contra], /) -> None:
        """Take some more."""

    def __delitem__(self, end: slice, /) -> None:
        """Drop the last rows: `del rows[n:]`."""


class UnprovableError(Exception):
    """The dates can't carry a proof: the pages are complete only if nothing moves."""


class Span(NamedTuple):
    """The dates of a page that is newest first; `tail` is how many of its last rows share the oldest one.

    A page is one moment's unbroken piece of the list: it holds every row strictly between its newest and oldest date.
    """

    newest: datetime
    oldest: datetime
    tail: int


class AcceptedPage(Struct, frozen=True):
    """A page that was taken, with what the walk has reached by it.

    `first`: how many rows were collected before it. `end`: the position behind its last row. `frontier`: the oldest
    date reached; older rows are to come. `unproven`: its overlap with the page before proves nothing if rows moved.
    """

    first: int
    names: Sequence[str]
    end: int
    tail: int
    frontier: datetime | None
    unproven: bool


class Collected(Generic[T]):
    """The pages taken so far, newest first; their rows go to `rows`, the names are kept until the listing is whole."""

    def __init__(self, rows: Rows[T]) -> None:
        del rows[0:]
        self.rows = rows
        self.accepted: list[AcceptedPage] = []
        self.seen: set[str] = set()
        self.size = PAGE_MAX  # how many rows the service gives at a time: a service may give fewer than it is asked for
        self.last_page: Page[T] | None = None

    @property
    def end(self) -> int:
        """The position behind the last page that was taken."""
        return self.accepted[-1].end if self.accepted else 0

    @property
    def frontier(self) -> datetime | None:
        """The oldest date reached; None before the first page, and where the dates tell nothing."""
        return self.accepted[-1].frontier if self.accepted else None

    def take(
        self, page: Page[T], span: Span | None, *, unproven: bool = False, frontier: datetime | None = None
    ) -> bool:
        """Take the rows not seen yet (and, with a frontier, not newer than it); tell whether that ended the list."""
        keep = self._fresh(page, frontier)
        names = _pick(page.names, keep)
        proves_end = page.last and page.linked  # a service that never names a page proves nothing by naming none
        ended = not page.names or (len(page.names) < self.size and (proves_end or not keep))
        if not proves_end and not ended:
            self.size = min(self.size, len(page.names))
        self.accepted.append(
            AcceptedPage(
                first=len(self.rows),
                names=names,
                end=page.offset + len(page.names),
                tail=span.tail if span else 0,
                frontier=self._frontier_after(span),
                unproven=unproven,
            )
        )
        self.seen.update(names)
        self.rows.extend(_pick(page.rows, keep))
        self.last_page = page
        return ended

    def _fresh(self, page: Page[T], frontier: datetime | None) -> list[int]:
        """Return the positions of a page that count; a name that a service gives twice counts once."""
        seen, names = self.seen, page.names
        fresh = [at for at, name in enumerate(names) if name not in seen]
        if frontier is not None:
            fresh = [at for at in fresh if _not_after(page.created[at], frontier)]
        once = {names[at]: at for at in reversed(fresh)}
        return fresh if len(once) == len(fresh) else sorted(once.values())

    def _frontier_after(self, span: Span | None) -> datetime | None:
        return min(span.oldest, self.frontier or span.oldest) if span else None

    def overlaps_span(self, span: Span | None) -> bool:
        """Tell whether a page with these dates leaves no gap: it begins strictly above the oldest date reached.

        This needs the dates only, so it holds in any order of equal dates, and whatever was written meanwhile.
        """
        return span is not None and self.frontier is not None and span.newest > self.frontier

    def is_above(self, span: Span | None) -> bool:
        """Tell whether a page with these dates lies wholly above the oldest date reached: it brings nothing."""
        return span is not None and self.frontier is not None and span.oldest > self.frontier

    def drop_unproven(self) -> bool:
        """Drop every page from the first unproven overlap on; tell whether there was one."""
        keep = next((at for at, page in enumerate(self.accepted) if page.unproven), len(self.accepted))
        cut, self.accepted = self.accepted[keep:], self.accepted[:keep]
        for page in cut:
            self.seen.difference_update(page.names)
        if cut:
            del self.rows[cut[0].first :]
        return bool(cut)


def span_of(page: Page[Any]) -> Span | None:
    """Return a page's dates; None when it is empty, when a date is missing or when it is not newest first."""
    created = page.created
    if not created or not _newest_first(created):
        return None
    newest, oldest = instant(created[0]), instant(created[-1])
    if newest is None or oldest is None:
        return None
    return Span(newest, oldest, sum(1 for _ in takewhile(lambda text: text == created[-1], reversed(created))))


def _newest_first(created: Sequence[str | None]) -> bool:
    texts = [text for text in created if text is not None]
    if len(texts) < len(created):
        return False
    if len({text[_SECONDS:] for text in texts}) == 1:  # texts of one form and one offset sort like their instants
        return texts == sorted(texts, reverse=True)
    dates = [date for text in texts if (date := instant(text)) is not None]
    return len(dates) == len(texts) and dates == sorted(dates, reverse=True)


def _not_after(text: str | None, frontier: datetime) -> bool:
    date = instant(text)
    return date is not None and date <= frontier


def _pick(values: Sequence[T], positions: list[int]) -> Sequence[T]:
    """Return the values at these positions; most pages give a piece without holes."""
    if positions and positions[-1] - positions[0] == len(positions) - 1:
        return values[positions[0] : positions[-1] + 1]
    return [values[at] for at in positions]
