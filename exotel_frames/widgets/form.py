"""The box around every form, with its account and title on top, and its text for places without widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as ipw
import pandas as pd

from exotel_frames.frames.convert import empty
from exotel_frames.frames.summary import headline
from exotel_frames.labels import label_html
from exotel_frames.widgets.browser_part import FORM_CLASS, missing_browser_note
from exotel_frames.widgets.controls import heading
from exotel_frames.widgets.workflow import ReviewFlow


class Form(ipw.VBox):
    """A form; `.results` is the result frame of everything done through it, `.wait()` waits for what is running.

    Where widgets can't be shown (in a terminal, in a saved notebook) a text takes its place, with the code that does
    the same.
    """

    def __init__(
        self,
        flow: ReviewFlow,
        title: str,
        children: Sequence[ipw.Widget],
        *,
        by_code: str,
        tokens: Callable[[], pd.DataFrame] | None = None,
    ) -> None:
        border = "1px solid var(--jp-border-color2, rgba(128,128,128,.4))"
        layout = ipw.Layout(border=border, padding=".6em 1em", margin=".3em 0", max_width="72em")
        super().__init__(
            [heading(flow.account, title), missing_browser_note(), *children, flow.browser_part], layout=layout
        )
        self.add_class(FORM_CLASS)
        flow.attach(self)
        self._flow, self._title, self._by_code = flow, title, by_code
        self._tokens = tokens or (lambda: empty("tokens"))

    @property
    def results(self) -> pd.DataFrame:
        """The result frame of all runs of this form, one row for each subscriber; before the first run without rows."""
        return self._flow.results_log.frame()

    @property
    def tokens(self) -> pd.DataFrame:
        """The tokens frame of all tokens this form has made; they are masked, and `.reveal()` returns the text."""
        return self._tokens()

    @property
    def plan(self) -> pd.DataFrame:
        """The plan frame that was reviewed last; before the first review without rows."""
        return self._flow.plan

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until what is running has ended, at most `timeout_s`; return whether it has."""
        return self._flow.background.wait(timeout_s)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        widget = super()._repr_mimebundle_(**kwargs) or {}
        return {**widget, "text/plain": repr(self), "text/html": self._html()}

    def _lines(self) -> list[str]:
        done = self.results
        return [
            self._flow.account,
            self._title,
            f"Done through this form: {headline(done)}."
            if len(done)
            else "Nothing has been done through this form yet.",
            "To use the form, run this cell in JupyterLab. The same by code:",
            f"    {self._by_code}",
        ]

    def _html(self) -> str:
        label, *lines, code = self._lines()
        paragraphs = "".join(f"<div>{escape(line)}</div>" for line in lines)
        return f"<div>{label_html(label)}{paragraphs}<pre>{escape(code.strip())}</pre></div>"
