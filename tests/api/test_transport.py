"""One request at a time, against servers that do everything a server should not."""

import base64
import gzip
import socket
import ssl
import threading
import time
import zlib
from itertools import repeat

import pytest
import requests

from exotel_frames.api.wire.connections import WatchedConnection
from exotel_frames.api.wire.raw_response import BODY_MAX_BYTES
from exotel_frames.api.wire.transport import Request, TlsError, Transport
from exotel_frames.api.wire.watch import Watch
from exotel_frames.errors import BadReplyError, NotSentError, OutcomeUnknownError, ServerError
from exotel_frames.records import NewSubscriber
from exotel_frames.settings.sources import settings_from
from tests.api.raw_server import ACCOUNT, KEY, TOKEN, RawServer, answer, envelope, items, self_signed
from tests.api.wording import MAYBE_SENT

READ = Request("GET", f"/v2/accounts/{ACCOUNT}/subscribers/bob")
WRITE = Request("POST", f"/v2/accounts/{ACCOUNT}/subscribers", b'{"subscribers":[{"subscriber_name":"bob"}]}')
BASIC = "Basic " + base64.b64encode(f"{KEY}:{TOKEN}".encode()).decode()
WHOLE = answer(200, envelope())
CREATED = answer(207, items("bob"))
SOON = {"timeout_s": 0.2}
LATE_S = 1.5
"""A call with a deadline of 0.2 s is over long before; twice the wait of any fault below is not."""


def transport_to(base_url: str, **options: object) -> Transport:
    who = {"api_key": KEY, "api_token": TOKEN, "account_sid": ACCOUNT, "base_url": base_url, "timeout_s": 5.0}
    return Transport(settings_from(**(who | options)))


def close(peer):
    peer.close()


def reset(peer):
    peer.reset()


def hang(peer):
    peer.hang()


def saying_and_closing(data: bytes):
    def act(peer):
        peer.send(data)
        peer.close()

    return act


def dripping(head: bytes, parts):
    def act(peer):
        peer.send(head)
        peer.drip(parts)

    return act


