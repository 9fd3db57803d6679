"""The progress of what runs in a form: a bar, a sentence, and the button that stops it."""

from __future__ import annotations

import threading

import ipywidgets as ipw

from exotel_frames.runs.progress import Step
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.controls import message_line, set_message, set_visible


class ProgressBox(ipw.HBox):
    """Shows the steps of a run, and stops it.

    The run calls `show_step` in its own thread, where it raises KeyboardInterrupt, once, after a click on Stop.
    """

    def __init__(self, callbacks: Callbacks) -> None:
        self._stop_asked, self._has_raised = threading.Event(), False
        self._bar = ipw.IntProgress(min=0, layout=ipw.Layout(width="24em", max_width="100%"))
        self._text = message_line()
        tip = "Sends no further requests; everything sent so far is in the journal"
        self._stop = callbacks.button("Stop", self._ask_to_stop, tip=tip, style="warning")
        layout = ipw.Layout(flex_flow="row wrap", align_items="center")
        super().__init__([self._stop, self._bar, self._text], layout=layout)  # Stop first: sentences change in length
        self.add_class("exotel-run")
        set_visible(self, when=False)

    def reset(self, text: str) -> None:
        """Show an empty bar and a text; Stop was not clicked yet."""
        self._stop_asked.clear()
        self._has_raised = False
        self._bar.value, self._bar.max = 0, 0
        set_message(self._text, text)

    def set_busy(self, *, on: bool) -> None:
        """Show the box while something runs, else hide it."""
        self._stop.disabled = False
        set_visible(self, when=on)

    def show_step(self, step: Step) -> None:
        """Show how far a run is; raise KeyboardInterrupt once Stop was clicked."""
        self._bar.max = max(step.total or 0, step.done, 1)
        self._bar.value = step.done
        total = f" of {step.total:,}" if step.total else ""
        stopping = "Stopping. " if self._stop_asked.is_set() else ""
        set_message(self._text, f"{stopping}{step.done:,}{total} rows. {step.remark}".strip())
        if self._stop_asked.is_set() and not self._has_raised:
            self._has_raised = True
            raise KeyboardInterrupt

    def _ask_to_stop(self) -> None:
        """Let the next step raise; say so at once, since a step may take seconds."""
        self._stop_asked.set()
        self._stop.disabled = True
        set_message(self._text, "Stopping: waiting for the responses to requests already sent …")
