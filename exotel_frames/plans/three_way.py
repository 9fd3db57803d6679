"""The three-way merge: what you asked for, what it was when you decided, and what it is now.

A row is a conflict when you want something that is not so, and others changed something that you did not change alike,
be it another field of the same subscriber: whoever decided "inactive" did not know of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.compare import blank_to_missing, clauses, quoted, same
from exotel_frames.plans.before import blank, build_plan
from exotel_frames.plans.notes import describe_change, describe_state, joined

NAME: Final = "subscriber_name"
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
        return _Field(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def merged(asks: pd.DataFrame, before: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Merge row by row; the plan has the rows in which something happens or must be said, in their order.

    `asks` has the name, action, status, custom_field (missing: no opinion) and `implied` (a delete nobody wrote down);
    `before` and `live` are its subscribers as `look_up` finds them. A two-way comparison is one with `before = live`.
    """
    fields = [_field("status", asks, before, live), _field("custom_field", asks, before, live)]
    case = _cases(asks["action"], before["known"], live["known"], fields)
    rows = pd.Series(case != "", index=asks.index)
    asks, live, case, met = asks[rows], live[rows], case[rows], before["known"][rows]
    status, custom_field = fields = [field.take(rows) for field in fields]
    action = case.map(_ACTION).astype(schema.STR)
    gone = ~live["known"] & (action != "delete")
    columns: dict[str, pd.Series[Any]] = {
        "action": action,
        NAME: asks[NAME],
        "status": _after(status, action, gone).where(action != "create", status.wanted.fillna("active")),
        "custom_field": _after(custom_field, action, gone),
        "note": _notes(case, fields, met, asks["implied"]),
        "conflict": case.isin(_CONFLICTS),
    }
    return build_plan(live, columns)


def _field(name: str, asks: pd.DataFrame, before: pd.DataFrame, live: pd.DataFrame) -> _Field:
    """Say who changed what; without a `before`, whatever was asked for is a change, and whatever is live is theirs."""
    known, there, asked = before["known"], live["known"], asks[name]
    kept = before[name].where(known, live[name])
    wanted = (blank_to_missing(asked) if name == "custom_field" else asked).where(asked.notna(), kept)
    mine = (known & ~same(wanted, before[name])) | (~known & asked.notna())
    theirs = there & ~(known & same(live[name], before[name]))
    return _Field(before[name], wanted, live[name], mine, theirs, open=~same(wanted, live[name]))


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
    action: pd.Series[Any], known: pd.Series[Any], there: pd.Series[Any], fields: list[_Field]
) -> pd.Series[Any]:
    """Name each row's case, a key of `_ACTION`; empty where nothing happens and nothing must be said."""
    mine, theirs, left, foreign = (
        fields[0].mine | fields[1].mine,
        fields[0].theirs | fields[1].theirs,
        (fields[0].mine & fields[0].open) | (fields[1].mine & fields[1].open),
        (fields[0].theirs & fields[0].open) | (fields[1].theirs & fields[1].open),
    )
    deletes, creates = action == "delete", action == "create"
    return clauses(
        (action == "none", ""),
        (deletes & there & theirs, "delete moved"),
        (deletes & there, "delete"),
        (deletes & known, "delete gone"),
        (deletes, "delete nobody"),
        (there & known & left & creates, "exists"),
        (there & left & foreign, "clash"),
        (there & left, "update"),
        (there & ~known, "created alike"),
        (there & mine, "both alike"),
        (there & theirs, "theirs"),
        (there & creates, "exists alike"),
        (there, ""),
        (known & creates, "create"),
        (known & mine, "changed, gone"),
        (known, "gone"),
        (action == "update", "no such"),
        default="create",
    )


def _after(field: _Field, action: pd.Series[Any], gone: pd.Series[Any]) -> pd.Series[Any]:
    after = field.after().where(~gone, field.wanted)
    after = after.where(action != "none", field.live)
    return after.where(action != "delete", blank(len(after)).set_axis(after.index))


def _notes(case: pd.Series[Any], fields: list[_Field], met: pd.Series[Any], implied: pd.Series[Any]) -> pd.Series[Any]:
    """Say what must be said of each row; `met`: it was there when you decided."""
    note = pd.Series("", index=case.index, dtype=schema.STR).mask((case == "delete") & implied, IMPLIED)
    for name, template in _TEMPLATES.items():
        rows = case == name
        if rows.any():  # texts are dear, and most rows need none
            note[rows] = _filled(template, *(field.take(rows) for field in fields), met=met[rows])
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


def _filled(template: str, status: _Field, custom_field: _Field, *, met: pd.Series[Any]) -> pd.Series[Any]:
    """Fill a template for all rows at once."""
    note = pd.Series("", index=met.index, dtype=schema.STR)
    for text, what, _, _ in Formatter().parse(template):
        note = note + text
        if what == "you":
            note = note + _you(status, custom_field)
        elif what == "others":
            others = describe_change(status.before, status.live, custom_field.before, custom_field.live)
            note = note + others.where(met, "created as " + describe_state(status.live, custom_field.live))
        elif what == "now":
            note = note + describe_state(status.live, custom_field.live)
    return note


def _you(status: _Field, custom_field: _Field) -> pd.Series[Any]:
    return joined((status.mine, status.wanted), (custom_field.mine, "custom_field " + quoted(custom_field.wanted)))
