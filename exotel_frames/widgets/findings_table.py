"""The findings of an audit as a form shows them: as rows, counted by rule, and as a plan of the ticked fixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames.display import Change, before_after, cell_text, change_html, value_html
from exotel_frames.plans import apply_fixes, plan_changes
from exotel_frames.schema import FIELDS, NAME
from exotel_frames.validation import FINDING_RULES
from exotel_frames.widgets.checkbox_table import Positions, outcome_mark
from exotel_frames.widgets.confirmation import CODE_NAMES_MAX, FORM_PLAN, MAX_DELETES_SLOT, frame_code
from exotel_frames.widgets.controls import FAINT

ALL: Final = "all findings"
FIXABLE: Final = "those with a safe fix"
_EXAMPLES: Final = 3
_MESSAGE_MAX: Final = 400
_NO_FIX: Final = f'<span style="color:{FAINT}">no safe fix</span>'


@dataclass(frozen=True)
class RuleCount:
    """The number of findings of a rule, of those with a safe fix, and a few of the values found."""

    rule: str
    found: int = 0
    fixable: int = 0
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class FindingsTable:
    """Subscribers, numbered from 0, and what an audit found in them; positions are rows of `problems`."""

    subs: pd.DataFrame
    problems: pd.DataFrame

    @cached_property
    def names(self) -> list[str]:
        """The subscriber of each finding."""
        names: list[str] = self.subs[NAME].iloc[self._rows].tolist()
        return names

    @cached_property
    def fixable(self) -> NDArray[np.bool_]:
        """Whether a finding has a safe fix, one truth value for each."""
        return (self.problems["fix"].fillna("") != "").to_numpy(dtype=bool)

    @cached_property
    def keys(self) -> pd.Index[Any]:
        """What identifies each finding when the audit is made again: rule, value, fix and name."""
        parts = self.problems[["rule", "value", "fix"]].fillna("")
        return pd.Index(
            parts["rule"] + "\n" + parts["value"] + "\n" + parts["fix"] + "\n" + pd.Series(self.names, dtype="str")
        )

    def rules(self) -> Sequence[RuleCount]:
        """Return the counts of each rule, rules with safe fixes first."""
        masks = {rule: self.problems["rule"].to_numpy() == rule for rule in FINDING_RULES}
        counts = [
            RuleCount(rule, int(mask.sum()), int((mask & self.fixable).sum()), self._examples(mask))
            for rule, mask in masks.items()
        ]
        return sorted(counts, key=lambda each: not each.fixable)

    def _examples(self, mask: NDArray[np.bool_]) -> Sequence[str]:
        """Return a few of the values found, or subscribers' names where the values are dates."""
        values = self.problems["value"].where(
            self.problems["column"] != "date_updated", pd.Series(self.names, dtype="str")
        )
        examples: list[str] = values[mask].dropna().drop_duplicates().head(_EXAMPLES).tolist()
        return examples

    def fixable_of_rule(self, rule: str) -> Positions:
        """Return the positions of a rule's findings that have a safe fix."""
        return np.flatnonzero((self.problems["rule"].to_numpy() == rule) & self.fixable)

    def count_by_rule(self, positions: Positions) -> Mapping[str, int]:
        """Return how many of these findings each rule has."""
        return dict(self.problems["rule"].iloc[positions].value_counts())

    def find(self, text: str, show: str) -> Positions:
        """Return the positions of findings with `text` in name, value or fix; `show` is a rule, `FIXABLE` or `ALL`."""
        mask = self._searched_texts.str.contains(text.strip().lower(), regex=False).to_numpy(dtype=bool)
        if show == FIXABLE:
            mask = mask & self.fixable
        elif show != ALL:
            mask = mask & (self.problems["rule"].to_numpy() == show)
        return np.flatnonzero(mask)

    def cells(self, positions: Positions, outcomes: Mapping[str, str]) -> Sequence[Sequence[str]]:
        """Return the cells of some rows as HTML: the rule, before and after, and the finding in a sentence."""
        page = self.problems.iloc[positions][["rule", "column", "value", "fix", "message"]]
        names = [self.names[at] for at in positions.tolist()]
        return [
            (
                _rule_html(rule, outcomes.get(name)),
                _change_html(column, value, fix),
                value_html(cell_text(message, _MESSAGE_MAX)),
            )
            for name, (rule, column, value, fix, message) in zip(
                names, page.itertuples(index=False, name=None), strict=True
            )
        ]

    def sort_values(self, head: str) -> pd.Series[Any]:
        """Return the values by which a click on a head sorts; changes are sorted by the fix."""
        if head == NAME:
            return pd.Series(self.names, dtype="str")
        return self.problems[{"change": "fix", "finding": "message"}.get(head, head)]

    def plan(self, positions: Positions) -> pd.DataFrame:
        """Return the plan that applies the fixes of these findings, and changes nothing else."""
        return plan_changes(self.subs, self._desired_frame(positions))

    def code(self, positions: Positions, *, loads: bool) -> str:
        """Return the code for these fixes: with names when they are few, with rules when each is ticked whole."""
        desired = self._desired_frame(positions)
        rules = list(self.count_by_rule(positions))
        if len(desired) <= CODE_NAMES_MAX:
            how = f"desired = {frame_code(self._changed_columns(desired))}\nplan = ef.plan_changes(subs, desired)"
        elif sum(len(self.fixable_of_rule(rule)) for rule in rules) == len(positions):
            ticked = f'problems[problems["rule"].isin({rules!r})]'
            how = f"problems = ef.audit_subscribers(subs)\nplan = ef.plan_changes(subs, ef.apply_fixes(subs, {ticked}))"
        else:
            return f"plan = {FORM_PLAN}\nef.apply_plan(client, plan{MAX_DELETES_SLOT})"
        load = "subs = ef.load_subscribers(client)\n" if loads else ""
        return f"{load}{how}\nef.apply_plan(client, plan{MAX_DELETES_SLOT})"

    def _desired_frame(self, positions: Positions) -> pd.DataFrame:
        ticked = self.problems.iloc[positions]
        rows = np.unique(ticked["row"].to_numpy(dtype=np.int64))
        return apply_fixes(self.subs, ticked).iloc[rows]

    def _changed_columns(self, desired: pd.DataFrame) -> pd.DataFrame:
        """Return the name and those columns of a desired frame that differ from the subscribers in some row."""
        before = self.subs.loc[desired.index]
        columns = [name for name in FIELDS if (desired[name].fillna("") != before[name].fillna("")).any()]
        return desired[[NAME, *columns]]

    @cached_property
    def _rows(self) -> Positions:
        return self.problems["row"].to_numpy(dtype=np.int64)

    @cached_property
    def _searched_texts(self) -> pd.Series[Any]:
        parts = self.problems[["value", "fix"]].fillna("")
        return (pd.Series(self.names, dtype="str") + "\n" + parts["value"] + "\n" + parts["fix"]).str.lower()


def _rule_html(rule: str, outcome: str | None) -> str:
    words, mark = escape(rule).replace("_", "_<wbr>"), outcome_mark(outcome)
    return f"{words}<br>{mark}" if mark else words


def _change_html(column: str, value: Any, fix: str) -> str:
    if not fix:
        return _NO_FIX
    before, after = before_after(value, fix)
    return f"{escape(column)} {change_html(Change(column, before, after))}"
