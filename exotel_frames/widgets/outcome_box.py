"""What a run did: its results, and what can be done next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import ipywidgets as ipw
import pandas as pd

from exotel_frames.display import results_html
from exotel_frames.frames.row_numbers import FILE_ROWS
from exotel_frames.outcomes import OPEN
from exotel_frames.plans import WAY_ON, describe_state
from exotel_frames.text import pluralize
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import ROWS_SHOWN
from exotel_frames.widgets.controls import code_html, disable, row_of, table_html, visible
from exotel_frames.widgets.results_log import run_of

_DID: Final = {"create": "Created", "update": "Updated", "delete": "Deleted"}


class OutcomeBox(ipw.VBox):
    """Shows the results of the last run, with the ways on from there: the rest, and the way back."""

    def __init__(self, callbacks: Callbacks, *, go_on: Callable[[], None], undo: Callable[[], None]) -> None:
        self._shown = ipw.HTML()
        go_on_tip = "Looks what became of the unknown rows, and sends only what is not there"
        self._go_on = callbacks.button("Go on with the rest", go_on, tip=go_on_tip, style="primary")
        self._undo = callbacks.button("Undo this run", undo, tip="Shows the plan that takes it back, and asks")
        super().__init__([self._shown, row_of(self._go_on, self._undo)])
        self.clear()

    def show(self, results: pd.DataFrame, code: str) -> None:
        """Show the results of a run, and the code that did it."""
        shown = results_html(without_rows(results), max_rows=ROWS_SHOWN, see_all="form.results", account=False)
        self._shown.value = f"{table_html(shown)}{code_html(code)}"
        has_run, outcomes = bool(run_of(results)), set(results["outcome"])
        visible(self._go_on, when=has_run and bool(outcomes & set(OPEN)))
        visible(self._undo, when=has_run and "done" in outcomes)

    def clear(self) -> None:
        """Show nothing."""
        self._shown.value = ""
        visible(self._go_on, when=False)
        visible(self._undo, when=False)

    def set_busy(self, *, on: bool) -> None:
        """Let nothing be begun while something is under way."""
        disable([self._go_on, self._undo], on=on)


def describe_done(results: pd.DataFrame) -> str:
    """Say who was created, updated and deleted; one is told as it stands now, many are counted.

    >>> describe_done(pd.DataFrame({"outcome": ["done"], "action": ["delete"], "subscriber_name": ["bob"]}))
    'Deleted bob.'
    """
    done = results[results["outcome"] == "done"]
    if done.empty or "action" not in done:
        return ""
    parts = [(did, done[done["action"] == action]) for action, did in _DID.items()]
    return " ".join(f"{did} {_who(part)}." for did, part in parts if len(part))


def _who(rows: pd.DataFrame) -> str:
    if len(rows) > 1:
        return pluralize(len(rows), "subscriber")
    name = str(rows["subscriber_name"].iloc[0])
    if rows["action"].iloc[0] == "delete":
        return name
    return f"{name}: it is {describe_state(rows).iloc[0]}"


def without_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Return results as a form tells them: it has no numbered rows to look up or drop, but those of a file.

    >>> without_rows(pd.DataFrame({"row": [0], "error_message": ["deleted. Plan again, or drop this row."]}))
      error_message
    0      deleted.
    """
    messages = results["error_message"].str.replace(WAY_ON, "", regex=False).str.strip()
    hidden = [] if FILE_ROWS in results.attrs.get("exotel_frames", {}) else ["row"]
    return results.drop(columns=hidden, errors="ignore").assign(error_message=messages)
