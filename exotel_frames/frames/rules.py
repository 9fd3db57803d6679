"""The rules a row can break, in one place, and what a check hands over when one does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames.frames.columns import is_unicode
from exotel_frames.frames.words import printable, shown

RULES: Final = {
    "missing": "a cell that must say something says nothing",
    "not_text": "a number, a date, a truth value, bytes: what was typed may be lost",
    "empty": "a text without a character, or a device of white space only",
    "too_long": "a name of more than 16 bytes",
    "bad_characters": "a name with anything but ASCII letters and digits",
    "repeated": "the same name in several rows; which one is meant, nobody knows",
    "case_twin": "another name differs only by case: legal, and often a slip (a warning)",
    "already_exists": "to be created, and there is one already",
    "not_found": "to be updated or deleted, and there is none",
    "bad_status": "a status that is neither active nor inactive",
    "bad_action": "an action that is none of create, update, delete and none",
    "status_missing": "an update needs a status, and neither the row nor the tenant tells one",
    "bad_custom_field": "a custom field that is no text, or can't be sent",
    "bad_platform": "a platform that is neither Android nor iOS",
    "bad_device_id": "a device that can't be sent",
}
"""Every rule, in the order in which a row's problems are told. `schema.WARNING_RULES` says which only warn."""

_PLACE: Final = {rule: place for place, rule in enumerate(RULES)}


class Problem(NamedTuple):
    """One cell that breaks one rule; the fields are the columns of a problems frame, in their order."""

    row: int
    column: str
    value: str | None
    rule: str
    message: str
    fix: str = ""


def by_row(problem: Problem) -> tuple[int, int]:
    """Return the key that sorts problems as they are told: by row, then by rule."""
    return problem.row, _PLACE[problem.rule]


def cells_at(column: pd.Series[Any], rows: NDArray[np.int64]) -> Sequence[Any]:
    """Return the plain Python values at some positions."""
    return list(column.iloc[rows].astype(object))


def value_of(cell: Any) -> str | None:
    """Return a cell as the `value` of a problem: a text is kept as it is, anything else is shown, and None stays.

    >>> value_of(" bob"), value_of(7), value_of(None)
    (' bob', '7', None)
    """
    if cell is None or (isinstance(cell, str) and is_unicode(cell)):
        return cell
    return printable(cell, len(cell)) if isinstance(cell, str) else shown(cell)
