"""Writing in bulk: the naive loop, an async one, and ours with its journal, against a server that says yes at once.

The rivals keep no journal, settle nothing, and forget what they did when they are killed.
"""

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.frames.convert import conform
from exotel_frames.operations.engine import carry_out_run, job_of, learn_server_time, run_job
from exotel_frames.operations.writing import create_subscribers, update_subscribers
from exotel_frames.plans import plan_creates, plan_deletes
from exotel_frames.runs.runner import chunks_of
from exotel_frames.validation.validate import row_messages, validate_subscribers

from .load import AT_ONCE, PATH, WHO, client_of, wrk
from .measuring import Case, Figures, Found, Line, Part, Work
from .pages import name_of
from .printing import cpu_beside
from .servers import LATENCY_S, answering

CHUNK = 10
LIMIT_A_MINUTE = 200  # API.md, "Rate limits"
HEADERS = {"Content-Type": "application/json"}
OURS = "create: exotel_frames, {} at once"
BARE = "create: the same without its journal"
NAIVE = "create: requests, one by one"
ASYNC = "create: aiohttp, 16 at once"
RIVALS = {OURS.format(8): (NAIVE, 1.0), BARE: (ASYNC, 1.3)}
"""Beside whose CPU ours is to stand, and how much of it may take at most."""


def sheet(rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"subscriber_name": [name_of(row) for row in range(rows)], "custom_field": "support"}, dtype="str"
    )


def bodies(rows: int) -> list[bytes]:
    items = sheet(rows).to_dict("records")
    return [json.dumps({"subscribers": items[at : at + CHUNK]}).encode() for at in range(0, rows, CHUNK)]


