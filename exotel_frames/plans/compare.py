"""What has changed between two states of an account; a report, not a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import as_pandas, name_problems, recall
from exotel_frames.frames.compare import blank_to_missing, same
from exotel_frames.frames.convert import conform
from exotel_frames.frames.part import (
    EDITED,
    NAMELESS,
    UNRECORDED,
    describe_nameless,
    describe_part,
    is_part,
    missing_from_part,
)
from exotel_frames.plans.before import positions
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, quote_names, quote_value

_EDITED: Final = "the frame was edited before its snapshot was written: a difference may be one of these edits."
_FIELDS: Final = (*schema.FIELDS, "date_created", "date_updated")


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the subscribers that were added, removed and changed between two subscribers frames.

    None and an empty custom field are equal. A subscriber that was only updated without a visible change, or deleted
    and created again, also counts as changed: the dates show it. A field that did not exist when one of the snapshots
    was taken is not compared. If a listing had items that could not be read, a subscriber that is not in it may be one
    of those items: such a subscriber is "maybe removed" from `after`, or "maybe added" to `before`.

    Parameters
    ----------
    before : DataFrame
        What `load_subscribers` or `read_snapshot` returned.
    after : DataFrame
        The same, later.

    Returns
    -------
    DataFrame
        A changes frame in the order of `after`, then the removed ones. Columns: change ("added", "removed", "changed",
        and see above), subscriber_name, and each of status, custom_field, date_created and date_updated as `…_before`
        and `…_after` (missing if the subscriber is not on that side). `attrs["exotel_frames"]["notes"]` says what could
        not be read, and which snapshot is of a frame that was edited.

    Raises
    ------
    ValidationError
        One error that names missing columns and repeated names. Also if one of the frames is known to be partial (one
        status, some of the loaded rows, results) and the other is not.

    Examples
    --------
    >>> before = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active", "custom_field": None})
    >>> after = pd.DataFrame({"subscriber_name": ["bob", "nidhi"], "status": "inactive", "custom_field": None})
    >>> compare(before, after)[["change", "subscriber_name", "status_before", "status_after"]].values.tolist()
    [['changed', 'bob', 'active', 'inactive'], ['added', 'nidhi', nan, 'inactive'], ['removed', 'eve', 'active', nan]]
    """
    sides = {"before": _state("before", before), "after": _state("after", after)}
    _check_same_part(recall(before).get("only"), recall(after).get("only"))
    items = {"before": recall(before).get(NAMELESS) or 0, "after": recall(after).get(NAMELESS) or 0}
    was = positions(sides["after"][NAME], sides["before"])
    gone = np.setdiff1d(np.arange(len(sides["before"])), was)
    now = np.append(np.arange(len(sides["after"])), np.full(len(gone), -1))
    where = {"before": np.append(was, gone), "after": now}
    columns: dict[str, Any] = {"change": _changes(where["before"], now, items)}
    columns[NAME] = pd.concat([sides["after"][NAME], sides["before"][NAME].iloc[gone]]).array
    for field in _FIELDS:
        for side, frame in sides.items():
            columns[f"{field}_{side}"] = frame[field].array.take(where[side], allow_fill=True)
    made = pd.DataFrame(columns)
    _check_part_beside_whole(made, before, after)
    unknown = {*(recall(before).get(UNRECORDED) or ()), *(recall(after).get(UNRECORDED) or ())}
    alike = np.logical_and.reduce([_alike(made, field) for field in _FIELDS if field not in unknown])
    found: pd.DataFrame = made[~((made["change"] == "changed").to_numpy() & alike)].reset_index(drop=True)
    found.attrs["exotel_frames"] = {
        "origin": recall(after).get("origin") or recall(before).get("origin"),
        "before": {key: recall(before).get(key) for key in ("origin", "taken_at")},
        "after": {key: recall(after).get(key) for key in ("origin", "taken_at")},
    }
    if notes := [*_notes("before", recall(before)), *_notes("after", recall(after))]:
        found.attrs["exotel_frames"]["notes"] = notes
    return found


def _notes(side: str, about: Mapping[str, Any]) -> Iterator[str]:
    if count := about.get(NAMELESS):
        yield f"{side}: {describe_nameless(count)}."
    if about.get(EDITED):
        yield f"{side}: {_EDITED}"


def _state(what: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as subscribers, each once, or say what is wrong with it."""
    frame = as_pandas(frame)
    if not isinstance(frame, pd.DataFrame) or NAME not in frame:
        raise ValidationError(f"{what} can't be compared: it is not a frame of subscribers with a column {NAME}.")
    absent = [name for name in schema.FIELDS if name not in frame]
    if absent:
        columns = f"{'column' if len(absent) == 1 else 'columns'} {join_words(absent)}"
        raise ValidationError(
            f"{what} can't be compared: it has no {columns}, so every subscriber would seem to have lost it. "
            "Pass it with all its columns, as load_subscribers or read_snapshot returned it."
        )
    made = conform(frame, "subscribers").reset_index(drop=True)
    if problems := name_problems(made[NAME]):
        raise ValidationError(f"{what} can't be compared: it has {' and '.join(problems)}.")
    cleared = [field.name for field in schema.MUTABLE if field.empty_clears]
    return made.assign(**{name: blank_to_missing(made[name]) for name in cleared})


def _check_same_part(before: str | None, after: str | None) -> None:
    """Refuse listings of different parts of the account: subscribers of one part only would seem added or removed."""
    if before != after:
        parts = [f"only subscribers with the status {quote_value(only)}" if only else "all" for only in (before, after)]
        raise ValidationError(
            f"before and after can't be compared: before has {parts[0]}, but after has {parts[1]}. Load both in "
            "the same way."
        )


def _check_part_beside_whole(made: pd.DataFrame, before: Any, after: Any) -> None:
    """Refuse a part beside what is none, where it lacks somebody who may be there: he would seem added or removed.

    Two parts are compared as they are: whoever makes both knows which rows they have.
    """
    for one, other, what, change in ((before, after, "before", "added"), (after, before, "after", "removed")):
        names = made.loc[made["change"].str.endswith(change), NAME]
        unknown = [] if is_part(other) else missing_from_part(names, one)
        if unknown:
            raise ValidationError(
                f"before and after can't be compared: {what} {describe_part(one)}, so it does not show whether "
                f"{quote_names(unknown)} {'was' if len(unknown) == 1 else 'were'} there. Load both in the same way."
            )


def _changes(was: Any, now: Any, items: Mapping[str, int]) -> Any:
    """Return the change of each row; one that an item without a name would undo may be one."""
    added, removed = ("maybe " if items[side] else "" for side in ("before", "after"))
    words = pd.array(["changed", f"{added}added", f"{removed}removed"], dtype=schema.STR)
    return words.take(np.where(now < 0, 2, np.where(was < 0, 1, 0)))


def _alike(made: pd.DataFrame, field: str) -> Any:
    """Tell where a field is the same before and after; a date that is missing on either side counts as the same."""
    sides = made[f"{field}_before"], made[f"{field}_after"]
    alike = same(*sides)
    return (alike | sides[0].isna() | sides[1].isna() if field.startswith("date_") else alike).to_numpy(dtype=bool)
