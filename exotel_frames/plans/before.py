"""Before and after: what a subscriber is now, looked up by name, and cells made comparable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import as_pandas, recall, without_attrs
from exotel_frames.frames.arrow_columns import Mask, alike, as_texts, blank_to_null, same_text
from exotel_frames.frames.convert import dates_of, plan_frame
from exotel_frames.frames.dtypes import is_naive
from exotel_frames.frames.part import unsure_texts
from exotel_frames.frames.text_column import read_texts, str_array

UNPLANNED: Final = "unplanned"
"""Where a plan remembers the fields that did not exist when it was made."""
_EMPTY_CLEARS: Final = frozenset(field.name for field in schema.MUTABLE if field.empty_clears)
Fields = Mapping[str, Any]
"""The `schema.FIELDS` of some subscribers, as arrow texts."""


@dataclass(frozen=True)
class State:
    """What some subscribers are, row by row: their fields, pandas' array of dates, and whether each is there.

    `unsure` says why that is not known, where it is not, as arrow texts: see `why_unsure`.
    """

    fields: Fields
    date_updated: Any
    known: Mask
    unsure: Any

    def take(self, rows: npt.NDArray[np.int64]) -> State:
        """Return some of the rows, by position."""
        fields = {name: texts.take(rows) for name, texts in self.fields.items()}
        return State(fields, self.date_updated.take(rows), self.known[rows], self.unsure.take(rows))

    def is_dated(self) -> Mask:
        """Tell of which subscribers it is known when they were changed."""
        missing: Mask = self.date_updated.isna()
        return ~missing

    def frame(self) -> pd.DataFrame:
        """Return the `schema.STATE`, `known` and `unsure` as a frame."""
        texts = {name: str_array(texts) for name, texts in self.fields.items()}
        about = {"known": self.known, "unsure": str_array(self.unsure)}
        return pd.DataFrame({**texts, "date_updated": self.date_updated, **about})


def positions(names: pd.Series[Any], frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return where each name stands in a frame of subscribers, -1 where it does not; of a repeated name, the first.

    >>> positions(pd.Series(["b", 7]), pd.DataFrame({"subscriber_name": ["a", "b"]})).tolist()
    [1, -1]
    """
    return find_names(read_texts(names).arrow, frame)


def find_names(names: Any, frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return what `positions` does, for names that are arrow texts.

    >>> import pyarrow as pa
    >>> find_names(pa.array(["b"]).cast("large_string"), pd.DataFrame({"subscriber_name": ["a", "b"]})).tolist()
    [1]
    """
    known = read_texts(frame[schema.NAME]).arrow
    found = pc.index_in(names, value_set=known, skip_nulls=True)
    return np.asarray(found.fill_null(-1), dtype=np.int64)


def current_state(names: pd.Series[Any], current: pd.DataFrame | None) -> pd.DataFrame:
    """Return the `schema.STATE` of each name among the current subscribers, and `known`: whether it is there.

    `unsure` says why that is not known, where it is not: see `why_unsure`.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]})
    >>> current_state(pd.Series(["bob", "eve"]), current)[["status", "known"]].values.tolist()
    [['inactive', True], [nan, False]]
    """
    return state_of(read_texts(names).arrow, current).frame()


def state_of(names: Any, current: pd.DataFrame | None) -> State:
    """Return what `current_state` does as columns; the names are arrow texts, and all unknown where `current` is None.

    >>> import pyarrow as pa
    >>> state_of(pa.array(["bob"]).cast("large_string"), None).known.tolist()
    [False]
    """
    current = as_pandas(current)
    if current is not None:
        cells = without_attrs(current)
        return replace(take_state(cells, find_names(names, cells)), unsure=unsure_texts(names, current))
    nothing = {name: same_text(None, len(names)) for name in schema.FIELDS}
    return State(nothing, no_dates(len(names)), np.zeros(len(names), dtype=bool), same_text("", len(names)))


def take_state(frame: pd.DataFrame, where: npt.NDArray[np.int64]) -> State:
    """Return the subscribers at these positions; none for -1, which is no position.

    >>> take_state(pd.DataFrame({"status": ["active"]}), np.array([-1, 0])).fields["status"].to_pylist()
    [None, 'active']
    """
    rows = pa.array(where, mask=where < 0)
    fields = {name: texts.take(rows) for name, texts in fields_as_planned(frame).items()}
    dates = dates_as_planned(frame).take(where, allow_fill=True)
    return State(fields, dates, where >= 0, same_text("", len(where)))


def with_new_fields(base: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return a base with the fields that did not exist when it was written as they are now: nobody changed them in it.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": ["vip"]})
    >>> with_new_fields(current[["subscriber_name", "status"]], current)["custom_field"].tolist()
    ['vip']
    """
    absent = [name for name in schema.FIELDS if name not in base]
    if not absent:
        return base
    live = current_state(base[schema.NAME], current)
    return base.assign(**{name: live[name].array for name in absent})


