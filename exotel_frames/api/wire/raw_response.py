"""Reads one HTTP response from an open connection, within a deadline and up to a maximum size.

The framing (lengths, chunks, connections that close) is `http.client`'s, the compression urllib3's; ours are the
deadline for the whole response, and a header parser that takes a seventh of the library's time.
"""

from __future__ import annotations

import email.parser
import http
import http.client
import io
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Final, cast

import urllib3

from exotel_frames.api.wire.watch import Watch

BODY_MAX_BYTES = 32 * 1024 * 1024
"""A page of 100 subscribers is some 22 KB; an answer that grows past this is an attack or an accident."""
BUFFER_BYTES = 64 * 1024
"""A page comes in one or two reads, and each hands the interpreter to other threads."""

_FIELD: Final = re.compile(rb"[!-9;-~]+:[^\r\n\v\f\x1c-\x1e\x85]*\r?\n")
_LINE_MAX: Final = 65_536
_HEADERS_MAX: Final = 100
_RAW_MAX_BYTES: Final = 2 * BODY_MAX_BYTES
"""With headers and what chunks have around them; also of an answer that gives a chunk of no length."""
_INTERIM: Final = frozenset(range(100, 200)) - {http.HTTPStatus.SWITCHING_PROTOCOLS}


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What came, decompressed; `reusable` tells whether the next request may take the same connection."""

    http_code: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    reusable: bool


def read_raw_response(sock: socket.socket, method: str, watch: Watch) -> RawResponse:
    """Read the final answer to a request; OSError or HTTPException when no whole one of a sane length comes in time."""
    reader = RawResponseReader(sock, watch, method)
    try:
        reader.begin()
        while reader.status in _INTERIM:  # 102, 103: the final answer is yet to come
            reader.headers = None  # type: ignore[assignment]  # so that begin begins again
            reader.begin()
        if reader.status < http.HTTPStatus.OK:
            raise OSError(0, f"a response in another protocol, {reader.status}")
        headers = cast("dict[str, str]", reader.headers)  # see read_headers
        body = _decompress(reader, headers.get("content-encoding", "")).read(BODY_MAX_BYTES + 1)
        if len(body) > BODY_MAX_BYTES:
            raise OSError(0, f"a response of more than {BODY_MAX_BYTES:,} bytes")
        if reader.length:
            raise http.client.IncompleteRead(body, reader.length)
        reader.close()
        # what came behind the answer would be read as the next one, or as its beginning
        return RawResponse(reader.status, headers, body, reusable=not (reader.will_close or reader.has_more))
    finally:
        reader.close()


def _decompress(reader: http.client.HTTPResponse, encoding: str) -> Any:
    """Return what gives the body as it was before it was compressed."""
    if encoding.lower() in ("", "identity"):
        return reader
    return urllib3.HTTPResponse(reader, {"content-encoding": encoding}, preload_content=False)


def read_headers(stream: io.BufferedIOBase) -> dict[str, str]:
    r"""Read an answer's headers: names in lower case, values of the same name joined by a comma.

    >>> read_headers(io.BytesIO(b"Date: now\r\nX-Odd:\r\nx-odd: 2\r\n\r\n"))
    {'date': 'now', 'x-odd': ', 2'}
    """
    lines = _header_lines(stream)
    text = b"".join(lines).decode("iso-8859-1")
    if not all(_FIELD.fullmatch(line) for line in lines):  # folded lines, no names, none of HTTP at all
        return _join_fields(email.parser.Parser(http.client.HTTPMessage).parsestr(text + "\r\n").items())
    parts = (line.partition(":") for line in text.splitlines())
    return _join_fields((name, value.strip(" \t")) for name, _, value in parts)


def _join_fields(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in fields:
        known = joined.get(key := name.lower())
        joined[key] = value if known is None else f"{known}, {value}"
    lengths = {length.strip() for length in joined.get("content-length", "").split(",")}
    if len(lengths) > 1:  # two readers of it may each believe another one: where the next answer begins is not known
        raise OSError(0, "a response with two lengths")
    codings = {coding.strip().lower() for coding in joined.get("transfer-encoding", "").split(",")}
    if codings == {"chunked"}:  # some gateways tell it a second time, and chunk once
        joined["transfer-encoding"] = "chunked"
    return joined | ({"content-length": lengths.pop()} if "content-length" in joined else {})


def _header_lines(stream: io.BufferedIOBase) -> list[bytes]:
    """Return the lines before the empty one, within the library's own bounds."""
    lines: list[bytes] = []
    while (line := stream.readline(_LINE_MAX + 1)) not in (b"\r\n", b"\n", b""):
        if len(line) > _LINE_MAX:
            raise OSError(0, f"a header of more than {_LINE_MAX:,} bytes")
        if len(lines) >= _HEADERS_MAX:
            raise OSError(0, f"more than {_HEADERS_MAX} headers")
        lines.append(line)
    return lines


class RawResponseReader(http.client.HTTPResponse):
    """The library's reader of an answer, with a deadline, and with our reader of headers in the place of its own."""

    begin = FunctionType(http.client.HTTPResponse.begin.__code__, {**vars(http.client), "parse_headers": read_headers})

    def __init__(self, sock: socket.socket, watch: Watch, method: str) -> None:
        super().__init__(_Reader(sock, watch), method=method)  # type: ignore[arg-type]
        self.has_more = False

    def _close_conn(self) -> None:
        """Let go of the buffer, and look whether anything is left in it; the library calls this at the answer's end."""
        buffer: Any = self.fp
        self.fp = None  # type: ignore[assignment]
        buffer.raw.ended, buffer.raw.left_bytes = True, 0
        self.has_more = bool(buffer.peek(1))


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline, however many reads that takes; all of one that an HTTPResponse needs."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        super().__init__()
        self._sock = sock
        self._watch = watch
        self.left_bytes = _RAW_MAX_BYTES
        self.ended = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, BUFFER_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.left_bytes <= 0:
            if self.ended:
                return 0
            raise OSError(0, f"more than {_RAW_MAX_BYTES:,} bytes")
        self._sock.settimeout(self._watch.left_s())
        count = self._sock.recv_into(buffer)
        self.left_bytes -= count
        return count
