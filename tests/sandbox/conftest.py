"""A sandbox for each test, a clock that stands still, and a plain HTTP caller that knows nothing of our client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from exotel_frames.sandbox import SandboxServer

NOON = 1_574_185_457.0  # 2019-11-19T23:14:17+05:30, as in the document


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Caller:
    """Sends requests with the sandbox's credentials; every answer must have a date."""

    def __init__(self, box: SandboxServer) -> None:
        self.session = requests.Session()
        self.session.auth = (box.api_key, box.api_token)
        self.account = f"{box.base_url}/v2/accounts/{box.account_sid}"

    def __call__(self, method: str, path: str, *, dated: bool = True, **options) -> requests.Response:
        answer = self.session.request(method, self.account + path, timeout=10, **options)
        assert not dated or answer.headers["Date"].endswith("GMT")
        return answer

    def create(self, *names: str, **options) -> requests.Response:
        return self(
            "POST", "/subscribers", json={"subscribers": [{"subscriber_name": name} for name in names]}, **options
        )

    def names(self, query: str = "") -> list[str]:
        items = self("GET", f"/subscribers?{query}").json()["response"]
        return [item["data"]["subscriber_name"] for item in items]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[SandboxServer]:
    with SandboxServer(subscribers=0, clock=clock) as server:
        yield server


@pytest.fixture
def call(box: SandboxServer) -> Iterator[Caller]:
    caller = Caller(box)
    yield caller
    caller.session.close()
