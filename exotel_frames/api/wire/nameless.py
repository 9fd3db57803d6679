"""Listing items without a name: they keep their position, so that pages still join, and are reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from exotel_frames.api.wire.envelopes import AnyItem
from exotel_frames.records import Subscriber
from exotel_frames.schema import NAME

NAMELESS = ""
"""What such an item has for a name; nobody who exists can have it."""


def as_item(item: Any) -> Any:
    """Return an item of a page as one that can be decoded; what names nobody is kept as a text.

    >>> as_item({"code": 200, "status": "success", "data": {"status": "active"}})["data"]["custom_field"]
    '{"status":"active"}'
    """
    found = item if isinstance(item, dict) and "data" in item else {"data": item}
    data = found["data"]
    if data is None or (isinstance(data, dict) and type(data.get(NAME)) in {str, int}):
        kept = data
    else:
        created = data.get("date_created") if isinstance(data, dict) else None
        kept = {NAME: NAMELESS, "status": "null", "custom_field": msgspec.json.encode(data).decode()}
        kept |= {"date_created": created if isinstance(created, str) else None}
    return {"code": None, "status": None, **found, "data": kept}


def subscribers_of(items: Sequence[AnyItem], readable: Sequence[bool]) -> list[Subscriber]:
    """Return the subscriber of each item; one without a name, and with the date above it, for each that names nobody.

    >>> items = [AnyItem(200, "success", Subscriber("bob", "active", None, "2026-01-01")), AnyItem(200, "success")]
    >>> [(row.subscriber_name, row.date_created) for row in subscribers_of(items, [True, False])]
    [('bob', '2026-01-01'), ('', '2026-01-01')]
    """
    rows: list[Subscriber] = []
    date = next((item.data.date_created for item in items if item.data and item.data.date_created), None)
    for item, named in zip(items, readable, strict=True):
        date = (item.data and item.data.date_created) or date
        rows.append(
            item.data
            if named and item.data
            else Subscriber(NAMELESS, "null", custom_field=_text(item), date_created=date)
        )
    return rows


def place_names(rows: Sequence[Subscriber]) -> list[str]:
    r"""Return what tells the rows of a listing apart: their names, and of those without one all that is known.

    >>> place_names([Subscriber("bob", "active"), Subscriber("", "null", "[7]")])
    ['bob', '\x00[7]']
    """
    return [row.subscriber_name or f"\0{row.custom_field}" for row in rows]


def _text(item: AnyItem) -> str:
    return msgspec.json.encode(item).decode()
