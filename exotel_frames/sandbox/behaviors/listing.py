"""What a listing may do otherwise: its order, its pages and its links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from msgspec import UNSET, Struct, UnsetType

from exotel_frames.sandbox.envelopes import Row, invalid, not_found

PAGE_MAX: Final = 100
"""The largest page, and the size of one that is asked for without a size [doc]."""

_RAISED: Final = 1000

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


def newest(fetch: Fetch, _count: int, offset: int, size: int) -> list[Row]:
    """List the newest first [doc]."""
    return fetch(offset, size)


def oldest(fetch: Fetch, count: int, offset: int, size: int) -> list[Row]:
    """List the oldest first."""
    end = max(count - offset, 0)
    start = max(end - size, 0)
    return fetch(start, end - start)[::-1]


def by_name(fetch: Fetch, count: int, offset: int, size: int) -> list[Row]:
    """List by name."""
    return sorted(fetch(0, count), key=lambda row: row.subscriber_name)[offset : offset + size]


def cap(most: int, *, clamps: bool) -> Callable[[int | None], int]:
    """Make a rule for page sizes: what is over it is refused, or given less; None is no size at all."""

    def rule(size: int | None) -> int:
        if size is None:
            return min(PAGE_MAX, most)
        if size < 1 or (size > most and not clamps):
            raise invalid(f"page_size must be 1 to {most}, not {size}")
        return min(size, most)

    return rule


raised: Final = cap(_RAISED, clamps=False)


def full(size: int, _offset: int, _again: bool) -> int:
    """Fill each place of a page."""
    return size


def short(size: int, _offset: int, _again: bool) -> int:
    """Leave a third of the places empty."""
    return max(size * 2 // 3, 1)


def empty_first(size: int, offset: int, again: bool) -> int:
    """Leave the first page empty when it is asked for the first time."""
    return size if offset or again else 0


def paths(place: Place) -> Links:
    """Name the neighbours by their paths; the last page has no next one [doc]."""
    following = place.offset + place.shown
    return _links(place, place.link(following) if following < place.count else None)


def null(_place: Place) -> Links:
    """Name no neighbours."""
    return {"prev_page_uri": None, "next_page_uri": None, "first_page_uri": None}


def absent(_place: Place) -> Links:
    """Have no metadata at all."""
    return UNSET


def absolute(place: Place) -> Links:
    """Name the neighbours by whole addresses."""
    known = paths(place)
    assert isinstance(known, dict)
    return {name: path and f"{place.origin}{path}" for name, path in known.items()}


def to_empty_page(place: Place) -> Links:
    """Name a next page as long as there is something on this one."""
    return _links(place, place.link(place.offset + place.shown) if place.shown or place.offset < place.count else None)


def _links(place: Place, following: str | None) -> Links:
    return {
        "prev_page_uri": place.link(max(place.offset - place.size, 0)) if place.offset else None,
        "next_page_uri": following,
        "first_page_uri": place.link(0),
    }


def empty_page() -> None:
    """Give an empty page past the end."""


def refused_offset() -> NoReturn:
    """Refuse an offset past the end."""
    raise invalid("offset is past the end")


def no_such_page() -> NoReturn:
    """Say that there is no such page."""
    raise not_found("There is no such page")


def honoured(status: str | None) -> str | None:
    """List those with the status only [doc]."""
    return status


def ignored(_status: str | None) -> None:
    """List everybody."""


def refused_filter(status: str | None) -> None:
    """Refuse to filter."""
    if status:
        raise invalid("status is no parameter of a listing")


LISTING: Final[Mapping[str, Mapping[str, Any]]] = {
    "order": {"newest": newest, "oldest": oldest, "name": by_name},
    "ties": {"stable": False, "unstable": True},
    "page_cap": {
        "refused": cap(PAGE_MAX, clamps=False),
        "clamped": cap(PAGE_MAX, clamps=True),
        "raised": raised,
        "clamped{n}": lambda most: cap(most, clamps=True),
        "refused{n}": lambda most: cap(most, clamps=False),
    },
    "pages": {"full": full, "short": short, "empty_first": empty_first},
    "links": {
        "paths": paths,
        "null": null,
        "absent": absent,
        "absolute": absolute,
        "to_empty_page": to_empty_page,
    },
    "offset_past_end": {"empty": empty_page, "400": refused_offset, "404": no_such_page},
    "status_filter": {"honoured": honoured, "ignored": ignored, "refused": refused_filter},
}
"""For each behaviour of how a listing is paged: what does it, by the name of the variant."""
