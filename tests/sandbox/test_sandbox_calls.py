"""What each of the six calls does: API.md, statement by statement."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

import pytest
import requests


def data(answer: requests.Response) -> dict:
    return answer.json()["response"]["data"]


def codes(answer: requests.Response) -> list[int]:
    return [item["code"] for item in answer.json()["response"]]


def test_items_of_a_207_come_in_the_order_of_the_request_each_with_its_own_code(box, call):
    box.add("nidhi")
    answer = call.create("archit", "nidhi", "bob", "no good")
    assert answer.status_code == 207
    assert codes(answer) == [200, 409, 200, 400]
    assert answer.json()["metadata"] == {"failed": 2, "success": 2}
    assert [item["error_data"] and item["error_data"]["code"] for item in answer.json()["response"]] == [
        None,
        1008,
        None,
        1002,
    ]
    assert {row["subscriber_name"] for row in box.subscribers()} == {"nidhi", "archit", "bob"}


def test_a_name_repeated_in_one_request_is_created_once_and_is_a_duplicate_after_that(box, call):
    assert codes(call.create("bob", "bob", "bob")) == [200, 409, 409]
    assert len(box.subscribers()) == 1


def test_names_are_case_sensitive(call):
    assert codes(call.create("AlexBourton", "alexBourton")) == [200, 200]


@pytest.mark.parametrize("name", ["", "a b", "bob\n", "a" * 17, "é", "\uff17", "bob-1", "x²", "\u00a0bob", "bo\x00b"])
def test_a_name_that_breaks_the_rule_fails_its_own_item_only(box, call, name):
    answer = call.create(name, "good")
    assert codes(answer) == [400, 200]
    assert [row["subscriber_name"] for row in box.subscribers()] == ["good"]


@pytest.mark.parametrize("name", ["a", "0", "A" * 16, "007", "1E5", "TRUE", "null", "constructor"])
def test_every_legal_name_can_be_created_read_and_deleted(call, name):
    assert codes(call.create(name)) == [200]
    assert data(call("GET", f"/subscribers/{name}"))["subscriber_name"] == name
    assert call("DELETE", f"/subscribers/{name}").status_code == 204
    assert call("GET", f"/subscribers/{name}").status_code == 404


def test_a_custom_field_left_out_stays_and_null_or_empty_clears_it(box, call):
    for cleared in (None, ""):
        box.add("bob", custom_field="support")
        assert data(call("PUT", "/subscribers/bob", json={"status": "active"}))["custom_field"] == "support"
        assert (
            data(call("PUT", "/subscribers/bob", json={"status": "active", "custom_field": cleared}))["custom_field"]
            is None
        )
        box.remove("bob")


def test_an_empty_custom_field_is_created_as_none(call):
    items = [{"subscriber_name": "bob", "custom_field": ""}, {"subscriber_name": "nidhi", "custom_field": None}]
    answer = call("POST", "/subscribers", json={"subscribers": items})
    assert [item["data"]["custom_field"] for item in answer.json()["response"]] == [None, None]


def test_any_text_survives_in_a_custom_field(call):
    text = '=1+1, "quoted"\n\tसहायता \U0001f642 \x00'
    call("POST", "/subscribers", json={"subscribers": [{"subscriber_name": "bob", "custom_field": text}]})
    assert data(call("GET", "/subscribers/bob"))["custom_field"] == text


def test_date_updated_moves_on_every_successful_put_and_date_created_never(call, clock):
    created = data(call("GET", "/subscribers/bob")) if call.create("bob") else None
    clock.now += 61.9
    changed = data(call("PUT", "/subscribers/bob", json={"status": "active"}))
    assert changed["date_created"] == created["date_created"] == "2019-11-19T23:14:17+05:30"
    assert changed["date_updated"] == "2019-11-19T23:15:18+05:30"
    assert call("PUT", "/subscribers/bob", json={"status": "asleep"}).status_code == 400
    assert data(call("GET", "/subscribers/bob")) == changed


def test_deleting_twice_is_a_404_the_second_time(call):
    call.create("bob")
    first, second = call("DELETE", "/subscribers/bob"), call("DELETE", "/subscribers/bob")
    assert (first.status_code, first.content) == (204, b"")
    assert "Content-Length" not in first.headers
    assert (second.status_code, second.json()["response"]["error_data"]["code"]) == (404, 1000)


def test_the_listing_is_newest_first_and_ties_keep_the_reverse_order_of_creation(call, clock):
    call.create("first", "second")
    call.create("third")
    clock.now += 1
    call.create("fourth")
    assert call.names() == ["fourth", "third", "second", "first"]


def test_pages_link_to_their_neighbours_and_the_last_one_to_none(box, call):
    box.add(*(f"s{at}" for at in range(10)))
    first, middle, last = (call("GET", f"/subscribers?offset={at}&page_size=4").json()["metadata"] for at in (0, 2, 6))
    base = f"/v2/accounts/{box.account_sid}/subscribers?offset="
    assert first == {
        "prev_page_uri": None,
        "next_page_uri": f"{base}4&page_size=4",
        "first_page_uri": f"{base}0&page_size=4",
    }
    assert (middle["prev_page_uri"], middle["next_page_uri"]) == (f"{base}0&page_size=4", f"{base}6&page_size=4")
    assert (last["prev_page_uri"], last["next_page_uri"]) == (f"{base}2&page_size=4", None)


def test_following_the_links_visits_everyone_once(box, call):
    box.add(*(f"s{at}" for at in range(25)))
    seen, path = [], f"/v2/accounts/{box.account_sid}/subscribers?page_size=7"
    while path:
        page = call.session.get(box.base_url + path, timeout=10).json()
        seen += [item["data"]["subscriber_name"] for item in page["response"]]
        path = page["metadata"]["next_page_uri"]
    assert seen == [row["subscriber_name"] for row in box.subscribers()]


def test_an_offset_past_the_end_gives_an_empty_page(box, call):
    box.add("bob")
    page = call("GET", "/subscribers?offset=100").json()
    assert page["response"] == []
    assert page["metadata"]["next_page_uri"] is None


def test_a_page_has_100_subscribers_unless_fewer_are_asked_for(box, call):
    box.add(*(f"s{at}" for at in range(101)))
    assert len(call.names()) == 100
    assert len(call.names("page_size=1")) == 1
    assert len(call.names("offset=100")) == 1


def test_the_status_filter_keeps_the_order_and_stays_in_the_links(box, call):
    box.add("a", "b", "c", "d", "e")
    for name in ("d", "b"):
        call("PUT", f"/subscribers/{name}", json={"status": "inactive"})
    assert call.names("status=inactive") == ["d", "b"]
    assert call.names("status=active") == ["e", "c", "a"]
    page = call("GET", "/subscribers?status=active&page_size=2").json()
    assert page["metadata"]["next_page_uri"].endswith("?offset=2&page_size=2&status=active")
    call("PUT", "/subscribers/d", json={"status": "active"})
    assert call.names("status=active") == ["e", "d", "c", "a"]


def test_unknown_fields_and_parameters_are_ignored(call):
    item = {"subscriber_name": "bob", "colour": "red", "status": "inactive"}
    assert codes(call("POST", "/subscribers", json={"subscribers": [item], "dry_run": True})) == [200]
    assert (
        data(call("PUT", "/subscribers/bob", json={"status": "active", "subscriber_name": "eve"}))["subscriber_name"]
        == "bob"
    )
    assert call.names("page=2&colour=red") == ["bob"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON ;charset=UTF-8"]
)
def test_json_may_be_said_in_any_case_and_with_a_charset(box, call, kind):
    box.add("bob")
    answer = call("PUT", "/subscribers/bob", data=b'{"status": "inactive"}', headers={"Content-Type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("platform", ["android", "Android", "ios", "iOS", "IOS"])
def test_a_platform_is_understood_in_any_case(box, call, platform):
    box.add("bob")
    body = {"platform": platform, "device_id": "2fc4b5912826ad1", "subscriber_name": "bob"}
    assert call("POST", "/subscriber-token", json=body).status_code == 200


def test_there_is_no_token_for_an_unknown_subscriber_and_none_for_an_inactive_one(box, call):
    box.add("bob", status="inactive")
    body = {"platform": "ios", "device_id": "x"}
    unknown = call("POST", "/subscriber-token", json={**body, "subscriber_name": "eve"})
    inactive = call("POST", "/subscriber-token", json={**body, "subscriber_name": "bob"})
    assert (unknown.status_code, unknown.json()["response"]["error_data"]["code"]) == (404, 1000)
    assert (inactive.status_code, inactive.json()["response"]["error_data"]["code"]) == (403, 1003)
    assert inactive.json()["response"]["error_data"]["message"] == "Authorization failed"


def test_a_token_is_signed_with_hmac_sha256(box, call):
    box.add("bob")
    body = {"platform": "ios", "device_id": "x", "subscriber_name": "bob"}
    token = data(call("POST", "/subscriber-token", json=body))["subscriber_token"]["access_token"]
    text, _, signature = token.rpartition(".")
    expected = hmac.new(box.api_token.encode(), text.encode(), hashlib.sha256).digest()
    assert signature == urlsafe_b64encode(expected).rstrip(b"=").decode()
