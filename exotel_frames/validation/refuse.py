"""One message for many problems: the error about a refused frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NoReturn

import pandas as pd

from exotel_frames.errors import ValidationError
from exotel_frames.frames.convert import problems_frame
from exotel_frames.frames.row_numbers import NO_NUMBERS, row_names
from exotel_frames.frames.text_column import read_texts
from exotel_frames.text import pluralize
from exotel_frames.validation.problem import Problem

LISTED_MAX: Final = 10


def raise_problems(what: str, problems: Sequence[Problem], names: pd.Series[Any] | None) -> NoReturn:
    """Raise a `ValidationError` that tells the first problems and carries all of them; `names` is the caller's column.

    >>> raise_problems("The plan can't be used", [Problem(3, "status", "on", "bad_status", "'on' is no status.")], None)
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: The plan can't be used: 1 problem. Row 3: 'on' is no status. \
Rows count from 0.
    """
    called = NO_NUMBERS if names is None else row_names(read_texts(names))
    rows = [called.number(problem.place) for problem in problems[:LISTED_MAX]]
    known = min(rows) > 0
    listed = " ".join(
        f"Row {row if known else problem.row}: {problem.message}" for row, problem in zip(rows, problems, strict=False)
    )
    counting = f"Rows are those {called.place}." if known else "Rows count from 0."
    rest = f" And {len(problems) - LISTED_MAX:,} more, in the error's .problems." if len(problems) > LISTED_MAX else ""
    message = f"{what}: {pluralize(len(problems), 'problem')}. {listed} {counting}{rest}"
    raise ValidationError(message, problems_frame(problems, None if names is None else names.index))
