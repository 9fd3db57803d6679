"""Before and after: what a subscriber is now, looked up by name, and cells made comparable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, texts
from exotel_frames.frames.convert import plan_frame
from exotel_frames.frames.dtypes import convert
from exotel_frames.frames.text_column import read_texts

FIELDS: Final = ("status", "custom_field", "date_updated")
"""What a plan remembers of a subscriber."""


def positions(names: pd.Series[Any], frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return where each name stands in a frame of subscribers, -1 where it does not; of a repeated name, the first.

    >>> positions(pd.Series(["b", 7]), pd.DataFrame({"subscriber_name": ["a", "b"]})).tolist()
    [1, -1]
    """
    known = read_texts(frame["subscriber_name"]).arrow
    found = pc.index_in(read_texts(names).arrow, value_set=known, skip_nulls=True)
    return np.asarray(found.fill_null(-1), dtype=np.int64)


def current_state(names: pd.Series[Any], current: pd.DataFrame | None) -> pd.DataFrame:
    """Return the `FIELDS` of each name among the current subscribers, and `known`: whether it is there.

    >>> current = pd.DataFrame({"subscriber_name": ["bob"], "status": ["inactive"]})
    >>> current_state(pd.Series(["bob", "eve"]), current)[["status", "known"]].values.tolist()
    [['inactive', True], [nan, False]]
    """
    if current is None:
        return pd.DataFrame({field: blank(len(names), field) for field in FIELDS}).assign(known=False)
    return take_rows(current, positions(names, current))


def take_rows(frame: pd.DataFrame, where: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return the `FIELDS` at these positions, and `known`: whether it is one; nobody stands at -1.

    >>> take_rows(pd.DataFrame({"status": ["active"]}), np.array([-1, 0]))[["status", "known"]].values.tolist()
    [[nan, False], ['active', True]]
    """
    found = {field: field_as_planned(frame, field).array.take(where, allow_fill=True) for field in FIELDS}
    return pd.DataFrame({**found, "known": where >= 0})


def field_as_planned(frame: pd.DataFrame, field: str) -> pd.Series[Any]:
    """Return one of the `FIELDS` in the dtype a plan keeps it in; all missing where the frame does not have it.

    >>> field_as_planned(pd.DataFrame({"custom_field": ["vip", ""]}), "custom_field").tolist()
    ['vip', nan]
    """
    if field not in frame:
        return blank(len(frame), field)
    if field == "date_updated":
        return pd.Series(convert(frame[field], schema.DATE))
    return blank_to_missing(texts(frame[field])) if field == "custom_field" else texts(frame[field])


def requested_fields(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the status and custom field each row asks for, as texts; missing where it asks for none.

    >>> requested_fields(pd.DataFrame({"subscriber_name": ["bob"], "custom_field": [""]})).values.tolist()
    [[nan, '']]
    """
    asked = ("status", "custom_field")
    return pd.DataFrame({field: texts(frame[field]) if field in frame else blank(len(frame)) for field in asked})


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
    """Put a plan together from what is live (see `look_up`) and the columns that say what shall be.

    None and the empty text are one, and a plan says missing; only where no date says that the before-image is known,
    the empty text stays: there the engine asks the service first, and missing means "keep what is there".
    """
    custom_field = columns["custom_field"]
    return plan_frame(
        {
            **columns,
            "status_from": live["status"],
            "custom_field_from": live["custom_field"],
            "custom_field": blank_to_missing(custom_field).where(live["date_updated"].notna(), custom_field),
            "date_updated": live["date_updated"],
        },
        index=index,
        attrs=attrs,
    )
