"""What became of the rows, in a few lines: a frame of counts, and one sentence."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.compare import texts
from exotel_frames.frames.dtypes import column_of
from exotel_frames.text import escape_text, join_words, pluralize

_BY: Final = ["outcome", "error_code", "error_message"]
_COLUMNS: Final = {
    "outcome": schema.STR,
    "error_code": schema.MAYBE_INT,
    "error_message": schema.STR,
    "rows": schema.INT,
}
_MESSAGES_MAX: Final = 5
"""From here on an outcome's messages are put together: an invalid row's message is about that row alone."""
_REASONS_MAX: Final = 2
_VALUES: Final = r"'(?:[^'\\]|\\.)*'|[0-9][0-9,]*"
"""What makes two messages of one rule different: quoted values and numbers."""


def summarize(results: pd.DataFrame) -> pd.DataFrame:
    """Count a results or tokens frame by outcome and error.

    The outcomes come in a fixed order, the most frequent error first. Where one outcome and code have more than 5
    different messages, those that differ only in quoted values and numbers make one line, with the first as an
    example. A cell is empty where there is nothing to say; texts of the service are shown with escapes for what can't
    be seen.

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
        For a frame that lacks these columns.

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
    results = need_columns(results, _BY, what="The result frame")
    rows = results[_BY].reset_index(drop=True).assign(error_message=texts(results["error_message"]))
    rows = rows.assign(error_message=_few_messages(rows))
    counts = rows.groupby(_BY, dropna=False, sort=False, observed=True).size().rename("rows").reset_index()
    counts["order"] = counts["outcome"].map({outcome: place for place, outcome in enumerate(schema.OUTCOMES)})
    counts = counts.sort_values(["order", "rows"], ascending=[True, False], kind="stable", ignore_index=True)
    return pd.DataFrame({name: _column(counts[name], dtype) for name, dtype in _COLUMNS.items()})


def _column(values: pd.Series[Any], dtype: str) -> Any:
    known = values.astype(object).where(values.notna(), None)
    return column_of(known.tolist(), dtype)


def _few_messages(rows: pd.DataFrame) -> pd.Series[Any]:
    by_group = rows.groupby(_BY[:2], dropna=False, sort=False, observed=True)["error_message"]
    different = by_group.transform("nunique")
    many = different > _MESSAGES_MAX
    if not many.any():
        return _escaped(rows["error_message"])
    rule = rows["error_message"].str.replace(_VALUES, "…", regex=True)
    alike = rows.assign(rule=rule).groupby([*_BY[:2], "rule"], dropna=False, sort=False)["error_message"]
    others = alike.transform("nunique") - 1
    example = alike.transform("first").astype("str")
    put_together = (example + " (and " + others.astype("str") + " more like it)").where(others > 0, example)
    return _escaped(rows["error_message"].where(~many, put_together))


def _escaped(messages: pd.Series[Any]) -> pd.Series[Any]:
    """Return messages with invisible characters as escapes: some messages are the service's own texts."""
    shown = {text: escape_text(text, len(text)) for text in messages.dropna().unique() if not text.isprintable()}
    return messages.replace(shown) if shown else messages


def headline(results: pd.DataFrame) -> str:
    """Return one line about a results or tokens frame: how many rows, and what became of them.

    >>> print(headline(pd.DataFrame({"outcome": ["done", "rejected"], "error_code": [None, 1008],
    ...                              "error_message": [None, "Duplicate resource"]})))
    2 rows: 1 done, 1 rejected (1008 Duplicate resource)
    """
    counts = count_outcomes(results)
    parts = [_part(str(outcome), lines) for outcome, lines in counts.groupby("outcome", sort=False, dropna=False)]
    rows = pluralize(len(results), "row")
    return f"{rows}: {', '.join(parts)}" if parts else rows


def _part(outcome: str, lines: pd.DataFrame) -> str:
    part = f"{lines['rows'].sum():,} {outcome}"
    explained = lines[lines["error_code"].notna()]
    if explained.empty:
        return part
    alone = len(lines) == 1
    reasons = [_reason(line, alone=alone) for line in explained.head(_REASONS_MAX).itertuples()]
    return f"{part} ({join_words(reasons, len(explained))})"


def _reason(line: Any, *, alone: bool) -> str:
    message = "" if pd.isna(line.error_message) else f" {line.error_message}"
    return f"{line.error_code}{message}" if alone else f"{line.error_code}{message}: {line.rows:,}"
