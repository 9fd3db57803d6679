"""How clocks, replicas and gateways may differ from the document."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from exotel_frames.sandbox.behaviors.model import behavior
from exotel_frames.sandbox.envelopes import http_date
from exotel_frames.sandbox.store import Store

_ONE_OF: Final = 3  # so many writes, of which one is late

DateHeader = Callable[[float, int], str | None]
"""Writes the `Date` header from the time and the number of the request."""


def _ahead(seconds: int) -> DateHeader:
    return lambda now, _request: http_date(now + seconds)


HEADERS: Final = (
    behavior(
        "date_header",
        "assumed",
        "the Date header, compared with the clock that writes date_created",
        ("now", "both use the same clock", _ahead(0)),
        ("absent", "there is no Date header", lambda _now, _request: None),
        ("+{n}s", "the header's clock is {n} s ahead", _ahead, (2, 90)),
        ("-{n}s", "the header's clock is {n} s behind", lambda n: _ahead(-n), (2, 90)),
        (
            "backwards",
            "each header is a second earlier than the one before",
            lambda now, request: http_date(now - request),
        ),
    ),
    behavior(
        "rate_headers",
        "platform",
        "the X-RateLimit headers of an account with a rate limit",
        ("sent", "each response has them", True),
        ("absent", "there are none", False),
    ),
)
"""What an answer's headers may say, or not."""

DELAYS: Final = (
    behavior(
        "read_lag",
        "assumed",
        "how old the state shown by a GET is",
        ("none", "it shows every write that was answered before it", 0.0),
        ("{n}s", "it shows the state of {n} s ago", float, (3,)),
    ),
    behavior(
        "late_writes",
        "assumed",
        "a write whose response was lost",
        ("none", "it is carried out at once or never", lambda _write: 0.0),
        (
            "{n}s",
            "every third write gets a 504 at once and is carried out {n} s later",
            lambda n: lambda write: 0.0 if write % _ONE_OF else float(n),
            (2,),
        ),
    ),
    behavior(
        "gateway",
        "assumed",
        "how often a gateway forwards a request",
        ("once", "once", lambda _call: 1),
        ("repeats_post", "each POST twice; the response is that of the second", lambda call: 1 + (call == "create")),
        (
            "repeats_delete",
            "each DELETE twice; the response is that of the second",
            lambda call: 1 + (call == "delete"),
        ),
    ),
)
"""When a request may be carried out, and how often."""


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
