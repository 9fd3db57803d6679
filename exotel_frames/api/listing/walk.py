"""A complete listing while others write: read quietly, prove it, and repair what can't be proved.

The service lists newest first, by offset, without a total. Each insert pushes the rows below it down, each delete
pulls them up, so that plain pages miss rows and show others twice. Two ways of reading solve this: `quiet` (overlapping
pages; nearly always enough) and `anchored` (pages joined by dates, for times of many writes).

What is guaranteed: a row that was in the list from the first request to the last is in the listing exactly once, with a
state it had in between. A row that was added or removed meanwhile may be there or not. With a status filter "in the
list" means "with that status": a row that was switched away and back may be missing. A listing that can't be proved
complete is an `UnstableListingError`.

The assumption: the service orders by a date that never changes (or nothing is written meanwhile). Rows of one second
may come in any order. One coincidence can't be detected: such rows change places from one response to the next, *and* a
row above them is deleted between these answers, *and* all rows that the two pages share are of that second and came in
the same order twice. The first overlaps share up to 9 rows, where chance does not do that; after 73 overlaps (7,000
rows) the pages share one row, and two rows of one second are enough.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct, structs

from exotel_frames.api.fetchers import Fetchers
from exotel_frames.api.listing.anchored import read_anchored
from exotel_frames.api.listing.collected import Collected, Rows, UnprovableError
from exotel_frames.api.listing.overlapping import read_overlapping
from exotel_frames.api.listing.two_readings import read_twice
from exotel_frames.errors import UnstableListingError
from exotel_frames.records import Page
from exotel_frames.schema import PAGE_MAX

__all__ = ["Listing", "Rows", "walk_pages"]

T = TypeVar("T")
R = TypeVar("R", bound=Rows[Any])
_QUIET_TRIES = 3
_FREE_REQUESTS = 40
_EMPTY_TRIES = 3
_REQUESTS_A_PAGE = 6
_MORE_A_PAGE = 3
_SPARE_SHARE = 4


class Listing(Struct, Generic[R], frozen=True):
    """A complete listing, newest first: every row that was there all the while, once.

    `requests` is how many pages were asked for; `walk` tells whether the first reading held ("quiet"), was repaired by
    dates ("anchored"), or was proved by names in two readings ("twice": too many rows of one second for dates).
    `named_more`: the service names a page behind the last row, which has none. `largest`: the rows of the fullest page.
    """

    rows: R
    requests: int
    walk: Literal["quiet", "anchored", "twice"]
    named_more: bool = False
    largest: int = 0


def walk_pages(
    fetch: Callable[[int], Page[Any]],
    *,
    into: R,
    workers: int = 1,
    useful_workers: Callable[[], int] = lambda: sys.maxsize,
    on_page: Callable[[int], None] = lambda _: None,
    on_tick: Callable[[], None] = lambda: None,
) -> Listing[R]:
    """Return every row of a listing, once; `fetch(offset)` brings the largest page there is, the rows go to `into`.

    At most `workers` pages are fetched at once, and no more than `useful_workers()` says (a rate limit may not have
    more to give). `on_page` is told the rows known so far, `on_tick` that a page is still waited for. Raises
    `UnstableListingError` when the list moves faster than it can be read; what `fetch` raises passes through. A Ctrl-C
    ends it at once.

    >>> names = ["zoe", "yan", "xia"]
    >>> found = walk_pages(lambda offset: Page(offset, names, [None] * 3, names, last=True), into=[])
    >>> found.rows, found.requests, found.walk
    (['zoe', 'yan', 'xia'], 1, 'quiet')
    """
    with Fetchers(workers, on_tick=on_tick) as fetchers:
        reader: Reader[Any] = Reader(partial(fetchers.submit, fetch), lambda: min(workers, useful_workers()))
        found = read_whole(reader, into, on_page)
    return structs.replace(found, requests=found.requests - fetchers.withdrawn)


def read_whole(reader: Reader[Any], rows: R, on_page: Callable[[int], None]) -> Listing[R]:
    """Read quietly, mend by dates; where dates can't help, try for a quieter moment."""
    why = ""
    for _ in range(_QUIET_TRIES):
        collected: Collected[Any] = Collected(rows)
        tell_page = partial(_report_rows, reader, collected, on_page)
        if read_overlapping(collected, reader.ahead, tell_page):
            return reader.listing(rows, "quiet")
        try:
            read_anchored(collected, reader.page, tell_page)
        except UnprovableError as unprovable:
            why = str(unprovable)
            if read_twice(rows, reader.page, on_page):
                return reader.listing(rows, "twice")
        else:
            return reader.listing(rows, "anchored")
    raise reader.unstable_error(f"the list changed during each of {_QUIET_TRIES} reads, and {why}")


