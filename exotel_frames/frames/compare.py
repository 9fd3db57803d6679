"""Cells made comparable: texts of any column, none and the empty text as one, and where two columns agree."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.text_column import read_texts
from exotel_frames.text import quote_value

PLAIN_MAX: Final = 40
"""A text of so many plain characters needs no look at each of them."""


def texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as `str` by position: what is missing stays missing, everything else becomes its text.

    >>> texts(pd.Series(["007", 7, None], dtype=object)).tolist()
    ['007', '7', nan]
    """
    read = read_texts(column)
    cells: pd.Series[Any] = read.arrow.to_pandas()
    if read.non_text.size:
        cells.iloc[read.non_text] = [_text(cell) for _, cell in read.at(read.non_text)]
    return cells


def _text(cell: Any) -> str:
    return str(cell).encode(errors="backslashreplace").decode()  # a lone surrogate can't be stored as str


def names_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return what can be looked up in a column of names: a cell that is no text is missing here, for it is no name.

    >>> names_of(pd.Series(["7", 7, None], dtype=object)).tolist()
    ['7', nan, nan]
    """
    names: pd.Series[Any] = read_texts(column).arrow.to_pandas()
    return names


def blank_to_missing(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return custom fields with none and the empty text as one: missing (API.md: `null` or `""` clears).

    >>> blank_to_missing(pd.Series(["vip", ""], dtype="str")).tolist()
    ['vip', nan]
    """
    return column.mask(column == "")


def same(one: pd.Series[Any], other: pd.Series[Any]) -> pd.Series[Any]:
    """Tell where two columns say the same; missing equals missing.

    >>> same(pd.Series(["a", None, "b"], dtype="str"), pd.Series(["a", None, None], dtype="str")).tolist()
    [True, True, False]
    """
    return (one == other) | (one.isna() & other.isna())


def select_texts(*cases: tuple[pd.Series[Any], str], default: str = "") -> pd.Series[Any]:
    """Return one text a row: of the (where, text) pairs the first one that holds.

    >>> select_texts((pd.Series([False, True]), "new"), (pd.Series([True, True]), "old")).tolist()
    ['old', 'new']
    """
    index = cases[0][0].index
    code = np.select([where.to_numpy(dtype=bool) for where, _ in cases], list(range(len(cases))), len(cases))
    texts_said = pd.array([*(text for _, text in cases), default], dtype=schema.STR)
    return pd.Series(texts_said.take(code), index=index)


def quoted(column: pd.Series[Any]) -> pd.Series[Any]:
    r"""Return what `quote_value` makes of each text, none for what is missing; the plain ones, nearly all, at once.

    >>> quoted(pd.Series(["vip", None, "a\tb"], dtype="str")).tolist()
    ["'vip'", 'none', "'a\\tb'"]
    """
    made = ("'" + column + "'").fillna("none")
    unsafe = column.notna() & ((column.str.len() > PLAIN_MAX) | column.str.contains("[^ -~]"))
    made[unsafe] = column[unsafe].map(quote_value)
    return made
