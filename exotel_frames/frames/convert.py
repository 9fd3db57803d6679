"""Records to frames and back: the six schemas, with the same columns and dtypes for a million rows and for none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import as_pandas, column_problems, without_attrs
from exotel_frames.frames.dtypes import INSTANT, Unfit, column_of, convert, in_calendar, parse_dates
from exotel_frames.frames.row_numbers import without_bare_numbers
from exotel_frames.frames.text_column import TEXT
from exotel_frames.records import PlanRow, Subscriber, TokenVerdict, Verdict

_SUBSCRIBERS: Final = pa.schema(
    [(name, TEXT if dtype == schema.STR else INSTANT) for name, dtype in schema.SUBSCRIBERS.items()]
)
_TEXTS_OF: Final = tuple(attrgetter(name) for name, dtype in schema.SUBSCRIBERS.items() if dtype == schema.STR)
_MUST_BE_THERE: Final = frozenset({schema.INT, schema.FLOAT, schema.BOOL})  # dtypes that have no "missing"


def empty(schema_name: str) -> pd.DataFrame:
    """Return a frame of a schema without rows.

    >>> list(empty("subscribers").columns)
    ['subscriber_name', 'status', 'custom_field', 'date_created', 'date_updated']
    """
    return _frame(schema_name, dict.fromkeys(schema.SCHEMAS[schema_name], ()))


def _frame(
    schema_name: str,
    columns: Mapping[str, Any],
    *,
    index: pd.Index[Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    made = {name: column_of(columns[name], dtype) for name, dtype in schema.SCHEMAS[schema_name].items()}
    frame = pd.DataFrame(made, index=index)
    frame.attrs.update(attrs or {})
    return frame


def conform(frame: pd.DataFrame, schema_name: str) -> pd.DataFrame:
    """Return a copy with exactly a schema's columns, order and dtypes; index and `attrs` are kept.

    An absent column is filled with missing values where its dtype has them. Nothing is guessed: a number is no text,
    `"007"` is no number. Errors: one `ValidationError` that names every column that can't be converted, and why.

    >>> conform(pd.DataFrame({"subscriber_name": ["bob"], "team": ["a"]}), "subscribers").loc[0].to_dict()
    {'subscriber_name': 'bob', 'status': nan, 'custom_field': nan, 'date_created': NaT, 'date_updated': NaT}
    """
    wanted: dict[str, str] = schema.SCHEMAS[schema_name]
    frame = as_pandas(frame)
    problems = column_problems(frame, [name for name, dtype in wanted.items() if dtype in _MUST_BE_THERE])
    made: dict[str, Any] = {}
    labels = list(getattr(frame, "columns", ()))
    for name, dtype in wanted.items() if isinstance(frame, pd.DataFrame) else ():
        try:
            made[name] = _conform_column(frame, name, dtype, there=labels.count(name))
        except Unfit as unfit:
            problems.append(f"its column '{name}' {unfit}")
    if problems:
        raise ValidationError(f"The {schema_name} frame can't be used: {'; '.join(problems)}.")
    conformed = pd.DataFrame(made, index=frame.index)
    conformed.attrs.update(without_bare_numbers(frame))
    return conformed


def dates_of(frame: pd.DataFrame, name: str) -> Any:
    """Return one column of a frame as an array of dates, or raise a `ValidationError` that says why not.

    >>> dates_of(pd.DataFrame({"date_updated": ["yesterday"]}), "date_updated")
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: The frame can't be used: its column 'date_updated' contains values that are
    not dates \
(row 0: 'yesterday'; rows count from 0).
    """
    try:
        return convert(frame[name], schema.DATE)
    except Unfit as unfit:
        raise ValidationError(f"The frame can't be used: its column '{name}' {unfit}.") from None


def _conform_column(frame: pd.DataFrame, name: str, dtype: str, *, there: int) -> Any:
    if there == 1:
        return convert(frame[name], dtype)
    return None if dtype in _MUST_BE_THERE else column_of([None] * len(frame), dtype)


def subscriber_batch(rows: Sequence[Subscriber]) -> Any:
    """Return some subscribers, as the service told them, as a compact pyarrow RecordBatch of the schema's five columns.

    Dates are ISO 8601 texts with any offset; what is no date becomes null.

    >>> subscriber_batch([Subscriber("bob", "active", None, "2019-11-19T23:14:17+05:30")]).to_pylist()[0]["status"]
    'active'
    """
    texts = [_texts(list(map(text_of, rows))) for text_of in _TEXTS_OF]
    # both dates in one go: for a page of 100 the calls cost more than the parsing
    moments = parse_dates(_texts([row.date_created for row in rows] + [row.date_updated for row in rows]))
    dates = [moments[: len(rows)], moments[len(rows) :]]
    return pa.RecordBatch.from_arrays(texts + dates, schema=_SUBSCRIBERS)


def _texts(values: Sequence[str | None]) -> Any:
    return pa.array(values, TEXT)  # decoded from JSON by msgspec, so it is valid Unicode


def subscribers_frame(batches: Iterable[Any], *, attrs: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return batches of subscribers as one subscribers frame with a fresh index.

    Column by column: where nobody else holds the batches, only one column is there twice at a time.

    >>> subscribers_frame([subscriber_batch([Subscriber("007", "active")])])["subscriber_name"].tolist()
    ['007']
    """
    pieces = list(zip(*(batch.columns for batch in batches), strict=True))[::-1] or [()] * len(_SUBSCRIBERS)
    columns = [_join_pieces(pieces.pop(), kind) for kind in _SUBSCRIBERS.types]
    table = pa.Table.from_arrays(columns, schema=_SUBSCRIBERS)
    del columns
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, self_destruct=True)
    frame.attrs.update(attrs or {})
    return frame


