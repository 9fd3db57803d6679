"""How frames look, as text and as HTML; changes nothing."""

from __future__ import annotations

from exotel_frames.display.changes_view import view_changes
from exotel_frames.display.markdown import render_markdown
from exotel_frames.display.notebook import change_html, render_html, value_html
from exotel_frames.display.plan_view import view_plan, view_rows
from exotel_frames.display.results_view import view_problems, view_results
from exotel_frames.display.show import show
from exotel_frames.display.terminal import Ink, render_text
from exotel_frames.display.values import UNKNOWN_ACCOUNT, before_after, cell_text, is_missing, label_of, quoted_text
from exotel_frames.display.view import Change, Row, View

__all__ = [
    "UNKNOWN_ACCOUNT",
    "Change",
    "Ink",
    "Row",
    "View",
    "before_after",
    "cell_text",
    "change_html",
    "is_missing",
    "label_of",
    "quoted_text",
    "render_html",
    "render_markdown",
    "render_text",
    "show",
    "value_html",
    "view_changes",
    "view_plan",
    "view_problems",
    "view_results",
    "view_rows",
]
