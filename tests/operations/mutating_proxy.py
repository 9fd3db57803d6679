"""A real proxy in front of a sandbox that does to the answers of create calls what broken gateways do."""

from __future__ import annotations

import http.client
import json
import random
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import urlsplit

CODES = [200, 201, 207, 400, 404, 409, 429, 500, 503, None, "200", 2000]


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Return the body after one to three mutations; none of them invents a sound success for a name that has none."""
    answer = json.loads(body)
    for _ in range(chance.randint(1, 3)):
        items = answer.get("response")
        if isinstance(items, list) and items:
            chance.choice(MUTATIONS)(answer, items, chance)
    text = json.dumps(answer).encode()
    roll = chance.random()
    if roll < 0.05:
        return text[: chance.randrange(len(text))]
    if roll < 0.08:
        return b"<html><body>Bad gateway</body></html>"
    if roll < 0.1:
        return b""
    return text


def _shuffle(answer, items, chance):
    chance.shuffle(items)


def _mark_lost(answer, items, chance):
    del items[chance.randrange(len(items))]


def _repeat(answer, items, chance):
    items.insert(chance.randrange(len(items) + 1), chance.choice(items))


def _recode(answer, items, chance):
    item = chance.choice(items)
    # A refusal that is given a success's code has no data: nothing says whose success that would be.
    item["code"] = chance.choice(CODES)


def _restate(answer, items, chance):
    chance.choice(items)["status"] = chance.choice(["success", "failure", None, 7, "done"])


def _undata(answer, items, chance):
    chance.choice(items)["data"] = chance.choice([None, {}, [], "bob", {"subscriber_name": 7}])


def _alter(answer, items, chance):
    data = chance.choice(items).get("data")
    if isinstance(data, dict):
        data[chance.choice(["custom_field", "status"])] = chance.choice(["other", None, "inactive", 4])


def _stranger(answer, items, chance):
    data = chance.choice(items).get("data")
    if isinstance(data, dict):
        data["subscriber_name"] = chance.choice(["stranger", "", None, "N1"])


def _unwrap(answer, items, chance):
    answer["response"] = chance.choice([items[0], None, {}, "ok", 207])


def _garnish(answer, items, chance):
    answer["extra"] = {"deep": [1, 2]}
    answer["metadata"] = chance.choice([None, {"failed": 99, "success": -1}, {}])


MUTATIONS = [_shuffle, _mark_lost, _repeat, _recode, _restate, _undata, _alter, _stranger, _unwrap, _garnish]


@contextmanager
def mutating_proxy(base_url: str, seed: int):
    """Serve on a free port; yield its base URL and a list with one entry for each body that was mutated."""
    chance, lock, told = random.Random(seed), Lock(), []

    def mutate(_, status, content):
        if status != 207:
            return content
        with lock:
            told.append(mutated(content, chance))
            return told[-1]

    with spoiling_proxy(base_url, mutate) as url:
        yield url, told


@contextmanager
def spoiling_proxy(base_url: str, spoil, hold=lambda _line: None):
    """Serve on a free port and yield its base URL; `spoil(request_line, status, content)` returns what is answered.

    That is a content, or a status and a content. `hold(request_line)` is called before the request is passed on.
    """
    target = urlsplit(base_url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hold(f"{self.command} {self.path}")
            upstream = http.client.HTTPConnection(target.hostname, target.port)
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            content = spoil(f"{self.command} {self.path}", answer.status, answer.read())
            status, content = content if isinstance(content, tuple) else (answer.status, content)
            upstream.close()
            self.send_response_only(status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815 - the standard library names them so

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """Say nothing: a request that was stopped may come here when the sandbox has ended."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