CHUNKED = "Transfer-Encoding: chunked"
LOST = {
    "closed before the first byte": close,
    "reset before the first byte": reset,
    "closed in the status line": saying_and_closing(b"HTT"),
    "closed in the body, with a length": saying_and_closing(answer(200, envelope()[:40], length=400)),
    "closed in a chunk": saying_and_closing(answer(200, b"40\r\n{", CHUNKED, length=None)),
    "closed between two chunks": saying_and_closing(answer(200, b"1\r\n{\r\n", CHUNKED, length=None)),
    "a chunk of no length": answer(200, b"xyz\r\n{\r\n", CHUNKED, length=None),
    "no HTTP": saying_and_closing(b"220 mail.example ESMTP\r\n"),
    "two lengths": answer(200, envelope(), "Content-Length: 3"),
    "gzip that is none": answer(200, b"no gzip", "Content-Encoding: gzip"),
    "gzip of gzip of gzip of gzip of gzip of gzip": answer(200, b"{}", "Content-Encoding: " + ", ".join(["gzip"] * 6)),
    "an interim answer instead of one": saying_and_closing(answer(102, length=None)),
    "another protocol": answer(101, length=None),
}
SLOW = {
    "silence": hang,
    "half a body, then silence": answer(200, envelope()[:40], length=400),
    "a body without a length that never ends": answer(200, envelope(), length=None),
    "a dripping body": dripping(answer(200, length=4000), repeat(b"x")),
    "dripping chunks": dripping(answer(200, b"", CHUNKED, length=None), repeat(b"1\r\nx\r\n")),
    "a chunk whose length drips": dripping(answer(200, b"", CHUNKED, length=None), repeat(b"0")),
    "a dripping status line": dripping(b"HTTP/1.1 200 ", repeat(b"x")),
    "dripping headers": dripping(b"HTTP/1.1 200 OK\r\n", repeat(b"a: b\r\n")),
    "one header that drips": dripping(b"HTTP/1.1 200 OK\r\na: ", repeat(b"x")),
    "endless continuations": dripping(b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
}


@pytest.mark.parametrize("act", LOST.values(), ids=LOST)
def test_a_lost_answer_leaves_the_outcome_of_a_write_unknown_and_it_is_sent_once(act):
    with RawServer(act) as server:
        with pytest.raises(OutcomeUnknownError, match=MAYBE_SENT) as caught:
            server.client().create([NewSubscriber("bob")])
        assert len(server.requests) == 1
    assert caught.value.attempts == 1
    assert caught.value.seconds < LATE_S


@pytest.mark.parametrize("act", LOST.values(), ids=LOST)
def test_a_lost_answer_to_a_read_is_asked_for_again(act):
    with RawServer(act, act, WHOLE) as server:
        reply = server.client().get("bob")
        assert len(server.requests) == 3
    assert (reply.data.subscriber_name, reply.attempts) == ("bob", 3)


@pytest.mark.parametrize("act", SLOW.values(), ids=SLOW)
def test_one_deadline_ends_headers_and_body_however_they_drip(act):
    with RawServer(act) as server:
        with pytest.raises(OutcomeUnknownError, match=rf"\(timed out\).* {MAYBE_SENT}") as caught:
            transport_to(server.base_url, **SOON).send(WRITE)
        assert len(server.requests) == 1
    assert 0.15 < caught.value.seconds < LATE_S


def test_a_connection_that_is_reset_at_the_first_byte_leaves_a_write_unknown():
    def greet(peer):
        peer.sock.recv(1)
        peer.reset()

    with RawServer(greet=greet) as server:
        with pytest.raises(OutcomeUnknownError) as caught:
            server.client().create([NewSubscriber("bob")])
        assert server.connections == 1
    assert caught.value.attempts == 1


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def test_a_refused_connection_is_not_sent():
    with pytest.raises(NotSentError, match=r"Connection refused\)\. Nothing was sent") as caught:
        transport_to(f"http://127.0.0.1:{unused_port()}").send(WRITE)
    assert caught.value.attempts == 0


def test_a_refused_write_is_tried_again_and_its_attempts_stay_zero():
    with RawServer(CREATED) as server:
        client = server.client(base_url=f"http://127.0.0.1:{unused_port()}", timeout_s=0.2)
        with pytest.raises(NotSentError) as caught:
            client.create([NewSubscriber("bob")])
    assert caught.value.attempts == 0
    assert caught.value.seconds > 0


def test_no_connection_in_time_is_not_sent():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:  # they fill the queue: the next one gets no answer at all
            each.settimeout(0)
            each.connect_ex(full.getsockname())
        with pytest.raises(NotSentError, match=r"\(timed out\)\. Nothing was sent") as caught:
            transport_to(f"http://127.0.0.1:{full.getsockname()[1]}", **SOON).send(WRITE)
        for each in waiting:
            each.close()
    assert (caught.value.attempts, caught.value.seconds < LATE_S) == (0, True)


def test_a_request_whose_time_is_up_before_its_first_byte_is_not_sent():
    with RawServer(WHOLE) as server:
        watch = Watch()
        connection = WatchedConnection(watch, host="127.0.0.1", port=server.port)
        watch.begin(0.0)
        with pytest.raises(TimeoutError):
            connection.request("POST", "/", body=b"{}")
        connection.close()
    assert (server.requests, watch.written) == ([], False)


def test_a_kept_connection_that_went_stale_between_two_calls_is_replaced_before_anything_is_sent():
    gone = threading.Event()

    def answer_and_leave(peer):
        peer.send(WHOLE)
        peer.close()
        gone.set()

    with RawServer(answer_and_leave, CREATED) as server:
        client = server.client()
        client.get("bob")
        assert gone.wait(5)
        assert client.create([NewSubscriber("bob")]).attempts == 1
        assert (server.connections, len(server.requests)) == (2, 2)


def test_a_kept_connection_that_closes_just_when_a_write_is_under_way_leaves_it_unknown():
    with RawServer(WHOLE, close, CREATED) as server:
        client = server.client()
        client.get("bob")
        with pytest.raises(OutcomeUnknownError):
            client.create([NewSubscriber("bob")])
        assert (server.connections, len(server.requests)) == (1, 2)


def test_a_kept_connection_is_used_again():
    with RawServer(WHOLE) as server:
        transport = transport_to(server.base_url)
        for _ in range(3):
            assert transport.send(READ).http_code == 200
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("length", [None, -1], ids=["without a length", "with a length"])
def test_an_answer_of_many_reads_on_a_connection_that_closes_after_it_is_read_whole(length):
    body = bytes(range(256)) * 4000
    with RawServer(saying_and_closing(answer(200, body, "Connection: close", length=length))) as server:
        transport = transport_to(server.base_url)
        assert [transport.send(READ).body == body for _ in range(2)] == [True, True]
        assert server.connections == 2


@pytest.mark.parametrize("code", [102, 103, 199])
def test_an_answer_that_comes_after_interim_ones_is_waited_for_and_is_the_one_to_this_call(code):
    eve = envelope({"subscriber_name": "eve", "status": "active"})

    def late(peer):
        for said in (answer(code, length=None), answer(100, length=None), answer(code, length=None), answer(200, eve)):
            peer.send(said)

    with RawServer(late, WHOLE) as server:
        transport = transport_to(server.base_url)
        assert transport.send(WRITE).body == eve
        assert transport.send(READ).body == envelope()
        assert server.connections == 1


def test_an_answer_that_comes_after_the_deadline_is_never_taken_for_the_next_call_s():
    with RawServer(hang, WHOLE) as server:
        transport = transport_to(server.base_url, **SOON)
        with pytest.raises(OutcomeUnknownError):
            transport.send(WRITE)
        assert transport.send(READ).body == envelope()
        assert server.connections == 2


def zeros(megabytes: int) -> bytes:
    squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(megabytes)) + squeeze.flush()


