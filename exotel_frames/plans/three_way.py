"""The three-way merge: the state you want, the state when you decided, and the state now.

A row is a conflict when you want a change, and others made a different one, even in another field of the same
subscriber: you decided without knowing about their change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from string import Formatter
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import (
    NULL,
    Cases,
    Mask,
    alike,
    is_known,
    is_text,
    join_pieces,
    same_text,
    select_cases,
)
from exotel_frames.plans.before import Fields, State, build_plan, comparable_texts
from exotel_frames.plans.notes import (
    MAY_REFUSE,
    NOT_KNOWN,
    WILL_ASK,
    change_texts,
    join_columns,
    state_texts,
    value_texts,
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
UNSURE: Final = "Drop this row, or set its conflict to False to let the service decide."
IMPLIED: Final = "not among the desired rows"


@dataclass(frozen=True)
class Asks:
    """What is asked of each name, as arrow texts: a field that is missing asks for nothing.

    `implied`: a delete that no row asks for.
    """

    names: Any
    action: Any
    fields: Fields
    implied: Mask


@dataclass(frozen=True)
class _Field:
    """One field of all rows: what is wanted, and who moved it."""

    of: schema.Field
    before: Any
    wanted: Any
    live: Any
    mine: Mask
    theirs: Mask
    open: Mask

    def after(self) -> Any:
        """Yours where you changed it, what is there where you did not."""
        return pc.if_else(self.mine, self.wanted, self.live)

    def take(self, rows: NDArray[np.int64]) -> _Field:
        """Return some of the rows, by position."""
        columns = (getattr(self, name).take(rows) for name in list(self.__dataclass_fields__)[1:])
        return _Field(self.of, *columns)


def merge_rows(asks: Asks, before: State, live: State) -> pd.DataFrame:
    """Merge row by row; the plan has the rows in which something happens or must be said, in their order.

    `before` and `live` are the subscribers that are asked for; two-way, `before` is `live`.
    """
    fields = [_field(field, asks.fields[field.name], before, live) for field in schema.MUTABLE]
    case = _cases(asks.action, before.known, live, fields)
    rows = np.flatnonzero(~case.among([""]))
    live, case, fields = live.take(rows), case.take(rows), [field.take(rows) for field in fields]
    action = Cases(tuple(_CASES[name].action for name in case.names), case.code)
    columns = {
        "action": action.texts(),
        NAME: asks.names.take(rows),
        **{field.of.name: _after(field, action, live.known) for field in fields},
        "note": _notes(case, fields, before.known[rows], asks.implied[rows], live.unsure),
        "conflict": case.among(name for name, each in _CASES.items() if each.conflict),
    }
    return build_plan(live, columns)


def _field(of: schema.Field, requested: Any, before: State, live: State) -> _Field:
    """Say who changed what; without a `before`, whatever was asked for is a change, and whatever is live is theirs."""
    was, now, known, asked = before.fields[of.name], live.fields[of.name], before.known, is_known(requested)
    wanted = pc.if_else(asked, comparable_texts(requested, of.name), pc.if_else(known, was, now))
    mine = np.where(known, ~alike(wanted, was), asked)
    theirs = live.known & ~(known & alike(now, was))
    return _Field(of, was, wanted, now, mine, theirs, open=~alike(wanted, now))


class _Case(NamedTuple):
    """What a case does, what is said of it, and whether somebody must decide it."""

    action: str
    note: str = ""
    conflict: bool = False


_CASES: Final = {
    "create": _Case("create"),
    "update": _Case("update"),
    "delete": _Case("delete"),
    "clash": _Case("update", f"you: {{you}}, meanwhile: {{others}}. {KEEP_OR_WRITE}", conflict=True),
    "exists": _Case(
        "update", f"you: create with {{you}}, but it exists already: {{now}}. {KEEP_OR_WRITE}", conflict=True
    ),
    "changed, gone": _Case("update", f"you: {{you}}, {GONE}", conflict=True),
    "no such": _Case("update", NO_SUCH, conflict=True),
    "delete moved": _Case("delete", f"you: delete, meanwhile: {{others}}. {KEEP_OR_DELETE}", conflict=True),
    "both alike": _Case("none", "already so: you and others made the same change (meanwhile: {others})"),
    "created alike": _Case("none", "already so: created as {now} meanwhile"),
    "exists alike": _Case("none", "already so: it exists"),
    "theirs": _Case("none", "changed by others only: {others}"),
    "gone": _Case("none", "deleted by others; you had not changed it"),
    "delete gone": _Case("none", "already so: deleted by others meanwhile"),
    "delete nobody": _Case("none", "nothing to delete: there is no such subscriber"),
    "create unsure": _Case("create", f"{NOT_KNOWN}{{why}}. {MAY_REFUSE}"),
    "update unsure": _Case("update", f"{NOT_KNOWN}{{why}}. {WILL_ASK}"),
    "delete unsure": _Case("delete", f"{NOT_KNOWN}{{why}}. {WILL_ASK}"),
    "changed, unsure": _Case("update", f"you: {{you}}, but {NOT_KNOWN}{{why}}. {UNSURE}", conflict=True),
    "delete, unsure": _Case("delete", f"you: delete, but {NOT_KNOWN}{{why}}. {UNSURE}", conflict=True),
    "": _Case(""),
}
"""The cases of a row; of the last one nothing is planned and nothing said."""


def _cases(action: Any, known: Mask, live: State, fields: list[_Field]) -> Cases:
    """Name each row's case, a key of `_CASES`; empty where nothing happens and nothing must be said."""
    mine, theirs = _any(field.mine for field in fields), _any(field.theirs for field in fields)
    left, foreign = (_any(getattr(field, side) & field.open for field in fields) for side in ("mine", "theirs"))
    deletes, creates, updates = (is_text(action, what) for what in ("delete", "create", "update"))
    exists, unsure = live.known, ~is_text(live.unsure, "")
    return select_cases(
        (is_text(action, "none"), ""),
        (unsure & deletes & known, "delete, unsure"),
        (unsure & deletes, "delete unsure"),
        (unsure & known & mine & ~creates, "changed, unsure"),
        (unsure & known & ~creates, ""),
        (unsure & updates, "update unsure"),
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
        (updates, "no such"),
        default="create",
    )


