"""The clean-up panel: search subscribers, tick them, choose what to do with them, review, confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.display import cell_text, value_html
from exotel_frames.operations.origin import takes_client
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import plan_changes
from exotel_frames.schema import NAME
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.checkbox_table import CheckboxTable, Positions, TableColumns, outcome_mark
from exotel_frames.widgets.confirmation import CODE_NAMES_MAX, FORM_PLAN, MAX_DELETES_SLOT
from exotel_frames.widgets.controls import (
    choice_field,
    date_field,
    enable_unless,
    message_line,
    multiline_field,
    set_visible,
    side_by_side,
    sticky_foot,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.results_log import apply_results, check_subscribers
from exotel_frames.widgets.workflow import ReviewFlow

_ANY: Final = "any status"
_SET_FIELD: Final = "set custom field"
_CHANGES: Final[dict[str, Callable[[str], dict[str, str]]]] = {
    "set inactive": lambda _: {"status": "inactive"},
    "set active": lambda _: {"status": "active"},
    _SET_FIELD: lambda text: {"custom_field": text},
    "clear custom field": lambda _: {"custom_field": ""},
    "delete": lambda _: {"action": "delete"},
}
"""What can be done with the ticked rows, and the columns that a desired frame needs for it."""
_SHOWN_MAX: Final = 80


@takes_client
def cleanup_panel(client: Client, subs: pd.DataFrame, *, max_share: float = 0.3) -> Form:
    """Return a panel over a subscribers frame: search it, tick rows, choose an action, review the plan, confirm.

    The search covers all rows; the table shows the matching rows, one page at a time. After a run it shows the new
    state of each subscriber.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    subs : DataFrame
        What `load_subscribers` returned, or a part of it.
    max_share : float, default 0.3
        The share of the account that one plan may change, as in `apply_plan`.

    Returns
    -------
    Form
        A widget: a notebook displays it as the last value of a cell. `.results` has a row for each change.

    Raises
    ------
    ValidationError
        When the frame lacks columns.
    StalePlanError
        When the frame is from another account.

    Examples
    --------
    >>> len(cleanup_panel(client, load_subscribers(client, progress=False)).results)
    0
    """
    return _CleanupPanel(client, check_subscribers(client, subs), max_share).form


class _CleanupPanel:
    def __init__(self, client: Client, subs: pd.DataFrame, max_share: float) -> None:
        self._set_subscribers(subs)
        self._make_fields()
        self._flow = ReviewFlow(client, on_results=self._show_results, on_busy=self._set_busy, max_share=max_share)
        tip = "Shows what would happen to the ticked rows; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._review_plan, tip=tip, style="primary")
        self._why_not = message_line()
        self._table = self._make_table(self._flow.callbacks)
        self._flow.callbacks.watch(self._table.search, self._search, self._status, self._since)
        self._flow.callbacks.watch(self._on_choice, self._action, self._text)
        fields = [self._search, self._status, self._since, self._table, self._action, self._text]
        press_on_enter(self._review, *fields)
        self.form = Form(
            self._flow,
            "Clean up subscribers",
            [*fields, sticky_foot(side_by_side(self._review, self._why_not)), self._flow],
            by_code="ef.apply_plan(client, ef.plan_changes(subs, desired))",
        )
        self._on_choice()

    def _make_fields(self) -> None:
        search = "Shows the rows that have this text in the name or the custom field; case does not matter."
        self._search = text_field("Search", search, placeholder="in names and custom fields")
        self._status = choice_field("Status", "Shows the rows of one status.", [_ANY, *schema.STATUSES])
        since = "Shows the rows that were last changed before this day (UTC)."
        self._since = date_field("Not changed since", since)
        self._action = choice_field("With the ticked rows", "What to do with every ticked row.", _CHANGES)
        self._text = multiline_field("New custom field", "The new custom field of every ticked row.")
        self._text.continuous_update = False  # sent when the field is left, so before any click

    def _make_table(self, callbacks: Callbacks) -> CheckboxTable:
        columns = TableColumns(
            heads=("status", "custom_field", "last changed"),
            widths="5.5em minmax(0, 1fr) 10em",
            cells=self._cells,
            sort_values=self._sort_values,
        )
        names = self._subs[NAME].tolist()
        return CheckboxTable(names, columns=columns, find=self._find, callbacks=callbacks, on_change=self._on_choice)

    def _set_subscribers(self, subs: pd.DataFrame) -> None:
        self._subs = subs
        self._searched = (subs[NAME] + "\n" + subs["custom_field"].fillna("")).str.lower()

    def _find(self) -> Positions:
        mask = self._searched.str.contains(self._search.value.strip().lower(), regex=False).to_numpy(dtype=bool)
        if self._status.value != _ANY:
            mask = mask & (self._subs["status"] == self._status.value).to_numpy(dtype=bool)
        if self._since.value:
            changed = self._subs["date_updated"].fillna(self._subs["date_created"])
            mask = mask & (changed < pd.Timestamp(self._since.value, tz="UTC")).to_numpy(dtype=bool)
        return np.flatnonzero(mask)

    def _cells(self, positions: Positions) -> Sequence[Sequence[str]]:
        page = self._subs.iloc[positions][[NAME, "status", "custom_field", "date_updated"]]
        return [
            (
                escape(cell_text(status)),
                value_html(cell_text(field, _SHOWN_MAX)),
                f"{escape(cell_text(changed)[:16])} {outcome_mark(self._flow.results_log.outcomes.get(name))}",
            )
            for name, status, field, changed in page.itertuples(index=False, name=None)
        ]

    def _sort_values(self, head: str) -> pd.Series[Any]:
        """Return the values by which a click on a head sorts."""
        if head == "last changed":
            return self._subs["date_updated"].fillna(self._subs["date_created"])
        return self._subs[head]

    def _on_choice(self) -> None:
        """Take the confirmation away, since it was about the choice before."""
        set_visible(self._text, when=self._action.value == _SET_FIELD)
        self._flow.cancel()
        self._enable_review()

    def _enable_review(self) -> None:
        enable_unless(self._review, self._why_not, "" if len(self._table.ticked) else "Tick the rows first.")

    def _desired_frame(self) -> pd.DataFrame:
        names = self._subs[NAME].iloc[self._table.ticked]
        change = _CHANGES[self._action.value](self._text.value)
        return pd.DataFrame({NAME: names.tolist(), **change}, dtype=schema.STR)

    def _review_plan(self) -> None:
        desired = self._desired_frame()
        self._flow.ask_plan(plan_changes(self._subs, desired), code=_code(desired))

    def _show_results(self, results: pd.DataFrame) -> None:
        """Show each subscriber as it is now, and untick those that are done."""
        succeeded = results.loc[results["outcome"].isin(SUCCESSES), NAME]
        still_ticked = set(self._subs[NAME].iloc[self._table.ticked]) - set(succeeded)
        self._set_subscribers(apply_results(self._subs, results[results["outcome"] == "done"]))
        names = self._subs[NAME].tolist()
        self._table.set_rows(names, ticked=[at for at, name in enumerate(names) if name in still_ticked])

    def _set_busy(self, on: bool) -> None:
        if not on:
            self._table.enable()
            self._enable_review()


def _code(desired: pd.DataFrame) -> str:
    """Return the code for the names when they are few, else for the plan that the form holds."""
    if len(desired) > CODE_NAMES_MAX:
        return f"plan = {FORM_PLAN}\nef.apply_plan(client, plan{MAX_DELETES_SLOT})"
    columns = {name: desired[name].iloc[0] for name in desired if name != NAME}
    cells = f"{{'subscriber_name': {desired[NAME].tolist()!r}, {repr(columns)[1:]}"
    return f"desired = pd.DataFrame({cells})\nef.apply_plan(client, ef.plan_changes(subs, desired){MAX_DELETES_SLOT})"
