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
from tests.slow import slow


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
        waiting.sendall(b"GET /v2/accounts/sandbox1/subscribers HTTP/1.1\r\nHost: localhost\r\n\r\n")
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


def admin(box, method, path, **options) -> requests.Response:
    headers = {"Authorization": f"Bearer {box.admin_token}"}
    return requests.request(method, f"{box.base_url}/sandbox/{path}", headers=headers, timeout=10, **options)


def test_other_processes_read_the_log_and_the_truth_and_set_faults(box, call):
    call.create("bob")
    assert admin(box, "GET", "log").json()[0]["committed"] == ["bob"]
    assert admin(box, "GET", "log?since=1").json() == []
    assert admin(box, "GET", "subscribers").json() == box.subscribers()
    assert admin(box, "POST", "faults", json={"rate429": 1, "only": ["create"]}).json()["rate429"] == 1
    assert call.create("eve").status_code == 429
    refused = admin(box, "POST", "faults", json={"drop": 1})
    assert (refused.status_code, "drop" in refused.json()["error"]) == (400, True)
    assert admin(box, "POST", "faults", json={"shuffle": "x"}).status_code == 400
    assert box.requests == 2


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Bearer x", "Basic c2FuZGJveGtleTpzYW5kYm94dG9rZW4=", "é"])
def test_the_admin_paths_answer_to_the_printed_token_only(box, call, authorization):
    call.create("bob")
    headers = {"Authorization": authorization.encode()} if authorization else {}
    asked = [("GET", "log", None), ("GET", "subscribers", None), ("POST", "faults", {"rate429": 1})]
    for method, path, body in asked:
        answer = requests.request(method, f"{box.base_url}/sandbox/{path}", json=body, headers=headers, timeout=10)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
        assert "bob" not in answer.text
        assert box.admin_token not in answer.text
    assert call.create("eve").status_code == 207


OTHER_HOSTS = ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil", "0.0.0.0", ""]


@pytest.mark.parametrize("host", OTHER_HOSTS)
@pytest.mark.parametrize("path", ["/sandbox/log", "/openapi.json", "/v2/accounts/sandbox1/subscribers", "/"])
def test_a_web_page_that_rebinds_its_name_learns_and_changes_nothing(box, call, host, path):
    call.create("bob")
    headers = {"Host": host, "Authorization": f"Bearer {box.admin_token}"}
    before = box.requests
    answer = requests.get(f"{box.base_url}{path}", headers=headers, timeout=10)
    assert (answer.status_code, list(answer.json())) == (403, ["error"])
    assert "bob" not in answer.text
    assert box.requests == before
    posted = {"subscribers": [{"subscriber_name": "eve"}]}
    assert call("POST", "/subscribers", json=posted, headers={"Host": host}, dated=False).status_code == 403
    assert [row["subscriber_name"] for row in box.subscribers()] == ["bob"]


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8080", "127.0.0.1", "127.1.2.3:1", "[::1]", "[::1]:80", "localhost."]
)
def test_every_name_of_this_machine_is_answered(call, host):
    assert call("GET", "/subscribers", headers={"Host": host}).status_code == 200


def test_each_sandbox_has_a_token_of_its_own():
    one, two = SandboxServer(), SandboxServer()
    assert one.admin_token != two.admin_token
    assert len(one.admin_token) == 32


def test_the_openapi_document_is_served(box):
    assert requests.get(f"{box.base_url}/openapi.json", timeout=10).json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("number", [signal.SIGTERM, slow(signal.SIGINT)])
def test_as_a_process_it_says_where_it_is_and_ends_cleanly(number):
    command = [sys.executable, "-W", "error", "-m", "exotel_frames", "sandbox", "--subscribers", "3"]
    options = ["--rate-limit", "1", "--faults", '{"shuffle": 1}']
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        word, base_url, *rest = process.stdout.readline().split()
        said = dict(part.split("=") for part in rest)
        with requests.Session() as session:
            session.auth = (said["key"], said["token"])
            answers = [
                session.get(f"{base_url}/v2/accounts/{said['account']}/subscribers", timeout=10) for _ in range(3)
            ]
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert word == "SANDBOX"
    codes = [answer.status_code for answer in answers]
    assert (codes[0], 429 in codes) == (200, True)  # one a minute: a new minute may begin between two of them
    assert len(answers[0].json()["response"]) == 3
    assert (process.returncode, output, errors) == (0, "", "")
