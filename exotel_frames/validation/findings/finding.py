"""What one rule found: columns of a problems frame, made for all its rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames.frames.arrow_columns import same_text
from exotel_frames.frames.text_column import TEXT, flat, str_array

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Findings:
    """What a rule found: where, in which column, the sentence for each row, and the fix (null where none is safe)."""

    rule: str
    column: str
    rows: Rows
    messages: Any
    fixes: Any = None


def count_texts(numbers: Rows, noun: str) -> Any:
    """Return numbers with their noun, each different number written once.

    >>> count_texts(np.array([1, 1200]), "row").to_pylist()
    ['1 row', '1,200 rows']
    """
    distinct, where = np.unique(numbers, return_inverse=True)
    texts = [f"{number:,} {noun}{'' if number == 1 else 's'}" for number in distinct.tolist()]
    return pa.array(texts, TEXT).take(pa.array(where.ravel()))


def join_texts(*parts: Any) -> Any:
    """Return texts put together row by row; a part may be one text for all rows.

    >>> join_texts(pa.array(["a", "b"], TEXT), "!").to_pylist()
    ['a!', 'b!']
    """
    return pc.binary_join_element_wise(*[_as_text(part) for part in parts], _as_text(""))


def _as_text(part: Any) -> Any:
    return pa.scalar(part, TEXT) if isinstance(part, str) else part


def findings_frame(found: Sequence[Findings], values: pd.DataFrame) -> pd.DataFrame:
    """Return what the rules found as a problems frame, by row and then by rule; `values` are the subscribers as text.

    >>> one = Findings("stale", "status", np.array([0]), pa.array(["Old."], TEXT))
    >>> findings_frame([one], pd.DataFrame({"status": ["active"]}, index=["x"]))["fix"].tolist()
    ['']
    """
    rows = np.concatenate([each.rows for each in found] or [np.empty(0, dtype=np.int64)])
    order = np.argsort(rows, kind="stable")
    parts = [_texts_of(each, values[each.column]) for each in found]
    texts = {name: pa.chunked_array([part[name] for part in parts], TEXT) for name in _COLUMNS}
    columns = {name: str_array(flat(column).take(order)) for name, column in texts.items()}
    row = pd.array(rows[order], dtype="Int64")
    return pd.DataFrame({"row": row, **columns}, index=values.index.take(rows[order]))


_COLUMNS: Final = ("column", "value", "rule", "message", "fix")


def _texts_of(each: Findings, values: pd.Series[Any]) -> dict[str, Any]:
    """Return what one rule found as columns of a problems frame."""
    rows = len(each.rows)
    return {
        "column": same_text(each.column, rows),
        "value": flat(pa.array(values.iloc[each.rows], TEXT, from_pandas=True)),
        "rule": same_text(each.rule, rows),
        "message": flat(each.messages),
        "fix": same_text("", rows) if each.fixes is None else flat(each.fixes).fill_null(""),
    }
