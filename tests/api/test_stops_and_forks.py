"""What a process inherits, what idles too long, and how fast a stop is obeyed: over real sockets and real signals."""

import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

import pandas as pd
import pytest

import exotel_frames as ef
from exotel_frames.api import client as client_module
from exotel_frames.api import fetchers
from exotel_frames.api.rate_limit import limiter
from exotel_frames.api.wire import connections, server_clock
from tests.api.raw_server import RawServer, answer, envelope, items
from tests.slow import but_slow

PAGE = answer(200, items("bob"), "Content-Type: application/json")


def in_child(work) -> bool:
    """Tell whether something holds in a forked process, which has ten seconds."""
    child = os.fork()
    if not child:
        signal.alarm(10)
        try:
            os._exit(0 if work() else 1)
        except BaseException:  # noqa: BLE001 - nothing may come back from a child
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_uses_no_connection_of_its_parent():
    with RawServer(answer(200, envelope())) as server:
        client = server.client()
        client.get("bob")
        assert in_child(lambda: client.get("bob").data.subscriber_name == "bob")
        client.get("bob")
        assert server.connections == 2  # the parent's own went on, and the child made one


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_lock_that_a_thread_held_at_the_fork_hangs_no_child():
    with RawServer(answer(200, envelope())) as server:
        client = server.client()
        client.get("bob")
        with client.limiter._lock, client._clock._lock:
            assert in_child(lambda: client.get("bob").data.subscriber_name == "bob")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_at_any_moment_of_a_single_call_is_a_ctrl_c_and_the_next_call_works():
    ours, hits = {module.__file__ for module in (fetchers, threading, client_module, limiter, server_clock)}, []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def strike_at(nth):
        moments = iter(range(1, nth + 1))

        def strike(frame, event, _):
            is_ours = frame.f_code.co_filename in ours and frame.f_code.co_name != "__del__"  # which raises nothing
            if event != "c_call" and is_ours and next(moments, nth) == nth:
                sys.setprofile(None)
                hits.append(nth)
                signal.raise_signal(signal.SIGINT)

        sys.setprofile(strike)

    try:
        with RawServer(answer(200, envelope())) as server:
            client = server.client()
            for nth in range(1, 400):
                strike_at(nth)
                with suppress(KeyboardInterrupt):
                    client.get("bob")
                    sys.setprofile(None)
                    break
            assert client.get("bob").data.subscriber_name == "bob"
    finally:
        sys.setprofile(None)
        signal.signal(signal.SIGINT, before)
    assert len(hits) > 30


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_is_heard_while_a_hosts_name_is_looked_up(monkeypatch):
    """The look-up is the C library's, and lets no signal through until it is over."""
    began, over = threading.Event(), threading.Event()

    def looks_up(*_, **__):
        began.set()
        while not over.wait(0.01):
            pass
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", looks_up)
    client = ef.connect(api_key="k", api_token="t", account_sid="acme1", base_url="https://nobody.invalid")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    strike = threading.Thread(target=lambda: began.wait(5) and signal.raise_signal(signal.SIGINT))
    strike.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            client.get("bob")
        assert not over.is_set()
    finally:
        over.set()
        strike.join()
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("idle_s", "made"), [(44.0, 1), (46.0, 2), (3600.0, 2)])
def test_a_connection_that_was_idle_for_long_is_not_used_again(idle_s, made):
    with RawServer(answer(200, envelope())) as server:
        client = server.client()
        client.get("bob")
        idle = client._transport._route.pool.pool
        idle.clock = lambda: time.monotonic() + idle_s
        client.get("bob")
        assert server.connections == made


def test_after_a_failure_the_other_idle_connections_are_dropped():
    pair = threading.Barrier(2)

    def together(peer):
        pair.wait()
        peer.send(answer(200, envelope()))

    one = answer(200, envelope())
    with RawServer(one, together, together, lambda peer: peer.reset(), one) as server:
        client = server.client()
        client.get("bob")  # the first one goes alone
        threads = [threading.Thread(target=client.get, args=("bob",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.connections == 2
        client.get("bob")  # its connection is reset, and it is read again on a new one
        assert server.connections == 3
    assert connections.IDLE_MAX_S < 60


def hung(peer):
    os.kill(os.getpid(), signal.SIGINT)
    peer.hang()


def drips(peer):
    """Give a byte a second: the connection is never idle, and the answer never comes."""
    threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    peer.drip((bytes([byte]) for byte in PAGE), every_s=1.0)


BOBS = pd.DataFrame({"subscriber_name": ["bob", "eve"], "custom_field": "x", "platform": "ios", "device_id": "d1"})
READS_FIRST = {
    "load": ef.load_subscribers,
    "get": lambda client, **_: ef.get_subscribers(client, ["bob"], **_),
    "create": lambda client, **_: ef.create_subscribers(client, BOBS, **_),
    "update": lambda client, **_: ef.update_subscribers(client, BOBS, **_),
    "delete": lambda client, **_: ef.delete_subscribers(client, ["bob"], max_deletes=1, **_),
    "tokens": lambda client, **_: ef.create_tokens(client, BOBS, **_),
    "check": lambda client, **_: ef.check_service(client),
    "check that writes": lambda client, **_: ef.check_service(client, write=True),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("act", [hung, drips])
@pytest.mark.parametrize("verb", but_slow(READS_FIRST, ["load", "create", "check that writes"]))
def test_ctrl_c_ends_each_verb_at_a_server_that_hangs_or_drips(verb, act):
    with RawServer(act) as server:
        client = server.client(timeout_s=60.0)
        before = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            READS_FIRST[verb](client, **({} if verb.startswith("check") else {"progress": False}))
        assert time.monotonic() - before < 5.0  # the timeout is 60 s


def test_a_pause_of_a_day_is_told_at_once_by_the_next_call_too():
    with RawServer(answer(429, b"", "Retry-After: 86400")) as server:
        client = server.client()
        for sent in (1, 1):
            with pytest.raises(ef.RateLimitedError, match=r"429|24\.0 hours of it are left\. Nothing was sent"):
                client.get("bob")
            assert len(server.requests) == sent


def test_a_refused_connection_of_the_first_request_is_told_at_once():
    with RawServer(PAGE) as server:
        client = server.client()
    with pytest.raises(ef.NotSentError, match="refused") as told:
        client.get("bob")
    assert told.value.refused


def test_a_line_is_logged_a_request_and_none_has_a_secret(caplog):
    caplog.set_level(logging.INFO, "exotel_frames")
    with RawServer(answer(503), answer(200, envelope())) as server:
        server.client().get("bob")
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("GET /v2/accounts/acme1/subscribers/bob 503 request_id=- ")
    assert " 200 request_id=" + "0" * 32 in second
    assert second.endswith("ms attempt 2")
    assert all(secret not in caplog.text for secret in ("keyZ7Q1x9K4", "tokenV8W3j5R2", "Basic", "custom_field"))


def test_nothing_is_shown_unless_logging_is_switched_on(capfd):
    with RawServer(answer(200, envelope())) as server:
        server.client().get("bob")
    assert capfd.readouterr() == ("", "")
