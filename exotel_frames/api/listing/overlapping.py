"""The quiet walk: pages that share a few rows, several at once, and a proof that nothing fell between them.

A joint between two pages is *firm* when dates prove it: the lower page begins strictly above the oldest date of those
before it. That holds whatever was written meanwhile, and in whatever order equal dates come. It is *soft* when the
shared rows are all of one second: the same rows in the same order, as many as planned and none a second time prove it
only while nothing moves (a delete, and two rows of one second that changed places, can hide each other). So soft joints
count only in a walk in which every joint was exactly as planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

from exotel_frames.api.listing.collected import Collected, Span, span_of
from exotel_frames.records import Page, instant

T = TypeVar("T")
Joint = Literal["firm", "soft", "shifted", "broken"]
Ahead = Callable[[Iterator[int]], Iterator[Page[T]]]
"""Fetches the pages at these offsets and gives them in their order, some of them asked for ahead."""

_MOST_EXTRA = 24
_LEAD = 3
_PAID_JOINTS = 73


def shared_rows(joint: int, size: int) -> int:
    """Return how many rows two pages share at a joint (counted from 0): the most at the top, where most is written.

    More than one row costs requests. All extra rows together are 99, so that they cost one request at most: a listing
    of N rows at rest takes at most ceil(N / 99) + 1, whatever N is.

    >>> [shared_rows(joint, 100) for joint in (0, 1, 2, 9, 10, 72, 73)]
    [9, 7, 5, 3, 2, 2, 1]
    """
    if size == 1:
        return 0
    extra = max(1, _MOST_EXTRA // (joint + _LEAD)) if joint < _PAID_JOINTS else 0
    return 1 + min(extra, (size - 1) // 10)


def read_quietly(trail: Collected[T], ahead: Ahead[T], on_page: Callable[[], None]) -> bool:
    """Read to the end and tell whether it is proved; if not, the trail keeps what is."""
    moved = False
    while True:
        for page in ahead(_offsets(trail)):
            span, size = span_of(page), trail.size
            joint = _joint(trail, page, span)
            if joint == "broken":
                trail.cut_at_soft_joint()
                return False
            moved = moved or joint == "shifted"
            # what came meanwhile is not taken: it would stand out of order
            ended = trail.take(page, span, soft=joint == "soft", frontier=trail.frontier if moved else None)
            on_page()
            if ended:
                return not moved or not trail.cut_at_soft_joint()
            if trail.size < size:  # the rest was asked for by a step too long, or lies behind the end
                break


def _offsets(trail: Collected[T]) -> Iterator[int]:
    """Yield where the pages begin that follow those taken so far, without an end: each shares rows with the one above.

    They stay right whatever comes or goes meanwhile (a page is taken where it was asked for), until the service gives
    smaller pages.
    """
    joint, size = len(trail.stretches), trail.size
    offset = trail.end - shared_rows(joint - 1, size) if joint else 0
    while True:
        yield offset
        offset += size - shared_rows(joint, size)
        joint += 1


def _joint(trail: Collected[T], page: Page[T], span: Span | None) -> Joint:
    """Tell how a page joins those before it: "firm", "soft", "shifted" (sure, but something moved) or "broken"."""
    above = trail.last_page
    if above is None:
        return "firm"
    planned = trail.end - page.offset
    if not _as_planned(trail, above, page, planned):
        return "shifted" if trail.joins(span) and not trail.is_above(span) else "broken"
    return "firm" if trail.joins(span) or (planned == 1 and span and _stands_alone(above, page)) else "soft"


def _as_planned(trail: Collected[T], above: Page[T], page: Page[T], planned: int) -> bool:
    if planned < 1:  # pages of one row can't share one: only nothing may follow
        return planned == 0 and not page.names
    return list(above.names[-planned:]) == list(page.names[:planned]) and trail.seen.isdisjoint(page.names[planned:])


def _stands_alone(above: Page[T], page: Page[T]) -> bool:
    """Tell whether the one shared row has a date of its own, as far as can be seen."""
    dates = [instant(text) for text in (*above.created[-2:], *page.created[1:2])]
    return None not in dates and len(set(dates)) == len(dates)
