"""The document's own exchanges: what the client sends is the document's, to the field, and it reads what it answers."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from exotel_frames.api.client import Client
from exotel_frames.api.rate_limit.limiter import Limiter
from exotel_frames.api.wire import responses
from exotel_frames.errors import NotFoundError
from exotel_frames.records import Item, NewSubscriber, Reply, Subscriber, instant
from exotel_frames.secret import Secret
from exotel_frames.settings.sources import settings_from

SAMPLES = json.loads((Path(__file__).parent / "wire_samples.json").read_text(encoding="utf-8"))
LABELS = [f"{sample['call']} {sample['response']['http']}" for sample in SAMPLES]
ARCHIT = Subscriber("archit", "inactive", None, "2019-11-19T23:14:18+05:30", "2019-11-20T11:13:38+05:30")


class Document:
    """A server that answers with a sample, and keeps what it was asked."""

    def __init__(self) -> None:
        self.sample: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}
        document = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                document.asked = {
                    "method": self.command,
                    "path": self.path,
                    "type": self.headers.get("Content-Type"),
                    "body": json.loads(raw) if raw else None,
                }
                said = document.sample["response"]
                body = b"" if said["body"] is None else json.dumps(said["body"]).encode()
                self.send_response(said["http"])
                self.send_header("Content-Type", "application/json")
                if said["http"] != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def client(self, sample: dict[str, Any]) -> Client:
        self.sample = sample
        account = sample["request"]["path"].split("/")[3]
        base_url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return Client(
            settings_from(api_key="k", api_token="t", account_sid=account, base_url=base_url), limiter=Limiter()
        )


@pytest.fixture(scope="module")
def document() -> Iterator[Document]:
    found = Document()
    found.thread.start()
    yield found
    found.server.shutdown()
    found.thread.join()
    found.server.server_close()


def ask(client: Client, sample: dict[str, Any]) -> Reply[Any]:
    body, path = sample["request"]["body"], sample["request"]["path"]
    name = urlsplit(path).path.rsplit("/", 1)[1]
    calls: dict[str, Callable[[], Reply[Any]]] = {
        "create_token": lambda: client.create_token(
            body["subscriber_name"], platform=body["platform"], device_id=body["device_id"]
        ),
        "create": lambda: client.create([NewSubscriber(**item) for item in body["subscribers"]]),
        "update": lambda: client.update(name, **body),
        "get": lambda: client.get(name),
        "list": lambda: client.list_page(offset=9, page_size=3),
        "delete": lambda: client.delete(name),
    }
    return calls[sample["call"]]()


def test_every_call_of_the_api_is_in_the_document():
    assert {sample["call"] for sample in SAMPLES} == {"create", "update", "get", "list", "delete", "create_token"}


@pytest.mark.parametrize("sample", SAMPLES, ids=LABELS)
def test_what_is_sent_is_the_document_s(document: Document, sample: dict[str, Any]):
    client = document.client(sample)
    if sample["response"]["http"] < 400:
        ask(client, sample)
    else:
        with pytest.raises(NotFoundError):
            ask(client, sample)
    wanted = sample["request"]
    asked = urlsplit(document.asked["path"])
    assert document.asked["method"] == wanted["method"]
    assert asked.path == urlsplit(wanted["path"]).path
    assert parse_qs(asked.query) == parse_qs(urlsplit(wanted["path"]).query)
    assert document.asked["body"] == wanted["body"]
    assert document.asked["type"] == (None if wanted["body"] is None else "application/json")


def reply_to(document: Document, call: str) -> Reply[Any]:
    sample = next(each for each in SAMPLES if each["call"] == call and each["response"]["http"] < 400)
    reply = ask(document.client(sample), sample)
    said = sample["response"]
    assert reply.http_code == said["http"]
    assert reply.request_id == (said["body"] or {}).get("request_id")
    assert reply.attempts == 1
    return reply


def test_the_document_s_create_is_read_item_by_item(document: Document):
    moment = "2019-11-19T23:14:17+05:30"
    assert reply_to(document, "create").data == (
        Item(200, "success", Subscriber("bob", "active", "support", moment, moment)),
        Item(200, "success", Subscriber("nidhi", "active", None, moment, moment)),
        Item(200, "success", Subscriber("archit", "active", None, "2019-11-19T23:14:18+05:30", ARCHIT.date_created)),
    )


@pytest.mark.parametrize("call", ["get", "update"])
def test_the_document_s_subscriber_is_read(document: Document, call: str):
    assert reply_to(document, call).data == ARCHIT


def test_the_document_s_page_is_read(document: Document):
    page = reply_to(document, "list").data
    assert (page.offset, page.last) == (9, False)
    assert list(page.names) == ["shyam", "kiran", "mandeep"]
    assert page.created[1] == page.rows[1].date_created == "2019-12-30T17:09:41+05:30"
    assert [row.custom_field for row in page.rows] == [None, "test", None]


def test_the_document_s_delete_is_read(document: Document):
    assert reply_to(document, "delete").data is None


def test_the_document_s_tokens_are_read_and_hidden(document: Document):
    sample = next(each for each in SAMPLES if each["call"] == "create_token")
    pair = sample["response"]["body"]["response"]["data"]["subscriber_token"]
    made = reply_to(document, "create_token").data
    assert made.subscriber_name == "archit"
    assert made.access_token == Secret(pair["access_token"])
    assert made.refresh_token == Secret(pair["refresh_token"])
    assert responses.expiry(made.access_token) == instant("2019-12-19T15:03:19+05:30")
    assert "eyJ" not in repr(made)


def test_the_document_s_refusal_is_read(document: Document):
    sample = SAMPLES[-1]
    with pytest.raises(NotFoundError) as caught:
        ask(document.client(sample), sample)
    problem = caught.value
    assert (problem.http_code, problem.code, problem.reason) == (404, 1000, "Not Found")
    assert (problem.description, problem.request_id) == ("Subscriber not found", "af0087d5331f479599d2c987efe9f664")
