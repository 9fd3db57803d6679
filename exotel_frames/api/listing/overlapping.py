"""The quiet walk: reads overlapping pages, several at once, and proves that no row fell between them.

The overlap of two pages is *proven* by dates: the lower page begins with a row newer than the oldest row before it.
That holds whatever others write meanwhile, and in whatever order equal dates come. The overlap is *unproven* when all
shared rows have the same second. Then the same rows in the same order prove it only while nothing moves, because two
rows of one second that changed places can hide a delete. So unproven overlaps count only in a walk in which every
overlap was exactly as planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

from exotel_frames.api.listing.collected import Collected, Span, span_of
from exotel_frames.records import Page, instant

T = TypeVar("T")
Overlap = Literal["proven", "unproven", "moved", "broken"]
Ahead = Callable[[Iterator[int]], Iterator[Page[T]]]
"""Fetches the pages at these offsets and gives them in their order, some of them asked for ahead."""

_MOST_EXTRA = 24
_LEAD = 3
_WIDE_OVERLAPS = 73


def shared_rows(overlap: int, size: int) -> int:
    """Return how many rows two pages share at an overlap (counted from 0): the most at the top, where most is written.

    More than one row costs requests. All extra rows together are 99, so that they cost one request at most: a listing
    of N rows at rest takes at most ceil(N / 99) + 1, whatever N is.

    >>> [shared_rows(overlap, 100) for overlap in (0, 1, 2, 9, 10, 72, 73)]
    [9, 7, 5, 3, 2, 2, 1]
    """
    if size == 1:
        return 0
    extra = max(1, _MOST_EXTRA // (overlap + _LEAD)) if overlap < _WIDE_OVERLAPS else 0
    return 1 + min(extra, (size - 1) // 10)


def read_overlapping(collected: Collected[T], ahead: Ahead[T], on_page: Callable[[], None]) -> bool:
    """Read to the end and tell whether all is proved; if not, `collected` keeps the part that is."""
    moved = False
    while True:
        for page in ahead(_offsets(collected)):
            span, size = span_of(page), collected.size
            overlap = _judge_overlap(collected, page, span)
            if overlap == "broken":
                collected.drop_unproven()
                return False
            moved = moved or overlap == "moved"
            # rows that were added meanwhile are not taken: they would be out of order
            frontier = collected.frontier if moved else None
            ended = collected.take(page, span, unproven=overlap == "unproven", frontier=frontier)
            on_page()
            if ended:
                return not moved or not collected.drop_unproven()
            if collected.size < size:  # the pages asked for ahead are too far apart, or behind the end
                break


def _offsets(collected: Collected[T]) -> Iterator[int]:
    """Yield where the pages begin that follow those taken so far, without an end: each shares rows with the one above.

    They stay right whatever comes or goes meanwhile (a page is taken where it was asked for), until the service gives
    smaller pages.
    """
    overlap, size = len(collected.accepted), collected.size
    offset = collected.end - shared_rows(overlap - 1, size) if overlap else 0
    while True:
        yield offset
        offset += size - shared_rows(overlap, size)
        overlap += 1


def _judge_overlap(collected: Collected[T], page: Page[T], span: Span | None) -> Overlap:
    """Tell how a page joins those before it: "proven", "unproven", "moved" (sure, but something moved) or "broken"."""
    above = collected.last_page
    if above is None:
        return "proven"
    planned = collected.end - page.offset
    if not _is_as_planned(collected, above, page, planned):
        return "moved" if collected.overlaps_span(span) and not collected.is_above(span) else "broken"
    if collected.overlaps_span(span) or (planned == 1 and span and _stands_alone(above, page)):
        return "proven"
    return "unproven"


def _is_as_planned(collected: Collected[T], above: Page[T], page: Page[T], planned: int) -> bool:
    if planned < 1:  # pages of one row can't share one: only nothing may follow
        return planned == 0 and not page.names
    shared, new = list(page.names[:planned]), page.names[planned:]
    return list(above.names[-planned:]) == shared and collected.seen.isdisjoint(new)


def _stands_alone(above: Page[T], page: Page[T]) -> bool:
    """Tell whether the one shared row has a date of its own, as far as can be seen."""
    dates = [instant(text) for text in (*above.created[-2:], *page.created[1:2])]
    return None not in dates and len(set(dates)) == len(dates)
