"""A column read as text, without ever turning a number into one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames.text import escape_text, quote_value

TEXT: Final = pa.large_string()  # what pandas keeps inside its `str` dtype: no copy on the way
_STR: Final[Any] = pd.StringDtype(na_value=np.nan)


@dataclass(frozen=True)
class TextColumn:
    """A column and what it says as text: `arrow` is null where a cell is `missing`, or no text that can be sent.

    `non_text` are the positions of the latter: numbers, dates, bytes, and texts that are no valid Unicode.
    """

    column: pd.Series[Any]
    arrow: Any  # a pyarrow LargeStringArray
    missing: NDArray[np.bool_]
    non_text: NDArray[np.int64]

    def at(self, rows: NDArray[np.int64]) -> Iterator[tuple[int, Any]]:
        """Return some positions, each with the plain Python value there.

        >>> list(read_texts(pd.Series(["bob", 7], dtype=object)).at(np.array([1])))
        [(1, 7)]
        """
        return zip(rows.tolist(), self.column.iloc[rows].astype(object) if rows.size else (), strict=True)

    def shown(self, row: int) -> str | None:
        """Return what one cell says, for a reader; None where it is missing."""
        return None if self.missing[row] else value_of(self.column.array[row])


def read_texts(column: pd.Series[Any]) -> TextColumn:
    """Return what a column of any dtype holds as text, without ever turning a number into one.

    >>> read_texts(pd.Series(["bob", None, 7])).arrow.to_pylist()
    ['bob', None, None]
    """
    if is_encoded(column.dtype):
        return replace(read_texts(decode_column(column)), column=column)
    if _is_text_dtype(column.dtype):
        return _all_texts(column) or _some_texts(column, column.astype(object))
    if isinstance(column.dtype, pd.CategoricalDtype):
        return replace(read_texts(column.astype(object)), column=column)
    if column.dtype != object:
        missing = missing_cells(column)
        return TextColumn(column, pa.nulls(len(column), TEXT), missing, np.flatnonzero(~missing))
    # "mixed" columns take the slow way: arrow would take bytes for text, and NaT for nothing
    all_text = pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}
    return (_all_texts(column) if all_text else None) or _some_texts(column, column)


def str_array(texts: Any) -> Any:
    """Return arrow texts as pandas' array of the dtype `str`; arrow's own `to_pandas` takes ten times as long.

    >>> str_array(pa.array(["007", None], TEXT)).dtype
    <StringDtype(na_value=nan)>
    """
    return _STR.__from_arrow__(texts)


def missing_cells(column: pd.Series[Any]) -> NDArray[np.bool_]:
    """Return which cells say nothing: None, NaN, NA, NaT."""
    try:
        return column.isna().to_numpy(dtype=bool)
    except ArithmeticError:  # a signalling NaN of decimal raises when it is so much as compared
        calm = [0 if isinstance(cell, Decimal) and cell.is_snan() else cell for cell in column]
        return pd.Series(calm, dtype=object).isna().to_numpy(dtype=bool)


def _is_text_dtype(dtype: Any) -> bool:
    if isinstance(dtype, pd.ArrowDtype):
        return is_text_type(dtype.pyarrow_dtype)
    return isinstance(dtype, pd.StringDtype)


def is_text_type(kind: Any) -> bool:
    """Tell whether an arrow type holds texts, in whatever layout."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_encoded(dtype: Any) -> bool:
    """Tell whether a column's dtype is an encoding of other values, as a parquet file's categories are."""
    kind = dtype.pyarrow_dtype if isinstance(dtype, pd.ArrowDtype) else None
    kinds = (
        pa.types.is_dictionary,
        pa.types.is_run_end_encoded,
        pa.types.is_string_view,
    )  # pandas can't take from a view
    return kind is not None and any(is_kind(kind) for is_kind in kinds)


def decode_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of an encoded dtype as the values that it encodes.

    >>> kind = pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    >>> decode_column(pd.Series(["007", None], dtype=kind)).tolist()
    ['007', nan]
    """
    kind = column.dtype.pyarrow_dtype  # type: ignore[union-attr]
    array = flat(pa.array(column, type=kind))
    if pa.types.is_dictionary(kind):
        array = without_dictionary(array)
    values = pc.run_end_decode(array) if pa.types.is_run_end_encoded(kind) else array
    texts = values.cast(TEXT) if is_text_type(values.type) else values
    made: pd.Series[Any] = pd.Series(texts.to_pandas().array, index=column.index, name=column.name)
    made.attrs.update(column.attrs)
    return made


def without_dictionary(array: Any) -> Any:
    """Return a dictionary-encoded arrow array decoded; arrow itself can't decode one of string views.

    >>> views = pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array(["007"], pa.string_view()))
    >>> without_dictionary(views).to_pylist()
    ['007', None, '007']
    """
    if not pa.types.is_string_view(array.type.value_type):
        return array.cast(array.type.value_type)
    pieces = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return pa.chunked_array([piece.dictionary.cast(TEXT).take(piece.indices) for piece in pieces], TEXT)


def _all_texts(column: pd.Series[Any]) -> TextColumn | None:
    try:
        # not from the column itself: arrow would take twenty times as long to find the array in it
        array = flat(pa.array(column.to_numpy() if column.dtype == object else column.array, from_pandas=True))
        values = array if array.type == TEXT else array.cast(TEXT)
    except (UnicodeEncodeError, pa.ArrowException):  # half a character somewhere: look at each cell
        return None
    missing = values.is_null().to_numpy(zero_copy_only=False)
    return TextColumn(column, values, missing, np.empty(0, dtype=np.int64))


def _some_texts(column: pd.Series[Any], values: pd.Series[Any]) -> TextColumn:
    missing = missing_cells(values)
    cells = [cell if isinstance(cell, str) and is_unicode(cell) else None for cell in values]
    usable = np.fromiter((cell is not None for cell in cells), dtype=bool, count=len(cells))
    return TextColumn(column, pa.array(cells, TEXT), missing, np.flatnonzero(~missing & ~usable))


def is_unicode(text: str) -> bool:
    r"""Tell whether a text can be sent at all: half of a surrogate pair can't.

    >>> is_unicode("é"), is_unicode("\ud83d")
    (True, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def flat(array: Any) -> Any:
    """Return an arrow array in one piece."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def value_of(cell: Any) -> str | None:
    """Return a cell as the `value` of a problem: a text is kept as it is, anything else is shown, and None stays.

    >>> value_of(" bob"), value_of(7), value_of(None)
    (' bob', '7', None)
    """
    if cell is None or (isinstance(cell, str) and is_unicode(cell)):
        return cell
    return escape_text(cell, len(cell)) if isinstance(cell, str) else quote_value(cell)
