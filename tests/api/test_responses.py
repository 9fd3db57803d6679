"""Bytes in, records or one of our errors out."""

import base64
import json
from datetime import UTC, datetime

import pytest

from exotel_frames import errors
from exotel_frames.api.wire import responses
from exotel_frames.records import ErrorData
from exotel_frames.secret import Secret
from tests.api.raw_server import BOB, envelope, items, refusal

BAD_JSON = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"42",
    b'"text"',
    b"<html>",
    b"\xff\xfe{",
    envelope()[:-1],
    b"[" * 100_000,
    b'{"x":' + b"[" * 100_000,
]
DECODERS = {
    "subscriber": responses.read_subscriber,
    "items": responses.read_items,
    "page": lambda answer: responses.read_page(answer, 0),
    "tokens": responses.read_tokens,
    "nothing": responses.read_nothing,
}


def answer(body: bytes, code: int = 200, **headers: str) -> responses.Response:
    return responses.Response(code, headers, responses.ResponseBody(body), 0.1)


def changed(body: bytes, **fields: object) -> bytes:
    content = json.loads(body)
    item = content["response"] if isinstance(content["response"], dict) else content["response"][0]
    item.update(fields)
    return json.dumps(content).encode()


@pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize("body", BAD_JSON, ids=[repr(body[:9]) for body in BAD_JSON])
def test_no_decoder_takes_what_is_no_envelope(decode, body):
    with pytest.raises(errors.BadReplyError) as caught:
        decode(answer(body))
    assert caught.value.http_code == 200


@pytest.mark.parametrize("body", [b"", b"{", envelope()[:-1], envelope()[:30]])
def test_an_envelope_that_ends_too_early_is_told_from_what_is_none(body):
    with pytest.raises(responses.CutReplyError):
        responses.read_subscriber(answer(body))
    for whole in (b"<html>", b"[]", changed(envelope(), data=7), envelope({"subscriber_name": "bob"})):
        with pytest.raises(errors.BadReplyError) as caught:
            responses.read_subscriber(answer(whole))
        assert type(caught.value) is errors.BadReplyError


def test_the_error_names_the_place_and_the_type_and_never_the_value():
    body = envelope(BOB | {"subscriber_name": ["a secret of bob"]})
    with pytest.raises(errors.BadReplyError, match=r"got `array` - at `\$\.response\.data\.subscriber_name`") as caught:
        responses.read_subscriber(answer(body))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_bytes_that_are_no_utf8_are_a_bad_reply():
    with pytest.raises(errors.BadReplyError):
        responses.read_subscriber(answer(envelope(BOB | {"custom_field": "x"}).replace(b'"x"', b'"\xff"')))


def test_unknown_fields_are_ignored_everywhere():
    more = {"surprise": [1, {"deep": None}]}
    found, request_id = responses.read_subscriber(answer(envelope(BOB | more, **more)))
    assert (found.subscriber_name, request_id) == ("bob", "0" * 32)
    assert responses.read_page(answer(items("a", metadata=more)), 0)[0].names == ["a"]
    assert responses.read_items(answer(changed(items("a"), **more)))[0][0].data.subscriber_name == "a"


FAILED = [{"status": "failure"}, {"code": 404}, {"code": None}, {"code": 302}, {"data": None}, {"code": 99}]


@pytest.mark.parametrize("fields", FAILED)
def test_a_success_around_a_failed_item_is_a_bad_reply(fields):
    with pytest.raises(errors.BadReplyError):
        responses.read_subscriber(answer(changed(envelope(), **fields)))


@pytest.mark.parametrize("fields", FAILED)
def test_a_failed_item_of_a_page_keeps_its_place_and_has_no_name(fields):
    page, _ = responses.read_page(answer(changed(items("a", "b"), **fields)), 0)
    assert [row.subscriber_name for row in page.rows] == ["", "b"]
    assert page.names[0].startswith("\0")


def test_the_items_of_a_create_come_as_they_are_and_in_their_order():
    failed = {"code": 409, "status": "failure", "data": None}
    body = changed(items("c", "a", "b"), **failed, error_data={"code": 1008, "message": "Duplicate resource"})
    found, _ = responses.read_items(answer(body, 207))
    assert [item.data and item.data.subscriber_name for item in found] == [None, "a", "b"]
    assert (found[0].code, found[0].error_data) == (409, ErrorData(1008, "Duplicate resource", None))


@pytest.mark.parametrize(
    ("code", "understood"),
    [(1008, (1008, "why")), ("1008", (1008, "why")), ("DUPLICATE", (None, "why")), (None, (None, "why"))],
)
def test_an_error_code_that_comes_as_text_does_not_make_a_refusal_unreadable(code, understood):
    error = {"code": code, "message": "Duplicate", "description": "why"}
    found, _ = responses.read_items(
        answer(changed(items("a"), code=409, status="failure", data=None, error_data=error))
    )
    assert found[0].error_data == ErrorData(understood[0], "Duplicate", understood[1])
    problem = responses.read_failure(answer(refusal(409, error), 409))
    assert isinstance(problem, errors.DuplicateError)
    assert (problem.code, problem.reason, problem.description) == (understood[0], "Duplicate", "why")


