"""Each variant of the table of behaviours, seen by a plain HTTP caller."""

import json
import re
import subprocess
import sys
from email.utils import parsedate_to_datetime

import pytest
import requests

from exotel_frames.sandbox import BEHAVIORS, SandboxServer
from exotel_frames.sandbox.behaviors.choose import choose
from tests.sandbox.conftest import NOON, Clock
from tests.slow import but_slow

CASES = {}


def shows(behavior, *variants, **options):
    """Say of which variants a function is the test; it is called with a `Service` that behaves so, and the variant."""

    def keep(case):
        for variant in variants:
            assert (behavior, variant) not in CASES
            CASES[behavior, variant] = (case, options)
        return case

    return keep


class Service:
    def __init__(self, behavior, **options) -> None:
        self.clock = Clock()
        self.box = SandboxServer(**{"subscribers": 0, **options}, clock=self.clock, behavior=behavior)

    def send(self, method, path, body=None) -> requests.Response:
        url = f"{self.box.base_url}/v2/accounts/{self.box.account_sid}{path}"
        return requests.request(method, url, json=body, auth=(self.box.api_key, self.box.api_token), timeout=10)

    def post(self, *names, **fields) -> requests.Response:
        return self.send(
            "POST", "/subscribers", {"subscribers": [{"subscriber_name": name, **fields} for name in names]}
        )

    def put(self, name, **body) -> requests.Response:
        return self.send("PUT", f"/subscribers/{name}", body)

    def get(self, name) -> dict:
        return data(self.send("GET", f"/subscribers/{name}"))

    def page(self, query="") -> requests.Response:
        return self.send("GET", f"/subscribers?{query}")

    def truth(self, name) -> dict:
        return next(row for row in self.box.subscribers() if row["subscriber_name"] == name)


def data(answer):
    found = answer.json()["response"]
    return [item["data"] for item in found] if isinstance(found, list) else found["data"]


def names(answer):
    return [row["subscriber_name"] for row in data(answer)]


def codes(answer):
    return [item["code"] for item in answer.json()["response"]]


def refusal(answer):
    return answer.status_code, answer.json()["response"]["error_data"]["code"]


TEXTS = {
    "exact": [(" Team\t A ", " Team\t A "), ("", None), (None, None), ("é", "é"), ("<b>\r\n", "<b>\r\n")],
    "trim": [(" team a ", "team a"), ("  ", None)],
    "collapse": [(" a \t\n b", " a b")],
    "cut32": [("x" * 40, "x" * 32)],
    "cut255": [("x" * 300, "x" * 255)],
    "nfc": [("e\u0301", "\u00e9")],
    "lf": [("a\r\nb\n", "a\nb\n")],
    "html": [("a & <b> \"'", "a &amp; &lt;b&gt; &quot;&#x27;")],
    "lower": [("Night SHIFT", "night shift")],
    "null_to_empty": [(None, ""), ("", ""), ("a", "a")],
    "empty_kept": [("", ""), (None, None)],
}


@shows("custom_field", *TEXTS)
def a_text_is_stored_as_the_variant_says_by_post_and_put(service, variant):
    for at, (sent, stored) in enumerate(TEXTS[variant]):
        assert data(service.post(f"made{at}", custom_field=sent))[0]["custom_field"] == stored
        service.post(f"put{at}", custom_field="old")
        assert data(service.put(f"put{at}", status="active", custom_field=sent))["custom_field"] == stored
        assert service.get(f"put{at}")["custom_field"] == service.get(f"made{at}")["custom_field"] == stored


@shows("custom_field", "refuse_over255")
def a_longer_text_is_refused(service, variant):
    assert codes(service.post("bob", custom_field="x" * 256)) == [400]
    assert codes(service.post("bob", custom_field="x" * 255)) == [200]
    assert refusal(service.put("bob", status="active", custom_field="x" * 256)) == (400, 1002)


@shows("custom_field_type", "text", "json", subscribers=30)
def a_text_comes_back_as_a_text_or_as_what_it_reads_as(service, variant):
    sent = ["42", "true", '{"a": 1}', "[1]", "0042", "null", "support"]
    read = [42, True, {"a": 1}, [1], "0042", "null", "support"]
    for at, text in enumerate(sent):
        answered = data(service.post(f"new{at}", custom_field=text))[0]["custom_field"]
        assert answered == service.get(f"new{at}")["custom_field"] == (read if variant == "json" else sent)[at]
    odd = [row for row in data(service.page()) if not isinstance(row["custom_field"], str | None)]
    assert (len(odd) > 4) == (variant == "json")


