"""Faults on demand: what networks, gateways and other writers do to a client, by probability and by seed."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final

CALLS: Final = ("create", "update", "get", "list", "delete", "token")
"""The six calls, by the names API.md gives them."""

BEFORE: Final = ("rate429", "drop_before", "error_before")
AFTER: Final = ("drop_after", "error_after", "truncate")
MIXING: Final = ("shuffle", "short")
"""Only a 207 has items to mix."""


def _span(latency: float | tuple[float, float]) -> tuple[float, float]:
    return latency if isinstance(latency, tuple) else (latency, latency)


@dataclass(frozen=True, kw_only=True)
class Faults:
    """How often what goes wrong; all probabilities are 0 to 1, for each request by itself.

    Before anything is done: `rate429` (a 429 with `Retry-After: <retry_after>`), `drop_before` (the connection closes),
    `error_before` (500, 502 or 503, HTML or nothing). After the write was done: `drop_after`, `error_after` (504),
    `truncate` (the body cut short; half of the time nothing says how long it should have been). Of these six
    a request gets the first that is drawn. In a 207 there are also `shuffle` and `short` (items are missing).

    `latency_s` delays the call itself and `answer_latency_s` the answer to it: seconds, or (low, high).
    So many `churn_inserts` and `churn_deletes` happen at each list call, before it is answered (0.5: at every second);
    `unstable_ties` gives the subscribers of one second another order each time.

    `only` limits everything to some of the six calls; `limit` is how many requests are struck at most (latency and
    churn go on).
    """

    latency_s: float | tuple[float, float] = 0.0
    answer_latency_s: float | tuple[float, float] = 0.0
    drop_before: float = 0.0
    drop_after: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    truncate: float = 0.0
    shuffle: float = 0.0
    short: float = 0.0
    rate429: float = 0.0
    retry_after: str = "1"
    churn_inserts: float = 0.0
    churn_deletes: float = 0.0
    unstable_ties: bool = False
    only: Collection[str] = CALLS
    limit: int | None = None

    def __post_init__(self) -> None:
        wrong = [
            f"{name}={getattr(self, name)}" for name in (*BEFORE, *AFTER, *MIXING) if not 0 <= getattr(self, name) <= 1
        ]
        wrong += [f"only names {call!r}" for call in sorted(set(self.only) - set(CALLS))]
        wrong += [f"{name}={value}" for name, value in self._amounts() if value < 0]
        if wrong:
            raise ValueError(
                f"These faults can't be: {', '.join(wrong)}. A probability is 0 to 1, an amount 0 or more, "
                f"a call one of {', '.join(CALLS)}."
            )

    def _amounts(self) -> list[tuple[str, float]]:
        spans = {"latency_s": _span(self.latency_s), "answer_latency_s": _span(self.answer_latency_s)}
        amounts = [(name, min(low, high - low)) for name, (low, high) in spans.items()]
        return [
            *amounts,
            ("churn_inserts", self.churn_inserts),
            ("churn_deletes", self.churn_deletes),
            ("limit", self.limit or 0),
        ]


def as_faults(faults: Faults | dict[str, Any] | None) -> Faults:
    """Take faults as an object, as a dict of its fields, or as None: none.

    >>> as_faults({"drop_after": 1, "only": ["create"], "limit": 1}).drop_after
    1
    """
    if isinstance(faults, Faults):
        return faults
    given: dict[str, Any] = dict(faults or {})
    known = {field.name for field in fields(Faults)}
    if unknown := sorted(given.keys() - known):
        raise ValueError(f"There are no such faults: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    spans: dict[str, Any] = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return Faults(**{**given, **spans})


class Draw:
    """The fault of one request: `hits`, and a source of chance of its own for the details."""

    __slots__ = ("faults", "hits", "random")

    def __init__(self, faults: Faults, hits: tuple[str, ...], chance: random.Random) -> None:
        self.faults = faults
        self.hits = hits
        self.random = chance

    def seconds(self, latency: float | tuple[float, float]) -> float:
        """Draw a latency."""
        low, high = _span(latency)
        return low if low == high else self.random.uniform(low, high)

    def times(self, rate: float) -> int:
        """Draw how often something happens that happens `rate` times on average.

        >>> Draw(Faults(), (), random.Random(0)).times(2.0)
        2
        """
        whole = int(rate)
        return whole + (self.random.random() < rate - whole)


class Dice:
    """Draws the fault of each request.

    A draw depends on the seed, the request (method, path, body) and how often the same request was seen: not on the
    order in which the threads of a client happen to come.

    >>> dice = Dice(Faults(drop_after=1, limit=1), seed=7)
    >>> [dice.draw("create", "POST /subscribers", b"{}").hits for _ in range(2)]
    [('drop_after',), ()]
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self._seed = seed
        self._seen: Counter[bytes] = Counter()
        self._left = faults.limit
        self._quiet = faults == Faults()

    def draw(self, call: str | None, target: str, body: bytes) -> Draw:
        """Draw for one request; a request that is none of the six calls is left in peace."""
        if self._quiet or call is None or call not in self.faults.only:
            return _NOTHING
        asked = hashlib.blake2b(f"{target}\n".encode() + body, digest_size=16).digest()
        self._seen[asked] += 1
        chance = random.Random(f"{self._seed}|{asked.hex()}|{self._seen[asked]}")  # noqa: S311 - chance, not a secret
        drawn = {name for name in (*BEFORE, *AFTER, *MIXING) if chance.random() < getattr(self.faults, name)}
        return Draw(self.faults, self._within_limit(_strike(drawn, call)), chance)

    def _within_limit(self, hits: tuple[str, ...]) -> tuple[str, ...]:
        if not hits or self._left is None:
            return hits
        self._left -= 1
        return hits if self._left >= 0 else ()


_NOTHING: Final = Draw(Faults(), (), random.Random(0))  # noqa: S311 - never drawn from


def _strike(drawn: set[str], call: str) -> tuple[str, ...]:
    """Choose which of the drawn faults happen: one that ends the exchange, and what mixes the items of a 207."""
    ending = next((name for name in (*BEFORE, *AFTER) if name in drawn), None)
    mixing = [name for name in MIXING if name in drawn and call == "create"] if ending in {None, "truncate"} else []
    return (*mixing, *([ending] if ending else []))
