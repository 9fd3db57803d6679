"""The anchored walk: reads a listing to the end while others write, one page at a time, joined by dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from exotel_frames.api.listing.collected import Collected, Span, UnprovableError, span_of
from exotel_frames.records import Page

T = TypeVar("T")

_FRUITLESS_PAGES = 4
MARGIN = 12
"""How many newer rows a page begins above the oldest date reached: so many deletes in between cost no request."""
_NO_DATES = "dates are missing, or the list is not newest first"


def read_anchored(collected: Collected[T], fetch: Callable[[int], Page[T]], on_page: Callable[[], None]) -> None:
    """Read on from the last page that was accepted.

    A page that begins too low is not taken: step back, twice as far each time; at offset 0 nothing can be above. After
    a page that ends too high (many came meanwhile) skip forward, twice as far each time.
    """
    if collected.accepted and collected.frontier is None:
        raise UnprovableError(_NO_DATES)
    offset, back, skip, ended = _resume(collected), MARGIN, 0, False
    fruitless = 0
    while not ended:
        page = fetch(offset)
        span = span_of(page)
        if page.names and span is None:
            raise UnprovableError(_NO_DATES)
        if offset and not collected.overlaps_span(span):
            offset, back, skip = max(0, offset - back), back * 2, 0
            continue
        before = len(collected.rows)
        ended = collected.take(page, span, frontier=collected.frontier)
        on_page()
        fruitless = fruitless + 1 if len(collected.rows) == before and not collected.is_above(span) else 0
        if fruitless > _FRUITLESS_PAGES:
            raise UnprovableError(
                "too many subscribers were created in the same second, so pages can't be joined by date"
            )
        if not ended:
            back, skip = MARGIN, max(collected.size, skip * 2) if collected.is_above(span) else 0
            offset = _next_offset(page, span) + skip


def _resume(collected: Collected[T]) -> int:
    if not collected.accepted:
        return 0
    return max(0, collected.end - collected.accepted[-1].tail - MARGIN)


def _next_offset(page: Page[T], span: Span | None) -> int:
    """Begin above the rows that share the oldest date: others of that date may still come."""
    tail, rows = (span.tail if span else 0), len(page.names)
    overlap = tail + min(MARGIN, rows // 4)
    if overlap >= rows:
        overlap = tail + 1
    if overlap >= rows:
        raise UnprovableError(f"{tail} or more subscribers were created in the same second, as many as a page holds")
    return page.offset + rows - overlap
