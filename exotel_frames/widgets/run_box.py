"""How far a run is: a bar, a sentence, and the button that stops it."""

from __future__ import annotations

import threading

import ipywidgets as ipw

from exotel_frames.runs.progress import Step
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.controls import message, set_message, visible


class RunBox(ipw.HBox):
    """Draws the steps of a run, in the run's own thread, where its Stop interrupts it once."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._stopping, self._stopped = threading.Event(), False
        self._bar = ipw.IntProgress(min=0, layout=ipw.Layout(width="24em", max_width="100%"))
        self._remark = message()
        tip = "What is under way is finished first; the rest is kept"
        self._stop = callbacks.button("Stop", self._ask_to_stop, tip=tip, style="warning")
        layout = ipw.Layout(flex_flow="row wrap", align_items="center")
        super().__init__([self._stop, self._bar, self._remark], layout=layout)  # Stop first: sentences change in length
        self.add_class("exotel-run")
        visible(self, when=False)

    def get_ready(self, remark: str) -> None:
        """Begin at nothing."""
        self._stopping.clear()
        self._stopped = False
        self._bar.value, self._bar.max = 0, 0
        set_message(self._remark, remark)

    def set_busy(self, *, on: bool) -> None:
        """Show it as long as something is under way."""
        if on:
            self._stop.disabled = False
        visible(self, when=on)

    def draw(self, step: Step) -> None:
        """Draw a step; KeyboardInterrupt when somebody wants to stop."""
        self._bar.max = max(step.total or 0, step.done, 1)
        self._bar.value = step.done
        total = f" of {step.total:,}" if step.total else ""
        stopping = "Stopping. " if self._stopping.is_set() else ""
        set_message(self._remark, f"{stopping}{step.done:,}{total} rows. {step.remark}".strip())
        if self._stopping.is_set() and not self._stopped:
            self._stopped = True
            raise KeyboardInterrupt

    def _ask_to_stop(self) -> None:
        """Stop at the next step of the run; said at once, since what is under way is finished first."""
        self._stopping.set()
        self._stop.disabled = True
        set_message(self._remark, "stopping: what is under way is finished first …")
