"""Any sequence of steps: one verdict for each planned row, in order, and the one that the rules say."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exotel_frames import schema
from exotel_frames.errors import JournalError
from exotel_frames.runs.journal import Journal
from tests.laws import runs_of
from tests.runs.journal_kit import RUN, SERVER, creates, header, verdict

ROWS = 6
some_rows = st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS, unique=True)


class Row:
    """What the rules say of a row, told another way: a list of sendings, each with what was said of it."""

    def __init__(self):
        self.settled = None
        self.tries = []
        self.untried = None

    def intend(self):
        self.tries.append(None)

    def answer(self, outcome):
        if outcome not in ("unknown", "not_sent"):
            self.settled = outcome
        elif not self.tries:
            self.untried = "unknown" if "unknown" in (outcome, self.untried) else outcome
        elif self.tries[-1] != "unknown":
            self.tries[-1] = outcome

    @property
    def outcome(self):
        if self.settled:
            return self.settled
        surely_not = all(each == "not_sent" for each in self.tries) and self.untried != "unknown"
        return "not_sent" if surely_not else "unknown"


class AnyRun(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.journal = self.opened()
        self.rows = [Row() for _ in range(ROWS)]
        self.chunks = 0

    def opened(self):
        journal = Journal.open(self.folder / "acme1.sqlite3")
        journal._db.execute("PRAGMA synchronous = OFF")  # no power fails here, and waiting for the disk is most of it
        return journal

    @initialize()
    def begin(self):
        self.journal.begin(header(), creates(ROWS))

    @rule(rows=some_rows, known=st.booleans())
    def intend(self, rows, known):
        self.chunks += 1
        if any(self.rows[row].settled for row in rows):
            with pytest.raises(JournalError):
                self.journal.record_intent(RUN, self.chunks, rows, server_time=SERVER)
            return
        self.journal.record_intent(RUN, self.chunks, rows, server_time=SERVER if known else None)
        for row in rows:
            self.rows[row].intend()

    @rule(rows=some_rows, outcome=st.sampled_from(schema.OUTCOMES))
    def answer(self, rows, outcome):
        self.journal.record_results(RUN, self.chunks, [verdict(row, outcome) for row in rows])
        for row in rows:
            self.rows[row].answer(outcome)

    @rule()
    def open_again(self):
        self.journal.close()
        self.journal = self.opened()

    @rule(state=st.sampled_from(["finished", "interrupted", "stopped"]))
    def end(self, state):
        self.journal.end(RUN, state)

    @invariant()
    def every_row_has_its_verdict(self):
        if not self.journal.runs():
            return
        verdicts = self.journal.verdicts(RUN)
        assert [each.row for each in verdicts] == list(range(ROWS))
        assert [each.outcome for each in verdicts] == [row.outcome for row in self.rows]
        info = self.journal.find()
        assert {name: info.counts[name] for name in schema.OUTCOMES} == {
            name: sum(row.outcome == name for row in self.rows) for name in schema.OUTCOMES
        }

    @invariant()
    def open_work_is_exactly_what_is_not_settled(self):
        if not self.journal.runs():
            return
        in_flight, unsent = self.journal.open_work(RUN)
        settle = sorted(row.row for part in in_flight for row in part.rows)
        assert settle == [number for number, row in enumerate(self.rows) if row.outcome == "unknown"]
        assert [row.row for row in unsent] == [
            number for number, row in enumerate(self.rows) if row.outcome == "not_sent"
        ]

    def teardown(self):
        self.journal.close()
        shutil.rmtree(self.folder)


TestAnyRunKeepsItsRows, TestItDoesSoAtLength = runs_of(AnyRun, few=12, many=200, steps=20)
