"""Recognises the frames of this package by their columns."""

from __future__ import annotations

from typing import Any, Final, Literal

import pandas as pd

from exotel_frames.schema import NAME
from exotel_frames.secret import Secret

Kind = Literal["check", "problems", "tokens", "results", "changes", "plan", "runs", "subscribers"]

_NEEDED: Final[tuple[tuple[Kind, frozenset[str]], ...]] = (
    ("check", frozenset({"assumption", "holds"})),
    ("problems", frozenset({"rule", "message"})),
    ("tokens", frozenset({"outcome", "access_token"})),
    ("results", frozenset({"outcome", "error_message"})),
    ("changes", frozenset({"change", NAME})),
    ("plan", frozenset({"action", NAME, "status_from"})),
    ("runs", frozenset({"run_id", "started", "rows"})),
    ("subscribers", frozenset({NAME})),
)
"""What tells the frames apart, the first that fits first."""
_TOKENS: Final = ("access_token", "refresh_token")


def kind_of_frame(frame: Any) -> Kind | None:
    """Return which of our frames this is, by its columns, or None.

    >>> kind_of_frame(pd.DataFrame({"rule": ["stale"], "message": ["Old."]}))
    'problems'
    """
    columns = set(frame.columns) if isinstance(frame, pd.DataFrame) else set()
    return next((kind for kind, needed in _NEEDED if needed <= columns), None)


def secret_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold device tokens or anything else that is wrapped as a secret.

    >>> secret_columns(pd.DataFrame({"subscriber_name": ["bob"], "access_token": ["eyJ…"], "key": [Secret("x")]}))
    ['access_token', 'key']
    """
    return [
        str(label)
        for at, label in enumerate(frame.columns)
        if label in _TOKENS or (frame.dtypes.iloc[at] == "object" and _has_secret(frame.iloc[:, at]))
    ]


def _has_secret(column: pd.Series[Any]) -> bool:
    return any(isinstance(cell, Secret) for cell in column)
