"""The three-way merge: what you asked for, what it was when you decided, and what it is now.

A row is a conflict when you want something that is not so, and others changed something that you did not change alike,
even in another field of the same subscriber: the decision was made without knowing of that change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from string import Formatter
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import same, select_texts
from exotel_frames.plans.before import blank, build_plan, comparable
from exotel_frames.plans.notes import describe_change, describe_state, describe_value, join_columns
from exotel_frames.schema import NAME

KEEP_OR_WRITE: Final = "Drop this row to keep theirs, or set its conflict to False to write yours."
KEEP_OR_DELETE: Final = "Drop this row to keep the subscriber, or set its conflict to False to delete it."
GONE: Final = (
    "meanwhile: deleted. Drop this row to leave it so, or set its action to 'create' and its conflict to False to make "
    "the subscriber again (date_created and device tokens are lost)."
)
NO_SUCH: Final = (
    "you: update, but there is no such subscriber. Check the name and drop this row, or set its action to 'create' and "
    "its conflict to False."
)
IMPLIED: Final = "not among the desired rows"


@dataclass(frozen=True)
class _Field:
    """One field of all rows: what is wanted, and who moved it."""

    of: schema.Field
    before: pd.Series[Any]
    wanted: pd.Series[Any]
    live: pd.Series[Any]
    mine: pd.Series[Any]
    theirs: pd.Series[Any]
    open: pd.Series[Any]

    def after(self) -> pd.Series[Any]:
        """Yours where you changed it, what is there where you did not."""
        return self.live.where(~self.mine, self.wanted)

    def take(self, rows: pd.Series[Any]) -> _Field:
        """Return some of the rows."""
        columns = (getattr(self, name)[rows] for name in list(self.__dataclass_fields__)[1:])
        return _Field(self.of, *columns)


def merged(asks: pd.DataFrame, before: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Merge row by row; the plan has the rows in which something happens or must be said, in their order.

    `asks` has the name, the action, the fields (missing: no opinion) and `implied` (a delete that no row asks for);
    `before` and `live` are its subscribers as `current_state` finds them; two-way, `before` is `live`.
    """
    fields = [_field(field, asks, before, live) for field in schema.MUTABLE]
    case = _cases(asks["action"], before["known"], live["known"], fields)
    rows = pd.Series(case != "", index=asks.index)
    asks, live, case, was_known = asks[rows], live[rows], case[rows], before["known"][rows]
    fields = [field.take(rows) for field in fields]
    action = case.map(_ACTION).astype(schema.STR)
    gone = ~live["known"] & (action != "delete")
    columns: dict[str, pd.Series[Any]] = {
        "action": action,
        NAME: asks[NAME],
        **{field.of.name: _after(field, action, gone) for field in fields},
        "note": _notes(case, fields, was_known, asks["implied"]),
        "conflict": case.isin(_CONFLICTS),
    }
    return build_plan(live, columns)


def _field(of: schema.Field, asks: pd.DataFrame, before: pd.DataFrame, live: pd.DataFrame) -> _Field:
    """Say who changed what; without a `before`, whatever was asked for is a change, and whatever is live is theirs."""
    name = of.name
    known, exists, requested = before["known"], live["known"], asks[name]
    kept = before[name].where(known, live[name])
    wanted = comparable(requested, name).where(requested.notna(), kept)
    mine = (known & ~same(wanted, before[name])) | (~known & requested.notna())
    theirs = exists & ~(known & same(live[name], before[name]))
    return _Field(of, before[name], wanted, live[name], mine, theirs, open=~same(wanted, live[name]))


_ACTION: Final = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "clash": "update",
    "exists": "update",
    "changed, gone": "update",
    "no such": "update",
    "delete moved": "delete",
    "both alike": "none",
    "created alike": "none",
    "exists alike": "none",
    "theirs": "none",
    "gone": "none",
    "delete gone": "none",
    "delete nobody": "none",
}
"""What each case does."""
_CONFLICTS: Final = ("clash", "exists", "changed, gone", "no such", "delete moved")