def test_a_code_in_words_becomes_the_description_where_there_is_none():
    problem = responses.read_failure(answer(refusal(409, {"code": "DUPLICATE"}), 409))
    assert (problem.code, problem.description) == (None, "DUPLICATE")


PAGE_ENDS = {
    "a next page": ({"next_page_uri": "/v2/accounts/a/subscribers?offset=2"}, False),
    "a next page elsewhere": ({"next_page_uri": "https://evil.example/v2"}, False),
    "null": ({"next_page_uri": None}, True),
    "an empty text": ({"next_page_uri": ""}, True),
    "not named, and the page full": ({}, False),
    "no metadata, and the page full": (None, False),
}


@pytest.mark.parametrize(("metadata", "last"), PAGE_ENDS.values(), ids=PAGE_ENDS)
def test_the_last_page_is_the_one_that_names_no_next(metadata, last):
    page, _ = responses.read_page(answer(items("a", "b", metadata=metadata)), 4)
    assert (page.offset, page.names, page.last) == (4, ["a", "b"], last)


def test_without_links_no_page_says_that_it_is_the_last():
    body = json.dumps({"response": json.loads(items("a"))["response"]}).encode()
    for told in (body, items(metadata={})):
        page, _ = responses.read_page(answer(told), 0)
        assert (page.last, page.linked) == (False, False)


KINDS = [
    (400, errors.RejectedError),
    (401, errors.AuthError),
    (403, errors.AuthError),
    (404, errors.NotFoundError),
    (409, errors.DuplicateError),
    (415, errors.RejectedError),
    (429, errors.RateLimitedError),
    (500, errors.ServerError),
    (503, errors.ServerError),
]


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_each_refusal_is_its_own_error_with_all_that_support_asks_for(code, kind):
    error = {"code": 1000, "message": "No", "description": "not today"}
    problem = responses.read_failure(answer(refusal(code, error), code))
    assert type(problem) is kind
    assert str(problem) == f"The service answered {code}: No: not today (request_id {'f' * 32})"
    assert (problem.request_id, problem.http_code, problem.code) == ("f" * 32, code, 1000)
    assert (problem.reason, problem.description, problem.seconds) == ("No", "not today", 0.1)


GATEWAY = [401, 403, 429, 500, 502, 599]
FOREIGN = [100, 301, 304, 399, 400, 404, 409, 418, 600, 999]


@pytest.mark.parametrize(
    "body", [b"", b"<html>no such <b>key</b>", b"{}", b'"text"', b'{"error": "x"}', b'{"x":' + b"[" * 100_000], ids=len
)
def test_without_the_envelope_only_a_gateway_s_own_codes_are_refusals(body):
    for code in GATEWAY:
        if code == 403 and b"html" in body:  # a web firewall, which knows nothing of the key
            continue
        problem = responses.read_failure(answer(body, code))
        assert isinstance(problem, errors.RejectedError)
        assert str(problem) == f"The service answered {code}: no reason given"
    for code in FOREIGN:
        problem = responses.read_failure(answer(body, code, **{"content-length": str(len(body))}))
        assert isinstance(problem, errors.BadReplyError)
        assert "key" not in str(problem)


@pytest.mark.parametrize("body", [b"", b"{", refusal(404, None)[:-1]])
def test_a_refusal_that_ends_too_early_is_told_from_one_that_is_none(body):
    for code in (400, 404, 409):
        assert type(responses.read_failure(answer(body, code))) is responses.CutReplyError
        assert type(responses.read_failure(answer(b"<html>", code))) is errors.BadReplyError
    for code in (301, 304, 600):
        assert type(responses.read_failure(answer(body, code))) is errors.BadReplyError
    for code in GATEWAY:
        assert isinstance(responses.read_failure(answer(body, code)), errors.RejectedError), "the code says enough"


def test_an_empty_body_that_says_so_is_not_cut():
    empty = answer(b"", 404, **{"content-length": "0"})
    assert type(responses.read_failure(empty)) is errors.BadReplyError
    with pytest.raises(errors.BadReplyError) as caught:
        responses.read_subscriber(answer(b"", **{"content-length": "0"}))
    assert type(caught.value) is errors.BadReplyError


@pytest.mark.parametrize(
    ("said", "reason", "description", "code"),
    [
        (
            {"Status": 429, "Message": "Slow down", "Code": "RATE_LIMIT_EXCEEDED"},
            "Slow down",
            "RATE_LIMIT_EXCEEDED",
            None,
        ),
        ({"Message": "Slow down", "Code": 1010}, "Slow down", None, 1010),
        ({"Message": "Slow down"}, "Slow down", None, None),
        ({}, None, None, None),
    ],
)
def test_a_rest_exception_is_understood(said, reason, description, code):
    problem = responses.read_failure(answer(json.dumps({"RestException": said}).encode(), 429))
    assert isinstance(problem, errors.RateLimitedError)
    assert (problem.reason, problem.description, problem.code) == (reason, description, code)


