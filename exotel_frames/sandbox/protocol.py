"""The connection itself: uvicorn's protocol, with access to the socket for faults such as dropped connections."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import time
from collections.abc import Iterable
from http import HTTPStatus

from uvicorn.protocols.http.h11_impl import H11Protocol

from exotel_frames.sandbox.envelopes import bad_body, encode, http_date, refusal

_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Protocol(H11Protocol):
    """HTTP/1.1 that hands its transport to the application, and answers even nonsense with an envelope and a date."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport where the application finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP request."""
        payload = encode(refusal(bad_body(msg)), "")
        headers = (*payload.headers, ("date", http_date(time.time())), ("content-length", str(len(payload.body))))
        cut_off(self.transport, raw(400, headers, payload.body))


def raw(http_code: int, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    r"""Write an answer by hand.

    >>> raw(504, [("date", "Tue, 19 Nov 2019 17:44:17 GMT")], b"")
    b'HTTP/1.1 504 Gateway Timeout\r\ndate: Tue, 19 Nov 2019 17:44:17 GMT\r\nconnection: close\r\n\r\n'
    """
    lines = [f"HTTP/1.1 {http_code} {HTTPStatus(http_code).phrase}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1") + body


def cut_off(transport: asyncio.Transport, data: bytes) -> None:
    """Send what there is and close the connection in good order."""
    transport.write(data)
    transport.close()


def reset(transport: asyncio.Transport) -> None:
    """Close the connection with a reset (RST), so that the other side loses what it has not read."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
