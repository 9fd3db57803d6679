"""How frames look, as text and as HTML; changes nothing."""

from __future__ import annotations

from exotel_frames.display.changes_view import view_changes
from exotel_frames.display.markdown import render_markdown
from exotel_frames.display.notebook import change_html, value_html
from exotel_frames.display.plan_view import shown_rows
from exotel_frames.display.results_view import view_problems, view_results
from exotel_frames.display.show import plan_html, plan_text, results_html, show
from exotel_frames.display.terminal import ink, render_text
from exotel_frames.display.values import UNKNOWN_ACCOUNT, before_after, is_missing, label_of, plain, quoted
from exotel_frames.display.view import Change, Row, View

__all__ = [
    "UNKNOWN_ACCOUNT",
    "Change",
    "Row",
    "View",
    "before_after",
    "change_html",
    "ink",
    "is_missing",
    "label_of",
    "plain",
    "plan_html",
    "plan_text",
    "quoted",
    "render_markdown",
    "render_text",
    "results_html",
    "show",
    "shown_rows",
    "value_html",
    "view_changes",
    "view_problems",
    "view_results",
]