def test_a_gzip_bomb_is_given_up_at_the_limit():
    bomb = zeros(64)
    assert len(bomb) < 1 << 20
    with RawServer(answer(200, bomb, "Content-Encoding: gzip")) as server:
        with pytest.raises(OutcomeUnknownError, match="more than 33,554,432 bytes"):
            transport_to(server.base_url).send(WRITE)
        assert len(server.requests) == 1


def test_a_body_of_100_megabytes_is_given_up_at_the_limit():
    sent = []

    def pour(peer):
        peer.send(answer(200, length=100 << 20))
        for _ in range(100):
            peer.send(bytes(1 << 20))
            sent.append(1)

    with RawServer(pour) as server, pytest.raises(OutcomeUnknownError, match="more than 33,554,432 bytes"):
        transport_to(server.base_url).send(READ)
    assert BODY_MAX_BYTES >> 20 <= len(sent) < 60


def test_a_compressed_answer_is_read():
    with RawServer(answer(200, gzip.compress(envelope()), "Content-Encoding: gzip")) as server:
        assert server.client().get("bob").data.subscriber_name == "bob"
        assert server.requests[0].headers["accept-encoding"] == "gzip"


PAGE = b"<html><title>Sign in to the hotel's network</title></html>"
FOREIGN = {
    "HTML 200": answer(200, PAGE, "Content-Type: text/html"),
    "HTML 404": answer(404, PAGE, "Content-Type: text/html"),
    "redirect 301": answer(301, b"", "Location: /elsewhere"),
    "304": answer(304, length=None),
    "418": answer(418, b"teapot"),
}


@pytest.mark.parametrize("what", FOREIGN.values(), ids=FOREIGN)
def test_an_answer_that_is_not_of_this_api_is_told_at_once_and_nothing_is_sent_again(what):
    with RawServer(what) as server:
        client = server.client()
        for call in (lambda: client.get("bob"), lambda: client.create([NewSubscriber("bob")])):
            with pytest.raises(BadReplyError, match=r"Is base_url right\?") as caught:
                call()
            assert caught.value.attempts == 1
        assert len(server.requests) == 2
        assert "hotel" not in str(caught.value)