def _join_pieces(pieces: Sequence[Any], kind: Any) -> Any:
    column = pa.concat_arrays(pieces) if pieces else pa.array([], kind)
    return in_calendar(column) if kind == INSTANT else column


def results_frame(
    verdicts: Sequence[Verdict], index: pd.Index[Any] | None = None, *, attrs: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return verdicts as a results frame in the order of their rows; `index` is the caller's, whole.

    >>> made = results_frame([Verdict(row=0, subscriber_name="bob", action="create", outcome="done")], pd.Index(["x"]))
    >>> made.loc["x", ["subscriber_name", "outcome"]].tolist()
    ['bob', 'done']
    """
    return _by_row("results", verdicts, index, attrs)


def tokens_frame(
    verdicts: Sequence[TokenVerdict], index: pd.Index[Any] | None = None, *, attrs: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return the verdicts of a tokens call as a tokens frame in the order of their rows; the tokens stay wrapped.

    >>> done = TokenVerdict(row=0, subscriber_name="bob", platform="ios", device_id="d1", outcome="done")
    >>> tokens_frame([done])["device_id"].tolist()
    ['d1']
    """
    return _by_row("tokens", verdicts, index, attrs)


def _by_row(
    schema_name: str, verdicts: Sequence[Any], index: pd.Index[Any] | None, attrs: Mapping[str, Any] | None
) -> pd.DataFrame:
    ordered = sorted(verdicts, key=attrgetter("row"))
    columns = {name: [getattr(verdict, name) for verdict in ordered] for name in schema.SCHEMAS[schema_name]}
    labels = None if index is None else index.take([verdict.row for verdict in ordered])
    return _frame(schema_name, columns, index=labels, attrs=attrs)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as plain Python: None for what is missing, datetimes in UTC.

    >>> records(subscribers_frame([subscriber_batch([Subscriber("007", "active")])]))[0]["custom_field"] is None
    True
    """
    names = [str(name) for name in frame.columns]
    columns = [_python_values(column) for _, column in frame.items()]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _python_values(column: pd.Series[Any]) -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        # naive on the way: arrow's own zone objects cost three times as much, and aren't datetime.UTC
        naive = pa.array(column, from_pandas=True).cast(pa.timestamp("us")).to_pylist()
        return [moment and moment.replace(tzinfo=UTC) for moment in naive]
    if column.dtype == "float64":
        return column.tolist()
    cells = column.array if isinstance(column.dtype, pd.api.extensions.ExtensionDtype) else column.to_numpy()
    values: list[Any] = pa.array(cells, from_pandas=True).to_pylist()
    return values


def plan_frame(
    columns: Mapping[str, Any], *, index: pd.Index[Any] | None = None, attrs: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return a plan frame from columns of one length, by position; absent: `note` is empty, `conflict` False.

    A column is a list, arrow texts, or an array or column of the schema's dtype.

    >>> plan_frame({"action": ["delete"], "subscriber_name": ["bob"]})[["action", "conflict"]].to_dict("records")
    [{'action': 'delete', 'conflict': False}]
    """
    rows = len(next(iter(columns.values()), ()))
    absent = {**dict.fromkeys(schema.PLAN, [None] * rows), "note": [""] * rows, "conflict": [False] * rows}
    given = {name: values.array if isinstance(values, pd.Series) else values for name, values in columns.items()}
    return _frame("plan", {**absent, **given}, index=index, attrs=attrs)


def plan_rows(plan: pd.DataFrame) -> list[PlanRow]:
    """Return a plan frame, one of ours or one that was checked, as plan rows; what is missing is None.

    >>> plan_rows(plan_frame({"action": ["delete"], "subscriber_name": ["bob"]}))
    [PlanRow(row=0, action='delete', subscriber_name='bob', status_from=None, status=None, custom_field_from=None, \
custom_field=None, date_updated=None)]
    """
    cells = without_attrs(plan)
    columns = [_python_values(cells[name]) for name in PlanRow.__struct_fields__[1:]]
    return [PlanRow(*values) for values in zip(range(len(plan)), *columns, strict=True)]


def runs_frame(runs: Iterable[Mapping[str, Any]], *, attrs: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return runs (mappings with the schema's keys; an absent count is 0, anything else absent is missing) as a frame.

    >>> runs_frame([{"run_id": "r1", "rows": 3, "done": 3}])[["rows", "done", "unknown"]].to_dict("records")
    [{'rows': 3, 'done': 3, 'unknown': 0}]
    """
    listed_runs = list(runs)
    columns = {
        name: [run.get(name, 0 if dtype == schema.INT else None) for run in listed_runs]
        for name, dtype in schema.RUNS.items()
    }
    return _frame("runs", columns, attrs=attrs)


def problems_frame(
    problems: Iterable[Mapping[str, Any] | Sequence[Any]],
    index: pd.Index[Any] | None = None,
    *,
    attrs: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return problems (mappings, or tuples in the schema's order) as a problems frame, in the given order.

    `index` is the caller's: each problem gets the label of its row. Without it the index is fresh.

    >>> problems_frame([(4, "status", "on", "bad_status", "'on' is no status.", "active")])["row"].tolist()
    [4]
    """
    rows = [tuple(map(each.get, schema.PROBLEMS)) if isinstance(each, Mapping) else each for each in problems]
    cells = list(zip(*rows, strict=True)) or [()] * len(schema.PROBLEMS)
    columns = dict(zip(schema.PROBLEMS, cells, strict=True))
    labels = None if index is None else index.take(np.array(columns["row"], dtype=int))
    return _frame("problems", columns, index=labels, attrs=attrs)
