"""One chunk of creates: one POST of up to ten; rows whose response was lost are looked up before a retry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import structs

from exotel_frames.errors import ApiError, RejectedError
from exotel_frames.records import Chunk, Item, NewSubscriber, PlanRow, Reply, Subscriber, Verdict, instant
from exotel_frames.runs import messages, verdicts
from exotel_frames.runs.context import (
    ACCEPTED,
    AMBIGUOUS_ERRORS,
    MAX_SENDS,
    SETTLE_LATER,
    RunContext,
    stops_a_run,
)
from exotel_frames.runs.find_created import Seen, find_recent, read_one
from exotel_frames.runs.make_inactive import make_inactive
from exotel_frames.runs.match_items import match_items
from exotel_frames.runs.plan_row import new_subscriber
from exotel_frames.runs.settle import Settlement, fields_at_birth, has_our_texts, settle_create
from exotel_frames.runs.stored import difference

CONFLICT: Final = 409
FAILED_DEPENDENCY: Final = 424


def create_rows(context: RunContext, chunk: Chunk[PlanRow]) -> list[Verdict]:
    """Create the chunk's subscribers; one verdict a row."""
    creates = _Creates(context, chunk)
    for sends in range(MAX_SENDS + 1):
        if creates.lost:
            creates.find_lost()
        if not creates.open or sends == MAX_SENDS or context.stop_signal.is_set():
            break
        creates.send()
    return [make_inactive(context, row, verdict) for row, verdict in creates.results()]


