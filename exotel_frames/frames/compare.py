"""Cells made comparable: texts of any column, none and the empty text as one, and where two columns agree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import alike, as_texts, is_text
from exotel_frames.frames.text_column import read_texts, str_array


def texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as `str` by position: what is missing stays missing, everything else becomes its text.

    >>> texts(pd.Series(["007", 7, None], dtype=object)).tolist()
    ['007', '7', nan]
    """
    return pd.Series(str_array(as_texts(column)))


def names_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return what can be looked up in a column of names: a cell that is no text is missing here, for it is no name.

    >>> names_of(pd.Series(["7", 7, None], dtype=object)).tolist()
    ['7', nan, nan]
    """
    return pd.Series(str_array(read_texts(column).arrow))


def blank_to_missing(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return custom fields with none and the empty text as one: missing (API.md: `null` or `""` clears).

    >>> blank_to_missing(pd.Series(["vip", ""], dtype="str")).tolist()
    ['vip', nan]
    """
    blank = is_text(read_texts(column).arrow, "")
    return column.mask(blank) if blank.any() else column.copy(deep=False)


def same(one: pd.Series[Any], other: pd.Series[Any]) -> pd.Series[Any]:
    """Tell where two columns say the same; missing equals missing.

    >>> same(pd.Series(["a", None, "b"], dtype="str"), pd.Series(["a", None, None], dtype="str")).tolist()
    [True, True, False]
    """
    if one.dtype == other.dtype == schema.STR:
        return pd.Series(alike(read_texts(one).arrow, read_texts(other).arrow), index=one.index)
    return (one == other) | (one.isna() & other.isna())
