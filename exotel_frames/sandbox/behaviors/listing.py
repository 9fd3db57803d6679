"""How a listing may differ from the document: its order, its pages and its links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from msgspec import UNSET, Struct, UnsetType

from exotel_frames.sandbox.behaviors.model import behavior, same
from exotel_frames.sandbox.envelopes import Row, invalid, not_found

_PAGE_MAX: Final = 100
"""The largest page, and the size of one that is asked for without a size [doc]."""

Fetch = Callable[[int, int], list[Row]]
"""Fetches a part of the listing, newest first, by offset and size."""

Links = dict[str, object] | UnsetType


class Place(Struct, frozen=True):
    """Where a page stands: `shown` rows from `offset` on, of `count`; `link` writes the path of another offset."""

    offset: int
    size: int
    shown: int
    count: int
    origin: str
    link: Callable[[int], str]


def _oldest(fetch: Fetch, count: int, offset: int, size: int) -> list[Row]:
    end = max(count - offset, 0)
    start = max(end - size, 0)
    return fetch(start, end - start)[::-1]


def _by_name(fetch: Fetch, count: int, offset: int, size: int) -> list[Row]:
    return sorted(fetch(0, count), key=lambda row: row.subscriber_name)[offset : offset + size]


def _cap(most: int, *, clamps: bool) -> Callable[[int | None], int]:
    """Make a rule for page sizes: what is over it is refused, or given less; None is no size at all."""

    def rule(size: int | None) -> int:
        if size is None:
            return min(_PAGE_MAX, most)
        if size < 1 or (size > most and not clamps):
            raise invalid(f"page_size must be 1 to {most}, not {size}")
        return min(size, most)

    return rule


def _paths(place: Place) -> dict[str, object]:
    following = place.offset + place.shown
    return _links(place, place.link(following) if following < place.count else None)


def _to_empty_page(place: Place) -> dict[str, object]:
    return _links(place, place.link(place.offset + place.shown) if place.shown or place.offset < place.count else None)


def _links(place: Place, following: str | None) -> dict[str, object]:
    return {
        "prev_page_uri": place.link(max(place.offset - place.size, 0)) if place.offset else None,
        "next_page_uri": following,
        "first_page_uri": place.link(0),
    }


def _absolute(place: Place) -> Links:
    return {name: path and f"{place.origin}{path}" for name, path in _paths(place).items()}


def _refuse_offset() -> NoReturn:
    raise invalid("offset is past the end")


def _no_such_page() -> NoReturn:
    raise not_found("There is no such page")


def _refuse_filter(status: str | None) -> None:
    if status:
        raise invalid("status is no parameter of a listing")


LISTING: Final = (
    behavior(
        "order",
        "documented",
        "the order of a listing",
        ("newest", "newest first", lambda fetch, _count, offset, size: fetch(offset, size)),
        ("oldest", "oldest first", _oldest),
        ("name", "by name", _by_name),
    ),
    behavior(
        "ties",
        "assumed",
        "the order of subscribers that were created in the same second",
        ("stable", "always the same: the reverse order of creation", False),
        ("unstable", "another one each time", True),
    ),
    behavior(
        "page_cap",
        "platform",
        "a page size over 100",
        ("refused", "it is refused: 400/1002", _cap(_PAGE_MAX, clamps=False)),
        ("clamped", "the page has 100, without a warning", _cap(_PAGE_MAX, clamps=True)),
        ("raised", "up to 1,000 are given", _cap(1000, clamps=False)),
        ("clamped{n}", "a page never has more than {n}, without a warning", lambda n: _cap(n, clamps=True), (50,)),
        ("refused{n}", "a page size over {n} is refused: 400/1002", lambda n: _cap(n, clamps=False), (50,)),
    ),
    behavior(
        "pages",
        "documented",
        "how full a page is if it is not the last one",
        ("full", "as full as requested", lambda size, _offset, _again: size),
        (
            "short",
            "a third of the page stays empty; next_page_uri continues after the last item shown",
            lambda size, _offset, _again: max(size * 2 // 3, 1),
        ),
        (
            "empty_first",
            "the first page is empty but names a next page, which begins at the first subscriber",
            lambda size, offset, again: size if offset or again else 0,
        ),
    ),
    behavior(
        "links",
        "documented",
        "the links of a listing",
        ("paths", "paths; next_page_uri is null on the last page", _paths),
        ("null", "all of them are null", lambda place: dict.fromkeys(_links(place, None))),
        ("absent", "there is no metadata", lambda _place: UNSET),
        ("absolute", "whole addresses", _absolute),
        ("to_empty_page", "next_page_uri of the last page names an empty page", _to_empty_page),
    ),
    behavior(
        "offset_past_end",
        "assumed",
        "an offset past the end of a listing",
        ("empty", "an empty page", lambda: None),
        ("400", "it is refused: 400/1002", _refuse_offset),
        ("404", "it is refused: 404/1000", _no_such_page),
    ),
    behavior(
        "status_filter",
        "documented",
        "the status filter of a listing",
        ("honoured", "only subscribers with that status are listed", same),
        ("ignored", "all subscribers are listed, without a warning", lambda _status: None),
        ("refused", "it is refused: 400/1002", _refuse_filter),
    ),
)
"""How a listing may be paged."""
