"""The chunks of a run that writes: intent, send, settle, record. There is no second way to write.

The rule here: a write whose response was lost is looked up before it is sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import structs

from exotel_frames.outcomes import Outcome
from exotel_frames.records import Chunk, PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import SETTLE_LATER, RunContext
from exotel_frames.runs.create import create_rows
from exotel_frames.runs.read_rows import row_by_row
from exotel_frames.runs.update_delete import change_row


def write_chunk(
    context: RunContext, chunk: Chunk[PlanRow], *, on_row: Callable[[Verdict], None] = lambda _: None
) -> list[Verdict]:
    """Carry out a chunk and write down what became of it; one verdict a row, in the chunk's order.

    `on_row` is told each row that takes a request of its own as soon as that is answered.
    """
    if chunk.rows[0].action == "create":
        found = create_rows(context, chunk)
    else:
        since = context.record_intent(chunk, chunk.rows)
        found = row_by_row(partial(change_row, context, since, was_sent=chunk.was_sent))(chunk, on_row=on_row)
    finished = [structs.replace(verdict, chunk=chunk.number, run_id=context.run_id) for verdict in found]
    context.journal.record_results(context.run_id, chunk.number, finished, with_next=True)
    return finished


def leave_write(context: RunContext, chunk: Chunk[PlanRow], row: PlanRow, under_way: bool) -> Verdict:
    """Return the verdict of a row that nobody finished: unknown if its chunk was under way, else not sent."""
    outcome: Outcome
    outcome, message = ("unknown", SETTLE_LATER) if under_way else ("not_sent", context.stop_signal.reason)
    left = verdicts.blank(row, outcome, message=message)
    return structs.replace(left, chunk=chunk.number, run_id=context.run_id)
