"""Connects the controls of a form with its functions; an exception in one of them is shown in the form."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Final

import ipywidgets as ipw

from exotel_frames.errors import ExotelFramesError, RunInterrupted
from exotel_frames.widgets.controls import make_button

_LOG: Final = logging.getLogger("exotel_frames.widgets")
_SEE_JOURNAL: Final = "Whatever was sent is in the journal: see ef.list_runs(client) and ef.read_results(client)."


def describe_error(problem: BaseException) -> str:
    """Return the sentence a form shows for an exception; one that is not of this package is logged with its traceback.

    >>> describe_error(ExotelFramesError("There is no subscriber bob."))
    'There is no subscriber bob.'
    """
    if isinstance(problem, ExotelFramesError | RunInterrupted):
        return str(problem)
    _LOG.error("A form's callback failed.", exc_info=problem)
    return f"Something went wrong inside the tool ({type(problem).__name__}: {problem}). {_SEE_JOURNAL}"


class Callbacks:
    """Connects controls with functions; when one raises, `report` is called with a sentence about it.

    ipywidgets only logs an exception in a callback, where nobody looks: the click would seem to have worked.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report

    def guard(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Return the callback wrapped so that an exception is reported instead of raised."""

        @functools.wraps(callback)
        def call(*args: Any, **options: Any) -> None:
            try:
                callback(*args, **options)
            except Exception as problem:  # noqa: BLE001 - whatever it is, the form must show it
                self._report(describe_error(problem))

        return call

    def button(self, label: str, on_click: Callable[[], None], *, tip: str, style: str = "") -> ipw.Button:
        """Return a button; `tip` says what a click does."""
        return make_button(label, self.guard(on_click), style=style, tip=tip)

    def watch(self, callback: Callable[[], None], *fields: ipw.Widget) -> None:
        """Call `callback` whenever the value of one of the fields changes."""
        guarded = self.guard(callback)
        for field in fields:
            field.observe(lambda _change: guarded(), "value")
