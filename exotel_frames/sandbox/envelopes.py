"""The sandbox's responses: dates, envelopes and refusals (API.md, "Envelopes" and "Error codes")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import formatdate
from typing import Final
from uuid import uuid4

import msgspec
from msgspec import UNSET, Struct, UnsetType

OFFSET: Final = timezone(timedelta(hours=5, minutes=30))
"""The document's dates carry this offset, `2019-11-19T23:14:17+05:30`."""


MULTI_STATUS: Final = 207
"""Several items in one answer, each with a code of its own."""


class Row(Struct, frozen=True, gc=False):
    """A subscriber, its fields in the document's order; the dates are its texts."""

    date_created: str
    date_updated: str
    subscriber_name: str
    status: str
    custom_field: str | None


class ErrorData(Struct, frozen=True, gc=False):
    """Why something was refused."""

    code: int
    description: str
    message: str


class Part(Struct, frozen=True, gc=False):
    """One `{code, error_data, status, data}`: the whole `response`, or one item of it."""

    code: int
    error_data: ErrorData | None
    status: str
    data: object


class Envelope(Struct, frozen=True, gc=False):
    """The outermost object of an answer; one that is not about several items has no `metadata`."""

    request_id: str
    method: str
    http_code: int
    metadata: Mapping[str, object] | UnsetType
    response: Part | Sequence[Part]


class Answer(Struct, frozen=True):
    """What a call answers, before it becomes bytes.

    `committed` are the names whose state it changed, `faults` what was done to it already.
    """

    http_code: int
    response: Part | list[Part] | None = None
    metadata: dict[str, object] | UnsetType = UNSET
    headers: tuple[tuple[str, str], ...] = ()
    committed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class Payload(Struct, frozen=True):
    """An answer as it goes out (`http_code` None: none goes out).

    `delivery` is how: `whole`; `reset` or `close` (the connection, without an answer); `cut` (only the part in `cut`
    goes out, though Content-Length speaks of all of it) or `cut_unsaid` (the same, and nothing says the length).
    """

    http_code: int | None
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delivery: str = "whole"
    cut: bytes = b""
    committed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class RefusedError(Exception):
    """A request that is refused, and why: it becomes the envelope of a failure."""

    def __init__(
        self, http_code: int, code: int, message: str, description: str, *, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(description)
        self.http_code = http_code
        self.headers = headers
        self.error = ErrorData(code=code, description=description, message=message)


def not_found(description: str = "Subscriber not found") -> RefusedError:
    """404/1000 [doc]: no such subscriber, or no such path."""
    return RefusedError(404, 1000, "Not Found", description)


def missing(description: str) -> RefusedError:
    """400/1001 [platform]: a mandatory parameter is missing."""
    return RefusedError(400, 1001, "Mandatory Parameter missing", description)


def invalid(description: str) -> RefusedError:
    """400/1002 [platform]: a rule on a value is broken."""
    return RefusedError(400, 1002, "Invalid parameter", description)


def bad_body(description: str) -> RefusedError:
    """400/1007 [platform]: the body is no JSON, or has the wrong types."""
    return RefusedError(400, 1007, "Invalid request body", description)


def unauthorized() -> RefusedError:
    """401/1010 [platform]: wrong key, token or account; the answer does not say which."""
    headers = (("www-authenticate", 'Basic realm="SANDBOX"'),)
    return RefusedError(401, 1010, "Authorization failed", "Wrong API key, API token or account", headers=headers)


def unsupported_type(content_type: str | None) -> RefusedError:
    """415/1011 [platform]: the body is not said to be JSON."""
    reason = f"not {content_type}" if content_type else "none was given"
    return RefusedError(415, 1011, "unsupported content type", f"Content-Type must be application/json, {reason}")


def success(data: object) -> Part:
    """Make the part that says yes.

    >>> success({"subscriber_name": "bob"}).status
    'success'
    """
    return Part(code=200, error_data=None, status="success", data=data)


def failure(http_code: int, error: ErrorData) -> Part:
    """Make the part that says no."""
    return Part(code=http_code, error_data=error, status="failure", data=None)


def encode(answer: Answer, method: str) -> Payload:
    """Turn an answer into its bytes; 204 has none [doc]."""
    if answer.response is None:
        return Payload(answer.http_code, headers=answer.headers, committed=answer.committed, faults=answer.faults)
    body = msgspec.json.encode(Envelope(uuid4().hex, method, answer.http_code, answer.metadata, answer.response))
    headers = (("content-type", "application/json"), *answer.headers)
    return Payload(answer.http_code, body, headers, committed=answer.committed, faults=answer.faults)


def refusal(refused: RefusedError) -> Answer:
    """Turn a refusal into its answer."""
    return Answer(refused.http_code, failure(refused.http_code, refused.error), headers=refused.headers)


def iso(epoch_s: float) -> str:
    """Write an instant as the document does: whole seconds, with +05:30.

    >>> iso(1574185457.9)
    '2019-11-19T23:14:17+05:30'
    """
    return datetime.fromtimestamp(int(epoch_s), OFFSET).isoformat()


def epoch(date: str | datetime) -> int:
    """Read a date back; without an offset it counts as UTC.

    >>> epoch("2019-11-19T23:14:17+05:30")
    1574185457
    """
    parsed = datetime.fromisoformat(date) if isinstance(date, str) else date
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def http_date(epoch_s: float) -> str:
    """Write the `Date` header.

    >>> http_date(1574185457)
    'Tue, 19 Nov 2019 17:44:17 GMT'
    """
    return formatdate(epoch_s, usegmt=True)
