"""Several copies of one audit, edited by several people, made into one plan: no edit is lost, and order can't matter.

Each copy's wishes are what its people changed against its own base. Equal wishes for a subscriber are merged; a wish in
only one copy belongs to that copy; different wishes are a conflict that names the files. The merged wishes are then
compared once with the account, like the edits of a single workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames import schema
from exotel_frames.frames.arrow_columns import Mask, select_cases
from exotel_frames.frames.text_column import read_texts
from exotel_frames.plans.before import build_plan, state_of
from exotel_frames.plans.diff import plan_changes
from exotel_frames.plans.notes import NOT_KNOWN, describe_change, describe_state
from exotel_frames.plans.wishes import KEPT, Copy, describe_wishes, normalize, removed_from, wishes_of
from exotel_frames.schema import NAME

SOURCE: Final = "source"
_APART: Final = "\0"
"""What no name has in it."""
BOTH: Final = "Set its conflict to False to do all of it, or drop this row to do nothing."
EITHER: Final = (
    "Drop this row to do nothing, or write what you want into its action, {fields} and set its conflict to False."
)


def merge_copies(current: pd.DataFrame, copies: Sequence[Copy]) -> tuple[pd.DataFrame, list[str]]:
    """Plan what several copies of an audit ask for, with the column `source`: the files whose wish a row is.

    Return the plan, and the files in which nobody has changed anything.

    >>> base = pd.DataFrame({"subscriber_name": ["bob"], "status": ["active"], "custom_field": [None]})
    >>> north = Copy("north.xlsx", base.assign(status="inactive"), base)
    >>> south = Copy("south.xlsx", base.assign(action="delete"), base)
    >>> plan = merge_copies(base, [south, north])[0]
    >>> plan["conflict"].tolist(), plan["note"].item().partition(".  ")[0][:45]
    ([True], 'north.xlsx: inactive · south.xlsx: delete. Dr')
    """
    copies = sorted(copies, key=lambda copy: copy.file)
    found = [wishes_of(copy) for copy in copies]
    untouched = [copy.file for copy, made in zip(copies, found, strict=True) if _is_untouched(copy, made)]
    removed = pd.concat([removed_from(copy) for copy in copies], ignore_index=True)
    gone = {name for copy in copies for name in copy.proposed.keys() - {*copy.sheet[NAME]}} | {*removed[NAME]}
    wishes = _without_removed(pd.concat(found, ignore_index=True), gone)
    has_a_say = _is_decisive(wishes)
    chosen = _newest(wishes[has_a_say])
    different = chosen[NAME].isin(_disputed_names(wishes[has_a_say]))
    agreed = chosen[~different]
    desired = agreed[[NAME, "action", *schema.FIELDS]].reset_index(drop=True)
    plan = plan_changes(current, desired, base=_union_of_bases(agreed, removed[~removed[NAME].isin(chosen[NAME])]))
    if different.any():
        conflicts = _conflicts(wishes[has_a_say & wishes[NAME].isin(chosen.loc[different, NAME])], current)
        plan = _in_order(plan, conflicts, chosen[NAME])
    plan[SOURCE] = plan[NAME].map(_sources(wishes[has_a_say])).astype(schema.STR)
    return plan, untouched


def _without_removed(wishes: pd.DataFrame, removed: set[str]) -> pd.DataFrame:
    """Leave out rows that nobody edited where some copy lacks them: a removed row asks for nothing."""
    edited = wishes.groupby(NAME)["touched"].transform("any")
    return wishes[edited | ~wishes[NAME].isin(removed)].reset_index(drop=True)


def _union_of_bases(agreed: pd.DataFrame, removed: pd.DataFrame) -> pd.DataFrame:
    """Return what the copies whose wish counts said of each subscriber, and what is known of those without a row."""
    kept = agreed.loc[agreed["known"], [NAME, *KEPT]].set_axis([NAME, *schema.STATE], axis=1)
    newest = removed.sort_values("date_updated", ascending=False, kind="stable").index
    others = removed.loc[newest].drop_duplicates(NAME).sort_index()
    return pd.concat([kept, others[kept.columns]], ignore_index=True)


def _is_untouched(copy: Copy, wishes: pd.DataFrame) -> bool:
    named = set(wishes[NAME]) | copy.carried_out.keys()
    return not wishes["touched"].any() and named >= {*copy.base[NAME], *copy.proposed}


def _is_decisive(wishes: pd.DataFrame) -> pd.Series[Any]:
    """Tell which wishes for a name count: those of edited rows, or where none was edited, the newest copy's."""
    age = _age(wishes)
    newest = age == age.groupby(wishes[NAME]).transform("max")
    edited = wishes.groupby(NAME)["touched"].transform("any")
    return wishes["touched"] | (~edited & newest)


def _age(wishes: pd.DataFrame) -> pd.Series[Any]:
    """Return the `date_updated` of a subscriber in its copy's base, as a number; the least number where it has none."""
    dates = wishes["date_updated_base"]
    return dates.astype("int64").where(dates.notna(), np.iinfo(np.int64).min)


