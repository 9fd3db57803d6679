"""Notes about text that was read as it is but may not be what was meant; it is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow.compute as pc

from exotel_frames.text import pluralize, quote_value
from exotel_frames.workbooks.addresses import OURS
from exotel_frames.workbooks.reading.sheet import JUDGED
from exotel_frames.workbooks.reading.status_and_action import CHOICES

_FEW: Final = 5
"""A column of choices has few different texts."""
_CONTINUED: Final = "\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
_GARBLED: Final = f"[\u00c2-\u00f4][\u0080-\u00bf{_CONTINUED}]"
"""What the bytes of UTF-8 look like to whoever takes them for another encoding."""
_ESCAPED: Final = "^'[=+\\-@\t\r]"


def encoding_notes(columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a note on each column that verbs read in which UTF-8 seems to have been taken for another encoding.

    >>> import pyarrow as pa
    >>> encoding_notes({"custom_field": pa.array(["Zo\u00c3\u00ab", "Zoë"], pa.large_string())})
    ("custom_field looks garbled, like UTF-8 read in another encoding ('Zo\u00c3\u00ab' instead of 'Zoë')",)
    """
    found = {header: _find_garbled(columns[header]) for header in JUDGED if header in columns}
    return tuple(
        f"{header} looks garbled, like UTF-8 read in another encoding ({quote_value(text)} instead of "
        f"{quote_value(meant)})"
        for header, pair in found.items()
        if pair
        for text, meant in [pair]
    )


def _find_garbled(texts: Any) -> tuple[str, str] | None:
    some = texts.filter(pc.match_substring_regex(texts, _GARBLED).fill_null(False))  # noqa: FBT003 - arrow's own call
    for text in some.unique().to_pylist():
        try:
            meant = text.encode("cp1252").decode()
        except UnicodeError:
            continue
        return text, meant
    return None


def choices_elsewhere(columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a note on each of people's own columns that holds only statuses, or actions, where none is called so.

    >>> import pyarrow as pa
    >>> choices_elsewhere({"State": pa.array(["Active", None], pa.large_string())})
    ("'State' contains only values of status, but is not read: columns={'State': 'status'} reads it",)
    """
    return tuple(
        f"{quote_value(header)} contains only values of {ours}, but is not read: "
        f"columns={{{header!r}: {ours!r}}} reads it"
        for ours, choices in CHOICES.items()
        if ours not in columns
        for header, texts in columns.items()
        if header not in OURS and _holds_only(texts, choices)
    )


def _holds_only(texts: Any, choices: tuple[str, ...]) -> bool:
    different = texts.unique().drop_null()
    return 0 < len(different) <= _FEW and {text.strip().casefold() for text in different.to_pylist()} <= {*choices, ""}


def apostrophe_notes(columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a note on apostrophes that a results file of ours has, and the file that it came from has not.

    >>> import pyarrow as pa
    >>> texts = {name: pa.array([text], pa.large_string()) for name, text in {"custom_field": "'=1", "outcome": "done",
    ...                                                                        "message": ""}.items()}
    >>> apostrophe_notes(texts)
    ('1 cell of custom_field begins with an apostrophe, as in the results of a CSV file; the apostrophes were kept',)
    """
    if not {"outcome", "message"} <= {header.rstrip(" 0123456789") for header in columns}:
        return ()
    some = [header for header in JUDGED if header in columns]
    counts = {header: pc.sum(pc.match_substring_regex(columns[header], _ESCAPED)).as_py() for header in some}
    return tuple(
        f"{pluralize(number, 'cell')} of {header} {'begins' if number == 1 else 'begin'} with an apostrophe, as in "
        "the results of a CSV file; the apostrophes were kept"
        for header, number in counts.items()
        if number
    )
