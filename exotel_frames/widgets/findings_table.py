"""What the form of findings shows: each finding as a row, the rules with their counts, and the plan of some fixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames.display import Change, before_after, change_html, plain, value_html
from exotel_frames.plans import apply_fixes, plan_changes
from exotel_frames.schema import FIELDS, NAME
from exotel_frames.validation import FINDING_RULES
from exotel_frames.widgets.confirmation import FORM_PLAN, LIMITS, NAMES_MAX, frame_code
from exotel_frames.widgets.controls import FAINT
from exotel_frames.widgets.picker import Positions, done_mark

ALL: Final = "all findings"
FIXABLE: Final = "those with a safe fix"
_EXAMPLES: Final = 3
_MESSAGE_MAX: Final = 400
_NO_FIX: Final = f'<span style="color:{FAINT}">no safe fix</span>'


@dataclass(frozen=True)
class RuleCount:
    """What was found by a rule: how much, how many of it have a safe fix, and a few of the values."""

    rule: str
    found: int = 0
    fixable: int = 0
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class FindingsTable:
    """Subscribers (numbered from 0), and what an audit has found in them; a finding's position is its row here."""

    subs: pd.DataFrame
    problems: pd.DataFrame

    @cached_property
    def names(self) -> list[str]:
        """Whom each finding is about."""
        names: list[str] = self.subs[NAME].iloc[self._rows].tolist()
        return names

    @cached_property
    def fixable(self) -> NDArray[np.bool_]:
        """Which findings have a safe fix."""
        return (self.problems["fix"].fillna("") != "").to_numpy(dtype=bool)

    @cached_property
    def keys(self) -> pd.Index[Any]:
        """What a finding is known by when the audit is made again."""
        parts = self.problems[["rule", "value", "fix"]].fillna("")
        return pd.Index(
            parts["rule"] + "\n" + parts["value"] + "\n" + parts["fix"] + "\n" + pd.Series(self.names, dtype="str")
        )

    def rules(self) -> Sequence[RuleCount]:
        """Return what each rule has found, those of a safe fix first."""
        parts = {rule: self.problems["rule"].to_numpy() == rule for rule in FINDING_RULES}
        counts = [
            RuleCount(rule, int(at.sum()), int((at & self.fixable).sum()), self._examples(at))
            for rule, at in parts.items()
        ]
        return sorted(counts, key=lambda each: not each.fixable)

    def _examples(self, at: NDArray[np.bool_]) -> Sequence[str]:
        """Return a few of the values that were found; in place of a date, the subscriber's name."""
        values = self.problems["value"].where(
            self.problems["column"] != "date_updated", pd.Series(self.names, dtype="str")
        )
        examples: list[str] = values[at].dropna().drop_duplicates().head(_EXAMPLES).tolist()
        return examples

    def of_rule(self, rule: str) -> Positions:
        """Return where the findings of a rule stand that have a safe fix."""
        return np.flatnonzero((self.problems["rule"].to_numpy() == rule) & self.fixable)

    def count_by_rule(self, positions: Positions) -> Mapping[str, int]:
        """Return how many of some findings are of which rule."""
        return dict(self.problems["rule"].iloc[positions].value_counts())

    def find(self, text: str, show: str) -> Positions:
        """Return the findings that have a text in the name, the value or the fix, and are of a rule or have a fix."""
        mask = self._searched.str.contains(text.strip().lower(), regex=False).to_numpy(dtype=bool)
        if show == FIXABLE:
            mask = mask & self.fixable
        elif show != ALL:
            mask = mask & (self.problems["rule"].to_numpy() == show)
        return np.flatnonzero(mask)

    def cells(self, positions: Positions, outcomes: Mapping[str, str]) -> Sequence[Sequence[str]]:
        """Return the cells of some rows: the rule, before and after, and the finding in a sentence."""
        page = self.problems.iloc[positions][["rule", "column", "value", "fix", "message"]]
        names = [self.names[at] for at in positions.tolist()]
        return [
            (
                _rule_html(rule, outcomes.get(name)),
                _change_html(column, value, fix),
                value_html(plain(message, _MESSAGE_MAX)),
            )
            for name, (rule, column, value, fix, message) in zip(
                names, page.itertuples(index=False, name=None), strict=True
            )
        ]

    def column(self, head: str) -> pd.Series[Any]:
        """Return what the table is sorted by; a change is sorted by what it makes of the value."""
        if head == NAME:
            return pd.Series(self.names, dtype="str").str.lower()
        texts = self.problems[{"change": "fix", "finding": "message"}.get(head, head)].str.lower()
        return texts.mask(texts == "")  # nothing comes last

    def plan(self, positions: Positions) -> pd.DataFrame:
        """Return the plan that puts the fixes of some findings into their subscribers, and changes nothing else."""
        return plan_changes(self.subs, self._desired(positions))

    def code(self, positions: Positions, *, loads: bool) -> str:
        """Return the code for the fixes of a few, or of all of some rules; else for the plan that the form holds."""
        desired = self._desired(positions)
        rules = list(self.count_by_rule(positions))
        if len(desired) <= NAMES_MAX:
            how = f"desired = {frame_code(self._changed(desired))}\nplan = ef.plan_changes(subs, desired)"
        elif sum(len(self.of_rule(rule)) for rule in rules) == len(positions):
            ticked = f'problems[problems["rule"].isin({rules!r})]'
            how = f"problems = ef.audit_subscribers(subs)\nplan = ef.plan_changes(subs, ef.apply_fixes(subs, {ticked}))"
        else:
            return f"plan = {FORM_PLAN}\nef.apply_plan(client, plan{LIMITS})"
        load = "subs = ef.load_subscribers(client)\n" if loads else ""
        return f"{load}{how}\nef.apply_plan(client, plan{LIMITS})"

    def _desired(self, positions: Positions) -> pd.DataFrame:
        ticked = self.problems.iloc[positions]
        rows = np.unique(ticked["row"].to_numpy(dtype=np.int64))
        return apply_fixes(self.subs, ticked).iloc[rows]

    def _changed(self, desired: pd.DataFrame) -> pd.DataFrame:
        """Return the name and those columns of a desired frame that differ somewhere from what is so."""
        before = self.subs.loc[desired.index]
        columns = [name for name in FIELDS if (desired[name].fillna("") != before[name].fillna("")).any()]
        return desired[[NAME, *columns]]

    @cached_property
    def _rows(self) -> Positions:
        return self.problems["row"].to_numpy(dtype=np.int64)

    @cached_property
    def _searched(self) -> pd.Series[Any]:
        parts = self.problems[["value", "fix"]].fillna("")
        return (pd.Series(self.names, dtype="str") + "\n" + parts["value"] + "\n" + parts["fix"]).str.lower()


def _rule_html(rule: str, outcome: str | None) -> str:
    words, mark = escape(rule).replace("_", "_<wbr>"), done_mark(outcome)
    return f"{words}<br>{mark}" if mark else words


def _change_html(column: str, value: Any, fix: str) -> str:
    if not fix:
        return _NO_FIX
    before, after = before_after(value, fix)
    return f"{escape(column)} {change_html(Change(column, before, after))}"
