"""Says yes to every write, at once or after some latency: `python -m tests.benchmarks.answering PORT SECONDS`.

One asyncio protocol, by hand: the faster it is, the less it is what is measured (see "wrk" in the table for its pace).
It remembers nothing, so that a million rows cost it no memory.
"""

import asyncio
import json
import sys
import time
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

import msgspec

from . import pages

ENVELOPE = '{{"request_id":"8019271c8d98422db509c2801e63435f","method":"{}","http_code":{},"response":{}}}'
METADATA = '"metadata":{{"failed":0,"success":{}}},"response"'


class Answers(asyncio.Protocol):
    """One connection; a request is answered when it is whole."""

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (cut := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:cut]
            end = cut + 4 + length_of(head)
            if len(self.waiting) < end:
                return
            body, self.waiting = self.waiting[cut + 4 : end], self.waiting[end:]
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            self.answer(*answer_to(method, target, body))

    def answer(self, code: int, body: bytes) -> None:
        head = f"HTTP/1.1 {code} OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json\r\n"
        length = "" if code == 204 else f"Content-Length: {len(body)}\r\n"
        whole = f"{head}{length}\r\n".encode() + body
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, self.transport.write, whole)
        else:
            self.transport.write(whole)


def length_of(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def answer_to(method: str, target: str, body: bytes) -> tuple[int, bytes]:
    """Return the code and body that API.md has for a call that succeeds."""
    url = urlsplit(target)
    name = url.path.rpartition("/")[2]
    if method == "DELETE":
        return 204, b""
    if method == "POST":
        asked = msgspec.json.decode(body)["subscribers"]
        text = ENVELOPE.format(method, 207, "[" + ",".join(created(one) for one in asked) + "]")
        return 207, text.replace('"response"', METADATA.format(len(asked)), 1).encode()
    if method == "PUT":
        asked = msgspec.json.decode(body)
        return 200, ENVELOPE.format(method, 200, created({"subscriber_name": name, **asked})).encode()
    query = {key: int(values[0]) for key, values in parse_qs(url.query).items()}
    return 200, pages.page(1, query.get("offset", 0), query.get("page_size", pages.PAGE))


def created(asked: dict[str, str]) -> str:
    """Return the item that says yes."""
    now = pages.moment(int(time.time()) - pages.CREATED_S)
    return (
        '{"code":200,"error_data":null,"status":"success","data":{'
        f'"date_created":"{now}","date_updated":"{now}","subscriber_name":"{asked["subscriber_name"]}",'
        f'"status":"{asked.get("status", "active")}","custom_field":{json.dumps(asked.get("custom_field"))}}}}}'
    )


async def serve(port: int, latency_s: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Answers(latency_s), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