CUT = {
    "a body without a length": saying_and_closing(answer(200, envelope()[:-9], length=None)),
    "headers that end in the middle": saying_and_closing(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "gzip that ends in the middle": saying_and_closing(
        answer(200, gzip.compress(envelope())[:-30], "Content-Encoding: gzip", length=None)
    ),
}


@pytest.mark.parametrize("act", CUT.values(), ids=CUT)
def test_a_cut_that_looks_whole_is_a_bad_reply_which_a_read_asks_for_again_and_a_write_does_not(act):
    with RawServer(act, WHOLE, act) as server:
        client = server.client()
        assert client.get("bob").attempts == 2
        with pytest.raises(BadReplyError):
            client.create([NewSubscriber("bob")])
        assert len(server.requests) == 3


@pytest.mark.parametrize("body", [b"", PAGE], ids=["empty", "HTML"])
@pytest.mark.parametrize("code", [500, 502, 503, 599])
def test_a_gateway_s_5xx_is_a_server_error_that_only_a_read_tries_again(code, body):
    with RawServer(answer(code, body), WHOLE, answer(code, body)) as server:
        client = server.client()
        assert client.get("bob").attempts == 2
        with pytest.raises(ServerError, match=f"The service answered {code}: no reason given") as caught:
            client.create([NewSubscriber("bob")])
        assert (caught.value.http_code, caught.value.attempts, len(server.requests)) == (code, 1, 3)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(code):
    with RawServer(CREATED) as target:
        for location in (f"{target.base_url}/elsewhere", f"//127.0.0.1:{target.port}/", "/v2/elsewhere"):
            with RawServer(answer(code, b"", f"Location: {location}")) as server:
                client = server.client()
                with pytest.raises(BadReplyError, match=f"HTTP {code}"):
                    client.create([NewSubscriber("bob")])
                with pytest.raises(BadReplyError, match=f"HTTP {code}"):
                    client.get("bob")
                assert len(server.requests) == 2
        assert target.connections == 0


def test_a_netrc_entry_for_the_host_does_not_replace_the_credentials(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mallory password stolen\ndefault login m password s\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with RawServer(WHOLE) as server:
        assert requests.utils.get_netrc_auth(server.base_url) == ("mallory", "stolen")
        transport_to(server.base_url).send(READ)
        assert server.requests[0].headers["authorization"] == BASIC


def test_proxy_variables_are_not_read(monkeypatch):
    with RawServer(WHOLE) as server, RawServer(answer(502)) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        monkeypatch.setenv("NO_PROXY", "")
        assert requests.utils.get_environ_proxies(server.base_url)["http"] == proxy.base_url
        assert transport_to(server.base_url).send(READ).http_code == 200
        assert proxy.connections == 0


def test_an_explicit_proxy_carries_the_request_to_a_plain_address():
    with RawServer(WHOLE) as proxy:
        transport = transport_to("http://127.0.0.1:9", proxy=f"http://joe:pass%40word@127.0.0.1:{proxy.port}")
        assert transport.send(READ).http_code == 200
        assert proxy.requests[0].target == "http://127.0.0.1:9" + READ.path
        assert (
            proxy.requests[0].headers["proxy-authorization"] == "Basic " + base64.b64encode(b"joe:pass@word").decode()
        )


def test_an_explicit_proxy_is_asked_for_a_tunnel_and_told_no_key():
    with RawServer(answer(407, b"", "Proxy-Authenticate: Basic")) as proxy:
        transport = transport_to("https://exotel.example", proxy=f"joe:hunter2@127.0.0.1:{proxy.port}")
        with pytest.raises(NotSentError, match=r"through the proxy \(.*\)\. Nothing was sent") as caught:
            transport.send(WRITE)
        asked = proxy.requests[0]
        assert (asked.method, asked.target) == ("CONNECT", "exotel.example:443")
        assert "authorization" not in asked.headers
    assert (caught.value.attempts, "hunter2" in str(caught.value)) == (0, False)


def test_who_can_not_be_connected_is_what_shall_be_checked():
    with RawServer(WHOLE) as gone:
        pass
    for doubt, transport in {
        "base_url": transport_to(gone.base_url),
        "proxy": transport_to("http://127.0.0.1:9", proxy=f"127.0.0.1:{gone.port}"),
    }.items():
        with pytest.raises(NotSentError, match=rf"try again, or check {doubt}\.$"):
            transport.send(WRITE)


def test_through_a_tunnel_calls_are_answered_and_the_proxys_password_stays_with_the_proxy(certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
    told = []

    def tunnel(peer):
        told.append(peer.read_request())
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with certified[1].wrap_socket(peer.sock, server_side=True) as peer.sock:
            while request := peer.read_request():
                told.append(request)
                peer.send(WHOLE)

    with RawServer(greet=tunnel) as proxy:
        transport = transport_to("https://127.0.0.1:9", proxy=f"http://joe:pass%40word@127.0.0.1:{proxy.port}")
        assert [transport.send(READ).body for _ in range(2)] == [envelope()] * 2
        transport.close()
    asked, *calls = told
    assert (asked.method, asked.target, "authorization" in asked.headers) == ("CONNECT", "127.0.0.1:9", False)
    assert asked.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"joe:pass@word").decode()
    assert [(call.target, call.headers["authorization"]) for call in calls] == [(READ.path, BASIC)] * 2
    assert not any("proxy-authorization" in call.headers for call in calls)


def test_a_proxy_that_cannot_prove_who_it_is_is_told_nothing(certified):
    with RawServer(WHOLE, tls=certified[1]) as proxy:
        for base_url in ("http://127.0.0.1:9", "https://exotel.example"):
            with pytest.raises(TlsError, match="self-signed"):
                transport_to(base_url, proxy=f"https://127.0.0.1:{proxy.port}").send(WRITE)
        assert proxy.requests == []


def test_a_proxy_that_is_not_there_means_not_sent():
    with pytest.raises(NotSentError, match="through the proxy") as caught:
        transport_to("https://exotel.example", proxy=f"http://u:hidden@127.0.0.1:{unused_port()}").send(WRITE)
    assert "hidden" not in str(caught.value)


def test_a_tunnel_that_drips_ends_at_the_deadline_and_nothing_was_sent():
    drips = dripping(b"HTTP/1.1 200 OK\r\n", repeat(b"a: b\r\n"))
    with RawServer(drips) as proxy, pytest.raises(NotSentError, match="timed out") as caught:
        transport_to("https://exotel.example", proxy=proxy.base_url, **SOON).send(WRITE)
    assert caught.value.seconds < LATE_S


def test_a_header_that_comes_twice_holds_both_values():
    with RawServer(answer(200, envelope(), "X-RateLimit-Limit: 50", "x-ratelimit-limit: 60")) as server:
        assert transport_to(server.base_url).send(READ).headers["x-ratelimit-limit"] == "50, 60"


def test_cookies_are_not_kept():
    with RawServer(answer(200, envelope(), "Set-Cookie: session=1; Path=/", "Set-Cookie: =;=;")) as server:
        transport = transport_to(server.base_url)
        transport.send(READ)
        transport.send(READ)
        assert not any("cookie" in request.headers for request in server.requests)


def test_what_is_sent_is_the_call_the_credentials_and_nothing_of_the_environment():
    with RawServer(CREATED) as server:
        transport_to(server.base_url).send(WRITE)
        sent = server.requests[0]
    assert (sent.method, sent.target, sent.body) == ("POST", WRITE.path, WRITE.body)
    assert sent.headers.keys() == {
        *("host", "user-agent", "accept", "accept-encoding"),
        *("authorization", "content-type", "content-length"),
    }
    assert (sent.headers["authorization"], sent.headers["content-type"]) == (BASIC, "application/json")


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_self_signed_certificate_ends_the_call_at_once(certified):
    with RawServer(CREATED, tls=certified[1]) as server:
        with pytest.raises(TlsError, match=r"\(self-signed certificate\)\. Nothing was sent") as caught:
            server.client().create([NewSubscriber("bob")])
        with pytest.raises(TlsError):
            server.client().get("bob")
        assert (server.connections, server.requests, caught.value.attempts) == (2, [], 0)


def test_a_certificate_for_another_host_ends_the_call_at_once(certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
    with RawServer(CREATED, tls=certified[1]) as server, pytest.raises(TlsError, match="Hostname mismatch"):
        server.client(base_url=f"https://localhost:{server.port}").get("bob")


def test_a_server_that_speaks_no_tls_ends_the_call_at_once():
    seen = []

    def speak(peer):
        seen.append(peer.sock.recv(1))
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.close()

    with RawServer(greet=speak) as server:
        with pytest.raises(TlsError, match=r"Nothing was sent\. Is base_url right\?") as caught:
            server.client(base_url=f"https://127.0.0.1:{server.port}").create([NewSubscriber("bob")])
        assert (server.connections, seen, caught.value.attempts) == (1, [b"\x16"], 0)


@pytest.mark.parametrize("leave", [close, reset])
def test_a_server_that_leaves_during_the_handshake_was_sent_nothing_and_is_tried_again(leave):
    stop = threading.Event()

    def greet(peer):
        peer.sock.recv(1)
        if server.connections > 1:  # which is what is asked here
            stop.set()
        leave(peer)

    with RawServer(greet=greet) as server:
        client = server.client(base_url=f"https://127.0.0.1:{server.port}", timeout_s=60).with_stop(stop)
        with pytest.raises(NotSentError) as caught:
            client.create([NewSubscriber("bob")])
        assert not isinstance(caught.value, TlsError)
        assert (caught.value.attempts, server.connections > 1) == (0, True)


@pytest.mark.parametrize("closed", [ssl.SSLEOFError, ssl.SSLZeroReturnError])
def test_either_error_of_a_closed_handshake_is_no_doubt_about_who_the_server_is(closed):
    """OpenSSL decides by its version and the moment which of the two comes: a server can't be made to choose."""
    made = transport_to("https://127.0.0.1:1")._map_exception(closed(8, "closed"), WRITE)
    assert (type(made), made.attempts) == (NotSentError, 0)


def test_a_handshake_that_hangs_was_sent_nothing():
    with RawServer(greet=hang) as server, pytest.raises(NotSentError, match="timed out") as caught:
        transport_to(f"https://127.0.0.1:{server.port}", **SOON).send(WRITE)
    assert caught.value.seconds < LATE_S


def test_over_tls_answers_are_read_and_connections_are_kept(certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
    with RawServer(WHOLE, tls=certified[1]) as server:
        client = server.client()
        assert [client.get("bob").attempts for _ in range(3)] == [1, 1, 1]
        assert server.connections == 1


@pytest.mark.parametrize("act", [SLOW["dripping headers"], SLOW["a dripping body"], hang], ids=["head", "body", "none"])
def test_over_tls_the_deadline_holds_too(certified, monkeypatch, act):
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))
    with RawServer(act, tls=certified[1]) as server:
        with pytest.raises(OutcomeUnknownError, match="timed out") as caught:
            transport_to(server.base_url, **SOON).send(WRITE)
        assert (len(server.requests), caught.value.seconds < LATE_S) == (1, True)


def test_sixteen_threads_share_a_transport_and_each_keeps_its_own_deadline_and_answer():
    def echo(peer):
        while request := peer.read_request():
            peer.send(answer(200, request.target.encode()))

    found: dict[int, list[bytes]] = {}
    with RawServer(greet=echo) as server:
        transport = transport_to(server.base_url)

        def ask(number: int) -> None:
            found[number] = [transport.send(Request("GET", f"/{number}/{turn}")).body for turn in range(20)]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: [f"/{number}/{turn}".encode() for turn in range(20)] for number in range(16)}


def test_a_closed_transport_opens_new_connections():
    left = threading.Event()

    def serve(peer):
        while peer.read_request():
            peer.send(WHOLE)
        left.set()

    with RawServer(greet=serve) as server:
        transport = transport_to(server.base_url)
        transport.close()
        transport.send(READ)
        assert not left.is_set()
        transport.close()
        assert left.wait(5)
        assert transport.send(READ).http_code == 200
        assert server.connections == 2


def test_seconds_are_those_of_the_exchange():
    with RawServer(hang) as server:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknownError) as caught:
            transport_to(server.base_url, **SOON).send(READ)
        assert 0.19 < caught.value.seconds <= time.monotonic() - began


def test_lengths_that_agree_are_one_length_however_often_they_are_told():
    body = envelope()
    with RawServer(answer(200, body, f"Content-Length: {len(body)}")) as server:
        assert transport_to(server.base_url).send(READ).body == body


def test_a_refusal_that_comes_before_the_request_was_taken_is_heard():
    def refuse(peer):
        peer.send(answer(413, b"{}", "Connection: close"))
        peer.close()

    with RawServer(WHOLE, greet=refuse) as server:
        large = Request("POST", WRITE.path, b" " * 8_000_000)
        assert transport_to(server.base_url).send(large).http_code == 413
