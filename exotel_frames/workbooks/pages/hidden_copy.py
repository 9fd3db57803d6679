"""The hidden copy of a page: the frame as it was, with its dtypes, its index and its account.

Its columns are plain JSON values; a typed cell is converted to one too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import recall
from exotel_frames.frames.dtypes import column_of
from exotel_frames.schema import STR
from exotel_frames.workbooks.addresses import cell_to_text
from exotel_frames.workbooks.cell_text import column_texts
from exotel_frames.workbooks.hidden_sheets import seal, unseal

PAGES_SHEET: Final = "exotel_frames_pages"
_FORMAT: Final = "exotel_frames page 1"
_ABOUT: Final = "Please leave this sheet as it is: with it the tables can be read back exactly as they were."
_KEPT: Final = ("origin", "plan", "two_way", "names_no_account", "before", "after", "taken_at", "requests", "minutes")
"""What a frame remembers that is worth keeping; no path of anybody's machine."""
_NAT: Final = np.iinfo("int64").min
_KINDS: Final = {
    "whole": re.compile(r"u?int(8|16|32|64)|U?Int(8|16|32|64)"),
    "real": re.compile(r"float(16|32|64)|Float(32|64)"),
    "flag": re.compile("bool(ean)?"),
    "moment": re.compile(r"datetime64\[(s|ms|us|ns)(?:, ([\w/+:-]+))?\]"),
}
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}


class Column(msgspec.Struct, frozen=True):
    """A column: its header, its dtype, and its cells as plain values; moments count from 1970 in the dtype's unit."""

    name: str
    dtype: str
    cells: list[Any]


class HiddenCopy(msgspec.Struct, frozen=True):
    """A frame: which of ours it is, the sheet it stands in, and all that it holds."""

    kind: str
    sheet: str
    columns: tuple[Column, ...]
    index: Column | None
    attrs: dict[str, Any]

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return len(self.columns[0].cells) if self.columns else 0

    def frame(self) -> pd.DataFrame:
        """Return the frame; it remembers its account and its kind.

        >>> runs = pd.DataFrame({"run_id": ["r1"], "rows": [3]})
        >>> hidden_copy_of(runs, "runs", "runs").frame().equals(runs)
        True
        """
        index = None if self.index is None else pd.Index(array_of(self.index), name=self.index.name or None)
        made = pd.DataFrame({column.name: array_of(column) for column in self.columns}, index=index)
        made.attrs["exotel_frames"] = {**self.attrs, "kind": self.kind}
        return made


def hidden_copy_of(frame: pd.DataFrame, kind: str, sheet: str, origin: Mapping[str, Any] | None = None) -> HiddenCopy:
    """Return a frame as its page keeps it; what is no text, number, yes or no, or moment is kept as its text.

    `origin` is the account of a frame that remembers none.
    """
    known = {"origin": dict(origin or {})} | recall(frame)
    known["origin"] = known.get("origin") or dict(origin or {})
    return HiddenCopy(
        kind=kind,
        sheet=sheet,
        columns=tuple(plain_column(str(name), frame.iloc[:, at]) for at, name in enumerate(frame.columns)),
        index=_index(frame.index),
        attrs={key: known[key] for key in _KEPT if known.get(key) is not None},
    )


def _index(index: pd.Index[Any]) -> Column | None:
    is_plain = isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index))) and index.name is None
    if is_plain or isinstance(index, pd.MultiIndex):
        return None
    return plain_column("" if index.name is None else str(index.name), pd.Series(index))


def pack(copies: Sequence[HiddenCopy]) -> list[tuple[str, str]]:
    """Return the hidden sheet's rows, a key and a text each.

    >>> runs = hidden_copy_of(pd.DataFrame({"run_id": ["r1"], "rows": [3]}), "runs", "runs")
    >>> unpack(pack([runs]), "runs.xlsx") == {"runs": runs}
    True
    """
    return seal(_FORMAT, _ABOUT, copies)


def unpack(rows: Sequence[Sequence[Any]], file: str) -> dict[str, HiddenCopy]:
    """Return the copies that a hidden sheet holds, by the sheet they belong to, or refuse one that was changed."""
    try:
        copies: list[HiddenCopy] = unseal(rows, _FORMAT, list[HiddenCopy], file)
    except ValueError:
        raise WorkbookError(
            f"{file} can't be read back exactly: its hidden sheet {PAGES_SHEET} was changed. To read its cells as "
            "text, use read_workbook."
        ) from None
    return {copy.sheet: copy for copy in copies}