def _report_rows(reader: Reader[T], collected: Collected[T], on_page: Callable[[int], None]) -> None:
    reader.rows = max(reader.rows, len(collected.seen))
    on_page(len(collected.seen))


class Reader(Generic[T]):
    """Asks for pages, and counts the requests; `rows` is the most rows a reading has seen.

    `begin(offset)` has another thread fetch a page; it returns what waits for it. At most `width()` are under way.
    """

    def __init__(self, begin: Callable[[int], Callable[[], Page[T]]], width: Callable[[], int]) -> None:
        self._begin = begin
        self._width = width
        self.requests = 0
        self.rows = 0
        self.named_more = False
        self._named_next = False
        self._largest = 1

    def page(self, offset: int) -> Page[T]:
        """Fetch one page."""
        if not self._requests_left():
            raise self.unstable_error("that is the limit, and pages still moved, repeated or went on")
        return self._confirm(self._fetch(offset))

    def _fetch(self, offset: int) -> Page[T]:
        self.requests += 1
        return self._begin(offset)()

    def _confirm(self, page: Page[T]) -> Page[T]:
        """Ask again where a page is empty although it, or the one before, names a next one: that alone is no end.

        A page that stays empty and goes on naming a next one is the end only where nothing is further down.
        """
        for _ in range(1 if self.rows else _EMPTY_TRIES):
            if not self._contradicts(page):
                break
            page = self._fetch(page.offset)
        if not page.last and self._contradicts(page):
            self._refuse_hole(page)
        named_next = page.linked and not page.last
        self.named_more, self._named_next = named_next or (self._named_next and not page.names), named_next
        self._largest = max(self._largest, len(page.names))
        return page

    def _contradicts(self, page: Page[T]) -> bool:
        return not page.names and page.linked and (not page.last or self._named_next)

    def _refuse_hole(self, page: Page[T]) -> None:
        if not self.rows:
            raise self.unstable_error("the first page is empty but names a next page")
        if self._fetch(page.offset + PAGE_MAX).names:
            hole = f"the page at {page.offset} is empty or refused"
            raise self.unstable_error(f"{hole}, but there are subscribers further down")

    def ahead(self, offsets: Iterator[int]) -> Iterator[Page[T]]:
        """Fetch page after page; with each one that is given, three more may be under way, up to the width.

        So at most three pages are asked for behind the end for each one before it; one that fails there does no harm.
        A few more wait to be begun: a slow page holds up those behind it, and nobody else.
        """
        under_way: deque[Callable[[], Page[T]]] = deque()
        most = 1
        while True:
            wanted = max(1, min(most, self._width()))
            if not under_way and (wanted == 1 or not self._requests_left()):
                yield self.page(next(offsets))
            else:
                for _ in range(min(wanted + wanted // _SPARE_SHARE - len(under_way), self._requests_left())):
                    self.requests += 1
                    under_way.append(self._begin(next(offsets)))
                yield self._confirm(under_way.popleft()())
            most += _MORE_A_PAGE

    def listing(self, rows: R, walk: Literal["quiet", "anchored", "twice"]) -> Listing[R]:
        """Return what was read, with what was seen on the way."""
        return Listing(rows, self.requests, walk, self.named_more, self._largest)

    def _requests_left(self) -> int:
        return max(0, _FREE_REQUESTS + _REQUESTS_A_PAGE * (self.rows // self._largest) - self.requests)

    def unstable_error(self, why: str) -> UnstableListingError:
        """Return the error that says how far the reading came, and what to do."""
        return UnstableListingError(
            f"The list of subscribers could not be read completely: after {self.requests} requests and "
            f"{self.rows} rows: {why}. Nothing is returned, because the list would be incomplete. Load again "
            "later, when fewer changes are being made."
        )
