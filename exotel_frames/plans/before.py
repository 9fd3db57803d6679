"""Before and after: what a subscriber is now, looked up by name, and cells made comparable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arguments import as_pandas
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.frames.convert import dates_of, plan_frame
from exotel_frames.frames.dtypes import is_naive
from exotel_frames.frames.part import why_unsure
from exotel_frames.frames.text_column import read_texts

UNPLANNED: Final = "unplanned"
"""Where a plan remembers the fields that did not exist when it was made."""
_EMPTY_CLEARS: Final = frozenset(field.name for field in schema.MUTABLE if field.empty_clears)


def positions(names: pd.Series[Any], frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return where each name stands in a frame of subscribers, -1 where it does not; of a repeated name, the first.

    >>> positions(pd.Series(["b", 7]), pd.DataFrame({"subscriber_name": ["a", "b"]})).tolist()
    [1, -1]
    """
    known = read_texts(frame["subscriber_name"]).arrow
    found = pc.index_in(read_texts(names).arrow, value_set=known, skip_nulls=True)
    return np.asarray(found.fill_null(-1), dtype=np.int64)


def current_state(names: pd.Series[Any], current: pd.DataFrame | None) -> pd.DataFrame:
    """Return the `schema.STATE` of each name among the current subscribers, and `known`: whether it is there.

    `unsure` says why that is not known, where it is not: see `why_unsure`.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]})
    >>> current_state(pd.Series(["bob", "eve"]), current)[["status", "known"]].values.tolist()
    [['inactive', True], [nan, False]]
    """
    current = as_pandas(current)
    if current is None:
        return pd.DataFrame({field: blank(len(names), field) for field in schema.STATE}).assign(known=False, unsure="")
    return take_rows(current, positions(names, current)).assign(unsure=why_unsure(names, current))


def with_new_fields(base: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return a base with the fields that did not exist when it was written as they are now: nobody changed them in it.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": ["vip"]})
    >>> with_new_fields(current[["subscriber_name", "status"]], current)["custom_field"].tolist()
    ['vip']
    """
    absent = [name for name in schema.FIELDS if name not in base]
    live = current_state(base[schema.NAME], current)
    return base.assign(**{name: live[name].array for name in absent}) if absent else base


def keep_unplanned(plan: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Return a plan with the fields that did not exist when it was made as they are now: it leaves them as they are.

    >>> plan = pd.DataFrame({"subscriber_name": ["bob"], "action": ["update"]})
    >>> plan.attrs["exotel_frames"] = {"unplanned": ["custom_field"]}
    >>> live = pd.DataFrame({"subscriber_name": ["bob"], "custom_field": ["vip"]})
    >>> keep_unplanned(plan, live)[["custom_field_from", "custom_field"]].values.tolist()
    [['vip', 'vip']]
    """
    unplanned = plan.attrs.get("exotel_frames", {}).get(UNPLANNED, ())
    if not unplanned:
        return plan
    now, updates = current_state(plan[schema.NAME], live), (plan["action"] == "update").to_numpy()
    kept = {f"{name}_from": now[name].array for name in unplanned}
    return plan.assign(**kept, **{name: now[name].where(updates).array for name in unplanned})


def take_rows(frame: pd.DataFrame, where: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return the `schema.STATE` at these positions, and `known`: False for -1, which is no position.

    >>> take_rows(pd.DataFrame({"status": ["active"]}), np.array([-1, 0]))[["status", "known"]].values.tolist()
    [[nan, False], ['active', True]]
    """
    found = {field: field_as_planned(frame, field).array.take(where, allow_fill=True) for field in schema.STATE}
    return pd.DataFrame({**found, "known": where >= 0})


def field_as_planned(frame: pd.DataFrame, field: str) -> pd.Series[Any]:
    """Return a column of `schema.STATE` in the dtype a plan keeps it in; all missing where the frame has none.

    >>> field_as_planned(pd.DataFrame({"custom_field": ["vip", ""]}), "custom_field").tolist()
    ['vip', nan]
    """
    if field not in frame:
        return blank(len(frame), field)
    if field == "date_updated":
        if is_naive(frame[field].dtype):  # dates of no known zone can't tell whether something moved
            return blank(len(frame), field)
        return pd.Series(dates_of(frame, field))
    return blank_to_missing(texts(frame[field])) if field in _EMPTY_CLEARS else texts(frame[field])


def requested_fields(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the `schema.FIELDS` each row asks for, as texts; missing where it asks for none.

    >>> requested_fields(pd.DataFrame({"subscriber_name": ["bob"], "custom_field": [""]})).values.tolist()
    [[nan, '']]
    """
    return pd.DataFrame(
        {field: texts(frame[field]) if field in frame else blank(len(frame)) for field in schema.FIELDS}
    )


def blank(rows: int, field: str = "status") -> pd.Series[Any]:
    """Return a column of nothing, in the dtype a plan keeps this field in.

    >>> blank(1, "date_updated").tolist()
    [NaT]
    """
    return pd.Series(None, index=range(rows), dtype=schema.PLAN[field])


def build_plan(
    live: pd.DataFrame,
    columns: Mapping[str, pd.Series[Any]],
    *,
    index: pd.Index[Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Put a plan together from what is live (see `current_state`) and the columns that say what shall be.

    None and the empty text are one, and a plan says missing; only where no date says that the before-image is known,
    the empty text stays: there the engine asks the service first, and missing means "keep what is there".
    """
    known = live["date_updated"].notna()
    cleared = {name: blank_to_missing(columns[name]).where(known, columns[name]) for name in _EMPTY_CLEARS}
    before = {f"{name}_from": live[name] for name in schema.FIELDS}
    return plan_frame({**columns, **cleared, **before, "date_updated": live["date_updated"]}, index=index, attrs=attrs)


def same_state(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series[Any]:
    """Tell where two frames agree in all `schema.FIELDS`; of each, none and the empty text are one where it clears.

    >>> same_state(pd.DataFrame({"status": ["active"], "custom_field": [""]}),
    ...            pd.DataFrame({"status": ["active"], "custom_field": [None]})).tolist()
    [True]
    """
    alike = pd.Series(data=True, index=one.index)
    for name in schema.FIELDS:
        alike &= same(comparable(one[name], name), comparable(other[name], name))
    return alike


def comparable(column: pd.Series[Any], field: str) -> pd.Series[Any]:
    """Return a field's column with the empty text as missing, where that means the same.

    >>> comparable(pd.Series(["", "vip"], dtype="str"), "custom_field").tolist()
    [nan, 'vip']
    """
    return blank_to_missing(column) if field in _EMPTY_CLEARS else column


def before_image(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what a plan's rows say the subscribers were, under the names of the fields.

    >>> before_image(pd.DataFrame({"status_from": ["active"], "custom_field_from": [None]})).columns.tolist()
    ['status', 'custom_field']
    """
    return rows[[f"{name}_from" for name in schema.FIELDS]].set_axis(list(schema.FIELDS), axis=1)