def _newest(wishes: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each name, in the order of the files: the one with the newest base."""
    latest = wishes.iloc[np.argsort(-_age(wishes).to_numpy(dtype=float), kind="stable")].drop_duplicates(NAME)
    return latest.set_index(NAME, drop=False).loc[wishes[NAME].unique()].reset_index(drop=True)


def _disputed_names(wishes: pd.DataFrame) -> pd.Series[Any]:
    """Return the names for which not all wish the same."""
    distinct = normalize(wishes).assign(**{NAME: wishes[NAME]}).drop_duplicates()
    return distinct.loc[distinct[NAME].duplicated(), NAME]


def _sources(wishes: pd.DataFrame) -> pd.Series[Any]:
    """Return the files whose wish is done, or in question, for each name that one is for."""
    wished = wishes[NAME].isin(wishes.loc[wishes["kind"] != "leave", NAME])
    return _join_texts(wishes.loc[wished, NAME], wishes.loc[wished, "file"], ", ")


def _join_texts(keys: pd.Series[Any], texts: pd.Series[Any], between: str) -> pd.Series[Any]:
    """Return the texts of each key in one, in their order; a step for each copy, and none for each key.

    >>> _join_texts(pd.Series(["a", "b", "a"]), pd.Series(["north", "north", "south"]), ", ").to_dict()
    {'a': 'north, south', 'b': 'north'}
    """
    number = keys.groupby(keys, sort=False).cumcount()
    made = pd.Series(texts[number == 0].array, index=keys[number == 0].array, dtype=schema.STR)
    for each in range(1, int(number.max()) + 1 if len(number) else 1):
        here = number == each
        more = pd.Series((between + texts[here]).array, index=keys[here].array, dtype=schema.STR)
        made = made + more.reindex(made.index).fillna("")
    return made


def _in_order(plan: pd.DataFrame, conflicts: pd.DataFrame, names: pd.Series[Any]) -> pd.DataFrame:
    """Return the rows of both in the order of the names; names that are not among them (none today) come last."""
    whole = pd.concat([plan, conflicts], ignore_index=True)
    place = whole[NAME].map(pd.Series(range(len(names)), index=names.array))
    made = whole.iloc[place.argsort(kind="stable")].reset_index(drop=True)
    made.attrs.update(plan.attrs)
    return made


def _conflicts(wishes: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the plan for names about which the copies don't agree: what all want, where that is clear."""
    newest = _newest(wishes)
    state = state_of(read_texts(newest[NAME]).arrow, current)
    live = state.frame()
    by_name = wishes.assign(**normalize(wishes)).groupby(NAME, sort=False)
    number = by_name[list(schema.FIELDS)].nunique().loc[newest[NAME]].reset_index(drop=True)
    wanted = by_name[list(schema.FIELDS)].first().loc[newest[NAME]].reset_index(drop=True)
    action = select_cases(
        (_are_all_of(wishes, {"delete", "leave"}, newest), "delete"),
        (state.known, "update"),
        (~_are_all_of(wishes, {"change", "update", "delete", "leave"}, newest), "create"),
        default="update",
    )
    # the value on which all who change a field agree; where they differ, or nobody changes it, the live one
    fields = wanted.where(number == 1, live[list(schema.FIELDS)]).astype(schema.STR)
    fields.loc[action.among(["delete"])] = None
    together = (number <= 1).all(axis=1).to_numpy() & _are_all_of(wishes, {"change"}, newest)
    texts = {NAME: newest[NAME], **fields, "note": _notes(wishes, newest, live, together)}
    arrow = {str(name): read_texts(column).arrow for name, column in texts.items()}
    return build_plan(state, {**arrow, "action": action.texts(), "conflict": np.ones(len(newest), dtype=bool)})


def _are_all_of(wishes: pd.DataFrame, kinds: set[str], newest: pd.DataFrame) -> Mask:
    """Tell for which names all wishes are of these kinds."""
    of_these = wishes["kind"].isin(kinds).groupby(wishes[NAME]).all()
    return of_these.loc[newest[NAME]].to_numpy(dtype=bool)


def _notes(wishes: pd.DataFrame, newest: pd.DataFrame, live: pd.DataFrame, together: Mask) -> pd.Series[Any]:
    """Say who wishes what, what others did meanwhile, and how the conflict is decided."""
    words = describe_wishes(wishes)
    keys = wishes[NAME].astype(schema.STR) + _APART + words
    files = _join_texts(keys, wishes["file"], ", ")
    whole = wishes.assign(words=words)[~keys.duplicated().to_numpy()]
    by_copy = pd.Series(files.array, index=whole.index) + ": " + whole["words"]
    parts = _join_texts(whole[NAME], by_copy, " · ")
    sentences = pd.Series(parts.loc[newest[NAME]].array, dtype=schema.STR) + ". "
    way = pd.Series(EITHER.format(fields=" and ".join(schema.FIELDS)), index=sentences.index).mask(together, BOTH)
    return (sentences + _meanwhile(newest, live) + way).astype(schema.STR)


def _meanwhile(newest: pd.DataFrame, live: pd.DataFrame) -> pd.Series[Any]:
    before = newest[list(KEPT)].set_axis(list(schema.STATE), axis=1)
    changed = describe_change(before, live)
    both = newest["known"] & live["known"]
    return (
        pd.Series("", index=live.index)
        .mask(newest["known"] & ~live["known"], "Meanwhile: deleted. ")
        .mask(live["unsure"] != "", NOT_KNOWN.capitalize() + live["unsure"] + ". ")
        .mask(both & (changed != ""), "Meanwhile: " + changed + ". ")
        .mask(~newest["known"] & live["known"], "It exists: " + describe_state(live) + ". ")
    )
