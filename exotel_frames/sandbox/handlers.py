"""The six calls, as functions of the store: what each does, and its response (API.md, "The six calls")."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, Final

from msgspec import Struct, UnsetType
from msgspec.structs import replace

from exotel_frames.sandbox.behaviors.calls import duplicate
from exotel_frames.sandbox.behaviors.listing import Fetch, Place
from exotel_frames.sandbox.behaviors.service import Service
from exotel_frames.sandbox.envelopes import Answer, Part, RefusedError, Row, failure, iso, not_found, success
from exotel_frames.sandbox.faults.draws import Draw
from exotel_frames.sandbox.parsing import NewItem, PageQuery, change, device, json_object, new_items, page_query
from exotel_frames.sandbox.routes import Account, Arrived
from exotel_frames.sandbox.store import Store
from exotel_frames.sandbox.tokens import subscriber_token


class Asked(Struct, frozen=True):
    """A request that may be answered: who asks is known, and which call it is.

    `name` is the subscriber in the path, `draw` what chance has in store for this request, `number` how many-th it is.
    """

    request: Arrived
    account: Account
    name: str
    now: float
    draw: Draw
    service: Service
    number: int

    def json(self) -> dict[str, Any]:
        """Return the body, which must be a JSON object."""
        return json_object(self.request.content_type, self.request.body)


def create(store: Store, asked: Asked) -> Answer:
    """Create 1 to 10 subscribers; each item has a code of its own, in the order of the request."""
    service = asked.service
    items = new_items(asked.json())
    judged: dict[str, Row] = {}
    parts, http_code = service.post_refusal([_create_item(store, asked, item, judged) for item in items])
    new = [row for row in judged.values() if any(part.data is row for part in parts)]
    if new:
        store.insert(new)
    failed = sum(part.error_data is not None for part in parts)
    metadata: dict[str, object] = {"failed": failed, "success": len(parts) - failed}
    answers = [_as_answered(part, item, service) for part, item in zip(parts, items, strict=True)]
    committed = tuple(row.subscriber_name for row in new)
    return Answer(http_code or service.post_code, service.items_order(answers), metadata, committed=committed)


def _create_item(store: Store, asked: Asked, item: NewItem, new: dict[str, Row]) -> Part:
    """Judge one item; what can be created joins `new`."""
    service, name, date = asked.service, item.subscriber_name, iso(asked.now)
    if item.refused:
        return failure(item.refused.http_code, item.refused.error)
    if known := new.get(name) or store.get(name):
        return service.repeated_create(known)
    row = Row(date, date, name, service.new_status, None)
    if service.case_twins(chain(new, store.names()), name) or service.create_after_delete(store, name):
        return duplicate(row)
    try:
        new[name] = replace(row, custom_field=service.custom_field(item.custom_field))
    except RefusedError as refused:
        return failure(refused.http_code, refused.error)
    return success(new[name])


def _as_answered(part: Part, item: NewItem, service: Service) -> Part:
    """Show the name of one item as the service does."""
    if part.error_data:
        return replace(part, data=service.failed_items(item.subscriber_name))
    assert isinstance(part.data, Row)
    return success(replace(part.data, subscriber_name=service.echo(part.data.subscriber_name)))


def update(store: Store, asked: Asked) -> Answer:
    """Set the status, and the custom field when it is given; `null` and `""` clear it."""
    service = asked.service
    wanted = change(asked.json(), service.status_missing)
    before = _find(store, asked.name)
    service.protected_row(store, asked.name)
    after = replace(
        before,
        status=before.status if isinstance(wanted.status, UnsetType) else wanted.status,
        custom_field=_wanted_field(before.custom_field, wanted.custom_field, service),
        date_updated=iso(asked.now),
    )
    row = service.put_without_change(before, after)
    store.update(row)
    return Answer(200, success(row), committed=(asked.name,))


def _wanted_field(before: str | None, wanted: str | UnsetType | None, service: Service) -> str | None:
    if isinstance(wanted, UnsetType):
        return service.put_without_custom_field(before)
    return service.custom_field(wanted)


def get(store: Store, asked: Asked) -> Answer:
    """Return one subscriber."""
    return Answer(200, success(_find(store, asked.name)))


def delete(store: Store, asked: Asked) -> Answer:
    """Remove a subscriber for good; the answer has no body."""
    if store.get(asked.name) is None:
        return asked.service.delete_again()
    asked.service.protected_row(store, asked.name)
    store.delete(asked.name)
    return Answer(204, committed=(asked.name,))


def list_page(store: Store, asked: Asked) -> Answer:
    """Return a page, newest first, with the links to its neighbours."""
    service = asked.service
    page = page_query(asked.request.query, service.page_cap)
    status = service.status_filter(page.status)
    count = store.count(status)
    if page.offset and page.offset >= count:
        service.offset_past_end()
    rows = service.order(
        _make_fetch(store, status, asked), count, page.offset, service.pages(page.page_size, page.offset, page.again)
    )
    origin, link = f"http://{asked.request.host}", _link(asked, page, empty=not rows)
    place = Place(page.offset, page.page_size, len(rows), count, origin, link)
    return Answer(200, [success(row) for row in rows], service.links(place))


def _make_fetch(store: Store, status: str | None, asked: Asked) -> Fetch:
    """Return what fetches a part of the listing."""
    faulty = asked.draw.faults.unstable_ties
    if faulty or asked.service.ties:
        chance = asked.draw.random if faulty else random.Random(asked.number)  # noqa: S311 - an order, not a secret
        return lambda offset, size: store.tied_page(offset, size, status, chance)
    return lambda offset, size: store.page(offset, size, status)


def show_rows(answer: Answer, service: Service) -> Answer:
    """Write the rows of an answer as the service does."""
    if isinstance(answer.response, list):
        return replace(answer, response=[_show_part(part, service) for part in answer.response])
    return answer if answer.response is None else replace(answer, response=_show_part(answer.response, service))


def _show_part(part: Part, service: Service) -> Part:
    return replace(part, data=service.shown(part.data)) if isinstance(part.data, Row) else part


def token(store: Store, asked: Asked) -> Answer:
    """Make the two tokens of a device; an inactive subscriber gets none."""
    row = _find(store, device(asked.json()))
    name = row.subscriber_name
    asked.service.token_inactive(row)
    account = asked.account
    pair = subscriber_token(name, account_sid=account.account_sid, secret=account.api_token, now=asked.now)
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


def _link(asked: Asked, page: PageQuery, *, empty: bool) -> Callable[[int], str]:
    """Return what writes the path of another page."""
    more = (f"&status={page.status}" if page.status else "") + ("&again=1" if empty and not page.again else "")
    start = f"/v2/accounts/{asked.account.account_sid}/subscribers"
    return lambda offset: f"{start}?offset={offset}&page_size={page.page_size}{more}"
