"""The view of a plan: counts first, then only the cells that change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.display.values import (
    NOT_KNOWN,
    VALUE_MAX,
    before_after,
    cell_text,
    is_missing,
    label_of,
    name_text,
    quoted_text,
    raw_text,
    status_text,
)
from exotel_frames.display.view import Change, Group, Row, View, describe_rest, fair_shares
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.plans import known_before
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize

HEADS: Final = ("action", NAME, "note")
KINDS: Final = ("conflict", "delete", "update", "create", "other", "none")
"""The groups, the most urgent first."""
_COUNTED: Final = {
    "create": "to create",
    "update": "to update",
    "delete": "to delete",
    "conflict": "in conflict",
    "none": "unchanged",
    "other": "that can't be understood",
}
_ALWAYS: Final = ("create", "update", "delete")
NOTE_MAX: Final = 600
_TRUE: Final = ("true", "1", "1.0")


def view_plan(plan: pd.DataFrame, *, label: str, max_rows: int, see_all: str = "", value_max: int = VALUE_MAX) -> View:
    """Return the view of a plan, or of any frame with the columns action and subscriber_name.

    At most `max_rows` rows are shown: small groups whole, large ones alike. `see_all` says how the reader sees the
    others (default: a line of pandas). Values longer than `value_max` are cut in the middle.

    >>> view_plan(pd.DataFrame({"action": ["delete"], "subscriber_name": ["bob"]}), label="", max_rows=9).headline
    'Plan: 0 to create, 0 to update, 1 to delete'
    """
    plan = need_columns(plan, ["action", NAME], what="The plan")
    rows = _normalize(plan)
    kind = _kinds(rows)
    counts = {each: int((kind == each).sum()) for each in KINDS}
    found = {each: rows[(kind == each).to_numpy()] for each in KINDS if counts[each]}
    noted = _idle_rows(found.pop("none", rows.iloc[:0]))
    sizes = {each: len(part) for each, part in found.items()} | ({"none": len(noted)} if noted else {})
    shares = fair_shares(sizes, max_rows)
    groups = [_group(each, part, shares[each], see_all, value_max) for each, part in found.items()]
    if noted:
        groups.append(_idle_group(counts["none"], noted, shares["none"], see_all))
    return View(label_of(plan, label), f"Plan: {_counts_text(counts)}", HEADS, tuple(groups), _advice(counts))


def _normalize(plan: pd.DataFrame) -> pd.DataFrame:
    """Return all columns of a plan as texts, numbered from 0; a missing column has missing values.

    A blank cell is missing too, except in a field that an empty text clears, where the plan comes from memory: a file
    can't tell an empty text from none.
    """
    nothing = pd.Series(None, index=range(len(plan)), dtype=schema.STR)
    columns = {name: _cells(plan[name]) if name in plan else nothing for name in schema.PLAN}
    conflict = columns.pop("conflict")
    was_in_file = "conflict" in plan and conflict.dtype != bool
    clearing = {field.name for field in schema.MUTABLE if field.empty_clears}
    blank_is_missing = [name for name in columns if name not in clearing or was_in_file]
    columns |= {name: blank_to_missing(columns[name]) for name in blank_is_missing}
    truth = conflict if conflict.dtype == bool else conflict.str.strip().str.lower().isin(_TRUE)
    return pd.DataFrame(columns).assign(conflict=truth)


def _cells(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as texts, numbered from 0; dates and truth values stay: converting a million takes seconds."""
    as_is = column.dtype == bool or isinstance(column.dtype, pd.DatetimeTZDtype)
    return column.reset_index(drop=True) if as_is else texts(column)


def _kinds(rows: pd.DataFrame) -> pd.Series[Any]:
    known = rows["action"].where(rows["action"].isin(schema.ACTIONS), "other")
    return known.mask(rows["conflict"], "conflict")


def _counts_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[kind]:,} {noun}" for kind, noun in _COUNTED.items() if counts[kind] or kind in _ALWAYS)


def _advice(counts: Mapping[str, int]) -> tuple[str, ...]:
    if not any(counts.values()):
        return ("Nothing to do: the plan has no rows.",)
    idle = not any(number for kind, number in counts.items() if kind != "none")
    return ("Nothing to do: applying this plan sends nothing.",) if idle else ()


def _group(kind: str, rows: pd.DataFrame, share: int, see_all: str, value_max: int) -> Group:
    part = rows.head(share)
    known = known_before(part)
    records: list[dict[Any, Any]] = part.to_dict("records")
    shown = tuple(_row(row, kind, known=at, value_max=value_max) for row, at in zip(records, known, strict=True))
    left = len(rows) - len(shown)
    return Group(
        kind, _TITLES[kind](rows), shown, describe_rest(left, _NOUNS.get(kind, kind), see_all or _SELECT[kind])
    )


def view_rows(plan: pd.DataFrame) -> list[tuple[str, Row]]:
    """Return each row of a plan with its kind, in the plan's order: for a reader who sees a few rows at a time.

    >>> [(kind, row.name) for kind, row in view_rows(pd.DataFrame({"action": ["delete"], NAME: ["bob"]}))]
    [('delete', 'bob')]
    """
    rows = _normalize(plan)
    records: list[dict[Any, Any]] = rows.to_dict("records")
    each = zip(records, _kinds(rows), known_before(rows), strict=True)
    return [(kind, _row(record, kind, known=known, value_max=VALUE_MAX)) for record, kind, known in each]


