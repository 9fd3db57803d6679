"""Text for cells: what is written, what a cell can't hold, and what is read back, in compact arrow form."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from exotel_frames.frames.text_column import TEXT
from exotel_frames.workbooks.addresses import CELL_MAX, cell_to_text, utf16_units

_ODD: Final = re.compile("[\ud800-\udfff\ufffe\uffff]|(?:_[xX][0-9A-Fa-f]{4}){2}_")
"""What doesn't come back from a cell by itself; and two escapes in one, as in _x0041_x00e9_: LibreOffice takes the
second half for an é. Control characters are written as _x000B_, and read back by all."""
UNSAFE: Final = "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
"""Characters that XML can't hold, the carriage return, which its readers make a line break, and what looks escaped."""
_UNSAFE: Final = re.compile(UNSAFE)
FRAGILE: Final = r"[\x00-\x08\x0b-\x1f\x{FFFE}\x{FFFF}]|_[xX][0-9A-Fa-f]{4}_"
"""The same and more for arrow: what a program that saves the cell again may write in another way."""
_CUT: Final = " … [cut: all {:,} characters are kept in the account]"


def escape_cell(text: str) -> str:
    r"""Return a text with what no cell holds by itself as escapes: all programs read _x000B_ back as what it was.

    >>> escape_cell("a\x0b"), escape_cell("_x0041_")
    ('a_x000B_', '_x005F_x0041_')
    """
    return _UNSAFE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


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


def cut_to_cell(text: str) -> str:
    """Return a text that is too long for a cell cut, with a remark at its end that it is; any other as it is.

    >>> cut_to_cell("vip"), cut_to_cell("x" * 40_000)[32_700:]
    ('vip', 'xxxxxxxxxxxx … [cut: all 40,000 characters are kept in the account]')
    """
    if len(text) <= CELL_MAX // 2 or utf16_units(text) <= CELL_MAX:
        return text
    remark = _CUT.format(len(text))
    room = 2 * (CELL_MAX - len(remark))
    return text.encode("utf-16-le", "surrogatepass")[:room].decode("utf-16-le", "ignore") + remark


def invalid_cells(texts: Sequence[str | None], kept: Container[int] = ()) -> Iterator[tuple[int, str, str]]:
    r"""Yield the position, the rule and the reason of every text that no cell of a workbook can hold.

    `kept` are the positions of texts that the workbook's hidden copy keeps as they are: of these only what is no
    Unicode is refused.

    >>> list(invalid_cells(["fine", "half \ud83d"]))
    [(1, 'lone_surrogate', "has the character U+D83D, which a workbook can't contain")]
    """
    has_invalid = _ODD.search("".join([text for text in texts if text])) is not None
    for at, text in enumerate(texts):
        found = _ODD.search(text) if has_invalid and text else None
        if found and (at not in kept or "\ud800" <= found[0] <= "\udfff"):
            yield at, *_problem_of(found[0])
        if text and len(text) > CELL_MAX // 2 and at not in kept and utf16_units(text) > CELL_MAX:
            yield at, "too_long", f"is {utf16_units(text):,} characters long, but a cell holds at most {CELL_MAX:,}"


def _problem_of(found: str) -> tuple[str, str]:
    if len(found) > 1:
        return "escape_like", f"has {found}, which spreadsheet programs read as escapes of other characters"
    rule = "lone_surrogate" if "\ud800" <= found <= "\udfff" else "control_character"
    return rule, f"has the character U+{ord(found):04X}, which a workbook can't contain"


def compact(texts: Sequence[str | None]) -> Any:
    """Return texts as a pyarrow array in memory that goes back to the system when it is let go.

    >>> compact(["007", None]).to_pylist()
    ['007', None]
    """
    return pa.array(texts, TEXT, memory_pool=memory_pool())


def memory_pool() -> Any:
    """Return what allocates the columns; arrow's own pool would keep the parts' memory beside the whole's."""
    return pa.system_memory_pool()


def text_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame of pyarrow text columns.

    >>> text_frame({"note": pa.array(["NA", None], TEXT)})["note"].tolist()
    ['NA', nan]
    """
    return pd.DataFrame({header: texts.to_pandas().array for header, texts in columns.items()})
