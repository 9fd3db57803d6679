"""Review, confirm, run, results, undo: the way everything goes that a form does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import ipywidgets as ipw
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.display import results_html
from exotel_frames.errors import AuthError, JournalError, RunInterrupted, UnsafePlanError
from exotel_frames.frames.convert import empty
from exotel_frames.operations.apply import plan_undo
from exotel_frames.operations.history import resume_run
from exotel_frames.outcomes import OPEN
from exotel_frames.plans import WAY_ON, describe_state
from exotel_frames.runs.progress import Listener, Step
from exotel_frames.text import pluralize
from exotel_frames.widgets.background import Background
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import LIMITS, ROWS_SHOWN, Confirmation, confirm_plan, to_do
from exotel_frames.widgets.controls import (
    code_html,
    disable,
    message,
    number_field,
    row_of,
    set_message,
    table_html,
    text_field,
    visible,
)
from exotel_frames.widgets.page import FormPage, enter_presses
from exotel_frames.widgets.results_log import run_of

_TYPING_S: Final = 0.25
"""How long a field rests before it is read: a browser sends a change when the kernel has heard the one before."""
_NOTHING_SENT: Final = "Nothing was sent."
_DID: Final = {"create": "Created", "update": "Updated", "delete": "Deleted"}
_GO_ON: Final = "The rest is kept: go on with it below, or later with ef.resume_run(client)."


def describe_done(results: pd.DataFrame) -> str:
    """Say who was created, updated and deleted; one is told as it stands now, many are counted.

    >>> describe_done(pd.DataFrame({"outcome": ["done"], "action": ["delete"], "subscriber_name": ["bob"]}))
    'Deleted bob.'
    """
    done = results[results["outcome"] == "done"]
    if done.empty or "action" not in done:
        return ""
    told = [(did, done[done["action"] == action]) for action, did in _DID.items()]
    return " ".join(f"{did} {_who(part)}." for did, part in told if len(part))


def _who(rows: pd.DataFrame) -> str:
    if len(rows) > 1:
        return pluralize(len(rows), "subscriber")
    name = str(rows["subscriber_name"].iloc[0])
    if rows["action"].iloc[0] == "delete":
        return name
    return f"{name}: it is {describe_state(rows).iloc[0]}"


def without_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Return results as a form tells them: it has no numbered rows that one could look up, or drop.

    >>> without_rows(pd.DataFrame({"row": [0], "error_message": ["deleted. Plan again, or drop this row."]}))
      error_message
    0      deleted.
    """
    messages = results["error_message"].str.replace(WAY_ON, "", regex=False).str.strip()
    return results.drop(columns="row", errors="ignore").assign(error_message=messages)


def _frame_of(stopped: RunInterrupted | AuthError | JournalError) -> pd.DataFrame | None:
    results: pd.DataFrame | None = stopped.results
    return results


