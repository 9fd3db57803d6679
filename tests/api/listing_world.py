"""A simulated tenant that is written while it is listed: reproducible by seed, without threads, clocks or sockets."""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TypeVar

from exotel_frames.api.listing import walk
from exotel_frames.records import Page

T = TypeVar("T")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Row:
    """A row in listing order; `serial` is its identity: a name that is created again is another row."""

    order: tuple[int, int]
    serial: int
    name: str

    @property
    def second(self) -> int:
        return -self.order[0]


class World:
    """A tenant's list (of one status). `ties`: the order of equal seconds is "stable", "shuffled" or "by_offset"."""

    def __init__(self, rng: random.Random, rows: int, tie: int, ties: str, churn: Callable[[World], None]) -> None:
        self.rng, self.ties, self.churn = rng, ties, churn
        self.rows: list[Row] = []
        self.away: list[Row] = []  # rows that have another status for now
        self.second = self.serial = 0
        self.ever: dict[int, Row] = {}
        self.stayed: set[int] = set()
        while len(self.rows) < rows:
            self.create(min(rng.randint(1, 2 * tie - 1), rows - len(self.rows)))
        self.stayed = {row.serial for row in self.rows}

    def create(self, count: int = 1, *, names: Sequence[str] = (), later: int = 1) -> None:
        """Create rows of one second, `later` seconds after the newest."""
        self.second += later
        for at in range(count):
            self.serial += 1
            name = names[at] if names else f"s{self.serial}"
            row = Row((-self.second, -self.serial), self.serial, name)
            self.ever[row.serial] = row
            insort(self.rows, row)

    def delete(self, position: int) -> Row:
        row = self.rows.pop(position)
        self.stayed.discard(row.serial)
        return row

    def leave(self, position: int) -> None:
        self.away.append(self.delete(position))

    def come_back(self) -> None:
        row = self.away.pop(self.rng.randrange(len(self.away)))
        if all(row.name != other.name for other in self.rows):
            insort(self.rows, row)

    def position(self, within: tuple[float, float] = (0.0, 1.0)) -> int:
        low, high = (int(share * len(self.rows)) for share in within)
        return min(self.rng.randint(low, max(low, high - 1)), len(self.rows) - 1)

    def slice(self, offset: int, size: int) -> list[Row]:
        """One answer: whole groups of one second around the piece, in the order the service likes this time."""
        if self.ties == "stable" or offset >= len(self.rows):
            return self.rows[offset : offset + size]
        last = min(offset + size, len(self.rows)) - 1
        low = bisect_left(self.rows, (self.rows[offset].order[0],), key=lambda row: row.order[:1])
        high = bisect_left(self.rows, (self.rows[last].order[0] + 1,), key=lambda row: row.order[:1])
        luck = self.rng if self.ties == "shuffled" else random.Random(offset)
        shown: list[Row] = []
        for _, group in groupby(self.rows[low:high], key=lambda row: row.second):
            members = list(group)
            shown += luck.sample(members, len(members))
        return shown[offset - low : offset - low + size]


@dataclass
class Service:
    """What answers, with the habits of a server: its largest page, its next links, and when the world moves."""

    world: World
    cap: int = 100
    links: str = "honest"  # "never", "always"
    reverse: bool = False
    dated: bool = True
    requests: int = 0
    requests_begun: int = 0
    under_way: dict[int, int] = field(default_factory=dict)
    answers: dict[int, Page[int]] = field(default_factory=dict)

    def fetch(self, offset: int) -> Page[int]:
        """Answer one request; the world moves before it."""
        if self.requests:
            self.world.churn(self.world)
        self.requests += 1
        rows = self.world.rows[::-1][offset : offset + 100] if self.reverse else self.world.slice(offset, 100)
        rows = rows[: self.cap]
        more = offset + len(rows) < len(self.world.rows)
        return Page(
            offset=offset,
            names=[row.name for row in rows],
            created=[_text(row.second) if self.dated else None for row in rows],
            rows=[row.serial for row in rows],
            last={"honest": not more, "never": True, "always": False}[self.links],
        )

    def begin(self, offset: int) -> Callable[[], Page[int]]:
        """Set a request under way; those that are under way together are carried out in any order."""
        self.requests_begun += 1
        ticket = self.requests_begun
        self.under_way[ticket] = offset
        return lambda: self.answer(ticket)

    def answer(self, ticket: int) -> Page[int]:
        """Wait for an answer; others may be carried out before it."""
        while ticket not in self.answers:
            luck = self.world.rng.choice(list(self.under_way))
            self.answers[luck] = self.fetch(self.under_way.pop(luck))
        return self.answers.pop(ticket)


