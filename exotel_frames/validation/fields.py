"""The rules on the other columns: status and custom field, a device's platform and id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import is_text
from exotel_frames.frames.text_column import TextColumn, missing_cells, read_texts, value_of
from exotel_frames.text import join_words, quote_value
from exotel_frames.validation.characters import describe_character, not_text
from exotel_frames.validation.problem import Problem

_SUGGESTED: Final = {
    **{status: status for status in schema.STATUSES},
    **dict.fromkeys(("enabled", "enable", "on", "activated", "activate"), "active"),
    **dict.fromkeys(("disabled", "disable", "off", "suspended", "suspend", "deactivated", "deactivate"), "inactive"),
    **dict.fromkeys(("blocked", "in-active", "not active"), "inactive"),
}


def check_statuses(column: pd.Series[Any]) -> Iterator[Problem]:
    """Yield what is neither a status nor missing."""
    choice = join_words([f"'{status}'" for status in schema.STATUSES], last="or")
    why = f"is not a status: it must be {choice}, in exactly these letters."
    yield from _not_allowed(read_texts(column), "status", schema.STATUSES, why, _SUGGESTED)


def _not_allowed(
    texts: TextColumn, column: str, allowed: tuple[str, ...], why: str, suggested: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """Yield what is not one of the texts that are allowed; a slip of case or of blanks is mended, or is `suggested`."""
    fixes = suggested or dict(zip(allowed, allowed, strict=True))
    for row, cell in texts.at(np.flatnonzero(~is_text(texts.arrow, *allowed) & ~texts.missing)):
        fix = fixes.get(cell.strip().casefold(), "") if isinstance(cell, str) else ""
        yield Problem(row, column, value_of(cell), f"bad_{column}", f"{quote_value(cell)} {why}", fix)


def check_status_known(statuses_given: pd.Series[Any] | None, names: TextColumn, current: Any) -> Iterator[Problem]:
    """Yield rows of an update whose status neither the row nor the current subscribers tell: the service needs one."""
    if not isinstance(current, pd.DataFrame) or "status" not in current.columns:
        return
    is_given = False if statuses_given is None else ~missing_cells(statuses_given)
    silent = current.loc[current["status"].isna().to_numpy(), "subscriber_name"]
    status_unknown = pc.is_in(names.arrow, value_set=read_texts(silent).arrow.drop_null())
    rows = np.flatnonzero(status_unknown.to_numpy(zero_copy_only=False) & ~is_given & ~names.missing)
    for row, name in zip(rows.tolist(), names.arrow.take(rows).to_pylist(), strict=True):
        message = (
            f"An update needs a status, but neither this row nor the current subscriber {quote_value(name)} has one."
        )
        yield Problem(row, "status", None, "status_missing", message)


def check_fields(frame: pd.DataFrame, *, empty_asks_nothing: bool = False) -> Iterator[Problem]:
    """Yield what can't be sent, in each column of a frame that is one of `schema.FIELDS`.

    `empty_asks_nothing`: an empty text in a field that it does not clear is no value, as in a sheet.
    """
    for field in schema.MUTABLE:
        if field.name in frame.columns:
            check = CHECKS.get(field.name, partial(check_free_text, field=field.name))
            is_silent = empty_asks_nothing and not field.empty_clears
            yield from (found for found in check(frame[field.name]) if not is_silent or found.value != "")


def check_free_text(column: pd.Series[Any], *, field: str) -> Iterator[Problem]:
    """Yield what can't be sent as a free text: anything but text, and text that is no Unicode."""
    texts = read_texts(column)
    for row, cell in texts.at(texts.non_text):
        whole = isinstance(cell, Integral) and not isinstance(cell, bool | np.bool_)
        yield Problem(row, field, value_of(cell), f"bad_{field}", _why_unusable(cell), str(cell) if whole else "")


CHECKS: Final[Mapping[str, Callable[[pd.Series[Any]], Iterator[Problem]]]] = {"status": check_statuses}
"""Fields with rules of their own; all others are free texts."""


def _why_unusable(cell: Any) -> str:
    if not isinstance(cell, str):
        return not_text(cell)
    half = describe_character(next(char for char in cell if "\ud800" <= char <= "\udfff"))
    return f"{quote_value(cell)} can't be sent: it contains {half}."


def check_platforms(column: pd.Series[Any]) -> Iterator[Problem]:
    """Yield what is no platform, in any case."""
    texts = read_texts(column)
    yield from _find_missing("platform", texts, "android or ios")
    lower = replace(texts, arrow=pc.ascii_lower(texts.arrow))
    yield from _not_allowed(lower, "platform", schema.PLATFORMS, "is not a platform: it must be 'android' or 'ios'.")


def _find_missing(column: str, texts: TextColumn, needed: str) -> Iterator[Problem]:
    for row in np.flatnonzero(texts.missing).tolist():
        yield Problem(row, column, None, "missing", f"This row has no {column}: {needed} is needed.")


def check_device_ids(column: pd.Series[Any]) -> Iterator[Problem]:
    """Yield what is no device id: anything but text, and text with nothing to see in it."""
    texts = read_texts(column)
    yield from _find_missing("device_id", texts, "the id by which the app knows the device")
    for row, cell in texts.at(texts.non_text):
        rule = "bad_device_id" if isinstance(cell, str) else "not_text"
        yield Problem(row, "device_id", value_of(cell), rule, _why_unusable(cell))
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts.arrow)), 0).fill_null(False)  # noqa: FBT003 - arrow's own call
    for row in np.flatnonzero(blank.to_numpy(zero_copy_only=False)).tolist():
        message = "The device_id is empty: the id by which the app knows the device is needed."
        yield Problem(row, "device_id", texts.arrow[row].as_py(), "empty", message)


def check_actions(column: pd.Series[Any], *, what: str = "blank, ") -> Iterator[Problem]:
    """Yield what is neither an action nor missing.

    >>> [problem.message for problem in check_actions(pd.Series(["Delete", None]))]
    ["'Delete' is not an action: it must be blank, 'create', 'update', 'delete' or 'none', in exactly these letters."]
    """
    choice = join_words([quote_value(action) for action in schema.ACTIONS], last="or")
    why = f"is not an action: it must be {what}{choice}, in exactly these letters."
    yield from _not_allowed(read_texts(column), "action", schema.ACTIONS, why)
