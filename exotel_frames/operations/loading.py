"""Reading: the whole tenant, some subscribers by name, and whichever of the two costs fewer requests."""

from __future__ import annotations

from collections import deque

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.listing import Listing, walk_pages
from exotel_frames.errors import ValidationError
from exotel_frames.frames.builder import SubscriberRows
from exotel_frames.operations.origin import origin_attrs
from exotel_frames.records import Page, Subscriber
from exotel_frames.runs.progress import Listener, Progress, progress_of

WORK_S_A_PAGE = 0.001
"""What a page costs the interpreter, about: of answers that come sooner it can't use more than one at a time."""
_RECENT = 8


def load_subscribers(client: Client, *, status: str | None = None, progress: bool | Listener = True) -> pd.DataFrame:
    """Load all subscribers (or all of a status) as a subscribers frame, newest first; complete while others write.

    Every subscriber that exists during the whole call is there, once, or UnstableListingError is raised. Columns:
    subscriber_name, status, custom_field, date_created, date_updated (datetime64[us, UTC]). Costs ceil(N / 99) requests
    and at most `workers` more. `attrs` remember the account.

    >>> load_subscribers(client, progress=False).shape
    (250, 5)
    """
    if status is not None and status not in schema.STATUSES:
        raise ValidationError(f"status={status!r} is none of {list(schema.STATUSES)}; leave it out to load them all.")
    with (
        progress_of(progress, "loading", service=client.settings.base_url) as bar,
        client.limiter.subscribe(bar.waits),
    ):
        listing = _listing(client, status, bar)
    if progress is True:
        print(f"{len(listing.rows):,} {status or ''} subscribers of {client.settings.label}".replace("  ", " "))  # noqa: T201
    return listing.rows.frame(attrs=origin_attrs(client))


def _listing(client: Client, status: str | None, bar: Progress) -> Listing[SubscriberRows]:
    recent_s: deque[float] = deque(maxlen=_RECENT)

    def fetch(offset: int, page_size: int) -> Page[Subscriber]:
        reply = client.list_page(offset=offset, page_size=page_size, status=status)
        recent_s.append(reply.seconds)
        return reply.data

    def useful_workers() -> int:
        latency_s = min(recent_s, default=0.0)
        return min(client.limiter.useful_workers(latency_s), threads_worth(latency_s))

    return walk_pages(
        fetch, into=SubscriberRows(), workers=client.settings.workers, useful_workers=useful_workers, on_page=bar.reach
    )


def threads_worth(latency_s: float) -> int:
    """Return how many threads can wait at once; more would only be in each other's way at the interpreter.

    >>> threads_worth(0.0004), threads_worth(0.08)
    (1, 81)
    """
    return 1 + int(latency_s / WORK_S_A_PAGE)
