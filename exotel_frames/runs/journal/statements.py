"""The journal's rows: the statements that write and read them, and the records they become."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

import msgspec

from exotel_frames.outcomes import OUTCOMES, Outcome, settled_weight
from exotel_frames.records import PlanRow, Subscriber, Verdict, instant
from exotel_frames.runs.stale_readings import LastKnown
from exotel_frames.schema import CREATE_MAX, FIELDS, MUTABLE

_PLAN_FIELDS: Final = PlanRow.__struct_fields__
_ANSWER_FIELDS: Final = tuple(name for name in Verdict.__struct_fields__ if name != "run_id")
_PLAN_COLUMNS: Final = ", ".join(f'plan."{name}"' for name in _PLAN_FIELDS)
_ANSWER_COLUMNS: Final = ", ".join(f'answers."{name}"' for name in _ANSWER_FIELDS)

_LINES_AT_ONCE: Final = CREATE_MAX
"""How many verdicts one statement writes: a chunk's, and so the few texts that SQLite has prepared already."""
_SURELY_UNSENT, _SETTLED = (
    ", ".join(f"'{outcome}'" for outcome in OUTCOMES if settled_weight(outcome) == weight) for weight in (0, 2)
)
_IN_FLIGHT: Final = "sent or about to be sent, but no response was recorded; resume_run settles it"
_UNSENT: Final = "not sent yet; resume_run sends it"

BEGIN: Final = "INSERT INTO runs VALUES (NULL, ?, ?, NULL, 'begun', ?, ?, ?, ?, ?)"
END: Final = "UPDATE runs SET state = ?, ended = ? WHERE run = ?"
PLAN: Final = f"""
    INSERT INTO plan (run, {", ".join(f'"{name}"' for name in _PLAN_FIELDS)})
    VALUES (?, {", ".join("?" * len(_PLAN_FIELDS))})"""  # noqa: S608 - our own names
RECORD_BEFORE_IMAGE: Final = f"""
    UPDATE plan SET {", ".join(f'"{name}" = ?' for name in _PLAN_FIELDS[3:])}
    WHERE run = ? AND "row" = ? AND status_from IS NULL"""  # noqa: S608 - our own names
RECORD_INTENT: Final = f"""
    INSERT INTO states SELECT ?, value, ?, 1, ?, NULL, NULL, 0 FROM json_each(?) WHERE true
    ON CONFLICT DO UPDATE SET chunk = excluded.chunk, intents = intents + 1, outcome = NULL, answer = NULL,
        first_server_time = iif(intents = 0, excluded.first_server_time, first_server_time),
        weight = iif(outcome IN ({_SURELY_UNSENT}), 0, 1)
    WHERE weight < 2"""  # noqa: S608 - our own words
LOG_INTENT: Final = """
    INSERT INTO intents (at, run, "row", chunk, attempt, server_time)
    SELECT ?, run, "row", chunk, intents, ? FROM json_each(?) CROSS JOIN states ON run = ? AND "row" = value"""
RECORD_RESULTS: Final = f"""
    INSERT INTO states
    SELECT run, "row", ?, 0, NULL, outcome, event,
        CASE WHEN outcome IN ({_SETTLED}) THEN 2 WHEN outcome IN ({_SURELY_UNSENT}) THEN 0 ELSE 1 END
    FROM answers WHERE event > ? ORDER BY event
    ON CONFLICT DO UPDATE SET chunk = coalesce(excluded.chunk, chunk), outcome = excluded.outcome,
        answer = excluded.answer, weight = excluded.weight
    WHERE excluded.weight >= weight"""  # noqa: S608 - our own words
_LOG_ANSWERS: Final = f"""
    INSERT INTO answers (at, run, {", ".join(f'"{name}"' for name in _ANSWER_FIELDS)}) VALUES """  # noqa: S608 - our own names
_ANSWER_MARKS: Final = f"(?, ?, {', '.join('?' * len(_ANSWER_FIELDS))})"

COUNTS: Final = "SELECT run, coalesce(outcome, 'unknown'), count(*) FROM states GROUP BY 1, 2"
RUNS: Final = "SELECT * FROM runs ORDER BY run DESC"
PLAN_ROWS: Final = f'SELECT {_PLAN_COLUMNS} FROM plan WHERE run = ? ORDER BY "row"'  # noqa: S608 - our own names
VERDICTS: Final = f"""
    SELECT {_ANSWER_COLUMNS}, plan."row", plan.subscriber_name, plan.action, states.chunk, states.intents
    FROM plan LEFT JOIN states USING (run, "row") LEFT JOIN answers ON answers.event = states.answer
    WHERE plan.run = ? ORDER BY plan."row" """  # noqa: S608 - the names are those of our own struct
