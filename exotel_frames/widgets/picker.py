"""A table with a box to tick in each row: whole pages, nothing left out unseen, good for mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any, Final

import ipywidgets as ipw
import numpy as np
from ipywidgets.widgets.widget_bool import CheckboxStyle
from numpy.typing import NDArray

from exotel_frames.widgets.controls import button, message, row_of, say

PAGE_ROWS: Final = 15
_NAME_WIDTH: Final = "min(20em, 43%)"  # the box, and the widest name there can be: 16 times W
_LINE: Final = "1px solid var(--jp-border-color2, rgba(128,128,128,.35))"
_AS_IT_IS: Final = '<span class="mathjax_ignore">{}</span>'
"""JupyterLab sets the mathematics in a label: `$x^2$` would become a formula."""
_FONT: Final = "font-size:var(--jp-ui-font-size1, 13px);color:var(--jp-ui-font-color1, inherit)"
_TEXT: Final = f"{_FONT};line-height:18px;padding:5px 0"  # the middle of a first line is that of its box to tick

Positions = NDArray[np.int64]
Cells = Callable[[Positions], Sequence[Sequence[str]]]


class Picker(ipw.VBox):
    """Rows to tick, a page at a time; ticks stay when the search changes.

    `names` name the rows, `find()` returns the positions that match, in the order to show them, and `cells(positions)`
    the other cells of these rows, as HTML (escaped by whoever makes it). `heads` and `widths` (CSS) are one a column;
    `on_change` is called when somebody ticks.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        find: Callable[[], Positions],
        cells: Cells,
        heads: Sequence[str],
        widths: str,
        ticked: Sequence[int] = (),
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._find, self._cells, self._on_change = find, cells, on_change
        self._grid = f"display:grid;grid-template-columns:{widths};column-gap:1em;{_TEXT}"
        self._style = CheckboxStyle(description_width="0")
        self._box_layout = ipw.Layout(width=_NAME_WIDTH, flex="0 0 auto", margin="0")
        self._row_layout = ipw.Layout(border_bottom=_LINE)
        self._said = message()
        self._head = ipw.HBox(
            [ipw.HTML(f'<div style="{_TEXT};font-weight:600">subscriber_name</div>', layout=self._box_layout)],
            layout=self._row_layout,
        )
        self._head.children += (ipw.HTML(self._row_html([escape(head) for head in heads], bold=True), layout=_grow()),)
        self._body = ipw.VBox()
        self._tick_all = button("Tick all", partial(self._tick_matches, ticked=True))
        self._untick_all = button("Untick all", partial(self._tick_matches, ticked=False))
        self._previous = button("Previous page", partial(self._turn, -1))
        self._next = button("Next page", partial(self._turn, 1))
        self._page = 0
        self.take(names, ticked=ticked)
        pages = row_of(self._tick_all, self._untick_all, self._previous, self._next)
        super().__init__([self._said, self._head, self._body, pages])

    @property
    def ticked(self) -> Positions:
        """The positions of the ticked rows, ascending."""
        return np.flatnonzero(self._ticked)

    @property
    def controls(self) -> Sequence[ipw.Widget]:
        """What is to be disabled while something is under way."""
        boxes = [row.children[0] for row in self._body.children]
        return [*boxes, self._tick_all, self._untick_all, self._previous, self._next]

    def take(self, names: Sequence[str], *, ticked: Sequence[int] = ()) -> None:
        """Show other rows."""
        self._names = names
        self._ticked = np.zeros(len(names), dtype=bool)
        self._ticked[list(ticked)] = True
        self.search()

    def wake(self) -> None:
        """Set the buttons right after something was under way."""
        self._tell()

    def search(self) -> None:
        """Ask again which rows match, and show the first page of them."""
        self._page = 0
        self._matches = self._find()
        self._draw()

    def _draw(self) -> None:
        """Make new boxes for the page: a click on its way to an old one can't tick another row."""
        old, start = self._body.children, self._page * PAGE_ROWS
        positions = self._matches[start : start + PAGE_ROWS]
        cells = self._cells(positions)
        self._body.children = tuple(map(self._row, positions.tolist(), cells))
        for row in old:
            for widget in (*row.children, row):
                widget.close()
        self._tell()

    def _row(self, position: int, cells: Sequence[str]) -> ipw.HBox:
        box = ipw.Checkbox(
            value=bool(self._ticked[position]),
            description=_AS_IT_IS.format(escape(self._names[position])),
            description_allow_html=True,
            indent=False,
            style=self._style,
            layout=self._box_layout,
        )
        box.observe(partial(self._tick, position), "value")
        return ipw.HBox([box, ipw.HTML(self._row_html(cells), layout=_grow())], layout=self._row_layout)

    def _row_html(self, cells: Sequence[str], *, bold: bool = False) -> str:
        weight = "font-weight:600" if bold else ""
        parts = "".join(f'<div style="{weight};overflow-wrap:anywhere;min-width:0">{cell}</div>' for cell in cells)
        return f'<div style="{self._grid}">{parts}</div>'

    def _tick(self, position: int, change: dict[str, Any]) -> None:
        if change["new"] == self._ticked[position]:
            return
        self._ticked[position] = change["new"]
        self._tell()
        self._on_change()

    def _tick_matches(self, *, ticked: bool) -> None:
        self._ticked[self._matches] = ticked
        for row in self._body.children:
            row.children[0].value = ticked
        self._tell()
        self._on_change()

    def _turn(self, pages: int) -> None:
        self._page += pages
        self._draw()

    def _tell(self) -> None:
        rows, matches, ticked = len(self._names), len(self._matches), len(self.ticked)
        start, last = self._page * PAGE_ROWS, (self._page + 1) * PAGE_ROWS
        elsewhere = ticked - int(self._ticked[self._matches].sum())
        shown = f"Rows {start + 1:,} to {min(last, matches):,} of {matches:,}" if matches else "No row matches"
        among = "" if matches == rows else f" that match, of {rows:,}" if matches else f", of {rows:,}"
        hidden = f" ({elsewhere:,} of them not in this search)" if elsewhere else ""
        say(self._said, f"{shown}{among}. {ticked:,} ticked{hidden}.")
        self._tick_all.description = f"Tick all {matches:,}{'' if matches == rows else ' that match'}"
        self._untick_all.description = f"Untick all {matches:,}{'' if matches == rows else ' that match'}"
        self._previous.disabled, self._next.disabled = self._page == 0, last >= matches


def _grow() -> ipw.Layout:
    return ipw.Layout(flex="1 1 auto", width="auto", min_width="0", margin="0")
