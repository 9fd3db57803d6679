"""Reading: the whole tenant, some subscribers by name, and whichever of the two costs fewer requests."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import LOGGER, Client
from exotel_frames.api.listing import Listing, walk_pages
from exotel_frames.errors import RejectedError, ValidationError
from exotel_frames.frames.builder import SubscriberRows
from exotel_frames.frames.loaded_state import LOADED, Loaded
from exotel_frames.frames.part import NAMELESS, ONLY, describe_nameless
from exotel_frames.operations.execute import show_progress
from exotel_frames.operations.notes import dateless_note
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.operations.service_behavior import use_behavior, write_page_size
from exotel_frames.records import Page, Subscriber
from exotel_frames.runs.progress import Listener, Progress
from exotel_frames.text import pluralize

_RECENT = 8
_REFUSED_QUERY = frozenset({400, 404, 416, 422})
"""What a service answers that refuses an offset past the end, or a filter."""
_REFUSES_THE_END = frozenset({"400", "404"})
"""What `check_service` has seen: then no page is asked for ahead, which may lie past the end."""


@takes_client
def load_subscribers(client: Client, *, status: str | None = None, progress: bool | Listener = True) -> pd.DataFrame:
    """Load all subscribers (or all with one status) as a subscribers frame, complete even while others write.

    The frame contains, newest first, every subscriber that exists during the whole call, exactly once; a partial list
    is never returned. It costs ceil(N / 99) requests, and at most 1.25 * `workers` more. The frame records the account
    and what was loaded (in `attrs`), so that `write_workbook` can detect later edits.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    status : str, optional
        Load only subscribers with this status, "active" or "inactive".
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A subscribers frame: subscriber_name, status, custom_field (str), date_created, date_updated
        (datetime64[us, UTC]). `attrs["exotel_frames"]` has `origin` (the account), `proof` and `notes`.

    Raises
    ------
    UnstableListingError
        When the list changes faster than it can be read.
    ApiError
        When the service can't be reached, or refuses the request.

    Examples
    --------
    >>> load_subscribers(client, progress=False).shape
    (250, 5)
    """
    if status is not None and status not in schema.STATUSES:
        raise ValidationError(
            f"status={status!r} is not one of {list(schema.STATUSES)}; leave it out to load all subscribers."
        )
    with show_progress(client, progress, "loading") as bar:
        listing, notes = _list_status(client, status, bar)
    notes.named_more = listing.named_more
    frame = _drop_nameless(listing.rows.frame(attrs=origin_attrs(client)), notes)
    if notes.filtered_here:
        frame = frame[frame["status"] == status].reset_index(drop=True)
    sentences = notes.sentences(frame)
    LOGGER.info("listed %d subscribers in %d requests, proof %s", len(frame), listing.requests, listing.walk)
    frame.attrs["exotel_frames"] |= {
        "proof": listing.walk,
        "notes": sentences,
        "not_editable": sorted(notes.not_editable),
        **({NAMELESS: notes.nameless} if notes.nameless else {}),
        **({ONLY: status} if status else {}),
    }
    frame.attrs["exotel_frames"][LOADED] = Loaded(frame)
    if progress is True:
        what = f"{len(frame):,} {status} subscribers" if status else pluralize(len(frame), "subscriber")
        print(f"{what} of {client.settings.label}", *sentences, sep="\n")  # noqa: T201
    return frame


def _drop_nameless(frame: pd.DataFrame, notes: _Notes) -> pd.DataFrame:
    """Leave out items without a name, and count them."""
    nameless = (frame[schema.NAME] == "").to_numpy()
    if not nameless.any():
        return frame
    notes.nameless = max(len(notes.nameless_at), int(nameless.sum()))  # those that say the same are one row
    return frame[~nameless].reset_index(drop=True)


@dataclass
class _Notes:
    """What a listing showed besides its rows."""

    nameless: int = 0
    nameless_at: set[int] = field(default_factory=set)
    filtered_here: bool = False
    named_more: bool = False
    refuses_the_end: bool = False
    not_editable: set[str] = field(default_factory=set)

    def sentences(self, frame: pd.DataFrame) -> list[str]:
        """Return what a reader of the frame must know."""
        count = len(self.not_editable)
        notes = {
            "The service ignored the status filter: all were loaded, and filtered here.": self.filtered_here,
            "The service names a page after the last subscriber, but that page is empty.": (
                self.named_more and not self.refuses_the_end
            ),
            dateless_note(frame): True,
            f"{describe_nameless(self.nameless)}: not in the frame.": self.nameless,
            f"{pluralize(count, 'custom_field')} is not text on the service, but shown as JSON: don't edit it.": count,
        }
        return [sentence for sentence, holds in notes.items() if sentence and holds]


class _FilterIgnoredError(Exception):
    """A page that was asked for one status has others."""


def _list_status(client: Client, status: str | None, bar: Progress) -> tuple[Listing[SubscriberRows], _Notes]:
    """List the subscribers of a status; list all where the service can't filter, or ignores the filter."""
    notes = _Notes()
    try:
        return _listing(client, status, bar, notes), notes
    except _FilterIgnoredError:
        pass
    except RejectedError as problem:
        if status is None or problem.http_code not in _REFUSED_QUERY:
            raise
    notes = _Notes(filtered_here=True)
    return _listing(client, None, bar, notes), notes


def _listing(client: Client, status: str | None, bar: Progress, notes: _Notes) -> Listing[SubscriberRows]:
    recent_s: deque[float] = deque(maxlen=_RECENT)
    stop, known = threading.Event(), use_behavior(client)
    stoppable = client.with_stop(stop)
    try:
        listing = walk_pages(
            lambda offset: _fetch(stoppable, status, offset, notes, recent_s),
            into=SubscriberRows(),
            workers=1 if known.get("offset_past_end") in _REFUSES_THE_END else client.settings.workers,
            useful_workers=lambda: client.limiter.useful_workers(min(recent_s, default=0.0)),
            on_page=bar.reach,
            on_tick=bar.draw,
        )
        if len(listing.rows) > listing.largest:  # a single page may be short for another reason
            client.page_size.given = min(listing.largest, schema.PAGE_MAX)
        return listing
    finally:
        stop.set()  # pages asked for ahead, and those a Ctrl-C left, are not asked for again
        write_page_size(client, known)


def _fetch(client: Client, status: str | None, offset: int, notes: _Notes, recent_s: deque[float]) -> Page[Subscriber]:
    """Return a page; what it shows goes into the notes, and how long it took into the recent times."""
    try:
        reply = client.list_page(offset=offset, status=status)
    except RejectedError as problem:
        if offset and problem.http_code in _REFUSED_QUERY:  # past the end, some services say so by a refusal
            notes.refuses_the_end = True
            return Page(offset, [], [], [], last=False)  # which is confirmed: it may be refused for another reason
        raise
    recent_s.append(reply.seconds)
    if status is not None and any(row.status != status and row.subscriber_name for row in reply.data.rows):
        raise _FilterIgnoredError
    notes.nameless_at.update(offset + at for at, row in enumerate(reply.data.rows) if not row.subscriber_name)
    notes.not_editable.update(reply.data.not_editable)
    return reply.data
