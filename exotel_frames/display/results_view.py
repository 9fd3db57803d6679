"""The views of results and of problems: the headline, what failed and why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.display.values import cell_text, is_missing, label_of, name_text
from exotel_frames.display.view import Group, Row, View, describe_rest, fair_shares
from exotel_frames.frames.arguments import need_columns, recall
from exotel_frames.frames.compare import texts
from exotel_frames.frames.row_numbers import file_row
from exotel_frames.frames.summary import headline
from exotel_frames.outcomes import FAILURES, OPEN, OUTCOME_INFO, OUTCOMES
from exotel_frames.text import join_words, pluralize

SENTENCE_MAX: Final = 400
_COUNTED_FROM: Final = 10
"""More problems than that are counted by rule before they are listed."""
_WORST_FIRST: Final = sorted(
    FAILURES, key=lambda name: (name not in OPEN, not OUTCOME_INFO[name].was_sent, OUTCOME_INFO[name].tone == "bad")
)
"""The failures in the order they are shown: first what a resume can settle, last what was never sent."""
_MEANING: Final = {str(outcome): OUTCOME_INFO[outcome].meaning for outcome in _WORST_FIRST}
_RUNS_MAX: Final = 3
_SEVERITIES: Final = {
    "invalid": ("against the rules: rows with a problem are never sent", "problem"),
    "warning": ("warnings: allowed, but often a mistake; they block nothing", "warning"),
}


def view_results(results: pd.DataFrame, *, max_rows: int, see_all: str = "") -> View:
    """Return the view of a results or tokens frame; only rows that are not done are listed.

    >>> view_results(pd.DataFrame({"outcome": ["done"], "error_code": [None], "error_message": [None]}),
    ...              max_rows=9).headline
    '1 row: 1 done'
    """
    line = cell_text(headline(results), SENTENCE_MAX)
    outcomes = texts(results["outcome"]).fillna("(no outcome)")
    kinds = [*_WORST_FIRST, *sorted(set(outcomes.unique()) - set(OUTCOMES))]
    found = {kind: results[(outcomes == kind).to_numpy()] for kind in kinds if (outcomes == kind).any()}
    shares = fair_shares({kind: len(part) for kind, part in found.items()}, max_rows)
    groups = tuple(_outcome_group(kind, part, shares[kind], see_all) for kind, part in found.items())
    heads = ("action", "subscriber_name", "what happened")
    return View(label_of(results), line, heads, groups, tuple(_advice(results, outcomes)))


def _outcome_group(kind: str, rows: pd.DataFrame, share: int, see_all: str) -> Group:
    shown = tuple(_result_row(row, rows) for row in rows.head(share).to_dict("records"))
    meaning = _MEANING.get(kind, "")
    if len(shown) > 1 and _have_one_reason(rows):
        meaning = shown[0].note
        shown = tuple(Row(row.action, row.name) for row in shown)
    left = describe_rest(
        len(rows) - len(shown), "row", see_all or f'results[results["outcome"] == "{cell_text(kind)}"]'
    )
    return Group(cell_text(kind), f"{len(rows):,} {cell_text(kind)}{f': {meaning}' if meaning else ''}", shown, left)


def _have_one_reason(rows: pd.DataFrame) -> bool:
    columns = [f"error_{part}" for part in _PARTS if f"error_{part}" in rows]
    return len(rows[columns].drop_duplicates()) == 1


def _result_row(row: dict[Any, Any], results: pd.DataFrame) -> Row:
    where = "" if is_missing(row.get("row")) else f"{_where(row, results)} "
    return Row(
        cell_text(row.get("action")) or "token",
        f"{where}{name_text(row.get('subscriber_name'))}",
        note=describe_error(row),
    )


def describe_error(row: dict[Any, Any]) -> str:
    """Return the error of a row in one sentence.

    >>> describe_error({"error_code": 1008, "error_message": "Duplicate resource", "error_description": "bob exists"})
    '1008 Duplicate resource: bob exists'
    """
    code, message, description = (cell_text(row.get(f"error_{part}"), SENTENCE_MAX) for part in _PARTS)
    reason = ": ".join(dict.fromkeys(part for part in (message, description) if part))
    return f"{code} {reason}".strip() or "the service gave no reason"


_PARTS: Final = ("code", "message", "description")


def _advice(results: pd.DataFrame, outcomes: pd.Series[Any]) -> Iterator[str]:
    """Yield what to do about rows that are open or in conflict."""
    open_rows = results[outcomes.isin(OPEN).to_numpy()]
    if len(open_rows):
        yield _open_advice(open_rows)
    if (outcomes == "conflict").any():
        yield "For the rows in conflict: look at what changed, and plan again."


def _open_advice(rows: pd.DataFrame) -> str:
    about = recall(rows)
    if "requests" in about:
        return f"This was a dry run: nothing was sent. Applying the plan takes {_cost(about)}."
    runs = texts(rows["run_id"]).dropna().unique().tolist() if "run_id" in rows else []
    if not runs:
        return "Make the same call again for the rows that are unknown or not sent."
    calls = [f'ef.resume_run(client, "{cell_text(run)}")' for run in runs[:_RUNS_MAX]]
    return (
        f"Go on with {join_words(calls, len(runs))}: it first finds out whether the unknown rows were carried out, "
        "then sends only what is not done."
    )


def _cost(about: dict[str, Any]) -> str:
    minutes = about.get("minutes")
    pace = "no rate limit is known yet" if minutes is None else f"at least {minutes:,.1f} minutes at the known rate"
    return f"{pluralize(int(about['requests']), 'request')}; {pace}"


def view_problems(problems: pd.DataFrame, *, max_rows: int, see_all: str = "") -> View:
    """Return the view of a problems frame: what breaks a rule, then warnings.

    More than 10 problems are counted by rule first, each with an example.

    >>> view_problems(pd.DataFrame(columns=list(schema.PROBLEMS)), max_rows=9).headline
    'No problems.'
    """
    problems = need_columns(problems, ["row", "column", "rule", "message"], what="The problems frame")
    warns = problems["rule"].isin(schema.WARNING_RULES).to_numpy()
    parts = {"invalid": problems[~warns], "warning": problems[warns]}
    found = {kind: part for kind, part in parts.items() if len(part)}
    rules = (_rules_group(problems),) if len(problems) > _COUNTED_FROM else ()
    shares = fair_shares({kind: len(part) for kind, part in found.items()}, max_rows)
    groups = tuple(_problem_group(kind, part, shares[kind], see_all or "problems") for kind, part in found.items())
    return View(None, _problems_headline(parts), ("row", "column", "problem"), (*rules, *groups))


def _problems_headline(parts: dict[str, pd.DataFrame]) -> str:
    counts = [pluralize(len(part), _SEVERITIES[kind][1]) for kind, part in parts.items() if len(part)]
    rows = pd.concat([part["row"].dropna() for part in parts.values()]).nunique()
    return f"{join_words(counts)} in {pluralize(rows, 'row')}" if rows else join_words(counts) or "No problems."


def _rules_group(problems: pd.DataFrame) -> Group:
    """Count the problems by rule, the most frequent first, each with an example."""
    counts = problems["rule"].value_counts()
    firsts = problems.drop_duplicates("rule").set_index("rule")
    shown = tuple(
        Row(f"{number:,}", cell_text(rule), note=f"for example {_where(first, problems)}: {_problem_text(first)}")
        for rule, number in counts.items()
        for first in firsts.loc[[rule]].to_dict("records")
    )
    return Group("rules", "How often each rule is broken", shown)


def _problem_group(kind: str, problems: pd.DataFrame, share: int, see_all: str) -> Group:
    shown = tuple(
        Row(_where(row, problems), cell_text(row["column"]), note=_problem_text(row))
        for row in problems.head(share).to_dict("records")
    )
    left = len(problems) - len(shown)
    title, one = _SEVERITIES[kind]
    return Group(kind, f"{len(problems):,} {title}", shown, describe_rest(left, one, see_all))


def _problem_text(row: dict[Any, Any]) -> str:
    fix = cell_text(row.get("fix"))
    return f"{cell_text(row['message'], SENTENCE_MAX)}{f' Suggestion: {fix}' if fix else ''}"


def _where(row: dict[Any, Any], problems: pd.DataFrame) -> str:
    """Return a row's number in the file it was read from, where that is known, else in the frame."""
    if is_missing(row["row"]):
        return "-"
    number = file_row(problems, row["row"]) if isinstance(row["row"], int) else None
    return f"row {number:,}" if number else f"row {cell_text(row['row'])}"
