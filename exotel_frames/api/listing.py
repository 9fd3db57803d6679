"""A complete listing while others write: read quietly, prove it, and mend what can't be proved.

The service lists newest first, by offset, and says no total. Each insert pushes the rows below it down, each delete
pulls them up, so that plain pages miss rows and show others twice. Two readings answer this: `quiet` (pages that share
a few rows; nearly always enough) and `anchored` (joined by dates; while much is written).

What is sure: a row that was in the list from the first request to the last is in the listing once, with a state it had
in between. A row that came or went meanwhile may be there or not. With a status filter "in the list" means "with that
status": a row that was switched away and back may be missing. What can't be proved is refused (`UnstableListingError`),
never passed off as the whole.

What it rests on: the service orders by a date that never changes (or nothing is written meanwhile). Rows of one second
may come in any order. One coincidence can't be seen: such rows change places from one answer to the next, *and* a row
above them is deleted between these answers, *and* all rows that the two pages share are of that second and came in the
same order twice. The first joints share up to 9 rows, where chance does not do that; after 73 joints (7,000 rows) the
pages share one row, and two rows of one second are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from exotel_frames.api.anchored import read_anchored
from exotel_frames.api.quiet import read_quietly
from exotel_frames.api.trail import Listing, Part, Trail, UnprovableError
from exotel_frames.errors import UnstableListingError
from exotel_frames.records import Page
from exotel_frames.schema import PAGE_MAX

__all__ = ["Listing", "Part", "walk"]

T = TypeVar("T")
_QUIET_TRIES = 3
_FREE_REQUESTS = 40
_REQUESTS_A_PAGE = 6


def walk(
    fetch: Callable[[int, int], Page[T]],
    *,
    workers: int = 1,
    useful_workers: Callable[[], int] | None = None,
    on_page: Callable[[int], None] | None = None,
    max_requests: int | None = None,
) -> Listing[T]:
    """Return every row of a listing, once; `fetch(offset, page_size)` brings one page.

    At most `workers` pages are fetched at once, and no more than `useful_workers()` says (a rate limit may not have
    more to give). `on_page` is told the rows known so far. Raises `UnstableListingError` when the list moves faster
    than it can be read, or after `max_requests`; what `fetch` raises passes through, and no thread is left behind.

    >>> names = ["zoe", "yan", "xia"]
    >>> found = walk(lambda offset, size: Page(offset, names, [None] * 3, names, last=True))
    >>> [part.rows[part.keep] for part in found.parts], found.rows, found.requests, found.walk
    ([['zoe', 'yan', 'xia']], 3, 1, 'quiet')
    """
    with ThreadPoolExecutor(max(1, workers), thread_name_prefix="listing") as pool:

        def gather(offsets: Sequence[int]) -> Iterator[Page[T]]:
            return _at_once(pool, fetch, offsets)

        def width() -> int:
            return workers if useful_workers is None else min(workers, useful_workers())

        return read_whole(Reader(gather, max_requests), width, on_page or (lambda _: None))


def read_whole(reader: Reader[T], width: Callable[[], int], on_page: Callable[[int], None]) -> Listing[T]:
    """Read quietly, mend by dates; where dates can't help, try for a quieter moment."""
    why = ""
    for _ in range(_QUIET_TRIES):
        trail: Trail[T] = Trail()
        told = partial(_tell, reader, trail, on_page)
        if read_quietly(trail, reader.pages, width, told):
            return trail.listing(requests=reader.requests, walk="quiet")
        try:
            read_anchored(trail, reader.page, told)
        except UnprovableError as unprovable:
            why = str(unprovable)
        else:
            return trail.listing(requests=reader.requests, walk="anchored")
    raise reader.unstable(f"it changed during each of {_QUIET_TRIES} readings, and {why}")


def _tell(reader: Reader[T], trail: Trail[T], on_page: Callable[[int], None]) -> None:
    reader.rows = max(reader.rows, len(trail.seen))
    on_page(len(trail.seen))


def _at_once(
    pool: ThreadPoolExecutor, fetch: Callable[[int, int], Page[T]], offsets: Sequence[int]
) -> Iterator[Page[T]]:
    """Fetch pages at once and give them in their order; one that fails behind the last page taken is not missed."""
    if len(offsets) == 1:
        yield fetch(offsets[0], PAGE_MAX)
        return
    futures = [pool.submit(fetch, offset, PAGE_MAX) for offset in offsets]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


class Reader(Generic[T]):
    """Asks for pages, and counts the requests; `rows` is the most rows a reading has seen."""

    def __init__(self, gather: Callable[[Sequence[int]], Iterator[Page[T]]], max_requests: int | None) -> None:
        self._gather = gather
        self._max_requests = max_requests
        self.requests = 0
        self.rows = 0

    def page(self, offset: int) -> Page[T]:
        """Fetch one page."""
        return next(self.pages([offset]))

    def pages(self, offsets: Sequence[int]) -> Iterator[Page[T]]:
        """Fetch pages, as many as the limit still allows."""
        limit = self._max_requests
        if limit is None:
            limit = _FREE_REQUESTS + _REQUESTS_A_PAGE * (self.rows // PAGE_MAX)
        if self.requests >= limit:
            raise self.unstable("that is the limit, and the pages still moved, repeated themselves or went on")
        offsets = offsets[: limit - self.requests]
        self.requests += len(offsets)
        return self._gather(offsets)

    def unstable(self, why: str) -> UnstableListingError:
        """Return the error that says how far the reading came, and what to do."""
        return UnstableListingError(
            f"The list of subscribers could not be read to the end: after {self.requests} requests and "
            f"{self.rows} rows: {why}. No part of it is returned. Load again when less is being written."
        )
