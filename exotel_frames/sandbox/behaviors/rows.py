"""How a text is stored, how a row is shown, and what the account's subscribers are like."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import msgspec
from msgspec.structs import asdict, replace

from exotel_frames.sandbox.behaviors.model import behavior, same
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


def _refuse_over(length: int) -> TextRule:
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


def _date_rule(write: Callable[[datetime], object]) -> Callable[[str], object]:
    return lambda date: write(datetime.fromisoformat(date))


def row_writer(dates: Callable[[str], object], field: Callable[[str | None], object]) -> Callable[[Row], object]:
    """Return what writes a row with its dates and its custom field in other ways."""

    def show_row(row: Row) -> object:
        written = {"date_created": dates(row.date_created), "date_updated": dates(row.date_updated)}
        return asdict(row) | written | {"custom_field": field(row.custom_field)}

    return show_row


def _with_more_fields(body: bytes) -> bytes:
    return msgspec.json.encode(_add_field(msgspec.json.decode(body)))


def _add_field(value: Any) -> Any:
    """Put one more field into every object, but for what somebody has put into a custom field."""
    if isinstance(value, dict):
        return {name: inner if name == "custom_field" else _add_field(inner) for name, inner in value.items()} | _EXTRA
    return [_add_field(inner) for inner in value] if isinstance(value, list) else value


def _of_one_second(rows: Sequence[Row]) -> list[Row]:
    return [replace(row, date_created=rows[0].date_created) for row in rows]


def _with_odd_status(rows: Sequence[Row]) -> list[Row]:
    return [replace(row, status=row.status if at % _STRIDE else _ODD_STATUS) for at, row in enumerate(rows)]


def _with_odd_names(rows: Sequence[Row]) -> list[Row]:
    names = dict(zip(range(0, len(rows), 2), _ODD_NAMES, strict=False))
    return [replace(row, subscriber_name=names.get(at, row.subscriber_name)) for at, row in enumerate(rows)]


def with_odd_fields(rows: Iterable[Row]) -> list[Row]:
    """Give every seventh a custom field that reads as something else than a text."""
    return [
        row if at % _STRIDE else replace(row, custom_field=_ODD_FIELDS[at // _STRIDE % len(_ODD_FIELDS)])
        for at, row in enumerate(rows)
    ]


TEXTS: Final = (
    behavior(
        "custom_field",
        "assumed",
        "how the text of a custom field is stored",
        ("exact", "the text is stored as it was sent, and an empty one is stored as null", text_rule(same)),
        ("trim", "white space at both ends is dropped", text_rule(str.strip)),
        ("collapse", "each run of white space becomes one blank", text_rule(lambda text: re.sub(r"\s+", " ", text))),
        ("cut{n}", "only the first {n} characters are kept", lambda n: text_rule(lambda text: text[:n]), (32, 255)),
        (
            "nfc",
            "the text is brought into Unicode's composed form (NFC)",
            text_rule(lambda text: unicodedata.normalize("NFC", text)),
        ),
        ("lf", "each line end CR LF becomes LF", text_rule(lambda text: text.replace("\r\n", "\n"))),
        ("html", "&, <, > and quotes are stored as HTML entities", text_rule(html.escape)),
        ("lower", "the text is stored in lower case", text_rule(str.lower)),
        (
            "null_to_empty",
            "a field that is null or was not given is stored as an empty text",
            lambda text: text or "",
        ),
        ("empty_kept", "an empty text is stored as an empty text and not as null", same),
        ("refuse_over{n}", "a text of more than {n} characters is refused: 400/1002", _refuse_over, (255,)),
    ),
    behavior(
        "custom_field_type",
        "documented",
        "the type of a custom field in a response",
        ("text", "a text or null", same),
        ("json", "a text that is a JSON number, boolean, list or object is returned as that type", as_json),
    ),
)
"""What may become of a custom field's text."""

DATES: Final = (
    behavior(
        "dates",
        "documented",
        "how a date is written",
        ("offset", "as 2019-11-19T23:14:17+05:30", same),
        ("utc", "as 2019-11-19T17:44:17Z", _date_rule(lambda date: f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")),
        (
            "millis",
            "as 2019-11-19T23:14:17.000+05:30",
            _date_rule(lambda date: date.isoformat(timespec="milliseconds")),
        ),
        (
            "no_offset",
            "as 2019-11-19 23:14:17: Indian time, without an offset",
            _date_rule(lambda date: f"{date:%Y-%m-%d %H:%M:%S}"),
        ),
        ("rfc2822", "as Tue, 19 Nov 2019 23:14:17 +0530", _date_rule(format_datetime)),
        ("epoch", "as the number 1574185457", _date_rule(lambda date: int(date.timestamp()))),
    ),
)

TENANT: Final = (
    behavior(
        "extra_fields",
        "documented",
        "fields that the document does not mention",
        ("none", "there are none", same),
        ("present", "every object in a response has one more field", _with_more_fields),
    ),
    behavior(
        "tenant_dates",
        "assumed",
        "when the subscribers of the account were created",
        ("spread", "over three years", list),
        ("one_second", "all of them in the same second", _of_one_second),
    ),
    behavior(
        "tenant_status",
        "documented",
        "the status of the account's subscribers",
        ("known", "active or inactive", list),
        ("odd", "some have a status that the document does not mention", _with_odd_status),
    ),
    behavior(
        "tenant_names",
        "documented",
        "the names of the account's subscribers",
        ("legal", "1 to 16 ASCII letters and digits", list),
        ("odd", "some have other alphabets, blanks, signs or up to 64 characters", _with_odd_names),
    ),
)
"""What the account may hold that the document does not speak of."""