@shows("new_status", "active", "inactive", "pending")
def a_new_subscriber_has_the_status(service, variant):
    assert data(service.post("bob"))[0]["status"] == service.get("bob")["status"] == variant


@shows("status_missing", "refused", "kept", "activates")
def a_put_without_a_status(service, variant):
    service.box.add("bob", status="inactive")
    answer = service.put("bob", custom_field="x")
    assert answer.status_code == (400 if variant == "refused" else 200)
    assert service.get("bob")["status"] == ("active" if variant == "activates" else "inactive")


@shows("put_without_custom_field", "keeps", "clears")
def a_put_without_a_custom_field(service, variant):
    service.post("bob", custom_field="support")
    assert data(service.put("bob", status="inactive"))["custom_field"] == ("support" if variant == "keeps" else None)


@shows("put_without_change", "moves", "stays")
def a_put_that_changes_nothing_and_one_that_changes_something(service, variant):
    service.post("bob", custom_field="support")
    service.clock.now += 5
    same = data(service.put("bob", status="active", custom_field="support"))
    assert (same["date_updated"] != same["date_created"]) == (variant == "moves")
    other = data(service.put("bob", status="inactive", custom_field="support"))
    assert other["date_updated"] != other["date_created"]


@shows("repeated_create", "409", "200")
def a_name_that_exists_and_one_that_is_there_twice(service, variant):
    service.post("bob", custom_field="first")
    answer = service.post("bob", "eve", "eve", custom_field="second")
    assert codes(answer) == ([409, 200, 409] if variant == "409" else [200, 200, 200])
    assert service.get("bob")["custom_field"] == "first"
    assert len(service.box.subscribers()) == 2
    assert service.box.log[1].committed == ("eve",)


@shows("create_after_delete", "allowed", "refused")
def a_name_that_was_deleted(service, variant):
    service.post("bob")
    service.send("DELETE", "/subscribers/bob")
    assert codes(service.post("bob", "eve")) == [200 if variant == "allowed" else 409, 200]


@shows("case_twins", "two", "refused")
def two_names_that_differ_in_case(service, variant):
    service.post("bob")
    assert codes(service.post("BOB", "eve", "Eve")) == ([200] * 3 if variant == "two" else [409, 200, 409])


@shows("post_code", "207", "200", "201")
def the_code_of_a_create_call(service, variant):
    answer = service.post("bob", "bob")
    assert (answer.status_code, answer.json()["http_code"], codes(answer)) == (int(variant), int(variant), [200, 409])


@shows("post_refusal", "item", "items_in_4xx", "all_or_nothing", "whole_post")
def a_create_call_with_one_bad_item(service, variant):
    answer = service.post("bob", "not_legal", "eve")
    listed = {"item": [200, 400, 200], "items_in_4xx": [200, 400, 200], "all_or_nothing": [424, 400, 424]}
    assert answer.status_code == (207 if variant == "item" else 400)
    if variant == "whole_post":
        assert refusal(answer) == (400, 1002)
    else:
        assert codes(answer) == listed[variant]
    made = ["eve", "bob"] if variant in {"item", "items_in_4xx"} else []
    assert [row["subscriber_name"] for row in service.box.subscribers()] == made
    assert service.post("ann").status_code == 207


@shows("items_order", "as_sent", "reversed", "failed_last")
def the_order_of_the_items(service, variant):
    service.box.add("eve")
    order = {"as_sent": [200, 409, 200], "reversed": [200, 409, 200], "failed_last": [200, 200, 409]}
    answer = service.post("bob", "eve", "ann")
    assert codes(answer) == order[variant]
    assert data(answer)[0]["subscriber_name"] == ("ann" if variant == "reversed" else "bob")


@shows("failed_items", "nameless", "named")
def an_item_that_failed(service, variant):
    failed = data(service.post("bob", "bob"))[1]
    assert failed == (None if variant == "nameless" else {"subscriber_name": "bob"})


@shows("echo", "exact", "lower", "upper")
def the_name_in_an_answer_to_a_create_call(service, variant):
    echoed = {"exact": "Bob", "lower": "bob", "upper": "BOB"}
    assert names(service.post("Bob")) == [echoed[variant]]
    assert service.get("Bob")["subscriber_name"] == "Bob"


@shows("delete_again", "404", "204")
def a_second_delete(service, variant):
    service.post("bob")
    first, second = service.send("DELETE", "/subscribers/bob"), service.send("DELETE", "/subscribers/bob")
    assert (first.status_code, second.status_code) == (204, int(variant))
    assert [entry.committed for entry in service.box.log[1:]] == [("bob",), ()]


