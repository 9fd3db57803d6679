"""The envelopes of the API, decoded strictly and typed (API.md, "Envelopes" and "Error codes").

Everything here is pure: bytes in, records or one of our errors out. Unknown fields are ignored, because the document's
own samples have some.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from exotel_frames import errors
from exotel_frames.api.retry import parse_http_date
from exotel_frames.api.wire.envelopes import FAILURE, MANY, ONE, PAGE, TOKENS, AnyError, AnyItem, Failure, Links, safe
from exotel_frames.api.wire.in_between import who_answered
from exotel_frames.api.wire.nameless import NAMELESS, place_names, subscribers_of
from exotel_frames.api.wire.odd_values import all_with_iso_dates, decode_plainly, with_iso_dates
from exotel_frames.records import ErrorData, Item, Page, Subscriber, Tokens
from exotel_frames.secret import Secret
from exotel_frames.text import escape_text, quote_value

T = TypeVar("T")


class ResponseBody(bytes):
    """The bytes of an answer; not shown, since they can hold tokens.

    >>> ResponseBody(b'{"access_token": "eyJ"}')
    <23 bytes>
    """

    def __repr__(self) -> str:
        return f"<{len(self):,} bytes>"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Response:
    """A whole HTTP answer; `headers` are lower-case."""

    http_code: int
    headers: Mapping[str, str] = field(repr=False)
    body: ResponseBody
    seconds: float

    @property
    def server_time(self) -> datetime | None:
        """When the server says it answered, by its `Date` header."""
        return parse_http_date(self.headers.get("date"))


UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What the decoder raises; the last for a body of brackets in brackets in brackets."""

_KINDS: Mapping[int, type[errors.RejectedError]] = {
    401: errors.AuthError,
    403: errors.AuthError,
    404: errors.NotFoundError,
    409: errors.DuplicateError,
    410: errors.NotFoundError,
    429: errors.RateLimitedError,
}
_SUCCESS = range(200, 300)
_WITHOUT_ENVELOPE = frozenset({401, 403, 429})  # a gateway in front may say these in its own words


def read_subscriber(answer: Response) -> tuple[Subscriber, str | None]:
    """Return the one subscriber of a get or an update."""
    envelope = _decode(ONE, answer)
    item = envelope.response
    if item.data is None or not _is_success(item):  # code, status and data must agree
        raise bad_reply(answer, "a success around a failed item")
    return with_iso_dates(item.data), envelope.request_id


def read_items(answer: Response) -> tuple[tuple[Item, ...], str | None]:
    """Return the items of a create, as they came."""
    envelope = _decode(MANY, answer)
    return tuple(_with_iso_dates(item.to_record()) for item in envelope.response), envelope.request_id


def _with_iso_dates(item: Item) -> Item:
    return replace(item, data=with_iso_dates(item.data)) if item.data else item


def read_page(answer: Response, offset: int) -> tuple[Page[Subscriber], str | None]:
    """Return a page of a listing; whether it is the last one, a page alone can't tell without links."""
    envelope = _decode(PAGE, answer)
    told = [item.data for item in envelope.response if item.data is not None and _is_success(item)]
    names = [row.subscriber_name for row in told]
    if len(told) != len(envelope.response) or NAMELESS in names:
        told = _with_nameless(answer, envelope.response)
        names = place_names(told)
    links = envelope.metadata or Links()
    page = Page(
        offset=offset,
        names=names,
        created=[row.date_created for row in told],  # as it came: for the order
        rows=all_with_iso_dates(told),
        last=links.next_page_uri is not UNSET and not links.next_page_uri,
        linked=bool(links.next_page_uri or links.prev_page_uri or links.first_page_uri),
        not_editable=envelope.not_editable,
    )
    return page, envelope.request_id


def _with_nameless(answer: Response, items: list[AnyItem]) -> list[Subscriber]:
    """Return a page's rows where some items name nobody; where all do, this is no page of ours."""
    readable = [item.data is not None and item.data.subscriber_name != NAMELESS and _is_success(item) for item in items]
    if not any(readable) and not (len(items) == 1 and _is_success(items[0])):
        raise bad_reply(answer, "a page on which no item is a subscriber")
    return subscribers_of(items, readable)


def read_tokens(answer: Response) -> tuple[Tokens, str | None]:
    """Return the tokens of a device, wrapped."""
    envelope = _decode(TOKENS, answer)
    data = envelope.response.data
    if envelope.response.status == "failure":
        raise bad_reply(answer, "a success around a failed item")
    access, refresh = data.subscriber_token.access_token, data.subscriber_token.refresh_token
    return Tokens(data.subscriber_name, access, refresh, expiry(access), expiry(refresh)), envelope.request_id


