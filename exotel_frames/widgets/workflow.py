"""Review, confirm, run, results, undo: the way everything goes that a form does."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

import ipywidgets as ipw
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import AuthError, JournalError, RunInterrupted, UnsafePlanError
from exotel_frames.frames.convert import empty
from exotel_frames.operations.apply import plan_undo
from exotel_frames.operations.history import resume_run
from exotel_frames.runs.progress import Listener
from exotel_frames.widgets.background import Background
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import LIMITS, Confirmation, confirm_plan, to_do
from exotel_frames.widgets.controls import message, set_message
from exotel_frames.widgets.outcome_box import OutcomeBox, describe_done
from exotel_frames.widgets.page import FormPage
from exotel_frames.widgets.question import QuestionBox
from exotel_frames.widgets.results_log import run_of
from exotel_frames.widgets.run_box import RunBox

_TYPING_S: Final = 0.25
"""How long a field rests before it is read: a browser sends a change when the kernel has heard the one before."""
_NOTHING_SENT: Final = "Nothing was sent."
_GO_ON: Final = "The rest is kept: go on with it below, or later with ef.resume_run(client)."


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
        self._touched = time.monotonic()
        self.background = Background(self._busy, self.fail)
        self._question = QuestionBox(
            self.callbacks, confirm=self._run_confirmed, cancel=self.cancel, max_share=max_share
        )
        self._run_box, self._said = RunBox(self.callbacks), message()
        self._outcome = OutcomeBox(self.callbacks, go_on=self._resume, undo=self._plan_undo)
        super().__init__([self._question, self._run_box, self._said, self._outcome])
        self._set_message("")

    @property
    def plan(self) -> pd.DataFrame:
        """The plan that was reviewed last; with no rows before that."""
        return self._plan

    def ask(self, confirmation: Confirmation) -> None:
        """Show what would be done; nothing is done before it is confirmed."""
        self._confirmation = confirmation
        self._plan = self._plan if confirmation.plan is None else confirmation.plan
        self._clear_results()
        self._question.show(confirmation)
        self.page.show_question()

    def read(self, work: Callable[[Listener], pd.DataFrame], then: Callable[[pd.DataFrame], None]) -> None:
        """Read something about the fields in the background, and hand it to `then`; it can be stopped.

        The last letters that were typed may still be on their way when a click arrives, so it waits a moment, and reads
        again when a field has changed meanwhile.
        """
        self._forget()
        self._run_box.get_ready("reading …")
        self.background.begin(
            partial(self._interruptible, partial(self._settled, work)),
            lambda frame: then(frame) if frame is not None else None,
        )

    def _settled(self, work: Callable[[Listener], pd.DataFrame]) -> pd.DataFrame:
        while True:
            while (left_s := self._touched + _TYPING_S - time.monotonic()) > 0:
                time.sleep(left_s)
            touched = self._touched
            frame = work(self._run_box.draw)
            if self._touched == touched:
                return frame

    def cancel(self) -> None:
        """Forget the question: nothing was sent. To be called whenever a field has changed."""
        self._touched = time.monotonic()
        self._forget()

    def _forget(self) -> None:
        self._confirmation = None
        self._question.hide()
        self._set_message("")

    def fail(self, sentence: str) -> None:
        """Show what went wrong."""
        self._set_message(sentence, "error")

    def _set_message(self, text: str, kind: str = "hint") -> None:
        set_message(self._said, text, kind)

    def _run_confirmed(self) -> None:
        confirmation, self._confirmation = self._confirmation, None
        if confirmation and self._question.is_shown:
            self._begin(partial(self._run, confirmation, self._question.max_share), confirmation.code)

    def _begin(self, work: Callable[[], pd.DataFrame | None], code: str) -> None:
        self._question.hide()
        self._clear_results()
        self._sent = code
        self._run_box.get_ready("beginning …")
        self.background.begin(partial(self._interruptible, work), self._finished)

    def _run(self, confirmation: Confirmation, max_share: float) -> pd.DataFrame | None:
        try:
            return confirmation.run(max_share, self._run_box.draw)
        except UnsafePlanError as refusal:
            self.ask(confirmation)
            self._question.show_share()
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
        self._last_run = run_of(results)
        self._outcome.show(results, self._sent)
        self._on_results(results)
        if (sentence := describe_done(results)) and not self._said.value:
            self._set_message(sentence, "good")

    def _resume(self) -> None:
        run_id = self._last_run
        work = partial(resume_run, self._client, run_id, progress=self._run_box.draw)
        self._begin(work, f'ef.resume_run(client, "{run_id}")')

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

    def _busy(self, on: bool) -> None:
        if on:
            self._set_message("")
        for box in (self._run_box, self._question, self._outcome):
            box.set_busy(on=on)
        self._form_is_busy(on)

    def _clear_results(self) -> None:
        self._outcome.clear()
        self._set_message("")
