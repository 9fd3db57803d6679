"""One chunk of creates: one POST of up to ten, and what was lost on the way is looked for before it is sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import structs

from exotel_frames.errors import ApiError, DuplicateError, NotFoundError, RejectedError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import Item, NewSubscriber, PlanRow, Reply, Subscriber, Verdict, instant
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import AMBIGUOUS_ERRORS, MAX_SENDS, SETTLE_LATER, STOPPING_ERRORS, Chunk, RunContext
from exotel_frames.runs.match_items import match_items
from exotel_frames.runs.settle import CLOCK_TOLERANCE, Settlement, settle_create
from exotel_frames.runs.update_delete import change_row
from exotel_frames.schema import MUTABLE

LIST_PAGES = 2
"""How many newest-first pages are read for lost creates before what is still missing is asked for by name."""
CONFLICT = 409
UNCLEAR = "It exists with these fields, and the service tells no time: whether this run created it can't be told."
NOT_ALWAYS_SENT = tuple(field.name for field in MUTABLE if not field.always_sent)
Seen = tuple[Subscriber | None, Reply[Any]]


def create_rows(context: RunContext, chunk: Chunk[PlanRow]) -> list[Verdict]:
    """Create the chunk's subscribers; one verdict a row."""
    creates = _Creates(context, chunk)
    for sends in range(MAX_SENDS + 1):
        if creates.lost:
            creates.find_lost()
        if not creates.open or sends == MAX_SENDS or context.stop_signal.is_set():
            break
        creates.send()
    return [_made_inactive(context, chunk, row, verdict) for row, verdict in creates.results()]


class _Creates:
    """The state of one chunk: which names are open, and which of those must be looked for before they are sent again.

    A name is in `maybe_created` for good once an answer about it was lost: a 409 may then speak of our own request.
    """

    def __init__(self, context: RunContext, chunk: Chunk[PlanRow]) -> None:
        self.context = context
        self.chunk = chunk
        self.open = {row.subscriber_name: row for row in chunk.rows}
        self.lost = set(self.open) if chunk.was_sent else set()
        self.maybe_created = set(self.lost)
        self.first_sent_at: datetime | None = chunk.first_sent_at
        self.sends: Counter[str] = Counter()
        self.settled: dict[str, Verdict] = {}

    def send(self) -> None:
        """POST what is open; afterwards each name is settled or lost, unless nothing was sent at all."""
        rows = list(self.open.values())
        first = self.context.record_intent(self.chunk, rows)
        if not self.maybe_created:
            self.first_sent_at = first  # later sends don't move it: what is looked for may stem from the first one
        asked = [_asked(row) for row in rows]
        try:
            reply = self.context.service.create(asked)
        except STOPPING_ERRORS as problem:
            self.context.stop(problem)
        except AMBIGUOUS_ERRORS:
            self._count(rows)
            self._mark_lost(self.open)
        except RejectedError as problem:
            self._count(rows)
            self._refused(rows, problem)
        else:
            self._count(rows, reply.attempts)
            for row, item in zip(rows, match_items(asked, reply.data), strict=True):
                self._apply_item(row, item, reply)

    def find_lost(self) -> None:
        """Read what became of the lost names; what was not carried out stays open."""
        self.context.wait_before_lookup()
        try:
            recent, complete = _recent(self.context, self.first_sent_at, self.lost)
            for name in [name for name in self.open if name in self.lost]:
                seen = recent.get(name)
                if seen is None and not complete:
                    seen = _read(self.context, name)
                self._judge(self.open[name], seen)
        except ApiError as problem:
            self.context.stop(problem)

    def results(self) -> list[tuple[PlanRow, Verdict]]:
        """Return one verdict a row: settled, or else unknown when it may have been sent, or else not sent."""
        return [(row, self.settled.get(row.subscriber_name) or self._unsettled(row)) for row in self.chunk.rows]

    def _apply_item(self, row: PlanRow, item: Item | None, reply: Reply[Any]) -> None:
        name = row.subscriber_name
        if item is None or (item.code == CONFLICT and name in self.maybe_created):
            self._mark_lost([name])
        else:
            created = item.code in range(200, 300)
            self._settle(row, verdicts.of_item(row, "done" if created else "rejected", reply, item))

    def _refused(self, rows: list[PlanRow], problem: RejectedError) -> None:
        for row in rows:
            if isinstance(problem, DuplicateError) and row.subscriber_name in self.maybe_created:
                self._mark_lost([row.subscriber_name])
            else:
                self._settle(row, verdicts.of_error(row, "rejected", problem))

    def _judge(self, row: PlanRow, seen: Seen | None) -> None:
        live, reply = seen or (None, None)
        settlement = settle_create(row, live, self.first_sent_at)
        if settlement is Settlement.NOT_DONE or reply is None:
            self.lost.discard(row.subscriber_name)
        elif settlement is Settlement.DONE:
            self._settle(row, verdicts.answered(row, "done", reply, live))
        elif settlement is Settlement.UNCLEAR:
            self._settle(row, verdicts.answered(row, "unknown", reply, live, UNCLEAR))
        else:
            self._settle(row, _duplicate(row, reply, live))

    def _settle(self, row: PlanRow, verdict: Verdict) -> None:
        name = row.subscriber_name
        self.settled[name] = structs.replace(verdict, attempts=self.sends[name])
        del self.open[name]
        self.lost.discard(name)

    def _unsettled(self, row: PlanRow) -> Verdict:
        sends = self.sends[row.subscriber_name]
        if sends or self.chunk.was_sent:
            return structs.replace(verdicts.blank(row, "unknown", message=SETTLE_LATER), attempts=sends)
        return verdicts.blank(row, "not_sent", message=self.context.stop_signal.reason)

    def _mark_lost(self, names: Iterable[str]) -> None:
        self.lost.update(names)
        self.maybe_created.update(names)

    def _count(self, rows: list[PlanRow], attempts: int = 1) -> None:
        self.sends.update({row.subscriber_name: attempts for row in rows})


