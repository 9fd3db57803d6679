"""Checks that a plan is valid and safe; a refusal lists everything at once, with the arithmetic and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.errors import PlanError, UnsafePlanError, ValidationError
from exotel_frames.frames.arguments import need_columns, recall
from exotel_frames.frames.arrow_columns import is_known, is_text, text_mask
from exotel_frames.frames.convert import conform
from exotel_frames.frames.text_column import read_texts
from exotel_frames.plans.before import UNPLANNED
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize, quote_names, quote_value
from exotel_frames.validation import (
    FORM_RULES,
    Problem,
    check_actions,
    check_duplicates,
    check_fields,
    check_names,
    raise_problems,
)

FREE_ROWS: Final = 10
"""So many changed rows never are too large a share: a review of 2 of 3 subscribers is no accident."""
LISTED_MAX: Final = 10
_TEXTS: Final = tuple(column for column, dtype in schema.PLAN.items() if dtype == schema.STR and column != "note")
Existing: TypeAlias = Callable[[Sequence[str]], Iterable[str]]
"""Tells which of some names exist."""
_TRUTHS: Final = {"true": True, "false": False, "": False}


def conform_plan(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as a plan: one that was filtered, or loaded from parquet, or from a file in which all is text.

    From such a file (`conflict` is no boolean there) come TRUE and FALSE in any case, ISO 8601 dates, and blanks for
    what is missing. Extra columns are left out. `note` may be absent, and both columns of a field that an update need
    not name: a plan that was made before that field existed asks nothing of it (`keep_unplanned`). Errors: one
    `ValidationError` that names all columns that are missing or can't be read.

    >>> text = {column: ["delete" if column == "action" else ""] for column in schema.PLAN}
    >>> conform_plan(pd.DataFrame(text | {"subscriber_name": ["007"], "conflict": ["TRUE"]}))["conflict"].tolist()
    [True]
    """
    unplanned = _unplanned_fields(getattr(frame, "columns", ()))
    optional = {"note", *(column for name in unplanned for column in (f"{name}_from", name))}
    frame = need_columns(frame, [column for column in schema.PLAN if column not in optional], what="The plan")
    if frame["conflict"].dtype != bool:
        texts = [column for column in (*_TEXTS, "date_updated") if column in frame]
        frame = frame.assign(
            **{column: frame[column].mask(frame[column] == "") for column in texts},
            conflict=frame["conflict"].map(_parse_truth).astype(object),
        )
    plan = conform(frame, "plan")
    made = plan.assign(note=plan["note"].fillna(""))
    if unplanned:
        made.attrs["exotel_frames"] = recall(made) | {UNPLANNED: unplanned}
    return made


def _unplanned_fields(columns: Iterable[Any]) -> list[str]:
    """Return the fields of which a plan says nothing, neither before nor after."""
    known = set(columns)
    return [
        each.name for each in schema.MUTABLE if not each.always_sent and not known & {each.name, f"{each.name}_from"}
    ]


def _parse_truth(cell: Any) -> Any:
    if isinstance(cell, str):
        return _TRUTHS.get(cell.strip().lower(), cell)
    return False if pd.api.types.is_scalar(cell) and pd.isna(cell) else cell


def check_plan(plan: pd.DataFrame, *, existing: Existing = lambda _: ()) -> pd.DataFrame:
    """Return the plan with exactly the schema, or raise one `ValidationError` with all its problems.

    Actions that are none, names that are missing or repeated, and in rows that do something: illegal names, and
    statuses that are none. A create needs no status, an update neither, where the service will be asked.
    `existing(names)` tells which of some names that could not be made exist all the same; it is asked only about such.

    >>> plan = conform(pd.DataFrame({"action": ["drop"], "subscriber_name": ["bob"], "conflict": False}), "plan")
    >>> check_plan(plan)
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: The plan can't be used: 1 problem. Row 0: 'drop' is no action: \
it must be 'create', 'update', 'delete' or 'none', in exactly these letters. Rows count from 0.
    """
    made = conform_plan(plan)
    check_rows(made, plan[NAME], existing=existing)
    return made


def check_rows(made: pd.DataFrame, names: pd.Series[Any], *, existing: Existing) -> None:
    """Raise what `check_plan` raises about the rows of a plan that was conformed; `names` is the caller's column."""
    problems = _without_existing(sorted(_plan_problems(made), key=lambda problem: problem.place), made, existing)
    if problems:
        raise_problems("The plan can't be used", problems, names)


def _without_existing(problems: list[Problem], plan: pd.DataFrame, existing: Existing) -> list[Problem]:
    """Leave out what is wrong with the form of names that exist, where a row changes or deletes them."""
    askable = {
        each.place for each in problems if each.rule in FORM_RULES and plan["action"].iloc[each.place] != "create"
    }
    names = plan[NAME].iloc[sorted(askable)].tolist()
    known = set(existing(names)) if names else set()
    return [
        each
        for each in problems
        if each.rule not in FORM_RULES or each.place not in askable or plan[NAME].iloc[each.place] not in known
    ]


def _plan_problems(plan: pd.DataFrame) -> Iterator[Problem]:
    for row in np.flatnonzero(plan["action"].isna()).tolist():
        yield Problem(row, "action", None, "missing", "This row has no action: add one, or drop the row.")
    yield from check_actions(plan["action"], what="")
    names = read_texts(plan[NAME])
    beside = (problem for problem in check_duplicates(names) if problem.rule == "repeated")
    lenient = _rows_exempt_from_rules(plan)
    for problem in chain(check_names(names), check_fields(plan)):
        if problem.rule == "missing" or not lenient.get(str(problem.column), lenient["all"])[problem.place]:
            yield problem
    yield from beside


