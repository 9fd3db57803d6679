"""Converts one column: from pandas to arrow texts and dates, and from Python values to a schema's dtype."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.frames.text_column import TEXT, missing_cells, read_texts, str_array
from exotel_frames.records import instant
from exotel_frames.text import join_words, quote_value

INSTANT: Final = pa.timestamp("us", "UTC")
_DATES: Final = INSTANT.to_pandas_dtype()
_FIRST_US: Final = -62_135_596_800_000_000  # 0001-01-01 and 9999-12-31, the ends of Python's calendar
_LAST_US: Final = 253_402_300_799_999_999
_INT64_END: Final = 2**63


def parse_dates(texts: Any) -> Any:
    """Return an arrow array of ISO 8601 texts as UTC instants; null where a text is no date.

    >>> parse_dates(pa.array(["2019-11-19T23:14:17+05:30", "soon"], TEXT)).to_pylist()[1] is None
    True
    """
    try:
        return texts.cast(INSTANT)
    except pa.ArrowInvalid:  # one odd form spoils arrow's whole array; Python knows more of them
        return pa.array([instant(text) for text in texts.to_pylist()], INSTANT)


def in_calendar(instants: Any) -> Any:
    """Return arrow instants without those that Python's and pandas' calendars don't have; an offset can lead there.

    >>> in_calendar(parse_dates(pa.array(["9999-12-31T23:59:59-05:00"], TEXT))).null_count
    1
    """
    moments = instants.cast(pa.int64())
    ends = pc.min_max(moments).as_py()
    if ends["min"] is None or (ends["min"] >= _FIRST_US and ends["max"] <= _LAST_US):
        return instants
    known = pc.and_(pc.greater_equal(moments, _FIRST_US), pc.less_equal(moments, _LAST_US))
    return pc.if_else(known, instants, pa.scalar(None, INSTANT))


def column_of(values: Any, dtype: str) -> Any:
    """Return our own records' values as a column of a schema's dtype; a text that is no Unicode is escaped, not lost.

    `values` are a list, arrow texts, or an array that fits already.

    >>> column_of([1, None], "Int64")
    <IntegerArray>
    [1, <NA>]
    Length: 2, dtype: Int64
    """
    if dtype == schema.STR:
        return _text_column(values)
    if dtype == schema.DATE:
        return _date_column(values)
    return pd.array(values, dtype=dtype)


def _text_column(values: Any) -> Any:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return str_array(values)
    try:
        array = pa.array(values, TEXT, from_pandas=True)
    except UnicodeEncodeError:
        array = pa.array([text and text.encode(errors="backslashreplace").decode() for text in values], TEXT)
    return str_array(array)


def _date_column(values: Any) -> Any:
    if isinstance(values, pd.api.extensions.ExtensionArray):
        return values
    if all(value is None or isinstance(value, str) for value in values):
        return _DATES.__from_arrow__(in_calendar(parse_dates(pa.array(values, TEXT))))
    return _DATES.__from_arrow__(pa.array([instant(value) for value in values], INSTANT, from_pandas=True))


class Unfit(Exception):  # noqa: N818 - never leaves the room: conform() turns it into a ValidationError
    """A column that can't be converted; the text says why."""


def convert(column: pd.Series[Any], dtype: str) -> Any:
    """Return somebody's column as an array of a schema's dtype, or raise `Unfit`; nothing is guessed or rounded."""
    converters: dict[str, Callable[[pd.Series[Any]], Any]] = {
        schema.STR: _to_text,
        schema.DATE: _to_date,
        schema.MAYBE_INT: _to_maybe_int,
        schema.INT: _to_int,
        schema.FLOAT: _to_float,
        schema.BOOL: _to_bool,
        schema.OBJECT: lambda found: found.astype(object).array,
    }
    return converters[dtype](column)


def _to_text(column: pd.Series[Any]) -> Any:
    texts = read_texts(column)
    _refuse(column, texts.non_text, "contains values that are not text")
    return str_array(texts.arrow)


def _to_date(column: pd.Series[Any]) -> Any:
    if column.dtype == schema.DATE:
        return column.array
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.to_datetime(column, utc=True).dt.as_unit("us").array
    texts = read_texts(column)
    parsed = in_calendar(parse_dates(texts.arrow))
    if texts.non_text.size:
        parsed = pa.array([_date_of(cell) for cell in column], INSTANT)
    bad = parsed.is_null().to_numpy(zero_copy_only=False) & ~texts.missing
    _refuse(column, np.flatnonzero(bad), "contains values that are not dates")
    return _DATES.__from_arrow__(parsed)


def _date_of(cell: Any) -> datetime | None:
    if not isinstance(cell, str | date) or pd.isna(cell):
        return None
    return instant(cell if isinstance(cell, str | datetime) else cell.isoformat())


def is_naive(dtype: Any) -> bool:
    """Tell whether a column's dates name no time zone.

    >>> is_naive(pd.Series(pd.to_datetime(["2026-01-02"])).dtype)
    True
    """
    kind = dtype.pyarrow_dtype if isinstance(dtype, pd.ArrowDtype) else None
    return pd.api.types.is_datetime64_dtype(dtype) or (kind is not None and pa.types.is_timestamp(kind) and not kind.tz)


def _to_maybe_int(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_signed_integer_dtype(column.dtype):
        return column.astype(schema.MAYBE_INT).array
    return pd.array(
        _cells(column, _is_whole, "contains values that are not 64-bit whole numbers"), dtype=schema.MAYBE_INT
    )


def _to_int(column: pd.Series[Any]) -> Any:
    _refuse(column, np.flatnonzero(missing_cells(column)), "must not be missing")
    return _to_maybe_int(column).to_numpy(dtype=schema.INT)


def _to_float(column: pd.Series[Any]) -> Any:
    if column.dtype == schema.FLOAT:
        return column.to_numpy()
    cells = _cells(column, _is_number, "contains values that are not numbers")
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=schema.FLOAT)


def _cells(column: pd.Series[Any], fits: Callable[[Any], bool], why: str) -> list[Any]:
    missing = missing_cells(column)
    cells = [None if gone else cell for cell, gone in zip(column, missing, strict=True)]
    _refuse(column, np.flatnonzero([cell is not None and not fits(cell) for cell in cells]), why)
    return cells


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float | np.integer | np.floating) and not isinstance(cell, bool)


def _is_whole(cell: Any) -> bool:
    return _is_number(cell) and abs(cell) < _INT64_END and int(cell) == cell


def _to_bool(column: pd.Series[Any]) -> Any:
    bad = np.flatnonzero([not isinstance(cell, bool | np.bool_) for cell in column])
    _refuse(column, bad, "contains values that are neither True nor False")
    return column.to_numpy(dtype=bool)


def _refuse(column: pd.Series[Any], positions: NDArray[np.int64], why: str) -> None:
    if not len(positions):
        return
    rows = join_words(
        [f"row {position}: {quote_value(column.iloc[position])}" for position in positions[:3]], len(positions)
    )
    raise Unfit(f"{why} ({rows}; rows count from 0)")
