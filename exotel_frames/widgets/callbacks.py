"""What a person sets off in a form: what goes wrong in it is shown in the form, never only in a log."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Final

import ipywidgets as ipw

from exotel_frames.errors import ExotelFramesError, RunInterrupted
from exotel_frames.widgets.controls import make_button

_LOG: Final = logging.getLogger("exotel_frames.widgets")
_LOOK: Final = "What was sent stands in the journal: ef.list_runs(client) and ef.read_results(client) show it."


def sentence_of(problem: BaseException) -> str:
    """Return what a form says of an exception; one that is not of this package is logged with its traceback.

    >>> sentence_of(ExotelFramesError("There is no subscriber bob."))
    'There is no subscriber bob.'
    """
    if isinstance(problem, ExotelFramesError | RunInterrupted):
        return str(problem)
    _LOG.error("A form's callback failed.", exc_info=problem)
    return f"This went wrong inside the tool ({type(problem).__name__}: {problem}). {_LOOK}"


class Callbacks:
    """Connects a form's controls with what they do; `report` is told in a sentence what went wrong.

    ipywidgets writes an exception of a callback to a log that nobody looks at: the form would seem to have obeyed.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report

    def guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Return the callback; what it raises is reported instead."""

        @functools.wraps(callback)
        def call(*args: Any, **options: Any) -> None:
            try:
                callback(*args, **options)
            except Exception as problem:  # noqa: BLE001 - whatever it is, the person must see it
                self._report(sentence_of(problem))

        return call

    def button(self, label: str, on_click: Callable[[], None], *, tip: str, style: str = "") -> ipw.Button:
        """Return a button; the tip says what it does."""
        return make_button(label, self.guarded(on_click), style=style, tip=tip)

    def watch(self, callback: Callable[[], None], *fields: ipw.Widget) -> None:
        """Call back whenever the value of one of the fields changes."""
        guarded = self.guarded(callback)
        for field in fields:
            field.observe(lambda _change: guarded(), "value")
