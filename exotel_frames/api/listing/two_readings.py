"""Two reads joined by name: the proof for tenants with more rows of one second than a page holds.

Each page begins some rows above the end of what was read, and must repeat exactly these rows in their order. While rows
are added and deleted in a list of stable order, no row can then fall between two pages. A list whose order changes does
not repeat itself: it is refused. The second read must contain no row that the first one should have found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from exotel_frames.api.listing.collected import Rows
from exotel_frames.records import Page

T = TypeVar("T")
_SHARED = 10
_STEPS_BACK = 5


def read_twice(rows: Rows[Any], fetch: Callable[[int], Page[Any]], on_page: Callable[[int], None]) -> bool:
    """Read all rows into `rows` and tell whether two readings prove them; if not, `rows` is empty."""
    first = _read(rows, fetch, on_page)
    second = _read(rows, fetch, on_page) if first else []
    if first and second and _agree(first, second):
        return True
    del rows[0:]
    return False


def _agree(first: list[str], second: list[str]) -> bool:
    """Tell whether every name that only the second reading has was added at the top of the list."""
    known = set(first)
    top = next((at for at, name in enumerate(second) if name in known), len(second))
    return known.issuperset(second[top:])


def _read(rows: Rows[Any], fetch: Callable[[int], Page[Any]], on_page: Callable[[int], None]) -> list[str]:
    """Return the names of one reading to the end; none when a page does not repeat what was read before it."""
    del rows[0:]
    names: list[str] = []
    known: set[str] = set()
    offset, back, largest = 0, _SHARED, 0
    while True:
        page = fetch(offset)
        shared = _count_repeated(names, page.names)
        if names and not shared:
            if page.names and known.issuperset(page.names):  # many came meanwhile: this is above the end
                offset += max(1, len(page.names) - _SHARED)
            elif offset and back <= _SHARED * 2**_STEPS_BACK:  # many went meanwhile: this is below the end
                offset, back = max(0, offset - back), back * 2
            else:
                return []
            continue
        new = list(page.names[shared:])
        if not known.isdisjoint(new) or len(set(new)) < len(new):
            return []
        names.extend(new)
        known.update(new)
        rows.extend(page.rows[shared:])
        on_page(len(names))
        largest = max(largest, len(page.names))
        if not new:  # a page as long as any that brings nothing is above the end, and this reading does not get on
            return names if len(page.names) < largest else []
        offset, back = page.offset + len(page.names) - min(_SHARED, len(page.names) - 1), _SHARED


def _count_repeated(names: list[str], page: Any) -> int:
    """Return how many rows at the end of what was read a page repeats; 0 when it does not join."""
    last = next((at for at, name in enumerate(page) if names and name == names[-1]), None)
    if last is None:
        return 0
    repeated = list(page[: last + 1])
    return len(repeated) if names[-len(repeated) :] == repeated else 0
