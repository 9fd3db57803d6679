"""How a value looks on a screen: one line, quoted, cut in the middle, with nothing hidden in it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.arguments import remembered
from exotel_frames.text import escape_text, quote_value

EMPTY: Final = "(empty)"
NOT_KNOWN: Final = "(not known)"
UNKNOWN_ACCOUNT: Final = "Account not known: this frame does not remember one"
VALUE_MAX: Final = 40
_NEAR: Final = 8
"""So much of what is alike is left before the first difference."""


def label_of(frame: pd.DataFrame, label: str = "") -> str:
    """Return LIVE or SANDBOX and the account, from the label given, or from what the frame remembers; else nothing.

    >>> label_of(pd.DataFrame(), "LIVE account acme1 at mum")
    'LIVE account acme1 at mum'
    """
    origin = remembered(frame).get("origin")
    known = origin.get("label") if isinstance(origin, dict) else None
    return plain(label or known or "", 200)


def is_missing(value: Any) -> bool:
    """Tell whether a cell says nothing.

    >>> is_missing(float("nan")), is_missing(""), is_missing([])
    (True, False, False)
    """
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def plain(value: Any, limit: int = VALUE_MAX) -> str:
    r"""Return a text without quotes, cut in the middle; a missing one is empty.

    >>> plain("tea\nand " + "x" * 90, 20)
    'tea\\nand xx … xxxxxxxxxx'
    """
    text = "" if is_missing(value) else str(value)
    if len(text) <= limit:
        return escape_text(text, limit)
    keep = limit // 2
    return f"{escape_text(text[:keep], keep)} … {escape_text(text[-keep:], keep)}"


def quoted(value: Any, limit: int = VALUE_MAX) -> str:
    """Return a value as a cell shows it: a text in quotes, with its length when it is cut, `(empty)` for none.

    >>> quoted("support"), quoted(None), quoted("x" * 90, 6)
    ("'support'", '(empty)', "'xxx … xxx' (90 characters)")
    """
    if is_missing(value) or (isinstance(value, str) and not value):
        return EMPTY
    if not isinstance(value, str):
        return quote_value(value)
    return f"'{plain(value, limit)}'{_length(value, limit)}"


def _length(text: str, limit: int) -> str:
    return f" ({len(text):,} characters)" if len(text) > limit else ""


def before_after(before: Any, after: Any, limit: int = VALUE_MAX) -> tuple[str, str]:
    """Return two different values so that the difference can be seen, wherever it is.

    >>> before_after("a" * 90 + "b" + "a" * 90, "a" * 90 + "c" + "a" * 90, 20)
    ("'… aaaaaaaaba … aaaaaaaaaa' (181 characters)", "'… aaaaaaaaca … aaaaaaaaaa' (181 characters)")
    """
    one, other = quoted(before, limit), quoted(after, limit)
    if not (isinstance(before, str) and isinstance(after, str)) or before == after:
        return one, other
    if unicodedata.normalize("NFKC", before) == unicodedata.normalize("NFKC", after):  # they look the same
        before, after = _in_ascii(before), _in_ascii(after)
        one, other = quoted(before, limit), quoted(after, limit)
    if plain(before, limit) != plain(after, limit):
        return one, other
    differs = (at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    start = max(0, next(differs, min(len(before), len(after))) - _NEAR)
    return _from(before, start, limit), _from(after, start, limit)


def _in_ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def _from(text: str, start: int, limit: int) -> str:
    return f"'… {plain(text[start:], limit)}'{_length(text, 0)}"


def status_text(value: Any) -> str:
    """Return a status; one that is none is quoted.

    >>> status_text("active"), status_text("on"), status_text(None)
    ('active', "'on'", '(not known)')
    """
    return NOT_KNOWN if is_missing(value) else value if value in schema.STATUSES else quoted(value)


def name_text(value: Any) -> str:
    """Return a name; one that can't be a name is quoted.

    >>> name_text("007"), name_text("al ex"), name_text(None)
    ('007', "'al ex'", '(no name)')
    """
    if is_missing(value):
        return "(no name)"
    legal = isinstance(value, str) and re.fullmatch(schema.NAME_PATTERN, value)
    return str(value) if legal else quote_value(value)


def columns_wide(text: str) -> int:
    """Return how many columns of a terminal a text takes: some characters take two, some none.

    >>> columns_wide("bob"), columns_wide("東京")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me"} else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )
