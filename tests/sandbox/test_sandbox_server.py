"""The server as an object, as a process, and its admin paths."""

import contextlib
import gc
import json
import random
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from exotel_frames.sandbox import SandboxServer
from tests.sandbox.conftest import Caller


def sandbox_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("sandbox-")]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_starting_and_stopping_leaves_nothing_behind():
    gc.collect()
    before = sandbox_threads()
    descriptors = open_files()
    for _ in range(20):
        with SandboxServer(subscribers=5) as box, socket.create_connection((box.host, box.port), timeout=10):
            pass
    gc.collect()
    assert sandbox_threads() == before
    assert open_files() == descriptors
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((box.host, box.port), timeout=10)


def test_stopping_ends_answers_that_would_take_for_ever(caplog):
    with SandboxServer(faults={"latency_s": 3600}) as box:
        waiting = socket.create_connection((box.host, box.port), timeout=10)
        waiting.sendall(b"GET /v2/accounts/sandbox1/subscribers HTTP/1.1\r\nHost: x\r\n\r\n")
        while not box.requests:
            pass
    with waiting:
        assert waiting.recv(100) == b""
    assert box.log == ()
    assert caplog.records == []


def a_port_that_is_handed_to_nobody():
    """Return a free port below the range from which systems hand them out: no parallel test is given it meanwhile."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are in use")


def test_a_stopped_sandbox_goes_on_where_it_was_on_the_same_port():
    box = SandboxServer(port=a_port_that_is_handed_to_nobody(), subscribers=3, seed=1).start()
    url, who = box.base_url, (box.api_key, box.api_token)
    names = [row["subscriber_name"] for row in box.subscribers()]
    box.stop()
    box.stop()
    assert [row["subscriber_name"] for row in box.subscribers()] == names
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/v2/accounts/sandbox1/subscribers", auth=who, timeout=10)
    with box.start():
        assert box.base_url == url
        listed = requests.get(f"{url}/v2/accounts/sandbox1/subscribers", auth=who, timeout=10).json()
        assert {item["data"]["subscriber_name"] for item in listed["response"]} == set(names)


def test_answers_are_not_held_back_for_the_clients_acknowledgement(box):
    # asyncio sets TCP_NODELAY on accepted sockets only when the listening one names its protocol.
    assert box._thread._socket.proto == socket.IPPROTO_TCP


def test_a_port_in_use_is_said_so(box):
    with pytest.raises(OSError, match=f"can't listen on 127.0.0.1:{box.port}.*Name another port"):
        SandboxServer(port=box.port).start()


def test_the_repr_says_sandbox_and_no_secret(box):
    assert repr(box) == f"<SANDBOX {box.base_url} account sandbox1>"
    assert box.api_token not in repr(box._tenant.account)


def test_every_request_is_counted_and_written_down_with_what_it_did(box, call):
    call.create("bob", "bob")
    call("PUT", "/subscribers/bob", json={"status": "inactive"})
    call("GET", "/subscribers?offset=0")
    call("GET", "/nothing")
    call("DELETE", "/subscribers/eve")
    assert box.requests == 5
    assert [
        (entry.sequence, entry.method, entry.call, entry.names, entry.committed, entry.http_code) for entry in box.log
    ] == [
        (1, "POST", "create", ("bob", "bob"), ("bob",), 207),
        (2, "PUT", "update", ("bob",), ("bob",), 200),
        (3, "GET", "list", (), (), 200),
        (4, "GET", None, (), (), 404),
        (5, "DELETE", "delete", ("eve",), (), 404),
    ]
    assert box.log[2].path == "/v2/accounts/sandbox1/subscribers?offset=0"
    assert json.loads(box.log[1].body) == {"status": "inactive"}
    assert box.api_token not in repr(box.log)


def test_the_truth_can_be_changed_behind_the_clients_back(box, call, clock):
    box.add("old", "older", date_created="2018-01-01T00:00:00+05:30", status="inactive")
    box.add("bob", custom_field="support")
    clock.now += 5
    box.change("bob", status="inactive", custom_field=None)
    box.remove("old")
    assert call.names() == ["bob", "older"]
    bob = call("GET", "/subscribers/bob").json()["response"]["data"]
    assert (bob["status"], bob["custom_field"], bob["date_updated"]) == ("inactive", None, "2019-11-19T23:14:22+05:30")
    assert [(entry.call, entry.committed) for entry in box.log[:4]] == [
        ("add", ("old", "older")),
        ("add", ("bob",)),
        ("change", ("bob",)),
        ("remove", ("old",)),
    ]


def test_what_cannot_be_changed_behind_the_clients_back_is_refused_whole(box):
    box.add("bob")
    for impossible in (lambda: box.add("eve", "bob"), lambda: box.change("eve"), lambda: box.remove("bob", "eve")):
        with pytest.raises(ValueError, match="The sandbox has"):
            impossible()
    assert [row["subscriber_name"] for row in box.subscribers()] == ["bob"]


def test_many_threads_write_and_read_the_truth_at_once(box):
    def work(number: int) -> None:
        caller = Caller(box)
        codes = [
            item["code"] for item in caller.create(*(f"t{number}x{at}" for at in range(9)), "same").json()["response"]
        ]
        caller.session.close()
        assert codes[:9] == [200] * 9
        assert len(box.subscribers()) >= 10

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert len(box.subscribers()) == 40 * 9 + 1
    committed = [name for entry in box.log for name in entry.committed]
    assert sorted(committed) == sorted(row["subscriber_name"] for row in box.subscribers())
    assert [entry.sequence for entry in box.log] == list(range(1, len(box.log) + 1))


def test_other_processes_read_the_log_and_the_truth_and_set_faults(box, call):
    call.create("bob")
    admin = f"{box.base_url}/sandbox"
    assert requests.get(f"{admin}/log", timeout=10).json()[0]["committed"] == ["bob"]
    assert requests.get(f"{admin}/log?since=1", timeout=10).json() == []
    assert requests.get(f"{admin}/subscribers", timeout=10).json() == box.subscribers()
    assert requests.post(f"{admin}/faults", json={"rate429": 1, "only": ["create"]}, timeout=10).json()["rate429"] == 1
    assert call.create("eve").status_code == 429
    refused = requests.post(f"{admin}/faults", json={"drop": 1}, timeout=10)
    assert (refused.status_code, "drop" in refused.json()["error"]) == (400, True)
    assert requests.post(f"{admin}/faults", json={"shuffle": "x"}, timeout=10).status_code == 400
    assert box.requests == 2


def test_the_admin_paths_believe_no_forwarded_address_and_answer_this_machine_only(box):
    forged = requests.get(f"{box.base_url}/sandbox/log", headers={"X-Forwarded-For": "10.0.0.1"}, timeout=10)
    assert forged.status_code == 200  # it comes from here, whatever it says


def test_the_openapi_document_is_served(box):
    assert requests.get(f"{box.base_url}/openapi.json", timeout=10).json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_process_it_says_where_it_is_and_ends_cleanly(number):
    command = [sys.executable, "-W", "error", "-m", "exotel_frames.sandbox", "--subscribers", "3", "--rate-limit", "1"]
    process = subprocess.Popen(
        [*command, "--faults", '{"shuffle": 1}'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        word, base_url, *rest = process.stdout.readline().split()
        said = dict(part.split("=") for part in rest)
        with requests.Session() as session:
            session.auth = (said["key"], said["token"])
            answers = [
                session.get(f"{base_url}/v2/accounts/{said['account']}/subscribers", timeout=10) for _ in range(2)
            ]
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert word == "SANDBOX"
    assert [answer.status_code for answer in answers] == [200, 429]
    assert len(answers[0].json()["response"]) == 3
    assert (process.returncode, output, errors) == (0, "", "")
