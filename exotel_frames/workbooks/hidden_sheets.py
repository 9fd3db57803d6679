"""Hidden sheets of ours: a key and a text in each row, with a checksum over what they hold.

What is long is packed into a few cells: a re-save, a sort or a filter does nothing to it, and missing and empty stay
two things.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from exotel_frames.errors import WorkbookError

_PIECE: Final = 32_000  # below the 32,767 that a cell holds
_INFLATED_MAX: Final = 2**30


def write_hidden(book: Any, name: str, rows: Iterable[tuple[str, str]]) -> None:
    """Add a sheet to an xlsxwriter workbook that only a program can make visible."""
    sheet = book.add_worksheet(name)
    sheet.very_hidden()
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text)


def pack_value(value: Any, level: int = -1) -> str:
    """Return a value as a text that any program keeps as it is.

    >>> unpack_value(pack_value({"007": None}), dict[str, str | None])
    {'007': None}
    """
    return base64.b64encode(zlib.compress(msgspec.json.encode(value), level)).decode()


def unpack_value(text: str, kind: Any) -> Any:
    """Return the value of a packed text, or raise a `ValueError`."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _INFLATED_MAX)
        return msgspec.json.decode(data, type=kind)
    except (binascii.Error, zlib.error, msgspec.MsgspecError) as damage:
        raise ValueError(str(damage)) from None


def in_cells(key: str, text: str) -> list[tuple[str, str]]:
    """Return a packed text as rows of a hidden sheet."""
    return [(key, text[at : at + _PIECE]) for at in range(0, len(text), _PIECE)]


def hidden_texts(rows: Sequence[Sequence[Any]], form: str, file: str) -> dict[str, str]:
    """Return what a hidden sheet says by key, or refuse one of a newer version.

    >>> hidden_texts([("format", "x 1"), *in_cells("data", "long")], "x 1", "audit.xlsx")
    {'format': 'x 1', 'data': 'long'}
    """
    texts: dict[str, str] = defaultdict(str)
    for row in rows:
        if len(row) > 1:
            texts[str(row[0])] += str(row[1])
    if texts.get("format", form) != form:
        raise WorkbookError(f"{file} was written by a newer version of exotel_frames: update, and read it again.")
    return dict(texts)


def seal(form: str, about: str, value: Any) -> list[tuple[str, str]]:
    """Return the rows of a hidden sheet that holds one value; `about` is for people who find it."""
    data = pack_value(value, 1)
    return [("format", form), ("about", about), ("checksum", _digest(data)), *in_cells("data", data)]


def unseal(rows: Sequence[Sequence[Any]], form: str, kind: Any, file: str) -> Any:
    """Return the value of a sealed sheet, or raise a `ValueError` where somebody changed it."""
    texts = hidden_texts(rows, form, file)
    data = texts.get("data", "")
    if texts.get("checksum") != _digest(data):
        raise ValueError("its checksum does not match")
    return unpack_value(data, kind)


def _digest(data: str) -> str:
    return hashlib.sha256(data.encode()).hexdigest()
