"""What every form does: review, confirm, run, show the results, undo."""

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
from exotel_frames.operations.origin import origin_attrs
from exotel_frames.runs.progress import Listener
from exotel_frames.text import pluralize
from exotel_frames.widgets.background import Background
from exotel_frames.widgets.browser_part import BrowserPart, walk
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.confirmation import MAX_DELETES_SLOT, Confirmation, confirm_plan, rows_to_send
from exotel_frames.widgets.confirmation_box import SHARE_LABEL, ConfirmationBox
from exotel_frames.widgets.controls import message_line, set_message
from exotel_frames.widgets.progress_box import ProgressBox
from exotel_frames.widgets.results_box import ResultsBox, describe_done, describe_stop
from exotel_frames.widgets.results_log import ResultsLog, find_run_id

_TYPING_PAUSE_S: Final = 0.25
"""So long must the fields stay as they are before they are read: a browser sends typed text a moment late."""
_NOTHING_SENT: Final = "Nothing was sent."


class ReviewFlow(ipw.VBox):
    """Shows a confirmation, and does what it says once it is confirmed; each confirmation can be used once.

    `account` is LIVE or SANDBOX and the account, `plan` what was reviewed last (before the first review without rows).
    `on_results` is called with the result frame of each run, which is in `results_log` already. While something runs,
    all controls of the form are disabled but Stop; `on_busy` is called with True before, and with False afterwards, to
    disable again what can't be clicked.
    """

    def __init__(
        self,
        client: Client,
        *,
        on_results: Callable[[pd.DataFrame], None],
        on_busy: Callable[[bool], None],
        max_share: float = 0.3,
        results_log: ResultsLog | None = None,
    ) -> None:
        self.results_log = results_log or ResultsLog()
        self._client, self._on_results, self._on_busy = client, on_results, on_busy
        self.browser_part, self.callbacks = BrowserPart(), Callbacks(self.show_error)
        self._confirmation: Confirmation | None = None
        self.account = client.settings.label
        self.plan = empty("plan")
        self._run_id = self._run_code = ""
        self._changed_at_s = time.monotonic()
        self.background = Background(self._set_busy, self.show_error)
        self._confirmation_box = ConfirmationBox(
            self.callbacks, confirm=self._run_confirmed, cancel=self.cancel, max_share=max_share
        )
        self._progress_box, self._message = ProgressBox(self.callbacks), message_line()
        self._results_box = ResultsBox(self.callbacks, resume=self._resume, undo=self._plan_undo)
        super().__init__([self._confirmation_box, self._progress_box, self._message, self._results_box])
        self._form: ipw.Box = self
        self._set_message("")

    def attach(self, form: ipw.Box) -> None:
        """Take the form that this is in."""
        self._form = form
        self.browser_part.register_fields(form)

    def ask(self, confirmation: Confirmation) -> None:
        """Show what would be done; nothing is done before it is confirmed."""
        self._confirmation = confirmation
        self.plan = self.plan if confirmation.plan is None else confirmation.plan
        self._clear_results()
        self._confirmation_box.show(confirmation)
        self.browser_part.scroll_to_confirmation()

    def ask_plan(self, plan: pd.DataFrame, *, code: str, name_to_type: str = "") -> None:
        """Show a plan over this account's subscribers, to be confirmed; say so when it would send nothing."""
        plan.attrs.update(origin_attrs(self._client))
        if rows_to_send(plan).empty:
            self.show_error(f"{pluralize(len(plan), 'row')} would change nothing: each has these values already.")
        else:
            self.ask(confirm_plan(self._client, plan, code=code, name_to_type=name_to_type))

    def read(self, work: Callable[[Listener], pd.DataFrame], then: Callable[[pd.DataFrame], None]) -> None:
        """Call `work` in the background, and `then` with what it returns; Stop ends it.

        Typed text may arrive after the click, so this waits until the fields rest, and reads again when one has changed
        meanwhile.
        """
        self._drop_confirmation()
        self._progress_box.reset("Reading …")
        self.background.start(
            partial(self._run_until_stopped, partial(self._read_when_fields_rest, work)),
            lambda frame: then(frame) if frame is not None else None,
        )

    def _read_when_fields_rest(self, work: Callable[[Listener], pd.DataFrame]) -> pd.DataFrame:
        while True:
            while (left_s := self._changed_at_s + _TYPING_PAUSE_S - time.monotonic()) > 0:
                time.sleep(left_s)
            changed_at_s = self._changed_at_s
            frame = work(self._progress_box.show_step)
            if self._changed_at_s == changed_at_s:
                return frame

    def cancel(self) -> None:
        """Take the confirmation away; nothing was sent. To be called whenever a field has changed."""
        self._changed_at_s = time.monotonic()
        self._drop_confirmation()

    def _drop_confirmation(self) -> None:
        self._confirmation = None
        self._confirmation_box.hide()
        self._set_message("")

    def show_error(self, sentence: str) -> None:
        """Show what went wrong."""
        self._set_message(sentence, "error")

    def _set_message(self, text: str, kind: str = "hint") -> None:
        set_message(self._message, text, kind)

    def _run_confirmed(self) -> None:
        confirmation, self._confirmation = self._confirmation, None
        if confirmation and self._confirmation_box.is_shown:
            self._start_run(partial(self._run, confirmation, self._confirmation_box.max_share), confirmation.code)

    def _start_run(self, work: Callable[[], pd.DataFrame | None], code: str) -> None:
        self._confirmation_box.hide()
        self._clear_results()
        self._run_code = code
        self._progress_box.reset("Starting …")
        self.background.start(partial(self._run_until_stopped, work), self._finish_run)

    def _run(self, confirmation: Confirmation, max_share: float) -> pd.DataFrame | None:
        try:
            return confirmation.run(max_share, self._progress_box.show_step)
        except UnsafePlanError as refusal:
            self.ask(confirmation)
            self._confirmation_box.show_share()
            self.show_error(f'{refusal} {_NOTHING_SENT} Here: raise "{SHARE_LABEL}" above, and confirm again.')
        return None

    def _run_until_stopped(self, work: Callable[[], pd.DataFrame | None]) -> pd.DataFrame | None:
        """Call `work`; return its results also when it was stopped, or could not go on, half way."""
        results: pd.DataFrame | None = None
        try:
            return work()
        except RunInterrupted as stop:
            results = stop.results
            self._set_message(str(stop) if results is None else describe_stop(results), "warning")
        except (AuthError, JournalError) as problem:
            results = problem.results
            self.show_error(str(problem))
        except KeyboardInterrupt:
            self._set_message(f"Stopped. {_NOTHING_SENT}", "warning")
        return results

    def _finish_run(self, results: pd.DataFrame | None) -> None:
        if results is None:
            return
        self.results_log.add(results)
        self._run_id = find_run_id(results)
        self._results_box.show(results, self._run_code)
        self._on_results(results)
        if (sentence := describe_done(results)) and not self._message.value:
            self._set_message(sentence, "good")

    def _resume(self) -> None:
        work = partial(resume_run, self._client, self._run_id, progress=self._progress_box.show_step)
        self._start_run(work, f'ef.resume_run(client, "{self._run_id}")')

    def _plan_undo(self) -> None:
        run_id = self._run_id
        self.read(
            lambda listener: plan_undo(self._client, run_id, progress=listener),
            lambda plan: self._ask_undo(plan, run_id),
        )

    def _ask_undo(self, plan: pd.DataFrame, run_id: str) -> None:
        if rows_to_send(plan).empty:
            notes = "; ".join(dict.fromkeys(plan["note"].dropna()))
            self._set_message(f"Nothing in this run can be undone. {notes}", "warning")
            return
        code = f'plan = ef.plan_undo(client, "{run_id}")\nef.apply_plan(client, plan[~plan.conflict]{MAX_DELETES_SLOT})'
        self.ask(confirm_plan(self._client, plan, code=code))

    def _set_busy(self, on: bool) -> None:
        if on:
            self._set_message("")
            self._on_busy(on)
        for widget in walk(self._form):
            if hasattr(widget, "disabled"):
                widget.disabled = on
        self._progress_box.set_busy(on=on)
        if not on:
            self._confirmation_box.enable()
            self._on_busy(on)

    def _clear_results(self) -> None:
        self._results_box.clear()
        self._set_message("")
