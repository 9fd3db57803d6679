"""The form that shows a plan row by row, lets rows be ticked off, and applies what is left."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.display import Row, change_html, shown_rows
from exotel_frames.errors import StalePlanError
from exotel_frames.operations.origin import other_account
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import check_plan
from exotel_frames.text import pluralize
from exotel_frames.widgets.confirmation import LIMITS, counts_of, plan_question
from exotel_frames.widgets.controls import button, choice_field, disable, message, row_of, say, text_field
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.picker import Picker, Positions
from exotel_frames.widgets.results_log import Ledger
from exotel_frames.widgets.workflow import ReviewFlow

NAME: Final = "subscriber_name"
_ALL: Final = "all actions"


def plan_review(client: Client, plan: pd.DataFrame, *, max_share: float = 0.3) -> Form:
    """Return a form that shows a plan row by row; untick what is not to be done, review, confirm.

    Rows in conflict are not ticked at first: to tick one is to decide it as planned. Deletes need their number typed;
    what changes more than `max_share` of the tenant is refused, with the arithmetic, until the limit is raised in the
    form. The results stand below, with a button that plans the way back.

    Errors: ValidationError for a frame that is no plan; StalePlanError for a plan of another account.

    >>> plan = plan_changes(load_subscribers(client, progress=False), pd.DataFrame({"subscriber_name": ["priya07"]}))
    >>> len(plan_review(client, plan).results)
    0
    """
    made = check_plan(plan)
    made.attrs = dict(plan.attrs)
    other = other_account(client, plan.attrs.get("exotel_frames", {}).get("origin") or {})
    if other:
        raise StalePlanError(f"This plan was made for {other}, and this client is {client.settings.label}.")
    return _Reviewing(client, made, max_share).form


class _Reviewing:
    def __init__(self, client: Client, plan: pd.DataFrame, max_share: float) -> None:
        self._client, self._ledger = client, Ledger()
        busy = ((plan["action"] != "none") | plan["conflict"]).to_numpy()
        self._plan, self._idle = plan[busy].reset_index(drop=True), int((~busy).sum())
        self._plan.attrs = dict(plan.attrs)
        self._searched = self._plan[NAME].str.lower()
        self._search = text_field("Search names", placeholder="type and press Enter")
        self._search.continuous_update = False
        self._action = choice_field("Show", [_ALL, *self._plan["action"].unique(), "conflict"])
        self._counts, self._review = message(), button("Review", self._reviewed, style="primary")
        self._steps = ReviewFlow(client, on_results=self._done, on_busy=self._busy, max_share=max_share)
        self._picker = Picker(
            self._plan[NAME].tolist(),
            find=self._find,
            cells=self._cells,
            heads=("action", "change", "note"),
            widths="6em 2fr 1fr",
            ticked=np.flatnonzero(~self._plan["conflict"].to_numpy()).tolist(),
            on_change=self._ticked,
        )
        for field in (self._search, self._action):
            field.observe(lambda _: self._picker.search(), "value")
        self.form = Form(
            client,
            "Review a plan",
            [self._search, self._action, self._picker, self._counts, row_of(self._review), self._steps],
            background=self._steps.background,
            results=self._ledger.frame,
            by_code="ef.apply_plan(client, plan)",
        )
        self._wake()

    def _find(self) -> Positions:
        mask = self._searched.str.contains(self._search.value.strip().lower(), regex=False).to_numpy(dtype=bool)
        if self._action.value == "conflict":
            mask &= self._plan["conflict"].to_numpy()
        elif self._action.value != _ALL:
            mask &= (self._plan["action"] == self._action.value).to_numpy()
        return np.flatnonzero(mask)

    def _cells(self, positions: Positions) -> Sequence[Sequence[str]]:
        return [_cells_of(kind, row) for kind, row in shown_rows(self._plan.iloc[positions])]

    def _ticked(self) -> None:
        """Another choice: what was asked about the one before is asked no more."""
        self._steps.drop()
        self._wake()

    def _wake(self) -> None:
        chosen = self._plan.iloc[self._picker.ticked]
        told = f"Ticked: {counts_of(chosen)}." if len(chosen) else "Nothing is ticked: nothing would be done."
        if self._idle:
            told += f" {pluralize(self._idle, 'row')} of the plan change nothing, and are not shown."
        conflicts = int(self._plan["conflict"].sum())
        if conflicts:
            told += f" {pluralize(conflicts, 'row')} in conflict: to tick one is to do it all the same."
        say(self._counts, told)
        self._review.disabled = not len(chosen)

    def _reviewed(self) -> None:
        positions = self._picker.ticked
        chosen = self._plan.iloc[positions].assign(conflict=False)
        chosen.attrs = dict(self._plan.attrs)
        self._steps.ask(plan_question(self._client, chosen, code=self._code(positions)))

    def _code(self, positions: Positions) -> str:
        """Return the code for all rows, or for the ticked ones: by their names, or by those left out, if fewer."""
        left = np.setdiff1d(np.arange(len(self._plan)), positions)
        decided = self._plan["conflict"].to_numpy()[positions].any()
        names = [self._plan[NAME].tolist()[at] for at in (left if len(left) < len(positions) else positions)]
        sign = "~" if len(left) < len(positions) else ""
        chosen = f"chosen = plan[{sign}plan.subscriber_name.isin({names!r})]\n" if len(left) else ""
        frame = "chosen" if chosen else "plan"
        settled = f"{frame}.assign(conflict=False)" if decided else frame
        return f"{chosen}ef.apply_plan(client, {settled}{LIMITS})"

    def _done(self, results: pd.DataFrame) -> None:
        """Keep the results, and untick what is done: to confirm again is for the rest."""
        self._ledger.add(results)
        done = results.loc[results["outcome"].isin(SUCCESSES), NAME]
        left = ~self._plan.iloc[self._picker.ticked][NAME].isin(done).to_numpy()
        self._picker.take(self._plan[NAME].tolist(), ticked=self._picker.ticked[left].tolist())

    def _busy(self, on: bool) -> None:
        disable([self._search, self._action, self._review, *self._picker.controls], on=on)
        if not on:
            self._picker.wake()
            self._wake()


def _cells_of(kind: str, row: Row) -> Sequence[str]:
    word = f"CONFLICT ({row.action})" if kind == "conflict" else "DELETE" if kind == "delete" else row.action
    color = "var(--jp-error-color1, #d9363e)" if kind in {"delete", "conflict"} else "inherit"
    action = f'<span style="color:{color};font-weight:600">{escape(word)}</span>'
    changes = "<br>".join(f"{escape(change.field)} {change_html(change)}" for change in row.changes)
    return (action, changes, escape(row.note))
