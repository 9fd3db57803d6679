"""What became of the rows, in a few lines: a frame of counts, and one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import need_columns, without_attrs
from exotel_frames.frames.arrow_columns import as_texts, count_rows
from exotel_frames.frames.dtypes import column_of
from exotel_frames.frames.text_column import TEXT, read_texts
from exotel_frames.text import escape_text, join_words, pluralize

_BY: Final = ["outcome", "error_code", "error_message"]
_COLUMNS: Final = {
    "outcome": schema.STR,
    "error_code": schema.MAYBE_INT,
    "error_message": schema.STR,
    "rows": schema.INT,
}
_ORDER: Final[dict[str | None, int]] = {str(outcome): place for place, outcome in enumerate(schema.OUTCOMES)}
_MESSAGES_MAX: Final = 5
"""From here on an outcome's messages are put together: an invalid row's message is about that row alone."""
_REASONS_MAX: Final = 2
_VALUES: Final = r"'(?:[^'\\]|\\.)*'|[0-9][0-9,]*"
"""What makes two messages of one rule different: quoted values and numbers."""


def summarize(results: pd.DataFrame) -> pd.DataFrame:
    """Count a results or tokens frame by outcome and error.

    The outcomes come in a fixed order, the most frequent error first. If one outcome and code have more than 5
    different messages, those that differ only in quoted values and numbers become one line, with the first as an
    example. A cell without information is empty; in texts from the service, invisible characters are shown as escapes.

    Parameters
    ----------
    results : DataFrame
        A results or tokens frame.

    Returns
    -------
    DataFrame
        Columns: outcome (str), error_code (Int64), error_message (str), rows (int64). `rows` adds up to `len(results)`.

    Raises
    ------
    ValidationError
        If the frame lacks these columns.

    Examples
    --------
    >>> results = pd.DataFrame({"outcome": ["done", "rejected", "done"], "error_code": [None, 1008, None],
    ...                         "error_message": [None, "Duplicate resource", None]})
    >>> print(summarize(results).to_string(index=False))
     outcome error_code      error_message  rows
        done                                   2
    rejected       1008 Duplicate resource     1
    """
    counts = count_outcomes(results)
    codes = counts["error_code"].astype(object).where(counts["error_code"].notna(), "")
    return counts.assign(error_code=codes, error_message=counts["error_message"].fillna(""))


def count_outcomes(results: pd.DataFrame) -> pd.DataFrame:
    """Return what `summarize` shows, with what is missing as missing.

    >>> results = pd.DataFrame({"outcome": ["done"], "error_code": [None], "error_message": [None]})
    >>> count_outcomes(results)["error_code"].isna().tolist()
    [True]
    """
    lines = _count(results)
    columns = zip(*lines, strict=True) if lines else [()] * len(_COLUMNS)
    return pd.DataFrame(
        {name: column_of(cells, dtype) for (name, dtype), cells in zip(_COLUMNS.items(), columns, strict=True)}
    )


class _Line(NamedTuple):
    """One line of the summary; its fields are the columns of `_COLUMNS`."""

    outcome: str | None
    code: int | None
    message: str | None
    rows: int


def _count(results: pd.DataFrame) -> list[_Line]:
    """Return the lines of the summary in their order."""
    results = need_columns(results, _BY, what="The result frame")
    cells = without_attrs(results)
    code = pa.array(cells["error_code"], from_pandas=True).cast(pa.int64())
    found = count_rows(read_texts(cells["outcome"]).arrow, code, as_texts(cells["error_message"]))
    lines = [_Line(*each) for each in found]
    shown: Counter[tuple[str | None, int | None, str | None]] = Counter()
    for line, message in zip(lines, _few_messages(lines), strict=True):
        shown[line.outcome, line.code, message] += line.rows
    made = [_Line(*key, rows) for key, rows in shown.items()]
    return sorted(made, key=lambda line: (_ORDER.get(line.outcome, len(_ORDER)), -line.rows))


def _few_messages(lines: Sequence[_Line]) -> list[str | None]:
    """Return the message of each line as it is shown, those alike put together where they are many."""
    different = Counter((line.outcome, line.code) for line in lines if line.message is not None)
    crowded = {key for key, number in different.items() if number > _MESSAGES_MAX}
    many = [line for line in lines if line.message is not None and (line.outcome, line.code) in crowded]
    rules = pc.replace_substring_regex(pa.array([line.message for line in many], TEXT), _VALUES, "…").to_pylist()
    rule_of = {line[:3]: (line.outcome, line.code, rule) for line, rule in zip(many, rules, strict=True)}
    alike = Counter(rule_of.values())
    example = {rule: message for (_, _, message), rule in reversed(rule_of.items())}
    told = {rule: _escape(_put_together(message, alike[rule] - 1)) for rule, message in example.items()}
    return [told[rule_of[line[:3]]] if line[:3] in rule_of else _escape(line.message) for line in lines]


def _put_together(example: str | None, others: int) -> str | None:
    return f"{example} (and {others} more like it)" if others else example


def _escape(message: str | None) -> str | None:
    """Return a message with invisible characters as escapes: some messages are the service's own texts."""
    return message if message is None or message.isprintable() else escape_text(message, len(message))


def headline(results: pd.DataFrame) -> str:
    """Return one line about a results or tokens frame: how many rows, and what became of them.

    >>> print(headline(pd.DataFrame({"outcome": ["done", "rejected"], "error_code": [None, 1008],
    ...                              "error_message": [None, "Duplicate resource"]})))
    2 rows: 1 done, 1 rejected (1008 Duplicate resource)
    """
    by_outcome = groupby(_count(results), key=attrgetter("outcome"))
    parts = [_part("nan" if outcome is None else outcome, list(lines)) for outcome, lines in by_outcome]
    rows = pluralize(len(results), "row")
    return f"{rows}: {', '.join(parts)}" if parts else rows


def _part(outcome: str, lines: Sequence[_Line]) -> str:
    part = f"{sum(line.rows for line in lines):,} {outcome}"
    explained = [line for line in lines if line.code is not None]
    if not explained:
        return part
    reasons = [_reason(line, alone=len(lines) == 1) for line in explained[:_REASONS_MAX]]
    return f"{part} ({join_words(reasons, len(explained))})"


def _reason(line: _Line, *, alone: bool) -> str:
    reason = f"{line.code}{'' if line.message is None else f' {line.message}'}"
    return reason if alone else f"{reason}: {line.rows:,}"