@shows("protected_row", "none", "403", "423")
def the_oldest_subscriber(service, variant):
    service.post("old", "new")
    assert service.send("DELETE", "/subscribers/new").status_code == 204
    expected = 200 if variant == "none" else int(variant)
    assert service.put("old", status="inactive").status_code == expected
    assert service.send("DELETE", "/subscribers/old").status_code == (204 if variant == "none" else int(variant))


@shows("token_inactive", "refused", "given")
def a_token_for_an_inactive_subscriber(service, variant):
    service.box.add("bob", status="inactive")
    body = {"platform": "android", "device_id": "2fc4", "subscriber_name": "bob"}
    assert service.send("POST", "/subscriber-token", body).status_code == (403 if variant == "refused" else 200)


@shows("order", "newest", "oldest", "name")
def the_order_of_a_listing(service, variant):
    for name in ("mia", "bob", "zoe", "ann"):
        service.box.add(name)
        service.clock.now += 1
    order = {"newest": ["ann", "zoe", "bob", "mia"], "oldest": ["mia", "bob", "zoe", "ann"]}
    expected = order.get(variant, ["ann", "bob", "mia", "zoe"])
    assert names(service.page()) == expected
    assert names(service.page("page_size=2")) + names(service.page("page_size=2&offset=2")) == expected


@shows("ties", "stable", "unstable")
def subscribers_of_one_second(service, variant):
    service.box.add(*(f"n{at}" for at in range(9)))
    seen = {tuple(names(service.page())) for _ in range(9)}
    assert (len(seen) > 1) == (variant == "unstable")
    assert all(sorted(page) == [f"n{at}" for at in range(9)] for page in seen)


PAGES = {
    "refused": {100: 100, 101: None, "": 100},
    "clamped": {100: 100, 101: 100, 5000: 100, "": 100},
    "raised": {101: 101, 1000: 120, 1001: None, "": 100},
    "clamped50": {49: 49, 100: 50, "": 50},
    "refused50": {50: 50, 51: None, "": 50},
}


@shows("page_cap", *PAGES, subscribers=120)
def a_page_size(service, variant):
    for size, shown in PAGES[variant].items():
        answer = service.page(f"page_size={size}" if size else "")
        assert (len(names(answer)) if answer.ok else None) == shown
    assert service.page("page_size=0").status_code == 400


@shows("pages", "full", "short", "empty_first", subscribers=25)
def pages_followed_by_their_links(service, variant):
    sizes, found, path = [], [], "/subscribers?page_size=9"
    while path:
        answer = service.send("GET", path)
        sizes.append(len(names(answer)))
        found += names(answer)
        path = (answer.json()["metadata"]["next_page_uri"] or "").replace(f"/v2/accounts/{service.box.account_sid}", "")
    expected = {"full": [9, 9, 7], "short": [6, 6, 6, 6, 1], "empty_first": [0, 9, 9, 7]}
    assert sizes == expected[variant]
    assert found == [row["subscriber_name"] for row in service.box.subscribers()]


@shows("links", "paths", "null", "absent", "absolute", "to_empty_page", subscribers=5)
def the_links_of_a_listing(service, variant):
    first, last = (service.page(f"page_size=3&offset={offset}").json() for offset in (0, 3))
    if variant == "absent":
        assert "metadata" not in first
        return
    start = service.box.base_url if variant == "absolute" else ""
    path = f"{start}/v2/accounts/{service.box.account_sid}/subscribers?offset="
    following = {"null": None}.get(variant, f"{path}3&page_size=3")
    assert first["metadata"]["next_page_uri"] == following
    assert last["metadata"]["next_page_uri"] == (f"{path}5&page_size=3" if variant == "to_empty_page" else None)
    behind = service.page("page_size=3&offset=5").json()
    assert (behind["response"], behind["metadata"]["next_page_uri"]) == ([], None)


@shows("offset_past_end", "empty", "400", "404", subscribers=5)
def an_offset_past_the_end(service, variant):
    for offset in (5, 500):
        assert service.page(f"offset={offset}").status_code == (200 if variant == "empty" else int(variant))
    assert service.page("offset=4").status_code == 200


@shows("status_filter", "honoured", "ignored", "refused")
def a_listing_of_inactive_ones(service, variant):
    service.box.add("bob", "eve")
    service.box.add("ann", status="inactive")
    answer = service.page("status=inactive")
    assert (answer.ok and len(names(answer))) == {"honoured": 1, "ignored": 3, "refused": False}[variant]
    assert len(names(service.page())) == 3