UNSENT: Final = f"""
    SELECT {_PLAN_COLUMNS} FROM plan LEFT JOIN states USING (run, "row")
    WHERE plan.run = ? AND (states.run IS NULL OR states.outcome IN ({_SURELY_UNSENT}))
    ORDER BY plan."row" """  # noqa: S608 - the names are those of our own struct
IN_FLIGHT: Final = f"""
    SELECT states.chunk, states.first_server_time, {_PLAN_COLUMNS} FROM plan JOIN states USING (run, "row")
    WHERE plan.run = ? AND (states.outcome IS NULL OR states.outcome NOT IN ({_SURELY_UNSENT}, {_SETTLED}))
    ORDER BY states.chunk, states.first_server_time, plan."row" """  # noqa: S608 - the names are those of our own struct

LAST_KNOWN: Final = f"""
    SELECT plan.subscriber_name, answers.action, answers.date_created, answers.date_updated, plan.date_updated,
        answers.at, {", ".join([f'answers."{name}"' for name in FIELDS] + [f'plan."{name}_from"' for name in FIELDS])}
    FROM runs JOIN states USING (run) JOIN answers ON answers.event = states.answer
        JOIN plan ON plan.run = states.run AND plan."row" = states."row"
    WHERE runs.run_id <> ? AND (runs.ended IS NULL OR runs.ended >= ?)
        AND (answers.outcome = 'done' OR (answers.action = 'create' AND answers.date_created IS NOT NULL))
        AND answers.action IN ('create', 'update', 'delete')
        AND plan.subscriber_name IN (SELECT value FROM json_each(?))
    ORDER BY answers.event"""  # noqa: S608 - our own names
"""What this account's own runs have written last, but for one run; of several lines of a name the last counts."""
WRITE_DATES: Final = """
    SELECT answers.date_created, states.first_server_time
    FROM runs JOIN states USING (run) JOIN answers ON answers.event = states.answer
    WHERE (runs.ended IS NULL OR runs.ended >= ?) AND answers.outcome = 'done' AND answers.action = 'create'
        AND states.intents = 1 AND answers.attempts = 1 AND answers.http_code = 207 AND answers.seconds < 1
        AND answers.date_created IS NOT NULL AND states.first_server_time IS NOT NULL
    ORDER BY answers.event DESC LIMIT 100"""
"""What was created at the first try: its date, and the service's `Date` when it was about to be sent."""

_plan_values = attrgetter(*_PLAN_FIELDS)
_verdict_values = attrgetter(*_ANSWER_FIELDS)


def new_run_id(now: datetime, token_hex: Callable[[int], str] = secrets.token_hex) -> str:
    """Return a readable run id; later runs sort later.

    >>> new_run_id(datetime(2026, 11, 23, 18, 15, tzinfo=UTC), lambda size: "3f9a")
    '20261123-181500-3f9a'
    """
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{token_hex(2)}"


class RunHeader(msgspec.Struct, frozen=True):
    """What a run is: its id, when it started, what it does where, and the options that a resume needs (no secrets)."""

    run_id: str
    started: datetime
    action: str
    account_sid: str
    base_url: str
    options: Mapping[str, Any] = {}


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One run as the journal knows it: the columns of a runs frame, and what a resume needs.

    `counts` has every outcome and sums to `rows`. `state` is "begun" (under way, or killed) until the run has ended.
    """

    run_id: str
    started: datetime
    ended: datetime | None
    action: str
    account_sid: str
    base_url: str
    rows: int
    counts: Mapping[Outcome, int]
    state: str
    options: Mapping[str, Any]


def cell(value: object) -> object:
    """Return a value as it is stored: moments as ISO 8601 texts, the rest as it is."""
    return value.isoformat() if isinstance(value, datetime) else value


def header_line(run: RunHeader, rows: int) -> tuple[object, ...]:
    """Return the values of a run's line."""
    options = msgspec.json.encode(run.options).decode()
    return (run.run_id, cell(run.started), run.action, run.account_sid, run.base_url, options, rows)


def plan_lines(run: int, rows: Iterable[PlanRow]) -> Iterable[tuple[object, ...]]:
    """Return the planned rows' lines, one at a time: a large plan is not held twice."""
    return ((run, *_plan_values(row)[:-1], cell(row.date_updated)) for row in rows)


def before_image_line(run: int, row: PlanRow) -> tuple[object, ...]:
    """Return the values that add the before-image to a planned row."""
    _, _, _, *known = map(cell, _plan_values(row))
    return (*known, run, row.row)


