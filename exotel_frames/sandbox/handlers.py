"""The six calls, as functions of the store: what each does, and what it answers (API.md, "The six calls")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from exotel_frames.sandbox.envelopes import (
    MULTI_STATUS,
    Answer,
    ErrorData,
    Part,
    RefusedError,
    Row,
    failure,
    iso,
    not_found,
    success,
)
from exotel_frames.sandbox.faults import Draw
from exotel_frames.sandbox.parsing import PageQuery, change, device, json_object, new_items, page_query
from exotel_frames.sandbox.store import Store
from exotel_frames.sandbox.tokens import subscriber_token

DUPLICATE: Final = 409


class Asked(Struct, frozen=True):
    """A request that may be answered: who asks is known, and which call it is.

    `name` is the subscriber in the path, `draw` what chance has in store for this request.
    """

    account_sid: str
    name: str
    query: str
    content_type: str | None
    body: bytes
    now: float
    secret: str
    draw: Draw


def create(store: Store, asked: Asked) -> Answer:
    """Create 1 to 10 subscribers; each item has a code of its own, in the order of the request."""
    items = new_items(json_object(asked.content_type, asked.body))
    date = iso(asked.now)
    taken: set[str] = set()
    parts: list[Part] = []
    for item in items:
        if item.refused:
            parts.append(failure(item.refused.http_code, item.refused.error))
        elif item.subscriber_name in taken or store.get(item.subscriber_name):
            parts.append(failure(DUPLICATE, _duplicate(item.subscriber_name)))
        else:
            taken.add(item.subscriber_name)
            parts.append(success(Row(date, date, item.subscriber_name, "active", item.custom_field)))
    new = [part.data for part in parts if isinstance(part.data, Row)]
    if new:
        store.insert(new)
    metadata: dict[str, object] = {"failed": len(parts) - len(new), "success": len(new)}
    return Answer(MULTI_STATUS, parts, metadata, committed=tuple(row.subscriber_name for row in new))


def update(store: Store, asked: Asked) -> Answer:
    """Set the status, and the custom field when it is given; `null` and `""` clear it."""
    wanted = change(json_object(asked.content_type, asked.body))
    before = _find(store, asked.name)
    custom_field = before.custom_field if wanted.custom_field is UNSET else wanted.custom_field or None
    row = replace(before, status=wanted.status, custom_field=custom_field, date_updated=iso(asked.now))
    store.update(row)
    return Answer(200, success(row), committed=(asked.name,))


def get(store: Store, asked: Asked) -> Answer:
    """Return one subscriber."""
    return Answer(200, success(_find(store, asked.name)))


def delete(store: Store, asked: Asked) -> Answer:
    """Remove a subscriber for good; the answer has no body."""
    _find(store, asked.name)
    store.delete(asked.name)
    return Answer(204, committed=(asked.name,))


def list_page(store: Store, asked: Asked) -> Answer:
    """Return a page, newest first, with the links to its neighbours."""
    page = page_query(asked.query)
    if asked.draw.faults.unstable_ties:
        rows = store.tied_page(page.offset, page.page_size, page.status, asked.draw.random)
    else:
        rows = store.page(page.offset, page.page_size, page.status)
    following = page.offset + page.page_size
    more = following < store.count(page.status)
    metadata: dict[str, object] = {
        "prev_page_uri": _link(asked, page, max(page.offset - page.page_size, 0)) if page.offset else None,
        "next_page_uri": _link(asked, page, following) if more else None,
        "first_page_uri": _link(asked, page, 0),
    }
    return Answer(200, [success(row) for row in rows], metadata)


def token(store: Store, asked: Asked) -> Answer:
    """Make the two tokens of a device; an inactive subscriber gets none."""
    row = _find(store, device(json_object(asked.content_type, asked.body)))
    name = row.subscriber_name
    if row.status != "active":
        raise RefusedError(403, 1003, "Authorization failed", f"Subscriber {name} is inactive")
    pair = subscriber_token(name, account_sid=asked.account_sid, secret=asked.secret, now=asked.now)
    return Answer(200, success({"subscriber_name": name, "subscriber_token": pair}))


Call = Callable[[Store, Asked], Answer]

BY_NAME: Final[Mapping[str, Call]] = {
    "create": create,
    "update": update,
    "get": get,
    "list": list_page,
    "delete": delete,
    "token": token,
}


def _find(store: Store, name: str) -> Row:
    row = store.get(name)
    if row is None:
        raise not_found()
    return row


def _duplicate(name: str) -> ErrorData:
    return ErrorData(code=1008, description=f"Subscriber {name} already exists", message="Duplicate resource")


def _link(asked: Asked, page: PageQuery, offset: int) -> str:
    status = f"&status={page.status}" if page.status else ""
    return f"/v2/accounts/{asked.account_sid}/subscribers?offset={offset}&page_size={page.page_size}{status}"