def _any(masks: Iterable[Mask]) -> Mask:
    return reduce(or_, masks)


def _after(field: _Field, action: Cases, exists: Mask) -> Any:
    deletes = action.among(["delete"])
    after = pc.if_else(exists | deletes, field.after(), field.wanted)
    after = pc.if_else(action.among(["none"]), field.live, after)
    after = pc.if_else(deletes, NULL, after)
    if field.of.at_birth is None:
        return after
    return pc.if_else(action.among(["create"]), field.wanted.fill_null(field.of.at_birth), after)


def _notes(case: Cases, fields: list[_Field], was_known: Mask, implied: Mask, unsure: Any) -> Any:
    """Say what must be said of each row; `was_known`: it was there when you decided; `unsure` see `why_unsure`."""
    note = pc.if_else(case.among(["delete"]) & implied, IMPLIED, same_text("", len(implied)))
    for name in case.present():
        if template := _CASES[name].note:  # building notes is slow, and most rows have none
            is_case = case.among([name])
            rows = np.flatnonzero(is_case)
            taken = [field.take(rows) for field in fields]
            filled = _fill_template(template, taken, was_known=was_known[rows], why=unsure.take(rows))
            note = pc.replace_with_mask(note, pa.array(is_case), filled)
    return note


def _fill_template(template: str, fields: list[_Field], *, was_known: Mask, why: Any) -> Any:
    """Fill a template for all rows at once."""
    before, live = ({each.of.name: getattr(each, when) for each in fields} for when in ("before", "live"))
    pieces: list[Any] = []
    for text, what, _, _ in Formatter().parse(template):
        pieces.append(text)
        if what == "you":
            pieces.append(join_columns([(field.mine, value_texts(field.wanted, field.of)) for field in fields]))
        elif what == "others":
            created = join_pieces(len(was_known), "created as ", state_texts(live))
            pieces.append(pc.if_else(was_known, change_texts(before, live), created))
        elif what == "now":
            pieces.append(state_texts(live))
        elif what == "why":
            pieces.append(why)
    return join_pieces(len(was_known), *pieces)
