"""The one limiter of an account: all its clients in this process share it."""

from __future__ import annotations

import threading
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from exotel_frames.api.rate_limit.limiter import Limiter

_LIMITERS: Final[WeakValueDictionary[tuple[str, str], Limiter]] = WeakValueDictionary()
_LIMITERS_LOCK: Final = threading.Lock()


def limiter_for(base_url: str, account_sid: str, *, requests_per_minute: int | None = None) -> Limiter:
    """Return the limiter that all clients of one account in this process share, for as long as one of them keeps it.

    >>> one = limiter_for("https://chaotix.mum1.exotel.in", "acme1", requests_per_minute=100)
    >>> two = limiter_for("https://CHAOTIX.mum1.exotel.in/", "acme1", requests_per_minute=150)
    >>> one is two, two.limit
    (True, 100)

    Of several clients' `requests_per_minute` the lowest holds, for all of them. The limit is the account's, not the
    key's (API.md, "Rate limits"); it is the one thing in this package that a process has once.
    """
    url = urlsplit(base_url)
    key = (f"{url.scheme.lower()}://{url.hostname}:{url.port or ''}", account_sid)
    with _LIMITERS_LOCK:
        limiter = _LIMITERS.setdefault(key, Limiter())
    limiter.cap(requests_per_minute)
    return limiter
