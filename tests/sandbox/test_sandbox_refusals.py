"""A wrong request is refused with the API's envelope, says why, and changes nothing."""

import re
import socket

import pytest
import requests

JSON = {"Content-Type": "application/json"}
ONE = {"subscribers": [{"subscriber_name": "new"}]}
DEVICE = {"platform": "ios", "device_id": "x", "subscriber_name": "bob"}


def refused(answer: requests.Response) -> tuple[int, int]:
    body = answer.json()
    assert body.keys() == {"request_id", "method", "http_code", "response"}
    assert re.fullmatch("[0-9a-f]{32}", body["request_id"])
    assert body["http_code"] == body["response"]["code"] == answer.status_code
    assert (body["method"], body["response"]["status"], body["response"]["data"]) == (
        answer.request.method,
        "failure",
        None,
    )
    assert body["response"]["error_data"].keys() == {"code", "description", "message"}
    return answer.status_code, body["response"]["error_data"]["code"]


def why(answer: requests.Response) -> str:
    return answer.json()["response"]["error_data"]["description"]


@pytest.fixture(autouse=True)
def nothing_changes(box):
    box.add("bob", custom_field="support")
    before = box.subscribers()
    yield
    assert box.subscribers() == before
    assert not any(entry.committed for entry in box.log if entry.method != "SANDBOX")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"{'a': 1}", b'{"a": NaN}', b"[" * 100_000]
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/subscribers"), ("PUT", "/subscribers/bob"), ("POST", "/subscriber-token")]
)
def test_a_body_that_is_no_json_object_is_refused(call, method, path, body):
    assert refused(call(method, path, data=body, headers=JSON)) == (400, 1007)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"])
def test_a_body_that_is_not_said_to_be_json_is_refused(call, kind):
    headers = {"Content-Type": kind} if kind else {}
    answer = call("PUT", "/subscribers/bob", data=b'{"status": "inactive"}', headers=headers)
    assert refused(answer) == (415, 1011)
    assert (kind or "none was given") in why(answer)


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ({}, 1001, "subscribers"),
        ({"Subscribers": []}, 1001, "subscribers"),
        ({"subscribers": []}, 1002, "1 to 10"),
        ({"subscribers": [{"subscriber_name": f"s{at}"} for at in range(11)]}, 1002, "not 11"),
        ({"subscribers": None}, 1007, "a list"),
        ({"subscribers": {"subscriber_name": "new"}}, 1007, "a list"),
        ({"subscribers": ["new"]}, 1007, "subscribers[0]"),
        ({"subscribers": [{"subscriber_name": "new"}, {}]}, 1001, "subscribers[1].subscriber_name"),
        ({"subscribers": [{"subscriber_name": "new"}, {"subscriber_name": 7}]}, 1007, "subscribers[1].subscriber_name"),
        ({"subscribers": [{"subscriber_name": "new", "custom_field": 7}]}, 1007, "a string or null"),
    ],
)
def test_a_wrong_create_creates_nothing(call, body, code, reason):
    answer = call("POST", "/subscribers", json=body)
    assert refused(answer) == (400, code)
    assert reason in why(answer)


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ({}, 1001, "status"),
        ({"custom_field": "x"}, 1001, "status"),
        ({"status": None}, 1007, "a string"),
        ({"status": True}, 1007, "a string"),
        ({"status": "Active"}, 1002, "active or inactive"),
        ({"status": ""}, 1002, "active or inactive"),
        ({"status": "active", "custom_field": ["x"]}, 1007, "a string or null"),
    ],
)
def test_a_wrong_update_updates_nothing(call, body, code, reason):
    answer = call("PUT", "/subscribers/bob", json=body)
    assert refused(answer) == (400, code)
    assert reason in why(answer)


@pytest.mark.parametrize("field", DEVICE)
def test_a_token_needs_all_three_of_its_fields(call, field):
    assert refused(call("POST", "/subscriber-token", json={key: DEVICE[key] for key in DEVICE if key != field})) == (
        400,
        1001,
    )
    assert refused(call("POST", "/subscriber-token", json={**DEVICE, field: 7})) == (400, 1007)


def test_a_platform_must_be_one_of_two_and_a_device_must_have_an_id(call):
    assert refused(call("POST", "/subscriber-token", json={**DEVICE, "platform": "symbian"})) == (400, 1002)
    assert refused(call("POST", "/subscriber-token", json={**DEVICE, "device_id": ""})) == (400, 1002)


@pytest.mark.parametrize(
    "query",
    [
        *("page_size=0", "page_size=101", "page_size=x", "page_size=", "page_size=1.0", "page_size=٣"),
        *("offset=-1", "offset=a", "offset=" + "9" * 5000),
        *("status=Active", "status="),
    ],
)
def test_a_wrong_query_is_refused_and_the_parameter_named(call, query):
    answer = call("GET", f"/subscribers?{query}")
    assert refused(answer) == (400, 1002)
    assert query.partition("=")[0] in why(answer)


@pytest.mark.parametrize(
    "path", ["", "/", "/subscriber", "/subscribers/", "/subscribers/bob/calls", "/subscribers%0A", "/Subscribers"]
)
def test_an_unknown_path_is_not_found(call, path):
    assert refused(call("GET", path)) == (404, 1000)


@pytest.mark.parametrize("name", ["eve", "Bob", "bob%20", "b%C3%B6b", "%FF", "a" * 300])
def test_an_unknown_name_is_not_found(call, name):
    for method, body in (("GET", None), ("PUT", {"status": "active"}), ("DELETE", None)):
        assert refused(call(method, f"/subscribers/{name}", json=body)) == (404, 1000)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/subscribers", "GET, POST"),
        ("PATCH", "/subscribers/bob", "GET, PUT, DELETE"),
        ("POST", "/subscribers/bob", "GET, PUT, DELETE"),
        ("GET", "/subscriber-token", "POST"),
        ("OPTIONS", "/subscribers", "GET, POST"),
    ],
)
def test_a_wrong_method_says_which_ones_there_are(call, method, path, allowed):
    answer = call(method, path)
    assert refused(answer) == (405, 1000)
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "auth", [None, ("sandboxkey", "wrong"), ("wrong", "sandboxtoken"), ("sandboxkey", ""), ("", "")]
)
def test_wrong_credentials_and_a_wrong_account_get_the_same_answer(box, call, auth):
    call.session.auth = auth
    wrong_key = call("POST", "/subscribers", json=ONE)
    call.session.auth = (box.api_key, box.api_token)
    call.account = f"{box.base_url}/v2/accounts/another1"
    wrong_account = call("POST", "/subscribers", json=ONE)
    assert refused(wrong_key) == refused(wrong_account) == (401, 1010)
    assert why(wrong_key) == why(wrong_account)
    assert box.api_key not in wrong_key.text


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Bearer sandboxtoken", "Basic \xe9", ""])
def test_a_strange_authorization_header_is_refused(call, header):
    call.session.auth = None
    assert refused(call("GET", "/subscribers", headers={"Authorization": header.encode("latin-1")})) == (401, 1010)


def test_even_what_is_no_http_is_answered_with_an_envelope_and_a_date(box):
    with socket.create_connection((box.host, box.port), timeout=10) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 Bad Request")
    assert "date: " in head
    assert '"code":1007' in body
