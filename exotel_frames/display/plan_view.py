"""The view of a plan: counts first, then only the cells that change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.display.plan_rows import PlanRows, kinds_of, normalize_plan
from exotel_frames.display.values import (
    NOT_KNOWN,
    VALUE_MAX,
    cell_text,
    field_change,
    field_text,
    is_missing,
    label_of,
    name_text,
    status_text,
)
from exotel_frames.display.view import Change, Group, Row, View, describe_rest, fair_shares
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.arrow_columns import alike, blank_to_null, count_rows, is_known
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
_PAIRS_MAX: Final = 3


def view_plan(
    plan: pd.DataFrame, *, label: str = "", max_rows: int, see_all: str = "", value_max: int = VALUE_MAX
) -> View:
    """Return the view of a plan, or of any frame with the columns action and subscriber_name.

    At most `max_rows` rows are shown: small groups whole, large ones alike. `see_all` says how the reader sees the
    others (default: a line of pandas). Values longer than `value_max` are cut in the middle.

    >>> view_plan(pd.DataFrame({"action": ["delete"], "subscriber_name": ["bob"]}), max_rows=9).headline
    'Plan: 0 to create, 0 to update, 1 to delete'
    """
    plan = need_columns(plan, ["action", NAME], what="The plan")
    rows = normalize_plan(plan)
    kind = kinds_of(rows)
    found = {each: np.flatnonzero(kind.among([each])) for each in KINDS}
    counts = {each: len(positions) for each, positions in found.items()}
    parts = {each: rows.take(positions) for each, positions in found.items() if len(positions)}
    noted = _idle_rows(parts.pop("none")) if "none" in parts else []
    sizes = {each: len(part) for each, part in parts.items()} | ({"none": len(noted)} if noted else {})
    shares = fair_shares(sizes, max_rows)
    groups = [_group(each, part, shares[each], see_all, value_max) for each, part in parts.items()]
    if noted:
        groups.append(_idle_group(counts["none"], noted, shares["none"], see_all))
    return View(label_of(plan, label), f"Plan: {_counts_text(counts)}", HEADS, tuple(groups), _advice(counts))


def _counts_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[kind]:,} {noun}" for kind, noun in _COUNTED.items() if counts[kind] or kind in _ALWAYS)


def _advice(counts: Mapping[str, int]) -> tuple[str, ...]:
    if not any(counts.values()):
        return ("Nothing to do: the plan has no rows.",)
    idle = not any(number for kind, number in counts.items() if kind != "none")
    return ("Nothing to do: applying this plan sends nothing.",) if idle else ()


def _group(kind: str, rows: PlanRows, share: int, see_all: str, value_max: int) -> Group:
    part = rows.take(np.arange(min(share, len(rows))))
    pairs = zip(part.records(), part.known_before().tolist(), strict=True)
    shown = tuple(_row(row, kind, known=known, value_max=value_max) for row, known in pairs)
    left = len(rows) - len(shown)
    return Group(
        kind, _TITLES[kind](rows), shown, describe_rest(left, _NOUNS.get(kind, kind), see_all or _SELECT[kind])
    )


def view_rows(plan: pd.DataFrame) -> list[tuple[str, Row]]:
    """Return each row of a plan with its kind, in the plan's order: for a reader who sees a few rows at a time.

    >>> [(kind, row.name) for kind, row in view_rows(pd.DataFrame({"action": ["delete"], NAME: ["bob"]}))]
    [('delete', 'bob')]
    """
    rows = normalize_plan(plan)
    each = zip(rows.records(), kinds_of(rows).texts().to_pylist(), rows.known_before().tolist(), strict=True)
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
    return Change(field.name, None, field_text(after, field, value_max)) if after else None


def _updated_change(row: dict[str, Any], field: schema.Field, *, known: bool, value_max: int) -> Change | None:
    before, after = row[f"{field.name}_from"], row[field.name]
    if is_missing(after) and (field.always_sent or not known):  # not asked for: it stays as it is
        return None
    if not known:
        return Change(field.name, NOT_KNOWN, field_text(after, field, value_max))
    return field_change(field, before, after, value_max)


def _deleted_changes(row: dict[str, Any], *, known: bool, value_max: int) -> Iterator[Change]:
    first, *others = schema.MUTABLE if known else schema.MUTABLE[:1]
    yield Change(first.name, field_text(row[f"{first.name}_from"], first, value_max) if known else NOT_KNOWN, None)
    for field in others:
        yield Change(field.name, field_text(row[f"{field.name}_from"], field, value_max), None)
    if known and not is_missing(row["date_updated"]):
        yield Change("last updated", cell_text(row["date_updated"])[:10], None)


def _update_title(rows: PlanRows) -> str:
    title = f"{len(rows):,} to update"
    changes = _describe_changes(rows)
    return f"{title} ({', '.join(changes)})" if changes and len(rows) > 1 else title


def _describe_changes(rows: PlanRows) -> list[str]:
    """Return for each field that changes how, and in how many rows."""
    described: list[str] = []
    for field in schema.MUTABLE:
        before, after = blank_to_null(rows.texts[f"{field.name}_from"]), rows.texts[field.name]
        is_wanted = is_known(after) if field.always_sent else rows.known_before() | is_known(after)
        changed = np.flatnonzero(is_wanted & ~alike(before, blank_to_null(after)))
        if changed.size:
            was, is_now = before.take(changed), after.take(changed)
            described += _count_pairs(was, is_now) if field.choices else [_count_values(field, is_now)]
    return described


def _count_pairs(before: Any, after: Any) -> list[str]:
    pairs = sorted(count_rows(before, after), key=lambda pair: -pair[2])
    return [f"{status_text(one)} → {status_text(other)}: {number:,}" for one, other, number in pairs[:_PAIRS_MAX]]


def _count_values(field: schema.Field, after: Any) -> str:
    cleared = blank_to_null(after).null_count
    return f"{field.name}: {len(after):,}" + (f", {cleared:,} of them cleared" if cleared else "")


_TITLES: Final[dict[str, Callable[[PlanRows], str]]] = {
    "conflict": lambda rows: f"{len(rows):,} in conflict: apply_plan refuses the plan until each is decided or dropped",
    "delete": lambda rows: (
        f"{len(rows):,} to DELETE for good: the values below, date_created and the device tokens are lost"
    ),
    "update": _update_title,
    "create": lambda rows: f"{len(rows):,} to create",
    "other": lambda rows: (
        f"{pluralize(len(rows), 'row')} whose action is not one of {join_words(schema.ACTIONS, last='or')}"
    ),
}


def _idle_rows(rows: PlanRows) -> list[Row]:
    """Return one row for each reason why nothing changes, with its number of subscribers."""
    table = pa.table({"note": rows.texts["note"], "name": rows.texts[NAME]}).filter(pc.field("note").is_valid())
    reasons = table.group_by("note", use_threads=False).aggregate([("name", "first"), ([], "count_all")])
    return [
        Row("none", name_text(first) if size == 1 else pluralize(size, "subscriber"), note=_note(note))
        for note, first, size in zip(*(column.to_pylist() for column in reasons.columns), strict=True)
    ]


def _idle_group(total: int, noted: list[Row], share: int, see_all: str) -> Group:
    rows, left = tuple(noted[:share]), max(0, len(noted) - share)
    return Group("none", f"{total:,} unchanged", rows, describe_rest(left, _NOUNS["none"], see_all or _SELECT["none"]))
