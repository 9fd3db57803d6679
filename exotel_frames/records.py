"""The frozen records that pass between the rooms: the wire's data, a run's input, and the outcome of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType

from exotel_frames.outcomes import Outcome
from exotel_frames.schema import Action
from exotel_frames.secret import Secret

T = TypeVar("T")


class Subscriber(Struct, frozen=True, gc=False):
    """A subscriber as the service tells it; the dates are its ISO 8601 texts (API.md, "The subscriber object")."""

    subscriber_name: str
    status: str
    custom_field: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class NewSubscriber(Struct, frozen=True, gc=False, omit_defaults=True):
    """One item of `Client.create`.

    Parameters
    ----------
    subscriber_name : str
        1 to 16 ASCII letters and digits.
    custom_field : str or None, optional
        Any text; it is not sent if it is None.

    Examples
    --------
    >>> NewSubscriber("priya07", "support").custom_field
    'support'
    """

    subscriber_name: str
    custom_field: str | UnsetType | None = UNSET


class ErrorData(Struct, frozen=True, gc=False):
    """Why the service said no; every part can be missing."""

    code: int | None = None
    message: str | None = None
    description: str | None = None


class Item(Struct, frozen=True, gc=False):
    """One item of a 207 answer: its own `code`, and `data` (the subscriber) of a success or an error."""

    code: int | None
    status: str | None
    data: Subscriber | None = None
    error_data: ErrorData | None = None


class Tokens(Struct, frozen=True):
    """The two JWTs of a device, and when each ends (API.md: after 30 minutes, and after 24 hours), where it says so."""

    subscriber_name: str
    access_token: Secret
    refresh_token: Secret
    access_expires: datetime | None = None
    refresh_expires: datetime | None = None


class Reply(Struct, Generic[T], frozen=True):
    """A successful answer: `data` is what was asked for, `request_id` is what the provider's support asks for.

    `server_time` comes from the answer's `Date` header; `attempts` and `seconds` count every try.
    """

    data: T
    http_code: int
    request_id: str | None = None
    server_time: datetime | None = None
    attempts: int = 1
    seconds: float = 0.0


class Page(Struct, Generic[T], frozen=True):
    """One page of a listing.

    `names`, `created` and `rows` are aligned (a listing passes the rows on, unread); `last` says that the service named
    no next page, `linked` that it names pages at all: only then does `last` prove anything.
    `not_editable` are the names whose custom field is no text on the service: it is shown as JSON.
    An item that names nobody keeps its place: its row has an empty name, and in `names` stands all that is known of it.
    """

    offset: int
    names: Sequence[str]
    created: Sequence[str | None]
    rows: list[T]
    last: bool
    linked: bool = True
    not_editable: Sequence[str] = ()


class PlanRow(Struct, frozen=True):
    """One row of a plan: what to do to which subscriber, from what to what.

    `row` is the 0-based position in the caller's frame. `None` and `""` are the same custom field: none.
    `date_updated` is what the change was decided on (None: nothing known).
    """

    row: int
    action: Action | Literal["get"]
    subscriber_name: str
    status_from: str | None = None
    status: str | None = None
    custom_field_from: str | None = None
    custom_field: str | None = None
    date_updated: datetime | None = None


class Chunk(Struct, Generic[T], frozen=True):
    """Up to ten rows with the same action; one that `was_sent` before has the server's time at its first intent.

    Whatever they created was created at that second or later, however often they were sent since (None: not known).
    `doubts` are what the verdicts of names say that an earlier look has left unknown.
    """

    number: int
    rows: tuple[T, ...]
    first_sent_at: datetime | None = None
    was_sent: bool = False
    doubts: Mapping[str, str] = {}


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of one row; the fields are the columns of a results frame, in their order."""

    row: int
    chunk: int | None = None
    subscriber_name: str | None
    action: str
    outcome: Outcome
    http_code: int | None = None
    code: int | None = None
    error_code: int | None = None
    error_message: str | None = None
    error_description: str | None = None
    status: str | None = None
    custom_field: str | None = None
    date_created: str | datetime | None = None
    date_updated: str | datetime | None = None
    request_id: str | None = None
    attempts: int = 0
    seconds: float = 0.0
    run_id: str | None = None


class TokenRow(Struct, frozen=True):
    """One row of a tokens call: which device of which subscriber."""

    row: int
    subscriber_name: str
    platform: str
    device_id: str


class TokenVerdict(Struct, frozen=True, kw_only=True):
    """What became of one row of a tokens call; the fields after `row` are the columns of a tokens frame, in order."""

    row: int
    subscriber_name: str | None
    platform: str | None
    device_id: str | None
    outcome: Outcome
    access_token: Secret | None = None
    refresh_token: Secret | None = None
    access_expires: datetime | None = None
    refresh_expires: datetime | None = None
    http_code: int | None = None
    code: int | None = None
    error_code: int | None = None
    error_message: str | None = None
    error_description: str | None = None
    request_id: str | None = None


def instant(text: str | datetime | None) -> datetime | None:
    """Return an ISO 8601 text as an aware datetime in UTC; None for None and for what is no date.

    >>> instant("2019-11-19T23:14:17+05:30")
    datetime.datetime(2019, 11, 19, 17, 44, 17, tzinfo=datetime.timezone.utc)
    """
    return text if text is None or isinstance(text, datetime) else _parse_instant(text)


@lru_cache(maxsize=256)  # what is written in one second has one date
def _parse_instant(text: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the latter: an offset that leads out of the years 1 to 9999
        return None


def same_text(one: str | None, other: str | None) -> bool:
    """Tell whether two custom fields are the same; none and the empty text are (API.md: `null` or `""` clears).

    >>> same_text("", None)
    True
    """
    return (one or "") == (other or "")