class ReviewFlow(ipw.VBox):
    """Asks for a confirmation, and does it once it is confirmed; a confirmation counts once.

    `on_results` is told each result frame, `on_busy` when something begins and ends.
    """

    def __init__(
        self,
        client: Client,
        *,
        on_results: Callable[[pd.DataFrame], None],
        on_busy: Callable[[bool], None],
        max_share: float = 0.3,
    ) -> None:
        self._client, self._on_results, self._form_is_busy = client, on_results, on_busy
        self.page, self.callbacks = FormPage(), Callbacks(self.fail)
        self._confirmation: Confirmation | None = None
        self._plan = empty("plan")
        self._last_run = self._sent = ""
        self._stopping, self._stopped, self._touched = threading.Event(), False, time.monotonic()
        self.background = Background(self._busy, self.fail)
        self._asked, self._code = ipw.HTML(), ipw.HTML()
        self._cost, self._said, self._shown = message(), message(), ipw.HTML()
        self._typed = text_field("")
        self._typed.style.description_width = "initial"
        self._typed.layout = ipw.Layout(width="calc(100% - 4px)", max_width="52em")  # the prompt may hold a long name
        self._share = number_field("May change at most (%)", value=round(max_share * 100), largest=100)
        button = self.callbacks.button
        self._confirm = button("Confirm", self._run_confirmed, style="primary")
        self._cancel = button("Cancel", self.cancel)
        self._stop = button("Stop", self._ask_to_stop, style="warning", tooltip="What is under way is finished first")
        self._bar = ipw.IntProgress(min=0, layout=ipw.Layout(width="24em", max_width="100%"))
        self._remark = message()
        self._go_on = button("Go on with the rest", self._resume, style="primary")
        self._undo = button("Undo this run", self._plan_undo, tooltip="Shows the plan that takes it back, and asks")
        confirm_row = row_of(self._confirm, self._cancel)
        confirm_row.add_class("exotel-confirm")
        self._question_box = ipw.VBox([self._asked, self._code, self._cost, self._share, self._typed, confirm_row])
        self._question_box.add_class("exotel-question")
        self._run_box = row_of(self._bar, self._remark, self._stop)
        self._after_box = row_of(self._go_on, self._undo)
        self.callbacks.watch(self._check_typed, self._typed)
        enter_presses(self._confirm, self._typed)
        super().__init__([self._question_box, self._run_box, self._said, self._shown, self._after_box])
        for box in (self._question_box, self._run_box, self._said, self._share, self._go_on, self._undo):
            visible(box, when=False)

    @property
    def plan(self) -> pd.DataFrame:
        """The plan that was reviewed last; with no rows before that."""
        return self._plan

    def ask(self, confirmation: Confirmation) -> None:
        """Show what would be done; nothing is done before it is confirmed."""
        self._confirmation = confirmation
        self._plan = self._plan if confirmation.plan is None else confirmation.plan
        self._asked.value, self._code.value = table_html(confirmation.html), code_html(confirmation.code)
        set_message(self._cost, confirmation.cost)
        self._confirm.description = confirmation.label
        self._confirm.button_style = "danger" if confirmation.confirm_text else "primary"
        self._typed.value, self._typed.description = "", confirmation.prompt
        visible(self._typed, when=bool(confirmation.confirm_text))
        self._clear_results()
        visible(self._question_box, when=True)
        self._check_typed()
        self.page.show_question()

    def read(self, work: Callable[[Listener], pd.DataFrame], then: Callable[[pd.DataFrame], None]) -> None:
        """Read something about the fields in the background, and hand it to `then`; it can be stopped.

        The last letters that were typed may still be on their way when a click arrives, so it waits a moment, and reads
        again when a field has changed meanwhile.
        """
        self._forget()
        self._get_ready("reading …")
        self.background.begin(
            partial(self._interruptible, partial(self._settled, work)),
            lambda frame: then(frame) if frame is not None else None,
        )

    def _settled(self, work: Callable[[Listener], pd.DataFrame]) -> pd.DataFrame:
        while True:
            while (left_s := self._touched + _TYPING_S - time.monotonic()) > 0:
                time.sleep(left_s)
            touched = self._touched
            frame = work(self._on_progress)
            if self._touched == touched:
                return frame

    def cancel(self) -> None:
        """Forget the question: nothing was sent. To be called whenever a field has changed."""
        self._touched = time.monotonic()
        self._forget()

    def _forget(self) -> None:
        self._confirmation = None
        visible(self._question_box, when=False)
        visible(self._share, when=False)
        self._set_message("")

    def fail(self, sentence: str) -> None:
        """Show what went wrong."""
        self._set_message(sentence, "error")

    def _set_message(self, text: str, kind: str = "hint") -> None:
        set_message(self._said, text, kind)

    def _check_typed(self) -> None:
        needed = self._confirmation.confirm_text if self._confirmation else ""
        self._confirm.disabled = bool(needed) and self._typed.value.strip() != needed

    def _run_confirmed(self) -> None:
        confirmation, self._confirmation = self._confirmation, None
        if confirmation and self._question_box.layout.display != "none":
            visible(self._question_box, when=False)
            self._begin(partial(self._run, confirmation), confirmation.code)

    def _begin(self, work: Callable[[], pd.DataFrame | None], code: str) -> None:
        self._clear_results()
        self._sent = code
        self._get_ready("beginning …")
        self.background.begin(partial(self._interruptible, work), self._finished)

    def _get_ready(self, remark: str) -> None:
        self._stopping.clear()
        self._stopped = False
        self._bar.value, self._bar.max = 0, 0
        set_message(self._remark, remark)

    def _run(self, confirmation: Confirmation) -> pd.DataFrame | None:
        try:
            return confirmation.run(self._share.value / 100, self._on_progress)
        except UnsafePlanError as refusal:
            self.ask(confirmation)
            visible(self._share, when=True)
            self.fail(f"{refusal} {_NOTHING_SENT} Here: raise the limit above, and confirm again.")
        return None

    def _interruptible(self, work: Callable[[], pd.DataFrame | None]) -> pd.DataFrame | None:
        """Do it, and keep the results also of what was stopped half way."""
        try:
            return work()
        except RunInterrupted as stop:
            self._set_message(f"Stopped, and what was under way is finished. {_GO_ON}", "warning")
            return _frame_of(stop)
        except (AuthError, JournalError) as problem:
            self.fail(str(problem))
            return _frame_of(problem)
        except KeyboardInterrupt:
            self._set_message(f"Stopped. {_NOTHING_SENT}", "warning")
        return None

    def _finished(self, results: pd.DataFrame | None) -> None:
        if results is None:
            return
        shown = results_html(without_rows(results), max_rows=ROWS_SHOWN, see_all="form.results", account=False)
        self._shown.value = f"{table_html(shown)}{code_html(self._sent)}"
        self._last_run = run_of(results)
        outcomes = set(results["outcome"])
        visible(self._go_on, when=bool(self._last_run) and bool(outcomes & set(OPEN)))
        visible(self._undo, when=bool(self._last_run) and "done" in outcomes)
        visible(self._share, when=False)
        self._on_results(results)
        if (told := describe_done(results)) and not self._said.value:
            self._set_message(told, "good")

    def _resume(self) -> None:
        run_id = self._last_run
        self._begin(
            partial(resume_run, self._client, run_id, progress=self._on_progress), f'ef.resume_run(client, "{run_id}")'
        )

    def _plan_undo(self) -> None:
        run_id = self._last_run
        self.read(
            lambda listener: plan_undo(self._client, run_id, progress=listener),
            lambda plan: self._ask_undo(plan, run_id),
        )

    def _ask_undo(self, plan: pd.DataFrame, run_id: str) -> None:
        if to_do(plan).empty:
            notes = "; ".join(dict.fromkeys(plan["note"].dropna()))
            self._set_message(f"There is nothing that can be taken back. {notes}", "warning")
            return
        code = f'plan = ef.plan_undo(client, "{run_id}")\nef.apply_plan(client, plan[~plan.conflict]{LIMITS})'
        self.ask(confirm_plan(self._client, plan, code=code))

    def _on_progress(self, step: Step) -> None:
        """Draw a step of the run, in the run's own thread; the stop button interrupts it here, once."""
        self._bar.max = max(step.total or 0, step.done, 1)
        self._bar.value = step.done
        total = f" of {step.total:,}" if step.total else ""
        stopping = "Stopping. " if self._stopping.is_set() else ""
        set_message(self._remark, f"{stopping}{step.done:,}{total} rows. {step.remark}".strip())
        if self._stopping.is_set() and not self._stopped:
            self._stopped = True
            raise KeyboardInterrupt

    def _busy(self, on: bool) -> None:
        visible(self._run_box, when=on)
        if on:
            self._set_message("")
            self._stop.disabled = False
        disable([self._go_on, self._undo, self._confirm, self._cancel], on=on)
        if not on:
            self._check_typed()
        self._form_is_busy(on)

    def _ask_to_stop(self) -> None:
        """Stop at the next step of the run; said at once, since what is under way is finished first."""
        self._stopping.set()
        self._stop.disabled = True
        set_message(self._remark, "stopping: what is under way is finished first …")

    def _clear_results(self) -> None:
        self._shown.value = ""
        self._set_message("")
        visible(self._go_on, when=False)
        visible(self._undo, when=False)
