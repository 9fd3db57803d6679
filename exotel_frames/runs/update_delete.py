"""One row of an update or a delete: send it; if the response is lost, read the subscriber and decide."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec import structs

from exotel_frames.errors import ApiError, NotFoundError, RejectedError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import PlanRow, Reply, Subscriber, Verdict, instant
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import (
    ACCEPTED,
    AMBIGUOUS_ERRORS,
    MAX_SENDS,
    SETTLE_LATER,
    RunContext,
    refuses_one,
    stops_a_run,
)
from exotel_frames.runs.messages import ACCEPTED_ONLY, CLEARED, GONE_MEANWHILE, NOBODY, OLD_READING, UNCHANGED
from exotel_frames.runs.plan_row import (
    has_our_choices,
    is_same_state,
    kept_fields,
    lacks_before,
    sendable_fields,
    was_there,
    with_before,
)
from exotel_frames.runs.settle import (
    Settlement,
    fields_to_send,
    is_respelled_target,
    is_target,
    settle_delete,
    settle_update,
)
from exotel_frames.runs.stored import difference
from exotel_frames.text import quote_value

CLEARING: Final = "put_without_custom_field"


def change_row(context: RunContext, since: datetime | None, row: PlanRow, *, was_sent: bool = False) -> Verdict:
    """Carry out one update or delete, which may have been sent before; exactly one verdict, whatever happens."""
    change = _Change(context, row, since, lost=was_sent)
    verdict = change.run()
    return structs.replace(verdict, attempts=change.sends)


@dataclass(frozen=True)
class _Seen:
    """What a read showed: a subscriber, or the service's word that there is none, or why it could not be read."""

    reply: Reply[Subscriber] | None
    refusal: ApiError | None = None

    @property
    def live(self) -> Subscriber | None:
        return self.reply.data if self.reply else None


