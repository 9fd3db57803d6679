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
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.frames.compare import join_texts, same, select_texts
from exotel_frames.plans.before import blank, build_plan, comparable
from exotel_frames.plans.notes import (
    MAY_REFUSE,
    NOT_KNOWN,
    WILL_ASK,
    describe_change,
    describe_state,
    describe_value,
    join_columns,
)
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
UNSURE: Final = "Drop this row, or set its conflict to False: the service will be asked."
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

    def take(self, rows: NDArray[np.int64]) -> _Field:
        """Return some of the rows, by position."""
        columns = (getattr(self, name).take(rows) for name in list(self.__dataclass_fields__)[1:])
        return _Field(self.of, *columns)


def merged(asks: pd.DataFrame, before: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Merge row by row; the plan has the rows in which something happens or must be said, in their order.

    `asks` has the name, the action, the fields (missing: no opinion) and `implied` (a delete that no row asks for);
    `before` and `live` are its subscribers as `current_state` finds them; two-way, `before` is `live`.
    """
    fields = [_field(field, asks, before, live) for field in schema.MUTABLE]
    case = _cases(asks["action"], before["known"], live, fields)
    rows = np.flatnonzero(case != "")
    asks, live, case, was_known = asks.take(rows), live.take(rows), case.take(rows), before["known"].take(rows)
    fields = [field.take(rows) for field in fields]
    action = case.map(_ACTION).astype(schema.STR)
    gone = ~live["known"] & (action != "delete")
    columns: dict[str, pd.Series[Any]] = {
        "action": action,
        NAME: asks[NAME],
        **{field.of.name: _after(field, action, gone) for field in fields},
        "note": _notes(case, fields, was_known, asks["implied"], live["unsure"]),
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
    "create unsure": "create",
    "update unsure": "update",
    "delete unsure": "delete",
    "changed, unsure": "update",
    "delete, unsure": "delete",
}
"""What each case does."""
_CONFLICTS: Final = (
    "clash",
    "exists",
    "changed, gone",
    "no such",
    "delete moved",
    "changed, unsure",
    "delete, unsure",
)


def _cases(
    action: pd.Series[Any], was_known: pd.Series[Any], live: pd.DataFrame, fields: list[_Field]
) -> pd.Series[Any]:
    """Name each row's case, a key of `_ACTION`; empty where nothing happens and nothing must be said."""
    mine, theirs = _any(field.mine for field in fields), _any(field.theirs for field in fields)
    left = _any(field.mine & field.open for field in fields)
    foreign = _any(field.theirs & field.open for field in fields)
    deletes, creates = (action == "delete").to_numpy(), (action == "create").to_numpy()
    known, exists, unsure = was_known.to_numpy(), live["known"].to_numpy(), (live["unsure"] != "").to_numpy()
    return select_texts(
        (action == "none", ""),
        (unsure & deletes & known, "delete, unsure"),
        (unsure & deletes, "delete unsure"),
        (unsure & known & mine & ~creates, "changed, unsure"),
        (unsure & known & ~creates, ""),
        (unsure & (action == "update"), "update unsure"),
        (unsure, "create unsure"),
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


def _any(columns: Iterable[pd.Series[Any]]) -> NDArray[np.bool_]:
    return reduce(or_, (column.to_numpy() for column in columns))


def _after(field: _Field, action: pd.Series[Any], gone: pd.Series[Any]) -> pd.Series[Any]:
    after = field.after().where(~gone, field.wanted)
    after = after.where(action != "none", field.live)
    after = after.where(action != "delete", blank(len(after)).set_axis(after.index))
    return (
        after if field.of.at_birth is None else after.where(action != "create", field.wanted.fillna(field.of.at_birth))
    )


def _notes(
    case: pd.Series[Any],
    fields: list[_Field],
    was_known: pd.Series[Any],
    implied: pd.Series[Any],
    unsure: pd.Series[Any],
) -> pd.Series[Any]:
    """Say what must be said of each row; `was_known`: it was there when you decided; `unsure` see `why_unsure`."""
    note = pd.Series("", index=case.index, dtype=schema.STR).mask((case == "delete") & implied, IMPLIED)
    for name in set(case.unique()) & _TEMPLATES.keys():  # building notes is slow, and most rows have none
        rows = np.flatnonzero(case == name)
        taken = [field.take(rows) for field in fields]
        note.iloc[rows] = _filled(_TEMPLATES[name], taken, was_known=was_known.take(rows), why=unsure.take(rows))
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
    "create unsure": f"{NOT_KNOWN}{{why}}. {MAY_REFUSE}",
    "update unsure": f"{NOT_KNOWN}{{why}}. {WILL_ASK}",
    "delete unsure": f"{NOT_KNOWN}{{why}}. {WILL_ASK}",
    "changed, unsure": f"you: {{you}}, but {NOT_KNOWN}{{why}}. {UNSURE}",
    "delete, unsure": f"you: delete, but {NOT_KNOWN}{{why}}. {UNSURE}",
}


def _filled(template: str, fields: list[_Field], *, was_known: pd.Series[Any], why: pd.Series[Any]) -> pd.Series[Any]:
    """Fill a template for all rows at once."""
    pieces: list[pd.Series[Any] | str] = []
    for text, what, _, _ in Formatter().parse(template):
        pieces.append(text)
        if what == "you":
            pieces.append(_you(fields))
        elif what == "others":
            changed = describe_change(_frame_of(fields, "before"), _frame_of(fields, "live"))
            created = "created as " + describe_state(_frame_of(fields, "live"))
            pieces.append(changed.where(was_known, created))
        elif what == "now":
            pieces.append(describe_state(_frame_of(fields, "live")))
        elif what == "why":
            pieces.append(why)
    return join_texts(was_known.index, *pieces)


def _frame_of(fields: list[_Field], when: Literal["before", "live"]) -> pd.DataFrame:
    return pd.DataFrame({each.of.name: getattr(each, when) for each in fields})


def _you(fields: list[_Field]) -> pd.Series[Any]:
    return join_columns([(field.mine, describe_value(field.wanted, field.of)) for field in fields])