@contextmanager
def fresh(url: str, workers: int) -> Iterator[Client]:
    """Give a client with an empty journal, on the disk that temporary files are on."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks_") as folder,
        client_of(url, workers=workers, journal=folder) as client,
    ):
        yield client


def ours(url: str, rows: int, workers: int, action: str) -> Work:
    """Run a whole verb: validation, plan, journal, requests, results."""
    with fresh(url, workers) as client:
        did(client, sheet(200), action)
    frame = sheet(rows)

    def work() -> dict[str, Any]:
        with fresh(url, workers) as client:
            return {"rows": did(client, frame, action)}

    return work


def did(client: Client, frame: pd.DataFrame, action: str) -> int:
    current = conform(frame.assign(status="active"), "subscribers")
    if action == "create":
        results = create_subscribers(client, frame, progress=False)
    elif action == "update":
        results = update_subscribers(client, frame.assign(status="inactive"), current=current, progress=False)
    else:  # delete_subscribers reads the tenant first: that is what `load` measures
        plan = plan_deletes(frame["subscriber_name"], current)
        results = run_job(client, job_of("delete", plan), index=frame.index, progress=False)
    return int(results["outcome"].eq("done").sum())


class NoJournal:
    """Writes nothing down."""

    is_stopped = None

    def record_intent(self, *_: Any, **__: Any) -> None:
        pass

    def clock_gaps(self) -> list[float]:
        return []

    def last_known(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {}

    record_results = record_before_image = flush = end = record_intent


def without_journal(url: str, rows: int, workers: int) -> Work:
    """Create as `create_subscribers` does, without a journal: what it costs is the difference."""
    frame = sheet(rows)

    def create(some: pd.DataFrame) -> dict[str, Any]:
        with fresh(url, workers) as client:
            plan = plan_creates(some, current=None, on_exists="reject")
            job = job_of("create", plan, row_messages(validate_subscribers(some, action="create")))
            learn_server_time(client)
            chunks = chunks_of(job.to_send, key=lambda row: row.action)
            results = carry_out_run(client, NoJournal(), "none", chunks, [], index=some.index, progress=False)
            return {"rows": int(results["outcome"].eq("done").sum())}

    create(frame[:200])
    return lambda: create(frame)


def naive(url: str, rows: int, action: str) -> Work:
    """What one writes first: a session and a loop."""
    import requests

    session = requests.Session()
    session.auth = WHO

    def create() -> list[Any]:
        answers = [session.post(url + PATH, data=body, headers=HEADERS) for body in bodies(rows)]
        return [item for answer in answers for item in answer.json()["response"]]

    def update() -> list[Any]:
        body = {"status": "inactive", "custom_field": "support"}
        return [session.put(f"{url}{PATH}/{name_of(row)}", json=body).json()["response"] for row in range(rows)]

    return lambda: {"rows": len(pd.json_normalize(create() if action == "create" else update()))}


def aiohttp(url: str, rows: int) -> Work:
    """The async loop, 16 at once."""
    import aiohttp

    async def create() -> list[Any]:
        todo, items = iter(bodies(rows)), []

        async def some(session: aiohttp.ClientSession) -> None:
            for body in todo:
                async with session.post(url + PATH, data=body, headers=HEADERS) as answer:
                    items.extend((await answer.json())["response"])

        async with aiohttp.ClientSession(auth=aiohttp.BasicAuth(*WHO), raise_for_status=True) as session:
            await asyncio.gather(*(some(session) for _ in range(AT_ONCE)))
        return items

    return lambda: {"rows": len(pd.json_normalize(asyncio.run(create())))}


def floor(url: str, rows: int, method: str) -> Work:
    """As many requests as wrk can send: what the server can take."""
    body = bodies(CHUNK)[0].decode() if method == "POST" else '{"status": "inactive"}'
    script = f"wrk.method = '{method}'\nwrk.body = [[{body}]]\nwrk.headers['Content-Type'] = 'application/json'"
    path = PATH if method == "POST" else f"{PATH}/{name_of(0)}"

    def work() -> dict[str, Any]:
        from .worker import children_cpu_s

        before = children_cpu_s()
        made, wall_s = wrk(url + path, script)
        share = rows / (made * (CHUNK if method == "POST" else 1))
        return {
            "rows": rows,
            "wall_s": wall_s * share,
            "cpu_s": (children_cpu_s() - before) * share,
            "peak_bytes": 0,
        }

    return work


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    creates, changes = (5_000, 1_000) if quick else (10_000, 2_000)
    with answering() as url:
        many, rows = {"url": url, "rows": creates}, {"url": url, "rows": changes}
        yield [
            Case(NAIVE, "bulk:naive", many | {"action": "create"}),
            Case(ASYNC, "bulk:aiohttp", many),
            Case(OURS.format(1), "bulk:ours", many | {"workers": 1, "action": "create"}),
            Case(OURS.format(8), "bulk:ours", many | {"workers": 8, "action": "create"}),
            Case(BARE, "bulk:without_journal", many | {"workers": 8}),
            Case("create: wrk", "bulk:floor", many | {"method": "POST"}),
            Case("update: requests, one by one", "bulk:naive", rows | {"action": "update"}),
            *(
                Case(f"{action}: exotel_frames, 8 at once", "bulk:ours", rows | {"workers": 8, "action": action})
                for action in ("update", "delete")
            ),
            Case("update: wrk", "bulk:floor", rows | {"method": "PUT"}),
        ]


@contextmanager
def slow_cases(quick: bool) -> Iterator[Sequence[Case]]:
    creates, changes = (3_200, 320) if quick else (8_000, 960)
    with answering(LATENCY_S) as url:
        few = {"url": url, "rows": creates // CHUNK, "action": "create"}
        many, rows = {"url": url, "rows": creates}, {"url": url, "rows": changes, "workers": AT_ONCE}
        yield [
            Case("create: requests, one by one", "bulk:naive", few, rounds=1),
            Case("create: aiohttp, 16 at once", "bulk:aiohttp", many),
            Case(OURS.format(AT_ONCE), "bulk:ours", many | {"workers": AT_ONCE, "action": "create"}),
            Case(BARE, "bulk:without_journal", many | {"workers": AT_ONCE}),
            *(
                Case(f"{action}: exotel_frames, 16 at once", "bulk:ours", rows | {"action": action})
                for action in ("update", "delete")
            ),
        ]


def lines(found: Found) -> Iterator[Line]:
    """Say how many requests a second, beside wrk's; and the journal's share."""
    for name, figures in found.items():
        pace = requests_a_second(name, figures)
        best = requests_a_second(name, found[f"{'create' if name.startswith('create') else 'update'}: wrk"])
        beside = f"{pace:,.0f} requests/s" + (f", {pace / best:.0%} of wrk's" if best and "wrk" not in name else "")
        rival, most = RIVALS.get(name, ("", 0.0))
        share = cpu_beside(found[rival], figures) if rival else None
        if share:
            yield Line(name, figures, f"{share:.2f} x the CPU of {rival}", f"<= {most} x", share <= most)
        else:
            yield Line(name, figures, beside)
    yield from journal_lines(found[OURS.format(8)], found[BARE])


def slow_lines(found: Found) -> Iterator[Line]:
    """Say how many requests a second, beside nothing but latency."""
    for name, figures in found.items():
        at_once = 1 if "one by one" in name else AT_ONCE
        pace, bound = requests_a_second(name, figures), at_once / LATENCY_S
        beside = f"{pace:,.1f} requests/s, {pace / bound:.0%} of the bound"
        goal = (">= 96 %", pace >= 0.96 * bound) if "exotel_frames" in name else ("", None)
        yield Line(name, figures, beside, *goal)
    yield from journal_lines(found[OURS.format(AT_ONCE)], found[BARE], most=0.03)


def journal_lines(ours: Figures, bare: Figures, *, most: float | None = None) -> Iterator[Line]:
    """Say the journal's share of the wall time: of an unlimited run, and of one that has 0.3 s for each request."""
    if not ours.rows or not bare.rows:
        return
    a_request_s = (ours.wall_s - bare.wall_s) / requests_in(OURS, ours.rows)
    shares = (
        ("the journal's share of the time", 1 - bare.wall_s / ours.wall_s, most),
        (f"its share at {LIMIT_A_MINUTE} requests a minute", a_request_s / (60 / LIMIT_A_MINUTE), 0.005),
    )
    for what, share, at_most in shares:
        goal = (f"<= {at_most:.1%}", share <= at_most) if at_most else ("", None)  # no service answers in no time
        yield Line(what, None, f"{share:.1%}, {a_request_s * 1000:.2f} ms a request", *goal)


def requests_in(name: str, rows: int) -> int:
    return ceil(rows / CHUNK) if name.startswith("create") else rows


def requests_a_second(name: str, figures: Figures) -> float:
    return requests_in(name, figures.rows) / figures.wall_s if figures.rows else 0.0


PART = Part("bulk: no latency (a small asyncio server)", cases, lines)
SLOW = Part("bulk-latency: 80 ms before each answer", slow_cases, slow_lines)
