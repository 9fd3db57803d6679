"""Who may use the sandbox: programs on this machine, but no web page from another machine.

A page whose host name resolves to 127.0.0.1 (DNS rebinding) reaches the sandbox, with its own name as the `Host`.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


def is_loopback(host: str) -> bool:
    """Tell whether a `Host` header names this machine.

    >>> is_loopback("127.0.0.1:8080"), is_loopback("[::1]"), is_loopback("LOCALHOST:80"), is_loopback("evil.example")
    (True, True, True, False)
    """
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdecimal():
        name = host
    name = name.removeprefix("[").removesuffix("]").removesuffix(".").lower()
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def loopback_only(app: ASGIApp) -> ASGIApp:
    """Answer requests to this machine's own names only."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if is_loopback(host):
            await app(scope, receive, send)
        else:
            message = f"The sandbox answers to localhost, 127.0.0.1 and [::1], not to the host {host!r}."
            await error(403, message)(scope, receive, send)

    return guarded


def with_token(endpoint: Endpoint, token: str) -> Endpoint:
    """Answer those who have the token."""

    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return error(401, "The admin paths need the token that the sandbox printed: Authorization: Bearer <admin>.")
        return await endpoint(request)

    return guarded


def error(http_code: int, sentence: str) -> Response:
    """Say why something outside the six calls is refused."""
    return Response(msgspec.json.encode({"error": sentence}), http_code, media_type="application/json")
