"""`show`: a frame as text for terminals and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from exotel_frames.display.changes_view import view_changes
from exotel_frames.display.check_view import view_check
from exotel_frames.display.findings_view import is_findings, view_findings
from exotel_frames.display.notebook import render_html
from exotel_frames.display.plan_view import view_plan
from exotel_frames.display.results_view import view_problems, view_results
from exotel_frames.display.terminal import render_text
from exotel_frames.display.view import View
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import as_pandas
from exotel_frames.frames.kinds import Kind, kind_of_frame
from exotel_frames.text import join_words, quote_value


@dataclass(frozen=True, repr=False)
class Shown:
    """A text that is shown as HTML where that is possible.

    >>> Shown("1 to delete", "<b>1 to delete</b>")
    1 to delete
    """

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        del include, exclude  # IPython itself drops what it does not want
        return {"text/plain": self.text, "text/html": self.html}


def show(frame: pd.DataFrame, *, max_rows: int = 200) -> Shown:
    """Show a frame of this package for people to read: counts first, then the rows to look at.

    HTML in a notebook, text in a terminal. In a script, and before a cell's last line: `print(show(plan))`.

    Parameters
    ----------
    frame : DataFrame
        A plan, results, tokens, problems, findings, changes, or what `check_service` returned.
    max_rows : int, default 200
        How many rows to show, shared fairly among the groups; the other rows are counted.

    Returns
    -------
    Shown
        The display for a notebook or a terminal; `str()` of it is the text.

    Raises
    ------
    ValidationError
        For any other frame, or when `max_rows` is not a number of rows.

    Examples
    --------
    >>> show(pd.DataFrame({"action": ["delete"], "subscriber_name": ["bob"], "status_from": ["active"]}))
    Account not known: this frame does not record one
    Plan: 0 to create, 0 to update, 1 to delete
    <BLANKLINE>
    1 to DELETE for good: the values below, date_created and the device tokens are lost
      - bob   status active   custom_field (empty)
    """
    _need_number(max_rows)
    frame = as_pandas(frame)
    kind = kind_of_frame(frame)
    if kind in _VIEWS:
        view = _VIEWS[kind](frame, max_rows)
        return Shown(render_text(view), render_html(view))
    columns = set(getattr(frame, "columns", ()))
    raise ValidationError(
        f"show() takes plans, results, tokens and problems; this {type(frame).__name__} has the columns "
        f"{join_words([repr(column) for column in sorted(map(str, columns))]) or 'none'}. "
        "To see a frame as it is: display(frame)."
    )


def _need_number(max_rows: int) -> None:
    if isinstance(max_rows, bool) or not isinstance(max_rows, int | np.integer) or max_rows < 0:
        raise ValidationError(f"max_rows is {quote_value(max_rows)}; it must be a number of rows, 0 or more.")


def _view_of_problems(frame: pd.DataFrame, max_rows: int) -> View:
    view = view_findings if is_findings(frame) else view_problems
    return view(frame, max_rows=max_rows)


def _view_of_results(frame: pd.DataFrame, max_rows: int) -> View:
    return view_results(frame, max_rows=max_rows)


_VIEWS: Final[Mapping[Kind | None, Callable[[pd.DataFrame, int], View]]] = {
    "check": lambda frame, _rows: view_check(frame),
    "problems": _view_of_problems,
    "results": _view_of_results,
    "tokens": _view_of_results,
    "changes": lambda frame, rows: view_changes(frame, max_rows=rows),
    "plan": lambda frame, rows: view_plan(frame, max_rows=rows),
}
"""The view of each kind of frame."""
