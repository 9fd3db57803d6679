"""The ASGI application: the six calls, and outside their paths `/openapi.json` and the admin paths `/sandbox/…`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib.resources import files
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from exotel_frames.sandbox.account import Tenant
from exotel_frames.sandbox.admin import routes as admin_routes
from exotel_frames.sandbox.envelopes import Payload
from exotel_frames.sandbox.guards import loopback_only
from exotel_frames.sandbox.protocol import cut_off, raw, reset
from exotel_frames.sandbox.routes import Arrived

_NO_CONTENT: Final = 204

Headers = tuple[tuple[str, str], ...]


def application(tenant: Tenant, admin_token: str) -> ASGIApp:
    """Put the paths together."""
    app = Starlette(
        routes=[Route("/openapi.json", _openapi), Mount("/sandbox", routes=admin_routes(tenant, admin_token))]
    )
    # Not a route of its own: starlette's patterns stop at a line break, which a path may contain, and redirect slashes.
    app.router.default = _api(tenant)
    app.router.redirect_slashes = False
    return loopback_only(app)


def openapi_document() -> bytes:
    """Return the OpenAPI document of the six calls.

    >>> openapi_document()[:1]
    b'{'
    """
    return files("exotel_frames.sandbox").joinpath("openapi.json").read_bytes()


async def _openapi(_request: Request) -> Response:
    return Response(openapi_document(), media_type="application/json")


def _api(tenant: Tenant) -> ASGIApp:
    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        # A client that goes away while it sends has asked nothing; a server that stops has nobody left to answer.
        with suppress(ClientDisconnect, asyncio.CancelledError):
            await exchange(scope, receive, send)

    async def exchange(scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _read_request(Request(scope, receive))
        draw = tenant.draw(asked)
        await _pause(draw.seconds(draw.faults.latency_s))
        payload = tenant.handle(asked, draw)
        await _pause(draw.seconds(draw.faults.answer_latency_s))
        date = tenant.date_header()
        if payload.delivery == "whole":
            await _send_whole(payload, date, send)
        else:
            _send_spoiled(payload, date, scope["state"]["transport"])
            await _wait_for_the_end(receive)

    return api


async def _pause(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


async def _read_request(request: Request) -> Arrived:
    return Arrived(
        method=request.method,
        path=request.scope["path"],
        raw_path=request.scope["raw_path"].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        authorization=request.headers.get("authorization", ""),
        content_type=request.headers.get("content-type"),
        body=await request.body(),
        host=request.headers.get("host", ""),
    )


async def _send_whole(payload: Payload, date: Headers, send: Send) -> None:
    headers = [*payload.headers, *date, ("server", "exotel_frames SANDBOX")]
    if payload.http_code != _NO_CONTENT:
        headers.append(("content-length", str(len(payload.body))))
    raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": payload.http_code, "headers": raw_headers})
    await send({"type": "http.response.body", "body": payload.body})


def _send_spoiled(payload: Payload, date: Headers, transport: asyncio.Transport) -> None:
    if payload.http_code is None:
        if payload.delivery == "reset":
            reset(transport)
        transport.close()
        return
    length = (("content-length", str(len(payload.body))),) if payload.delivery == "cut" else ()
    cut_off(transport, raw(payload.http_code, (*payload.headers, *date, *length), payload.cut))


async def _wait_for_the_end(receive: Receive) -> None:
    """Wait until uvicorn has seen that the connection is gone, so that it does not answer in our place."""
    while (await receive())["type"] != "http.disconnect":
        pass
