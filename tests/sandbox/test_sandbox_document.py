"""The document's own exchanges, replayed: what the sandbox answers has the shape of what the document shows."""

import json
import re
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
import requests

from exotel_frames.sandbox import SandboxServer

SAMPLES = json.loads((Path(__file__).parents[1] / "wire" / "wire_samples.json").read_text(encoding="utf-8"))
SENT_AT = {"update": 1_574_228_618.0}  # 2019-11-20T11:13:38+05:30
FREE = {
    re.compile("[0-9a-f]{32}"): "a request id",
    re.compile(r"[\w-]+\.[\w-]+\.[\w-]+"): "a token",
    re.compile(r"2019-11-19T23:14:1[78]\+05:30"): "the second of creation",  # the sample's three took two seconds
}


def before(sample) -> list[dict]:
    """Return the subscribers, oldest first, that must exist for the exchange to go as the document says."""
    call, answer = sample["call"], sample["response"]
    if call in {"update", "get"}:
        return [
            {**answer["body"]["response"]["data"], "status": "active"}
            if call == "update"
            else answer["body"]["response"]["data"]
        ]
    if call == "list":
        shown = [item["data"] for item in reversed(answer["body"]["response"])]
        older = [{"subscriber_name": f"older{at}", "date_created": "2019-12-01T00:00:00+05:30"} for at in range(2)]
        newer = [{"subscriber_name": f"newer{at}", "date_created": "2019-12-31T00:00:00+05:30"} for at in range(9)]
        return older + shown + newer
    name = {"create_token": "archit", "delete": "shyam"}.get(call)
    return [{"subscriber_name": name}] if name and answer["http"] < 400 else []


def shape(value):
    """Replace what is free to differ."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return next((said for pattern, said in FREE.items() if isinstance(value, str) and pattern.fullmatch(value)), value)


def claims(token: str) -> dict:
    payload = token.split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def replay(sample, clock) -> requests.Response:
    account_sid = sample["request"]["path"].split("/")[3]
    with SandboxServer(subscribers=0, account_sid=account_sid, clock=clock) as box:
        for row in before(sample):
            box.add(
                row["subscriber_name"],
                **{key: row[key] for key in ("status", "custom_field", "date_created", "date_updated") if key in row},
            )
        clock.now = SENT_AT.get(sample["call"], clock.now)
        request = sample["request"]
        return requests.request(
            request["method"],
            box.base_url + request["path"],
            json=request["body"],
            auth=(box.api_key, box.api_token),
            timeout=10,
        )


@pytest.mark.parametrize("sample", SAMPLES, ids=[f"{each['call']}-{each['response']['http']}" for each in SAMPLES])
def test_an_exchange_of_the_document_is_answered_as_the_document_says(sample, clock):
    answer = replay(sample, clock)
    assert answer.status_code == sample["response"]["http"]
    body = answer.json() if answer.content else None
    assert shape(body) == shape(sample["response"]["body"])
    assert json.dumps(shape(body)) == json.dumps(shape(sample["response"]["body"]))  # the keys come in its order too


def test_the_tokens_have_the_claims_of_the_documents_tokens_and_the_lifetimes_it_states(clock):
    sample = next(each for each in SAMPLES if each["call"] == "create_token")
    said = sample["response"]["body"]["response"]["data"]["subscriber_token"]
    made = replay(sample, clock).json()["response"]["data"]["subscriber_token"]
    for kind, life_s in (("refresh_token", 24 * 3600), ("access_token", 30 * 60)):
        ours, theirs = claims(made[kind]), claims(said[kind])
        assert ours.keys() == theirs.keys()
        assert {type(value) for value in ours.values()} == {type(value) for value in theirs.values()}
        assert ours["sub"] == "archit"
        assert ours["exp"] - ours["iat"] == life_s
        assert ours["iat"] == int(clock.now)
    assert claims(made["access_token"])["scope"] == "voice"
