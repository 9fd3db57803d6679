"""Connections that know whether a byte of the request was written, and how much time is left.

The libraries tell neither: a reset is "not sent" during the TLS handshake and "perhaps done" after the request, and
their timeouts are per read, so that a server that drips a byte a second never times out.
"""

from __future__ import annotations

import email.parser
import http.client
import io
import queue
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from types import FunctionType
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from exotel_frames.api.wire.watch import Watch

IDLE_MAX_S = 45.0
_FIELD = re.compile(rb"[!-9;-~]+:[^\r\n\v\f\x1c-\x1e\x85]*\r?\n")
_LINE_MAX = 65_536
_HEADERS_MAX = 100
BUFFER_BYTES = 64 * 1024
"""A page of 100 subscribers is some 22 KB: it comes in one or two reads, and each hands the interpreter to others."""


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
        if self.sock is None:
            self.connect()
        if not self._watch.written:
            self._watch.left_s()
        self._watch.written = True
        super().send(data)

    def response_class(self, sock: socket.socket, **options: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        """Return the answer's reader; every read of it, headers too, ends at the deadline."""
        return _Response(_Bounded(sock, self._watch), **options)  # type: ignore[arg-type]


class WatchedTlsConnection(WatchedConnection, HTTPSConnection):
    """The same over TLS; the handshake is no part of the request."""


def read_headers(stream: io.BufferedIOBase) -> http.client.HTTPMessage:
    r"""Read an answer's headers; a seventh of the time that the library's parser of whole e-mails takes.

    >>> read_headers(io.BytesIO(b"Date: now\r\nX-Odd:\r\n\r\n")).items()
    [('Date', 'now'), ('X-Odd', '')]
    """
    lines = _header_lines(stream)
    fields = [_FIELD.fullmatch(line) for line in lines]
    text = b"".join(lines).decode("iso-8859-1")
    if not all(fields):  # folded lines, no names, none of HTTP at all: as the library reads them
        return email.parser.Parser(http.client.HTTPMessage).parsestr(text + "\r\n")
    message = http.client.HTTPMessage()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        message[name] = value.strip(" \t")
    return message


def _header_lines(stream: io.BufferedIOBase) -> list[bytes]:
    """Return the lines before the empty one, within the library's own bounds."""
    lines: list[bytes] = []
    while (line := stream.readline(_LINE_MAX + 1)) not in (b"\r\n", b"\n", b""):
        if len(line) > _LINE_MAX or len(lines) >= _HEADERS_MAX:
            raise http.client.LineTooLong("header line")
        lines.append(line)
    return lines


class _Response(http.client.HTTPResponse):
    """The library's answer, with our reader of headers in the place of its own."""

    begin = FunctionType(http.client.HTTPResponse.begin.__code__, {**vars(http.client), "parse_headers": read_headers})


class _Bounded:
    """As much of a socket as an HTTPResponse needs."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock = sock
        self._watch = watch

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._watch), BUFFER_BYTES)


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline, however many reads that takes."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        super().__init__()
        self._sock = sock
        self._watch = watch
        self._hold = sock.makefile("rb", buffering=0)  # the socket stays open until the answer is read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._watch.left_s())
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        self._hold.close()
        super().close()


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
