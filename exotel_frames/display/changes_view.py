"""The view of a comparison of two states of an account: who was added, removed and changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.display.values import cell_text, field_change, field_text, is_missing, label_of, name_text
from exotel_frames.display.view import Change, Group, Row, View, describe_rest, fair_shares
from exotel_frames.frames.arguments import need_columns, recall
from exotel_frames.frames.compare import same
from exotel_frames.schema import NAME
from exotel_frames.text import join_words

CHANGES: Final = ("removed", "maybe removed", "changed", "added", "maybe added")
_MEANINGS: Final = {
    "removed": "no longer there",
    "changed": "there before and after, with different values",
    "added": "not there before",
    "maybe removed": "not in the later listing, some of which could not be read",
    "maybe added": "not in the earlier listing, some of which could not be read",
}
_KINDS: Final = {
    "removed": "conflict",
    "maybe removed": "conflict",
    "changed": "update",
    "added": "create",
    "maybe added": "create",
}
"""How a change looks: like these rows of a plan. A removal is no "delete", which would be red: it has happened."""
_MAYBE: Final = ("maybe added", "maybe removed")


def view_changes(changes: pd.DataFrame, *, max_rows: int, see_all: str = "") -> View:
    """Return the view of a changes frame.

    >>> view_changes(pd.DataFrame({"change": ["added"], "subscriber_name": ["bob"]}), max_rows=9).headline
    '1 added, 0 removed, 0 changed'
    """
    changes = need_columns(changes, ["change", NAME], what="The changes")
    found = {each: changes[(changes["change"] == each).to_numpy()] for each in CHANGES}
    found = {each: part for each, part in found.items() if len(part)}
    shares = fair_shares({each: len(part) for each, part in found.items()}, max_rows)
    groups = tuple(_group(each, part, shares[each], see_all) for each, part in found.items())
    heads = ("change", NAME, "what else")
    notes = recall(changes).get("notes") or ()
    advice = (*notes, *(() if groups else ("Nothing differs.",)))
    return View(label_of(changes), _headline(changes), heads, groups, advice)


def _headline(changes: pd.DataFrame) -> str:
    counts = {each: int((changes["change"] == each).sum()) for each in ("added", "removed", "changed")}
    counts |= {each: number for each in _MAYBE if (number := int((changes["change"] == each).sum()))}
    about = recall(changes)
    sides = [about.get(side) or {} for side in ("before", "after")]
    accounts = [(side.get("origin") or {}).get("account_sid") for side in sides]
    times = [str(side["taken_at"])[:16].replace("T", " ") if side.get("taken_at") else None for side in sides]
    headline = ", ".join(f"{number:,} {each}" for each, number in counts.items())
    headline += f", between {times[0]} and {times[1] or 'now'} (UTC)" if times[0] else ""
    other = accounts[0] and accounts[1] and accounts[0] != accounts[1]
    return f"{headline}; before, it was another account: {cell_text(accounts[0])}" if other else headline


def _group(kind: str, rows: pd.DataFrame, share: int, see_all: str) -> Group:
    shown = tuple(_row(row, kind) for row in rows.head(share).to_dict("records"))
    left = describe_rest(len(rows) - len(shown), f"{kind} row", see_all or f'changes[changes["change"] == "{kind}"]')
    return Group(_KINDS[kind], f"{len(rows):,} {kind}: {_meaning(kind, rows)}", shown, left)


def _meaning(kind: str, rows: pd.DataFrame) -> str:
    return (_count_changes(rows) if kind == "changed" else "") or _MEANINGS[kind]


def _count_changes(rows: pd.DataFrame) -> str:
    """Return in words in how many rows each field differs."""
    fields = [field for field in schema.FIELDS if f"{field}_before" in rows]
    counts = {field: int((~same(rows[f"{field}_before"], rows[f"{field}_after"])).sum()) for field in fields}
    return join_words([f"{field} in {number:,}" for field, number in counts.items() if number])


def _row(row: dict[Any, Any], kind: str) -> Row:
    return Row(kind, name_text(row[NAME]), tuple(_cells(row, kind)), _note(row, kind))


def _cells(row: dict[Any, Any], kind: str) -> Iterator[Change]:
    """Yield the changed fields of a subscriber; of one that was added or removed all fields."""
    for field in schema.MUTABLE:
        before, after = row.get(f"{field.name}_before"), row.get(f"{field.name}_after")
        if kind.endswith("removed"):
            yield Change(field.name, field_text(before, field), None)
        elif kind.endswith("added"):
            yield Change(field.name, None, field_text(after, field))
        elif change := field_change(field, before, after):
            yield change


def _note(row: dict[Any, Any], kind: str) -> str:
    created, updated = ([_day(row.get(f"{name}_{side}")) for side in ("before", "after")] for name in _DATES)
    if kind.endswith("removed"):
        return f"last updated {updated[0]}" if updated[0] else ""
    if kind.endswith("added"):
        return f"created {created[1]}" if created[1] else ""
    if created[0] != created[1] and created[0] and created[1]:
        return f"deleted and created again on {created[1]}: its device tokens are lost"
    return f"updated {updated[1]}" if updated[1] else ""


_DATES: Final = ("date_created", "date_updated")


def _day(moment: Any) -> str:
    return "" if is_missing(moment) or moment is None else cell_text(moment)[:16]