def _asked(row: PlanRow) -> NewSubscriber:
    given = {name: getattr(row, name) for name in NewSubscriber.__struct_fields__[1:]}
    return NewSubscriber(row.subscriber_name, **{name: text for name, text in given.items() if text})


def _recent(context: RunContext, since: datetime | None, names: set[str]) -> tuple[dict[str, Seen], bool]:
    """Read newest first until all names are seen, or a row is older than the intent.

    Return what was seen, and whether a name that was not seen has certainly not been created since.
    """
    found: dict[str, Seen] = {}
    offset = 0
    for _ in range(LIST_PAGES if since else 0):
        reply = context.service.list_page(offset=offset)
        found.update({live.subscriber_name: (live, reply) for live in reply.data.rows if live.subscriber_name in names})
        if reply.data.last or names <= found.keys() or _reaches(reply.data.rows, since):
            return found, True
        offset += len(reply.data.rows)
    return found, False


def _reaches(rows: list[Subscriber], since: datetime | None) -> bool:
    created = instant(rows[-1].date_created) if rows else None
    return created is not None and since is not None and created < since - CLOCK_TOLERANCE


def _read(context: RunContext, name: str) -> Seen | None:
    try:
        reply = context.service.get(name)
    except NotFoundError:
        return None
    return reply.data, reply


def _duplicate(row: PlanRow, reply: Reply[Any], live: Subscriber | None) -> Verdict:
    """Say which other subscriber has the name."""
    assert live is not None
    verdict = verdicts.answered(row, "rejected", reply, live, "Duplicate resource")
    other = f"{live.status}, custom_field {live.custom_field!r}, created {live.date_created}"
    return structs.replace(verdict, code=CONFLICT, error_description=f"Another subscriber has this name: {other}.")


def _made_inactive(context: RunContext, chunk: Chunk[PlanRow], row: PlanRow, verdict: Verdict) -> Verdict:
    """Follow a create with the update it needs when the plan wants the subscriber inactive: POST knows no status."""
    if row.status != "inactive" or verdict.outcome != "done" or verdict.status == "inactive":
        return verdict
    step = PlanRow(
        row=row.row,
        action="update",
        subscriber_name=row.subscriber_name,
        status_from="active",
        status="inactive",
        **{column: getattr(row, name) for name in NOT_ALWAYS_SENT for column in (f"{name}_from", name)},
        date_updated=instant(verdict.date_updated),
    )
    after = change_row(context, Chunk(chunk.number, (step,)), step, None)
    if after.outcome == "done":
        return structs.replace(verdict, status=after.status, date_updated=after.date_updated)
    message = f"Created, but still active: {after.error_message}"
    return structs.replace(verdict, outcome=_weaker(after.outcome), error_message=message)


def _weaker(outcome: Outcome) -> Outcome:
    """Name a create whose second half failed: nobody may think that nothing was created."""
    return "unknown" if outcome == "not_sent" else outcome
