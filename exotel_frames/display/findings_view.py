"""The view of an audit's findings: counts by rule, examples, then the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from exotel_frames.display.values import cell_text, is_missing, label_of, quoted_text
from exotel_frames.display.view import Group, Row, View, describe_rest, fair_shares
from exotel_frames.frames.arguments import need_columns
from exotel_frames.text import join_words, pluralize
from exotel_frames.validation import FINDING_RULES

SENTENCE_MAX: Final = 400
_EXAMPLES: Final = 3
_CLEAN_UP: Final = "ef.plan_changes(subs, ef.apply_fixes(subs, problems))"
_SHARED: Final = frozenset({"case_twin"})
"""Rules that `validate_names` has too: a frame with no others may come from either."""


def is_findings(problems: pd.DataFrame) -> bool:
    """Tell whether a problems frame comes from `audit_subscribers`.

    >>> is_findings(pd.DataFrame({"rule": ["stale"]})), is_findings(pd.DataFrame({"rule": ["empty"]}))
    (True, False)
    """
    rules = set(problems["rule"].unique())
    return bool(rules) and rules <= set(FINDING_RULES) and not rules <= _SHARED


def view_findings(problems: pd.DataFrame, *, max_rows: int, see_all: str = "") -> View:
    """Return the view of findings: a group for each rule, with its meaning, count and examples.

    >>> found = pd.DataFrame({"row": [0], "column": ["status"], "rule": ["stale"], "message": ["Old."]})
    >>> view_findings(found, max_rows=9).headline
    '1 finding in 1 subscriber: 1 stale'
    """
    problems = need_columns(problems, ["row", "column", "rule", "message"], what="The findings")
    found = {rule: problems[(problems["rule"] == rule).to_numpy()] for rule in problems["rule"].value_counts().index}
    shares = fair_shares({rule: len(part) for rule, part in found.items()}, max_rows)
    groups = tuple(_group(rule, part, shares[rule], see_all) for rule, part in found.items())
    heads = ("row", "value", "finding")
    return View(label_of(problems) or None, _headline(problems, found), heads, groups, tuple(_advice(problems)))


def _headline(problems: pd.DataFrame, found: Mapping[str, pd.DataFrame]) -> str:
    if problems.empty:
        return "No findings."
    counts = ", ".join(f"{len(part):,} {rule}" for rule, part in found.items())
    rows = problems["row"].nunique()
    return f"{pluralize(len(problems), 'finding')} in {pluralize(rows, 'subscriber')}: {counts}"


def _group(rule: str, rows: pd.DataFrame, share: int, see_all: str) -> Group:
    part = rows.head(share).to_dict("records")
    values = rows["value"] if "value" in rows else pd.Series(dtype="str")
    examples = join_words([quoted_text(value) for value in values.dropna().drop_duplicates().head(_EXAMPLES)])
    title = f"{len(rows):,} {rule}: {FINDING_RULES.get(rule, 'a rule of your own')}"
    title += f", such as {examples}" if examples else ""
    left = describe_rest(
        len(rows) - len(part), "finding", see_all or f'problems[problems["rule"] == "{cell_text(rule)}"]'
    )
    return Group("warning", title, tuple(_row(row) for row in part), left)


def _row(row: dict[Any, Any]) -> Row:
    fix = row.get("fix")
    note = cell_text(row["message"], SENTENCE_MAX)
    note += f" Proposed: {quoted_text(fix)}" if not is_missing(fix) and fix else ""
    where = "-" if is_missing(row["row"]) else f"row {row['row']}"
    return Row(where, quoted_text(row.get("value")), note=note)


def _advice(problems: pd.DataFrame) -> list[str]:
    fixes = int((problems["fix"].fillna("") != "").sum()) if "fix" in problems else 0
    if not fixes:
        return []
    have = "has" if fixes == 1 else "have"
    return [f"{fixes:,} of these {have} a safe fix. The clean-up as a plan:", _CLEAN_UP]
