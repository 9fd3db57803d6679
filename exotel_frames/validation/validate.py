"""Problems frames: everything that is wrong with a frame's rows, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import as_pandas, names_series, need_columns
from exotel_frames.frames.arrow_columns import is_text
from exotel_frames.frames.convert import problems_frame
from exotel_frames.frames.part import answered_for_another, existing_subscribers, refuse_part, refuse_unsure
from exotel_frames.frames.row_numbers import row_names
from exotel_frames.frames.text_column import TextColumn, read_texts
from exotel_frames.text import join_words, quote_value
from exotel_frames.validation.fields import (
    check_device_ids,
    check_fields,
    check_platforms,
    check_status_known,
)
from exotel_frames.validation.names import check_duplicates, check_existence, check_names, existing_names
from exotel_frames.validation.problem import FORM_RULES, Problem, by_row

_WRITES: Final = ("create", "update", "delete")


def validate_names(names: Any) -> pd.DataFrame:
    """Return all problems of all names, in the order of the rows.

    Rules: `missing`, `not_text`, `empty`, `too_long`, `bad_characters`, `repeated`, and the warning `case_twin`. The
    names are never changed; `fix` suggests a name if only one is possible. Source of the rules: the provider's
    document, "The subscriber object".

    Parameters
    ----------
    names : list, tuple, set, array, Index, Series or DataFrame
        The names; from a frame, its column `subscriber_name`.

    Returns
    -------
    DataFrame
        A problems frame with the caller's index: row (Int64, from 0), column, value, rule, message, fix (str).

    Raises
    ------
    ValidationError
        When the arguments are wrong.

    Examples
    --------
    >>> validate_names(["bob", "007", "al ex", 7])[["row", "rule"]].values.tolist()
    [[2, 'bad_characters'], [3, 'not_text']]
    """
    texts = read_texts(names_series(names))
    return _frame_of(texts, check_names(texts), check_duplicates(texts))


def validate_subscribers(frame: pd.DataFrame, *, action: str = "create", current: Any = None) -> pd.DataFrame:
    """Return all problems of all rows for one action.

    The rules are those of `validate_names`; with `current` also `already_exists` or `not_found`; except for a delete
    also `bad_status` and `bad_custom_field`; for an update also `status_missing`, if `current` has no status either.
    The rules on the form of a name apply only to new names: an update or delete of a subscriber in `current` never
    breaks them.

    Parameters
    ----------
    frame : DataFrame
        A frame with subscriber_name, and for a create or update also status or custom_field or both.
    action : {"create", "update", "delete"}, default "create"
        What to do with the rows.
    current : DataFrame or names, optional
        The existing subscribers: a subscribers frame, or names. A frame that is known to be partial (a listing of one
        status, some of the loaded rows) can't show whether others exist.

    Returns
    -------
    DataFrame
        A problems frame with the caller's index: row (Int64, from 0), column, value, rule, message, fix (str).

    Raises
    ------
    ValidationError
        When the arguments are wrong: a missing, repeated or misspelt column, nothing to update, or a `current` that is
        partial, or has items without a name, so that it does not show whether some subscribers exist.

    Examples
    --------
    >>> new = pd.DataFrame({"subscriber_name": ["bob", "nidhi"], "custom_field": ["support", 42]}, index=["x", "y"])
    >>> validate_subscribers(new, current=["bob"])[["row", "column", "rule", "fix"]].T.to_dict("list")
    {'x': [0, 'subscriber_name', 'already_exists', ''], 'y': [1, 'custom_field', 'bad_custom_field', '42']}
    """
    frame = _check_frame(frame, action)
    texts = read_texts(frame[schema.NAME])
    whole = as_pandas(current)
    current = existing_subscribers(whole)
    refuse = refuse_part if action == "create" else refuse_unsure  # of who is created, the service knows best
    refuse("validate_subscribers", frame[schema.NAME], whole)
    tenant = None if current is None else existing_names(texts, read_texts(names_series(current, what="current")))
    found = _frame_of(
        texts,
        check_names(texts),
        check_duplicates(texts, tenant),
        () if tenant is None else check_existence(texts, tenant, action),
        () if action == "delete" else check_fields(frame),
        check_status_known(frame.get("status"), texts, current) if action == "update" else (),
    )
    return found if current is None or action == "create" else without_existing(found, frame[schema.NAME], current)


def twins_of_existing(names: pd.Series[Any], current: Any) -> pd.DataFrame:
    """Return a problem for each name that does not exist, and differs only by case from one that does.

    A service that ignores case would delete another subscriber than the one named. So it is where the service was seen
    to answer about another.

    >>> twins_of_existing(pd.Series(["bob", "eve"]), ["Bob"])[["rule", "fix"]].values.tolist()
    [['not_found', 'Bob']]
    """
    texts = read_texts(names)
    tenant = existing_names(texts, read_texts(names_series(current, what="current")))
    twins = (each for each in check_existence(texts, tenant, "delete") if each.fix)
    return _frame_of(texts, twins, _twin_problems(texts, answered_for_another(names, current)))


def _twin_problems(texts: TextColumn, rows: pd.Series[bool]) -> Iterator[Problem]:
    for row in np.flatnonzero(rows).tolist():
        name = texts.arrow[row].as_py()
        why = "the service answers a request for it with another subscriber, so it may delete that one."
        yield Problem(row, schema.NAME, name, "not_found", f"{quote_value(name)}: {why}")


def without_existing(problems: pd.DataFrame, names: pd.Series[Any], current: Any) -> pd.DataFrame:
    """Return the problems without those about the form of existing names: such names can't be made, but can be used.

    >>> names = pd.Series(["amit_k", "priya_s"])
    >>> without_existing(validate_names(names), names, ["amit_k"])["value"].tolist()
    ['priya_s']
    """
    formal = problems["rule"].isin(FORM_RULES).to_numpy()
    if not formal.any():
        return problems
    known = set(read_texts(names_series(current, what="current")).arrow.drop_null().to_pylist())
    pairs = zip(problems["row"], formal, strict=True)
    exists = np.array([bool(form) and names.iloc[row] in known for row, form in pairs])
    kept: pd.DataFrame = problems[~exists]
    return kept


def _check_frame(frame: Any, action: str) -> pd.DataFrame:
    if action not in _WRITES:
        choice = join_words([f"'{write}'" for write in _WRITES], last="or")
        raise ValidationError(f"{quote_value(action)} is not an action that can be validated: use one of {choice}.")
    return need_columns(
        frame,
        ["subscriber_name"],
        optional=() if action == "delete" else schema.FIELDS,
        any_of=schema.FIELDS if action == "update" else (),
        what=f"The frame of subscribers to {action}",
    )


def validate_tokens(frame: pd.DataFrame) -> pd.DataFrame:
    """Return all problems of a frame of (subscriber_name, platform, device_id): a problems frame.

    A name may come several times, with several devices. Rules: those on a name by itself; `bad_platform` (android or
    ios, in any case); the `device_id` must be text with something in it.

    >>> devices = pd.DataFrame({"subscriber_name": ["bob"], "platform": ["Windows"], "device_id": [" "]})
    >>> validate_tokens(devices)["rule"].tolist()
    ['empty', 'bad_platform']
    """
    frame = need_columns(frame, ["subscriber_name", "platform", "device_id"], what="The frame of devices")
    names = read_texts(frame[schema.NAME])
    return _frame_of(
        names,
        check_names(names),
        check_platforms(frame["platform"]),
        check_device_ids(frame["device_id"]),
    )


def _frame_of(names: TextColumn, *found: Any) -> pd.DataFrame:
    """Return what the checks found, by row; it remembers the rows' numbers in their file."""
    problems: list[Problem] = sorted(chain(*found), key=by_row)
    return problems_frame(problems, names.column.index, attrs=row_names(names).attrs() if problems else None)


