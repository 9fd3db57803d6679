"""Loading a whole tenant: what a user would write or pick, ours, and the floor."""

import asyncio
import itertools
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.api.wire import envelopes
from exotel_frames.frames.convert import subscriber_batch, subscribers_frame
from exotel_frames.operations.loading import load_subscribers
from exotel_frames.secret import Secret
from exotel_frames.settings.sources import settings_from

from .measuring import Case, Figures, Found, Line, MissingError, Part, Work
from .pages import PAGE, joined_offsets, page, plain_offsets
from .printing import cpu_beside
from .servers import LATENCY_S, nginx

PATH = "/v2/accounts/acme1/subscribers"
WHO = ("key", "token")
AT_ONCE = 16
WARM = 200
NAIVE = "requests + json_normalize, one by one"
OURS = "exotel_frames, {} at once"


def client_of(base_url: str, **options: Any) -> Client:
    """Return a client of ours for a server of the benchmarks."""
    who = {"api_key": Secret(WHO[0]), "api_token": Secret(WHO[1]), "account_sid": "acme1"}
    return Client(settings_from(**who, base_url=base_url, **options))


def warmed(load: Callable[[str], pd.DataFrame], url: str, rows: int) -> Work:
    """Load a small tenant first: what is imported or made at first use is no part of the figures."""
    load(f"{url}/{WARM}")
    return lambda: {"rows": len(load(f"{url}/{rows}"))}


def ours(url: str, rows: int, workers: int) -> Work:
    return warmed(lambda where: load_subscribers(client_of(where, workers=workers), progress=False), url, rows)


def naive(url: str, rows: int) -> Work:
    """What one writes first: a session, a loop, `json_normalize`, two dates."""
    import requests

    session = requests.Session()
    session.auth = WHO

    def items(where: str) -> Iterator[dict[str, Any]]:
        for offset in itertools.count(step=PAGE):
            answer = session.get(where + PATH, params={"offset": offset, "page_size": PAGE})
            answer.raise_for_status()
            page = answer.json()["response"]
            yield from page
            if len(page) < PAGE:
                return

    return warmed(lambda where: normalized(items(where)), url, rows)


def dlt(url: str, rows: int) -> Work:
    """The REST client of dlt, which knows offsets and pages."""
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
    from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

    def items(where: str) -> Iterator[dict[str, Any]]:
        paginator = OffsetPaginator(limit=PAGE, offset_param="offset", limit_param="page_size", total_path=None)
        client = RESTClient(base_url=where, auth=HttpBasicAuth(*WHO), paginator=paginator, data_selector="response")
        return itertools.chain.from_iterable(client.paginate(PATH))

    return warmed(lambda where: normalized(items(where)), url, rows)


def aiohttp_json(url: str, rows: int) -> Work:
    def frame(where: str) -> pd.DataFrame:
        pages = asyncio.run(fetched(where, lambda body: json.loads(body)["response"]))
        return normalized(itertools.chain.from_iterable(pages))

    return warmed(frame, url, rows)


def aiohttp_ours(url: str, rows: int) -> Work:
    """Async, and our decoder: what a second transport would bring, without any of our care."""
    return warmed(lambda where: subscribers_frame(asyncio.run(fetched(where, batch_of))), url, rows)


def batch_of(body: bytes) -> Any:
    rows = [part.data for part in envelopes.MANY.decode(body).response if part.data]
    return subscriber_batch(rows)


async def fetched(url: str, take: Callable[[bytes], Any]) -> list[Any]:
    """Fetch page after page, 16 at once, and take each as it comes; sorted by offset."""
    import aiohttp

    found: dict[int, Any] = {}
    offsets, ended = itertools.count(step=PAGE), asyncio.Event()

    async def fetch_some(session: aiohttp.ClientSession) -> None:
        while not ended.is_set():
            offset = next(offsets)
            async with session.get(f"{url}{PATH}?offset={offset}&page_size={PAGE}") as answer:
                body = await answer.read()
            found[offset] = take(body)
            if b'"next_page_uri":null' in body[:400]:
                ended.set()

    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth(*WHO), raise_for_status=True) as session:
        await asyncio.gather(*(fetch_some(session) for _ in range(AT_ONCE)))
    return [found[offset] for offset in sorted(found)]


