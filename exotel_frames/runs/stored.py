"""Compares what the service stored with what was sent: the same, the same in its own spelling, or something else."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping
from typing import Final

from exotel_frames.records import Subscriber, same_text
from exotel_frames.text import quote_value

_CUT_MIN: Final = 8
"""A text of which less is left than so many characters is not called cut."""


def is_respelled(sent: str | None, stored: str | None) -> bool:
    r"""Tell whether a stored text is the one that was sent, as services change texts: trimmed, cut, escaped, folded.

    >>> is_respelled("Caf\u00e9 & Bar \r\n", "CAFE\u0301 &amp; BAR"), is_respelled("team a", "team b")
    (True, False)
    """
    if same_text(sent, stored):  # nearly always: what follows costs more than the request
        return True
    wanted, kept = _essence(sent), _essence(stored)
    return wanted == kept or (len(kept) >= _CUT_MIN and wanted.startswith(kept))


def _essence(text: str | None) -> str:
    """Return what a change of case, blanks, escapes, line ends or Unicode forms leaves."""
    plain = unicodedata.normalize("NFKD", html.unescape(text or "").replace("\\", ""))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return "".join(bare.casefold().split())


def difference(name: str, sent: Mapping[str, str | None], live: Subscriber) -> str | None:
    """Say what is stored differently from what was sent; None when nothing is.

    >>> difference("bob", {"custom_field": "team a "}, Subscriber("bob", "active", "team a"))
    "Stored differently: custom_field is 'team a', not 'team a '."
    """
    parts = [] if live.subscriber_name == name else [f"the response names {quote_value(live.subscriber_name)}"]
    for field, text in sent.items():
        stored = getattr(live, field)
        if not same_text(stored, text):
            parts.append(f"{field} is {_quote(stored)}, not {_quote(text)}")
    return f"Stored differently: {'; '.join(parts)}." if parts else None


def _quote(text: str | None) -> str:
    shown = quote_value(text or "")
    return shown if len(text or "") <= len(shown) - 2 else f"{shown} of {len(text or ''):,} characters"
