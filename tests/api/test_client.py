"""The six calls: against the sandbox where it can say it, against a bare socket where it can't."""

import copy
import itertools
import pickle
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from msgspec import UNSET

from exotel_frames import errors
from exotel_frames.api.client import Client
from exotel_frames.api.rate_limit.limiter import Clock, Limiter
from exotel_frames.api.retry import Patience
from exotel_frames.operations.connect import Sandbox, connect
from exotel_frames.records import NewSubscriber, Subscriber
from exotel_frames.settings.sources import settings_from
from tests.api.raw_server import BOB, BRIEF, HASTY, RawServer, answer, envelope, items, refusal
from tests.api.wording import NO_NAME

WHOLE = answer(200, envelope())
CREATED = answer(207, items("bob"))
BUSY = answer(503)
NUMBERS = itertools.count()
ILLEGAL = ["", "..", ".", "a/b", "a?b", "a#b", "a b", "bob\n", "%2e%2e", "é", "a" * 17, None, 7, b"bob"]


@pytest.fixture(scope="module")
def box():
    with Sandbox(subscribers=25, seed=3) as found:
        yield found


@pytest.fixture
def client(box):
    return box.connect()


def fresh() -> str:
    return f"new{next(NUMBERS)}"


@pytest.mark.parametrize("name", ILLEGAL, ids=repr)
def test_a_name_that_is_none_never_reaches_the_wire(name):
    with RawServer(WHOLE) as server:
        client = server.client()
        with pytest.raises(errors.ValidationError, match=NO_NAME):
            client.create([NewSubscriber("fine"), NewSubscriber(name)])
        assert server.connections == 0


@pytest.mark.parametrize("name", ["", ".", "..", "...", "x" * 1001, None, 7], ids=repr)
def test_what_no_path_can_carry_never_reaches_the_wire(name):
    with RawServer(WHOLE) as server:
        client = server.client()
        for call in (
            lambda: client.get(name),
            lambda: client.delete(name),
            lambda: client.update(name, status="active"),
            lambda: client.create_token(name, platform="ios", device_id="d"),
        ):
            with pytest.raises(errors.ValidationError, match=NO_NAME):
                call()
        assert server.connections == 0


@pytest.mark.parametrize("name", ["a/b", "../x", "a?b", "a#b", "a b", "%2e%2e", "é"])
def test_a_name_of_any_form_is_one_part_of_the_path(name):
    with RawServer(answer(200, envelope(BOB | {"subscriber_name": name}))) as server:
        assert server.client().get(name).data.subscriber_name == name
        *_, last = server.requests[0].target.split("/")
        assert (unquote(last), server.requests[0].target.count("/")) == (name, 5)


def test_all_names_that_are_none_are_named_at_once(client):
    with pytest.raises(errors.ValidationError, match=r"^'a b', '' can't be"):
        client.create([NewSubscriber("a b"), NewSubscriber("fine"), NewSubscriber("")])


@pytest.mark.parametrize("count", [0, 11])
def test_a_create_takes_one_to_ten(client, count):
    with pytest.raises(errors.ValidationError, match=f"1 to 10 items, not {count}"):
        client.create([NewSubscriber(fresh()) for _ in range(count)])


def test_half_of_a_character_never_reaches_the_wire(client):
    for call in (
        lambda: client.create([NewSubscriber(fresh(), "\ud83d")]),
        lambda: client.update("bob", status="active", custom_field="\ud83d"),
    ):
        with pytest.raises(errors.ValidationError, match="lone surrogate"):
            call()


def test_create_then_get_tells_the_same(client):
    one, two = fresh(), fresh()
    reply = client.create([NewSubscriber(one, "support"), NewSubscriber(two)])
    assert (reply.http_code, len(reply.request_id or ""), reply.attempts) == (207, 32, 1)
    made = [item.data for item in reply.data]
    assert [(each.subscriber_name, each.status, each.custom_field) for each in made] == [
        (one, "active", "support"),
        (two, "active", None),
    ]
    assert [client.get(name).data for name in (one, two)] == made


def test_a_create_of_an_existing_name_is_an_item_that_says_so(client):
    name = fresh()
    client.create([NewSubscriber(name)])
    (item,) = client.create([NewSubscriber(name)]).data
    assert (item.code, item.error_data.code, item.data) == (409, 1008, None)


