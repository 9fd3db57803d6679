"""Rows that people changed and that were in no run: they get a message too."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.compare import texts
from exotel_frames.plans import describe_change, plan_changes
from exotel_frames.schema import NAME
from exotel_frames.text import escape_text
from exotel_frames.workbooks.base import Base
from exotel_frames.workbooks.verdicts.live_base import without_carried_out

LEFT_OUT: Final = "left out"
_NOTE_MAX: Final = 1_000
_NEEDED: Final = {NAME, *schema.FIELDS}


def messages_not_in_run(
    sheet: pd.DataFrame, base: Base | None, results: pd.DataFrame, plan: pd.DataFrame | None, *, skip: Container[int]
) -> dict[int, tuple[str, str]]:
    """Return the word of each changed row without a result, by the row's number in Excel.

    `plan` is what was planned before rows were dropped, if that is known: its notes say why somebody dropped them.
    """
    if base is None or not set(base.frame.columns) >= _NEEDED:
        return {}
    numbers = sheet.attrs["exotel_frames"]["row_numbers"]
    names = texts(sheet[NAME])
    answered = set(results[NAME].dropna())
    silent = [at for at, name in enumerate(names) if numbers[at] not in skip and name not in answered]
    if not silent:
        return {}
    changed, invalid = _changes(base.frame, without_carried_out(sheet, base).iloc[silent].reset_index(drop=True))
    notes = {} if plan is None else dict(zip(plan[NAME], plan["note"].fillna(""), strict=True))
    found = {}
    for at, position in enumerate(silent):
        name = names[position]
        if at in invalid:
            found[numbers[position]] = ("invalid", escape_text(f"in no run: {invalid[at]}", _NOTE_MAX))
        elif name in changed:
            why = notes.get(name) or "left out of the plan, or refused together with the plan"
            found[numbers[position]] = (LEFT_OUT, escape_text(f"in no run: {changed[name]}; {why}", _NOTE_MAX))
    return found


def _changes(base: pd.DataFrame, rows: pd.DataFrame) -> tuple[dict[str, str], dict[int, str]]:
    """Return what people changed by name, and by position what is wrong with rows that can't be planned."""
    rows = rows.drop(columns=[column for column in rows if column not in (*_NEEDED, "action")])
    invalid: dict[int, str] = {}
    try:
        plan = plan_changes(base, rows)
    except ValidationError as error:
        if error.problems is None or error.problems["row"].isna().any():
            return {}, {}
        for row, message in zip(error.problems["row"], error.problems["message"], strict=True):
            invalid.setdefault(int(row), message)
        try:
            plan = plan_changes(base, rows.drop(index=list(invalid)).reset_index(drop=True))
        except ValidationError:
            return {}, invalid
    plan = plan[plan["action"] != "none"]
    before = pd.DataFrame({field: plan[f"{field}_from"] for field in schema.FIELDS})
    what = describe_change(before, plan)
    wishes = plan["action"].where(plan["action"] != "update", what)
    return dict(zip(plan[NAME], wishes, strict=True)), invalid
