"""What callers give: frames with the columns they need, and names in any common shape."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.errors import ValidationError
from exotel_frames.text import escape_text, join_words, pluralize, quote_value

_NAME: Final = "subscriber_name"
_ALMOST: Final = 0.9  # so near that it was meant; below it a foreign column is the analyst's own


def need_columns(
    frame: Any,
    required: Sequence[str],
    *,
    optional: Sequence[str] = (),
    any_of: Sequence[str] = (),
    what: str = "The frame",
) -> None:
    """Raise one `ValidationError` that names all that is wrong with a frame's columns; other columns are welcome.

    `any_of`: at least one of these must be there. A column that is almost one of `optional` is refused, because it
    would be ignored without a word.

    >>> need_columns(pd.DataFrame({"Status": []}), ["subscriber_name"], optional=["status"])
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: The frame can't be used: it has no column 'subscriber_name' (its columns are \
'Status'); its column 'Status' would be ignored: rename it to 'status', or drop it.
    """
    faults = column_faults(frame, required, optional=optional, any_of=any_of)
    if faults:
        raise ValidationError(f"{what} can't be used: {'; '.join(faults)}.")


def column_faults(
    frame: Any, required: Sequence[str], *, optional: Sequence[str] = (), any_of: Sequence[str] = ()
) -> list[str]:
    """Return what is wrong with a frame's columns, one phrase each; `need_columns` says more."""
    if not isinstance(frame, pd.DataFrame):
        return [f"a pandas DataFrame is needed, and this is {_a_type(frame)}"]
    labels = list(frame.columns)
    repeated = [label for label in dict.fromkeys(labels) if labels.count(label) > 1]
    faults = [f"its column {quote_value(label)} is there {labels.count(label)} times" for label in repeated]
    missing = [name for name in required if name not in labels]
    faults += [f"it has no column '{name}' ({_hint(name, labels)})" for name in missing]
    if any_of and not set(any_of) & set(labels):
        choice = " or ".join(f"'{name}'" for name in any_of)
        faults.append(f"it needs a column {choice}, or there is nothing to do")
    return faults + _almost([*optional, *any_of], [*required, *optional, *any_of], labels)


def _almost(wanted: Sequence[str], known: Sequence[str], labels: Sequence[Any]) -> list[str]:
    absent = [name for name in dict.fromkeys(wanted) if name not in labels]
    foreign = [label for label in labels if isinstance(label, str) and label not in known]
    return [
        f"its column {quote_value(label)} would be ignored: rename it to '{name}', or drop it"
        for name in absent
        for label in foreign
        if difflib.SequenceMatcher(None, _plain(label), _plain(name)).ratio() >= _ALMOST
    ]


def _plain(label: str) -> str:
    return "".join(char for char in label.casefold() if char.isalnum())


def _hint(name: str, labels: Sequence[Any]) -> str:
    by_plain = {_plain(label): label for label in labels if isinstance(label, str) and _plain(label)}
    close = difflib.get_close_matches(_plain(name), by_plain, n=1, cutoff=0.6)
    part = [plain for plain in by_plain if len(plain) > 3 and (plain in _plain(name) or _plain(name) in plain)]  # noqa: PLR2004 - shorter ones are in everything
    if close or part:
        return f"did you mean {quote_value(by_plain[(close or part)[0]])}?"
    columns = join_words([quote_value(label) for label in labels[:8]], len(labels))
    return f"its columns are {columns}" if columns else "it has no columns at all"


def _a_type(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def names_series(names: Any, *, what: str = "names") -> pd.Series[Any]:
    """Return names in any common shape as a Series called `subscriber_name`; a Series or frame keeps its index.

    A list, tuple, set (sorted, so that a run can be repeated), array, Index, Series, or a frame with one column or a
    column `subscriber_name`. The cells stay what they are: judging them is `validate_names`' task.

    >>> list(names_series(("bob", 7)))
    ['bob', 7]
    """
    if isinstance(names, pd.DataFrame):
        return _names_of_frame(names, what)
    if isinstance(names, pd.Series):
        return names.rename(_NAME)
    if isinstance(names, pd.MultiIndex) or (isinstance(names, np.ndarray) and names.ndim != 1):
        raise ValidationError(f"{what} must be one-dimensional, and this is {_a_type(names)}.")
    if isinstance(names, pd.Index):
        names = names.array
    if isinstance(names, np.ndarray | pd.api.extensions.ExtensionArray):
        return pd.Series(names, name=_NAME)
    return pd.Series(_listed_names(names, what), dtype=object, name=_NAME)


def _listed_names(names: Any, what: str) -> list[Any]:
    if isinstance(names, str):
        shut = escape_text(names)
        raise ValidationError(f"{what} must be several: wrap the one name in a list, ['{shut}'], and call again.")
    if isinstance(names, bytes | Mapping) or not isinstance(names, Iterable):
        raise ValidationError(f"{what} must be a list, a Series or a frame of names, and this is {_a_type(names)}.")
    if isinstance(names, set | frozenset):
        return sorted(names, key=lambda name: (type(name).__name__, quote_value(name)))
    return list(names)


def _names_of_frame(frame: pd.DataFrame, what: str) -> pd.Series[Any]:
    if _NAME not in frame.columns and frame.shape[1] == 1:
        return frame.iloc[:, 0].rename(_NAME)
    if _NAME not in frame.columns:
        about = f"{what} is a frame of {pluralize(frame.shape[1], 'column')}"
        raise ValidationError(f"{about}, and none is called '{_NAME}' ({_hint(_NAME, list(frame.columns))}).")
    need_columns(frame, [_NAME], what=what)
    return frame[_NAME]