def plain_column(name: str, column: pd.Series[Any]) -> Column:
    """Return a column as plain values; what is no text, number, yes or no, or moment becomes its text.

    >>> plain_column("seconds", pd.Series([0.5, None]))
    Column(name='seconds', dtype='float64', cells=[0.5, None])
    """
    dtype = str(column.dtype)
    kind = _kind_of(dtype)
    if kind == "moment":
        stamps = (column.dt.tz_convert(None) if ", " in dtype else column).to_numpy().view("int64").tolist()
        return Column(name, dtype, [None if stamp == _NAT else stamp for stamp in stamps])
    if kind == "text":
        return Column(name, STR, list(column_texts(column)))
    plain: dict[str, Callable[[Any], Any]] = {"whole": int, "real": _real_as_json, "flag": bool}
    gone = column.isna().tolist()
    cells = [None if missing else plain[kind](cell) for cell, missing in zip(column.tolist(), gone, strict=True)]
    return Column(name, dtype, cells)


def _kind_of(dtype: str) -> str:
    return next((kind for kind, form in _KINDS.items() if form.fullmatch(dtype)), "text")


def _unit_and_zone(dtype: str) -> tuple[str, str | None]:
    found = _KINDS["moment"].fullmatch(dtype)
    return (found[1], found[2]) if found else ("us", None)


def _real_as_json(number: float) -> float | str:
    return number if math.isfinite(number) else repr(number)  # JSON has no infinity


def array_of(column: Column) -> Any:
    """Return a column's cells in its dtype, or raise a `ValueError`.

    >>> array_of(Column("code", "Int64", [404, None])).tolist()
    [404, <NA>]
    """
    dtype, cells, kind = column.dtype, column.cells, _kind_of(column.dtype)
    if dtype == STR:
        return column_of(cells, dtype)
    if kind == "moment":
        return _moments(cells, dtype)
    if kind == "text":
        raise ValueError(dtype)
    if kind == "real":
        cells = [None if cell is None else float(cell) for cell in cells]
    has_missing = dtype == "boolean" or not dtype.islower()
    return pd.Series(cells, dtype=dtype).array if has_missing else np.array(cells, dtype)


def _moments(cells: Sequence[int | None], dtype: str) -> Any:
    unit, zone = _unit_and_zone(dtype)
    stamps = np.array([_NAT if cell is None else cell for cell in cells], "int64").view(f"datetime64[{unit}]")
    naive = pd.Series(stamps)
    return naive.dt.tz_localize("UTC").dt.tz_convert(zone).array if zone else naive.array


def parse_cell(cell: Any, dtype: str) -> Any:
    """Return what somebody typed into a cell as a plain value of a column, or raise a `ValueError` that says why not.

    >>> parse_cell(404.0, "Int64"), parse_cell("404", "Int64"), parse_cell("", "Int64"), parse_cell("007", "str")
    (404, 404, None, '007')
    """
    if cell == "" or cell is None:
        if dtype == "bool" or dtype.startswith(("int", "uint")):
            raise ValueError("and must not be empty")
        return None
    kind = _kind_of(dtype)
    if kind == "flag":
        return _flag_of(cell)
    if kind == "moment":
        return _moment_of(cell, dtype)
    if kind != "text":
        return _number_of(cell, is_real=kind == "real")
    if not isinstance(cell, str):
        raise ValueError("which is no longer text: format the cell as Text, and type it again")  # noqa: TRY004 - caught as one
    return cell


def _flag_of(cell: Any) -> bool:
    known = _FLAGS.get(cell_to_text(cell).strip().lower())
    if known is None:
        raise ValueError("which is neither TRUE nor FALSE")
    return known


def _moment_of(cell: Any, dtype: str) -> int:
    unit, zone = _unit_and_zone(dtype)
    try:
        moment = pd.Timestamp(cell)
    except (ValueError, TypeError):
        raise ValueError("which is not a date such as 2026-11-25T12:00:00+00:00") from None
    if (moment.tzinfo is None) == bool(zone):
        raise ValueError(
            "which has no offset from UTC" if zone else "which has an offset from UTC, but the other dates have none"
        )
    naive: Any = moment.tz_convert(None) if zone else moment
    return int(naive.as_unit(unit).asm8.astype("int64"))


def _number_of(cell: Any, *, is_real: bool) -> Any:
    try:
        number = float(cell)
    except (TypeError, ValueError):
        raise ValueError("which is not a number" if is_real else "which is not a whole number") from None
    if is_real:
        return _real_as_json(number)
    if not number.is_integer():
        raise ValueError("which is not a whole number")
    is_digits = isinstance(cell, str) and cell.strip().lstrip("+-").isdigit()
    return int(cell) if is_digits else int(number)
