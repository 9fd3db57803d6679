"""The form of findings: what looks wrong in an account, by rule and one by one; tick, review the plan, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import empty
from exotel_frames.operations.loading import load_subscribers
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize, quote_value
from exotel_frames.validation import FINDING_RULES, audit_subscribers
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import confirm_plan, to_do
from exotel_frames.widgets.controls import (
    choice_field,
    disable,
    foot_of,
    message,
    number_field,
    row_of,
    set_message,
    text_field,
    visible,
)
from exotel_frames.widgets.findings_table import ALL, FIXABLE, FindingsTable
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.page import enter_presses
from exotel_frames.widgets.picker import Columns, Picker, Positions
from exotel_frames.widgets.results_log import ResultsLog, followed, take_subscribers
from exotel_frames.widgets.rule_list import RuleList
from exotel_frames.widgets.workflow import ReviewFlow

_DAYS_MAX: Final = 36_500
_NOT_LOADED: Final = "No subscribers are loaded yet."


@takes_client
def findings_form(
    client: Client, subs: pd.DataFrame | None = None, *, stale_days: int | None = None, max_share: float = 0.3
) -> Form:
    """Return a form of what looks wrong in an account: tick rules or single findings, review the plan, confirm.

    Nothing is ticked at first: a fix is a proposal, and whoever ticks it has decided. What has no safe fix is shown,
    with the reason, and can't be ticked. After a run the subscribers are looked through again as they are then.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.
    subs : DataFrame, optional
        What `load_subscribers` returned, or a part of it; without it the form loads every subscriber itself.
    stale_days : int, optional
        Active and not updated for more days than that is a finding; without it, or with 0, that rule is left out. It
        can be changed in the form.
    max_share : float, default 0.3
        The part of the tenant that one plan may change, as in `apply_plan`.

    Returns
    -------
    Form
        A widget: the last value of a cell shows it. `.results` has a row for each change, `.plan` is what was reviewed.

    Raises
    ------
    ValidationError
        For a frame that lacks columns, and for `stale_days` that are none.
    StalePlanError
        For a frame of another account.

    Examples
    --------
    >>> form = findings_form(client, stale_days=365)
    >>> form.wait(), len(form.results)
    (True, 0)
    """
    if stale_days is not None and (isinstance(stale_days, bool) or not isinstance(stale_days, int) or stale_days < 0):
        raise ValidationError(f"stale_days is {quote_value(stale_days)}; it is a whole number of days, 0 or more.")
    form = _Findings(client, stale_days or 0, max_share)
    if subs is None:
        form.load()
    else:
        form.audit(take_subscribers(client, subs))
    return form.form


class _Findings:
    def __init__(self, client: Client, stale_days: int, max_share: float) -> None:
        self._client, self._log = client, ResultsLog()
        self._outcomes: dict[str, str] = {}
        self._given: pd.DataFrame | None = None
        self._is_loaded = False
        self._table = FindingsTable(empty("subscribers"), audit_subscribers(empty("subscribers")))
        self._flow = ReviewFlow(client, on_results=self._keep, on_busy=self._set_busy, max_share=max_share)
        self._make_fields(self._flow.callbacks, stale_days)
        self._rows = [self._rules, self._search, self._show, self._picker, foot_of(self._counts, row_of(self._review))]
        for each in self._rows:
            visible(each, when=False)
        self._watch(self._flow.callbacks)
        self.form = Form(
            client,
            "Findings and their fixes",
            [row_of(self._stale, self._load), self._said, *self._rows, self._flow],
            flow=self._flow,
            results=self._log.frame,
            by_code="ef.apply_plan(client, ef.plan_changes(subs, ef.apply_fixes(subs, ef.audit_subscribers(subs))))",
        )
        set_message(self._said, _NOT_LOADED)

    def _make_fields(self, callbacks: Callbacks, stale_days: int) -> None:
        stale = "Active, and not updated for more days than this, is a finding; 0 leaves that rule out."
        self._stale = number_field("Stale after (days)", stale, value=stale_days, largest=max(_DAYS_MAX, stale_days))
        tip = "Reads the subscribers as they are now, and looks through them again"
        self._load = callbacks.button("Load again", self.load, tip=tip)
        self._said, self._counts = message(), message()
        self._rules = RuleList(callbacks, on_tick=self._tick_rule)
        found = "Shows the findings that have this text in the name, the value or the fix; ticks stay."
        self._search = text_field("Search", found, placeholder="in names, values and fixes")
        self._show = choice_field(
            "Show", "Shows the findings of one rule, or those with a safe fix; ticks stay.", [ALL]
        )
        columns = Columns(
            heads=("rule", "change", "finding"),
            widths="7.5em minmax(0, 1fr) minmax(0, 1.7fr)",
            name_width="min(17em, 36%)",
            cells=self._cells,
            values=self._column,
            row_px=48,
        )
        self._picker = Picker([], columns=columns, find=self._find, callbacks=callbacks, on_change=self._choose)
        tip = "Shows what would be changed by the ticked fixes; nothing is sent yet"
        self._review = callbacks.button("Review", self._make_plan, tip=tip, style="primary")

    def _watch(self, callbacks: Callbacks) -> None:
        callbacks.watch(self._picker.search, self._search, self._show)
        callbacks.watch(self._audit_again, self._stale)
        enter_presses(self._review, self._search, self._show, self._rules, self._picker)
        enter_presses(self._load, self._stale)

    def _cells(self, positions: Positions) -> Sequence[Sequence[str]]:
        return self._table.cells(positions, self._outcomes)

    def _column(self, head: str) -> pd.Series[Any]:
        return self._table.column(head)

    def _find(self) -> Positions:
        return self._table.find(self._search.value, self._show.value)

    def load(self) -> None:
        """Load every subscriber, or those again that were given, and look through them."""
        self._flow.read(self._load_all, self._take)

    def audit(self, subs: pd.DataFrame) -> None:
        """Look through subscribers that somebody else has loaded."""
        self._given = subs
        self._flow.read(lambda _listener: subs, self._take)

    def _load_all(self, listener: Listener) -> pd.DataFrame:
        subs = load_subscribers(self._client, progress=listener)
        if self._given is not None:
            subs = subs[subs[NAME].isin(self._given[NAME]).to_numpy()]
        return subs.reset_index(drop=True)

    def _audit_again(self) -> None:
        if self._is_loaded:
            self._flow.read(lambda _listener: self._table.subs, self._take)

    def _take(self, subs: pd.DataFrame) -> None:
        """Look through subscribers, and show what is found; what was ticked and is found again stays ticked."""
        ticked = self._table.keys[self._picker.ticked]
        problems = audit_subscribers(subs, stale_days=self._stale.value or None).reset_index(drop=True)
        self._table, self._is_loaded = FindingsTable(subs, problems), True
        again = np.flatnonzero(self._table.keys.isin(ticked))
        self._picker.take(self._table.names, ticked=again.tolist(), tickable=self._table.fixable)
        rules = self._table.rules()
        self._rules.take(rules, left_out=() if self._stale.value else ("stale",))
        self._offer([each.rule for each in rules if each.found])
        for each in self._rows:
            visible(each, when=bool(len(problems)))
        self._describe()

    def _offer(self, found: list[str]) -> None:
        shown = self._show.value
        options = [ALL, *([FIXABLE] if self._table.fixable.any() else []), *found]
        self._show.options = options
        self._show.value = shown if shown in options else ALL

    def _tick_rule(self, rule: str, on: bool) -> None:
        self._picker.tick(self._table.of_rule(rule), on=on)

    def _choose(self) -> None:
        """Another choice: what was asked about the one before is asked no more."""
        self._flow.cancel()
        self._describe()

    def _describe(self) -> None:
        set_message(self._said, self._headline())
        ticked = self._picker.ticked
        self._rules.show_ticked(self._table.count_by_rule(ticked))
        people = len({self._table.names[at] for at in ticked.tolist()})
        fixes = "fix" if len(ticked) == 1 else "fixes"
        sentence = f"Ticked: {len(ticked):,} {fixes} in {pluralize(people, 'subscriber')}."
        set_message(self._counts, sentence if len(ticked) else "Nothing is ticked: nothing would be done.")
        self._review.disabled = not len(ticked)

    def _headline(self) -> str:
        subs, problems = len(self._table.subs), self._table.problems
        if not subs:
            return "There are no subscribers."
        if problems.empty:
            rules = len(FINDING_RULES) - (not self._stale.value)
            return f"No findings: {pluralize(subs, 'subscriber')} looked through by {rules} rules."
        found, fixes = pluralize(len(problems), "finding"), int(self._table.fixable.sum())
        people = pluralize(problems["row"].nunique(), "subscriber")
        have = (
            f"{fixes:,} of them {'has' if fixes == 1 else 'have'} a safe fix"
            if fixes
            else "none of them has a safe fix"
        )
        return f"{found} in {people}, of {subs:,}; {have}."

    def _make_plan(self) -> None:
        ticked = self._picker.ticked
        plan = self._table.plan(ticked)
        plan.attrs.update(origin_attrs(self._client))
        if to_do(plan).empty:
            self._flow.fail(f"{pluralize(len(plan), 'row')}: each is so already. Nothing would be sent.")
            return
        code = self._table.code(ticked, loads=self._given is None)
        self._flow.ask(confirm_plan(self._client, plan, code=code))

    def _keep(self, results: pd.DataFrame) -> None:
        """Keep the results, and look through the subscribers as they are now: what is mended is found no more."""
        self._log.add(results)
        self._outcomes |= dict(zip(results[NAME], results["outcome"], strict=True))
        done = results[(results["outcome"] == "done").to_numpy()]
        self._take(followed(self._table.subs, done))

    def _set_busy(self, on: bool) -> None:
        disable([self._stale, self._load, self._search, self._show, self._review, *self._rules.controls], on=on)
        disable(self._picker.controls, on=on)
        if not on:
            self._picker.wake()
            self._rules.wake()
            self._review.disabled = not len(self._picker.ticked)
