"""When subscribers were created: counts by day, month or year, whichever fits, without a line drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.frames.dtypes import convert
from exotel_frames.plots.bars import STATUS_COLORS, known

_DAYS_MAX: Final = 92
_MONTHS_MAX: Final = 120
PERIODS_MIN: Final = 12
"""There is always room for so many: one bar alone is no wall."""
_TICKS_MAX: Final = 7
_FORMATS: Final = {"D": "%d %b\n%Y", "M": "%b\n%Y", "Y": "%Y"}
_WORDS: Final = {"D": "day", "M": "month", "Y": "year"}
Unit = Literal["D", "M", "Y"]


@dataclass(frozen=True)
class Stack:
    """One status: how many were created in each of the timeline's periods."""

    label: str
    color: str
    numbers: NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """Periods as numbers on a line (those with somebody in them), and one stack a status; `ticks` are a few of all."""

    head: str
    periods: NDArray[np.int64]
    stacks: tuple[Stack, ...]
    ticks: tuple[tuple[int, str], ...]


def timeline(subs: pd.DataFrame) -> Timeline:
    """Count by creation date, in UTC; a missing date is counted in the head.

    >>> dates = pd.Series(["2026-01-30T00:00:00Z", "2026-02-02T00:00:00Z", None])
    >>> timeline(pd.DataFrame({"status": "active", "date_created": dates})).head
    'Created, by day (UTC; 1 without a date)'
    """
    status = known(subs["status"], STATUS_COLORS)
    created = _dates(subs)
    there = created.notna()
    if not there.any():
        return Timeline("Created", np.empty(0, dtype=np.int64), (), ())
    dates = created[there]
    unit = _unit(dates)
    periods = dates.dt.to_period(unit)
    counts = pd.crosstab(periods.array.asi8, status[there].array)
    without = f"; {int((~there).sum()):,} without a date" if not there.all() else ""
    stacks = tuple(
        Stack(label, color, counts[label].to_numpy(dtype=np.int64))
        for label, color in STATUS_COLORS.items()
        if label in counts
    )
    head = f"Created, by {_WORDS[unit]} (UTC{without})"
    return Timeline(head, counts.index.to_numpy(dtype=np.int64), stacks, _ticks(counts.index, unit))


def _dates(subs: pd.DataFrame) -> pd.Series[Any]:
    if "date_created" not in subs:
        return pd.Series(None, index=range(len(subs)), dtype="datetime64[us]")
    return pd.Series(convert(subs["date_created"], schema.DATE)).dt.tz_localize(None)


def _unit(dates: pd.Series[Any]) -> Unit:
    days = (dates.max() - dates.min()).days + 1
    return "D" if days <= _DAYS_MAX else "M" if days / 30.44 <= _MONTHS_MAX else "Y"


def _ticks(periods: pd.Index[Any], unit: Unit) -> tuple[tuple[int, str], ...]:
    first, last = int(periods.min()), int(periods.max())
    step = -(-max(last - first + 1, PERIODS_MIN) // _TICKS_MAX)
    return tuple((at, pd.Period(ordinal=at, freq=unit).strftime(_FORMATS[unit])) for at in range(first, last + 1, step))
