"""Columns of any dtype as plain JSON values and back; and cells that somebody typed as such values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd

from exotel_frames.frames.dtypes import column_of
from exotel_frames.schema import STR
from exotel_frames.workbooks.addresses import cell_to_text
from exotel_frames.workbooks.cell_text import column_texts

_NAT: Final = np.iinfo("int64").min
_WHOLE: Final = re.compile(r"u?int(8|16|32|64)|U?Int(8|16|32|64)")
_REAL: Final = re.compile(r"float(16|32|64)|Float(32|64)")
_FLAG: Final = re.compile("bool(ean)?")
_MOMENT: Final = re.compile(r"datetime64\[(s|ms|us|ns)(, [\w/+:-]+)?\]")
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}


class Column(msgspec.Struct, frozen=True):
    """A column: its header, its dtype, and its cells as plain values; moments count from 1970 in the dtype's unit."""

    name: str
    dtype: str
    cells: list[Any]


def plain_column(name: str, column: pd.Series[Any]) -> Column:
    """Return a column as plain values; what is no text, number, yes or no, or moment becomes its text.

    >>> plain_column("seconds", pd.Series([0.5, None]))
    Column(name='seconds', dtype='float64', cells=[0.5, None])
    """
    dtype = str(column.dtype)
    plain: Callable[[Any], Any] | None = int if _WHOLE.fullmatch(dtype) else _real if _REAL.fullmatch(dtype) else None
    plain = bool if _FLAG.fullmatch(dtype) else plain
    if _MOMENT.fullmatch(dtype):
        stamps = (column.dt.tz_convert(None) if ", " in dtype else column).to_numpy().view("int64").tolist()
        return Column(name, dtype, [None if stamp == _NAT else stamp for stamp in stamps])
    if plain is None:
        return Column(name, STR, list(column_texts(column)))
    gone = column.isna().tolist()
    cells = [None if missing else plain(cell) for cell, missing in zip(column.tolist(), gone, strict=True)]
    return Column(name, dtype, cells)


def _real(number: float) -> float | str:
    return number if math.isfinite(number) else repr(number)  # JSON has no infinity


def array_of(column: Column) -> Any:
    """Return a column's cells in its dtype, or raise a `ValueError`.

    >>> array_of(Column("code", "Int64", [404, None])).tolist()
    [404, <NA>]
    """
    dtype, cells = column.dtype, column.cells
    if dtype == STR:
        return column_of(cells, dtype)
    if _MOMENT.fullmatch(dtype):
        return _moments(cells, dtype)
    if _REAL.fullmatch(dtype):
        cells = [None if cell is None else float(cell) for cell in cells]
    elif not (_WHOLE.fullmatch(dtype) or _FLAG.fullmatch(dtype)):
        raise ValueError(dtype)
    has_missing = dtype == "boolean" or not dtype.islower()
    return pd.Series(cells, dtype=dtype).array if has_missing else np.array(cells, dtype)


def _moments(cells: Sequence[int | None], dtype: str) -> Any:
    unit, _, zone = dtype[len("datetime64[") : -1].partition(", ")
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
    if _FLAG.fullmatch(dtype):
        return _flag_of(cell)
    if _MOMENT.fullmatch(dtype):
        return _moment_of(cell, dtype)
    if _WHOLE.fullmatch(dtype) or _REAL.fullmatch(dtype):
        return _number_of(cell, dtype)
    if not isinstance(cell, str):
        raise ValueError("which is not text any more: format the cell as Text, and type it again")  # noqa: TRY004 - caught as one
    return cell


def _flag_of(cell: Any) -> bool:
    known = _FLAGS.get(cell_to_text(cell).strip().lower())
    if known is None:
        raise ValueError("which is neither TRUE nor FALSE")
    return known


def _moment_of(cell: Any, dtype: str) -> int:
    unit, _, zone = dtype[len("datetime64[") : -1].partition(", ")
    try:
        moment = pd.Timestamp(cell)
    except (ValueError, TypeError):
        raise ValueError("which is no date such as 2026-11-25T12:00:00+00:00") from None
    if (moment.tzinfo is None) == bool(zone):
        raise ValueError("which has no offset from UTC" if zone else "which has an offset, and the others have none")
    naive: Any = moment.tz_convert(None) if zone else moment
    return int(naive.as_unit(unit).asm8.astype("int64"))


def _number_of(cell: Any, dtype: str) -> Any:
    is_real = _REAL.fullmatch(dtype)
    try:
        number = float(cell)
    except (TypeError, ValueError):
        raise ValueError("which is no number" if is_real else "which is no whole number") from None
    if is_real:
        return _real(number)
    if not number.is_integer():
        raise ValueError("which is no whole number")
    is_digits = isinstance(cell, str) and cell.strip().lstrip("+-").isdigit()
    return int(cell) if is_digits else int(number)
