"""One account of the sandbox: who may ask, how fast, what strikes the request, what is done, what is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, replace

from exotel_frames.sandbox.envelopes import Answer, Payload, RefusedError, Row, encode, epoch, iso, refusal
from exotel_frames.sandbox.fault_injection import afterwards, churn, instead, mixed
from exotel_frames.sandbox.faults import Dice, Draw, Faults
from exotel_frames.sandbox.handlers import BY_NAME, Asked
from exotel_frames.sandbox.rate_limit import Limiter, RateLimit, too_many
from exotel_frames.sandbox.request_log import Entry, Log
from exotel_frames.sandbox.routes import Account, Arrived, Route, let_in, route
from exotel_frames.sandbox.store import Store


class Tenant:
    """The account with its subscribers; every method may be called from any thread."""

    def __init__(
        self,
        account: Account,
        *,
        clock: Callable[[], float],
        seed: int = 0,
        faults: Faults | None = None,
        limit: RateLimit | None = None,
    ) -> None:
        self.account = account
        self.clock = clock
        self.requests = 0
        self._lock = threading.RLock()
        self._store = Store()
        self._log = Log()
        self._seed = seed
        self._dice = Dice(faults or Faults(), seed)
        self._limiter = Limiter(limit) if limit else None

    def use(self, store: Store) -> None:
        """Take its subscribers from here."""
        with self._lock:
            self._store = store

    def set_faults(self, faults: Faults) -> None:
        """Change what strikes from the next request on; the draws begin anew."""
        with self._lock:
            self._dice = Dice(faults, self._seed)

    def draw(self, request: Arrived) -> Draw:
        """Count a request, and draw what strikes it."""
        call = route(request.method, request.path).call
        with self._lock:
            self.requests += 1
            return self._dice.draw(call, f"{request.method} {request.target}", request.body)

    def handle(self, request: Arrived, draw: Draw) -> Payload:
        """Do what is asked, unless something strikes first, and write down what was really done."""
        asked = route(request.method, request.path)
        with self._lock:
            now = self.clock()
            payload = instead(draw) or afterwards(self._answer(request, asked, draw, now), draw)
            self._log.write(
                time=now,
                method=request.method,
                path=request.target,
                call=asked.call,
                names=_names(request, asked),
                body=request.body.decode(errors="replace"),
                committed=payload.committed,
                faults=payload.faults,
                http_code=payload.http_code,
            )
        return payload

    def _answer(self, request: Arrived, asked: Route, draw: Draw, now: float) -> Payload:
        try:
            call = let_in(request, asked, self.account)
        except RefusedError as refused:
            return encode(refusal(refused), request.method)
        if self._limiter is None:
            return encode(self._do(call, request, asked, draw, now), request.method)
        if self._limiter.admit(now):
            payload = encode(self._do(call, request, asked, draw, now), request.method)
        else:
            payload = too_many(str(self._limiter.retry_after_s(now)))
        return replace(payload, headers=(*payload.headers, *self._limiter.headers(now)))

    def _do(self, call: str, request: Arrived, asked: Route, draw: Draw, now: float) -> Answer:
        if call == "list":
            self._churn(draw, now)
        arguments = Asked(
            account_sid=self.account.account_sid,
            secret=self.account.api_token,
            name=asked.name,
            query=request.query,
            content_type=request.content_type,
            body=request.body,
            now=now,
            draw=draw,
        )
        try:
            return mixed(BY_NAME[call](self._store, arguments), draw)
        except RefusedError as refused:
            return refusal(refused)

    def _churn(self, draw: Draw, now: float) -> None:
        if not draw.faults.churn_inserts and not draw.faults.churn_deletes:
            return
        come, gone = churn(self._store, draw, now)
        for call, names in (("add", come), ("remove", gone)):
            if names:
                self._log.write(time=now, method="CHURN", call=call, names=names, committed=names)

    def entries(self, since: int = 0) -> tuple[Entry, ...]:
        """Return what was really done after the entry number `since`."""
        with self._lock:
            return self._log.entries(since)

    def subscribers(self) -> list[dict[str, str | None]]:
        """Return the truth, newest first."""
        with self._lock:
            return [asdict(row) for row in self._store.rows()]

    def add(
        self,
        names: Iterable[str],
        *,
        status: str,
        custom_field: str | None,
        date_created: str | datetime | None,
        date_updated: str | datetime | None,
    ) -> None:
        """Create subscribers without a request, the last one being the newest."""
        with self._lock:
            now = self.clock()
            created = iso(now if date_created is None else epoch(date_created))
            updated = created if date_updated is None else iso(epoch(date_updated))
            rows = [Row(created, updated, name, status, custom_field) for name in names]
            if taken := [row.subscriber_name for row in rows if self._store.get(row.subscriber_name)]:
                raise ValueError(f"The sandbox has {', '.join(taken)} already: change or remove them instead.")
            self._store.insert(rows)
            self._note("add", now, tuple(row.subscriber_name for row in rows))

    def change(
        self,
        name: str,
        *,
        status: str | None,
        custom_field: str | UnsetType | None,
        date_updated: str | datetime | None,
    ) -> None:
        """Change a subscriber without a request."""
        with self._lock:
            now = self.clock()
            before = self._known(name)
            self._store.update(
                replace(
                    before,
                    status=status or before.status,
                    custom_field=before.custom_field if custom_field is UNSET else custom_field or None,
                    date_updated=iso(now if date_updated is None else epoch(date_updated)),
                )
            )
            self._note("change", now, (name,))

    def remove(self, names: Iterable[str]) -> None:
        """Delete subscribers without a request."""
        with self._lock:
            known = tuple(self._known(name).subscriber_name for name in names)
            for name in known:
                self._store.delete(name)
            self._note("remove", self.clock(), known)

    def _known(self, name: str) -> Row:
        row = self._store.get(name)
        if row is None:
            raise ValueError(f"The sandbox has no subscriber {name!r}.")
        return row

    def _note(self, call: str, now: float, names: tuple[str, ...]) -> None:
        self._log.write(time=now, call=call, names=names, committed=names)


def _names(request: Arrived, asked: Route) -> tuple[str, ...]:
    """Return the subscribers a request is about, whether it was a right request or not."""
    if asked.name:
        return (asked.name,)
    if asked.call not in {"create", "token"}:
        return ()
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    items = body.get("subscribers", [body]) if isinstance(body, dict) else []
    named = [item.get("subscriber_name") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return tuple(name for name in named if isinstance(name, str))
