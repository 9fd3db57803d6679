"""What a run needs from the outside: the service's calls and a journal. The api room and the journal provide them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import UnsetType

from exotel_frames.records import Item, NewSubscriber, Page, PlanRow, Reply, Subscriber, Verdict


class Service(Protocol):
    """The calls of API.md that a run uses; each raises the errors of `exotel_frames.errors`."""

    def create(self, subscribers: Sequence[NewSubscriber]) -> Reply[tuple[Item, ...]]:
        """Create 1 to 10."""

    def update(self, name: str, *, status: str, custom_field: str | UnsetType | None = ...) -> Reply[Subscriber]:
        """Update one."""

    def get(self, name: str) -> Reply[Subscriber]:
        """Read one."""

    def list_page(self, *, offset: int = 0, page_size: int = 100) -> Reply[Page[Subscriber]]:
        """Read one page, newest first."""

    def delete(self, name: str) -> Reply[None]:
        """Delete one."""

    def server_time(self) -> datetime | None:
        """Return a lower bound of the server's clock now, from the `Date` of its answers; None before the first."""


class RunJournal(Protocol):
    """Where a run writes what it is about to send, durable when that returns, and what was answered."""

    def record_intent(self, run_id: str, chunk: int, rows: Sequence[int], *, server_time: datetime | None) -> None:
        """Write that these rows are about to be sent."""

    def record_before_image(self, run_id: str, row: PlanRow) -> None:
        """Write what was found out about a row that was planned without knowing the subscriber, before it is sent."""

    def record_results(self, run_id: str, chunk: int, verdicts: Sequence[Verdict], *, with_next: bool) -> None:
        """Write what became of them; `with_next`: with whatever is written next."""
