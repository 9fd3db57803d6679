"""Reading: the whole tenant, some subscribers by name, and whichever of the two costs fewer requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.listing import Listing, walk
from exotel_frames.errors import RejectedError, ValidationError
from exotel_frames.frames import tables
from exotel_frames.frames.inputs import names_series
from exotel_frames.frames.subscriber_rows import SubscriberRows
from exotel_frames.frames.validate import invalid_verdicts, validate_names
from exotel_frames.operations.carrying import carry_out
from exotel_frames.records import Page, PlanRow, Subscriber, Verdict
from exotel_frames.runs.progress import Listener, Progress, progress_of
from exotel_frames.runs.reads import leave_read, read_chunk
from exotel_frames.runs.runner import chunks_of
from exotel_frames.runs.work import Halt

NOT_FOUND = 1000
ROWS_A_REQUEST = schema.PAGE_MAX - 1
"""Pages share a row, so that nothing is missed between them: a listing takes one request for each 99 rows."""
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
    with progress_of(progress, "loading") as bar, client.limiter.heard_by(bar.waits):
        listing = _listing(client, status, bar)
    if progress is True:
        print(f"{len(listing.rows):,} {status or ''} subscribers of {client.settings.label}".replace("  ", " "))  # noqa: T201
    return listing.rows.frame(attrs=origin_attrs(client))


def origin_attrs(client: Client) -> dict[str, Any]:
    """Return what a frame remembers of its account."""
    return {"exotel_frames": {"origin": client.settings.origin}}


def other_account(client: Client, origin: Mapping[str, Any]) -> str | None:
    """Return which other account an origin names, or None when it is this one or names none.

    A sandbox has another port each time: what tells it from the real service is not its address.
    """
    here = client.settings
    account, place = origin.get("account_sid", here.account_sid), origin.get("base_url", here.base_url)
    if account == here.account_sid and (place.rstrip("/") == here.base_url or not here.live):
        return None
    return origin.get("label") or f"account {account} at {place}"


def _listing(client: Client, status: str | None, bar: Progress) -> Listing[SubscriberRows]:
    recent_s: deque[float] = deque(maxlen=_RECENT)

    def fetch(offset: int, page_size: int) -> Page[Subscriber]:
        reply = client.list_page(offset=offset, page_size=page_size, status=status)
        recent_s.append(reply.seconds)
        return reply.data

    def useful_workers() -> int:
        latency_s = min(recent_s, default=0.0)
        return min(client.limiter.useful_workers(latency_s), threads_worth(latency_s))

    return walk(
        fetch, into=SubscriberRows(), workers=client.settings.workers, useful_workers=useful_workers, on_page=bar.reach
    )


def threads_worth(latency_s: float) -> int:
    """Return how many threads can wait at once; more would only be in each other's way at the interpreter.

    >>> threads_worth(0.0004), threads_worth(0.08)
    (1, 81)
    """
    return 1 + int(latency_s / WORK_S_A_PAGE)


def get_subscribers(client: Client, names: Any, *, progress: bool | Listener = True) -> pd.DataFrame:
    """Read subscribers by name; one result row for each name: `done`, `rejected` (there is none) or `invalid`.

    `names` is a list, a Series, an Index or a frame with one column. Where listing the tenant costs fewer requests than
    one GET a name, it is listed.

    >>> get_subscribers(client, ["0000000000000000"], progress=False)[["outcome", "error_code"]].values.tolist()
    [['rejected', 1000]]
    """
    column = names_series(names)
    problems = validate_names(column)
    problems = problems[problems["rule"] != "repeated"]  # asking twice does no harm
    invalid = invalid_verdicts(problems, column, action="get")
    bad = {verdict.row for verdict in invalid}
    rows = [PlanRow(row, "get", name) for row, name in enumerate(column) if row not in bad]
    found = _read(client, rows, progress)
    return tables.results_frame([*invalid, *found], column.index, attrs=origin_attrs(client))


def read_current(client: Client, names: Sequence[str], *, progress: bool | Listener = True) -> pd.DataFrame:
    """Return a subscribers frame that has each of the names that exists, for as few requests as can be.

    `attrs["exotel_frames"]["tenant_rows"]` is the tenant's size when it is known, and else less than that.
    """
    if listing_is_cheaper(client, len(names)):
        frame = load_subscribers(client, progress=progress)
        rows = len(frame)
    else:
        verdicts = _get_each(client, [PlanRow(row, "get", name) for row, name in enumerate(names)], progress)
        found = [_as_subscriber(verdict) for verdict in verdicts if verdict.outcome == "done"]
        frame = tables.subscribers_frame([tables.subscriber_batch(found)], attrs=origin_attrs(client))
        rows = ROWS_A_REQUEST * len(names)  # a listing would have cost more than one request a name
    frame.attrs["exotel_frames"]["tenant_rows"] = rows
    return frame


def listing_is_cheaper(client: Client, names: int) -> bool:
    """Tell whether listing the tenant takes no more requests than one GET a name; asks the service once."""
    if names <= 1:
        return False
    try:
        return not client.list_page(offset=ROWS_A_REQUEST * names, page_size=1).data.rows
    except RejectedError:
        return False  # a service that minds an offset past the end


def _read(client: Client, rows: list[PlanRow], progress: bool | Listener) -> list[Verdict]:
    if not listing_is_cheaper(client, len(rows)):
        return _get_each(client, rows, progress)
    frame = load_subscribers(client, progress=progress)
    wanted = frame[frame["subscriber_name"].isin([row.subscriber_name for row in rows])]
    live = {record["subscriber_name"]: record for record in tables.records(wanted)}
    return [_listed(row, live.get(row.subscriber_name)) for row in rows]


def _listed(row: PlanRow, record: dict[str, Any] | None) -> Verdict:
    """Return what a complete listing says of a name; the missing one gets the code that the API has for it (API.md)."""
    if record:
        return Verdict(row=row.row, action=row.action, outcome="done", **record)
    return Verdict(
        row=row.row,
        subscriber_name=row.subscriber_name,
        action=row.action,
        outcome="rejected",
        error_code=NOT_FOUND,
        error_message="Not Found",
        error_description="not in the complete listing",
    )


def _as_subscriber(verdict: Verdict) -> Subscriber:
    return Subscriber(*(getattr(verdict, name) for name in schema.SUBSCRIBERS))


def _get_each(client: Client, rows: list[PlanRow], progress: bool | Listener) -> list[Verdict]:
    halt = Halt()
    found = carry_out(
        client,
        "reading",
        chunks_of(rows),
        partial(read_chunk, client.stopped_by(halt), halt),
        leave=lambda _chunk, row, _under_way: leave_read(halt, row),
        halt=halt,
        progress=progress,
    )
    if halt.problem:
        raise halt.problem
    return [found[row.row] for row in rows]
