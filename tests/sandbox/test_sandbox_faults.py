"""Faults on demand: each does what it says, writes down what was really done, and comes again with the same seed."""

import itertools
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests

from exotel_frames.sandbox import Faults, SandboxServer

LOST = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
NUMBERS = itertools.count()


def outcome(call, *names: str) -> str:
    """Send a create call and tell how it looked to the client."""
    try:
        answer = call.create(*names)
    except LOST as error:
        return type(error).__name__
    kind = answer.headers.get("Content-Type", "nothing")
    return (
        f"{answer.status_code} {kind} {len(answer.json()['response'])}"
        if is_whole(answer)
        else f"{answer.status_code} {kind}"
    )


def is_whole(answer: requests.Response) -> bool:
    try:
        return answer.status_code == 207 and bool(answer.json())
    except requests.exceptions.JSONDecodeError:
        return False


def outcomes(call, count: int) -> list[str]:
    return [outcome(call, *(f"n{next(NUMBERS)}" for _ in range(5))) for _ in range(count)]


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_dropped_connection_answers_nothing_and_the_log_knows_whether_it_was_done(box, call, fault):
    box.set_faults({fault: 1})
    assert set(outcomes(call, 12)) == {"ConnectionError"}
    entries = [entry for entry in box.log if entry.call == "create"]
    assert {(entry.faults, entry.http_code) for entry in entries} == {((fault,), None)}
    assert {entry.committed == entry.names for entry in entries} == {fault == "drop_after"}
    assert len(box.subscribers()) == (60 if fault == "drop_after" else 0)


def test_a_dropped_connection_ends_in_a_reset_or_in_good_order(box):
    box.set_faults(drop_before=1)
    ends = set()
    for number in range(12):
        with socket.create_connection((box.host, box.port), timeout=10) as connection:
            connection.sendall(
                f"GET /v2/accounts/sandbox1/subscribers?{number} HTTP/1.1\r\nHost: [::1]:80\r\n\r\n".encode()
            )
            try:
                ends.add(connection.recv(10))
            except ConnectionResetError:
                ends.add("reset")
    assert ends == {"reset", b""}


def test_an_error_before_the_write_is_a_5xx_of_html_or_nothing_and_does_nothing(box, call):
    box.set_faults(error_before=1)
    seen = set(outcomes(call, 40))
    assert seen == {f"{code} {kind}" for code in (500, 502, 503) for kind in ("text/html", "nothing")}
    assert box.subscribers() == []


def test_an_error_after_the_write_is_a_504_and_the_write_is_done(box, call):
    box.set_faults(error_after=1)
    assert set(outcomes(call, 20)) == {"504 text/html", "504 nothing"}
    assert len(box.subscribers()) == 100


def test_a_cut_body_comes_with_and_without_its_length_and_the_write_is_done(box, call):
    box.set_faults(truncate=1)
    assert set(outcomes(call, 12)) == {"ChunkedEncodingError", "207 application/json"}
    assert len(box.subscribers()) == 60
    assert {entry.faults for entry in box.log} == {("truncate",)}


def test_a_shuffled_207_has_the_same_items_in_another_order(box, call):
    box.set_faults(shuffle=1)
    for number in range(10):
        names = [f"a{number}", f"b{number}"]
        items = call.create(*names).json()["response"]
        assert [item["data"]["subscriber_name"] for item in items] == names[::-1]


def test_a_short_207_lacks_items_and_says_nothing_of_it(box, call):
    box.set_faults(short=1)
    answers = [call.create(*(f"n{next(NUMBERS)}" for _ in range(5))).json() for _ in range(30)]
    assert {len(answer["response"]) for answer in answers} == {0, 1, 2, 3, 4}
    assert {answer["metadata"]["success"] for answer in answers} == {5}
    assert len(box.subscribers()) == 150


def test_a_spurious_429_does_nothing_and_carries_the_retry_after_it_was_told(box, call):
    box.set_faults(rate429=1, retry_after="soon")
    answer = call.create("bob")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "soon")
    assert answer.json()["RestException"]["Code"] == "RATE_LIMIT_EXCEEDED"
    assert box.subscribers() == []


def test_the_first_create_answer_alone_can_be_dropped(box, call):
    box.add("eve")
    box.set_faults(drop_after=1, only={"create"}, limit=1)
    assert call("GET", "/subscribers/eve").status_code == 200
    assert outcome(call, "bob") == "ConnectionError"
    assert outcome(call, "bob") == "207 application/json 1"
    assert call("DELETE", "/subscribers/bob").status_code == 204


def test_a_fault_that_cannot_strike_a_call_does_not_use_up_the_limit(box, call):
    box.set_faults(shuffle=1, limit=1)
    call("GET", "/subscribers")
    assert [item["data"]["subscriber_name"] for item in call.create("a", "b").json()["response"]] == ["b", "a"]
    assert [item["data"]["subscriber_name"] for item in call.create("c", "d").json()["response"]] == ["c", "d"]


