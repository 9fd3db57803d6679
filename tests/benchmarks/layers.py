"""Where the CPU of loading goes: the same pages through more and more of the way, one after the other."""

import http.client
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from exotel_frames.api.wire import responses
from exotel_frames.api.wire.transport import Request
from exotel_frames.frames.convert import subscriber_batch

from .load import PATH, WHO, client_of, tenants
from .measuring import Case, Found, Line, Part, Work
from .pages import PAGE, page, plain_offsets
from .servers import nginx

HEADERS = {
    "Authorization": "Basic " + b64encode(":".join(WHO).encode()).decode(),
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}


def each(rows: int, one: Callable[[str, int], object]) -> Work:
    """Do one thing for each page of a tenant."""
    paths = [(f"{PATH}?offset={offset}&page_size={PAGE}", offset) for offset in plain_offsets(rows)]
    for path in paths[:20]:
        one(*path)

    def all_of_them() -> dict[str, int]:
        for path in paths:
            one(*path)
        return {"rows": rows}

    return all_of_them


def decoded(url: str, rows: int) -> Work:
    answers = [
        responses.Response(200, {}, responses.ResponseBody(page(rows, offset)), 0.0) for offset in plain_offsets(rows)
    ]
    return each(rows, lambda _, at: subscriber_batch(responses.read_page(answers[at // PAGE], at)[0].rows))


def by_http_client(url: str, rows: int) -> Work:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def fetch(path: str, _: int) -> None:
        connection.request("GET", f"/{rows}{path}", headers=HEADERS)
        connection.getresponse().read()

    return each(rows, fetch)


def by_urllib3(url: str, rows: int) -> Work:
    from urllib3 import HTTPConnectionPool

    where = urlsplit(url)
    pool = HTTPConnectionPool(where.hostname, where.port)
    return each(rows, lambda path, _: pool.urlopen("GET", f"/{rows}{path}", headers=HEADERS, retries=False).data)


def by_requests(url: str, rows: int) -> Work:
    import requests

    session = requests.Session()
    session.auth = WHO
    return each(rows, lambda path, _: session.get(f"{url}/{rows}{path}").content)


def by_transport(url: str, rows: int) -> Work:
    client = client_of(f"{url}/{rows}")
    return each(rows, lambda path, _: client._transport.send(Request("GET", path)).body)


def by_client(url: str, rows: int) -> Work:
    client = client_of(f"{url}/{rows}")
    return each(rows, lambda _, offset: client.list_page(offset=offset))


def by_client_and_batch(url: str, rows: int) -> Work:
    client = client_of(f"{url}/{rows}")
    return each(rows, lambda _, offset: subscriber_batch(client.list_page(offset=offset).data.rows))


CASES = {
    "decoding alone: msgspec, arrow": "decoded",
    "http.client": "by_http_client",
    "urllib3's pool": "by_urllib3",
    "requests.Session": "by_requests",
    "our transport (urllib3's pool, deadlines)": "by_transport",
    "+ retries, limiter, decoding (Client)": "by_client",
    "+ arrow batches": "by_client_and_batch",
}


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    rows = 20_000 if quick else 100_000
    with nginx(tenants(rows)) as url:
        options = {"url": url, "rows": rows}
        yield [
            *(Case(name, f"layers:{task}", options) for name, task in CASES.items()),
            *(
                Case(f"= load_subscribers, {workers} at once", "load:ours", options | {"workers": workers})
                for workers in (1, 16)
            ),
        ]


def lines(found: Found) -> Iterator[Line]:
    for name, figures in found.items():
        pages = figures.rows / PAGE
        yield Line(name, figures, f"{figures.cpu_s / pages * 1e6:,.0f} µs of CPU a page" if pages else "")


PART = Part("layers: where the CPU of loading goes", cases, lines)
