"""One account of the sandbox: authorisation, rate limit, injected faults, the subscribers, and the request log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from exotel_frames.sandbox.behaviors.service import Service, service
from exotel_frames.sandbox.behaviors.timing import Replica
from exotel_frames.sandbox.envelopes import Answer, Payload, RefusedError, Row, encode, refusal
from exotel_frames.sandbox.faults.draws import Dice, Draw, Faults
from exotel_frames.sandbox.faults.injection import churn, gateway_timeout, mix_items, payload_instead, spoil_answer
from exotel_frames.sandbox.handlers import BY_NAME, Asked, show_rows
from exotel_frames.sandbox.rate_limit import Limiter, RateLimit, too_many
from exotel_frames.sandbox.request_log import Entry
from exotel_frames.sandbox.routes import Account, Arrived, Route, let_in, route
from exotel_frames.sandbox.store import Store

_WRITES: Final = frozenset({"create", "update", "delete"})
_READS: Final = frozenset({"get", "list"})


class _LateWrite(Struct, frozen=True):
    """A write that is carried out at `time`, after its client was told of a time-out."""

    time: float
    request: Arrived
    asked: Route
    draw: Draw


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
        behavior: Mapping[str, str] | None = None,
    ) -> None:
        self.account = account
        self.clock = clock
        self.requests = 0
        self._lock = threading.RLock()
        self._store = Store()
        self._log: list[Entry] = []
        self._seed = seed
        self._dice = Dice(faults or Faults(), seed)
        self._service = service(behavior)
        self._replica: Replica | None = None
        self._seen: set[bytes] = set()
        self._late: list[_LateWrite] = []
        self._limiter = Limiter(limit) if limit else None

    def use(self, store: Store) -> None:
        """Take its subscribers from here."""
        with self._lock:
            self._store = store
            self._replica = Replica(store, self._service.read_lag, self.clock) if self._service.read_lag else None

    def date_header(self) -> tuple[tuple[str, str], ...]:
        """Return the `Date` header of the next answer; none where the service has none."""
        date = self._service.date_header(self.clock(), self.requests)
        return () if date is None else (("date", date),)

    def seed(self, rows: Sequence[Row]) -> list[Row]:
        """Return made-up subscribers as this service would have them."""
        made = self._service
        stored = made.tenant_names(made.tenant_status(made.tenant_dates(made.tenant_fields(rows))))
        return [replace(row, custom_field=made.custom_field(row.custom_field)) for row in stored]

    def set_faults(self, faults: Faults) -> None:
        """Change the faults from the next request on; their random draws begin anew."""
        with self._lock:
            self._dice = Dice(faults, self._seed)

    def draw(self, request: Arrived) -> Draw:
        """Count a request, and draw its fault."""
        call = route(request.method, request.raw_path).call
        with self._lock:
            self.requests += 1
            return self._dice.draw(call, f"{request.method} {request.target}", request.body)

    def handle(self, request: Arrived, draw: Draw) -> Payload:
        """Do what is asked, unless a fault comes first, and write down what was really done."""
        asked = route(request.method, request.raw_path)
        with self._lock:
            now = self.clock()
            self._carry_out_late_writes(now)
            for _ in range(1, self._service.gateway(asked.call)):
                self._write_down(request, asked, now, self._answer(request, asked, draw, now), method="GATEWAY")
            payload = payload_instead(draw) or self._postpone(request, asked, draw, now)
            payload = payload or spoil_answer(self._answer(request, asked, draw, now), draw)
            self._write_down(request, asked, now, payload)
        return payload

    def _write_down(self, request: Arrived, asked: Route, now: float, payload: Payload, method: str = "") -> None:
        self._note(
            Entry(
                time=now,
                method=method or request.method,
                path=request.target,
                call=asked.call,
                names=_names(request, asked),
                body=request.body.decode(errors="replace"),
                committed=payload.committed,
                faults=payload.faults,
                http_code=payload.http_code,
                answer=payload.body.decode(errors="replace") if asked.call in _WRITES else "",
            )
        )

    def _note(self, entry: Entry) -> None:
        self._log.append(replace(entry, sequence=len(self._log) + 1))

    def _postpone(self, request: Arrived, asked: Route, draw: Draw, now: float) -> Payload | None:
        """Answer 504 to a write that will be carried out later; None where it is carried out now."""
        write = f"{request.method} {request.path}\n".encode() + request.body
        if asked.call not in _WRITES or write in self._seen:
            return None
        self._seen.add(write)
        late_s = self._service.late_writes(len(self._seen))
        if not late_s:
            return None
        self._late.append(_LateWrite(now + late_s, request, asked, draw))
        return gateway_timeout()

    def _carry_out_late_writes(self, now: float) -> None:
        due = [write for write in self._late if write.time <= now]
        self._late = [write for write in self._late if write.time > now]
        for write in due:
            payload = self._answer(write.request, write.asked, write.draw, write.time)
            self._write_down(write.request, write.asked, write.time, payload, method="LATE")

    def _answer(self, request: Arrived, asked: Route, draw: Draw, now: float) -> Payload:
        try:
            call = let_in(request, asked, self.account)
        except RefusedError as refused:
            return self._encode(refusal(refused), request)
        if self._limiter is None:
            return self._encode(self._do(call, request, asked, draw, now), request)
        if self._limiter.admit(now):
            payload = self._encode(self._do(call, request, asked, draw, now), request)
        else:
            payload = too_many(str(self._limiter.retry_after_s(now)))
        headers = self._limiter.headers(now) if self._service.rate_headers else ()
        return replace(payload, headers=(*payload.headers, *headers))

    def _encode(self, answer: Answer, request: Arrived) -> Payload:
        payload = encode(answer, request.method)
        return replace(payload, body=self._service.extra_fields(payload.body)) if payload.body else payload

    def _do(self, call: str, request: Arrived, asked: Route, draw: Draw, now: float) -> Answer:
        if call == "list":
            self._churn(draw, now)
        arguments = Asked(
            request=request,
            account=self.account,
            name=asked.name,
            now=now,
            draw=draw,
            service=self._service,
            number=self.requests,
        )
        try:
            store = self._replica.as_of(now) if self._replica and call in _READS else self._store
            return show_rows(mix_items(BY_NAME[call](store, arguments), draw), self._service)
        except RefusedError as refused:
            return refusal(refused)

    def _churn(self, draw: Draw, now: float) -> None:
        if not draw.faults.churn_inserts and not draw.faults.churn_deletes:
            return
        come, gone = churn(self._store, draw, now)
        for call, names in (("add", come), ("remove", gone)):
            if names:
                self._note(Entry(time=now, method="CHURN", call=call, names=names, committed=names))

    def entries(self, since: int = 0) -> tuple[Entry, ...]:
        """Return what was really done after the entry number `since`."""
        with self._lock:
            self._carry_out_late_writes(self.clock())
            return tuple(self._log[since:])

    def subscribers(self) -> list[dict[str, str | None]]:
        """Return every subscriber as it really is, newest first."""
        with self._lock:
            self._carry_out_late_writes(self.clock())
            return [asdict(row) for row in self._store.rows()]

    def edit(self, call: str, change: Callable[[Store, Service, float], Sequence[str]]) -> None:
        """Change the subscribers without a request; `change` does it, and returns the names it was about."""
        with self._lock:
            now = self.clock()
            names = tuple(change(self._store, self._service, now))
            self._note(Entry(time=now, call=call, names=names, committed=names))


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
