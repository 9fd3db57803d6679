"""The chunks of a run that writes: intended, sent, settled, written down. There is no second way to write.

The rule that everything here keeps: a write whose answer was lost is looked for before it is sent again.
"""

from __future__ import annotations

from msgspec import structs

from exotel_frames.outcomes import Outcome
from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.context import SETTLE_LATER, Chunk, RunContext
from exotel_frames.runs.create import create_rows
from exotel_frames.runs.update_delete import change_row


def write_chunk(work: RunContext, chunk: Chunk[PlanRow]) -> list[Verdict]:
    """Carry out a chunk and write down what became of it; one verdict a row, in the chunk's order."""
    if chunk.rows[0].action == "create":
        found = create_rows(work, chunk)
    else:
        since = work.intend(chunk, chunk.rows)
        found = [change_row(work, chunk, row, since) for row in chunk.rows]
    finished = [structs.replace(verdict, chunk=chunk.number, run_id=work.run_id) for verdict in found]
    work.diary.answer(work.run_id, chunk.number, finished)
    return finished


def leave_write(work: RunContext, chunk: Chunk[PlanRow], row: PlanRow, under_way: bool) -> Verdict:
    """Return the verdict of a row that nobody finished: unknown if its chunk was under way, else not sent."""
    outcome: Outcome
    outcome, message = ("unknown", SETTLE_LATER) if under_way else ("not_sent", work.halt.reason)
    left = verdicts.blank(row, outcome, message=message, chunk=chunk.number)
    return structs.replace(left, run_id=work.run_id)
