"""Values in an undocumented form: kept as text, or converted if that is certain; they never stop a run."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from exotel_frames.api.retry import parse_http_date
from exotel_frames.api.wire.envelopes import PAGE, TOKENS
from exotel_frames.api.wire.nameless import as_item
from exotel_frames.records import Subscriber
from exotel_frames.schema import FIELDS, NAME

T = TypeVar("T")
_USUAL: Final = re.compile(".{10}T.{8}[+-].{5}")  # 2019-11-19T23:14:17+05:30
_ALL_USUAL: Final = re.compile(rf"{_USUAL.pattern}(\n{_USUAL.pattern})*")
_NUMBER: Final = re.compile(r"[0-9]{9,13}(\.[0-9]+)?")
_MILLISECONDS_FROM: Final = 1e11
_DATES: Final = ("date_created", "date_updated")


def decode_plainly(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """Decode subscribers again, each value that should be a text as its JSON text; None when that does not help.

    Never tokens: their decoder wraps them while they are read.
    """
    if decoder is TOKENS:
        return None
    try:
        found: T = msgspec.convert(_make_plain(msgspec.json.decode(body), is_page=decoder is PAGE), decoder.type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError, KeyError, AttributeError):
        return None
    return found


def _make_plain(raw: dict[str, Any], *, is_page: bool) -> dict[str, Any]:
    """Write the odd values of an answer as texts, in place, and say of whom they are."""
    if is_page and isinstance(raw["response"], list):
        raw["response"] = [as_item(item) for item in raw["response"]]
    items = raw["response"] if isinstance(raw["response"], list) else [raw["response"]]
    _fill_statuses(items if is_page else [item for item in items if item.get("error_data")])
    raw["not_editable"] = [name for item in items if (name := _write_as_texts(item))]
    return raw


def _fill_statuses(items: list[dict[str, Any]]) -> None:
    """Give those without a status one of which nothing is known.

    Who is listed exists, whatever it lacks; and a refusal may name nothing but the subscriber.
    """
    for item in items:
        data = item.get("data") or {}
        if data.get(NAME) is not None and data.get("status") is None:
            data["status"] = "null"


def _write_as_texts(item: dict[str, Any]) -> Any:
    """Write each value of an item that is no text as JSON; return the name whose custom field was none."""
    data = item.get("data") or {}
    if type(data.get(NAME)) is int:  # letters and digits, and so it may be written without quotes
        data[NAME] = str(data[NAME])
    odd_field = not isinstance(data.get("custom_field"), str | None)
    for field in (*FIELDS, *_DATES):
        value = data.get(field)
        if value is not None and not isinstance(value, str):
            data[field] = msgspec.json.encode(value).decode()
    return data.get("subscriber_name") if odd_field else None


def with_iso_dates(row: Subscriber) -> Subscriber:
    """Return a subscriber whose dates are ISO 8601 texts with an offset; None where the form leaves the moment open.

    A time without an offset is no moment: taken for UTC it would be five and a half hours off in India.

    >>> with_iso_dates(Subscriber("bob", "active", None, "1574185457", "Tue, 19 Nov 2019 17:44:17 GMT")).date_updated
    '2019-11-19T17:44:17+00:00'
    """
    if _is_usual(row.date_created) and _is_usual(row.date_updated):
        return row
    return replace(row, date_created=moment(row.date_created), date_updated=moment(row.date_updated))


def all_with_iso_dates(rows: list[Subscriber]) -> list[Subscriber]:
    """Return each subscriber as `with_iso_dates` does; a page in the usual form, as nearly all are, takes one look."""
    dates = [row.date_created for row in rows] + [row.date_updated for row in rows]
    told = [date for date in dates if date is not None]
    lines = "\n".join(told)
    if not told or (_ALL_USUAL.fullmatch(lines) and lines.count("\n") == len(told) - 1):
        return rows
    return [with_iso_dates(row) for row in rows]


def _is_usual(text: str | None) -> bool:
    return text is None or _USUAL.fullmatch(text) is not None


def moment(text: str | None) -> str | None:
    """Return a date in whatever form as ISO 8601 with an offset; None where the form leaves the moment open."""
    if text is not None and _NUMBER.fullmatch(text):  # seconds or milliseconds since 1970 are of no time zone
        seconds = float(text) / (1000 if float(text) >= _MILLISECONDS_FROM else 1)
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    found = parse_http_date(text) if text and text[:1].isalpha() else None
    return found.isoformat() if found else text if _has_offset(text) else None


def _has_offset(text: str | None) -> bool:
    try:
        return datetime.fromisoformat(text or "").tzinfo is not None
    except ValueError:
        return False
