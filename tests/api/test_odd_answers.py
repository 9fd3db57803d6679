"""Answers that servers and gateways frame oddly: read as they are meant, or told; never taken for the next call's."""

from __future__ import annotations

import gzip
import zlib

import pytest

from exotel_frames.errors import OutcomeUnknownError
from tests.api.raw_server import RawServer, answer, envelope
from tests.api.test_transport import READ, WRITE, transport_to

BODY = envelope()
EVE = answer(200, envelope({"subscriber_name": "eve", "status": "active"}))
WHOLE = answer(200, BODY)
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def chunked(*parts: bytes, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    sent = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return sent + b"0" + extension + b"\r\n" + trailer + b"\r\n"


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(data) + squeeze.flush()


def byte_by_byte(peer):
    for byte in WHOLE:
        peer.send(bytes([byte]))


def then_closed(data):
    def act(peer):
        peer.send(data)
        peer.close()

    return act


READABLE = {
    "byte by byte": byte_by_byte,
    "after a 100": GO_ON + WHOLE,
    "after hints": HINTS + HINTS + GO_ON + WHOLE,
    "chunks with extensions and trailers": head("Transfer-Encoding: chunked")
    + chunked(BODY[:5], BODY[5:], extension=b";name=value", trailer=b"X-Sum: 1\r\nContent-Length: 5\r\n"),
    "chunks that are told twice": head("Transfer-Encoding: chunked", "transfer-encoding: Chunked") + chunked(BODY),
    "chunks and a length": head("Transfer-Encoding: chunked", "Content-Length: 5") + chunked(BODY),
    "gzip with garbage behind": answer(200, gzip.compress(BODY) + b"garbage", "Content-Encoding: gzip"),
    "gzip in two members": answer(200, gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]), "Content-Encoding: gzip"),
    "x-gzip": answer(200, gzip.compress(BODY), "Content-Encoding: X-GZIP"),
    "deflate": answer(200, zlib.compress(BODY), "Content-Encoding: deflate"),
    "raw deflate": answer(200, raw_deflate(BODY), "Content-Encoding: deflate"),
    "no reason": WHOLE.replace(b" Some Reason", b""),
    "line feeds alone": WHOLE.replace(b"\r\n", b"\n"),
    "a byte order mark": answer(200, b"\xef\xbb\xbf" + BODY),
    "a header of 60 KB": answer(200, BODY, f"X-Long: {'x' * 60_000}"),
}
ON_ONE_THAT_CLOSES = {
    "HTTP/1.0 without a length": answer(200, BODY, length=None).replace(b"1.1", b"1.0"),
    "more than its length": answer(200, BODY, "Connection: close") + b"more",
}


@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_an_odd_answer_is_read_as_it_is_meant_and_its_connection_is_used_again(call):
    for what, act in READABLE.items():
        with RawServer(act, EVE) as server:
            transport = transport_to(server.base_url)
            assert transport.send(call).body == BODY, what
            assert transport.send(READ).body != BODY, what
            assert server.connections == 1, what


def test_an_odd_answer_on_a_connection_that_closes_is_read_and_the_next_call_has_its_own():
    for what, said in ON_ONE_THAT_CLOSES.items():
        with RawServer(then_closed(said), EVE) as server:
            transport = transport_to(server.base_url)
            assert transport.send(READ).body == BODY, what
            assert b"eve" in transport.send(READ).body, what
            assert server.connections == 2, what


FOLLOWED = {
    "another answer": WHOLE + EVE,
    "the beginning of one": WHOLE + EVE[:40],
    "garbage": WHOLE + b"garbage",
    "a 204 with a body": answer(204, b"", length=None) + EVE,
    "a 304 with a body": answer(304, EVE),
    "more behind the last chunk": head("Transfer-Encoding: chunked") + chunked(BODY) + EVE,
}


@pytest.mark.parametrize("first", FOLLOWED.values(), ids=FOLLOWED)
def test_what_came_behind_an_answer_is_neither_the_next_one_nor_its_beginning(first):
    rest = answer(200, b"the rest of it")
    with RawServer(first, rest) as server:  # on the same connection it would go on with what it sent too much
        transport = transport_to(server.base_url)
        transport.send(WRITE)
        assert transport.send(READ).body == b"the rest of it"
        assert server.connections == 2


BROKEN = {
    "another protocol": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "another protocol, 101"),
    "HTTP/2": (WHOLE.replace(b"HTTP/1.1", b"HTTP/2"), "a response in another version of HTTP"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP response"),
    "a chunk of less than nothing": (
        head("Transfer-Encoding: chunked") + b"-5\r\n" + BODY,
        "a length that is not a number",
    ),
    "no gzip": (answer(200, BODY, "Content-Encoding: gzip"), "the response can't be decompressed"),
    "300 headers": (answer(200, BODY, *(f"X-{at}: 1" for at in range(300))), "more than 100 headers"),
    "a header of 100 KB": (answer(200, BODY, f"X-Long: {'x' * 100_000}"), "a header of more than 65,536 bytes"),
}


@pytest.mark.parametrize(("said", "why"), BROKEN.values(), ids=BROKEN)
def test_an_answer_that_can_not_be_read_leaves_a_write_unknown_says_why_and_spoils_no_other(said, why):
    with RawServer(said, WHOLE) as server:
        transport = transport_to(server.base_url)
        with pytest.raises(OutcomeUnknownError, match=why):
            transport.send(WRITE)
        assert transport.send(READ).body == BODY
        assert [request.method for request in server.requests] == ["POST", "GET"]
        assert server.connections == 2


def test_a_chunk_without_an_end_is_given_up_at_a_limit():
    def endless(peer):
        peer.send(head("Transfer-Encoding: chunked") + b"-1\r\n")
        try:
            while not peer.server.closing.is_set():
                peer.send(bytes(1 << 20))
        except OSError:
            pass  # the client has had enough

    with RawServer(endless) as server, pytest.raises(OutcomeUnknownError, match=r"more than 67,108,864 bytes"):
        transport_to(server.base_url).send(WRITE)


def test_an_address_of_ipv6_is_asked_and_named_in_brackets():
    with RawServer(WHOLE, host="::1") as server:
        assert transport_to(server.base_url).send(READ).body == BODY
        assert server.requests[0].headers["host"] == f"[::1]:{server.port}"