def _text(second: int) -> str:
    return (EPOCH + timedelta(seconds=second)).isoformat()


def rests(world: World) -> None:
    """Nothing is written."""


def signs_up(world: World) -> None:
    """People sign up, one by one."""
    if world.rng.random() < 0.4:
        world.create()


def loses(world: World) -> None:
    """Rows are deleted, anywhere."""
    if world.rng.random() < 0.4 and world.rows:
        world.delete(world.position())


def loses_one(world: World) -> None:
    """Now and then one row is deleted: most walks see one or none."""
    if world.rng.random() < 0.15 and world.rows:
        world.delete(world.position())


def churns(world: World) -> None:
    """Rows come and go."""
    for _ in range(world.rng.choice((0, 0, 1, 2, 3))):
        if world.rng.random() < 0.5 or not world.rows:
            world.create()
        else:
            world.delete(world.position())


def replaces(world: World) -> None:
    """A row goes and another comes, so that the positions look unmoved."""
    if world.rng.random() < 0.5 and world.rows:
        world.delete(world.position((0.0, 0.6)))
        world.create()


def bursts(world: World) -> None:
    """Now and then ten to forty rows come, or go, at once."""
    if world.rng.random() < 0.1:
        world.create(world.rng.randint(10, 40))
    if world.rng.random() < 0.1:
        for _ in range(min(world.rng.randint(10, 40), len(world.rows))):
            world.delete(world.position((0.0, 0.3)))


def imports(world: World) -> None:
    """A bulk import runs: ten rows with each request, in a second or two."""
    world.create(10, later=world.rng.choice((0, 1)))


def creates_again(world: World) -> None:
    """Names are deleted and created again at once."""
    if world.rng.random() < 0.4 and world.rows:
        row = world.delete(world.position())
        world.create(names=[row.name], later=world.rng.choice((0, 1)))


def switches(world: World) -> None:
    """Statuses change: rows leave the filtered list and come back, in the middle of it."""
    for _ in range(world.rng.choice((0, 0, 1, 2))):
        if world.away and world.rng.random() < 0.5:
            world.come_back()
        elif world.rows:
            world.leave(world.position())


REGIMES = (rests, signs_up, loses, loses_one, churns, replaces, bursts, imports, creates_again, switches)


def read(service: Service, *, workers: int = 1) -> walk.Listing[list[int]]:
    """Read the simulated service by the real walk; only the threads are made up."""
    reader = walk.Reader(service.begin, lambda: workers)
    return walk.read_whole(reader, [], lambda rows: None)


def check_law(world: World, found: walk.Listing[list[int]]) -> None:
    """Every row that stayed is there, none twice, none that never was, newest first."""
    rows = [world.ever[serial] for serial in found.rows]
    names = [row.name for row in rows]
    assert not world.stayed - {row.serial for row in rows}, "rows that stayed are missing"
    assert len(names) == len(set(names)) == len(found.rows), "a name appears twice"
    seconds = [row.second for row in rows]
    assert seconds == sorted(seconds, reverse=True), "not newest first"


def naive(service: Service) -> set[int]:
    """The usual loop: page after page until one is short."""
    found: set[int] = set()
    offset = 0
    while True:
        page = service.fetch(offset)
        found.update(page.rows)
        offset += 100
        if len(page.names) < 100:
            return found


def one_shared_row(fetch: Callable[[int], Page[T]]) -> set[T] | None:
    """The proof by one shared row and the count alone; None when it refuses."""
    names: list[str] = []
    found: set[T] = set()
    offset = 0
    while True:
        page = fetch(offset)
        if offset and (not page.names or page.names[0] != names[-1] or len({*names} & {*page.names}) != 1):
            return None
        names += page.names[bool(offset) :]
        found.update(page.rows)
        if len(page.names) < 100:
            return found if len(names) == offset + len(page.names) == len({*names}) else None
        offset += 99
