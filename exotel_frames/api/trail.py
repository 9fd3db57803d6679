"""What a walk through a listing has read so far, and how one page joins the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Generic, Literal, NamedTuple, TypeVar

from msgspec import Struct

from exotel_frames.records import Page, instant
from exotel_frames.schema import PAGE_MAX

T = TypeVar("T")
_SECONDS = len("2019-11-19T23:14:17")


class Part(Struct, Generic[T], frozen=True):
    """The rows of one page, and which of their positions count; the others are in an earlier part."""

    rows: T
    keep: tuple[int, ...] | slice


class Listing(Struct, Generic[T], frozen=True):
    """A complete listing, newest first: every row that was there all the while, once.

    `rows` is how many count, `requests` how many pages were asked for; `walk` tells whether the first reading held
    ("quiet") or had to be mended ("anchored").
    """

    parts: tuple[Part[T], ...]
    rows: int
    requests: int
    walk: Literal["quiet", "anchored"]


class UnprovableError(Exception):
    """The dates can't carry a proof: the pages are complete only if nothing moves."""


class Span(NamedTuple):
    """The dates of a page that is newest first; `tail` is how many of its last rows share the oldest one.

    A page is one moment's unbroken piece of the list: it holds every row strictly between its newest and oldest date.
    """

    newest: datetime
    oldest: datetime
    tail: int


class Stretch(Struct, Generic[T], frozen=True):
    """A page that was taken, with what the walk has reached by it.

    Rows older than `frontier` are still to come. `soft`: the joint with the page before is sure only if nothing moved.
    """

    part: Part[T]
    names: Sequence[str]
    end: int
    tail: int
    frontier: datetime | None
    soft: bool


class Trail(Generic[T]):
    """The pages taken so far, newest first; the names are let go with it."""

    def __init__(self) -> None:
        self.stretches: list[Stretch[T]] = []
        self.seen: set[str] = set()
        self.size = PAGE_MAX  # how many rows the service gives at a time: a service may give fewer than it is asked for
        self.last_page: Page[T] | None = None

    @property
    def end(self) -> int:
        """The position behind the last page that was taken."""
        return self.stretches[-1].end if self.stretches else 0

    @property
    def frontier(self) -> datetime | None:
        """The oldest date reached; None before the first page, and where the dates tell nothing."""
        return self.stretches[-1].frontier if self.stretches else None

    def take(self, page: Page[T], span: Span | None, *, soft: bool = False, frontier: datetime | None = None) -> bool:
        """Take the rows not seen yet (and, with a frontier, not newer than it); tell whether that ended the list."""
        keep = []
        for at, name in enumerate(page.names):
            if name not in self.seen and (frontier is None or _not_after(page.created[at], frontier)):
                self.seen.add(name)
                keep.append(at)
        ended = not page.names or (len(page.names) < self.size and (page.last or not keep))
        if not page.last and not ended:
            self.size = min(self.size, len(page.names))
        self.stretches.append(
            Stretch(
                part=Part(page.rows, _compact(keep)),
                names=[page.names[at] for at in keep],
                end=page.offset + len(page.names),
                tail=span.tail if span else 0,
                frontier=self._reached(span),
                soft=soft,
            )
        )
        self.last_page = page
        return ended

    def _reached(self, span: Span | None) -> datetime | None:
        return min(span.oldest, self.frontier or span.oldest) if span else None

    def joins(self, span: Span | None) -> bool:
        """Tell whether a page with these dates leaves no gap: it begins strictly above the oldest date reached.

        This needs the dates only, so it holds in any order of equal dates, and whatever was written meanwhile.
        """
        return span is not None and self.frontier is not None and span.newest > self.frontier

    def is_above(self, span: Span | None) -> bool:
        """Tell whether a page with these dates lies wholly above the oldest date reached: it brings nothing."""
        return span is not None and self.frontier is not None and span.oldest > self.frontier

    def cut_at_soft_joint(self) -> bool:
        """Let go of everything from the first joint on that is sure only if nothing moved; tell if there is one."""
        keep = next((at for at, stretch in enumerate(self.stretches) if stretch.soft), len(self.stretches))
        cut, self.stretches = self.stretches[keep:], self.stretches[:keep]
        for stretch in cut:
            self.seen.difference_update(stretch.names)
        return bool(cut)

    def listing(self, *, requests: int, walk: Literal["quiet", "anchored"]) -> Listing[T]:
        """Return what was read, without the pages that brought nothing."""
        parts = tuple(stretch.part for stretch in self.stretches if stretch.names)
        return Listing(parts=parts, rows=len(self.seen), requests=requests, walk=walk)


def span_of(page: Page[T]) -> Span | None:
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


def _compact(keep: list[int]) -> tuple[int, ...] | slice:
    if keep and keep[-1] - keep[0] == len(keep) - 1:
        return slice(keep[0], keep[-1] + 1)
    return tuple(keep)
