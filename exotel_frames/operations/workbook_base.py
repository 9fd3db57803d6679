"""The subscribers of a frame before it was edited: recorded, read, or asked of the caller; never guessed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.compare import names_of
from exotel_frames.frames.convert import conform
from exotel_frames.frames.loaded_state import loaded_state
from exotel_frames.frames.part import why_unsure
from exotel_frames.operations.lookup import read_current
from exotel_frames.plans import positions
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize, quote_names

_LISTED_MAX: Final = 10
_ASK_FOR_BASE: Final = "Pass base=, the frame as it was loaded; or base=frame if nothing in it was edited."


class PlannedRows(list[Any]):
    """A plan as it was made, before rows were dropped from it; pandas copies `attrs`, and this costs nothing."""

    def __init__(self, plan: pd.DataFrame) -> None:
        super().__init__()
        self.plan = plan[[NAME, "note"]]
        self.plan.attrs = {}

    def __deepcopy__(self, memo: Any) -> PlannedRows:
        return self

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return list, ()


def is_sheet_for_editing(frame: Any) -> bool:
    """Tell whether a frame is one of subscribers; results and plans are no proposals."""
    columns = set(frame.columns) if isinstance(frame, pd.DataFrame) else set()
    return NAME in columns and "outcome" not in columns and not {"status_from", "conflict"} <= columns


def base_of(frame: pd.DataFrame, client: Client | None) -> pd.DataFrame:
    """Return what the subscribers of a frame were before it was edited.

    Errors: a `WorkbookError` that asks for `base=`, where the frame does not remember and the account can't tell.
    """
    known = loaded_state(frame)
    if known is not None:
        return known
    if client is None:
        raise WorkbookError(
            "The workbook can't be written: edits made to the frame since it was loaded can't be detected. "
            f"{_ASK_FOR_BASE}"
        )
    live = read_current(client, names_of(frame[NAME]).dropna().unique().tolist(), progress=False)
    _check_known(frame, live)
    live = live[live[NAME].isin(frame[NAME])].reset_index(drop=True)
    _check_dates(frame, live)
    return live


def _check_known(frame: pd.DataFrame, live: pd.DataFrame) -> None:
    """Refuse rows of whom it is not known whether they exist: they would count as new ones."""
    why = why_unsure(frame[NAME], live)
    rows = np.flatnonzero((why != "").to_numpy())
    if rows.size:
        listed = quote_names(frame[NAME].iloc[rows].tolist(), _LISTED_MAX)
        raise WorkbookError(
            f"The workbook can't be written: whether {listed} {'exists' if rows.size == 1 else 'exist'} is not known: "
            f"{why.iloc[rows[0]]}. {_ASK_FOR_BASE}"
        )


def _check_dates(frame: pd.DataFrame, live: pd.DataFrame) -> None:
    """Refuse rows that were loaded before their subscriber was last changed: old cells would count as edits."""
    rows = frame[frame[NAME].isin(live[NAME])]
    now = live["date_updated"].array.take(positions(rows[NAME], live))
    then = conform(rows[rows.columns.intersection([NAME, "date_updated"])], "subscribers")["date_updated"]
    same = then.eq(pd.Series(now, index=rows.index))
    if not same.all():
        names = rows.loc[~same, NAME].tolist()
        listed = quote_names(names, _LISTED_MAX)
        raise WorkbookError(
            f"The workbook can't be written: {pluralize(len(names), 'subscriber')} may have been changed since the "
            f"frame was loaded ({listed}), so an outdated cell can't be told from an edit. {_ASK_FOR_BASE}"
        )
