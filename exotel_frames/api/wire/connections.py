"""Connections that know whether a byte of the request was written, and how much time is left.

The libraries tell neither: a reset is "not sent" during the TLS handshake and "perhaps done" after the request, and
their timeouts are per read, so that a server that drips a byte a second never times out.
"""

from __future__ import annotations

import http.client
import queue
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from exotel_frames.api.wire.raw_response import RawResponseReader
from exotel_frames.api.wire.watch import Watch

IDLE_MAX_S = 45.0


class WatchedConnection(HTTPConnection):
    """A plain connection that tells its watch when the first byte of a request is written."""

    def __init__(self, watch: Watch, /, **options: Any) -> None:
        super().__init__(**options)
        self._watch = watch

    def connect(self) -> None:
        """Connect; what a proxy is asked for on the way (`CONNECT host`) is no part of the request."""
        try:
            super().connect()
        finally:
            self._watch.written = False

    def send(self, data: Any) -> None:
        """Write; a request whose time is up before its first byte is better not sent at all."""
        if not self._watch.written:
            self._watch.left_s()
        self._watch.written = True
        super().send(data)

    def response_class(self, sock: socket.socket, *, method: str) -> http.client.HTTPResponse:  # type: ignore[override]
        """Return what reads a proxy's answer on the way: it ends at the deadline too."""
        return RawResponseReader(sock, self._watch, method)


class WatchedTlsConnection(WatchedConnection, HTTPSConnection):
    """The same over TLS; the handshake is no part of the request."""


class IdleConnections:
    """The idle connections of a pool, the last one first; one that was idle for long is closed, and not used again.

    Gateways forget idle connections after some minutes, and say nothing: the next request would wait for ever.

    `queue.LifoQueue`, which urllib3 takes, can be left locked for ever by a Ctrl-C at the wrong moment (about once in
    10,000, measured), and the next call hangs. Here each step is atomic.
    """

    def __init__(self, _maxsize: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._items: list[tuple[Any, float]] = []
        self.clock = clock

    def put(self, item: Any, **_: Any) -> None:
        """Take one back."""
        if item:  # nothing stands for a connection that is yet to be made
            self._items.append((item, self.clock()))

    def get(self, **_: Any) -> Any:
        """Return one that was used lately; `queue.Empty` when there is none."""
        while self._items:
            with suppress(IndexError):  # another thread was faster
                item, since_s = self._items.pop()
                if self.clock() - since_s <= IDLE_MAX_S:
                    return item
                item.close()
        raise queue.Empty  # the pool then makes a new connection

    def close(self) -> None:
        """Close them all."""
        with suppress(queue.Empty):
            while True:
                self.get().close()


class _Pool(HTTPConnectionPool):
    """A pool that can be used again after it was closed."""

    QueueCls = IdleConnections  # type: ignore[assignment]
    pool: IdleConnections  # type: ignore[assignment]

    def close(self) -> None:
        """Close the idle connections; the next request opens a new one."""
        self.pool.close()


class _TlsPool(_Pool, HTTPSConnectionPool):
    """The same over TLS."""


POOLS = {"http": _Pool, "https": _TlsPool}
"""What a pool manager makes its pools of."""
