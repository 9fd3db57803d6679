"""The headers of an answer, read line by line: the same as the library reads them, however odd they are."""

from __future__ import annotations

import http.client
import io

import pytest

from exotel_frames.api.wire.odd_values import all_with_iso_dates, with_iso_dates
from exotel_frames.api.wire.raw_response import read_headers
from exotel_frames.records import Subscriber

from .raw_server import RawServer

USUAL = "2019-11-19T23:14:17+05:30"
ODD_DATES = ["", "1574185457", "2019-11-19 23:14:17+05:30", f"{USUAL}\n{USUAL}", "Tue, 19 Nov 2019 17:44:17 GMT"]


@pytest.mark.parametrize(
    "block",
    [
        b"Date: Tue, 19 Nov 2019 17:44:17 GMT\r\nContent-Length: 2\r\n\r\n",
        b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n",
        b"X-Empty:\r\nX-Colons: a:b:c\r\n\r\n",
        b"X-Latin: caf\xe9\x85next\r\n\r\n",
        b"X-Folded: one\r\n two\r\nX-After: 3\r\n\r\n",
        b"X-Blank : 1\r\nX-After: 2\r\n\r\n",
        b"no header at all\r\nX-After: 2\r\n\r\n",
        b"X-Unix: 1\nX-Two: 2\n\n",
        b"\r\n",
        b"",
    ],
)
def test_headers_are_read_as_the_library_reads_them(block):
    expected = http.client.parse_headers(io.BytesIO(block + b"body"))
    stream = io.BytesIO(block + b"body")
    found = read_headers(stream)
    names = {name.lower() for name in expected}
    assert found == {name: ", ".join(expected.get_all(name)) for name in names}
    assert stream.read() in (b"body", b"")


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n", "a header of more than 65,536 bytes"),
        (b"X-Many: 1\r\n" * 200 + b"\r\n", "more than 100 headers"),
    ],
)
def test_headers_without_an_end_are_refused(block, why):
    with pytest.raises(OSError, match=why):
        read_headers(io.BytesIO(block))


def test_an_interim_answer_before_the_final_one_is_skipped_with_its_headers():
    interim = b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
    final = b"HTTP/1.1 404 Not Found\r\nX-Final: 2\r\nContent-Length: 2\r\n\r\n{}"
    with RawServer(lambda peer: peer.send(interim + final)) as server:
        found = server.client().exchange("GET", "/subscribers/bob")
    assert (found.http_code, found.headers.get("x-final"), "x-interim" in found.headers) == (404, "2", False)


@pytest.mark.parametrize("odd", ODD_DATES)
def test_one_odd_date_among_the_usual_ones_of_a_page_is_read_as_alone(odd):
    rows = [Subscriber("a", "active", None, USUAL, None), Subscriber("b", "active", None, odd, USUAL)]
    assert all_with_iso_dates(rows) == [with_iso_dates(row) for row in rows]
    assert all_with_iso_dates(rows[:1]) == rows[:1]
