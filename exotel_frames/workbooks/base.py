"""The hidden copy in a workbook: what its rows said when it was written, and where they came from.

It is packed into a few cells, with a checksum over data and origin: a re-save, a sort or a filter does nothing to it,
missing and empty stay two things, and 100,000 subscribers cost a quarter of a second instead of doubling the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

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
Proposed: TypeAlias = Mapping[str, Mapping[str, str | None]]
_MORE: Final[Mapping[str, Any]] = {"carried_out": dict[str, str], "proposed": dict[str, dict[str, str | None]]}
"""What a base may have besides, by its key; an older version overlooks it."""
_ABOUT: Final = "Please leave this sheet as it is: it tells what you changed from what others changed meanwhile."


@dataclass(frozen=True)
class Base:
    """What a workbook said when it was written.

    `frame` is a subscribers frame, `origin` tells where it came from (account_sid, base_url, exported_at, tool_version,
    rows; all text), `checksum_ok` is False when somebody changed the hidden sheet: then neither can be trusted.
    A version that knew fewer fields wrote fewer columns. `carried_out` has the action of each name that was created or
    deleted from this workbook: its row still asks for it. `proposed` has the cells, by name and column, that the sheet
    was written with where that was not what the subscriber was: who leaves them as they are has no wish of his own.
    """

    frame: pd.DataFrame
    origin: dict[str, str]
    checksum_ok: bool
    carried_out: Mapping[str, str] = field(default_factory=dict)
    proposed: Proposed = field(default_factory=dict)


def pack(
    frame: pd.DataFrame,
    origin: Mapping[str, Any],
    carried_out: Mapping[str, str] | None = None,
    proposed: Proposed | None = None,
    *,
    fields: Collection[str] = tuple(schema.SUBSCRIBERS),
) -> list[tuple[str, str]]:
    """Return the hidden sheet's rows, a key and a text each; an older version overlooks what it does not know.

    >>> rows = pack(pd.DataFrame({"subscriber_name": ["007"]}), {"account_sid": "acme1"})
    >>> unpack(rows).frame["subscriber_name"].tolist(), unpack(rows).origin
    (['007'], {'account_sid': 'acme1'})
    """
    origin_texts = {key: str(value) for key, value in origin.items() if value is not None}
    known = conform(frame, "subscribers")
    data = _packed({name: column_texts(known[name]) for name in schema.SUBSCRIBERS if name in fields})
    more = {"carried_out": carried_out, "proposed": proposed}
    packed = {key: _packed(dict(values)) for key, values in more.items() if values}
    return [
        ("format", _FORMAT),
        ("about", _ABOUT),
        *((f"origin.{key}", value) for key, value in origin_texts.items()),
        ("checksum", _checksum(origin_texts, data)),
        *(("data", piece) for piece in _pieces(data)),
        *((f"{key}.checksum", _checksum({}, text)) for key, text in packed.items()),
        *((key, piece) for key, text in packed.items() for piece in _pieces(text)),
    ]


def _packed(values: Mapping[str, Any]) -> str:
    return base64.b64encode(zlib.compress(msgspec.json.encode(values))).decode()


def _pieces(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def unpack(rows: Sequence[Sequence[Any]]) -> Base:
    """Return what the hidden sheet holds; a sheet that was changed gives a `Base` that says so."""
    cells = [(str(row[0]), str(row[1])) for row in rows if len(row) > 1]
    by_key = dict(cells)
    if by_key.get("format", _FORMAT) != _FORMAT:
        raise WorkbookError("The workbook was written by a newer version of exotel_frames: update, and read it again.")
    origin = {key.removeprefix("origin."): value for key, value in cells if key.startswith("origin.")}
    data, *more = ("".join(value for key, value in cells if key == wanted) for wanted in ("data", *_MORE))
    same = by_key.get("checksum") == _checksum(origin, data)
    same &= all(
        not text or by_key.get(f"{key}.checksum") == _checksum({}, text) for key, text in zip(_MORE, more, strict=True)
    )
    try:
        columns = _unpacked(data, dict[str, msgspec.Raw])
        made = text_frame({name: _column(raw) for name, raw in columns.items() if name in schema.SUBSCRIBERS})
        carried_out, proposed = (
            _unpacked(text, kind) if text else {} for text, kind in zip(more, _MORE.values(), strict=True)
        )
    except (binascii.Error, zlib.error, msgspec.DecodeError, ValueError):
        return Base(empty("subscribers"), origin, checksum_ok=False)
    known = [column for column in schema.SUBSCRIBERS if column in made]
    is_whole = same and schema.NAME in made
    return Base(conform(made, "subscribers")[known], origin, is_whole, carried_out, proposed)


def _checksum(origin: Mapping[str, str], data: str) -> str:
    return hashlib.sha256(msgspec.json.encode([sorted(origin.items()), data])).hexdigest()


def _unpacked(text: str, kind: Any) -> Any:
    inflater = zlib.decompressobj()
    return msgspec.json.decode(inflater.decompress(base64.b64decode(text, validate=True), _INFLATED_MAX), type=kind)


def _column(raw: msgspec.Raw) -> Any:
    return compact(msgspec.json.decode(raw, type=list[str | None]))
