"""What clocks, replicas and gateways may do otherwise."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from exotel_frames.sandbox.envelopes import http_date
from exotel_frames.sandbox.store import Store

_ONE_OF: Final = 3  # so many writes, of which one is late

DateHeader = Callable[[float, int], str | None]
"""Writes the `Date` header from the time and the number of the request."""


def ahead(seconds: int) -> DateHeader:
    """Write the time of a clock that is so many seconds ahead.

    >>> ahead(2)(1574185457, 1)
    'Tue, 19 Nov 2019 17:44:19 GMT'
    """
    return lambda now, _request: http_date(now + seconds)


def behind(seconds: int) -> DateHeader:
    """Write the time of a clock that is so many seconds behind."""
    return ahead(-seconds)


def no_date(_now: float, _request: int) -> None:
    """Write no date."""


def backwards(now: float, request: int) -> str:
    """Write a second less each time."""
    return http_date(now - request)


def at_once(_number: int) -> float:
    """Carry out a write when it comes."""
    return 0.0


def late(seconds: int) -> Callable[[int], float]:
    """Tell how late a write is carried out, by its number among the different ones: every third one is late.

    >>> [late(2)(number) for number in (1, 2, 3, 4)]
    [0.0, 0.0, 2.0, 0.0]
    """
    return lambda number: 0.0 if number % _ONE_OF else float(seconds)


def once(_call: str | None) -> int:
    """Pass a request on once."""
    return 1


def twice(call: str) -> Callable[[str | None], int]:
    """Pass the requests of this call on twice."""
    return lambda asked: 1 + (asked == call)


class Replica:
    """A copy of a store that hears of each change some seconds later.

    >>> store = Store()
    >>> Replica(store, 3, lambda: 0.0).as_of(2.0).count()
    0
    """

    def __init__(self, store: Store, lag_s: float, clock: Callable[[], float]) -> None:
        self._copy = Store()
        self._copy.insert(store.rows()[::-1])
        self._coming: deque[tuple[float, Callable[[Store], None]]] = deque()
        store.watch(lambda change: self._coming.append((clock() + lag_s, change)))

    def as_of(self, now: float) -> Store:
        """Return the copy as it stands by now."""
        while self._coming and self._coming[0][0] <= now:
            self._coming.popleft()[1](self._copy)
        return self._copy


TIMING: Final[Mapping[str, Mapping[str, Any]]] = {
    "date_header": {
        "now": ahead(0),
        "absent": no_date,
        "+{n}s": ahead,
        "-{n}s": behind,
        "backwards": backwards,
    },
    "rate_headers": {"sent": True, "absent": False},
    "read_lag": {"none": 0.0, "{n}s": float},
    "late_writes": {"none": at_once, "{n}s": late},
    "gateway": {"once": once, "repeats_post": twice("create"), "repeats_delete": twice("delete")},
}
"""For each behaviour of the clocks, the delays and the gateway: what does it, by the name of the variant."""
