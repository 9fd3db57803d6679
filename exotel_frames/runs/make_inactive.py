"""The second step of creating an inactive subscriber: POST takes no status, so a PUT follows."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from exotel_frames.records import PlanRow, Verdict, instant
from exotel_frames.runs.context import RunContext
from exotel_frames.runs.update_delete import change_row
from exotel_frames.schema import FIELDS, MUTABLE

HALF_DONE: Final = "Created, but not yet made inactive: {why}"
NOT_ALWAYS_SENT: Final = tuple(field.name for field in MUTABLE if not field.always_sent)
GO_ON: Final = "resume_run(client) tries again, plan_undo undoes it."


def make_inactive(context: RunContext, row: PlanRow, verdict: Verdict) -> Verdict:
    """Follow a create with the update it needs; what the first step has done stays in the verdict, whatever follows."""
    if row.status != "inactive" or verdict.outcome != "done" or verdict.status == "inactive":
        return verdict
    step = PlanRow(
        row=row.row,
        action="update",
        subscriber_name=row.subscriber_name,
        status_from=verdict.status,
        status="inactive",
        **{name: getattr(row, name) for name in NOT_ALWAYS_SENT},  # sent again: a service may clear what is not named
        date_updated=instant(verdict.date_updated),
    )
    after = change_row(context, None, step)
    if after.outcome == "done":
        left = {name: getattr(after, name) for name in (*FIELDS, "date_updated")}
        return structs.replace(verdict, **left, error_message=after.error_message or verdict.error_message)
    return _half_done(verdict, after)


def _half_done(verdict: Verdict, after: Verdict) -> Verdict:
    """Return the verdict of a create whose second step failed: it is open, and it shows what was created.

    The codes are those of the step that failed; `date_created` says that the first one did not.
    """
    why = (after.error_message or "no reason given").rstrip(".")
    return structs.replace(
        verdict,
        outcome="unknown",
        error_message=HALF_DONE.format(why=f"{why}. {GO_ON}"),
        error_description=after.error_description,
        error_code=after.error_code,
        http_code=after.http_code or verdict.http_code,
        code=after.code or verdict.code,
        request_id=after.request_id or verdict.request_id,
    )
