"""The rules on a column of names: each name by itself, names beside each other, and names beside the tenant's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import Mask, count_alike, is_known, text_mask
from exotel_frames.frames.row_numbers import NO_NUMBERS, RowNames, row_names
from exotel_frames.frames.text_column import TEXT, TextColumn, value_of
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value
from exotel_frames.validation.characters import broken_rules, is_legal, nearest_name, not_text
from exotel_frames.validation.problem import Problem

_WHOLE_NAME: Final = rf"\A(?:{schema.NAME_PATTERN})\z"  # `$` would let a last line break pass
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_TWINS_MAX: Final = 5


def are_illegal(names: Any) -> Mask:
    """Tell which names could not be created; what is missing is no name.

    >>> are_illegal(pa.array(["007", "al ex", None], TEXT)).tolist()
    [False, True, False]
    """
    return text_mask(pc.invert(pc.match_substring_regex(names, _WHOLE_NAME)))


def check_names(names: TextColumn) -> Iterator[Problem]:
    """Yield what is wrong with each name by itself: missing, no text, empty, too long, bad characters."""
    for row in np.flatnonzero(names.missing).tolist():
        yield Problem(row, NAME, None, "missing", "This row has no name: add one, or drop the row.")
    for row, cell in names.at(names.non_text):
        yield from _text_problems(row, cell) if isinstance(cell, str) else [_not_text_problem(row, cell)]
    rows = np.flatnonzero(are_illegal(names.arrow))
    for row, name in zip(rows.tolist(), names.arrow.take(rows).to_pylist(), strict=True):
        yield from _text_problems(row, name)


def _text_problems(row: int, name: str) -> Iterator[Problem]:
    fix = nearest_name(name)
    for rule, message in broken_rules(name):
        yield Problem(row, NAME, value_of(name), rule, message, fix)


def _not_text_problem(row: int, cell: Any) -> Problem:
    decoded = cell.decode("ascii", "replace") if isinstance(cell, bytes) else ""
    return Problem(row, NAME, value_of(cell), "not_text", not_text(cell), decoded if is_legal(decoded) else "")


@dataclass(frozen=True)
class ExistingNames:
    """The names that exist, each once, and which rows of the caller's column are among them."""

    names: Any  # a pyarrow LargeStringArray
    known: NDArray[np.bool_]


def existing_names(names: TextColumn, current: TextColumn) -> ExistingNames:
    """Look the names up among the current ones."""
    existing = current.arrow.drop_null().unique()
    return ExistingNames(existing, text_mask(pc.is_in(names.arrow, value_set=existing)))


def check_duplicates(names: TextColumn, tenant: ExistingNames | None = None) -> Iterator[Problem]:
    """Yield names that are repeated, or differ only by case from another one in the column or in the tenant."""
    lower = pc.ascii_lower(names.arrow)
    rows = np.flatnonzero((count_alike(lower) > 1) | _twin_in_tenant(lower, tenant))
    rows_of: dict[str, list[int]] = {}
    for row, name in zip(rows.tolist(), names.arrow.take(rows).to_pylist(), strict=True):
        rows_of.setdefault(name, []).append(row)
    rows_of.pop("", None)  # an empty name is told as such
    called = row_names(names) if rows_of else NO_NUMBERS
    yield from _find_repeated(rows_of, called)
    yield from _case_twins(rows_of, tenant, called)


def _twin_in_tenant(lower: Any, tenant: ExistingNames | None) -> NDArray[np.bool_]:
    twins = np.zeros(len(lower), dtype=bool)
    if tenant is None or not len(tenant.names):
        return twins
    existing = pc.ascii_lower(tenant.names)
    strangers = np.flatnonzero(~tenant.known)
    twins[strangers] = text_mask(pc.is_in(lower.take(strangers), value_set=existing))
    paired = existing.filter(pa.array(count_alike(existing) > 1))
    return twins | text_mask(pc.is_in(lower, value_set=paired)) if len(paired) else twins


def _find_repeated(rows_of: dict[str, list[int]], called: RowNames) -> Iterator[Problem]:
    for name, rows in rows_of.items():
        if len(rows) > 1:
            message = (
                f"{quote_value(name)} is in {pluralize(len(rows), 'row')} ({called.several(rows)}): keep one of them."
            )
            for row in rows:
                yield Problem(row, NAME, name, "repeated", message)


def _case_twins(rows_of: dict[str, list[int]], tenant: ExistingNames | None, called: RowNames) -> Iterator[Problem]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys([*rows_of, *_near_in_tenant(rows_of, tenant)]):
        groups[name.translate(_ASCII_LOWER)].append(name)
    for group in groups.values():
        for name in group if len(group) > 1 else ():
            message = _twin_message(name, group, rows_of, called)
            for row in rows_of.get(name, ()):
                yield Problem(row, NAME, name, "case_twin", message)


def _near_in_tenant(names: Iterable[str], tenant: ExistingNames | None) -> list[str]:
    """Return the tenant's names that are one of these in any case."""
    if tenant is None:
        return []
    keys = pa.array([name.translate(_ASCII_LOWER) for name in names], TEXT)
    near: list[str] = tenant.names.filter(pc.is_in(pc.ascii_lower(tenant.names), value_set=keys)).to_pylist()
    return near


def _twin_message(name: str, group: list[str], rows_of: dict[str, list[int]], called: RowNames) -> str:
    first = group[: _TWINS_MAX + 1]  # a group may have 65,536 members: no message names them all
    others = [f"{quote_value(other)} ({_where(rows_of.get(other), called)})" for other in first if other != name][
        :_TWINS_MAX
    ]
    about = f"{quote_value(name)} differs only by case from {join_words(others, len(group) - 1)}"
    return f"{about}: names are case-sensitive, so these are different subscribers."


def _where(rows: list[int] | None, called: RowNames) -> str:
    return called.one(rows[0]) if rows else "an existing subscriber"


def check_existence(names: TextColumn, tenant: ExistingNames, action: str) -> Iterator[Problem]:
    """Yield names that exist already (create), or that don't exist (update, delete)."""
    rows = np.flatnonzero(tenant.known if action == "create" else ~tenant.known & is_known(names.arrow))
    found = list(zip(rows.tolist(), names.arrow.take(rows).to_pylist(), strict=True))
    yield from map(_exists_problem, found) if action == "create" else _not_found_problems(found, tenant)


def _exists_problem(found: tuple[int, str]) -> Problem:
    row, name = found
    message = f"{quote_value(name)} exists already: drop the row, or update the subscriber instead."
    return Problem(row, NAME, name, "already_exists", message)


def _not_found_problems(found: list[tuple[int, str]], tenant: ExistingNames) -> Iterator[Problem]:
    twins: dict[str, list[str]] = defaultdict(list)
    for name in _near_in_tenant([name for _, name in found], tenant):
        twins[name.translate(_ASCII_LOWER)].append(name)
    about = f"is not among the {pluralize(len(tenant.names), 'current subscriber')}."
    for row, name in found:
        near = twins.get(name.translate(_ASCII_LOWER), [])
        fix = near[0] if len(near) == 1 else ""
        hint = f" Did you mean {quote_value(fix)}? Names are case-sensitive." if fix else ""
        yield Problem(row, NAME, name, "not_found", f"{quote_value(name)} {about}{hint}", fix)
