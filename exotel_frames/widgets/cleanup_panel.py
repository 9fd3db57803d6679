"""The panel for a clean-up: find subscribers, tick them, choose what to do with them, review, confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.display import plain, value_html
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import plan_changes
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import FORM_PLAN, LIMITS, NAMES_MAX, confirm_plan, to_do
from exotel_frames.widgets.controls import (
    area_field,
    choice_field,
    date_field,
    disable,
    foot_of,
    row_of,
    text_field,
    visible,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.page import enter_presses
from exotel_frames.widgets.picker import Columns, Picker, Positions, done_mark
from exotel_frames.widgets.results_log import ResultsLog, followed, take_subscribers
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
"""What can be done with the ticked rows: the columns of a desired frame."""
_SHOWN_MAX: Final = 80


@takes_client
def cleanup_panel(client: Client, subs: pd.DataFrame, *, max_share: float = 0.3) -> Form:
    """Return a panel over a subscribers frame: search it, tick rows, choose an action, review the plan, confirm.

    The search looks at every row, however many there are; the table shows all that match, a page at a time. What was
    done is followed: the table shows each subscriber as it is after a run.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.
    subs : DataFrame
        What `load_subscribers` returned, or a part of it.
    max_share : float, default 0.3
        The part of the tenant that one plan may change, as in `apply_plan`.

    Returns
    -------
    Form
        A widget: the last value of a cell shows it. `.results` has a row for each change.

    Raises
    ------
    ValidationError
        For a frame that lacks columns.
    StalePlanError
        For a frame of another account.

    Examples
    --------
    >>> len(cleanup_panel(client, load_subscribers(client, progress=False)).results)
    0
    """
    return _Cleaning(client, take_subscribers(client, subs), max_share).form


class _Cleaning:
    def __init__(self, client: Client, subs: pd.DataFrame, max_share: float) -> None:
        self._client, self._log = client, ResultsLog()
        self._outcomes: dict[str, str] = {}
        self._take(subs)
        self._make_fields()
        self._flow = ReviewFlow(client, on_results=self._keep, on_busy=self._set_busy, max_share=max_share)
        tip = "Shows what would be done with the ticked rows; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._make_plan, tip=tip, style="primary")
        self._picker = self._make_picker(self._flow.callbacks)
        self._flow.callbacks.watch(self._picker.search, self._search, self._status, self._since)
        self._flow.callbacks.watch(self._choose, self._action, self._text)
        fields = [self._search, self._status, self._since, self._picker, self._action, self._text]
        enter_presses(self._review, *fields)
        self.form = Form(
            client,
            "Clean up subscribers",
            [*fields, foot_of(row_of(self._review)), self._flow],
            flow=self._flow,
            results=self._log.frame,
            by_code="ef.apply_plan(client, ef.plan_changes(subs, desired))",
        )
        self._choose()

    def _make_fields(self) -> None:
        found = "Shows the rows that have this text in the name or the custom field; case does not matter."
        self._search = text_field("Search", found, placeholder="in names and custom fields")
        self._status = choice_field("Status", "Shows the rows of one status.", [_ANY, *schema.STATUSES])
        since = "Shows the rows that nobody has changed since the beginning of this day (UTC)."
        self._since = date_field("Not changed since", since)
        self._action = choice_field("With the ticked rows", "What is to be done with every ticked row.", _CHANGES)
        self._text = area_field("New custom field", "What every ticked row gets as its custom field.")
        self._text.continuous_update = False  # told as it is left, so before any click

    def _make_picker(self, callbacks: Callbacks) -> Picker:
        columns = Columns(
            heads=("status", "custom_field", "last changed"),
            widths="5.5em minmax(0, 1fr) 10em",
            cells=self._cells,
            values=self._column,
        )
        names = self._subs[NAME].tolist()
        return Picker(names, columns=columns, find=self._find, callbacks=callbacks, on_change=self._choose)

    def _take(self, subs: pd.DataFrame) -> None:
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
                escape(plain(status)),
                value_html(plain(field, _SHOWN_MAX)),
                f"{escape(plain(changed)[:16])} {done_mark(self._outcomes.get(name))}",
            )
            for name, status, field, changed in page.itertuples(index=False, name=None)
        ]

    def _column(self, head: str) -> pd.Series[Any]:
        """Return what the table is sorted by; letters count alike in both cases."""
        if head == "last changed":
            return self._subs["date_updated"].fillna(self._subs["date_created"])
        return self._subs[head].str.lower()

    def _choose(self) -> None:
        """Another choice: what was asked about the one before is asked no more."""
        visible(self._text, when=self._action.value == _SET_FIELD)
        self._flow.cancel()
        self._review.disabled = not len(self._picker.ticked)

    def _desired(self) -> pd.DataFrame:
        names = self._subs[NAME].iloc[self._picker.ticked]
        change = _CHANGES[self._action.value](self._text.value)
        return pd.DataFrame({NAME: names.tolist(), **change}, dtype=schema.STR)

    def _make_plan(self) -> None:
        desired = self._desired()
        plan = plan_changes(self._subs, desired)
        plan.attrs.update(origin_attrs(self._client))
        if to_do(plan).empty:
            self._flow.fail(f"{pluralize(len(plan), 'row')}: each is so already. Nothing would be sent.")
            return
        self._flow.ask(confirm_plan(self._client, plan, code=_code(desired)))

    def _keep(self, results: pd.DataFrame) -> None:
        """Keep the results, and show each subscriber as it is now; what was done is ticked no more."""
        self._log.add(results)
        self._outcomes |= dict(zip(results[NAME], results["outcome"], strict=True))
        done = results[results["outcome"].isin(SUCCESSES)]
        ticked = self._subs[NAME].iloc[self._picker.ticked]
        left = set(ticked) - set(done[NAME])
        self._take(followed(self._subs, done[done["outcome"] == "done"]))
        names = self._subs[NAME].tolist()
        self._picker.take(names, ticked=[at for at, name in enumerate(names) if name in left])

    def _set_busy(self, on: bool) -> None:
        fields = [self._search, self._status, self._since, self._action, self._text, self._review]
        disable([*fields, *self._picker.controls], on=on)
        if not on:
            self._picker.wake()
            self._review.disabled = not len(self._picker.ticked)


def _code(desired: pd.DataFrame) -> str:
    """Return the code for a few names, or for the plan that the form holds when they are many."""
    if len(desired) > NAMES_MAX:
        return f"plan = {FORM_PLAN}\nef.apply_plan(client, plan{LIMITS})"
    columns = {name: desired[name].iloc[0] for name in desired if name != NAME}
    cells = f"{{'subscriber_name': {desired[NAME].tolist()!r}, {repr(columns)[1:]}"
    return f"desired = pd.DataFrame({cells})\nef.apply_plan(client, ef.plan_changes(subs, desired){LIMITS})"
