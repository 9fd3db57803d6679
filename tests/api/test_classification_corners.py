"""Corners of what is read from an answer that mutants of the code once got away with."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

import exotel_frames as ef
from exotel_frames.api import wire
from exotel_frames.api.retry import parse_http_date
from exotel_frames.records import Secret


def jwt(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return Secret(f"{part({'alg': 'HS256'})}.{part(claims)}.c2lnbmF0dXJl")


@pytest.mark.parametrize("filler", ["", "x", "xx", "xxx"])
def test_a_tokens_expiry_is_read_whatever_the_length_of_its_claims(filler):
    assert wire.expiry(jwt({"exp": 1_800_000_000, "iss": filler})) == datetime.fromtimestamp(1_800_000_000, UTC)


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
