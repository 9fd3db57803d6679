"""Values as they are shown on a screen: in one line, cut in the middle, with hidden characters made visible."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.display.view import Change
from exotel_frames.frames.arguments import recall
from exotel_frames.text import escape_text, quote_value
from exotel_frames.validation import is_legal

EMPTY: Final = "(empty)"
NOT_KNOWN: Final = "(not known)"
UNKNOWN_ACCOUNT: Final = "Account not known: this frame does not record one"
VALUE_MAX: Final = 40
_CONTEXT: Final = 8
"""So many equal characters are kept before the first difference."""


def label_of(frame: pd.DataFrame, label: str = "") -> str:
    """Return LIVE or SANDBOX and the account: the label given, or the frame's; empty when neither is known.

    >>> label_of(pd.DataFrame(), "LIVE account acme1 at mum")
    'LIVE account acme1 at mum'
    """
    origin = recall(frame).get("origin")
    known = origin.get("label") if isinstance(origin, dict) else None
    return cell_text(label or known or "", 200)


def is_missing(value: Any) -> bool:
    """Tell whether a cell is missing; an empty text or list is not.

    >>> is_missing(float("nan")), is_missing(""), is_missing([])
    (True, False, False)
    """
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def raw_text(value: Any) -> str:
    """Return a cell as text as it is; a missing one is empty.

    >>> raw_text("tea"), raw_text(None)
    ('tea', '')
    """
    return "" if is_missing(value) else str(value)


def cell_text(value: Any, limit: int = VALUE_MAX) -> str:
    r"""Return a value as text in one line, cut in the middle; a missing one is empty.

    >>> cell_text("tea\nand " + "x" * 90, 20)
    'tea\\nand xx … xxxxxxxxxx'
    """
    text = raw_text(value)
    if len(text) <= limit:
        return escape_text(text, limit)
    keep = limit // 2
    return f"{escape_text(text[:keep], keep)} … {escape_text(text[-keep:], keep)}"


def quoted_text(value: Any, limit: int = VALUE_MAX) -> str:
    """Return a text in quotes, with its length when it is cut, other values as they are, `(empty)` for none.

    >>> quoted_text("support"), quoted_text(None), quoted_text("x" * 90, 6)
    ("'support'", '(empty)', "'xxx … xxx' (90 characters)")
    """
    if is_missing(value) or (isinstance(value, str) and not value):
        return EMPTY
    if not isinstance(value, str):
        return quote_value(value)
    return f"'{cell_text(value, limit)}'{_length(value, limit)}"


def _length(text: str, limit: int) -> str:
    return f" ({len(text):,} characters)" if len(text) > limit else ""


def before_after(before: Any, after: Any, limit: int = VALUE_MAX) -> tuple[str, str]:
    """Return two different values cut so that the first difference is visible.

    >>> before_after("a" * 90 + "b" + "a" * 90, "a" * 90 + "c" + "a" * 90, 20)
    ("'… aaaaaaaaba … aaaaaaaaaa' (181 characters)", "'… aaaaaaaaca … aaaaaaaaaa' (181 characters)")
    """
    one, other = quoted_text(before, limit), quoted_text(after, limit)
    if not (isinstance(before, str) and isinstance(after, str)) or before == after:
        return one, other
    if unicodedata.normalize("NFKC", before) == unicodedata.normalize("NFKC", after):  # they look the same
        before, after = _in_ascii(before), _in_ascii(after)
        one, other = quoted_text(before, limit), quoted_text(after, limit)
    if cell_text(before, limit) != cell_text(after, limit):
        return one, other
    differs = (at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    start = max(0, next(differs, min(len(before), len(after))) - _CONTEXT)
    return _text_from(before, start, limit), _text_from(after, start, limit)


def _in_ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def _text_from(text: str, start: int, limit: int) -> str:
    return f"'… {cell_text(text[start:], limit)}'{_length(text, 0)}"


def status_text(value: Any) -> str:
    """Return a status; a value that is no status is quoted.

    >>> status_text("active"), status_text("on"), status_text(None)
    ('active', "'on'", '(not known)')
    """
    if is_missing(value):
        return NOT_KNOWN
    return str(value) if value in schema.STATUSES else quoted_text(value)


def field_text(value: Any, field: schema.Field, limit: int = VALUE_MAX) -> str:
    """Return a field's value: a word of a closed list as it is, a free text quoted.

    >>> field_text("active", schema.MUTABLE[0]), field_text("active", schema.MUTABLE[1])
    ('active', "'active'")
    """
    return status_text(value) if field.choices else quoted_text(value, limit)


def field_change(field: schema.Field, before: Any, after: Any, limit: int = VALUE_MAX) -> Change | None:
    """Return what changes in one field, cut so that the first difference is visible; None where nothing does.

    >>> field_change(schema.MUTABLE[0], None, float("nan")), field_change(schema.MUTABLE[1], None, "vip").after
    (None, "'vip'")
    """
    one, other = raw_text(before), raw_text(after)
    if one == other:
        return None
    if field.choices:
        return Change(field.name, status_text(before), status_text(after))
    return Change(field.name, *before_after(one, other, limit))


def name_text(value: Any) -> str:
    """Return a name; one that can't be a name is quoted.

    >>> name_text("007"), name_text("al ex"), name_text(None)
    ('007', "'al ex'", '(no name)')
    """
    if is_missing(value):
        return "(no name)"
    legal = isinstance(value, str) and is_legal(value)
    return str(value) if legal else quote_value(value)
