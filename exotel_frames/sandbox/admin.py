"""The admin paths, for other processes on this machine: the log, the subscribers as they are, and the faults."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exotel_frames.sandbox.account import Tenant
from exotel_frames.sandbox.envelopes import RefusedError
from exotel_frames.sandbox.faults.draws import as_faults
from exotel_frames.sandbox.guards import error, with_token
from exotel_frames.sandbox.parsing import json_object


def routes(tenant: Tenant, token: str) -> list[Route]:
    """Return `GET /sandbox/log?since=0`, `GET /sandbox/subscribers` and `POST /sandbox/faults`, for the token."""

    async def log(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        return _json(tenant.entries(int(since) if since.isdecimal() else 0))

    async def subscribers(_request: Request) -> Response:
        return _json(tenant.subscribers())

    async def faults(request: Request) -> Response:
        try:
            wanted = as_faults(json_object(request.headers.get("content-type"), await request.body()))
        except (RefusedError, ValueError, TypeError) as refused:
            return error(400, str(refused))
        tenant.set_faults(wanted)
        return _json(wanted)

    return [
        Route("/log", with_token(log, token)),
        Route("/subscribers", with_token(subscribers, token)),
        Route("/faults", with_token(faults, token), methods=["POST"]),
    ]


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
