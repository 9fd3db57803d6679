"""A simulated account: servers that limit, clients that send, and a clock that jumps from event to event.

One real thread acts for all simulated workers: whenever the limiter would sleep, the world goes on instead. What is
under test is the real `Limiter`; only time and the network are made up.
"""

import heapq
import math
import random
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import count

from exotel_frames.api.rate_limit.limiter import Clock, Limiter, Waiting
from exotel_frames.api.rate_limit.quota import Quota

EPOCH_S = 1_574_185_457.0
ALL_HEADERS = frozenset({"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"})


@dataclass
class Server:
    """Lets `limit` requests through in a minute of its own clock, which may be off and drift; may lie.

    `moody` answers a 429 without a reason; a 429 asks for `retry_after`, or else for what is left of the minute.
    """

    limit: int
    sliding: bool = False
    headers: frozenset[str] = ALL_HEADERS
    clock_off_s: float = 0.0
    drift: float = 0.0
    says: int | None = None
    moody: Callable[[], bool] = bool
    retry_after: str | None = None
    allowed: deque[float] = field(default_factory=deque)
    answers: Counter[int] = field(default_factory=Counter)

    def time(self, now_s: float) -> float:
        return EPOCH_S + self.clock_off_s + now_s * (1 + self.drift)

    def take(self, now_s: float) -> tuple[int, dict[str, str]]:
        """Count one request that arrives now, and answer it."""
        now = self.time(now_s)
        while self.allowed and self._is_over(self.allowed[0], now):
            self.allowed.popleft()
        code = 429 if len(self.allowed) >= self.limit or self.moody() else 200
        if code == 200:
            self.allowed.append(now)
        self.answers[code] += 1
        return code, self._headers(now, code)

    def _is_over(self, then: float, now: float) -> bool:
        return then <= now - 60 if self.sliding else then // 60 < now // 60

    def _headers(self, now: float, code: int) -> dict[str, str]:
        reset = (self.allowed[0] + 60 if self.allowed else now) if self.sliding else (now // 60 + 1) * 60
        said = {
            "X-RateLimit-Limit": str(self.says or self.limit),
            "X-RateLimit-Remaining": str(max(0, (self.says or self.limit) - len(self.allowed))),
            "X-RateLimit-Reset": str(math.ceil(reset)),
            **({"Retry-After": self.retry_after or str(math.ceil(reset - now))} if code == 429 else {}),
        }
        return {name: value for name, value in said.items() if name in self.headers} | {"Date": date_of(int(now))}


@lru_cache(1000)
def date_of(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)


class World:
    """Some workers of one limiter, a server, perhaps others on the same account; `now_s` starts at 0."""

    def __init__(
        self,
        server: Server,
        *,
        seed: int = 0,
        workers: int = 8,
        latency_s: tuple[float, float] = (0.04, 0.4),
        requests_per_minute: int | None = None,
    ) -> None:
        self.server = server
        self.random = random.Random(seed)
        self.now_s = 0.0
        self.latency_s = latency_s
        self.codes: Counter[int] = Counter()
        self.others: Counter[int] = Counter()
        self.sent_s: list[float] = []
        self.refused_s: list[float] = []
        self.heard: list[tuple[float, Waiting]] = []
        self._free = workers
        self._order = count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.limiter = Limiter(
            requests_per_minute=requests_per_minute,
            clock=Clock(now=lambda: self.now_s, wait=self._wait),
        )
        self._listening = self.limiter.subscribe(lambda waiting: self.heard.append((self.now_s, waiting)))
        self._listening.__enter__()  # for as long as the world lasts

    def at(self, when_s: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (max(when_s, self.now_s), next(self._order), event))

    def let_others_send(self, per_minute: float, *, until_s: float = math.inf) -> None:
        """Have somebody else use the account, at random moments."""

        def send() -> None:
            self.others[self.server.take(self.now_s)[0]] += 1
            if self.now_s < until_s:
                self.at(self.now_s + self.random.expovariate(per_minute / 60), send)

        self.at(self.now_s, send)

    def succeed(self, requests: int) -> float:
        """Send until so many were let through; return when the last of them was sent."""
        target = self.codes[200] + requests
        while self.codes[200] < target:
            if self._free and self.codes[200] + self._under_way < target:
                self.send_one()
            else:
                self.step()
        return self.sent_s[-1]

    def work_until(self, end_s: float) -> None:
        """Keep every worker busy until then."""
        while self.now_s < end_s:
            if self._free:
                self.send_one()
            else:
                self.step()

    def send_one(self) -> None:
        slot = self.limiter.slot()
        self._free -= 1
        self._under_way += 1
        self.sent_s.append(self.now_s)
        there_s = self.now_s + self.random.uniform(*self.latency_s) / 2

        def arrive() -> None:
            code, headers = self.server.take(self.now_s)
            self.at(self.now_s + self.random.uniform(*self.latency_s) / 2, lambda: come_back(code, headers))

        def come_back(code: int, headers: dict[str, str]) -> None:
            self.codes[code] += 1
            if code == 429:
                self.refused_s.append(self.now_s)
            self._free += 1
            self._under_way -= 1
            slot.on_answer(headers, code)

        self.at(there_s, arrive)

    _under_way = 0

    def step(self, until_s: float = math.inf) -> None:
        """Let the next event happen, or the time come."""
        next_s = self._events[0][0] if self._events else math.inf
        assert min(next_s, until_s) < math.inf, "everybody waits for everybody"
        if next_s > until_s:
            self.now_s = until_s
            return
        self.now_s, _, event = heapq.heappop(self._events)
        event()

    def _wait(self, condition: threading.Condition, seconds: float) -> None:
        assert seconds > 0, "a wait of no seconds is a busy loop"
        condition.release()
        try:
            self.step(self.now_s + seconds)
        finally:
            condition.acquire()


def share_used(world: World, requests: int) -> float:
    """Send so many; return the share of the server's limit that was made use of, the first burst not counted."""
    full = world.server.limit
    return (requests - 1) // full * 60 / world.succeed(requests)


def quota_of(ceiling: int) -> Quota:
    """Return a quota with the user's own ceiling."""
    quota = Quota()
    quota.ceiling = ceiling
    return quota
