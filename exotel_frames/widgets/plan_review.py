"""The form that shows a plan row by row, lets rows be ticked off, and applies what is left."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.display import Row, change_html, shown_rows
from exotel_frames.frames.row_numbers import row_names
from exotel_frames.frames.text_column import read_texts
from exotel_frames.operations.origin import check_origin, takes_client
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import WAY_ON, check_plan
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import FORM_PLAN, LIMITS, NAMES_MAX, confirm_plan, counts_of
from exotel_frames.widgets.controls import (
    FAINT,
    choice_field,
    disable,
    foot_of,
    message,
    row_of,
    set_message,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.page import enter_presses
from exotel_frames.widgets.picker import Columns, Picker, Positions, done_mark
from exotel_frames.widgets.results_log import ResultsLog
from exotel_frames.widgets.workflow import ReviewFlow

_ALL: Final = "all actions"


@takes_client
def plan_review(client: Client, plan: pd.DataFrame, *, max_share: float = 0.3) -> Form:
    """Return a form that shows a plan row by row; untick what is not to be done, review, confirm.

    Rows in conflict are not ticked at first: to tick one is to decide it as planned. Deletes need their number typed;
    what changes more than `max_share` of the tenant is refused, with the arithmetic, until the limit is raised in the
    form. The results stand below, with a button that plans the way back.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.
    plan : DataFrame
        A plan frame.
    max_share : float, default 0.3
        The part of the tenant that the plan may change, as in `apply_plan`.

    Returns
    -------
    Form
        A widget: the last value of a cell shows it. `.results` has a row for each row that was confirmed.

    Raises
    ------
    ValidationError
        For a frame that is no plan.
    StalePlanError
        For a plan of another account.

    Examples
    --------
    >>> plan = plan_changes(load_subscribers(client, progress=False), pd.DataFrame({"subscriber_name": ["priya07"]}))
    >>> len(plan_review(client, plan).results)
    0
    """
    made = check_plan(plan)
    made.attrs = dict(plan.attrs)
    check_origin(client, plan, "This plan was made for")
    return _Reviewing(client, made, max_share).form


class _Reviewing:
    def __init__(self, client: Client, plan: pd.DataFrame, max_share: float) -> None:
        self._client, self._log = client, ResultsLog()
        self._outcomes: dict[str, str] = {}
        busy = ((plan["action"] != "none") | plan["conflict"]).to_numpy()
        self._plan, self._idle = plan[busy], int((~busy).sum())
        self._plan.attrs = dict(plan.attrs)
        self._row_names = row_names(read_texts(self._plan[NAME]))
        self._searched = self._plan[NAME].str.lower()
        self._search = text_field("Search names", "Shows the rows that have this text in the name; ticks stay.")
        kinds = [_ALL, *self._plan["action"].unique(), "conflict"]
        self._action = choice_field("Show", "Shows the rows of one action, or those in conflict; ticks stay.", kinds)
        self._flow = ReviewFlow(client, on_results=self._keep, on_busy=self._set_busy, max_share=max_share)
        tip = "Shows what would be done by the ticked rows; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._confirm_ticked, tip=tip, style="primary")
        self._counts, self._picker = message(), self._make_picker(self._flow.callbacks)
        self._flow.callbacks.watch(self._picker.search, self._search, self._action)
        enter_presses(self._review, self._search, self._action, self._picker)
        self.form = Form(
            client,
            "Review a plan",
            [self._search, self._action, self._picker, foot_of(self._counts, row_of(self._review)), self._flow],
            flow=self._flow,
            results=self._log.frame,
            by_code="ef.apply_plan(client, plan)",
        )
        self._describe()

    def _make_picker(self, callbacks: Callbacks) -> Picker:
        columns = Columns(
            heads=("action", "change", "note"),
            widths="6.5em minmax(0, 1.4fr) minmax(0, 1fr)",
            cells=self._cells,
            values=self._column,
            row_px=48,  # status and custom field, or a note of two lines
        )
        return Picker(
            self._plan[NAME].tolist(),
            columns=columns,
            find=self._find,
            callbacks=callbacks,
            ticked=np.flatnonzero(~self._plan["conflict"].to_numpy()).tolist(),
            on_change=self._choose,
        )

    def _find(self) -> Positions:
        mask = self._searched.str.contains(self._search.value.strip().lower(), regex=False).to_numpy(dtype=bool)
        if self._action.value == "conflict":
            mask = mask & self._plan["conflict"].to_numpy()
        elif self._action.value != _ALL:
            mask = mask & (self._plan["action"] == self._action.value).to_numpy()
        return np.flatnonzero(mask)

    def _cells(self, positions: Positions) -> Sequence[Sequence[str]]:
        rows = self._plan.iloc[positions]
        marks = [done_mark(self._outcomes.get(name)) for name in rows[NAME]]
        cells = [_cells_of(kind, row, mark) for (kind, row), mark in zip(shown_rows(rows), marks, strict=True)]
        return [self._with_file_row(at, each) for at, each in zip(positions.tolist(), cells, strict=True)]

    def _with_file_row(self, position: int, cells: Sequence[str]) -> Sequence[str]:
        """Say in a row's note which row of the file it comes from, where that is known."""
        if self._row_names.number(position) < 1:
            return cells
        *others, note = cells
        where = f'<span style="color:{FAINT}">{escape(self._row_names.one(position))}</span>'
        return [*others, f"{where}<br>{note}" if note else where]

    def _column(self, head: str) -> pd.Series[Any]:
        """Return what the table is sorted by; a change is sorted by what it makes of the custom field."""
        if head == "action":
            return self._plan["action"].mask(self._plan["conflict"], "conflict")
        texts = self._plan[{"change": "custom_field"}.get(head, head)].str.lower()
        return texts.mask(texts == "")  # nothing comes last

    def _choose(self) -> None:
        """Another choice: what was asked about the one before is asked no more."""
        self._flow.cancel()
        self._describe()

    def _describe(self) -> None:
        chosen = self._plan.iloc[self._picker.ticked]
        nothing = "Nothing is ticked: nothing would be done." if len(self._plan) else "The plan changes nothing."
        text = f"Ticked: {counts_of(chosen)}." if len(chosen) else nothing
        if self._idle:
            text += f" {pluralize(self._idle, 'row')} of the plan change nothing, and are not shown."
        conflicts = int(self._plan["conflict"].sum())
        if conflicts:
            text += f" {pluralize(conflicts, 'row')} in conflict: to tick one is to do it all the same."
        set_message(self._counts, text)
        self._review.disabled = not len(chosen)

    def _confirm_ticked(self) -> None:
        positions = self._picker.ticked
        chosen = self._plan.iloc[positions].assign(conflict=False)
        chosen.attrs = dict(self._plan.attrs)
        self._flow.ask(confirm_plan(self._client, chosen, code=self._code(positions)))

    def _code(self, positions: Positions) -> str:
        """Return the code for all rows, or for a few by their names, or by those left out; else for the form's plan."""
        left = np.setdiff1d(np.arange(len(self._plan)), positions)
        decided = self._plan["conflict"].to_numpy()[positions].any()
        names = [self._plan[NAME].tolist()[at] for at in (left if len(left) < len(positions) else positions)]
        if len(names) > NAMES_MAX:
            return f"chosen = {FORM_PLAN}\nef.apply_plan(client, chosen{LIMITS})"
        sign = "~" if len(left) < len(positions) else ""
        chosen = f"chosen = plan[{sign}plan.subscriber_name.isin({names!r})]\n" if len(left) else ""
        frame = "chosen" if chosen else "plan"
        settled = f"{frame}.assign(conflict=False)" if decided else frame
        return f"{chosen}ef.apply_plan(client, {settled}{LIMITS})"

    def _keep(self, results: pd.DataFrame) -> None:
        """Keep the results, and untick what is done: to confirm again is for the rest."""
        self._log.add(results)
        self._outcomes |= dict(zip(results[NAME], results["outcome"], strict=True))
        done = results.loc[results["outcome"].isin(SUCCESSES), NAME]
        left = ~self._plan.iloc[self._picker.ticked][NAME].isin(done).to_numpy()
        self._picker.take(self._plan[NAME].tolist(), ticked=self._picker.ticked[left].tolist())

    def _set_busy(self, on: bool) -> None:
        disable([self._search, self._action, self._review, *self._picker.controls], on=on)
        if not on:
            self._picker.wake()
            self._describe()


def _cells_of(kind: str, row: Row, mark: str) -> Sequence[str]:
    word = f"CONFLICT ({row.action})" if kind == "conflict" else "DELETE" if kind == "delete" else row.action
    color = "var(--jp-error-color1, #d9363e)" if kind in {"delete", "conflict"} else "inherit"
    action = f'<span style="color:{color};font-weight:600">{escape(word)}</span>'
    changes = "<br>".join(f"{escape(change.field)} {change_html(change)}" for change in row.changes)
    return (f"{action}<br>{mark}" if mark else action, changes, escape(tick_words(row.note)))


def tick_words(note: str) -> str:
    """Return a note with its advice as it is followed in this form: by ticks.

    >>> tick_words("Drop this row to keep theirs, or set its conflict to False to write yours.")
    'Leave it unticked to keep theirs, or tick it to write yours.'
    """
    for words, here in _TICK_WORDS.items():
        note = note.replace(words, here)
    return note.strip()


_TICK_WORDS: Final = {
    WAY_ON: "",
    "Drop this row": "Leave it unticked",
    "drop this row": "leave it unticked",
    "set its conflict to False to": "tick it to",
}
