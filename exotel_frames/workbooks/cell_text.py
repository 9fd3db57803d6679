"""A frame's columns as the texts that go into cells, and which of them no cell can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.workbooks.addresses import CELL_MAX, cell_to_text, utf16_units

_ODD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|(?:_[xX][0-9A-Fa-f]{4}){2}_")
"""What XML can't hold; and two escapes in one, as in _x0041_x00e9_: LibreOffice takes the second half for an é."""


def column_texts(column: pd.Series[Any]) -> list[str | None]:
    """Return each cell of a column as text, None where it is missing; dates are ISO 8601 with their offset.

    >>> column_texts(pd.Series(pd.to_datetime(["2019-11-19T17:44:17Z", None])))
    ['2019-11-19T17:44:17+00:00', None]
    >>> column_texts(pd.Series(["007", 7, None], dtype=object))
    ['007', '7', None]
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype) and str(column.dtype.tz) == "UTC":
        return _utc_texts(column)
    missing = column.isna()
    cells = column.astype(object).where(~missing, None).tolist()
    return [None if cell is None else cell_to_text(cell) for cell in cells]


def _utc_texts(column: pd.Series[Any]) -> list[str | None]:
    stamps = column.dt.tz_localize(None).to_numpy("datetime64[us]")
    missing = np.isnat(stamps)
    whole = bool((stamps[~missing].astype("int64") % 1_000_000 == 0).all())
    texts = np.datetime_as_string(stamps, unit="s" if whole else "us").tolist()
    return [None if gone else f"{text}+00:00" for text, gone in zip(texts, missing.tolist(), strict=True)]


def invalid_cells(texts: Sequence[str | None]) -> Iterator[tuple[int, str, str]]:
    r"""Yield the position, the rule and the reason of every text that no cell of a workbook can hold.

    >>> list(invalid_cells(["fine", "bell\x07"]))
    [(1, 'control_character', 'has the character U+0007, which no workbook holds')]
    """
    odd = _ODD.search("".join([text for text in texts if text])) is not None
    for at, text in enumerate(texts):
        found = _ODD.search(text) if odd and text else None
        if found:
            yield at, *_said(found[0])
        if text and len(text) > CELL_MAX // 2 and utf16_units(text) > CELL_MAX:
            yield at, "too_long", f"is {utf16_units(text):,} characters long, and a cell holds {CELL_MAX:,}"


def _said(odd: str) -> tuple[str, str]:
    if len(odd) > 1:
        return "escape_like", f"has {odd}, which spreadsheet programs take for escapes of other characters"
    rule = "lone_surrogate" if "\ud800" <= odd <= "\udfff" else "control_character"
    return rule, f"has the character U+{ord(odd):04X}, which no workbook holds"
