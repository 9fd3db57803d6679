"""The hidden copy in a workbook: what its rows said when it was written, and where they came from.

It is packed into a few cells, with a checksum over data and origin: a re-save, a sort or a filter does nothing to it,
missing and empty stay two things, and 100,000 subscribers cost a quarter of a second instead of doubling the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import conform, empty
from exotel_frames.workbooks.arrow_text import compact, text_frame
from exotel_frames.workbooks.cell_text import column_texts

BASE_SHEET: Final = "exotel_frames_base"
_FORMAT: Final = "exotel_frames base 1"
_PIECE: Final = 32_000  # below the 32,767 that a cell holds
_INFLATED_MAX: Final = 2**30
_ABOUT: Final = "Please leave this sheet as it is: it tells what you changed from what others changed meanwhile."


@dataclass(frozen=True)
class Base:
    """What a workbook said when it was written.

    `frame` is a subscribers frame, `origin` tells where it came from (account_sid, base_url, exported_at, tool_version,
    rows; all text), `checksum_ok` is False when somebody changed the hidden sheet: then neither can be trusted.
    """

    frame: pd.DataFrame
    origin: dict[str, str]
    checksum_ok: bool


def pack(frame: pd.DataFrame, origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the hidden sheet's rows, a key and a text each.

    >>> rows = pack(pd.DataFrame({"subscriber_name": ["007"]}), {"account_sid": "acme1"})
    >>> unpack(rows).frame["subscriber_name"].tolist(), unpack(rows).origin
    (['007'], {'account_sid': 'acme1'})
    """
    told = {key: str(value) for key, value in origin.items() if value is not None}
    columns = {name: column_texts(column) for name, column in conform(frame, "subscribers").items()}
    data = base64.b64encode(zlib.compress(msgspec.json.encode(columns))).decode()
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    return [
        ("format", _FORMAT),
        ("about", _ABOUT),
        *((f"origin.{key}", value) for key, value in told.items()),
        ("checksum", _checksum(told, data)),
        *(("data", piece) for piece in pieces),
    ]


def unpack(rows: Sequence[Sequence[Any]]) -> Base:
    """Return what the hidden sheet holds; a sheet that was changed gives a `Base` that says so."""
    cells = [(str(row[0]), str(row[1])) for row in rows if len(row) > 1]
    by_key = dict(cells)
    if by_key.get("format", _FORMAT) != _FORMAT:
        raise WorkbookError("The workbook was written by a newer version of exotel_frames: update, and read it again.")
    origin = {key.removeprefix("origin."): value for key, value in cells if key.startswith("origin.")}
    data = "".join(value for key, value in cells if key == "data")
    frame = _decoded(data)
    same = by_key.get("checksum") == _checksum(origin, data)
    return Base(empty("subscribers") if frame is None else frame, origin, same and frame is not None)


def _checksum(origin: Mapping[str, str], data: str) -> str:
    return hashlib.sha256(msgspec.json.encode([sorted(origin.items()), data])).hexdigest()


def _decoded(data: str) -> pd.DataFrame | None:
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(base64.b64decode(data, validate=True), _INFLATED_MAX)
        columns = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        made = text_frame({name: _column(raw) for name, raw in columns.items()})
    except (binascii.Error, zlib.error, msgspec.DecodeError, ValueError):
        return None
    if schema.NAME not in made or not set(made) <= set(schema.SUBSCRIBERS):
        return None
    known = [column for column in schema.SUBSCRIBERS if column in made]  # a later version may know more fields
    return conform(made, "subscribers")[known]


def _column(raw: msgspec.Raw) -> Any:
    return compact(msgspec.json.decode(raw, type=list[str | None]))
