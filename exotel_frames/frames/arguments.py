"""What callers give: frames with the columns they need, and names in any common shape."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from exotel_frames.errors import ValidationError
from exotel_frames.frames.text_column import TEXT, decode_column, is_encoded, is_text_type, without_dictionary
from exotel_frames.schema import NAME
from exotel_frames.text import escape_text, pluralize, quote_names, quote_value

_ALMOST: Final = 0.85  # so near that it was meant; below it a foreign column is the analyst's own


def need_columns(
    frame: Any,
    required: Sequence[str],
    *,
    optional: Sequence[str] = (),
    any_of: Sequence[str] = (),
    what: str = "The frame",
) -> pd.DataFrame:
    """Return the frame as pandas', or raise one `ValidationError` that names all that is wrong with its columns.

    Frames of other libraries are taken through Arrow's interchange, columns that hold an encoding of texts as texts;
    other columns than those named are welcome.

    `any_of`: at least one of these must be there. A column that is almost one of `optional` is refused, because it
    would be ignored without a word.

    >>> need_columns(pd.DataFrame({"Status": []}), ["subscriber_name"], optional=["status"])
    Traceback (most recent call last):
    exotel_frames.errors.ValidationError: The frame can't be used: it has no column 'subscriber_name' (its columns are \
'Status'); its column 'Status' would be ignored: rename it to 'status', or drop it.
    """
    made = as_pandas(frame)
    problems = column_problems(made, required, optional=optional, any_of=any_of)
    if problems:
        raise ValidationError(f"{what} can't be used: {'; '.join(problems)}.")
    whole: pd.DataFrame = made
    return whole


def as_pandas(frame: Any) -> Any:
    """Return another library's frame as pandas', and Arrow's encoded columns decoded; anything else as it is.

    >>> as_pandas(pa.table({"subscriber_name": ["007"]}))["subscriber_name"].tolist()
    ['007']
    """
    if isinstance(frame, pd.DataFrame):
        return _decode_columns(frame)
    if isinstance(frame, pd.Series):
        return decode_column(frame) if is_encoded(frame.dtype) else frame
    if isinstance(frame, pd.Index):
        return frame
    if isinstance(frame, pa.Array | pa.ChunkedArray):
        return pd.Series(_from_arrow(frame))
    if hasattr(frame, "__arrow_c_stream__"):
        return _from_stream(frame)
    return _from_interchange(frame) if hasattr(frame, "__dataframe__") else frame


def _decode_columns(frame: pd.DataFrame) -> pd.DataFrame:
    encoded = [at for at, dtype in enumerate(frame.dtypes) if is_encoded(dtype)]
    return _with_columns(frame, {at: decode_column(frame.iloc[:, at]) for at in encoded}) if encoded else frame


def recall(frame: Any) -> dict[str, Any]:
    """Return what our verbs left in a frame's attrs; empty where they left nothing, as merge and concat do.

    >>> frame = pd.DataFrame()
    >>> frame.attrs["exotel_frames"] = {"kind": "subscribers"}
    >>> recall(frame), recall(["bob"])
    ({'kind': 'subscribers'}, {})
    """
    about = getattr(frame, "attrs", {}).get("exotel_frames")
    return about if isinstance(about, dict) else {}


def without_attrs(frame: Any) -> Any:
    """Return a frame's cells without what it remembers: pandas copies that deeply at each step. Others as they are.

    >>> frame = pd.DataFrame({"subscriber_name": ["bob"]})
    >>> frame.attrs["exotel_frames"] = {"kind": "subscribers"}
    >>> without_attrs(frame).attrs
    {}
    """
    if not isinstance(frame, pd.DataFrame) or not frame.attrs:
        return frame
    bare = frame.copy(deep=False)
    bare.attrs = {}
    return bare


def _from_interchange(frame: Any) -> Any:
    from pyarrow.interchange import from_dataframe  # noqa: PLC0415 - few libraries speak nothing newer

    return _from_table(from_dataframe(frame))


def _from_stream(source: Any) -> Any:
    try:
        return _from_table(pa.table(source))
    except pa.ArrowInvalid:  # a stream of one column, not of rows
        return pd.Series(_from_arrow(pa.chunked_array(source)))


def _from_table(table: Any) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(table.column_names, map(_from_arrow, table.columns), strict=True)))


def _with_columns(frame: pd.DataFrame, columns: Mapping[int, pd.Series[Any]]) -> pd.DataFrame:
    parts = [columns.get(at, frame.iloc[:, at]) for at in range(frame.shape[1])]
    made = pd.concat(parts, axis=1).set_axis(frame.columns, axis=1)
    made.attrs.update(frame.attrs)
    return made


def _from_arrow(column: Any) -> Any:
    """Return a column of an Arrow table as pandas would keep it; texts in whatever Arrow layout as `str`."""
    plain = without_dictionary(column) if pa.types.is_dictionary(column.type) else column
    return plain.cast(TEXT).to_pandas() if is_text_type(plain.type) else plain.to_pandas()


def column_problems(
    frame: Any, required: Sequence[str], *, optional: Sequence[str] = (), any_of: Sequence[str] = ()
) -> list[str]:
    """Return what is wrong with a frame's columns, one phrase each; `need_columns` says more."""
    if not isinstance(frame, pd.DataFrame):
        return [f"a pandas DataFrame is needed, but this is {describe_type(frame)}"]
    labels = list(frame.columns)
    repeated = [label for label in dict.fromkeys(labels) if labels.count(label) > 1]
    problems = [f"it has {labels.count(label)} columns {quote_value(label)}" for label in repeated]
    missing = [name for name in required if name not in labels]
    problems += [f"it has no column '{name}' ({_index_hint(name, frame) or _hint(name, labels)})" for name in missing]
    if any_of and not set(any_of) & set(labels):
        choice = " or ".join(f"'{name}'" for name in any_of)
        problems.append(f"it needs a column {choice}: without one there is nothing to do")
    return problems + _misspelt_columns([*optional, *any_of], [*required, *optional, *any_of], labels)


