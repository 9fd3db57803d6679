"""One row of an update or a delete: send it, read when the answer was lost, and decide by what is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import structs

from exotel_frames.errors import ApiError, BadReplyError, NotFoundError, RejectedError
from exotel_frames.outcomes import Outcome
from exotel_frames.records import PlanRow, Reply, Subscriber, Verdict, instant
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import AMBIGUOUS_ERRORS, MAX_SENDS, SETTLE_LATER, STOPPING_ERRORS, Chunk, RunContext
from exotel_frames.runs.settle import Settlement, fields_to_send, is_target, settle_delete, settle_update
from exotel_frames.schema import FIELDS, MUTABLE


def change_row(context: RunContext, chunk: Chunk[PlanRow], row: PlanRow, since: datetime | None) -> Verdict:
    """Carry out one update or delete; exactly one verdict, whatever happens."""
    lost, sends = chunk.was_sent, 0
    while not context.stop_signal.is_set() or lost:
        if lost or _lacks_before(row):
            seen = _look(context, row, patient=lost)
            if seen is None:
                break
            known = _with_before(row, seen)
            verdict = _judge(known, seen, since, lost=lost)
            if verdict:
                return structs.replace(verdict, attempts=sends)
            if known is not row:
                context.journal.record_before_image(context.run_id, known)
                row = known
        if sends == MAX_SENDS or context.stop_signal.is_set():
            break
        try:
            verdict = _send(context, row, lost=lost)
            return structs.replace(verdict, attempts=sends + verdict.attempts)
        except STOPPING_ERRORS as problem:
            context.stop(problem)
            break
        except AMBIGUOUS_ERRORS:
            lost, sends = True, sends + 1
    if lost:
        return structs.replace(verdicts.blank(row, "unknown", message=SETTLE_LATER), attempts=sends)
    return verdicts.blank(row, "not_sent", message=context.stop_signal.reason)


@dataclass(frozen=True)
class _Seen:
    """What a read showed: a subscriber, or the service's word that there is none."""

    reply: Reply[Subscriber] | None
    missing: NotFoundError | None = None

    @property
    def live(self) -> Subscriber | None:
        return self.reply.data if self.reply else None


def _look(context: RunContext, row: PlanRow, *, patient: bool) -> _Seen | None:
    """Read the subscriber; None when the service stays away, and the run is stopped."""
    if patient:
        context.wait_before_lookup()
    try:
        return _Seen(context.service.get(row.subscriber_name))
    except NotFoundError as problem:
        return _Seen(None, problem)
    except ApiError as problem:
        context.stop(problem)
        return None


def _judge(row: PlanRow, seen: _Seen, since: datetime | None, *, lost: bool) -> Verdict | None:
    """Return the verdict that the read allows; None when the row is to be sent (again)."""
    deletes = row.action == "delete"
    settlement = settle_delete(row, seen.live, since) if deletes else settle_update(row, seen.live)
    if settlement is Settlement.NOT_DONE:
        return None
    if settlement is Settlement.DONE:
        return _seen_as(row, "done" if lost else "unchanged", seen)
    if settlement is Settlement.GONE:
        return _seen_as(row, "rejected", seen)
    return _seen_as(row, "conflict", seen, _moved(seen.live))


def _seen_as(row: PlanRow, outcome: Outcome, seen: _Seen, message: str | None = None) -> Verdict:
    if seen.reply:
        live = None if row.action == "delete" and outcome == "done" else seen.live
        return verdicts.answered(row, outcome, seen.reply, live, message)
    assert seen.missing is not None
    verdict = verdicts.of_error(row, outcome, seen.missing)
    quiet = {"error_code": None, "error_message": None, "error_description": None} if outcome == "done" else {}
    return structs.replace(verdict, **quiet)


def _moved(live: Subscriber | None) -> str:
    assert live is not None
    return (
        f"Somebody else changed it meanwhile: it is {live.status} now, custom_field {live.custom_field!r}, "
        f"since {live.date_updated}. Look, and plan again."
    )


def _lacks_before(row: PlanRow) -> bool:
    """Tell whether an update was planned without knowing the subscriber: its status must be read, never assumed."""
    return row.action == "update" and row.status_from is None


def _with_before(row: PlanRow, seen: _Seen) -> PlanRow:
    """Complete a row that was planned without knowing the subscriber: only then "" is not "keep"."""
    live = seen.live
    if live is None or not _lacks_before(row):
        return row
    return structs.replace(
        row,
        date_updated=instant(live.date_updated),
        **{f"{name}_from": getattr(live, name) for name in FIELDS},
        **{name: getattr(live, name) if getattr(row, name) is None else getattr(row, name) for name in FIELDS},
    )


def _send(context: RunContext, row: PlanRow, *, lost: bool) -> Verdict:
    """Send one PUT or DELETE; an answer that does not show what was asked for counts as lost."""
    try:
        if row.action == "delete":
            gone: Reply[Any] = context.service.delete(row.subscriber_name)
            return verdicts.answered(row, "done", gone, None)
        reply = context.service.update(row.subscriber_name, **_fields(row))
    except NotFoundError as problem:
        if lost and row.action == "delete":
            return _seen_as(row, "done", _Seen(None, problem))
        return verdicts.of_error(row, "rejected", problem)
    except (*STOPPING_ERRORS, *AMBIGUOUS_ERRORS):
        raise
    except RejectedError as problem:
        return verdicts.of_error(row, "rejected", problem)
    if not is_target(row, reply.data):
        raise BadReplyError("The answer to the update does not show what was sent.", request_id=reply.request_id)
    return verdicts.answered(row, "done", reply, reply.data)


def _fields(row: PlanRow) -> dict[str, Any]:
    fields = fields_to_send(row)
    assert all(field.name in fields for field in MUTABLE if field.always_sent), "change_row reads it first"
    return fields