class _Change:
    """The state of one row: how often it was sent, whether an answer was lost, and what was read since."""

    def __init__(self, context: RunContext, row: PlanRow, since: datetime | None, *, lost: bool) -> None:
        self.context = context
        self.row = row
        self.since = since
        self.lost = lost
        self.sends = 0
        self.looks = 0
        self.unlike: list[Reply[Subscriber]] = []
        """Successes that did not show what was sent."""
        self.message = SETTLE_LATER

    def run(self) -> Verdict:
        """Look and send until there is a verdict, or the run is stopped, or it was tried often enough."""
        while not self.context.stop_signal.is_set() or self.lost:
            verdict = self._look() if self.lost or lacks_before(self.row) else None
            if verdict is None and self.sends < MAX_SENDS:
                with self._with_care():
                    verdict = _STOPPED if self.context.stop_signal.is_set() else self._send()
            elif verdict is None:
                break
            if verdict is _STOPPED:
                break
            if isinstance(verdict, Verdict):
                return verdict
        if self.lost:
            return verdicts.blank(self.row, "unknown", message=self.message)
        return verdicts.blank(self.row, "not_sent", message=self.context.stop_signal.reason)

    def _with_care(self) -> AbstractContextManager[None]:
        """Wait for the others where an update could clear what it does not name, until one answer has shown it."""
        at_risk = self.row.action == "update" and kept_fields(self.row)
        return self.context.one_at_first(CLEARING) if at_risk else nullcontext()

    def _look(self) -> Verdict | object | None:
        """Read the subscriber, again where a reading is old, and judge; None when the row is to be sent (again)."""
        while seen := self._read():
            if seen.refusal is not None and not isinstance(seen.refusal, NotFoundError):
                return self._unreadable_verdict(seen.refusal)
            if not self.lost:
                return self._prepare(seen)
            settlement = self._settlement(seen)
            if settlement is not Settlement.STALE:
                return self._judge(seen, settlement)
            self.looks += 1
            self.message = OLD_READING
            if self.looks > MAX_SENDS or self.context.stop_signal.is_set():
                break
        return _STOPPED

    def _read(self) -> _Seen | None:
        """Read the subscriber; None when the service stays away, and the run is stopped."""
        if self.lost:
            self.context.wait_before_lookup()
        try:
            return _Seen(self.context.service.get(self.row.subscriber_name))
        except ApiError as problem:
            if self.context.leaves_out(problem):
                return _Seen(None, problem)
            self.context.stop(problem)
            return None

    def _unreadable_verdict(self, refusal: ApiError) -> Verdict:
        """Return the verdict of a row whose subscriber can't be read: open if it was sent, or the service failed."""
        outcome: Outcome = "unknown" if self.lost else "rejected" if refuses_one(refusal) else "not_sent"
        verdict = verdicts.of_error(self.row, outcome, refusal)
        return structs.replace(verdict, error_description=SETTLE_LATER) if self.lost else verdict

    def _prepare(self, seen: _Seen) -> Verdict | None:
        """Complete a row that was planned without knowing the subscriber; a verdict when there is nothing to send."""
        live = self.context.believe(self.row.subscriber_name, seen.live)
        if live is None:
            return _verdict_from(self.row, "rejected", seen)
        known = with_before(self.row, live)
        if is_target(known, live):
            return _unchanged_verdict(known, seen, live)
        self.context.journal.record_before_image(self.context.run_id, known)
        self.row = known
        return None

    def _settlement(self, seen: _Seen) -> Settlement:
        name = self.row.subscriber_name
        if self.context.is_stale(name, seen.live):
            return Settlement.STALE
        doubtful = seen.live is None and self.context.is_doubtful(name)
        if self.row.action == "delete":
            # The primary's own answer to a second DELETE settles what a reading from elsewhere can't.
            gap = self.context.clocks.gap()
            return Settlement.NOT_DONE if doubtful else settle_delete(self.row, seen.live, self.since, gap)
        return Settlement.STALE if doubtful else settle_update(self.row, seen.live)

    def _judge(self, seen: _Seen, settlement: Settlement) -> Verdict | None:
        """Return the verdict that a reading allows; None when the row is to be sent again."""
        if self._is_as_answered(seen.live):
            return self._done(seen)
        if settlement is Settlement.NOT_DONE:
            known = with_before(self.row, seen.live) if seen.live else self.row
            if known is not self.row:
                self.context.journal.record_before_image(self.context.run_id, known)
                self.row = known
            return None
        if settlement is Settlement.DONE:
            had_somebody = seen.live or self.row.action != "delete" or was_there(self.row)
            return self._done(seen) if had_somebody else _verdict_from(self.row, "unknown", seen, NOBODY)
        if settlement is Settlement.GONE:
            return _verdict_from(self.row, "rejected", seen)
        return _verdict_from(self.row, "conflict", seen, _moved_note(seen.live))

    def _done(self, seen: _Seen) -> Verdict:
        note = self._difference(seen.live)
        return _verdict_from(self.row, "done", seen, note)

    def _difference(self, live: Subscriber | None) -> str | None:
        if live is None or self.row.action == "delete":
            return None
        return difference(self.row.subscriber_name, fields_to_send(self.row), live)

    def _is_as_answered(self, live: Subscriber | None) -> bool:
        """Tell whether a reading shows what a success has answered: then that is what the service made of it.

        A date that has not moved is believed the second time only: the first answer may show what it was before.
        """
        if live is None or not self.unlike or not is_same_state(live, self.unlike[-1].data):
            return False
        moved = self.row.date_updated is not None and instant(live.date_updated) != self.row.date_updated
        return moved or (len(self.unlike) > 1 and has_our_choices(self.row, live))

    def _send(self) -> Verdict | object | None:
        """Send one PUT or DELETE; None when the answer was lost, or does not show what was asked for."""
        try:
            reply: Reply[Any] = self._request()
        except AMBIGUOUS_ERRORS:
            self.lost = True
            self.sends += 1
            return None
        except ApiError as problem:
            return self._take_refusal(problem)
        self.sends += reply.attempts
        if reply.http_code == ACCEPTED:
            self.lost = True
            self.message = ACCEPTED_ONLY
            return None
        if self.row.action == "delete":
            return verdicts.of_answer(self.row, "done", reply, None)
        return self._take_success(reply)

    def _request(self) -> Reply[Any]:
        service, row = self.context.service, self.row
        if row.action == "delete":
            return service.delete(row.subscriber_name)
        kept = kept_fields(row) if self.context.behavior.get(CLEARING) == "clears" else {}
        return service.update(row.subscriber_name, **kept | sendable_fields(row))

    def _take_refusal(self, problem: ApiError) -> Verdict | object:
        if stops_a_run(problem) or not isinstance(problem, RejectedError):
            self.context.stop(problem)
            return _STOPPED
        self.sends += problem.attempts
        if isinstance(problem, NotFoundError) and self.row.action == "delete":
            return self._nobody_to_delete(problem)
        return verdicts.of_error(self.row, "rejected", problem)

    def _nobody_to_delete(self, problem: NotFoundError) -> Verdict:
        """Say of a subscriber who is gone whether this run deleted it: after a lost answer, or a gateway's repeat."""
        if self.lost and was_there(self.row):
            return _verdict_from(self.row, "done", _Seen(None, problem))
        if self.lost:
            return verdicts.of_error(self.row, "unknown", problem, NOBODY)
        if not was_there(self.row):
            return verdicts.of_error(self.row, "rejected", problem)
        repeats = self.context.behavior.get("gateway") == "repeats_delete"
        return verdicts.of_error(self.row, "done" if repeats else "unknown", problem, GONE_MEANWHILE)

    def _take_success(self, reply: Reply[Subscriber]) -> Verdict | None:
        """Take a success: done, with what is stored and how that differs; one that shows no change is looked at."""
        row, live = self.row, reply.data
        updated = instant(live.date_updated)
        moved = updated is not None and row.date_updated is not None and updated != row.date_updated
        if (
            not is_target(row, live)
            and not is_respelled_target(row, live)
            and not (moved and has_our_choices(row, live))
        ):
            self.unlike.append(reply)
            self.lost = True
            self.message = UNCHANGED.format(what=difference(row.subscriber_name, fields_to_send(row), live))
            return None
        if moved and not self.lost:
            self.context.measure(live.date_updated, reply)
        sent = fields_to_send(row)
        lost = {name: text for name, text in kept_fields(row).items() if not getattr(live, name)}
        if not lost:
            if kept_fields(row):
                self.context.behavior.setdefault(CLEARING, "holds")
            return verdicts.of_answer(row, "done", reply, live, difference(row.subscriber_name, sent, live))
        self.context.behavior[CLEARING] = "clears"
        note = CLEARED.format(fields=", ".join(f"{name} was {quote_value(text)}" for name, text in lost.items()))
        return verdicts.of_answer(row, "done", reply, live, note)


_STOPPED: Final = object()


def _verdict_from(row: PlanRow, outcome: Outcome, seen: _Seen, message: str | None = None) -> Verdict:
    if seen.reply:
        live = None if row.action == "delete" and outcome == "done" else seen.live
        return verdicts.of_answer(row, outcome, seen.reply, live, message)
    assert seen.refusal is not None
    verdict = verdicts.of_error(row, outcome, seen.refusal)
    quiet = {"error_code": None, "error_message": None, "error_description": None} if outcome == "done" else {}
    return structs.replace(verdict, **quiet)


def _unchanged_verdict(row: PlanRow, seen: _Seen, live: Subscriber) -> Verdict:
    if seen.reply:
        return verdicts.of_answer(row, "unchanged", seen.reply, live)
    return structs.replace(verdicts.blank(row, "unchanged"), **verdicts.state_of(live))


def _moved_note(live: Subscriber | None) -> str:
    assert live is not None
    return (
        f"It is no longer as it was when this was planned: it is {verdicts.describe_state(live)}. Somebody may have "
        "changed it in the meantime: look at it, and plan again."
    )
