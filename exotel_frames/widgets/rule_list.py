"""The rules of an audit: each with a checkbox for all of its safe fixes, its counts, examples and meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any, Final

import ipywidgets as ipw

from exotel_frames.display import quoted_text, value_html
from exotel_frames.text import join_words, pluralize
from exotel_frames.validation import FINDING_RULES, NO_FIX_BECAUSE
from exotel_frames.widgets.callbacks import Callbacks
from exotel_frames.widgets.controls import FAINT, set_visible
from exotel_frames.widgets.findings_table import RuleCount

_BOX_WIDTH: Final = "14em"


class RuleList(ipw.VBox):
    """One line for each rule that has found something; `on_tick(rule, on)` is called when its checkbox is clicked.

    A rule without a safe fix is shown with a disabled checkbox.
    """

    def __init__(self, callbacks: Callbacks, *, on_tick: Callable[[str, bool], None]) -> None:
        self._on_tick = on_tick
        self._counts: dict[str, RuleCount] = {}
        self._ticked: Mapping[str, int] = {}
        self._boxes = {rule: _make_checkbox(rule, meaning) for rule, meaning in FINDING_RULES.items()}
        self._texts = {rule: ipw.HTML(layout=ipw.Layout(flex="1 1 20em", min_width="0")) for rule in FINDING_RULES}
        self._lines = {rule: _make_line(self._boxes[rule], self._texts[rule]) for rule in FINDING_RULES}
        for rule, box in self._boxes.items():
            box.observe(callbacks.guard(partial(self._tick, rule)), "value")
        self._nothing_found = ipw.HTML()
        super().__init__([*self._lines.values(), self._nothing_found])
        self.add_class("exotel-rules")

    def set_counts(self, counts: Sequence[RuleCount], *, left_out: Sequence[str] = ()) -> None:
        """Show other counts, in this order; rules in `left_out` were not looked for, and are not mentioned."""
        self._counts = {each.rule: each for each in counts}
        self.children = [*(self._lines[each.rule] for each in counts), self._nothing_found]
        for each in counts:
            set_visible(self._lines[each.rule], when=bool(each.found))
        without = [each.rule for each in counts if not each.found and each.rule not in left_out]
        self._nothing_found.value = (
            f'<div style="color:{FAINT};line-height:1.5">Nothing found: {join_words(without)}.</div>' if without else ""
        )
        self.show_ticked({})

    def show_ticked(self, ticked: Mapping[str, int]) -> None:
        """Show how many findings of each rule are ticked; its checkbox is on when all of its safe fixes are."""
        self._ticked = ticked
        for rule, count in self._counts.items():
            self._texts[rule].value = _describe(count, ticked.get(rule, 0))
            self._boxes[rule].value = self._are_all_ticked(rule)
        self.enable()

    def enable(self) -> None:
        """Enable the checkboxes of rules with safe fixes, after something ran."""
        for rule, box in self._boxes.items():
            box.disabled = not (rule in self._counts and self._counts[rule].fixable)

    def _are_all_ticked(self, rule: str) -> bool:
        count = self._counts.get(rule)
        return bool(count and count.fixable and self._ticked.get(rule, 0) == count.fixable)

    def _tick(self, rule: str, change: dict[str, Any]) -> None:
        if change["new"] != self._are_all_ticked(rule):
            self._on_tick(rule, change["new"])


def _make_checkbox(rule: str, meaning: str) -> ipw.Checkbox:
    tip = f"Ticks every finding of this rule that has a safe fix: {meaning}."
    return ipw.Checkbox(value=False, description=rule, indent=False, tooltip=tip, layout=ipw.Layout(width="auto"))


def _make_line(box: ipw.Checkbox, text: ipw.HTML) -> ipw.HBox:
    holder = ipw.VBox([box], layout=ipw.Layout(flex=f"0 0 {_BOX_WIDTH}"))
    made = ipw.HBox([holder, text], layout=ipw.Layout(flex_flow="row wrap"))
    made.add_class("exotel-rule")
    return made


def _describe(count: RuleCount, ticked: int) -> str:
    fixes = f"{count.fixable:,} with a safe fix" if count.fixable else "no safe fix"
    fixes += f" ({ticked:,} ticked)" if ticked else ""
    examples = join_words([value_html(quoted_text(value)) for value in count.examples])
    such_as = f", such as {examples}" if examples else ""
    meaning = FINDING_RULES[count.rule].replace("stale_days", "the days above")
    sentence = f"{meaning[0].upper()}{meaning[1:]}."
    why = f" {NO_FIX_BECAUSE[count.rule]}" if count.fixable < count.found else ""
    found = pluralize(count.found, "finding")
    return (
        f'<div style="line-height:1.5;padding:3px 0"><strong>{found}</strong>, {fixes}{such_as}.'
        f'<div style="color:{FAINT}">{escape(sentence + why)}</div></div>'
    )
