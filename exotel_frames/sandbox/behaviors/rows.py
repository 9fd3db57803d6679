"""What is stored of a text, how a row is shown, and what the account's subscribers are like."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import msgspec
from msgspec.structs import asdict, replace

from exotel_frames.sandbox.behaviors.model import same
from exotel_frames.sandbox.envelopes import Row, invalid

TextRule = Callable[[str | None], str | None]

_EXTRA: Final = {"x_trace": "not in the document"}
_ODD_STATUS: Final = "suspended"
_ODD_NAMES: Final = (
    "amit_k",
    "priya.sharma",
    "अमित",
    "李小龍",
    "Jos\u00e9 Maria",
    "dev team/2",
    "50%",
    "a?b#c",
    "x" * 25,
    "y" * 64,
)
_ODD_FIELDS: Final = ("42", "true", '{"team": "night"}', "[1, 2]", "0.5")
_STRIDE: Final = 7  # every seventh subscriber of a tenant is odd, and at least the first


def text_rule(change: Callable[[str], str]) -> TextRule:
    """Make a rule that changes a text and leaves null; what becomes empty is stored as null.

    >>> text_rule(str.strip)(" a "), text_rule(str.strip)(" ")
    ('a', None)
    """
    return lambda text: (change(text) or None) if text else None


collapsed: Final = text_rule(lambda text: re.sub(r"\s+", " ", text))
composed: Final = text_rule(lambda text: unicodedata.normalize("NFC", text))
line_feeds: Final = text_rule(lambda text: text.replace("\r\n", "\n"))
escaped: Final = text_rule(html.escape)


def cut(length: int) -> TextRule:
    """Keep only so many characters."""
    return text_rule(lambda text: text[:length])


def refuse_over(length: int) -> TextRule:
    """Refuse a longer text."""

    def rule(text: str | None) -> str | None:
        if text and len(text) > length:
            raise invalid(f"custom_field must have at most {length} characters, not {len(text)}")
        return text or None

    return rule


def as_json(text: str | None) -> object:
    """Return what a text reads as, when it is no text and not null.

    >>> as_json("0042"), as_json("42"), as_json("support")
    ('0042', 42, 'support')
    """
    try:
        value = msgspec.json.decode(text or "")
    except msgspec.DecodeError:
        return text
    return text if value is None or isinstance(value, str) else value


def utc(date: str) -> str:
    """Write a date with Z."""
    return f"{datetime.fromisoformat(date).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def millis(date: str) -> str:
    """Write a date with thousandths."""
    return datetime.fromisoformat(date).isoformat(timespec="milliseconds")


def no_offset(date: str) -> str:
    """Write the time on an Indian wall, and nothing says so."""
    return f"{datetime.fromisoformat(date):%Y-%m-%d %H:%M:%S}"


def rfc2822(date: str) -> str:
    """Write a date as e-mails do."""
    return format_datetime(datetime.fromisoformat(date))


def epoch_number(date: str) -> int:
    """Write a date as a number of seconds."""
    return int(datetime.fromisoformat(date).timestamp())


def row_shower(dates: Callable[[str], object], field: Callable[[str | None], object]) -> Callable[[Row], object]:
    """Return what writes a row with its dates and its custom field in other ways."""

    def show_row(row: Row) -> object:
        written = {"date_created": dates(row.date_created), "date_updated": dates(row.date_updated)}
        return asdict(row) | written | {"custom_field": field(row.custom_field)}

    return show_row


def with_more_fields(body: bytes) -> bytes:
    """Put one more field into every object of an answer, but for what somebody has put into a custom field.

    >>> with_more_fields(b'{"data": {"custom_field": {}}}')
    b'{"data":{"custom_field":{},"x_trace":"not in the document"},"x_trace":"not in the document"}'
    """
    return msgspec.json.encode(_more(msgspec.json.decode(body)))


def _more(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: inner if name == "custom_field" else _more(inner) for name, inner in value.items()} | _EXTRA
    return [_more(inner) for inner in value] if isinstance(value, list) else value


def of_one_second(rows: Sequence[Row]) -> list[Row]:
    """Give all of them the first one's second of creation."""
    return [replace(row, date_created=rows[0].date_created) for row in rows]


def with_odd_status(rows: Sequence[Row]) -> list[Row]:
    """Give every seventh a status that the document does not have."""
    return [replace(row, status=row.status if at % _STRIDE else _ODD_STATUS) for at, row in enumerate(rows)]


def with_odd_names(rows: Sequence[Row]) -> list[Row]:
    """Give some of them names that can't be made through the API."""
    names = dict(zip(range(0, len(rows), 2), _ODD_NAMES, strict=False))
    return [replace(row, subscriber_name=names.get(at, row.subscriber_name)) for at, row in enumerate(rows)]


def with_odd_fields(rows: Iterable[Row]) -> list[Row]:
    """Give every seventh a custom field that reads as something else than a text."""
    return [
        row if at % _STRIDE else replace(row, custom_field=_ODD_FIELDS[at // _STRIDE % len(_ODD_FIELDS)])
        for at, row in enumerate(rows)
    ]


ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "custom_field": {
        "exact": text_rule(same),
        "trim": text_rule(str.strip),
        "collapse": collapsed,
        "cut{n}": cut,
        "nfc": composed,
        "lf": line_feeds,
        "html": escaped,
        "lower": text_rule(str.lower),
        "null_to_empty": lambda text: text or "",
        "empty_kept": same,
        "refuse_over{n}": refuse_over,
    },
    "custom_field_type": {"text": same, "json": as_json},
    "dates": {
        "offset": same,
        "utc": utc,
        "millis": millis,
        "no_offset": no_offset,
        "rfc2822": rfc2822,
        "epoch": epoch_number,
    },
    "extra_fields": {"none": same, "present": with_more_fields},
    "tenant_dates": {"spread": list, "one_second": of_one_second},
    "tenant_status": {"known": list, "odd": with_odd_status},
    "tenant_names": {"legal": list, "odd": with_odd_names},
}
"""For each behaviour of what is stored and shown of a subscriber: what does it, by the name of the variant."""
