"""A table with a checkbox in each row: sorted by a click on a column's head, shown a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, Final

import ipywidgets as ipw
import numpy as np
import pandas as pd
from ipywidgets.widgets.widget_bool import CheckboxStyle
from numpy.typing import NDArray

from exotel_frames.outcomes import OPEN, SUCCESSES
from exotel_frames.schema import NAME, STR
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.controls import message_line, set_message, side_by_side

PAGE_ROWS: Final = 15
_LINE: Final = "1px solid var(--jp-border-color2, rgba(128,128,128,.35))"
_NO_MATH: Final = '<span class="mathjax_ignore">{}</span>'
"""Without this class JupyterLab would turn `$x^2$` in a label into a formula."""
_FONT: Final = "font-size:var(--jp-ui-font-size1, 13px);color:var(--jp-ui-font-color1, inherit)"
_TEXT: Final = f"{_FONT};line-height:18px;padding:5px 0"  # the first line is level with its checkbox
_MAX_HEIGHT: Final = "max(190px, 45vh)"  # keeps what stands below on the screen, however many rows there are
_ARROWS: Final = {True: " ▲", False: " ▼"}

Positions = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TableColumns:
    """The columns beside the name; `heads` and `widths` (CSS) have one entry for each.

    `cells(positions)` returns the cells of some rows as escaped HTML, `sort_values(head)` the values by which a click
    on a head sorts. `row_px` is the usual height of a row. `name_width` must hold a checkbox and the widest name,
    sixteen times W.
    """

    heads: Sequence[str]
    widths: str
    cells: Callable[[Positions], Sequence[Sequence[str]]]
    sort_values: Callable[[str], pd.Series[Any]]
    row_px: int = 30
    name_width: str = "min(20em, 43%)"


class CheckboxTable(ipw.VBox):
    """Rows to tick, a page at a time; ticks stay when the search changes.

    `names` are the rows' names, `find()` returns the positions of the rows that match, `on_change` is called when a
    tick is set or removed. Rows that are not tickable are shown with a disabled checkbox.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        columns: TableColumns,
        find: Callable[[], Positions],
        callbacks: Callbacks,
        ticked: Sequence[int] = (),
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._find, self._columns, self._callbacks, self._on_change = find, columns, callbacks, on_change
        self._style = CheckboxStyle(description_width="0")
        self._box_layout = ipw.Layout(width=columns.name_width, flex="0 0 auto", margin="0")
        self._row_layout = ipw.Layout(border_bottom=_LINE, flex="0 0 auto")
        self._sorted_by, self._ascending = "", True
        self._summary = message_line()
        sort_tip = "Sorts by this column; a second click reverses the order, a third restores the original one"
        heads = (NAME, *columns.heads)
        self._heads = {head: callbacks.button(head, partial(self._sort, head), tip=sort_tip) for head in heads}
        self._body = ipw.VBox()
        self._body.add_class("exotel-rows")
        self._page = 0
        pages = self._page_buttons(callbacks)
        self.set_rows(names, ticked=ticked)
        super().__init__([self._summary, self._header(), self._body, pages])

    def _page_buttons(self, callbacks: Callbacks) -> ipw.HBox:
        every = "every row that matches, on all pages"
        button = callbacks.button
        self._tick_all = button("Tick all", partial(self._tick_matches, ticked=True), tip=f"Ticks {every}")
        self._untick_all = button("Untick all", partial(self._tick_matches, ticked=False), tip=f"Unticks {every}")
        self._previous = button(
            "Previous page", partial(self._turn_page, -1), tip="Shows the rows before these; ticks stay"
        )
        self._next = button("Next page", partial(self._turn_page, 1), tip="Shows the rows after these; ticks stay")
        return side_by_side(self._tick_all, self._untick_all, self._previous, self._next)

    @property
    def ticked(self) -> Positions:
        """The positions of the ticked rows, ascending."""
        return np.flatnonzero(self._ticked)

    def set_rows(
        self, names: Sequence[str], *, ticked: Sequence[int] = (), tickable: NDArray[np.bool_] | None = None
    ) -> None:
        """Show other rows, on the same page and in the same order as before."""
        self._names = names
        self._tickable = np.full(len(names), fill_value=True) if tickable is None else tickable
        self._ticked = np.zeros(len(names), dtype=bool)
        self._ticked[list(ticked)] = True
        # At least as high as a full page, and as ever before: what stands below must not move while one searches.
        page = f"{max(1, min(len(names), PAGE_ROWS))} * var(--exotel-row, {self._columns.row_px}px) + 2px"
        min_height = f"min({_MAX_HEIGHT}, max({page}, var(--exotel-seen, 0px)))"
        self._body.layout = ipw.Layout(min_height=min_height, max_height=_MAX_HEIGHT, overflow="hidden auto")
        self._show_matches()

    def enable(self) -> None:
        """Enable again what may be clicked, after something ran."""
        for row, position in zip(self._body.children, self._page_positions(), strict=True):
            row.children[0].disabled = not self._tickable[position]
        self._update_texts()

    def tick(self, positions: Positions, *, on: bool) -> None:
        """Tick or untick rows, on whatever page; `on_change` is called once."""
        self._ticked[positions[self._tickable[positions]]] = on
        for row, position in zip(self._body.children, self._page_positions(), strict=True):
            row.children[0].value = bool(self._ticked[position])
        self._update_texts()
        self._on_change()

    def search(self) -> None:
        """Find the rows that match now, and show the first page of them."""
        self._page = 0
        self._show_matches()

    def _show_matches(self) -> None:
        matches = self._find()
        if self._sorted_by:
            matches = matches[np.argsort(self._ranks()[matches], kind="stable")]
        self._matches = matches
        self._page = min(self._page, max(0, len(matches) - 1) // PAGE_ROWS)
        self._draw_page()

    def _sort(self, head: str) -> None:
        """Sort by a column: ascending at the first click, descending at the second, no longer at the third."""
        if head != self._sorted_by:
            self._sorted_by, self._ascending = head, True
        elif self._ascending:
            self._ascending = False
        else:
            self._sorted_by = ""
        for each, button in self._heads.items():
            button.description = each + (_ARROWS[self._ascending] if each == self._sorted_by else "")
        self.search()

    def _ranks(self) -> Positions:
        """Return each row's rank in the order of a column, ignoring case; missing and empty values always come last."""
        values = self._columns.sort_values(self._sorted_by).reset_index(drop=True)
        if values.dtype == STR:
            values = values.str.lower().mask(values == "")
        order = values.sort_values(kind="stable", ascending=self._ascending, na_position="last").index.to_numpy()
        ranks = np.empty(len(order), dtype=np.int64)
        ranks[order] = np.arange(len(order))
        return ranks

    def _header(self) -> ipw.HBox:
        name, *others = self._heads.values()
        name.layout.width, name.layout.flex = self._columns.name_width, "0 0 auto"
        for other in others:
            other.layout.width, other.layout.min_width = "auto", "0"
        grid = ipw.Layout(grid_template_columns=self._columns.widths, grid_gap="0 1em", flex="1 1 auto", min_width="0")
        head = ipw.HBox([name, ipw.GridBox(others, layout=grid)], layout=self._row_layout)
        head.add_class("exotel-head")
        head.add_class("exotel-row")
        return head

    def _draw_page(self) -> None:
        """Make new checkboxes for the page: a late click on an old one must not tick the row that took its place."""
        old, positions = self._body.children, self._page_positions()
        cells = self._columns.cells(positions)
        self._body.children = tuple(map(self._make_row, positions.tolist(), cells))
        for row in old:
            for widget in (*row.children, row):
                widget.close()
        self._update_texts()

    def _page_positions(self) -> Positions:
        start = self._page * PAGE_ROWS
        return self._matches[start : start + PAGE_ROWS]

    def _make_row(self, position: int, cells: Sequence[str]) -> ipw.HBox:
        name = self._names[position]
        is_odd = not (name.isascii() and name.isalnum())
        box = ipw.Checkbox(
            value=bool(self._ticked[position]),
            disabled=not self._tickable[position],
            description=_NO_MATH.format(escape(name)) if is_odd else name,
            description_allow_html=is_odd,
            indent=False,
            style=self._style,
            layout=self._box_layout,
        )
        box.observe(self._callbacks.guard(partial(self._tick, position)), "value")
        row = ipw.HBox([box, ipw.HTML(self._row_html(cells), layout=_growing_layout())], layout=self._row_layout)
        row.add_class("exotel-row")
        return row

    def _row_html(self, cells: Sequence[str]) -> str:
        grid = f"display:grid;grid-template-columns:{self._columns.widths};column-gap:1em;{_TEXT}"
        parts = "".join(f'<div style="overflow-wrap:anywhere;min-width:0">{cell}</div>' for cell in cells)
        return f'<div style="{grid}">{parts}</div>'

    def _tick(self, position: int, change: dict[str, Any]) -> None:
        if change["new"] == self._ticked[position]:
            return
        self._ticked[position] = change["new"]
        self._update_texts()
        self._on_change()

    def _tick_matches(self, *, ticked: bool) -> None:
        self.tick(self._matches, on=ticked)

    def _turn_page(self, pages: int) -> None:
        self._page += pages
        self._draw_page()

    def _update_texts(self) -> None:
        rows, matches = len(self._names), len(self._matches)
        start, last = self._page * PAGE_ROWS, (self._page + 1) * PAGE_ROWS
        tickable = int(self._tickable[self._matches].sum())
        nothing = "No row matches" if rows else "There are no rows"
        shown = f"Rows {start + 1:,} to {min(last, matches):,} of {matches:,}" if matches else nothing
        among = "" if matches == rows else f" that match, of {rows:,}" if matches else f", of {rows:,}"
        can_be = "" if tickable == matches else f" {tickable:,} of them can be ticked."
        set_message(self._summary, f"{shown}{among}.{can_be} {self._describe_ticks()}" if rows else f"{nothing}.")
        for button, verb in ((self._tick_all, "Tick all"), (self._untick_all, "Untick all")):
            button.description = f"{verb} {tickable:,}{'' if matches == rows else ' that match'}"
            button.disabled = bool(matches) and not tickable
        self._previous.disabled, self._next.disabled = self._page == 0, last >= matches

    def _describe_ticks(self) -> str:
        ticked = len(self.ticked)
        elsewhere = ticked - int(self._ticked[self._matches].sum())
        return f"{ticked:,} ticked{f' ({elsewhere:,} of them not in this search)' if elsewhere else ''}."


def outcome_mark(outcome: str | None) -> str:
    """Return the mark of a row with this outcome, as HTML; empty before a run.

    An open row, which a resume can still settle or send, is not marked as a failure.

    >>> outcome_mark("done"), outcome_mark("not_sent")
    ('<span style="font-weight:600">✓ done</span>', '<span style="font-weight:600">… not_sent</span>')
    """
    if not outcome:
        return ""
    sign = "✓" if outcome in SUCCESSES else "…" if outcome in OPEN else "✗"
    return f'<span style="font-weight:600">{sign} {escape(outcome)}</span>'


def _growing_layout() -> ipw.Layout:
    return ipw.Layout(flex="1 1 auto", width="auto", min_width="0", margin="0")