def test_a_204_is_nothing_whatever_it_carries():
    assert responses.read_nothing(answer(b"", 204)) == (None, None)
    assert responses.read_nothing(answer(b"junk", 204)) == (None, None)


def test_another_2xx_to_a_delete_must_be_an_envelope_that_says_success():
    assert responses.read_nothing(answer(envelope(None)))[1] == "0" * 32
    for body in (refusal(404, None), b"{}", b'{"response": null}'):
        with pytest.raises(errors.BadReplyError, match="neither a success nor a failure"):
            responses.read_nothing(answer(body))


PAIR = {"refresh_token": "refresh.one.x", "access_token": "access.two.y"}


def test_tokens_are_wrapped_while_they_are_decoded():
    data = {"subscriber_name": "bob", "subscriber_token": PAIR}
    found, _ = responses.read_tokens(answer(envelope(data)))
    assert (found.access_token, found.refresh_token) == (Secret("access.two.y"), Secret("refresh.one.x"))
    assert "two" not in repr(found)
    with pytest.raises(errors.BadReplyError):
        responses.read_tokens(answer(changed(envelope(data), status="failure")))


@pytest.mark.parametrize("wrong", [7, None, ["access.two.y"], {"x": "access.two.y"}])
def test_a_token_that_is_no_text_is_a_bad_reply_that_does_not_quote_it(wrong):
    data = {"subscriber_name": "bob", "subscriber_token": PAIR | {"access_token": wrong}}
    with pytest.raises(errors.BadReplyError, match="Expected `str`") as caught:
        responses.read_tokens(answer(envelope(data)))
    assert "two" not in str(caught.value)


def test_an_answer_shows_neither_its_body_nor_its_headers():
    shown = answer(b"refresh.one.x", cookie="session")
    for text in (repr(shown), str(shown.body), f"{shown.body}", f"{shown}"):
        assert "refresh" not in text
        assert "session" not in text


def jwt(**claims: object) -> Secret:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return Secret(f"eyJhbGciOiJIUzI1NiJ9.{middle}.signature")


def test_a_token_s_end_is_read_from_its_claims():
    assert responses.expiry(jwt(exp=1576747999)) == datetime(2019, 12, 19, 9, 33, 19, tzinfo=UTC)
    assert responses.expiry(jwt(exp=1576747999.5, sub="ü" * 3)) is not None


@pytest.mark.parametrize(
    "token",
    [
        Secret(""),
        Secret("a"),
        Secret("a.b.c"),
        Secret("..."),
        Secret("a.ü.c"),
        jwt(),
        jwt(exp="soon"),
        jwt(exp=None),
        jwt(exp=1e300),
        jwt(exp=-1e18),
        Secret("a.bnVsbA.c"),
        Secret("a.W10.c"),
    ],
)
def test_what_is_no_token_has_no_end(token):
    assert responses.expiry(token) is None


def test_the_server_s_time_is_its_date_header():
    assert answer(b"", date="Tue, 19 Nov 2019 17:44:17 GMT").server_time == datetime(
        2019, 11, 19, 17, 44, 17, tzinfo=UTC
    )
    assert answer(b"", date="yesterday").server_time is None
    assert answer(b"").server_time is None


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        ({"status": None}, ("bob", "null", None)),
        ({"status": 7}, ("bob", "7", None)),
        ({"subscriber_name": 7}, ("7", "active", None)),
        ({"custom_field": [1]}, ("bob", "active", "[1]")),
    ],
    ids=str,
)
def test_one_odd_subscriber_makes_no_page_unreadable(odd, shown):
    lacking = {name: value for name, value in (BOB | odd).items() if value is not None}
    for subscriber in (BOB | odd, lacking):
        content = json.loads(items("ann", "eve"))
        content["response"].append(content["response"][0] | {"data": subscriber})
        page, _ = responses.read_page(answer(json.dumps(content).encode()), 0)
        last = page.rows[2]
        assert page.names == ["ann", "eve", shown[0]]
        assert (last.subscriber_name, last.status, last.custom_field) == shown


@pytest.mark.parametrize("code", [207, 422])
def test_a_refusal_may_name_nothing_but_the_subscriber(code):
    error = {"code": 1, "message": "quota used up", "description": None}
    refused = {"code": 422, "status": "failure", "error_data": error, "data": {"subscriber_name": "ann"}}
    body = json.dumps({"request_id": "0", "http_code": code, "response": [refused]}).encode()
    if code == 207:
        (item,), _ = responses.read_items(answer(body, code))
    else:
        (item,) = responses.read_failure(answer(body, code)).items
    assert (item.code, item.data.subscriber_name, item.error_data.message) == (422, "ann", "quota used up")