def invalid_rows(problems: pd.DataFrame) -> NDArray[np.int64]:
    """Return the positions of the rows that must not be sent, ascending, each once; warnings don't count.

    >>> invalid_rows(validate_names(["bob", "Bob", "b b", None])).tolist()
    [2, 3]
    """
    rows = _without_warnings(problems)["row"].dropna().unique()
    return np.sort(np.asarray(rows, dtype=np.int64))


def _without_warnings(problems: pd.DataFrame) -> pd.DataFrame:
    problems = need_columns(problems, ["row", "rule", "message"], what="The problems frame")
    is_warning = is_text(read_texts(problems["rule"]).arrow, *schema.WARNING_RULES)
    return problems[~is_warning] if is_warning.any() else problems


def row_messages(problems: pd.DataFrame) -> dict[int, str]:
    """Return for each row that must not be sent all its messages in one text.

    >>> row_messages(validate_names(["bob", ""]))
    {1: 'The name is empty: 1 to 16 letters and digits are needed.'}
    """
    messages: dict[int, str] = {}
    fatal = _without_warnings(problems)
    for row, message in zip(fatal["row"], fatal["message"], strict=True):
        if not pd.isna(row):
            messages[int(row)] = f"{messages[row]} {message}" if row in messages else message
    return messages
