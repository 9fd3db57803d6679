"""Looks up creates whose responses were lost: in a listing, newest first, or else by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from exotel_frames.errors import ApiError, BadReplyError, NotFoundError
from exotel_frames.records import Page, Reply, Subscriber, instant
from exotel_frames.runs.context import RunContext, refuses_one

LIST_PAGES: Final = 2
"""How many newest-first pages are read for lost creates before what is still missing is asked for by name."""
Seen = tuple[Subscriber, Reply[Any]]


def find_recent(context: RunContext, since: datetime | None, names: set[str]) -> tuple[dict[str, Seen], bool]:
    """Read newest first until all names are seen, or a row is older than the intent.

    Return what was seen, and whether a name that was not seen has certainly not been created since.
    """
    found: dict[str, Seen] = {}
    offset = 0
    for _ in range(LIST_PAGES if since else 0):
        reply = _page(context, offset)
        if reply is None:
            break
        rows = reply.data.rows
        context.notice(rows, reply)
        found.update({live.subscriber_name: (live, reply) for live in rows if live.subscriber_name in names})
        if names <= found.keys():
            return found, True
        if (reply.data.last and rows) or _reaches(context, rows, since):
            return found, _is_newest_first(rows)
        offset += len(rows)
    return found, False


def _page(context: RunContext, offset: int) -> Reply[Page[Subscriber]] | None:
    """Read a page; None where the service lists nothing for us, or nothing that can be read: each name is asked for."""
    try:
        return context.service.list_page(offset=offset)
    except ApiError as problem:
        if not isinstance(problem, BadReplyError) and not refuses_one(problem):
            raise
        return None


def _is_newest_first(rows: list[Subscriber]) -> bool:
    """Tell whether a page is newest first: only then is everything beyond it older."""
    dates = [instant(live.date_created) for live in rows]
    known = [date for date in dates if date is not None]
    return len(known) == len(dates) and known == sorted(known, reverse=True)


def _reaches(context: RunContext, rows: list[Subscriber], since: datetime | None) -> bool:
    created = instant(rows[-1].date_created) if rows else None
    return created is not None and since is not None and context.clocks.gap().is_before(created, since)


def read_one(context: RunContext, name: str) -> Seen | None:
    """Read one subscriber; None when there is none."""
    try:
        reply = context.service.get(name)
    except NotFoundError:
        return None
    return reply.data, reply