def store_verdicts(db: sqlite3.Connection, at: str, run: int, chunk: int | None, verdicts: Sequence[Verdict]) -> None:
    """Write verdicts to the trail, and where their rows stand by now (no chunk: they were never to be sent)."""
    for first in range(0, len(verdicts), _LINES_AT_ONCE):
        some = verdicts[first : first + _LINES_AT_ONCE]
        last = db.execute(*_log_verdicts(at, run, some)).lastrowid or 0
        db.execute(RECORD_RESULTS, (chunk, last - len(some)))


def _log_verdicts(at: str, run: int, verdicts: Sequence[Verdict]) -> tuple[str, list[object]]:
    """Return the one statement that writes all these verdicts to the trail, in their order, and its values."""
    if strange := {verdict.outcome for verdict in verdicts} - set(OUTCOMES):
        raise ValueError(f"there is no outcome {', '.join(map(repr, sorted(strange)))}")
    values: list[object] = []
    for verdict in verdicts:
        values += (at, run, *_verdict_line(verdict))
    return _LOG_ANSWERS + ", ".join([_ANSWER_MARKS] * len(verdicts)), values


def _verdict_line(verdict: Verdict) -> Sequence[object]:
    values: Sequence[object] = _verdict_values(verdict)
    as_told = isinstance(verdict.date_created, str) and isinstance(verdict.date_updated, str)
    return values if as_told else tuple(map(cell, values))


def plan_row(line: Sequence[Any]) -> PlanRow:
    """Return the planned row of a line."""
    return PlanRow(*(*line[:-1], instant(line[-1])))


def verdict(line: Sequence[Any], run_id: str) -> Verdict:
    """Return the verdict of a line of VERDICTS: what was answered, or what its absence means."""
    row, name, action, chunk, intents = line[len(_ANSWER_FIELDS) :]
    if line[0] is not None:
        answered = dict(zip(_ANSWER_FIELDS, line, strict=False))
        if answered["outcome"] not in OUTCOMES:
            raise ValueError(f"row {row} of run {run_id} has the outcome {answered['outcome']!r}")
        return Verdict(**answered | {"chunk": chunk}, run_id=run_id)
    outcome: Outcome
    outcome, message = ("unknown", _IN_FLIGHT) if intents else ("not_sent", _UNSENT)
    return Verdict(
        row=row,
        chunk=chunk,
        subscriber_name=name,
        action=action,
        outcome=outcome,
        error_message=message,
        attempts=intents or 0,
        run_id=run_id,
    )


def last_known(line: Sequence[Any], now: datetime) -> tuple[str, LastKnown]:
    """Return whose line of LAST_KNOWN it is, and what it says."""
    name, action, created, updated, planned, at, *fields = line
    after, before = dict(zip(FIELDS, fields, strict=False)), dict(zip(FIELDS, fields[len(FIELDS) :], strict=True))
    gone = action == "delete"
    subscriber = None if gone else Subscriber(name, **after, date_created=created, date_updated=updated or created)
    newest = instant(planned) if gone else instant(updated or created)
    if action == "create":
        before = {field.name: field.at_birth or after[field.name] for field in MUTABLE}
    age_s = (now - datetime.fromisoformat(at)).total_seconds()
    return name, LastKnown(subscriber, newest, before, age_s)


def clock_gaps(found: Iterable[Sequence[str]]) -> list[float]:
    """Return by how many seconds the first date of each line of WRITE_DATES is ahead of the second."""
    dates = [(instant(one), instant(other)) for one, other in found]
    return [(created - answered).total_seconds() for created, answered in dates if created and answered]


def run_info(line: Sequence[Any], counts: Mapping[str, int]) -> RunInfo:
    """Return the run of a line of RUNS, with its rows counted by outcome."""
    run_id, started, ended, state, action, account_sid, base_url, options, rows = line[1:]
    if not counts.keys() <= set(OUTCOMES) or sum(counts.values()) > rows:
        raise ValueError(f"the counts of run {run_id} make no sense: {dict(counts)} of {rows} rows")
    known = {outcome: counts.get(outcome, 0) for outcome in OUTCOMES}
    known["not_sent"] += rows - sum(counts.values())
    return RunInfo(
        run_id=run_id,
        started=datetime.fromisoformat(started),
        ended=instant(ended),
        action=action,
        account_sid=account_sid,
        base_url=base_url,
        rows=rows,
        state=state,
        options=msgspec.json.decode(options, type=dict[str, Any]),
        counts=known,
    )