def _rows_exempt_from_rules(plan: pd.DataFrame) -> dict[str, list[bool]]:
    """Tell which rows may break the rules of a column: rules are for what a plan makes, not for what exists already."""
    action, was, status = (read_texts(plan[column]).arrow for column in ("action", "status_from", "status"))
    idle, changes = is_text(action, "none"), is_text(action, "update", "delete")
    exists = changes & (is_known(was) | plan["date_updated"].notna().to_numpy())
    kept = changes & (text_mask(pc.equal(status, was)) | is_text(action, "delete"))
    columns = {"all": idle, NAME: idle | exists, "status": idle | kept}
    return {column: mask.tolist() for column, mask in columns.items()}


def check_limits(plan: pd.DataFrame, tenant_rows: int, *, max_deletes: int, max_share: float, label: str = "") -> None:
    """Raise `UnsafePlanError` when a plan does more than the limits allow, `PlanError` when it has conflicts.

    `max_deletes` counts subscribers. `max_share` is the part of the tenant (`tenant_rows` subscribers) that updates and
    deletes may change together; up to `FREE_ROWS` rows are never too many. Creates don't count: they take nothing from
    anybody, and the first load of an empty tenant would always be refused. Rows in conflict don't count either: they
    must be dropped or decided first. `label` stands first in the message: who would be hit.

    >>> plan = conform(pd.DataFrame({"action": ["delete"], "subscriber_name": ["bob"], "conflict": False}), "plan")
    >>> check_limits(plan, 1000, max_deletes=0, max_share=0.3)
    Traceback (most recent call last):
    exotel_frames.errors.UnsafePlanError: The plan deletes 1 subscriber, and max_deletes is 0. To allow it: \
apply_plan(client, plan, max_deletes=1).
    """
    check_arguments(max_deletes, max_share)
    action, is_clear = read_texts(plan["action"]).arrow, ~plan["conflict"].to_numpy()
    is_changed = is_clear & is_text(action, "update", "delete")
    deletes, changed = int((is_clear & is_text(action, "delete")).sum()), int(is_changed.sum())
    share = min(1.0, changed / max(tenant_rows, 1))
    problems, allow = [], []
    if deletes > max_deletes:
        problems.append(f"deletes {pluralize(deletes, 'subscriber')}, and max_deletes is {max_deletes:,}")
        allow.append(f"max_deletes={deletes}")
    if changed > FREE_ROWS and share > max_share:
        problems.append(f"changes {_describe_share(changed, tenant_rows)}, and max_share is {_percent(max_share)}")
        allow.append(f"max_share={_round_up(changed, tenant_rows):.4g}")
    head, conflicts = f"{label}: " if label else "", _conflicts(plan)
    if problems:
        way = f"To allow it: apply_plan(client, plan, {', '.join(allow)})."
        raise UnsafePlanError(f"{head}The plan {'; it '.join(problems)}. {way}{conflicts}", plan[is_changed])
    if conflicts:
        raise PlanError(f"{head}{conflicts.strip()}", plan[plan["conflict"].to_numpy()])


def check_arguments(max_deletes: Any, max_share: Any) -> None:
    """Raise one error that names each limit that is no valid number; numpy's, such as the sum of a column, are.

    >>> check_arguments(0, 30)
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: max_share is 30; it must be a share between 0 and 1: 30 % is 0.3.
    """
    problems = []
    if isinstance(max_deletes, bool) or not isinstance(max_deletes, int | np.integer) or max_deletes < 0:
        problems.append(f"max_deletes is {quote_value(max_deletes)}; it must be a number of subscribers, 0 or more")
    if isinstance(max_share, bool) or not isinstance(max_share, int | float | np.integer) or not 0 <= max_share <= 1:
        problems.append(f"max_share is {quote_value(max_share)}; it must be a share between 0 and 1: 30 % is 0.3")
    if problems:
        raise ValidationError(f"{'; '.join(problems)}.")


def _conflicts(plan: pd.DataFrame) -> str:
    is_conflict = plan["conflict"].to_numpy()
    if not is_conflict.any():
        return ""
    names = plan.loc[is_conflict, NAME].tolist()
    return (
        f" The plan has {pluralize(len(names), 'conflict')}: {quote_names(names, LISTED_MAX)}."
        " Drop them (plan = plan[~plan.conflict]), or decide "
        'each as its note says (plan.loc[plan.subscriber_name == "…", "conflict"] = False), and apply again.'
    )


def _describe_share(changed: int, tenant_rows: int) -> str:
    if changed > tenant_rows:  # a share of over 100 % would hide that names are wrong, or that the account is
        return f"{changed:,} subscribers, but the account has {tenant_rows:,} (is it the right account?)"
    return f"{changed:,} of {pluralize(tenant_rows, 'subscriber')} ({_percent(changed / tenant_rows)})"


def _percent(share: float) -> str:
    return f"{share * 100:.4g} %"


def _round_up(changed: int, tenant_rows: int) -> float:
    """Return the share in whole percent that is enough."""
    return min(1.0, -(-changed * 100 // max(tenant_rows, 1)) / 100)