def test_an_update_keeps_clears_or_sets_the_custom_field(client):
    name = fresh()
    client.create([NewSubscriber(name, "support")])
    kept = client.update(name, status="inactive").data
    assert (kept.status, kept.custom_field) == ("inactive", "support")
    assert client.update(name, status="inactive", custom_field=UNSET).data.custom_field == "support"
    assert client.update(name, status="active", custom_field="sales").data.custom_field == "sales"
    assert not client.update(name, status="active", custom_field="").data.custom_field
    assert not client.update(name, status="active", custom_field=None).data.custom_field


def test_a_delete_is_for_good(client):
    name = fresh()
    client.create([NewSubscriber(name)])
    reply = client.delete(name)
    assert (reply.data, reply.http_code, reply.request_id) == (None, 204, None)
    for call in (client.get, client.delete):
        with pytest.raises(errors.NotFoundError, match="Subscriber not found") as caught:
            call(name)
        assert (caught.value.code, caught.value.attempts) == (1000, 1)


def test_a_page_has_what_was_asked_for(client, box):
    truth = [row["subscriber_name"] for row in box.subscribers()]
    page = client.list_page(offset=2, page_size=5).data
    assert (page.offset, list(page.names), page.last) == (2, truth[2:7], False)
    assert page.names == [row.subscriber_name for row in page.rows]
    assert page.created == [row.date_created for row in page.rows]
    only = client.list_page(status="inactive").data.rows
    assert [row.subscriber_name for row in only] == [
        row["subscriber_name"] for row in box.subscribers() if row["status"] == "inactive"
    ]


def test_the_pages_one_by_one_are_all(client, box):
    pages = list(client.iter_pages(page_size=7))
    assert [row.subscriber_name for page in pages for row in page] == [
        row["subscriber_name"] for row in box.subscribers()
    ]


def test_a_token_is_for_an_active_subscriber(client):
    name = fresh()
    client.create([NewSubscriber(name)])
    made = client.create_token(name, platform="android", device_id="d1").data
    assert (made.subscriber_name, repr(made.access_token)) == (name, "•••")
    assert made.access_token.reveal().count(".") == 2
    client.update(name, status="inactive")
    with pytest.raises(errors.AuthError) as caught:
        client.create_token(name, platform="android", device_id="d1")
    assert (caught.value.http_code, caught.value.code) == (403, 1003)


def test_each_refusal_of_the_sandbox_is_its_own_error(client, box):
    with pytest.raises(errors.RejectedError, match="answered 400") as caught:
        client.list_page(page_size=101)
    assert (type(caught.value), caught.value.code) == (errors.RejectedError, 1002)
    strangers = {"api_key": "other", "api_token": box.api_token, "account_sid": box.account_sid}
    stranger = Client(settings_from(**strangers, base_url=box.base_url), limiter=Limiter())
    with pytest.raises(errors.AuthError) as caught:
        stranger.get("bob")
    assert (caught.value.http_code, caught.value.code, caught.value.attempts) == (401, 1010, 1)
    assert len(caught.value.request_id or "") == 32


ABOUT_EVE = answer(200, envelope(BOB | {"subscriber_name": "Bob"}))
TOKENS_OF_EVE = envelope({"subscriber_name": "eve", "subscriber_token": {"refresh_token": "r", "access_token": "a"}})


def test_an_answer_about_somebody_else_is_not_taken():
    with RawServer(ABOUT_EVE) as server:
        client = server.client()
        with pytest.raises(errors.BadReplyError, match="about 'Bob', but the request was about 'bob'"):
            client.get("bob")
        with pytest.raises(errors.BadReplyError, match="about 'Bob', but the request was about 'bob'"):
            client.update("bob", status="active")
        assert len(server.requests) == 2
    with RawServer(answer(200, TOKENS_OF_EVE)) as server:
        with pytest.raises(errors.BadReplyError, match="about 'eve', but the request was about 'bob'"):
            server.client().create_token("bob", platform="ios", device_id="d")
        assert len(server.requests) == 1


def test_a_read_is_tried_again_until_the_deadline_of_all_attempts():
    with RawServer(BUSY) as server:
        began = time.monotonic()
        with pytest.raises(errors.ServerError) as caught:
            server.client(patience=BRIEF).get("bob")
        assert BRIEF.deadline_s * 0.5 < time.monotonic() - began < HASTY.deadline_s
        assert caught.value.attempts == len(server.requests) > 3
        assert caught.value.seconds <= time.monotonic() - began