class _Creates:
    """The state of one chunk: which names are open, and which of those must be looked for before they are sent again.

    A name is in `maybe_created` for good once an answer about it was lost: a 409 may then speak of our own request.
    `answered` has the successes that show another text than was sent, `refused` the refusals that may speak of our own
    request; a reading decides about both. Nothing was lost before a refusal that is only `doubted`; once a reading has
    shown such a name as old (`shows_old`), the others that it does not show as new are believed.
    After a POST that was refused as a whole, or failed alike each time, `one_by_one` sends each row alone.
    """

    def __init__(self, context: RunContext, chunk: Chunk[PlanRow]) -> None:
        self.context = context
        self.chunk = chunk
        self.open = {row.subscriber_name: row for row in chunk.rows}
        self.lost = set(self.open) if chunk.was_sent else set()
        self.maybe_created = set(self.lost)
        self.answered: dict[str, Verdict] = {}
        self.refused: dict[str, Verdict] = {}
        self.doubted: set[str] = set()
        self.shows_old = False
        self.first_sent_at: datetime | None = chunk.first_sent_at
        self.sends: Counter[str] = Counter()
        self.settled: dict[str, Verdict] = {}
        self.one_by_one = False
        self.failures: list[int | None] = []
        self.patient = chunk.was_sent

    def send(self) -> None:
        """POST what is open; afterwards each name is settled or lost, unless nothing was sent at all."""
        rows = [row for name, row in self.open.items() if name not in self.lost]
        for part in [[row] for row in rows] if self.one_by_one else [rows][: len(rows)]:
            if not self.context.stop_signal.is_set():
                self._post(part)

    def _post(self, rows: list[PlanRow]) -> None:
        first = self.context.record_intent(self.chunk, rows)
        if not self.maybe_created:
            self.first_sent_at = first  # later sends don't move it: what is looked for may stem from the first one
        asked = [new_subscriber(row) for row in rows]
        try:
            reply = self.context.service.create(asked)
        except AMBIGUOUS_ERRORS as problem:
            self.failures.append(problem.http_code)
            alike = problem.http_code and self.failures == [problem.http_code] * (MAX_SENDS - 1)
            self.one_by_one = self.one_by_one or bool(alike)  # one row may be to blame
            self._count(rows)
            self._mark_lost(row.subscriber_name for row in rows)
        except ApiError as problem:
            if not isinstance(problem, RejectedError) or stops_a_run(problem):
                self.context.stop(problem)
                return
            self._count(rows)
            self._apply_refusal(rows, asked, problem)
        else:
            self._count(rows, reply.attempts)
            items = () if reply.http_code == ACCEPTED else reply.data
            self._apply_items(rows, match_items(asked, items), reply)

    def _apply_refusal(self, rows: list[PlanRow], asked: list[NewSubscriber], problem: RejectedError) -> None:
        """Take a 4xx: each row's item when it has them, the one row's verdict, or else a reason to send one by one."""
        items: Sequence[Item] = problem.items
        if items:
            reply = Reply(items, problem.http_code or 0, problem.request_id, seconds=problem.seconds)
            self._apply_items(rows, match_items(asked, items), reply)
        elif len(rows) > 1:
            self.one_by_one = True
            self._mark_lost((row.subscriber_name for row in rows), patient=False)
        else:
            verdict = verdicts.of_error(rows[0], "rejected", problem)
            self._apply_refused(rows[0], verdict, doubtful=problem.http_code == CONFLICT)

    def _apply_items(self, rows: list[PlanRow], found: Sequence[Item | None], reply: Reply[Any]) -> None:
        none_made = not any(item is not None and item.code in range(200, 300) for item in found)
        since = self._since()
        for row, item in zip(rows, found, strict=True):
            if item is None:
                self._mark_lost([row.subscriber_name])
            elif item.code in range(200, 300):
                self._apply_success(row, item, reply, since)
            elif item.code == FAILED_DEPENDENCY and len(rows) > 1:
                self.one_by_one = True  # another row is to blame: after a look, this one is sent alone
                self._mark_lost([row.subscriber_name], patient=False)
            else:
                verdict = verdicts.of_item(row, "rejected", reply, item)
                # A gateway that repeats a POST answers with the second one's refusals: then none of them succeeded.
                self._apply_refused(row, verdict, doubtful=item.code == CONFLICT and none_made)

    def _apply_success(self, row: PlanRow, item: Item, reply: Reply[Any], since: datetime | None) -> None:
        live = item.data
        assert live is not None, "match_items takes no success without a subscriber"
        note = difference(row.subscriber_name, fields_at_birth(row), live)
        verdict = verdicts.of_item(row, "done", reply, item, note)
        created = instant(live.date_created)
        if created and since and self.context.clocks.gap().is_before(created, since):  # it existed before
            self._settle(row, _taken_verdict(structs.replace(verdict, outcome="rejected")))
        elif note is None or has_our_texts(row, live):
            if row.subscriber_name not in self.maybe_created:
                self.context.measure(created, reply)
            self._settle(row, verdict)
        else:
            # without a date nothing but the text tells it from one that was there before
            self.answered[row.subscriber_name] = verdict if created else structs.replace(verdict, outcome="unknown")
            self._mark_lost([row.subscriber_name], patient=False)

    def _apply_refused(self, row: PlanRow, verdict: Verdict, *, doubtful: bool) -> None:
        name = row.subscriber_name
        if verdict.code == CONFLICT and (doubtful or name in self.maybe_created):
            self.refused[name] = verdict
            if name not in self.maybe_created:
                self.doubted.add(name)
            self._mark_lost([name], patient=name in self.maybe_created)
        else:
            self._settle(row, verdict)

    def find_lost(self) -> None:
        """Read what became of the lost names; what was not carried out stays open."""
        if self.patient:
            self.context.wait_before_lookup()
        self.patient = False
        try:
            recent, complete = find_recent(self.context, self.first_sent_at, self.lost)
            for name in [name for name in self.open if name in self.lost]:
                seen = recent.get(name)
                if seen is None and complete and name in self.doubted and self.shows_old:
                    self._settle(self.open[name], self.refused[name])
                    continue
                if seen is None and (not complete or name in self.refused or name in self.answered):
                    self._look_up(self.open[name])
                else:
                    self._judge(self.open[name], seen)
        except ApiError as problem:
            self.context.stop(problem)

    def _look_up(self, row: PlanRow) -> None:
        """Read one by name; one that we may not read stays unknown, and the others go on."""
        try:
            self._judge(row, read_one(self.context, row.subscriber_name))
        except ApiError as refusal:
            if not self.context.leaves_out(refusal):
                raise
            verdict = verdicts.of_error(row, "unknown", refusal)
            self._settle(row, structs.replace(verdict, error_description=SETTLE_LATER))

    def results(self) -> list[tuple[PlanRow, Verdict]]:
        """Return one verdict a row: settled, or else unknown when it may have been sent, or else not sent."""
        return [(row, self.settled.get(row.subscriber_name) or self._unsettled_verdict(row)) for row in self.chunk.rows]

    def _judge(self, row: PlanRow, seen: Seen | None) -> None:
        name = row.subscriber_name
        if seen is None:
            self._judge_missing(name)
            return
        live, reply = seen
        if self.context.is_stale(name, live):
            self.patient = True  # it stays lost, and is looked for once more
            return
        settlement = self._settlement(row, live)
        if settlement is Settlement.DONE:
            note = difference(row.subscriber_name, fields_at_birth(row), live)
            self._settle(row, verdicts.of_answer(row, "done", reply, live, note))
        elif settlement is Settlement.UNCLEAR:
            self._settle(row, verdicts.of_answer(row, "unknown", reply, None, self._why_unclear(row, seen)))
        else:
            self.shows_old = True
            self._settle(
                row, self.refused.get(name) or _taken_verdict(verdicts.of_answer(row, "rejected", reply, live))
            )

    def _settlement(self, row: PlanRow, live: Subscriber) -> Settlement:
        name = row.subscriber_name
        others = self.context.is_of_another_run(name, live)
        if others and not self.chunk.was_sent:
            return Settlement.NAME_TAKEN  # all other runs are earlier ones
        settlement = settle_create(row, live, self._since(), self.context.clocks.gap())
        if settlement is Settlement.UNCLEAR and name in self.answered and self.answered[name].outcome == "done":
            return Settlement.DONE  # the service has answered a success for this name
        if settlement is Settlement.DONE and (others or self._is_doubted(name)):
            return Settlement.UNCLEAR
        return settlement

    def _since(self) -> datetime | None:
        """Return the service's time at the first sending, unless its clock has contradicted itself since."""
        return self.first_sent_at if self.context.service.server_time() else None

    def _is_doubted(self, name: str) -> bool:
        """Tell whether it stays open whose subscriber this is: a second look helps only once clocks were measured."""
        before = self.chunk.doubts.get(name, "")
        if name in self.doubted or messages.REPEATED in before:
            return self.context.behavior.get("gateway") != "repeats_post"
        return before.startswith(messages.NOT_TOLD) and not (
            messages.CLOCKS in before and self.context.clocks.is_measured
        )

    def _judge_missing(self, name: str) -> None:
        """Send again what does not exist, unless the service has said that it does: then its readings lag."""
        if name in self.refused or name in self.answered:
            self.patient = True
        else:
            self.lost.discard(name)

    def _why_unclear(self, row: PlanRow, seen: Seen) -> str:
        live, gap = seen[0], self.context.clocks.gap()
        before = self.chunk.doubts.get(row.subscriber_name, "")
        if before.startswith(messages.NOT_TOLD):
            return before
        if row.subscriber_name in self.doubted:
            why = messages.REPEATED
        elif self.context.is_of_another_run(row.subscriber_name, live):
            why = messages.OTHER_RUN
        elif instant(live.date_created) is None or self._since() is None:
            why = messages.NO_TIME
        elif not has_our_texts(row, live):
            why = messages.OTHER_TEXT
        else:
            why = messages.TWO_CLOCKS.format(seconds=max(abs(gap.low_s), abs(gap.high_s)))
        return messages.UNCLEAR.format(why=why, state=verdicts.describe_state(live))

    def _settle(self, row: PlanRow, verdict: Verdict) -> None:
        name = row.subscriber_name
        self.settled[name] = structs.replace(verdict, attempts=self.sends[name])
        del self.open[name]
        self.lost.discard(name)

    def _unsettled_verdict(self, row: PlanRow) -> Verdict:
        name, sends = row.subscriber_name, self.sends[row.subscriber_name]
        if name in self.answered:
            left = self.answered[name]
        elif name in self.refused:
            left = structs.replace(self.refused[name], outcome="unknown", error_message=messages.NOT_SHOWN)
        elif sends or self.chunk.was_sent:
            left = verdicts.blank(row, "unknown", message=SETTLE_LATER)
        else:
            left = verdicts.blank(row, "not_sent", message=self.context.stop_signal.reason)
        return structs.replace(left, attempts=sends)

    def _mark_lost(self, names: Iterable[str], *, patient: bool = True) -> None:
        lost = set(names)
        self.lost.update(lost)
        self.maybe_created.update(lost)
        self.patient = self.patient or patient

    def _count(self, rows: list[PlanRow], attempts: int = 1) -> None:
        self.sends.update({row.subscriber_name: attempts for row in rows})


def _taken_verdict(verdict: Verdict) -> Verdict:
    """Say which other subscriber has the name, in our own words: the service has not refused it."""
    description = f"It is {verdicts.describe_state(verdict)}."
    return structs.replace(verdict, code=None, error_message=messages.NAME_TAKEN, error_description=description)
