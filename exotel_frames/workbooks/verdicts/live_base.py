"""The hidden copy after a run: the current state of each settled row.

A field of the copy is set to the current value if the sheet says the same. If the sheet says something else, the copy
stays: if the cell is merely old, it would otherwise count as an edit next time; if it is a wish that was overruled, it
would otherwise be applied silently next time, and so it is a conflict again. Who was created where the sheet asks for a
delete (the undo of one) stays out of the copy for the same reason.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.frames.convert import conform
from exotel_frames.outcomes import SUCCESSES
from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import ACTION
from exotel_frames.workbooks.base import Base

_DATES: Final = ("date_created", "date_updated")


def base_after(base: Base, sheet: pd.DataFrame, results: pd.DataFrame) -> Base:
    """Return what a workbook shall take for its base once a run's verdicts stand in it.

    `sheet` is the workbook as it was read, `results` those of its rows; a name that the sheet does not have changes
    nothing, but for a delete that is done.

    >>> from exotel_frames.frames.convert import results_frame
    >>> from exotel_frames.records import Verdict
    >>> before = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    >>> done = Verdict(row=0, subscriber_name="bob", action="update", outcome="done", status="inactive")
    >>> sheet = before.assign(status="inactive")
    >>> base_after(Base(before, {}), sheet, results_frame([done])).frame["status"].tolist()
    ['inactive']
    """
    results = results.dropna(subset=[NAME]).drop_duplicates(NAME, keep="last").set_index(NAME, drop=False)
    deleted = results.index[(results["outcome"] == "done") & (results["action"] == "delete")]
    settled = results[
        results["outcome"].isin(SUCCESSES) & (results["action"] != "delete") & results[schema.FIELDS[0]].notna()
    ]
    cells = _by_name(sheet)
    before = _by_name(conform(base.frame, "subscribers"))
    back = settled.index[settled["action"] == "create"].difference(before.index).intersection(_to_delete(cells))
    settled = settled[settled.index.isin(cells.index.difference(back))]
    rows = before.reindex(before.index.append(settled.index[~settled.index.isin(before.index)]))
    rows[NAME] = rows.index
    for field in schema.MUTABLE:
        rows.loc[settled.index, field.name] = _base_field(field, rows, cells, settled)
    for date in _DATES:
        live = settled[date].dropna()
        rows.loc[live.index, date] = live
    frame = conform(rows.drop(index=deleted, errors="ignore").reset_index(drop=True), "subscribers")
    frame = frame[list(base.frame.columns)]
    closed = {*settled.index, *deleted, *back}  # what was proposed to these is the past
    proposed = {name: proposal for name, proposal in base.proposed.items() if name not in closed}
    return Base(frame, base.origin, _carried_out(base, cells, results, set(deleted)), proposed)


def _to_delete(cells: pd.DataFrame) -> pd.Index[Any]:
    return cells.index[cells[ACTION].fillna("") == "delete"] if ACTION in cells else cells.index[:0]


def _by_name(frame: pd.DataFrame) -> pd.DataFrame:
    named = frame.dropna(subset=[NAME]).drop_duplicates(NAME, keep="last")
    return named.set_index(pd.Index(named[NAME].tolist(), dtype=schema.STR), drop=False).rename_axis(None)


def _base_field(
    field: schema.Field, before: pd.DataFrame, cells: pd.DataFrame, settled: pd.DataFrame
) -> pd.Series[Any]:
    """Return what the base shall say of one field of the settled rows."""
    names = settled.index
    was, live = before.loc[names, field.name], settled[field.name]
    if field.name not in cells:
        return live
    now = blank_to_missing(pd.Series(texts(cells.loc[names, field.name]).array, index=names))
    comparable = [blank_to_missing(each) for each in (was, live)]
    agreed = same(now, comparable[1])
    if not field.empty_clears:
        agreed |= now.isna()  # the cell says nothing
    stored_otherwise = (now.str.strip() == comparable[1].str.strip()).fillna(value=False)
    return live.where(agreed, now.where(stored_otherwise, was))


def _carried_out(base: Base, cells: pd.DataFrame, results: pd.DataFrame, deleted: set[str]) -> dict[str, str]:
    """Return which creates and deletes are done: the sheet's rows still ask for them."""
    made = results[(results["outcome"] == "done") & (results["action"] == "create")].index
    kept = {name: action for name, action in base.carried_out.items() if name in cells.index}
    kept |= dict.fromkeys(deleted, "delete") | dict.fromkeys(made, "create")
    actions = cells[ACTION].fillna("") if ACTION in cells else pd.Series("", index=cells.index)
    still = {name for name, action in kept.items() if action == "delete" or actions.get(name, "") == action}
    return {name: kept[name] for name in still if name in cells.index}


def without_carried_out(sheet: pd.DataFrame, base: Base | None) -> pd.DataFrame:
    """Return a sheet in which what was carried out already is not asked for again.

    A row that was created is one like all others; one that was deleted is left alone, until somebody asks for a create.

    >>> sheet = pd.DataFrame({"subscriber_name": ["bob", "eve"], "action": ["create", None]})
    >>> done = Base(sheet, {}, carried_out={"bob": "create", "eve": "delete"})
    >>> without_carried_out(sheet, done)["action"].tolist()
    ['', 'none']
    """
    if base is None or not base.carried_out or NAME not in sheet:
        return sheet
    action = texts(sheet[ACTION]) if ACTION in sheet else pd.Series("", index=range(len(sheet)), dtype=schema.STR)
    done = texts(sheet[NAME]).map(dict(base.carried_out)).astype(schema.STR)
    action = action.mask(((done == "create") & (action == "create")).fillna(value=False).astype(bool), "")
    alone = ((done == "delete") & (action.fillna("") == "")).fillna(value=False).astype(bool)
    return sheet.assign(**{ACTION: action.mask(alone, "none").array})