def test_the_deadline_of_all_attempts_is_four_timeouts():
    assert connect("sandbox", timeout_s=3.0)._patience.deadline_s == 12.0


def test_seconds_and_attempts_count_all_tries():
    def later(peer):
        peer.server.closing.wait(0.05)
        peer.send(BUSY)

    with RawServer(later, later, WHOLE) as server:
        reply = server.client().get("bob")
    assert reply.attempts == 3
    assert 0.1 < reply.seconds < HASTY.deadline_s + 1


class FakeTime:
    """A clock that jumps over every wait."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def limiter(self) -> Limiter:
        return Limiter(clock=Clock(now=lambda: self.now_s, wait=self._wait))

    def _wait(self, condition: threading.Condition, seconds: float) -> None:
        assert 0 < seconds < 86_401
        self.now_s += seconds


RETRY_AFTER = {
    "seconds": (["Retry-After: 23"], 23.0),
    "a fraction": (["Retry-After: 1.5"], 1.5),
    "a date": (["Retry-After: Tue, 19 Nov 2019 17:45:00 GMT", "Date: Tue, 19 Nov 2019 17:44:17 GMT"], 43.0),
    "a date in the past": (["Retry-After: Tue, 19 Nov 2019 17:44:00 GMT", "Date: Tue, 19 Nov 2019 17:44:17 GMT"], 0.0),
    "negative": (["Retry-After: -3"], 0.0),
    "words": (["Retry-After: soon"], None),
    "nothing": ([], None),
}


@pytest.mark.parametrize(("headers", "wait_s"), RETRY_AFTER.values(), ids=RETRY_AFTER)
@pytest.mark.parametrize("body", [b"", refusal(429, None), b'{"RestException": {"Code": "RATE_LIMIT_EXCEEDED"}}'])
def test_a_429_is_waited_out_and_sent_again_even_a_write(headers, wait_s, body):
    clock = FakeTime()
    with RawServer(answer(429, body, *headers), CREATED) as server:
        reply = server.client(limiter=clock.limiter()).create([NewSubscriber("bob")])
        assert [request.method for request in server.requests] == ["POST", "POST"]
        assert server.requests[0].body == server.requests[1].body
    assert reply.attempts == 2
    assert clock.now_s - 1000.0 >= (wait_s or 0.0)
    assert reply.seconds < 2, "what the limiter waits is not what the call takes"


def test_a_429_for_longer_than_one_may_wait_is_an_error_that_says_how_long():
    with RawServer(answer(429, b"", "Retry-After: 3600")) as server:
        with pytest.raises(errors.RateLimitedError) as caught:
            server.client(limiter=FakeTime().limiter()).create([NewSubscriber("bob")])
        assert (caught.value.retry_after_s, caught.value.attempts, len(server.requests)) == (3600.0, 1, 1)


def test_a_stop_ends_the_wait_between_two_tries_with_what_went_wrong():
    stop = threading.Event()

    def refuse_and_stop(peer):
        stop.set()
        peer.send(BUSY)

    patience = Patience(deadline_s=1e6, first_wait_s=1e5, longest_wait_s=1e5)
    with RawServer(refuse_and_stop) as server:
        client = Client(server.client().settings, limiter=Limiter(), patience=patience).with_stop(stop)
        with pytest.raises(errors.ServerError) as caught:
            client.get("bob")
        assert (caught.value.attempts, len(server.requests)) == (1, 1)


def test_a_stop_wakes_who_waits_for_the_limit_and_tells_what_was_answered_before():
    stop, limiter = threading.Event(), Limiter()

    with RawServer(answer(429, b"", "Retry-After: 600")) as server, ThreadPoolExecutor(1) as pool:
        waits = threading.Event()
        client = server.client(limiter=limiter).with_stop(stop)
        with limiter.subscribe(lambda _: waits.set()):
            call = pool.submit(client.create, [NewSubscriber("bob")])
            assert waits.wait(5)
            stop.set()
            with pytest.raises(errors.RateLimitedError) as caught:
                call.result(5)
        assert (caught.value.attempts, len(server.requests)) == (1, 1)


def test_once_stopped_nothing_is_begun():
    stop = threading.Event()
    stop.set()
    with RawServer(WHOLE) as server:
        client = server.client()
        with pytest.raises(errors.NotSentError) as caught:
            client.with_stop(stop).get("bob")
        assert (caught.value.attempts, server.connections) == (0, 0)
        assert client.get("bob").attempts == 1, "the view was stopped, not the client"


def test_ctrl_c_leaves_a_call_and_its_late_answer_is_never_taken_for_the_next_one_s():
    left = threading.Event()

    def interrupt(peer):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        left.wait(5)
        peer.send(answer(200, envelope(BOB | {"subscriber_name": "eve"})))

    with RawServer(interrupt, WHOLE) as server:
        client = server.client()
        with pytest.raises(KeyboardInterrupt) as caught:
            client.create([NewSubscriber("eve")])
        left.set()
        assert caught.value.__cause__ is caught.value.__context__ is None
        assert client.get("bob").data == Subscriber(**BOB)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "link", ["http://evil.example/v2?offset=1", "//evil.example/", "/v2/accounts/other/subscribers?offset=99"]
)
def test_a_link_to_the_next_page_is_never_followed_only_counted_on(link):
    pages = [answer(200, items("a", metadata={"next_page_uri": link})), answer(200, items(metadata={}))]
    with RawServer(*pages) as server:
        found = [row.subscriber_name for page in server.client().iter_pages(page_size=1) for row in page]
        assert [request.target for request in server.requests] == [
            "/v2/accounts/acme1/subscribers?offset=0&page_size=1",
            "/v2/accounts/acme1/subscribers?offset=1&page_size=1",
        ]
    assert found == ["a"]


def test_pages_without_links_end_with_a_short_one():
    with RawServer(answer(200, items("a", "b")), answer(200, items("c"))) as server:
        pages = list(server.client().iter_pages(page_size=2, status="active"))
        assert [len(page) for page in pages] == [2, 1]
        assert server.requests[1].target.endswith("?offset=2&page_size=2&status=active")


def test_sixteen_threads_each_get_their_own_answers(box):
    client = box.connect(workers=4)

    def work(number: int) -> list[Subscriber | str]:
        told: list[Subscriber | str] = []
        for turn in range(6):
            name = f"t{number}x{turn}"
            client.create([NewSubscriber(name, f"field {number} {turn}")])
            told.append(client.get(name).data)
            told.append(client.update(name, status="inactive", custom_field="").data)
            client.delete(name)
            with pytest.raises(errors.NotFoundError):
                client.get(name)
        return told

    with ThreadPoolExecutor(16) as pool:
        for number, told in enumerate(pool.map(work, range(16))):
            assert [each.subscriber_name for each in told[::2]] == [f"t{number}x{turn}" for turn in range(6)]
            assert [each.custom_field for each in told[::2]] == [f"field {number} {turn}" for turn in range(6)]
            assert {each.status for each in told[1::2]} == {"inactive"}


def test_a_client_is_never_pickled_nor_copied(client):
    view = client.with_stop(threading.Event())
    for each in (client, view):
        for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="connect again"):
                duplicate(each)


def test_a_client_shows_where_it_leads_and_how_fast(client):
    who = {"api_key": "k", "api_token": "t", "account_sid": "acme1"}
    live = Client(settings_from(**who, stamp="mum"), limiter=Limiter(requests_per_minute=200))
    assert repr(live) == "<exotel_frames client: LIVE account acme1 at mum, 200 requests/min>"
    assert repr(client).startswith("<exotel_frames client: SANDBOX account sandbox1 at 127.0.0.1:")
    assert repr(client) == repr(client.with_stop(threading.Event()))


def test_a_closed_client_can_be_used_again(client):
    with client as same:
        name = same.list_page(page_size=1).data.names[0]
    assert client.get(name).data.subscriber_name == name


def test_the_server_s_time_comes_from_its_own_answers_and_runs_on():
    gateway = answer(503, b"", "Date: Fri, 01 Jan 2038 00:00:00 GMT")
    with RawServer(gateway, answer(200, envelope(), "Date: Tue, 19 Nov 2019 17:44:17 GMT"), WHOLE) as server:
        client = server.client()
        assert client.server_time() is None
        reply = client.get("bob")
        told = datetime(2019, 11, 19, 17, 44, 17, tzinfo=UTC)
        assert (reply.server_time, reply.attempts) == (told, 2)
        client.get("bob")
        now = client.server_time()
        assert now is not None
        assert told < now < told + timedelta(seconds=5)


def test_clients_of_one_account_share_what_is_known_of_its_limit(box):
    one, two = box.connect(requests_per_minute=5000), box.connect()
    assert one.limiter is two.limiter
    assert two.limiter.limit == 5000