def read_nothing(answer: Response) -> tuple[None, str | None]:
    """Return nothing, which is what a delete answers (204); another 2xx must at least be an envelope."""
    if answer.http_code == 204:  # noqa: PLR2004 - API.md, "The six calls"
        return None, None
    envelope = _decode(FAILURE, answer)
    item = envelope.response
    if item is None or isinstance(item, list) or item.status == "failure":
        raise bad_reply(answer, "neither a success nor a failure")
    return None, envelope.request_id


def _is_success(item: AnyItem) -> bool:
    return item.status != "failure" and item.code in _SUCCESS


def read_failure(answer: Response) -> errors.ApiError:
    """Return the error that an answer outside 2xx means; its message never quotes a body that is not JSON."""
    cut = False
    try:
        envelope = FAILURE.decode(answer.body)
    except UNREADABLE as problem:
        envelope, cut = decode_plainly(FAILURE, answer.body) or Failure(), _is_cut(answer, problem)
    kind = _error_type(answer.http_code, understood=bool(envelope.response or envelope.rest_exception))
    is_strange = envelope.response is None and who_answered(answer.http_code, answer.headers, answer.body)
    if is_strange or kind is errors.BadReplyError:
        if cut and not is_strange and answer.http_code in range(400, 500):
            return bad_reply(answer, "a body cut short", CutReplyError)
        return bad_reply(answer, "a response without the API's envelope")
    reason = _reason(envelope)
    items = envelope.response if isinstance(envelope.response, list) else []
    said = ": ".join(text for text in (reason.message, reason.description) if text) or "no reason given"
    request_id = safe(envelope.request_id)
    refusal = kind(
        f"The service answered {answer.http_code}: {said}{f' (request_id {request_id})' if request_id else ''}",
        request_id=request_id,
        http_code=answer.http_code,
        code=reason.code,
        reason=reason.message,
        description=reason.description,
        seconds=answer.seconds,
    )
    refusal.items = tuple(item.to_record() for item in items)
    return refusal


def _reason(envelope: Failure) -> ErrorData:
    """Return why the whole was refused; where each item has a reason of its own, the first one's."""
    gateway, found = envelope.rest_exception, envelope.response
    if gateway:
        return AnyError(gateway.code, gateway.message).to_record()
    told = [item.error_data for item in (found if isinstance(found, list) else [found]) if item and item.error_data]
    return told[0].to_record() if told else ErrorData()


def _error_type(http_code: int, *, understood: bool) -> type[errors.ApiError]:
    if http_code in range(500, 600):
        return errors.ServerError
    if http_code in _WITHOUT_ENVELOPE or (understood and http_code in range(400, 500)):
        return _KINDS.get(http_code, errors.RejectedError)
    return errors.BadReplyError


class CutReplyError(errors.BadReplyError):
    """An answer that begins like this API's and does not end like it: the next one may be whole."""


def bad_reply(
    answer: Response, what: str, kind_of: type[errors.BadReplyError] = errors.BadReplyError
) -> errors.BadReplyError:
    """Return the error for an answer that is not of this API."""
    if told := who_answered(answer.http_code, answer.headers, answer.body):
        return kind_of(f"HTTP {answer.http_code}: {told}", http_code=answer.http_code, seconds=answer.seconds)
    kind = escape_text(answer.headers.get("content-type", "no content type"))
    return kind_of(
        f"HTTP {answer.http_code} with {what} ({len(answer.body):,} bytes, {kind}). Is base_url right?",
        http_code=answer.http_code,
        seconds=answer.seconds,
    )


def about_another(answer: Response, found: str, asked: str) -> errors.BadReplyError:
    """Return the error for an answer about somebody else than was asked for."""
    problem = errors.BadReplyError(
        f"The response is about {quote_value(found)}, but the request was about {quote_value(asked)}: that is another "
        "subscriber, since names are case-sensitive.",
        http_code=answer.http_code,
        seconds=answer.seconds,
    )
    problem.about_one = True
    return problem


def _decode(decoder: msgspec.json.Decoder[T], answer: Response) -> T:
    try:
        return decoder.decode(answer.body)
    except UNREADABLE as problem:
        if (plain := decode_plainly(decoder, answer.body)) is not None:
            return plain
        # Only the decoder's own words (a path and a type): the body may hold tokens or people's data.
        trouble = f"a body that does not fit: {problem}"
        cut, misfit = _is_cut(answer, problem), isinstance(problem, msgspec.ValidationError)
    wrong = bad_reply(answer, trouble, CutReplyError if cut else errors.BadReplyError)
    wrong.about_one = misfit and bytes(answer.body).find(b'"response"') >= 0
    raise wrong


def _is_cut(answer: Response, problem: Exception) -> bool:
    """Tell a body of this API that did not come whole from one that is something else."""
    if isinstance(problem, msgspec.ValidationError):
        return False
    return answer.body.lstrip().startswith(b"{") or not (answer.body or "content-length" in answer.headers)


def expiry(token: Secret) -> datetime | None:
    """Return when a JWT ends, read from its `exp` without checking its signature; None when it is no such token."""
    try:
        payload = token.reveal().split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
