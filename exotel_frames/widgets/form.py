"""What every form is: a box of widgets that keeps the results of everything done through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as ipw
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.frames.convert import empty
from exotel_frames.frames.summary import headline
from exotel_frames.labels import label_html
from exotel_frames.widgets.controls import heading
from exotel_frames.widgets.page import FORM, missing_note
from exotel_frames.widgets.workflow import ReviewFlow


class Form(ipw.VBox):
    """A form; `.results` is the result frame of everything done through it, `.wait()` waits for what is under way.

    Where widgets can't be shown (a terminal, a saved notebook on a page) it says so, and shows the code that does the
    same.
    """

    def __init__(
        self,
        client: Client,
        title: str,
        children: Sequence[ipw.Widget],
        *,
        flow: ReviewFlow,
        results: Callable[[], pd.DataFrame],
        by_code: str,
        tokens: Callable[[], pd.DataFrame] | None = None,
    ) -> None:
        frame = "1px solid var(--jp-border-color2, rgba(128,128,128,.4))"
        layout = ipw.Layout(border=frame, padding=".6em 1em", margin=".3em 0", max_width="72em")
        super().__init__([heading(client, title), missing_note(), *children, flow.page], layout=layout)
        self.add_class(FORM)
        flow.page.explain(self)
        self._label, self._title, self._by_code = client.settings.label, title, by_code
        self._flow = flow
        self._results = results
        self._tokens = tokens or (lambda: empty("tokens"))

    @property
    def results(self) -> pd.DataFrame:
        """One row for each subscriber this form has done something to; with no rows before that."""
        return self._results()

    @property
    def tokens(self) -> pd.DataFrame:
        """The tokens frame of what this form has made for devices; the tokens are wrapped, `.reveal()` gives one."""
        return self._tokens()

    @property
    def plan(self) -> pd.DataFrame:
        """The plan frame that was reviewed last; with no rows before that."""
        return self._flow.plan

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until what was begun has ended; return whether it has."""
        return self._flow.background.wait(timeout_s)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        widget = super()._repr_mimebundle_(**kwargs) or {}
        return {**widget, "text/plain": repr(self), "text/html": self._html()}

    def _lines(self) -> list[str]:
        done = self.results
        return [
            self._label,
            self._title,
            f"Done through this form: {headline(done)}." if len(done) else "Nothing was done through this form yet.",
            "It is shown where widgets can be: run the cell in JupyterLab. By code:",
            f"    {self._by_code}",
        ]

    def _html(self) -> str:
        label, *lines, code = self._lines()
        paragraphs = "".join(f"<div>{escape(line)}</div>" for line in lines)
        return f"<div>{label_html(label)}{paragraphs}<pre>{escape(code.strip())}</pre></div>"