DATES = {
    "offset": "2019-11-19T23:14:17+05:30",
    "utc": "2019-11-19T17:44:17Z",
    "millis": "2019-11-19T23:14:17.000+05:30",
    "no_offset": "2019-11-19 23:14:17",
    "rfc2822": "Tue, 19 Nov 2019 23:14:17 +0530",
    "epoch": 1574185457,
}


@shows("dates", *DATES)
def how_dates_are_written(service, variant):
    answers = [
        data(service.post("bob"))[0],
        service.get("bob"),
        data(service.page())[0],
        data(service.put("bob", status="active")),
    ]
    assert [(row["date_created"], row["date_updated"]) for row in answers] == [(DATES[variant],) * 2] * 4
    assert service.truth("bob")["date_created"] == DATES["offset"]


@shows("date_header", "now", "+2s", "-2s", "+90s", "-90s")
def the_clock_of_the_date_header(service, variant):
    ahead = parsedate_to_datetime(service.page().headers["Date"]).timestamp() - NOON
    assert ahead == int({"now": "0"}.get(variant, variant[:-1]))


@shows("date_header", "absent")
def no_date_header(service, variant):
    assert "Date" not in service.page().headers


@shows("date_header", "backwards")
def a_clock_that_runs_backwards(service, variant):
    first, second = (parsedate_to_datetime(service.page().headers["Date"]) for _ in range(2))
    service.clock.now += 0.5
    third = parsedate_to_datetime(service.page().headers["Date"])
    assert first > second > third


@shows("rate_headers", "sent", "absent", rate_limit=1)
def the_headers_of_a_limit(service, variant):
    let_in, refused = service.page(), service.page()
    assert ("X-RateLimit-Limit" in let_in.headers) == ("X-RateLimit-Limit" in refused.headers) == (variant == "sent")
    assert (refused.status_code, refused.headers["Retry-After"].isdecimal()) == (429, True)


@shows("extra_fields", "none", "present")
def fields_that_are_not_in_the_document(service, variant):
    answer = service.post("bob", "bob").json()
    objects = [answer, answer["metadata"], *answer["response"], answer["response"][0]["data"]]
    objects += [answer["response"][1]["error_data"], service.get("bob")]
    assert {"x_trace" in one for one in objects} == {variant == "present"}


@shows("tenant_dates", "spread", "one_second", subscribers=30)
def when_the_subscribers_were_made(service, variant):
    assert (len({row["date_created"] for row in data(service.page())}) == 1) == (variant == "one_second")


@shows("tenant_status", "known", "odd", subscribers=30)
def the_status_of_the_subscribers(service, variant):
    odd = [row["subscriber_name"] for row in data(service.page()) if row["status"] not in {"active", "inactive"}]
    assert len(odd) == (5 if variant == "odd" else 0)
    for name in odd:
        assert data(service.put(name, status="inactive"))["status"] == "inactive"
    assert set(odd) <= set(names(service.page("status=inactive")))


@shows("tenant_names", "legal", "odd", subscribers=30)
def the_names_of_the_subscribers(service, variant):
    odd = [name for name in names(service.page()) if not re.fullmatch("[0-9A-Za-z]{1,16}", name)]
    assert len(odd) == (10 if variant == "odd" else 0)
    for name in odd:
        quoted = requests.utils.quote(name, safe="")
        assert service.get(quoted)["subscriber_name"] == name
        assert service.send("DELETE", f"/subscribers/{quoted}").status_code == 204


@shows("read_lag", "none", "3s")
def reading_what_was_just_written(service, variant):
    service.box.add("bob")
    service.clock.now += 10
    service.post("eve")
    service.put("bob", status="inactive")
    behind = variant == "3s"
    service.clock.now += 2.9
    assert service.get("bob")["status"] == ("active" if behind else "inactive")
    assert names(service.page("status=inactive")) == ([] if behind else ["bob"])
    assert names(service.page()) == (["bob"] if behind else ["eve", "bob"])
    assert codes(service.post("eve")) == [409]
    service.clock.now += 0.1
    assert names(service.page()) == ["eve", "bob"]
    assert service.get("bob")["status"] == "inactive"
    service.send("DELETE", "/subscribers/eve")
    assert service.send("GET", "/subscribers/eve").status_code == (200 if behind else 404)


