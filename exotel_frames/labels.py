"""The labels LIVE and SANDBOX in HTML, marked so that nobody confuses them."""

from __future__ import annotations

from html import escape
from typing import Final

_BADGES: Final = {"LIVE": "#b71c1c", "SANDBOX": "#1565c0"}  # white on these reads well on any page


def label_html(label: str) -> str:
    """Return a label with its first word as a badge, when that is LIVE or SANDBOX; all of it escaped.

    >>> label_html("<b> account")
    '&lt;b&gt; account'
    """
    word, _, rest = label.partition(" ")
    if word not in _BADGES:
        return escape(label)
    style = f"background:{_BADGES[word]};color:#fff;padding:.1em .5em;border-radius:3px;letter-spacing:.04em"
    return f'<strong style="{style}">{word}</strong> {escape(rest)}'
