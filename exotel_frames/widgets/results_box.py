"""The results of a form's last run, and the buttons that continue it and undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import ipywidgets as ipw
import pandas as pd

from exotel_frames.display import render_html, view_results
from exotel_frames.frames.arguments import recall
from exotel_frames.frames.row_numbers import FILE_ROWS
from exotel_frames.outcomes import OPEN
from exotel_frames.plans import WAY_ON, describe_state
from exotel_frames.text import join_words, pluralize
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import ROWS_SHOWN
from exotel_frames.widgets.controls import code_html, set_visible, side_by_side, table_html
from exotel_frames.widgets.results_log import find_run_id

_PAST_TENSE: Final = {"create": "Created", "update": "Updated", "delete": "Deleted"}
RESUME: Final = "Go on with the rest"


class ResultsBox(ipw.VBox):
    """Shows the results of the last run, a button that resumes it while rows are open, and one that undoes it."""

    def __init__(self, callbacks: Callbacks, *, resume: Callable[[], None], undo: Callable[[], None]) -> None:
        self._shown = ipw.HTML()
        resume_tip = "Finds out whether the unknown rows were carried out, then sends only what is not done"
        self._resume = callbacks.button(RESUME, resume, tip=resume_tip, style="primary")
        undo_tip = "Shows the plan that undoes this run; nothing is sent until you confirm it"
        self._undo = callbacks.button("Undo this run", undo, tip=undo_tip)
        super().__init__([self._shown, side_by_side(self._resume, self._undo)])
        self.clear()

    def show(self, results: pd.DataFrame, code: str) -> None:
        """Show the results of a run, and the code that did it."""
        view = view_results(without_row_references(results), max_rows=ROWS_SHOWN, see_all="form.results")
        self._shown.value = f"{table_html(render_html(replace(view, label=None)))}{code_html(code)}"
        has_run, outcomes = bool(find_run_id(results)), set(results["outcome"])
        set_visible(self._resume, when=has_run and bool(outcomes & set(OPEN)))
        set_visible(self._undo, when=has_run and "done" in outcomes)

    def clear(self) -> None:
        """Show no results."""
        self._shown.value = ""
        set_visible(self._resume, when=False)
        set_visible(self._undo, when=False)


def describe_done(results: pd.DataFrame) -> str:
    """Return who was created, updated and deleted: one subscriber with its values now, several as a number.

    >>> describe_done(pd.DataFrame({"outcome": ["done"], "action": ["delete"], "subscriber_name": ["bob"]}))
    'Deleted bob.'
    """
    done = results[results["outcome"] == "done"]
    if done.empty or "action" not in done:
        return ""
    parts = [(verb, done[done["action"] == action]) for action, verb in _PAST_TENSE.items()]
    return " ".join(f"{verb} {_describe_subscribers(part)}." for verb, part in parts if len(part))


def _describe_subscribers(rows: pd.DataFrame) -> str:
    if len(rows) > 1:
        return pluralize(len(rows), "subscriber")
    name = str(rows["subscriber_name"].iloc[0])
    if rows["action"].iloc[0] == "delete":
        return name
    return f"{name}: it is {describe_state(rows).iloc[0]}"


def describe_stop(results: pd.DataFrame) -> str:
    """Return what a stopped run has left open, and how to go on; tokens are of no run that could be resumed.

    >>> describe_stop(pd.DataFrame({"outcome": ["done", "not_sent"]}))
    'Stopped. Left open: 1 not_sent.'
    """
    counts = {str(outcome): int((results["outcome"] == outcome).sum()) for outcome in OPEN}
    left = [f"{number:,} {outcome}" for outcome, number in counts.items() if number]
    if not left:
        return "Stopped after the last row was done."
    go_on = f' Click "{RESUME}" below, or call ef.resume_run(client) later.' if find_run_id(results) else ""
    return f"Stopped. Left open: {join_words(left)}.{go_on}"


def without_row_references(results: pd.DataFrame) -> pd.DataFrame:
    """Return results without row numbers and advice to drop rows: in a form there are neither, but rows of a file.

    >>> without_row_references(pd.DataFrame({"row": [0], "error_message": ["deleted. Plan again, or drop this row."]}))
      error_message
    0      deleted.
    """
    messages = results["error_message"].str.replace(WAY_ON, "", regex=False).str.strip()
    hidden = [] if FILE_ROWS in recall(results) else ["row"]
    return results.drop(columns=hidden, errors="ignore").assign(error_message=messages)
