"""A plan's rows as a view needs them: every value as text, and the kind of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.frames.arguments import without_attrs
from exotel_frames.frames.arrow_columns import (
    Cases,
    Mask,
    as_texts,
    blank_to_null,
    is_known,
    is_text,
    same_text,
    select_cases,
)
from exotel_frames.frames.text_column import str_array

_TRUE: Final = ("true", "1", "1.0")


@dataclass(frozen=True)
class PlanRows:
    """A plan's rows as they are read: arrow texts by column, pandas' dates (or texts), and which are in conflict."""

    texts: Mapping[str, Any]
    dates: Any
    conflict: Mask

    def __len__(self) -> int:
        return len(self.conflict)

    def take(self, positions: NDArray[np.int64]) -> PlanRows:
        """Return some of the rows."""
        texts = {name: column.take(positions) for name, column in self.texts.items()}
        return PlanRows(texts, self.dates.take(positions), self.conflict[positions])

    def known_before(self) -> Mask:
        """Tell which rows know what the subscriber was."""
        known: Mask = is_known(self.texts["status_from"]) | ~self.dates.isna()
        return known

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as mappings."""
        columns = {**{name: column.to_pylist() for name, column in self.texts.items()}, "date_updated": self.dates}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def normalize_plan(plan: pd.DataFrame) -> PlanRows:
    """Return all columns of a plan as texts; a missing column has missing values.

    A blank cell is missing too, except in a field that an empty text clears, where the plan comes from memory: a file
    can't tell an empty text from none.
    """
    cells = without_attrs(plan)
    was_in_file = "conflict" in cells and cells["conflict"].dtype != bool
    clearing = {field.name for field in schema.MUTABLE if field.empty_clears}
    texts = {name: _texts(cells, name) for name in schema.PLAN if name not in ("date_updated", "conflict")}
    texts |= {name: blank_to_null(texts[name]) for name in texts if name not in clearing or was_in_file}
    return PlanRows(texts, _dates(cells), _conflict(cells))


def _texts(plan: pd.DataFrame, name: str) -> Any:
    return as_texts(plan[name]) if name in plan else same_text(None, len(plan))


def _dates(plan: pd.DataFrame) -> Any:
    """Return the dates as they are, or what stands there instead as texts."""
    is_dates = "date_updated" in plan and isinstance(plan["date_updated"].dtype, pd.DatetimeTZDtype)
    return plan["date_updated"].array if is_dates else str_array(blank_to_null(_texts(plan, "date_updated")))


def _conflict(plan: pd.DataFrame) -> Mask:
    if "conflict" in plan and plan["conflict"].dtype == bool:
        return plan["conflict"].to_numpy()
    return is_text(pc.utf8_lower(pc.utf8_trim_whitespace(_texts(plan, "conflict"))), *_TRUE)


def kinds_of(rows: PlanRows) -> Cases:
    """Name the kind of each row: its action, unless it is in conflict or has none that can be understood."""
    actions = ((is_text(rows.texts["action"], action), str(action)) for action in schema.ACTIONS)
    return select_cases((rows.conflict, "conflict"), *actions, default="other")
