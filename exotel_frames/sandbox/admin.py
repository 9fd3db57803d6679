"""The admin paths, for other processes on this machine: the log, the truth, and the faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exotel_frames.sandbox.account import Tenant
from exotel_frames.sandbox.envelopes import RefusedError
from exotel_frames.sandbox.faults import as_faults
from exotel_frames.sandbox.parsing import json_object

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(tenant: Tenant) -> list[Route]:
    """Return `GET /sandbox/log?since=0`, `GET /sandbox/subscribers` and `POST /sandbox/faults`."""

    async def log(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        return _json(tenant.entries(int(since) if since.isdecimal() else 0))

    async def subscribers(_request: Request) -> Response:
        return _json(tenant.subscribers())

    async def faults(request: Request) -> Response:
        try:
            wanted = as_faults(json_object(request.headers.get("content-type"), await request.body()))
        except (RefusedError, ValueError, TypeError) as error:
            return _json({"error": str(error)}, http_code=400)
        tenant.set_faults(wanted)
        return _json(wanted)

    return [
        Route("/log", _local(log)),
        Route("/subscribers", _local(subscribers)),
        Route("/faults", _local(faults), methods=["POST"]),
    ]


def _local(endpoint: Endpoint) -> Endpoint:
    """Answer this machine only."""

    async def guarded(request: Request) -> Response:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            return _json({"error": "The admin paths answer this machine only."}, http_code=403)
        return await endpoint(request)

    return guarded


def _json(value: object, http_code: int = 200) -> Response:
    return Response(msgspec.json.encode(value), http_code, media_type="application/json")
