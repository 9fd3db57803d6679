"""The form that shows a plan row by row, and applies the rows that stay ticked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.display import Row, change_html, view_rows
from exotel_frames.frames.row_numbers import row_names
from exotel_frames.frames.text_column import read_texts
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import check_origin, takes_client
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.plans import WAY_ON, check_plan
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize
from exotel_frames.widgets.browser_part import press_on_enter
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.checkbox_table import CheckboxTable, Positions, TableColumns, outcome_mark
from exotel_frames.widgets.confirmation import (
    CODE_NAMES_MAX,
    FORM_PLAN,
    MAX_DELETES_SLOT,
    confirm_plan,
    describe_counts,
)
from exotel_frames.widgets.controls import (
    FAINT,
    choice_field,
    message_line,
    set_message,
    side_by_side,
    sticky_foot,
    text_field,
)
from exotel_frames.widgets.form import Form
from exotel_frames.widgets.workflow import ReviewFlow

_ALL: Final = "all actions"


@takes_client
def plan_review(client: Client, plan: pd.DataFrame, *, max_share: float = 0.3) -> Form:
    """Return a form that shows a plan row by row; untick the rows that you don't want, review, confirm.

    Rows in conflict are not ticked at first; if you tick one, it is applied as planned. To delete, you must type the
    number of deletes. A plan that changes more than `max_share` of the account is refused, with the arithmetic, until
    you raise the limit in the form. The results are shown below, with a button that plans the undo.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    plan : DataFrame
        A plan frame.
    max_share : float, default 0.3
        The share of the account that the plan may change, as in `apply_plan`.

    Returns
    -------
    Form
        A widget: a notebook displays it as the last value of a cell. `.results` has a row for each row that was
        confirmed.

    Raises
    ------
    ValidationError
        When the frame is not a plan.
    StalePlanError
        When the plan is for another account.

    Examples
    --------
    >>> plan = plan_changes(load_subscribers(client, progress=False), pd.DataFrame({"subscriber_name": ["priya07"]}))
    >>> len(plan_review(client, plan).results)
    0
    """
    check_origin(client, plan, "This plan was made for")
    checked = check_plan(plan, existing=lambda names: read_current(client, names, progress=False)[NAME])
    checked.attrs = dict(plan.attrs)
    return _PlanReview(client, checked, max_share).form


class _PlanReview:
    def __init__(self, client: Client, plan: pd.DataFrame, max_share: float) -> None:
        self._client = client
        is_shown = ((plan["action"] != "none") | plan["conflict"]).to_numpy()
        self._plan, self._hidden_rows = plan[is_shown], int((~is_shown).sum())
        self._plan.attrs = dict(plan.attrs)
        self._row_names = row_names(read_texts(self._plan[NAME]))
        self._searched = self._plan[NAME].str.lower()
        self._search = text_field("Search names", "Shows the rows that have this text in the name; ticks stay.")
        choices = [_ALL, *self._plan["action"].unique(), "conflict"]
        self._action = choice_field(
            "Show", "Shows the rows of one action, or the rows in conflict; ticks stay.", choices
        )
        self._flow = ReviewFlow(client, on_results=self._show_results, on_busy=self._set_busy, max_share=max_share)
        tip = "Shows what the ticked rows would change; nothing is sent yet"
        self._review = self._flow.callbacks.button("Review", self._review_ticked, tip=tip, style="primary")
        self._counts, self._table = message_line(), self._make_table(self._flow.callbacks)
        self._flow.callbacks.watch(self._table.search, self._search, self._action)
        press_on_enter(self._review, self._search, self._action, self._table)
        self.form = Form(
            self._flow,
            "Review a plan",
            [
                self._search,
                self._action,
                self._table,
                sticky_foot(self._counts, side_by_side(self._review)),
                self._flow,
            ],
            by_code="ef.apply_plan(client, plan)",
        )
        self._describe()

    def _make_table(self, callbacks: Callbacks) -> CheckboxTable:
        columns = TableColumns(
            heads=("action", "change", "note"),
            widths="6.5em minmax(0, 1.4fr) minmax(0, 1fr)",
            cells=self._cells,
            sort_values=self._sort_values,
            row_px=48,  # status and custom field, or a note of two lines
        )
        return CheckboxTable(
            self._plan[NAME].tolist(),
            columns=columns,
            find=self._find,
            callbacks=callbacks,
            ticked=np.flatnonzero(~self._plan["conflict"].to_numpy()).tolist(),
            on_change=self._on_choice,
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
        marks = [outcome_mark(self._flow.results_log.outcomes.get(name)) for name in rows[NAME]]
        cells = [_cells_of(kind, row, mark) for (kind, row), mark in zip(view_rows(rows), marks, strict=True)]
        return [self._with_file_row(at, each) for at, each in zip(positions.tolist(), cells, strict=True)]

    def _with_file_row(self, position: int, cells: Sequence[str]) -> Sequence[str]:
        """Return the cells with the row's number in its file added to the note, where that is known."""
        if self._row_names.number(position) < 1:
            return cells
        *others, note = cells
        where = f'<span style="color:{FAINT}">{escape(self._row_names.one(position))}</span>'
        return [*others, f"{where}<br>{note}" if note else where]

    def _sort_values(self, head: str) -> pd.Series[Any]:
        """Return the values by which a click on a head sorts; changes are sorted by the new custom field."""
        if head == "action":
            return self._plan["action"].mask(self._plan["conflict"], "conflict")
        return self._plan[{"change": "custom_field"}.get(head, head)]

    def _on_choice(self) -> None:
        """Take the confirmation away, since it was about other rows."""
        self._flow.cancel()
        self._describe()

    def _describe(self) -> None:
        chosen = self._plan.iloc[self._table.ticked]
        nothing = "Nothing is ticked: tick the rows to apply." if len(self._plan) else "The plan changes nothing."
        text = f"Ticked: {describe_counts(chosen)}." if len(chosen) else nothing
        if self._hidden_rows:
            text += f" {pluralize(self._hidden_rows, 'row')} of the plan change nothing, and are not shown."
        conflicts = int(self._plan["conflict"].sum())
        if conflicts:
            text += f" {pluralize(conflicts, 'row')} in conflict: tick one to apply it as planned."
        set_message(self._counts, text)
        self._review.disabled = not len(chosen)

    def _review_ticked(self) -> None:
        positions = self._table.ticked
        chosen = self._plan.iloc[positions].assign(conflict=False)
        chosen.attrs = dict(self._plan.attrs)
        self._flow.ask(confirm_plan(self._client, chosen, code=self._code(positions)))

    def _code(self, positions: Positions) -> str:
        """Return the code for these rows: by their names or those of the others when they are few, else `form.plan`."""
        others = np.setdiff1d(np.arange(len(self._plan)), positions)
        by_others = len(others) < len(positions)
        names = self._plan[NAME].iloc[others if by_others else positions].tolist()
        if len(names) > CODE_NAMES_MAX:
            return f"chosen = {FORM_PLAN}\nef.apply_plan(client, chosen{MAX_DELETES_SLOT})"
        choose = (
            f"chosen = plan[{'~' if by_others else ''}plan.subscriber_name.isin({names!r})]\n" if len(others) else ""
        )
        frame = "chosen" if choose else "plan"
        if self._plan["conflict"].iloc[positions].any():
            frame += ".assign(conflict=False)"
        return f"{choose}ef.apply_plan(client, {frame}{MAX_DELETES_SLOT})"

    def _show_results(self, results: pd.DataFrame) -> None:
        """Untick the rows that are done, so that the next review is about the others."""
        done = results.loc[results["outcome"].isin(SUCCESSES), NAME]
        left = ~self._plan.iloc[self._table.ticked][NAME].isin(done).to_numpy()
        self._table.set_rows(self._plan[NAME].tolist(), ticked=self._table.ticked[left].tolist())

    def _set_busy(self, on: bool) -> None:
        if not on:
            self._table.enable()
            self._describe()


def _cells_of(kind: str, row: Row, mark: str) -> Sequence[str]:
    word = f"CONFLICT ({row.action})" if kind == "conflict" else "DELETE" if kind == "delete" else row.action
    color = "var(--jp-error-color1, #d9363e)" if kind in {"delete", "conflict"} else "inherit"
    action = f'<span style="color:{color};font-weight:600">{escape(word)}</span>'
    changes = "<br>".join(f"{escape(change.field)} {change_html(change)}" for change in row.changes)
    return (f"{action}<br>{mark}" if mark else action, changes, escape(advise_by_ticks(row.note)))


def advise_by_ticks(note: str) -> str:
    """Return a note with its advice in the words of this form, where one ticks rows.

    >>> advise_by_ticks("Drop this row to keep theirs, or set its conflict to False to write yours.")
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