def keep_unplanned(plan: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Return a plan with the fields that did not exist when it was made as they are now: it leaves them as they are.

    >>> plan = pd.DataFrame({"subscriber_name": ["bob"], "action": ["update"]})
    >>> plan.attrs["exotel_frames"] = {"unplanned": ["custom_field"]}
    >>> live = pd.DataFrame({"subscriber_name": ["bob"], "custom_field": ["vip"]})
    >>> keep_unplanned(plan, live)[["custom_field_from", "custom_field"]].values.tolist()
    [['vip', 'vip']]
    """
    unplanned = recall(plan).get(UNPLANNED, ())
    if not unplanned:
        return plan
    now, updates = current_state(plan[schema.NAME], live), (plan["action"] == "update").to_numpy()
    kept = {f"{name}_from": now[name].array for name in unplanned}
    return plan.assign(**kept, **{name: now[name].where(updates).array for name in unplanned})


def fields_as_planned(frame: pd.DataFrame, suffix: str = "") -> dict[str, Any]:
    """Return the `schema.FIELDS` of a frame as a plan keeps them; all missing where the frame has no such column.

    `suffix`: what follows the field's name in the frame's columns.

    >>> fields_as_planned(pd.DataFrame({"custom_field": ["vip", ""]}))["custom_field"].to_pylist()
    ['vip', None]
    """
    requested = requested_fields(frame, suffix)
    return {name: comparable_texts(texts, name) for name, texts in requested.items()}


def requested_fields(frame: pd.DataFrame, suffix: str = "") -> dict[str, Any]:
    """Return the `schema.FIELDS` each row asks for, as texts; missing where it asks for none.

    >>> requested_fields(pd.DataFrame({"subscriber_name": ["bob"], "custom_field": [""]}))["custom_field"].to_pylist()
    ['']
    """
    columns = {name: f"{name}{suffix}" for name in schema.FIELDS}
    return {
        name: as_texts(frame[column]) if column in frame else same_text(None, len(frame))
        for name, column in columns.items()
    }


def requested_unless_blank(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what `requested_fields` does, where a blank cell asks for nothing unless it clears the field.

    >>> requested_unless_blank(pd.DataFrame({"status": [""], "custom_field": [""]}))["status"].to_pylist()
    [None]
    """
    requested = requested_fields(frame)
    return {name: texts if name in _EMPTY_CLEARS else blank_to_null(texts) for name, texts in requested.items()}


def dates_as_planned(frame: pd.DataFrame) -> Any:
    """Return the `date_updated` of a frame as a plan keeps it; those of no known zone can't tell whether one moved."""
    if "date_updated" not in frame or is_naive(frame["date_updated"].dtype):
        return no_dates(len(frame))
    return dates_of(frame, "date_updated")


def no_dates(rows: int) -> Any:
    """Return a column of missing dates.

    >>> no_dates(1)
    <DatetimeArray>
    ['NaT']
    Length: 1, dtype: datetime64[us, UTC]
    """
    return pd.array([None] * rows, dtype=schema.DATE)


def build_plan(
    live: State,
    columns: Mapping[str, Any],
    *,
    index: pd.Index[Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Put a plan together from what is live and the columns that say what shall be: arrow texts, and masks.

    None and the empty text are one, and a plan says missing; only where no date says that the before-image is known,
    the empty text stays: there the engine asks the service first, and missing means "keep what is there".
    """
    known = live.is_dated()
    cleared = {name: pc.if_else(known, blank_to_null(columns[name]), columns[name]) for name in _EMPTY_CLEARS}
    before = {f"{name}_from": texts for name, texts in live.fields.items()}
    made = {**columns, **cleared, **before, "date_updated": live.date_updated}
    return plan_frame(made, index=index, attrs=attrs)


def same_fields(one: Fields, other: Fields) -> Mask:
    """Tell where subscribers agree in all `schema.FIELDS`; of each, none and the empty text are one where it clears.

    >>> from exotel_frames.frames.arrow_columns import same_text
    >>> one = {"status": same_text("active", 1), "custom_field": same_text("", 1)}
    >>> same_fields(one, one | {"custom_field": same_text(None, 1)}).tolist()
    [True]
    """
    found: Mask = np.logical_and.reduce(
        [alike(comparable_texts(one[name], name), comparable_texts(other[name], name)) for name in schema.FIELDS]
    )
    return found


def comparable_texts(texts: Any, field: str) -> Any:
    """Return a field's texts with the empty text as missing, where that means the same.

    >>> [comparable_texts(same_text("", 1), name).to_pylist() for name in ("custom_field", "status")]
    [[None], ['']]
    """
    return blank_to_null(texts) if field in _EMPTY_CLEARS else texts