_NOUNS: Final = {"none": "reason", "other": "row"}
_SELECT: Final[Mapping[str, str]] = {
    **{str(action): f'plan[plan["action"] == "{action}"]' for action in schema.ACTIONS},
    "conflict": 'plan[plan["conflict"]]',
    "other": "plan",
}
"""The line of pandas that shows all rows of a group."""


def _row(row: dict[Any, Any], kind: str, *, known: bool, value_max: int) -> Row:
    action = "(none)" if is_missing(row["action"]) else cell_text(row["action"])
    changes = tuple(_changes(row, known=known, value_max=value_max))
    return Row(action if kind in {"conflict", "other"} else kind, name_text(row[NAME]), changes, _note(row["note"]))


def _note(note: Any) -> str:
    return cell_text(note, NOTE_MAX).strip()


def _changes(row: dict[str, Any], *, known: bool, value_max: int) -> Iterator[Change]:
    """Yield the cells that change: of a delete those that are lost, of a create those that are set."""
    if row["action"] == "delete":
        yield from _deleted_changes(row, known=known, value_max=value_max)
        return
    for field in schema.MUTABLE:
        is_create = row["action"] == "create"
        change = (
            _created_change(row, field, value_max)
            if is_create
            else _updated_change(row, field, known=known, value_max=value_max)
        )
        if change:
            yield change


def _created_change(row: dict[str, Any], field: schema.Field, value_max: int) -> Change | None:
    after = field.at_birth if is_missing(row[field.name]) else row[field.name]
    return Change(field.name, None, _display_value(after, field, value_max)) if after else None


def _updated_change(row: dict[str, Any], field: schema.Field, *, known: bool, value_max: int) -> Change | None:
    before, after = row[f"{field.name}_from"], row[field.name]
    if is_missing(after) and (field.always_sent or not known):  # not asked for: it stays as it is
        return None
    if not known:
        return Change(field.name, NOT_KNOWN, _display_value(after, field, value_max))
    if raw_text(before) == raw_text(after):
        return None
    if field.choices:
        return Change(field.name, _display_value(before, field, value_max), _display_value(after, field, value_max))
    return Change(field.name, *before_after(raw_text(before), raw_text(after), value_max))


def _display_value(value: Any, field: schema.Field, value_max: int) -> str:
    return status_text(value) if field.choices else quoted_text(value, value_max)


def _deleted_changes(row: dict[str, Any], *, known: bool, value_max: int) -> Iterator[Change]:
    first, *others = schema.MUTABLE if known else schema.MUTABLE[:1]
    yield Change(first.name, _display_value(row[f"{first.name}_from"], first, value_max) if known else NOT_KNOWN, None)
    for field in others:
        yield Change(field.name, _display_value(row[f"{field.name}_from"], field, value_max), None)
    if known and not is_missing(row["date_updated"]):
        yield Change("last updated", cell_text(row["date_updated"])[:10], None)


def _update_title(rows: pd.DataFrame) -> str:
    title = f"{len(rows):,} to update"
    changes = _describe_changes(rows)
    return f"{title} ({', '.join(changes)})" if changes and len(rows) > 1 else title


def _describe_changes(rows: pd.DataFrame) -> list[str]:
    """Return for each field that changes how, and in how many rows."""
    described: list[str] = []
    for field in schema.MUTABLE:
        before, after = blank_to_missing(rows[f"{field.name}_from"]), rows[field.name]
        is_wanted = after.notna() if field.always_sent else known_before(rows) | after.notna()
        changed = is_wanted & ~same(before, blank_to_missing(after))
        if changed.any():
            described += (
                _count_pairs(before[changed], after[changed])
                if field.choices
                else [_count_values(field, after[changed])]
            )
    return described


def _count_pairs(before: pd.Series[Any], after: pd.Series[Any]) -> list[str]:
    pairs = pd.DataFrame({"before": before.fillna(""), "after": after}).value_counts().head(3)
    return [
        f"{status_text(one or None)} → {status_text(other)}: {number:,}"
        for one, other, number in pairs.reset_index().itertuples(index=False, name=None)
    ]


def _count_values(field: schema.Field, after: pd.Series[Any]) -> str:
    cleared = int(blank_to_missing(after).isna().sum())
    return f"{field.name}: {len(after):,}" + (f", {cleared:,} of them cleared" if cleared else "")


_TITLES: Final[dict[str, Callable[[pd.DataFrame], str]]] = {
    "conflict": lambda rows: f"{len(rows):,} in conflict: apply_plan refuses the plan until each is decided or dropped",
    "delete": lambda rows: (
        f"{len(rows):,} to DELETE, for good: what stands here is lost, and so are date_created and device tokens"
    ),
    "update": _update_title,
    "create": lambda rows: f"{len(rows):,} to create",
    "other": lambda rows: (
        f"{pluralize(len(rows), 'row')} without an action that is one of {join_words(schema.ACTIONS, last='or')}"
    ),
}


def _idle_rows(rows: pd.DataFrame) -> list[Row]:
    """Return one row for each reason why nothing changes, with its number of subscribers."""
    noted = rows[rows["note"].fillna("") != ""]
    reasons = noted.groupby("note", sort=False)[NAME].agg(["first", "size"])
    return [
        Row("none", name_text(first) if size == 1 else pluralize(size, "subscriber"), note=_note(note))
        for note, first, size in reasons.itertuples()
    ]


def _idle_group(total: int, noted: list[Row], share: int, see_all: str) -> Group:
    rows, left = tuple(noted[:share]), max(0, len(noted) - share)
    return Group("none", f"{total:,} unchanged", rows, describe_rest(left, _NOUNS["none"], see_all or _SELECT["none"]))
