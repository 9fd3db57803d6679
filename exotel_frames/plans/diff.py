"""What must happen to make one frame of subscribers into another: a plan, two-way or three-way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import as_pandas, column_problems, recall, without_attrs
from exotel_frames.frames.arrow_columns import as_texts, is_text, same_text
from exotel_frames.frames.loaded_state import LOADED
from exotel_frames.frames.part import NAMELESS, ONLY, describe_nameless, existing_subscribers, refuse_part, unsure_texts
from exotel_frames.frames.row_numbers import carry_numbers
from exotel_frames.frames.text_column import read_texts, str_array
from exotel_frames.plans.before import find_names, requested_unless_blank, state_of, take_state, with_new_fields
from exotel_frames.plans.rename_hints import Side, with_hints
from exotel_frames.plans.three_way import Asks, merge_rows
from exotel_frames.schema import NAME
from exotel_frames.text import quote_value
from exotel_frames.validation import (
    Problem,
    check_actions,
    check_duplicates,
    check_fields,
    check_names,
    raise_problems,
)

Rows = NDArray[np.int64]
_NAMED_FIELDS: Final = (NAME, *schema.FIELDS)
_AS_LOADED: Final = " Pass current and base with all their columns, as load_subscribers or read_snapshot returned them."
_INSTEAD: Final = "Pass base=, the frame that desired was made from; or set the action 'delete' on the rows to delete."


def plan_changes(
    current: pd.DataFrame,
    desired: pd.DataFrame,
    *,
    base: pd.DataFrame | None = None,
    delete_missing: bool = False,
) -> pd.DataFrame:
    """Plan the changes that turn `current` into `desired`, compared by name: one row for each subscriber that changes.

    It uses no client and no network. With `base` this is a three-way merge: a field that only you changed is a change;
    one that only others changed, or both in the same way, is `none` with a note; one that both changed differently is a
    `conflict`, with a note that says what you can do. Source of the rules: the provider's document, "The subscriber
    object".

    Parameters
    ----------
    current : DataFrame
        The subscribers as they are; the plan is for their account. If the frame is known to be partial (a listing of
        one status, some of the loaded rows, results), absent subscribers may exist: planning for them is an error.
    desired : DataFrame
        The subscribers as they should be; not from another account. The columns `status` and `custom_field`, and cells
        in them, may be missing: a missing value stays as it is (an empty `custom_field` clears). A column `action` is
        optional: blank (find out), `create`, `update`, `delete` or `none` (leave alone).
    base : DataFrame, optional
        The state that `desired` was made from. A field that is in neither frame stays as it is: it may not have existed
        when they were written.
    delete_missing : bool, default False
        Delete the subscribers that are absent from `desired` (with `base`, only those that were in it). By default an
        absent row deletes nobody.

    Returns
    -------
    DataFrame
        A plan frame in the order of `desired`, then deletions of absent rows in the order of `base` or `current`.

    Raises
    ------
    ValidationError
        One error with all problems: repeated or illegal names, bad statuses, custom fields and actions. Also if
        `current` is partial, for the subscribers that it does not show to exist or not.

    Examples
    --------
    >>> current = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active", "custom_field": ["help", None]})
    >>> desired = pd.DataFrame({"subscriber_name": ["bob", "nidhi"], "custom_field": ["sales", "vip"]})
    >>> plan = plan_changes(current, desired)
    >>> plan[["action", "subscriber_name", "custom_field_from", "custom_field"]].values.tolist()
    [['update', 'bob', 'help', 'sales'], ['create', 'nidhi', nan, 'vip']]
    """
    whole, desired, base = as_pandas(current), as_pandas(desired), as_pandas(base)
    current = existing_subscribers(whole)
    _check_accounts(current, desired)
    _check(current, desired, base)
    if delete_missing:
        _check_same_part(current if base is None else base, desired)
    plan = _plan(*map(without_attrs, (current, desired, base)), about=current, delete_missing=delete_missing)
    refuse_part("plan_changes", plan[NAME], whole)
    plan.attrs.update({**desired.attrs, **current.attrs})
    carry_numbers(desired[NAME], plan)
    return plan


def _plan(
    current: pd.DataFrame, desired: pd.DataFrame, base: pd.DataFrame | None, *, about: Any, delete_missing: bool
) -> pd.DataFrame:
    """Plan with frames that remember nothing, which is faster; `about` is `current` with what it remembers."""
    reference = current if base is None else with_new_fields(base, current)
    names, known = (read_texts(frame[NAME]).arrow for frame in (desired, reference))
    where = find_names(names, reference)
    absent = np.ones(len(reference), dtype=bool)
    absent[where[where >= 0]] = False
    implied = np.flatnonzero(absent & delete_missing)
    asks = _asks(desired, known.take(implied))
    before = take_state(reference, np.append(where, implied))
    live = before if base is None else state_of(asks.names, current)
    plan = merge_rows(asks, before, replace(live, unsure=unsure_texts(asks.names, about)))
    if (~is_text(read_texts(plan["action"]).arrow, "none")).any():
        whole = absent.sum() * 2 <= len(reference)  # else `desired` is a part, and who is absent has not vanished
        vanished = partial(_find_vanished, plan, current, reference, np.flatnonzero(absent & whole))
        everybody = pa.chunked_array([read_texts(current[NAME]).arrow, names])
        plan = with_hints(plan, everybody, vanished)
    return plan


def _check_accounts(current: pd.DataFrame, desired: pd.DataFrame) -> None:
    """Refuse to compare one account's subscribers with what is wanted of another's."""
    now, wanted = (_account(frame) for frame in (current, desired))
    if now and wanted and now != wanted:
        raise ValidationError(
            f"The frames can't be compared: current comes from account {now}, and desired from account {wanted}. "
            "Load the subscribers of that account."
        )


def _check_same_part(reference: pd.DataFrame, desired: pd.DataFrame) -> None:
    """Refuse deletes by absence from a listing of one status: those of the other status are absent from it too."""
    only, of_reference = (recall(frame).get(ONLY) for frame in (desired, reference))
    if only and only != of_reference:
        raise ValidationError(
            f"desired lists only subscribers with the status {quote_value(only)}: delete_missing=True would delete "
            f"all others. {_INSTEAD}"
        )
    items, same_listing = recall(desired).get(NAMELESS), _is_of_same_listing(desired, reference)
    if items and not same_listing:
        raise ValidationError(
            f"desired does not list all subscribers: {describe_nameless(items)}. delete_missing=True would delete the "
            f"missing ones. {_INSTEAD}"
        )


def _is_of_same_listing(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    loaded = recall(one).get(LOADED)
    return loaded is not None and loaded == recall(other).get(LOADED)


def _account(frame: Any) -> str | None:
    origin = recall(frame).get("origin")
    return origin.get("account_sid") if isinstance(origin, dict) else None


def _asks(desired: pd.DataFrame, implied: Any) -> Asks:
    """Return what is asked of each name: what `desired` says, then a delete of each name it is silent about."""
    rows = len(desired)
    if len(implied):
        ours = desired.columns.intersection([*_NAMED_FIELDS, "action"])
        deletes = pd.DataFrame({NAME: str_array(implied), "action": "delete"})
        desired = pd.concat([desired[ours], deletes], ignore_index=True)
    names = read_texts(desired[NAME]).arrow
    action = as_texts(desired["action"]).fill_null("") if "action" in desired else same_text("", rows)
    return Asks(names, action, requested_unless_blank(desired), np.arange(len(desired)) >= rows)


def _find_vanished(plan: pd.DataFrame, current: pd.DataFrame, reference: pd.DataFrame, absent: Rows) -> Side:
    """Return who may live on under a new name: whom the plan deletes, and who is absent from a whole `desired`."""
    deletes = is_text(read_texts(plan["action"]).arrow, "delete")
    deleted = find_names(read_texts(plan[NAME]).arrow.filter(pa.array(deletes)), current)
    leaving = [(current, deleted[deleted >= 0]), (reference, absent)]
    names, fields = (
        pa.concat_arrays([read_texts(frame[column]).arrow.take(pa.array(rows)) for frame, rows in leaving])
        for column in (NAME, "custom_field")
    )
    _, first = np.unique(names.dictionary_encode().indices, return_index=True)
    return Side(names.take(pa.array(first)), fields.take(pa.array(first)))


def _check(current: pd.DataFrame, desired: pd.DataFrame, base: pd.DataFrame | None) -> None:
    """Raise one `ValidationError` with everything that is wrong with the frames, or with their rows."""
    states = {"current": current} if base is None else {"current": current, "base": base}
    _check_columns(states, desired)
    problems = [each for name, frame in states.items() for each in _state_problems(name, frame)]
    about_states = bool(problems)
    problems += desired_problems(desired, current)
    if problems:
        raise_problems("The frames can't be compared", problems, None if about_states else desired[NAME])


def _check_columns(states: Mapping[str, pd.DataFrame], desired: pd.DataFrame) -> None:
    later = _later_fields(states["base"], desired) if "base" in states else set()
    needed = {"current": _NAMED_FIELDS, "base": [name for name in _NAMED_FIELDS if name not in later]}
    problems = {name: column_problems(frame, needed[name]) for name, frame in states.items()}
    problems["desired"] = desired_column_problems(desired)
    if any(problems.values()):
        listed = "; ".join(f"{name}: {'; '.join(texts)}" for name, texts in problems.items() if texts)
        way_on = _AS_LOADED if any(problems[name] for name in states) else ""
        raise ValidationError(f"The frames can't be compared: {listed}.{way_on}")


def _later_fields(base: Any, desired: Any) -> set[str]:
    """Return the fields that neither base nor desired has: both may be older than they are, and ask nothing of them."""
    known = {*getattr(base, "columns", ()), *getattr(desired, "columns", ())}
    return {field.name for field in schema.MUTABLE if not field.always_sent and field.name not in known}


def desired_column_problems(desired: pd.DataFrame) -> list[str]:
    """Return what is wrong with the columns of a frame that says what shall be, one phrase each."""
    return column_problems(desired, [NAME], optional=(*schema.FIELDS, "action"))


def desired_problems(desired: pd.DataFrame, current: pd.DataFrame) -> list[Problem]:
    """Return what is wrong with the rows of a frame that says what shall be, in their order."""
    return sorted(_desired_problems(desired, current), key=lambda problem: problem.place)


def _state_problems(name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield names that are missing or repeated; a name that breaks another rule exists all the same."""
    cells = read_texts(frame[NAME])
    for problem in chain(check_names(cells), check_duplicates(cells)):
        if problem.rule in {"missing", "not_text", "repeated"}:
            yield problem._replace(message=f"In {name}: {problem.message}")


def _desired_problems(desired: pd.DataFrame, current: pd.DataFrame) -> Iterator[Problem]:
    cells = read_texts(desired[NAME])
    faulty = list(check_names(cells))
    rows = np.array([problem.place for problem in faulty], dtype=np.int64)
    exists = find_names(cells.arrow.take(pa.array(rows)), current) >= 0  # against the rules, and there: may stay alone
    yield from (problem for problem, is_there in zip(faulty, exists, strict=True) if not is_there)
    yield from (twin for twin in check_duplicates(cells) if twin.rule not in schema.WARNING_RULES)
    live: dict[Any, Any] = {}
    for problem in check_fields(desired, empty_asks_nothing=True):
        if problem.rule == "bad_status":  # what stays as it is need be no status of ours
            live = live or dict(zip(current[NAME], current["status"], strict=True))
            if live.get(desired[NAME].iloc[problem.place]) == problem.value:
                continue
        yield problem
    if "action" in desired:
        yield from (problem for problem in check_actions(desired["action"]) if problem.value != "")
