"""How a message shows a value: one short line, without control characters, whatever the value is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count
from typing import Any, Final

_SHOWN_MAX: Final = 40
_LATIN_END: Final = "\u02ff"
_HIDDEN: Final = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
)  # what a screen doesn't show, or shows as a break


def quote_value(value: Any) -> str:
    r"""Return a value as a message shows it.

    >>> print(quote_value("bob\n"), quote_value(7), quote_value("x" * 100))
    'bob\n' 7 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'
    """
    if isinstance(value, str):
        return f"'{escape_text(value)}'"
    try:
        value = value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value
        return escape_text(str(value) if isinstance(value, int | float) else repr(value))
    except Exception:  # noqa: BLE001 - a value's own repr may do anything; a message must still be written
        return f"a {type(value).__name__}"


def escape_text(text: str, limit: int = _SHOWN_MAX) -> str:
    r"""Return a text cut to `limit` characters, with what can't be seen written as an escape.

    >>> print(escape_text("a\tb\u200b"))
    a\tb\u200b
    """
    cut = text[:limit]
    if not cut.isprintable():
        cut = "".join(_escape_char(char) for char in cut)
    return cut + "…" if len(text) > limit else cut


def _escape_char(char: str) -> str:
    if unicodedata.category(char) in _HIDDEN or (char.isspace() and char != " "):
        return char.encode("unicode_escape").decode()
    return char


def join_words(parts: Sequence[str], total: int | None = None, *, last: str = "and") -> str:
    """Join the parts as a sentence does; `total` says of how many they are the first.

    >>> join_words(["a", "b", "c"]), join_words(["a", "b"], 7)
    ('a, b and c', 'a, b and 5 more')
    """
    more = (total or len(parts)) - len(parts)
    items = [*parts, f"{more:,} more"] if more > 0 else list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def quote_names(names: Sequence[Any], most: int = 5) -> str:
    """Return the first names as a sentence lists them, quoted, and how many more there are.

    >>> quote_names(["007", "bob", "eve"], 2)
    "'007', 'bob' and 1 more"
    """
    return join_words([quote_value(name) for name in names[:most]], len(names))


def numbered(name: str) -> Iterator[str]:
    """Return a name, and then with each number from 2 behind it.

    >>> [each for each, _ in zip(numbered("about"), range(3))]
    ['about', 'about 2', 'about 3']
    """
    return chain([name], (f"{name} {number}" for number in count(2)))


def first_free(name: str, is_taken: Callable[[str], bool]) -> str:
    """Return a name, or with the first number behind it that makes it a new one.

    >>> first_free("about", {"about", "about 2"}.__contains__)
    'about 3'
    """
    return next(each for each in numbered(name) if not is_taken(each))


def display_width(text: str) -> int:
    """Return how many columns of a terminal or letters of a cell a text takes: some characters take two, some none.

    >>> display_width("bob"), display_width("東京")
    (3, 4)
    """
    if text.isascii() or max(text) <= _LATIN_END:
        return len(text)
    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me"} else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> pluralize(1, "row"), pluralize(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