def test_faults_end_when_they_are_set_to_nothing(box, call):
    box.set_faults(drop_before=1)
    assert outcome(call, "bob") == "ConnectionError"
    box.set_faults()
    assert outcome(call, "bob") == "207 application/json 1"


MIXED = Faults(
    drop_before=0.1,
    drop_after=0.1,
    error_before=0.1,
    error_after=0.1,
    truncate=0.1,
    shuffle=0.1,
    short=0.1,
    rate429=0.1,
)


def struck(seed: int, workers: int, rounds: int = 60) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return which faults struck which request."""
    with SandboxServer(subscribers=0, seed=seed, faults=MIXED) as box, requests.Session() as session:
        session.auth = (box.api_key, box.api_token)

        def create(number: int) -> None:
            body = {"subscribers": [{"subscriber_name": f"{letter}{number}"} for letter in "abc"]}
            with suppress(*LOST):
                session.post(f"{box.base_url}/v2/accounts/sandbox1/subscribers", json=body, timeout=10)

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(create, range(rounds)))
        return {entry.names: entry.faults for entry in box.log}


def test_the_same_seed_strikes_the_same_requests_however_many_threads_there_are():
    one = struck(seed=3, workers=1)
    assert one == struck(seed=3, workers=8)
    assert one != struck(seed=4, workers=1)
    assert {name for faults in one.values() for name in faults} == {
        *("drop_before", "drop_after", "error_before", "error_after", "truncate", "shuffle", "short", "rate429")
    }


def test_a_request_that_is_repeated_is_drawn_for_anew(box, call):
    box.set_faults(error_before=0.5)
    codes = [call("GET", "/subscribers").status_code == 200 for _ in range(40)]
    assert 8 < sum(codes) < 32


def test_churn_inserts_and_deletes_while_a_listing_runs_and_the_log_tells(box, call):
    box.add(*(f"s{at}" for at in range(50)))
    box.set_faults(churn_inserts=0.5, churn_deletes=1.5)
    for number in range(20):
        call("GET", f"/subscribers?page_size=5&offset={number}")
    churned = [entry for entry in box.log if entry.method == "CHURN"]
    came = [name for entry in churned if entry.call == "add" for name in entry.committed]
    gone = [name for entry in churned if entry.call == "remove" for name in entry.committed]
    assert 3 <= len(came) <= 17
    assert 23 <= len(gone) <= 37
    assert len(box.subscribers()) == 50 + len(came) - len(gone)
    call("GET", "/subscribers/s1")
    assert [entry for entry in box.log if entry.method == "CHURN"] == churned


def test_unstable_ties_change_order_within_a_second_and_nowhere_else(box, call, clock):
    for second in range(3):
        clock.now += 1
        box.add(*(f"t{second}x{at}" for at in range(10)))
    box.set_faults(unstable_ties=True)
    listings = [call.names() for _ in range(5)]
    assert len({tuple(listing) for listing in listings}) == 5
    for listing in listings:
        assert sorted(listing) == sorted(row["subscriber_name"] for row in box.subscribers())
        assert [name[:2] for name in listing] == ["t2"] * 10 + ["t1"] * 10 + ["t0"] * 10


def test_a_page_of_unstable_ties_is_cut_where_a_stable_one_is(box, call, clock):
    box.add(*(f"old{at}" for at in range(10)))
    clock.now += 1
    box.add(*(f"new{at}" for at in range(10)))
    box.set_faults(unstable_ties=True)
    page = call.names("offset=5&page_size=10")
    assert [name[:3] for name in page] == ["new"] * 5 + ["old"] * 5
    assert call.names("offset=20") == []


def test_a_slow_call_is_done_though_the_client_has_gone(box):
    box.set_faults(latency_s=0.2)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{box.base_url}/v2/accounts/sandbox1/subscribers",
            json={"subscribers": [{"subscriber_name": "bob"}]},
            auth=(box.api_key, box.api_token),
            timeout=0.05,
        )
    assert box.subscribers() == []
    box.stop()  # lets what it has begun come to its end
    assert [row["subscriber_name"] for row in box.subscribers()] == ["bob"]


def test_a_slow_answer_comes_after_the_write(box):
    box.set_faults(answer_latency_s=(5, 6))
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{box.base_url}/v2/accounts/sandbox1/subscribers",
            json={"subscribers": [{"subscriber_name": "bob"}]},
            auth=(box.api_key, box.api_token),
            timeout=0.2,
        )
    assert [row["subscriber_name"] for row in box.subscribers()] == ["bob"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"drop_after": 2}, "drop_after=2"),
        ({"shuffle": -0.1, "short": 1.1}, "short=1.1"),
        ({"latency_s": -1}, "latency_s"),
        ({"latency_s": (2, 1)}, "latency_s"),
        ({"limit": -1}, "limit"),
        ({"only": {"creat"}}, "'creat'"),
        ({"drop": 1}, "no such faults: drop"),
    ],
)
def test_faults_that_cannot_be_are_refused_by_name(wrong, reason):
    with pytest.raises(ValueError, match=reason.replace("(", "[(]")):
        SandboxServer(faults=wrong)
