"""How the service stores a text: one text that shows every difference, and the names of the differences."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

TEXT: Final = "  Zwei  Wo\u0308rter \r\n<b> & 'Mehr' " + "y" * 300
"""White space at both ends and in a run, a composed accent, CR LF, what HTML escapes, capitals, and length."""
_TRANSFORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "holds": lambda text: text,
    "trim": str.strip,
    "collapse": lambda text: re.sub(r"\s+", " ", text),
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "lf": lambda text: text.replace("\r\n", "\n"),
    "html": html.escape,
    "lower": str.lower,
}


def stored_as(stored: str) -> str:
    """Return which variant of the behaviour custom_field has made this of `TEXT`.

    >>> stored_as(TEXT.strip()), stored_as(TEXT[:32]), stored_as("x")
    ('trim', 'cut32', 'otherwise')
    """
    for name, transform in _TRANSFORMS.items():
        if stored == transform(TEXT):
            return name
    return f"cut{len(stored)}" if TEXT.startswith(stored) else "otherwise"
