"""How journal-1.sqlite3 was made, once, at schema version 1; kept for the record, not to be run again."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs.journal import Journal, RunHeader
from exotel_frames.schema import OUTCOMES

START = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
SERVER = datetime(2026, 11, 23, 18, 14, 50, tzinfo=UTC)
ONE, TWO = "20261123-181500-3f9a", "20261123-190000-0002"
BASE = "https://chaotix.mum1.exotel.in"


def verdict(row, outcome):
    return Verdict(
        row=row,
        chunk=0,
        subscriber_name=f"name{row}",
        action="update",
        outcome=outcome,
        http_code=207,
        date_created="2019-11-19T23:14:18+05:30",
        request_id="8019271c8d98422db509c2801e63435f",
        attempts=1,
        seconds=0.25,
    )


def make(path):
    with Journal.open(path, now=lambda: datetime(2026, 11, 23, 18, 16, tzinfo=UTC)) as journal:
        rows = [PlanRow(0, "update", "bob", "active", "inactive", "old", "Zoë", SERVER)]
        rows += [PlanRow(row, "update", f"name{row}", "active", "inactive") for row in range(1, 9)]
        journal.begin(RunHeader(ONE, START, "update", "acme1", BASE, {"on_exists": "skip"}), rows)
        journal.record_intent(ONE, 0, range(7), server_time=SERVER)
        journal.record_results(ONE, 0, [verdict(row, outcome) for row, outcome in enumerate(OUTCOMES)])
        journal.record_intent(ONE, 1, [7], server_time=None)
        journal.end(ONE, "interrupted")
        journal.begin(RunHeader(TWO, START, "create", "acme1", BASE), [PlanRow(0, "create", "nidhi")])
        journal.record_intent(TWO, 0, [0], server_time=SERVER)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
