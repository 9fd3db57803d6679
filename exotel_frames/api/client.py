"""The six calls of the API, one short method each (API.md, "The six calls")."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import UNSET, UnsetType

from exotel_frames import errors, schema
from exotel_frames.api.failures import failure_kind, long_pause, refusal
from exotel_frames.api.fetchers import away_from_main
from exotel_frames.api.page_size import PageSize
from exotel_frames.api.rate_limit import Limiter, Slot, limiter_for
from exotel_frames.api.request_values import check_addressable, check_names, to_json
from exotel_frames.api.retry import Patience, retry_wait_s
from exotel_frames.api.stop import Stop
from exotel_frames.api.wire import (
    Request,
    Response,
    ServerClock,
    Transport,
    about_another,
    read_items,
    read_nothing,
    read_page,
    read_subscriber,
    read_tokens,
)
from exotel_frames.labels import label_html
from exotel_frames.records import Item, NewSubscriber, Page, Reply, Subscriber, Tokens
from exotel_frames.settings import Settings

T = TypeVar("T")
Named = TypeVar("Named", Subscriber, Tokens)
Decode = Callable[[Response], tuple[T, str | None]]
LOGGER = logging.getLogger("exotel_frames")
LOGGER.addHandler(logging.NullHandler())
ATTEMPTS_WORTH = 4
"""One call, with all its retries and the waits between them, may take as long as so many timeouts."""


class Client:
    """A connection to one account; threads may share it. `ef.connect` makes one.

    Every method returns a `Reply` (`.data` and what support asks for) or raises one of the ApiError family. Reads are
    retried after transport errors, 429 and 5xx; a write is retried only when nothing was sent, or on 429.
    """

    def __init__(self, settings: Settings, *, limiter: Limiter | None = None, patience: Patience | None = None) -> None:
        self.settings = settings
        self.limiter = limiter or limiter_for(
            settings.base_url, settings.account_sid, requests_per_minute=settings.requests_per_minute
        )
        self._transport = Transport(settings)
        self._patience = patience or Patience(
            deadline_s=ATTEMPTS_WORTH * settings.timeout_s, first_wait_s=settings.settle_delay_s / 4
        )
        self._root = f"/v2/accounts/{settings.account_sid}"
        self._clock = ServerClock()
        self._reached: set[str] = set()  # no Event: a Ctrl-C in `set` can leave its lock held, and the next call hangs
        self._stop: Stop | None = None
        self.page_size = PageSize()

    def with_stop(self, stop: Stop) -> Self:
        """Return a view of this client whose calls no longer start or wait once `stop` is set."""
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__, _stop=stop)
        return view

    def create(self, subscribers: Sequence[NewSubscriber]) -> Reply[tuple[Item, ...]]:
        """Create 1 to 10 subscribers; the response has one item for each, in the order that the service chose.

        >>> reply = client.create([NewSubscriber("bob", "support"), NewSubscriber("nidhi")])
        >>> reply.http_code, [(item.code, item.data.subscriber_name) for item in reply.data]
        (207, [(200, 'bob'), (200, 'nidhi')])
        """
        if not 1 <= len(subscribers) <= schema.CREATE_MAX:
            raise errors.ValidationError(f"A create call takes 1 to {schema.CREATE_MAX} items, not {len(subscribers)}.")
        check_names(*(item.subscriber_name for item in subscribers))
        body = to_json({"subscribers": list(subscribers)})
        return self._call(Request("POST", f"{self._root}/subscribers", body), read_items)

    def update(self, name: str, *, status: str, custom_field: str | UnsetType | None = UNSET) -> Reply[Subscriber]:
        """Set the status, which the API requires, and the custom field if one is given (`""` clears it).

        >>> client.update("bob", status="inactive").data.status
        'inactive'
        """
        body: dict[str, Any] = {"status": status}
        if custom_field is not UNSET:
            body["custom_field"] = custom_field
        return self._call_for(name, Request("PUT", self._path(name), to_json(body)), read_subscriber)

    def get(self, name: str) -> Reply[Subscriber]:
        """Read one subscriber.

        >>> client.get("bob").data.custom_field
        'support'
        """
        return self._call_for(name, Request("GET", self._path(name)), read_subscriber)

    def list_page(
        self, *, offset: int = 0, page_size: int = schema.PAGE_MAX, status: str | None = None
    ) -> Reply[Page[Subscriber]]:
        """Read one page, newest first; for a complete listing use `ef.load_subscribers`.

        >>> client.list_page(page_size=2).data.names
        ['nidhi', 'bob']
        """

        def request(size: Mapping[str, int]) -> Reply[Page[Subscriber]]:
            query = {"offset": offset, **size} | ({"status": status} if status else {})
            call = Request("GET", f"{self._root}/subscribers?{urlencode(query)}")
            return self._call(call, lambda answer: read_page(answer, offset))

        return self.page_size.ask(request, page_size, at_top=not offset)

    def iter_pages(self, *, page_size: int = schema.PAGE_MAX, status: str | None = None) -> Iterator[list[Subscriber]]:
        """Read page after page; it can miss rows while others make changes (`ef.load_subscribers` can't).

        >>> sum(len(page) for page in client.iter_pages(page_size=10)) >= 2
        True
        """
        offset, before = 0, None
        while True:
            page = self.list_page(offset=offset, page_size=page_size, status=status).data
            if offset and (not page.rows or page.names == before):
                return
            yield page.rows
            if (page.last and page.linked) or not page.rows:
                return
            offset, before = offset + len(page.rows), page.names

    def delete(self, name: str) -> Reply[None]:
        """Delete one subscriber for good.

        >>> client.delete("bob").http_code
        204
        """
        return self._call(Request("DELETE", self._path(name)), read_nothing)

    def create_token(self, name: str, *, platform: str, device_id: str) -> Reply[Tokens]:
        """Make the two tokens of a device; they are masked, and shown only by `.reveal()`.

        >>> client.create_token("nidhi", platform="android", device_id="2fc4b5912826ad1").data.access_token
        •••
        """
        check_addressable(name)
        body = to_json({"platform": platform, "device_id": device_id, "subscriber_name": name})
        return self._call_for(name, Request("POST", f"{self._root}/subscriber-token", body), read_tokens)

    def exchange(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Response:
        """Send one request below the account's path, without retries, and return the response whatever its status.

        >>> client.exchange("GET", "/subscribers/nobody").http_code
        404
        """
        call = Request(method, f"{self._root}{path}", None if body is None else to_json(body))
        with self.limiter.slot(stop=self._stop) as slot:
            return self._send(call, slot)

    def server_time(self) -> datetime | None:
        """Return a lower bound of the service's clock, from its `Date` headers; None before the first response."""
        return self._clock.now()

    def close(self) -> None:
        """Close the connections; the client can be used again, and opens new ones."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        limit = f"{self.limiter.limit} requests/min" if self.limiter.limit else "no rate limit known"
        return f"<exotel_frames client: {self.settings.label}, {limit}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: where this client works, and how fast; no secret is among it."""
        limit = self.limiter.limit
        pace = f"{limit:,} requests a minute" if limit else "no rate limit known yet"
        lines = (pace, f"{self.settings.workers} at once", f"{self.settings.timeout_s:g} s a request")
        return f"<div>{label_html(self.settings.label)}<br>{', '.join(lines)}</div>"

    def __reduce__(self) -> str:
        raise TypeError("A client can't be pickled, because it holds the key: connect again where you need one.")

    def _path(self, name: str) -> str:
        check_addressable(name)
        return f"{self._root}/subscribers/{quote(name, safe='')}"

    def _call_for(self, name: str, call: Request, decode: Decode[Named]) -> Reply[Named]:
        """Call, and take no answer about somebody else."""

        def decode_and_check(answer: Response) -> tuple[Named, str | None]:
            found, request_id = decode(answer)
            if found.subscriber_name != name:
                raise about_another(answer, found.subscriber_name, name)
            return found, request_id

        return self._call(call, decode_and_check)

    def _call(self, call: Request, decode: Decode[T]) -> Reply[T]:
        """Send, and send again where that is safe; `attempts` is how often it was really sent."""
        self._transport.prepare()
        problem: errors.ApiError | None = None
        started, held_s, sends, attempt = time.monotonic(), 0.0, 0, 0
        while True:
            attempt += 1
            if pause_s := self.limiter.long_pause_s():
                problem = problem or long_pause(pause_s)
                break
            try:
                slot = self.limiter.slot(stop=self._stop)
            except errors.NotSentError as stopped:
                problem = problem or stopped
                break
            with slot:
                held_s += slot.waited_s
                outcome = self._attempt(call, decode, slot)
            sends += outcome.attempts
            self._log(call, outcome, attempt)
            spent_s = time.monotonic() - started - held_s
            if isinstance(outcome, Reply):
                return msgspec.structs.replace(outcome, attempts=sends, seconds=spent_s)
            problem = outcome
            if isinstance(problem, errors.NotSentError) and problem.refused and not self._reached:
                break  # nobody has ever answered there: the address is wrong, or the service is down
            wait_s = self._wait_s(problem, reads=call.reads, attempt=attempt, spent_s=spent_s, held_s=held_s)
            if wait_s is None:
                break
            (self._stop.wait if self._stop else time.sleep)(wait_s)
        problem.attempts, problem.seconds = sends, time.monotonic() - started - held_s
        raise problem.with_traceback(None)

    def _log(self, call: Request, outcome: Reply[T] | errors.ApiError, attempt: int) -> None:
        """Log one line: no body, no header, and so no secret."""
        what = (call.method, call.path, outcome.http_code or type(outcome).__name__, outcome.request_id or "-")
        LOGGER.info("%s %s %s request_id=%s %.0f ms attempt %d", *what, outcome.seconds * 1000, attempt)

    def _wait_s(
        self, problem: errors.ApiError, *, reads: bool, attempt: int, spent_s: float, held_s: float
    ) -> float | None:
        return retry_wait_s(
            failure_kind(problem),
            read=reads,
            attempt=attempt,
            spent_s=spent_s,
            held_s=held_s,
            retry_after_s=getattr(problem, "retry_after_s", None),
            patience=self._patience,
        )

    def _attempt(self, call: Request, decode: Decode[T], slot: Slot) -> Reply[T] | errors.ApiError:
        """Send once and say what came of it; an error is returned, so that none is raised while another is handled."""
        try:
            answer = self._send(call, slot)
        except (errors.NotSentError, errors.OutcomeUnknownError) as problem:
            return problem.with_traceback(None)
        if not 200 <= answer.http_code < 300:  # noqa: PLR2004
            return refusal(answer)
        try:
            data, request_id = decode(answer)
        except errors.BadReplyError as problem:
            return problem.with_traceback(None)
        told = answer.server_time
        self._clock.learn(told)  # of the service's own answers only: a gateway in front has a clock of its own
        return Reply(data, answer.http_code, request_id, told, seconds=answer.seconds)

    def _send(self, call: Request, slot: Slot) -> Response:
        try:
            answer = away_from_main(self._transport.send, call)
        except errors.NotSentError:
            slot.on_not_sent()
            raise
        self._reached.add("once")
        slot.on_answer(answer.headers, answer.http_code)
        return answer
