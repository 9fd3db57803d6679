"""What the faults do to a response, and to the account while it is listed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from exotel_frames.sandbox.envelopes import MULTI_STATUS, Answer, Part, Payload, Row, iso
from exotel_frames.sandbox.faults.draws import AFTER, BEFORE, Draw
from exotel_frames.sandbox.rate_limit import too_many
from exotel_frames.sandbox.store import Store

_HTML: Final = "<html><head><title>{0} {1}</title></head><body><center><h1>{0} {1}</h1></center></body></html>"
_REASONS: Final = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}


def payload_instead(draw: Draw) -> Payload | None:
    """Return what happens instead of the call; None when the call is left to happen."""
    fault = next((name for name in draw.hits if name in BEFORE), None)
    if fault is None:
        return None
    if fault == "rate429":
        payload = too_many(draw.faults.retry_after)
    elif fault == "error_before":
        payload = _gateway_error(draw.random.choice((500, 502, 503)), draw.random)
    else:
        payload = _drop_connection(draw.random)
    return replace(payload, faults=(fault,))


def mix_items(answer: Answer, draw: Draw) -> Answer:
    """Change the order of the items of a 207, or lose some; an answer that has none stays as it is."""
    items = answer.response
    if answer.http_code != MULTI_STATUS or not isinstance(items, list):
        return answer
    faults: list[str] = []
    if "shuffle" in draw.hits and len(items) > 1:
        items = _shuffle(items, draw.random)
        faults.append("shuffle")
    if "short" in draw.hits:
        kept = draw.random.sample(range(len(items)), draw.random.randrange(len(items)))
        items = [items[at] for at in sorted(kept)]
        faults.append("short")
    return replace(answer, response=items, faults=tuple(faults))


def spoil_answer(payload: Payload, draw: Draw) -> Payload:
    """Lose or spoil an answer on its way; what was done stays done."""
    fault = next((name for name in draw.hits if name in AFTER), None)
    faults = (*payload.faults, fault) if fault else payload.faults
    if fault == "drop_after":
        return replace(_drop_connection(draw.random), committed=payload.committed, faults=faults)
    if fault == "error_after":
        return replace(_gateway_error(504, draw.random), committed=payload.committed, faults=faults)
    if fault == "truncate" and payload.body:
        length = draw.random.randrange(len(payload.body))
        delivery = draw.random.choice(("cut", "cut_unsaid"))
        return replace(payload, cut=payload.body[:length], delivery=delivery, faults=faults)
    return payload


def churn(store: Store, draw: Draw, now: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Let others create and delete while a listing runs; return the names that came and those that went."""
    gone = [_delete_any(store, draw.random) for _ in range(draw.times(draw.faults.churn_deletes)) if len(store)]
    date = iso(now)
    come = [f"drift{draw.random.getrandbits(44):011x}" for _ in range(draw.times(draw.faults.churn_inserts))]
    new = [Row(date, date, name, "active", None) for name in dict.fromkeys(come) if store.get(name) is None]
    if new:
        store.insert(new)
    return tuple(row.subscriber_name for row in new), tuple(gone)


def _delete_any(store: Store, chance: random.Random) -> str:
    name = store.name_at(chance.randrange(len(store)))
    store.delete(name)
    return name


def _shuffle(items: Sequence[Part], chance: random.Random) -> list[Part]:
    order = list(range(len(items)))
    while order == sorted(order):
        chance.shuffle(order)
    return [items[at] for at in order]


def _drop_connection(chance: random.Random) -> Payload:
    """Close the connection: with a reset or, as a proxy does, in good order."""
    return Payload(None, delivery=chance.choice(("reset", "close")))


def gateway_timeout() -> Payload:
    """Make the 504 of a gateway that has lost its patience."""
    page = _HTML.format(504, _REASONS[504])
    return Payload(504, page.encode(), (("content-type", "text/html"),), faults=("late",))


def _gateway_error(http_code: int, chance: random.Random) -> Payload:
    """Make a 5xx of a gateway: HTML, or nothing at all."""
    if chance.random() < 0.25:  # noqa: PLR2004 - a quarter
        return Payload(http_code)
    page = _HTML.format(http_code, _REASONS[http_code])
    return Payload(http_code, page.encode(), (("content-type", "text/html"),))