def normalized(items: Any) -> pd.DataFrame:
    frame = pd.json_normalize(list(items))
    for column in ("data.date_created", "data.date_updated"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def floor(url: str, rows: int) -> Work:
    """As many answers as wrk can fetch, and our decoder on as many pages; its memory is left out."""
    pages = ceil(rows / PAGE)
    bodies = [page(rows, offset) for offset in plain_offsets(rows)[:50]]
    subscribers_frame([batch_of(body) for body in bodies])

    def both() -> dict[str, Any]:
        from .worker import children_cpu_s, clocks

        cpu_s = children_cpu_s()
        requests, wall_s = wrk(f"{url}/{rows}{PATH}?offset={PAGE}&page_size={PAGE}")
        share = pages / requests
        cpu_s = (children_cpu_s() - cpu_s) * share
        begun = clocks()
        frame = subscribers_frame([batch_of(bodies[number % len(bodies)]) for number in range(pages)])
        took = [now - then for now, then in zip(clocks(), begun, strict=True)]
        return {"rows": len(frame), "wall_s": wall_s * share + took[0], "cpu_s": cpu_s + took[1], "peak_bytes": 0}

    return both


def wrk(url: str, script: str = "", seconds: int = 2) -> tuple[int, float]:
    """Return how many requests wrk made, 16 at once, and in how many seconds."""
    if shutil.which("wrk") is None:
        raise MissingError("wrk (apt install wrk)")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{AT_ONCE}", f"-d{seconds}s", *(["-s", file.name] if script else []), url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests = int(re.search(r"(\d+) requests in", said)[1])
    if "Non-2xx" in said or not requests:
        raise RuntimeError(f"wrk was refused: {said}")
    return requests, requests / float(re.search(r"Requests/sec: +([\d.]+)", said)[1])


def tenants(*sizes: int) -> dict[int, list[int]]:
    """Return the tenants to serve, with the pages of a plain reading and of ours."""
    return {rows: [*plain_offsets(rows), *joined_offsets(rows)] for rows in (WARM, *sizes)}


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    rows = 20_000 if quick else 100_000
    with nginx(tenants(rows)) as url:
        options = {"url": url, "rows": rows}
        yield [
            Case(NAIVE, "load:naive", options),
            Case("dlt's RESTClient + json_normalize", "load:dlt", options),
            Case(f"aiohttp + json_normalize, {AT_ONCE} at once", "load:aiohttp_json", options),
            Case(f"aiohttp + our decoder, {AT_ONCE} at once", "load:aiohttp_ours", options),
            *(Case(OURS.format(workers), "load:ours", options | {"workers": workers}) for workers in (1, 8, 16)),
            Case("floor: wrk + our decoder", "load:floor", options),
        ]


def lines(found: Found) -> Iterator[Line]:
    for name, figures in found.items():
        share = cpu_beside(figures, found[NAIVE])
        beside = f"requests takes {share:.1f} x its CPU" if share else ""
        if name == OURS.format(8) and share:
            yield Line(name, figures, beside, ">= 4 x", share >= 4)
        else:
            yield Line(name, figures, beside)


@contextmanager
def slow_cases(quick: bool) -> Iterator[Sequence[Case]]:
    rows, few = (20_000, 1_000) if quick else (100_000, 5_000)
    with nginx(tenants(rows, few)) as url:
        options = {"url": f"{url}/slow", "rows": rows}
        yield [
            Case(NAIVE, "load:naive", options | {"rows": few}, rounds=1),
            Case("dlt's RESTClient + json_normalize", "load:dlt", options | {"rows": few}, rounds=1),
            Case(f"aiohttp + json_normalize, {AT_ONCE} at once", "load:aiohttp_json", options),
            Case(f"aiohttp + our decoder, {AT_ONCE} at once", "load:aiohttp_ours", options),
            Case(OURS.format(8), "load:ours", options | {"workers": 8}, rounds=1),
            Case(OURS.format(16), "load:ours", options | {"workers": 16}),
        ]


def slow_lines(found: Found) -> Iterator[Line]:
    for name, figures in found.items():
        at_once = int(match[1]) if (match := re.search(r"(\d+) at once", name)) else 1
        over = over_bound(figures, at_once)
        beside = f"{over:.2f} x the bound" if over else ""
        if name == OURS.format(16) and over:
            yield Line(name, figures, beside, "<= 1.08 x", over <= 1.08)
        else:
            yield Line(name, figures, beside)


def over_bound(figures: Figures, at_once: int) -> float | None:
    """Return the wall time beside that of nothing but latency: ceil(pages / at once) x 80 ms."""
    return figures.wall_s / (ceil(ceil(figures.rows / PAGE) / at_once) * LATENCY_S) if figures.rows else None


PART = Part("load: no latency (nginx, pages of 100)", cases, lines)
SLOW = Part("load-latency: 80 ms before each answer", slow_cases, slow_lines)
