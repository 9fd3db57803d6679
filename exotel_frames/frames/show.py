"""How frames look to a reader: a plan, results and problems, as text for terminals and as HTML for notebooks."""

from __future__ import annotations

from exotel_frames.frames.show_text import plan_text

__all__ = ["plan_text"]