def _cases(
    action: pd.Series[Any], known: pd.Series[Any], exists: pd.Series[Any], fields: list[_Field]
) -> pd.Series[Any]:
    """Name each row's case, a key of `_ACTION`; empty where nothing happens and nothing must be said."""
    mine, theirs = _any(field.mine for field in fields), _any(field.theirs for field in fields)
    left = _any(field.mine & field.open for field in fields)
    foreign = _any(field.theirs & field.open for field in fields)
    deletes, creates = action == "delete", action == "create"
    return select_texts(
        (action == "none", ""),
        (deletes & exists & theirs, "delete moved"),
        (deletes & exists, "delete"),
        (deletes & known, "delete gone"),
        (deletes, "delete nobody"),
        (exists & known & left & creates, "exists"),
        (exists & left & foreign, "clash"),
        (exists & left, "update"),
        (exists & ~known, "created alike"),
        (exists & mine, "both alike"),
        (exists & theirs, "theirs"),
        (exists & creates, "exists alike"),
        (exists, ""),
        (known & creates, "create"),
        (known & mine, "changed, gone"),
        (known, "gone"),
        (action == "update", "no such"),
        default="create",
    )


def _any(columns: Iterable[pd.Series[Any]]) -> pd.Series[Any]:
    return reduce(or_, columns)


def _after(field: _Field, action: pd.Series[Any], gone: pd.Series[Any]) -> pd.Series[Any]:
    after = field.after().where(~gone, field.wanted)
    after = after.where(action != "none", field.live)
    after = after.where(action != "delete", blank(len(after)).set_axis(after.index))
    return (
        after if field.of.at_birth is None else after.where(action != "create", field.wanted.fillna(field.of.at_birth))
    )


def _notes(
    case: pd.Series[Any], fields: list[_Field], was_known: pd.Series[Any], implied: pd.Series[Any]
) -> pd.Series[Any]:
    """Say what must be said of each row; `was_known`: it was there when you decided."""
    note = pd.Series("", index=case.index, dtype=schema.STR).mask((case == "delete") & implied, IMPLIED)
    for name, template in _TEMPLATES.items():
        rows = case == name
        if rows.any():  # building notes is slow, and most rows have none
            note[rows] = _filled(template, [field.take(rows) for field in fields], was_known=was_known[rows])
    return note


_TEMPLATES: Final = {
    "clash": f"you: {{you}}, meanwhile: {{others}}. {KEEP_OR_WRITE}",
    "exists": f"you: create with {{you}}, but it exists already: {{now}}. {KEEP_OR_WRITE}",
    "changed, gone": f"you: {{you}}, {GONE}",
    "no such": NO_SUCH,
    "delete moved": f"you: delete, meanwhile: {{others}}. {KEEP_OR_DELETE}",
    "both alike": "already so: you and others made the same change (meanwhile: {others})",
    "created alike": "already so: created as {now} meanwhile",
    "exists alike": "already so: it exists",
    "theirs": "changed by others only: {others}",
    "gone": "deleted by others; you had not changed it",
    "delete gone": "already so: deleted by others meanwhile",
    "delete nobody": "nothing to delete: there is no such subscriber",
}


def _filled(template: str, fields: list[_Field], *, was_known: pd.Series[Any]) -> pd.Series[Any]:
    """Fill a template for all rows at once."""
    note = pd.Series("", index=was_known.index, dtype=schema.STR)
    before, live = (pd.DataFrame({each.of.name: getattr(each, at) for each in fields}) for at in ("before", "live"))
    for text, what, _, _ in Formatter().parse(template):
        note = note + text
        if what == "you":
            note = note + _you(fields)
        elif what == "others":
            note = note + describe_change(before, live).where(was_known, "created as " + describe_state(live))
        elif what == "now":
            note = note + describe_state(live)
    return note


def _you(fields: list[_Field]) -> pd.Series[Any]:
    return join_columns([(field.mine, describe_value(field.wanted, field.of)) for field in fields])
