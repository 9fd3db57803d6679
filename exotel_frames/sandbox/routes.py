"""Which of the six calls a request is, and whether the caller is allowed to make it."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from exotel_frames.sandbox.envelopes import RefusedError, not_found, unauthorized

_PATH: Final = re.compile("/v2/accounts/([^/]+)/(subscribers|subscriber-token|subscribers/([^/]+))")
_ONE: Final[Mapping[str, str]] = {"GET": "get", "PUT": "update", "DELETE": "delete"}
_CALLS: Final[Mapping[str, Mapping[str, str]]] = {
    "subscribers": {"GET": "list", "POST": "create"},
    "subscriber-token": {"POST": "token"},
}


class Account(Struct, frozen=True, kw_only=True):
    """Who may ask.

    >>> Account(account_sid="sandbox1", api_key="key", api_token="token").admits("Basic a2V5OnRva2Vu")
    True
    """

    account_sid: str
    api_key: str
    api_token: str

    def __repr__(self) -> str:
        return f"Account({self.account_sid!r})"

    def admits(self, authorization: str) -> bool:
        """Tell whether an Authorization header carries its credentials."""
        wanted = b"Basic " + b64encode(f"{self.api_key}:{self.api_token}".encode())
        scheme, _, credentials = authorization.partition(" ")
        return hmac.compare_digest(f"{scheme.title()} {credentials.strip()}".encode(), wanted)


class Arrived(Struct, frozen=True):
    """A request as it arrived."""

    method: str
    path: str
    query: str
    authorization: str
    content_type: str | None
    body: bytes
    host: str
    raw_path: str

    @property
    def target(self) -> str:
        """The path with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path


class Route(Struct, frozen=True):
    """What a path and a method stand for: `call` is None for none of the six; `allowed` are the path's methods."""

    call: str | None = None
    account_sid: str | None = None
    name: str = ""
    allowed: tuple[str, ...] = ()


def route(method: str, raw_path: str) -> Route:
    """Find the call that a path, quoted as it arrived, and a method stand for.

    >>> route("GET", "/v2/accounts/sandbox1/subscribers/bob").call
    'get'
    >>> route("PATCH", "/v2/accounts/sandbox1/subscribers").allowed
    ('GET', 'POST')
    """
    match = _PATH.fullmatch(raw_path)
    if not match:
        return Route()
    account_sid, place, name = match.groups()
    methods = _ONE if name else _CALLS[place]
    return Route(methods.get(method), unquote(account_sid), unquote(name or ""), tuple(methods))


def let_in(request: Arrived, asked: Route, account: Account) -> str:
    """Return the call a request may make, or refuse it: credentials and account come first, then path and method."""
    if not account.admits(request.authorization) or asked.account_sid not in {account.account_sid, None}:
        raise unauthorized()
    if not asked.allowed:
        raise not_found(f"There is nothing at {request.path}")
    if asked.call is None:
        allowed = ", ".join(asked.allowed)
        description = f"{request.method} is not allowed here, only {allowed}"
        raise RefusedError(405, 1000, "Method Not Allowed", description, headers=(("allow", allowed),))
    return asked.call