@shows("late_writes", "none", "2s")
def writes_whose_answer_was_lost(service, variant):
    sent = [f"late{at}" for at in range(30)]
    first = {name: service.post(name).status_code for name in sent}
    lost = [name for name in sent if first[name] == 504]
    assert lost == (sent[2::3] if variant == "2s" else [])
    assert {row["subscriber_name"] for row in service.box.subscribers()} == set(sent) - set(lost)
    assert all(service.post(name).status_code == 207 for name in lost[:1])
    service.clock.now += 2
    assert {row["subscriber_name"] for row in service.box.subscribers()} == set(sent)
    late = [entry for entry in service.box.log if entry.method == "LATE"]
    assert [(entry.call, entry.names) for entry in late] == [("create", (name,)) for name in lost]
    assert [entry.committed for entry in late] == [() if name in lost[:1] else (name,) for name in lost]


@shows("gateway", "once", "repeats_post", "repeats_delete")
def what_a_gateway_passes_on(service, variant):
    assert codes(service.post("bob")) == [409 if variant == "repeats_post" else 200]
    service.box.add("eve")
    gone = service.send("DELETE", "/subscribers/eve").status_code
    assert gone == (404 if variant == "repeats_delete" else 204)
    assert [row["subscriber_name"] for row in service.box.subscribers()] == ["bob"]
    extra = [(entry.call, entry.committed) for entry in service.box.log if entry.method == "GATEWAY"]
    assert extra == {"repeats_post": [("create", ("bob",))], "repeats_delete": [("delete", ("eve",))]}.get(variant, [])


@pytest.mark.parametrize(
    ("behavior", "variant"),
    but_slow(
        [(each.name, variant) for each in BEHAVIORS for variant in each.variant_names()],
        [(each.name, each.variant_names()[1]) for each in BEHAVIORS],
    ),
)
def test_the_service_behaves_as_the_variant_says(behavior, variant):
    case, options = CASES[behavior, variant]
    service = Service({behavior: variant}, **options)
    with service.box:
        case(service, variant)


def test_every_variant_has_a_sentence_and_a_source():
    assert {each.source for each in BEHAVIORS} == {"documented", "platform", "assumed"}
    assert all(each.about and variant.meaning for each in BEHAVIORS for variant in each.variants)
    assert len({each.name for each in BEHAVIORS}) == len(BEHAVIORS)


def test_numbers_other_than_those_of_the_table_can_be_asked_for():
    service = Service({"custom_field": "cut5", "date_header": "+7s"})
    with service.box:
        answer = service.post("bob", custom_field="support")
        assert data(answer)[0]["custom_field"] == "suppo"
        assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == NOON + 7


def test_several_behaviours_hold_at_once():
    service = Service({"custom_field": "trim", "dates": "epoch", "order": "name", "post_code": "200"})
    with service.box:
        assert service.post("zoe", "ann", custom_field=" x ").status_code == 200
        assert [(row["subscriber_name"], row["custom_field"]) for row in data(service.page())] == [
            ("ann", "x"),
            ("zoe", "x"),
        ]


def test_everything_that_does_not_exist_is_named_in_one_error_with_what_there_is():
    with pytest.raises(ValueError, match="This behaviour can't be") as caught:
        SandboxServer(behavior={"custom_field": "shout", "colour": "red", "dates": "utc"})
    told = str(caught.value)
    assert "custom_field='shout'" in told
    assert "colour='red'" in told
    assert "custom_field is one of exact, trim, collapse, cut32, cut255" in told
    assert all(each.name in told for each in BEHAVIORS)
    assert "utc" not in told


def test_a_number_does_not_stand_for_nothing():
    for wrong in ("cut", "cut-1", "cut 3", "+s"):
        with pytest.raises(ValueError, match="can't be"):
            choose({"custom_field": wrong})


def test_a_process_behaves_as_its_options_say():
    command = ["-m", "exotel_frames", "sandbox"]
    options = ["--subscribers", "0", "--behavior", "custom_field=trim", "--behavior", "new_status=inactive"]
    with subprocess.Popen([sys.executable, *command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[1]
            body = {"subscribers": [{"subscriber_name": "bob", "custom_field": " x "}]}
            answer = requests.post(
                f"{url}/v2/accounts/sandbox1/subscribers", json=body, auth=("sandboxkey", "sandboxtoken"), timeout=10
            )
            assert [(row["custom_field"], row["status"]) for row in data(answer)] == [("x", "inactive")]
        finally:
            process.terminate()


def test_the_document_is_that_of_the_default():
    with SandboxServer() as plain, SandboxServer(behavior={"post_code": "200", "dates": "epoch"}) as other:
        one, two = (requests.get(f"{box.base_url}/openapi.json", timeout=10).content for box in (plain, other))
    assert json.loads(one) == json.loads(two)
