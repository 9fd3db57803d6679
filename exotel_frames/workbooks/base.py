"""The hidden copy in a workbook: what its rows said when it was written, and where they came from.

100,000 subscribers cost a quarter of a second instead of doubling the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import conform
from exotel_frames.workbooks.cell_text import column_texts, compact, text_frame
from exotel_frames.workbooks.hidden_sheets import hidden_texts, in_cells, pack_value, unpack_value

BASE_SHEET: Final = "exotel_frames_base"
_FORMAT: Final = "exotel_frames base 1"
Proposed: TypeAlias = Mapping[str, Mapping[str, str | None]]
_MORE: Final[Mapping[str, Any]] = {"carried_out": dict[str, str], "proposed": dict[str, dict[str, str | None]]}
"""What a base may have besides, by its key; an older version overlooks it."""
_ABOUT: Final = (
    "Please leave this sheet as it is: it separates your changes from changes made by others in the meantime."
)


@dataclass(frozen=True)
class Base:
    """What a workbook said when it was written.

    `frame` is a subscribers frame, `origin` tells where it came from (account_sid, base_url, exported_at, tool_version,
    rows; all text).
    A version that knew fewer fields wrote fewer columns. `carried_out` has the action of each name that was created or
    deleted from this workbook: its row still asks for it. `proposed` has the cells, by name and column, that the sheet
    was written with where that was not what the subscriber was: who leaves them as they are has no wish of his own.
    """

    frame: pd.DataFrame
    origin: dict[str, str]
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
    >>> unpack(rows, "audit.xlsx").frame["subscriber_name"].tolist(), unpack(rows, "audit.xlsx").origin
    (['007'], {'account_sid': 'acme1'})
    """
    origin_texts = {key: str(value) for key, value in origin.items() if value is not None}
    known = conform(frame, "subscribers")
    data = pack_value({name: column_texts(known[name]) for name in schema.SUBSCRIBERS if name in fields})
    more = {"carried_out": carried_out, "proposed": proposed}
    packed = {key: pack_value(dict(values)) for key, values in more.items() if values}
    return [
        ("format", _FORMAT),
        ("about", _ABOUT),
        *((f"origin.{key}", value) for key, value in origin_texts.items()),
        ("checksum", _checksum(origin_texts, data)),
        *in_cells("data", data),
        *((f"{key}.checksum", _checksum({}, text)) for key, text in packed.items()),
        *(cell for key, text in packed.items() for cell in in_cells(key, text)),
    ]


def unpack(rows: Sequence[Sequence[Any]], file: str) -> Base:
    """Return what the hidden sheet holds, or refuse one that somebody changed: nothing of it can be trusted."""
    try:
        return _unpack_base(hidden_texts(rows, _FORMAT, file))
    except (ValueError, msgspec.MsgspecError):
        raise WorkbookError(
            f"{file} can't be read: its hidden sheet {BASE_SHEET}, which separates your changes from those of others, "
            "was itself changed. Write the workbook again, and copy your changes over."
        ) from None


def _unpack_base(texts: Mapping[str, str]) -> Base:
    origin = {key.removeprefix("origin."): text for key, text in texts.items() if key.startswith("origin.")}
    data, more = texts.get("data", ""), {key: texts[key] for key in _MORE if key in texts}
    sums = {f"{key}.checksum": _checksum({}, text) for key, text in more.items()}
    if not {"checksum": _checksum(origin, data), **sums}.items() <= texts.items():
        raise ValueError("a checksum does not match")
    columns = unpack_value(data, dict[str, msgspec.Raw])
    made = text_frame({name: _column(raw) for name, raw in columns.items() if name in schema.SUBSCRIBERS})
    known = [column for column in schema.SUBSCRIBERS if column in made]
    frame = conform(made, "subscribers")[known]
    return Base(frame, origin, **{key: unpack_value(text, _MORE[key]) for key, text in more.items()})


def _checksum(origin: Mapping[str, str], data: str) -> str:
    return hashlib.sha256(msgspec.json.encode([sorted(origin.items()), data])).hexdigest()


def _column(raw: msgspec.Raw) -> Any:
    return compact(msgspec.json.decode(raw, type=list[str | None]))
