"""What may go into a request: names, and texts that JSON can carry."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import msgspec

from exotel_frames import errors, schema
from exotel_frames.text import quote_value

LONGEST_NAME = 1_000
"""No service makes longer ones, and no gateway takes a longer path."""


def check_addressable(name: str) -> None:
    """Refuse what can't be one part of a path, even quoted: gateways resolve dots, and nothing would list them all."""
    if not isinstance(name, str) or not name or set(name) == {"."} or len(name) > LONGEST_NAME:
        raise errors.ValidationError(f"{quote_value(name)} can't be a subscriber's name, not even an existing one.")
    if not name.isascii() and any(unicodedata.category(char) == "Cs" for char in name):
        raise errors.ValidationError(f"{quote_value(name)} contains half of a character (a lone surrogate).")


def check_names(*names: str) -> None:
    """Refuse to make what is no name: a service that took it might never give it back."""
    wrong = [name for name in names if not (isinstance(name, str) and re.fullmatch(schema.NAME_PATTERN, name))]
    if wrong:
        listed = ", ".join(map(repr, wrong))
        raise errors.ValidationError(f"{listed} can't be a subscriber's name: 1 to 16 letters and digits (ASCII).")


def to_json(body: Any) -> bytes:
    """Return a body's bytes; ValidationError for a text that no JSON can carry."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        pass
    raise errors.ValidationError(
        "The text contains half of a character (a lone surrogate), which JSON can't represent."
    )
