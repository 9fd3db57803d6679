"""The form of findings: shows what looks wrong in an account, and applies the fixes that are ticked."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import empty
from exotel_frames.operations.loading import load_subscribers
from exotel_frames.operations.origin import takes_client
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize, quote_value
from exotel_frames.validation import FINDING_RULES, audit_subscribers
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.checkbox_table import CheckboxTable, TableColumns
from exotel_frames.widgets.controls import (
    choice_field,
    message_line,
    number_field,
    set_message,
    set_visible,
    side_by_side,
    sticky_foot,
    text_field,
)
from exotel_frames.widgets.findings_table import ALL, FIXABLE, FindingsTable
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.results_log import apply_results, check_subscribers
from exotel_frames.widgets.rule_list import RuleList
from exotel_frames.widgets.workflow import ReviewFlow

_DAYS_MAX: Final = 36_500
_NOT_LOADED: Final = "No subscribers are loaded yet."


@takes_client
def findings_form(
    client: Client, subs: pd.DataFrame | None = None, *, stale_days: int | None = None, max_share: float = 0.3
) -> Form:
    """Return a form that lists what looks wrong in an account: tick rules or single findings, review the plan, confirm.

    Nothing is ticked at first: a fix is a proposal, and a person decides. A finding without a safe fix is shown with
    the reason, and can't be ticked. After a run the audit is repeated.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    subs : DataFrame, optional
        What `load_subscribers` returned, or a part of it; without it the form loads every subscriber itself.
    stale_days : int, optional
        An active subscriber that was not updated for more than this many days is a finding; None or 0 turns that rule
        off. It can be changed in the form.
    max_share : float, default 0.3
        The share of the account that one plan may change, as in `apply_plan`.

    Returns
    -------
    Form
        A widget: a notebook displays it as the last value of a cell. `.results` has a row for each change, `.plan` is
        what was reviewed.

    Raises
    ------
    ValidationError
        When the frame lacks columns, or `stale_days` is not a whole number, 0 or more.
    StalePlanError
        When the frame is from another account.

    Examples
    --------
    >>> form = findings_form(client, stale_days=365)
    >>> form.wait(), len(form.results)
    (True, 0)
    """
    if stale_days is not None and (isinstance(stale_days, bool) or not isinstance(stale_days, int) or stale_days < 0):
        raise ValidationError(f"stale_days is {quote_value(stale_days)}; it is a whole number of days, 0 or more.")
    form = _FindingsForm(client, stale_days or 0, max_share)
    if subs is None:
        form.load()
    else:
        form.audit(check_subscribers(client, subs))
    return form.form


class _FindingsForm:
    def __init__(self, client: Client, stale_days: int, max_share: float) -> None:
        self._client = client
        self._given_subs: pd.DataFrame | None = None
        self._is_loaded = False
        self._findings = FindingsTable(empty("subscribers"), audit_subscribers(empty("subscribers")))
        self._flow = ReviewFlow(client, on_results=self._show_results, on_busy=self._set_busy, max_share=max_share)
        self._make_fields(self._flow.callbacks, stale_days)
        self._audit_widgets = [
            self._rules,
            self._search,
            self._show,
            self._table,
            sticky_foot(self._counts, side_by_side(self._review)),
        ]
        for widget in self._audit_widgets:
            set_visible(widget, when=False)
        self._watch(self._flow.callbacks)
        self.form = Form(
            self._flow,
            "Findings and their fixes",
            [side_by_side(self._stale, self._load), self._headline, *self._audit_widgets, self._flow],
            by_code="ef.apply_plan(client, ef.plan_changes(subs, ef.apply_fixes(subs, ef.audit_subscribers(subs))))",
        )
        set_message(self._headline, _NOT_LOADED)

    def _make_fields(self, callbacks: Callbacks, stale_days: int) -> None:
        stale = (
            "Finds active subscribers that have not been updated for more than this many days; 0 turns this rule off."
        )
        self._stale = number_field("Stale after (days)", stale, value=stale_days, largest=max(_DAYS_MAX, stale_days))
        tip = "Loads the subscribers as they are now, and repeats the audit"
        self._load = callbacks.button("Load again", self.load, tip=tip)
        self._headline, self._counts = message_line(), message_line()
        self._rules = RuleList(callbacks, on_tick=self._tick_rule)
        search = "Shows the findings that have this text in the name, the value or the fix; ticks stay."
        self._search = text_field("Search", search, placeholder="in names, values and fixes")
        self._show = choice_field(
            "Show", "Shows the findings of one rule, or those with a safe fix; ticks stay.", [ALL]
        )
        columns = TableColumns(
            heads=("rule", "change", "finding"),
            widths="7.5em minmax(0, 1fr) minmax(0, 1.7fr)",
            name_width="min(17em, 36%)",
            cells=lambda positions: self._findings.cells(positions, self._flow.results_log.outcomes),
            sort_values=self._sort_values,
            row_px=48,
        )
        self._table = CheckboxTable(
            [],
            columns=columns,
            find=lambda: self._findings.find(self._search.value, self._show.value),
            callbacks=callbacks,
            on_change=self._on_choice,
        )
        tip = "Shows what the ticked fixes would change; nothing is sent yet"
        self._review = callbacks.button("Review", self._review_plan, tip=tip, style="primary")

    def _watch(self, callbacks: Callbacks) -> None:
        callbacks.watch(self._table.search, self._search, self._show)
        callbacks.watch(self._audit_again, self._stale)
        press_on_enter(self._review, self._search, self._show, self._rules, self._table)
        press_on_enter(self._load, self._stale)

    def _sort_values(self, head: str) -> pd.Series[Any]:
        return self._findings.sort_values(head)  # looked up at each call: an audit makes another table

    def load(self) -> None:
        """Load the subscribers, all or those of the given frame, and audit them."""
        self._flow.read(self._read_subscribers, self._show_audit)

    def audit(self, subs: pd.DataFrame) -> None:
        """Audit subscribers that were loaded already."""
        self._given_subs = subs
        self._flow.read(lambda _listener: subs, self._show_audit)

    def _read_subscribers(self, listener: Listener) -> pd.DataFrame:
        subs = load_subscribers(self._client, progress=listener)
        if self._given_subs is not None:
            subs = subs[subs[NAME].isin(self._given_subs[NAME]).to_numpy()]
        return subs.reset_index(drop=True)

    def _audit_again(self) -> None:
        if self._is_loaded:
            self._flow.read(lambda _listener: self._findings.subs, self._show_audit)

    def _show_audit(self, subs: pd.DataFrame) -> None:
        """Audit subscribers, and show the findings; a ticked one that is found again stays ticked."""
        ticked = self._findings.keys[self._table.ticked]
        problems = audit_subscribers(subs, stale_days=self._stale.value or None).reset_index(drop=True)
        self._findings, self._is_loaded = FindingsTable(subs, problems), True
        again = np.flatnonzero(self._findings.keys.isin(ticked))
        self._table.set_rows(self._findings.names, ticked=again.tolist(), tickable=self._findings.fixable)
        rules = self._findings.rules()
        self._rules.set_counts(rules, left_out=() if self._stale.value else ("stale",))
        self._set_choices([count.rule for count in rules if count.found])
        for widget in self._audit_widgets:
            set_visible(widget, when=bool(len(problems)))
        self._describe()

    def _set_choices(self, rules: list[str]) -> None:
        chosen = self._show.value
        options = [ALL, *([FIXABLE] if self._findings.fixable.any() else []), *rules]
        self._show.options = options
        self._show.value = chosen if chosen in options else ALL

    def _tick_rule(self, rule: str, on: bool) -> None:
        self._table.tick(self._findings.fixable_of_rule(rule), on=on)

    def _on_choice(self) -> None:
        """Take the confirmation away, since it was about other findings."""
        self._flow.cancel()
        self._describe()

    def _describe(self) -> None:
        set_message(self._headline, self._describe_findings())
        ticked = self._table.ticked
        self._rules.show_ticked(self._findings.count_by_rule(ticked))
        people = len({self._findings.names[at] for at in ticked.tolist()})
        fixes = "fix" if len(ticked) == 1 else "fixes"
        counts = f"Ticked: {len(ticked):,} {fixes} in {pluralize(people, 'subscriber')}."
        set_message(self._counts, counts if len(ticked) else "Nothing is ticked: tick the fixes to review.")
        self._review.disabled = not len(ticked)

    def _describe_findings(self) -> str:
        subs, problems = len(self._findings.subs), self._findings.problems
        if not subs:
            return "There are no subscribers."
        if problems.empty:
            rules = len(FINDING_RULES) - (not self._stale.value)
            return f"No findings: {pluralize(subs, 'subscriber')} checked by {rules} rules."
        found, fixes = pluralize(len(problems), "finding"), int(self._findings.fixable.sum())
        people = pluralize(problems["row"].nunique(), "subscriber")
        have = (
            f"{fixes:,} of them {'has' if fixes == 1 else 'have'} a safe fix"
            if fixes
            else "none of them has a safe fix"
        )
        return f"{found} in {people}, of {subs:,}; {have}."

    def _review_plan(self) -> None:
        ticked = self._table.ticked
        code = self._findings.code(ticked, loads=self._given_subs is None)
        self._flow.ask_plan(self._findings.plan(ticked), code=code)

    def _show_results(self, results: pd.DataFrame) -> None:
        """Audit the subscribers as they are now."""
        done = results[(results["outcome"] == "done").to_numpy()]
        self._show_audit(apply_results(self._findings.subs, done))

    def _set_busy(self, on: bool) -> None:
        if not on:
            self._table.enable()
            self._rules.enable()
            self._review.disabled = not len(self._table.ticked)
