"""Describes what is wrong with a text or a value: every character and every type by name."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Final

import numpy as np

from exotel_frames import schema
from exotel_frames.text import join_words, pluralize, quote_value

_LEGAL: Final = re.compile(schema.NAME_PATTERN)
_LEGAL_CHARACTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NAMED_MAX: Final = 5

_PLAIN_NAMES: Final = {
    " ": "a space",
    "\t": "a tab",
    **dict.fromkeys("\n\r\v\f\x85\u2028\u2029", "a line break"),
    **dict.fromkeys("\u00a0\u202f", "a no-break space"),
    "-": "a hyphen",
    "_": "an underscore",
    ".": "a full stop",
    ",": "a comma",
    "@": "an at sign",
    "+": "a plus sign",
    "/": "a slash",
    "'": "an apostrophe",
    '"': "a quotation mark",
    "\ufffd": "a replacement character (U+FFFD: the text was read in the wrong encoding)",
}
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_LOOK_ALIKES: Final = dict(
    zip(
        "АВЕЅІЈКМНОРСТХаеѕіјорсухһԁԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνκ",  # noqa: RUF001 - these are the very letters
        "ABESIJKMHOPCTXaesijopcyxhdqw" + "ABEZHIKMNOPTYXopvk",
        strict=True,
    )
)
_BY_CATEGORY: Final = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Co": "a private character",
    "Cn": "a character that Unicode does not know",
    "Zs": "an unusual space",
    "Cf": "an invisible character",
    "Mn": "a combining mark",
    "So": "the emoji or symbol",
    "Sk": "the sign",
    "Nd": "the foreign digit",
    "No": "the special digit",
}
_SILENT: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zs", "Cf", "Mn", "Mc", "Me", "Zl", "Zp"})


def is_legal(name: str) -> bool:
    r"""Tell whether a text is a legal subscriber name.

    >>> is_legal("007"), is_legal("bob\n")
    (True, False)
    """
    return _LEGAL.fullmatch(name) is not None


def describe_character(char: str) -> str:
    r"""Return what a character is, in words.

    >>> print(describe_character(" "), "|", describe_character("é"), "|", describe_character("\u200b"))
    a space | the letter 'é' with an accent | an invisible character (U+200B, zero width space)
    """
    if char in _PLAIN_NAMES:
        return _PLAIN_NAMES[char]
    code, name, category = f"U+{ord(char):04X}", unicodedata.name(char, "").lower(), unicodedata.category(char)
    if char in _LOOK_ALIKES:
        script = name.split()[0].capitalize()
        return f"the {script} letter '{char}' ({code}), which only looks like '{_LOOK_ALIKES[char]}'"
    if name.startswith("fullwidth "):
        return f"the full-width {_kind(category)} '{char}' ({code})"
    if name.startswith("latin") and unicodedata.normalize("NFD", char)[0] in _LEGAL_CHARACTERS:
        return f"the letter '{char}' with an accent"
    return _by_category(char, f"{code}, {name}" if name else code, category)


def _by_category(char: str, about: str, category: str) -> str:
    what = _BY_CATEGORY.get(category, f"the {_kind(category)}")
    if category in _SILENT:
        return f"{what} ({about})"
    return f"{what} '{char}'" if char.isascii() else f"{what} '{char}' ({about})"


def _kind(category: str) -> str:
    return {"L": "letter", "N": "digit"}.get(category[0], "sign")


def bad_characters(name: str, *, places: bool = True) -> str:
    r"""Return the characters that a name must not have, each once, with the place of its first.

    >>> bad_characters("bo b\n"), bad_characters("bo b", places=False)
    ('a space (character 3) and a line break (character 5)', 'a space')
    """
    first: dict[str, str] = {}
    for place, char in enumerate(name, 1):
        if char not in _LEGAL_CHARACTERS:
            first.setdefault(describe_character(char), f" (character {place})" if places else "")
    parts = [what + place for what, place in first.items()]
    return join_words(parts[:_NAMED_MAX], len(parts))


def nearest_name(text: str) -> str:
    r"""Return the one legal name a text must have meant, or the empty text.

    Outer white space and what can't be seen go, full-width characters become plain ones. Nothing else is guessed: an
    accent may be meant.

    >>> nearest_name(" bob\u200b "), nearest_name("\uff11\uff12"), nearest_name("jos\u00e9")
    ('bob', '12', '')
    """
    seen = "".join(char for char in text if char not in _INVISIBLE)
    plain = "".join(unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" else char for char in seen)
    stripped = plain.strip()
    return stripped if is_legal(stripped) else ""


def broken_rules(name: str) -> list[tuple[str, str]]:
    """Return the rules a name breaks by itself, each with its sentence.

    >>> [rule for rule, message in broken_rules("alexander bourton")]
    ['too_long', 'bad_characters']
    """
    if not name:
        return [("empty", "The name is empty: 1 to 16 letters and digits are needed.")]
    broken = []
    length = len(name.encode(errors="surrogatepass"))
    if length > schema.NAME_MAX_BYTES:
        counting = "" if name.isascii() else f" ({pluralize(len(name), 'character')})"
        broken.append(("too_long", f"{quote_value(name)} is {length} bytes long{counting}: a name has at most 16."))
    if not_allowed := bad_characters(name):
        allowed = "only A to Z, a to z and 0 to 9 are allowed"
        broken.append(("bad_characters", f"{quote_value(name)} contains {not_allowed}: {allowed}."))
    return broken


def not_text(value: Any) -> str:
    """Return the sentence about a value that should have been text.

    >>> not_text(7)
    "7 is a whole number, not text: leading zeros, as in '007', would be lost; read the column as text."
    """
    what, lost = _describe_type(value)
    return f"{quote_value(value)} is {what}, not text: {lost}; read the column as text."


def _describe_type(value: Any) -> tuple[str, str]:
    if isinstance(value, bool | np.bool_):
        return "a truth value", "the cell may have said TRUE, True or true"
    if isinstance(value, Integral):
        return "a whole number", "leading zeros, as in '007', would be lost"
    if isinstance(value, Real | Decimal):
        return "a number", "leading zeros, an E as in '1E5' and the digits after the 15th would be lost"
    if isinstance(value, date | time | np.datetime64):
        return "a date or time", "a name such as 'MAR1' may have been turned into it"
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes", "their encoding is not known"
    return f"of the type {type(value).__name__}", "how it would read as text is not known"
