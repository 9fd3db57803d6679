"""One sentence for many problems: what a refused frame says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.columns import read_texts
from exotel_frames.frames.rownames import COUNTED, row_names
from exotel_frames.frames.rules import Problem, cells_at, value_of
from exotel_frames.frames.tables import problems_frame
from exotel_frames.frames.words import counted, listed, shown

TOLD_MAX: Final = 10


def refuse(what: str, problems: Sequence[Problem], names: pd.Series[Any] | None) -> NoReturn:
    """Raise a `ValidationError` that tells the first problems and carries all of them; `names` is the caller's column.

    >>> refuse("The plan can't be used", [Problem(3, "status", "on", "bad_status", "'on' is no status.")], None)
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: The plan can't be used: 1 problem. Row 3: 'on' is no status. \
Rows count from 0.
    """
    called = COUNTED if names is None else row_names(names)
    rows = [called.number(problem.row) for problem in problems[:TOLD_MAX]]
    known = min(rows) > 0
    told = " ".join(
        f"Row {row if known else problem.row}: {problem.message}" for row, problem in zip(rows, problems, strict=False)
    )
    counting = f"Rows are those {called.place}." if known else "Rows count from 0."
    rest = f" And {len(problems) - TOLD_MAX:,} more, in the error's .problems." if len(problems) > TOLD_MAX else ""
    message = f"{what}: {counted(len(problems), 'problem')}. {told} {counting}{rest}"
    raise ValidationError(message, problems_frame(problems, None if names is None else names.index))


def bad_actions(column: pd.Series[Any], *, what: str = "blank, ") -> Iterator[Problem]:
    """Yield what is neither an action nor missing.

    >>> [problem.message for problem in bad_actions(pd.Series(["Delete", None]))]
    ["'Delete' is no action: it must be blank, 'create', 'update', 'delete' or 'none', in exactly these letters."]
    """
    cells = read_texts(column)
    choice = listed([shown(action) for action in schema.ACTIONS]).replace(" and ", " or ")
    rows = np.flatnonzero(~column.isin(schema.ACTIONS).to_numpy() & ~cells.missing)
    for row, cell in zip(rows.tolist(), cells_at(column, rows), strict=True):
        near = cell.strip().lower() if isinstance(cell, str) else ""
        message = f"{shown(cell)} is no action: it must be {what}{choice}, in exactly these letters."
        yield Problem(row, "action", value_of(cell), "bad_action", message, near if near in schema.ACTIONS else "")