def _misspelt_columns(wanted: Sequence[str], ours: Sequence[str], labels: Sequence[Any]) -> list[str]:
    absent = [name for name in dict.fromkeys(wanted) if name not in labels]
    foreign = [label for label in labels if isinstance(label, str) and label not in ours]
    return [
        f"its column {quote_value(label)} would be ignored: rename it to '{name}', or drop it"
        for name in absent
        for label in foreign
        if is_misspelt(label, name)
    ]


def is_misspelt(label: str, name: str) -> bool:
    """Tell whether a label was most probably meant to be a name: one slip away, or nearly the same letters.

    >>> is_misspelt("stauts", "status"), is_misspelt("Custom Feild", "custom_field"), is_misspelt("team", "name")
    (True, True, False)
    """
    one, other = _plain(label), _plain(name)
    return _one_slip_apart(one, other) or difflib.SequenceMatcher(None, one, other).ratio() >= _ALMOST


def _one_slip_apart(one: str, other: str) -> bool:
    """Tell whether one letter was left out, added or mistaken, or two neighbours were swapped."""
    start = _count_common_start(one, other)
    one, other = one[start:], other[start:]
    end = _count_common_start(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])  # noqa: PLR2004 - a pair of neighbours


def _count_common_start(one: str, other: str) -> int:
    """Return how many letters two texts begin with alike."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _index_hint(name: str, frame: pd.DataFrame) -> str:
    """Say how names that stand in the index become a column."""
    if name in frame.index.names:
        return "it is the index: frame.reset_index() makes it a column"
    texts = name == NAME and not frame.index.empty and pd.api.types.infer_dtype(frame.index) == "string"
    return (
        f"if the names are in the index: frame.reset_index(names='{name}')"
        if texts and frame.index.nlevels == 1
        else ""
    )


def _plain(label: str) -> str:
    return "".join(char for char in label.casefold() if char.isalnum())


def _hint(name: str, labels: Sequence[Any]) -> str:
    by_plain = {_plain(label): label for label in labels if isinstance(label, str) and _plain(label)}
    close = difflib.get_close_matches(_plain(name), by_plain, n=1, cutoff=0.6)
    part = [plain for plain in by_plain if len(plain) > 3 and (plain in _plain(name) or _plain(name) in plain)]  # noqa: PLR2004 - shorter ones are in everything
    if close or part:
        return f"did you mean {quote_value(by_plain[(close or part)[0]])}?"
    columns = quote_names(labels, 8)
    return f"its columns are {columns}" if columns else "it has no columns at all"


def describe_type(value: Any) -> str:
    """Say what kind of thing a value is.

    >>> describe_type(None), describe_type([])
    ('None', 'a list')
    """
    return "None" if value is None else f"a {type(value).__name__}"


def names_series(names: Any, *, what: str = "names") -> pd.Series[Any]:
    """Return names in any common shape as a Series called `subscriber_name`; a Series or frame keeps its index.

    A list, tuple, set (sorted, so that a run can be repeated), array, Index, Series, or a frame with one column or a
    column `subscriber_name`. The cells stay what they are: judging them is `validate_names`' task.

    >>> list(names_series(("bob", 7)))
    ['bob', 7]
    """
    names = as_pandas(names)
    if isinstance(names, pd.DataFrame):
        return _names_of_frame(names, what)
    if isinstance(names, pd.Series):
        return names.rename(NAME)
    if isinstance(names, pd.MultiIndex) or (isinstance(names, np.ndarray) and names.ndim != 1):
        raise ValidationError(f"{what} must be one-dimensional, but this is {describe_type(names)}.")
    if isinstance(names, pd.Index):
        names = names.array
    if isinstance(names, np.ndarray | pd.api.extensions.ExtensionArray):
        return pd.Series(names, name=NAME)
    return pd.Series(_listed_names(names, what), dtype=object, name=NAME)


def name_problems(names: pd.Series[Any]) -> list[str]:
    """Return what a frame of subscribers has that is not one subscriber a row, one phrase each.

    >>> name_problems(pd.Series(["bob", None, "bob"]))
    ['1 row without a name', "'bob' more than once"]
    """
    nameless, repeated = int(names.isna().sum()), names[names.duplicated() & names.notna()].unique().tolist()
    problems = [f"{pluralize(nameless, 'row')} without a name"] if nameless else []
    if repeated:
        problems.append(f"{quote_names(repeated)} more than once")
    return problems


def _listed_names(names: Any, what: str) -> list[Any]:
    if isinstance(names, str):
        shut = escape_text(names)
        raise ValidationError(
            f"{what} must be a list of names: wrap a single name in a list, ['{shut}'], and call again."
        )
    if isinstance(names, bytes | Mapping) or not isinstance(names, Iterable):
        raise ValidationError(
            f"{what} must be a list, a Series or a frame of names, but this is {describe_type(names)}."
        )
    if isinstance(names, set | frozenset):
        return sorted(names, key=lambda name: (type(name).__name__, quote_value(name)))
    return list(names)


def _names_of_frame(frame: pd.DataFrame, what: str) -> pd.Series[Any]:
    if NAME not in frame.columns and frame.shape[1] == 1:
        return frame.iloc[:, 0].rename(NAME)
    if NAME not in frame.columns:
        about = f"{what} is a frame of {pluralize(frame.shape[1], 'column')}"
        raise ValidationError(f"{about}, and none is called '{NAME}' ({_hint(NAME, list(frame.columns))}).")
    return need_columns(frame, [NAME], what=what)[NAME]
