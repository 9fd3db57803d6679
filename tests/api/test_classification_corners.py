"""Corners of what is read from an answer that mutants of the code once got away with."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

import exotel_frames as ef
from exotel_frames.api.retry import parse_http_date
from exotel_frames.api.wire import responses
from exotel_frames.secret import Secret
from tests.api.wording import no_envelope


def jwt(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return Secret(f"{part({'alg': 'HS256'})}.{part(claims)}.c2lnbmF0dXJl")


@pytest.mark.parametrize("filler", ["", "x", "xx", "xxx"])
def test_a_tokens_expiry_is_read_whatever_the_length_of_its_claims(filler):
    assert responses.expiry(jwt({"exp": 1_800_000_000, "iss": filler})) == datetime.fromtimestamp(1_800_000_000, UTC)


def test_an_answer_of_several_reads_arrives_whole():
    with ef.Sandbox(subscribers=0) as box:
        texts = {f"n{row}": chr(ord("a") + row % 26) * 3000 for row in range(100)}
        for name, text in texts.items():
            box.add(name, custom_field=text)
        page = box.connect().list_page().data
        assert {live.subscriber_name: live.custom_field for live in page.rows} == texts


def test_a_date_in_another_zone_is_the_same_moment():
    moment = datetime(2019, 11, 19, 17, 44, 17, tzinfo=UTC)
    for text in ("Tue, 19 Nov 2019 17:44:17 GMT", "Tue, 19 Nov 2019 23:14:17 +0530", "Tue, 19 Nov 2019 17:44:17 -0000"):
        found = parse_http_date(text)
        assert found == moment
        assert found.tzinfo is UTC


def answer(http_code, body=b"", **headers):
    return responses.Response(http_code, {"content-type": "text/html"} | headers, responses.ResponseBody(body), 0.25)


@pytest.mark.parametrize(
    ("told", "kind", "said"),
    [
        (
            answer(404, b"<html>"),
            ef.BadReplyError,
            f"{no_envelope(404)} (6 bytes, text/html). Is base_url right?",
        ),
        (
            answer(404, b"{}"),
            ef.BadReplyError,
            f"{no_envelope(404)} (2 bytes, text/html).",
        ),
        (
            answer(404, b'{"response": {"co'),
            responses.CutReplyError,
            "HTTP 404 with a body cut short (17 bytes, text/html). Is base_url right?",
        ),
        (answer(307, b'{"response": {"co'), ef.BadReplyError, no_envelope(307)),
        (
            answer(301, b'{"response": {"code": 301, "status": "failure"}}'),
            ef.BadReplyError,
            no_envelope(301),
        ),
        (
            answer(600, b'{"response": {"code": 600, "status": "failure"}}'),
            ef.BadReplyError,
            no_envelope(600),
        ),
        (answer(500, b""), ef.ServerError, "The service answered 500: no reason given"),
        (answer(599, b'{"response": {"co'), ef.ServerError, "The service answered 599: no reason given"),
        (
            answer(418, b'{"response": {"code": 418, "status": "failure"}}'),
            ef.RejectedError,
            "The service answered 418: no reason given",
        ),
    ],
)
def test_an_answer_that_says_no_is_named_for_what_it_is(told, kind, said):
    problem = responses.read_failure(told)
    assert type(problem) is kind
    assert str(problem).startswith(said)
    assert (problem.http_code, problem.seconds) == (told.http_code, 0.25)


@pytest.mark.parametrize("code", [199, 300, 404])
def test_a_success_around_an_item_with_another_code_is_no_success(code):
    item = {"code": code, "status": "success", "data": {"subscriber_name": "bob", "status": "active"}}
    with pytest.raises(ef.BadReplyError, match="a success around a failed item"):
        responses.read_subscriber(answer(200, json.dumps({"response": item}).encode()))
