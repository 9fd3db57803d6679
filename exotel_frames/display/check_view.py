"""The view of `check_service`: which assumptions differ, which could not be observed, which hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from exotel_frames.display.values import cell_text, label_of
from exotel_frames.display.view import Group, Row, View
from exotel_frames.text import pluralize

NEEDED: Final = ("assumption", "source", "expected", "observed", "holds", "matters")
_TEXT_MAX: Final = 400


def view_check(check: pd.DataFrame) -> View:
    """Return the view of a frame of `check_service`, what differs first; it names no subscriber.

    >>> row = ("order", "documented", "newest first", "oldest", False, "Loading proves its pages.")
    >>> view_check(pd.DataFrame([row], columns=NEEDED)).headline
    '1 assumption: 0 hold, 1 differs, 0 could not be observed'
    """
    holds = check["holds"].astype("boolean")
    differs, unseen = check[holds.eq(other=False).fillna(value=False)], check[holds.isna()]
    same = check[holds.fillna(value=False)]
    word = "differs" if len(differs) == 1 else "differ"
    line = (
        f"{pluralize(len(check), 'assumption')}: {len(same)} hold, {len(differs)} {word}, "
        f"{len(unseen)} could not be observed"
    )
    groups = (
        _group("rejected", f"{len(differs)} {word} from what is expected", differs, explained=True),
        _group("unknown", f"{len(unseen)} could not be observed", unseen, explained=False),
        _group("done", f"{len(same)} hold", same, explained=False),
    )
    heads = ("source", "assumption", "what was observed, and what depends on it")
    return View(label_of(check), line, heads, tuple(group for group in groups if group.rows))


def _group(kind: str, title: str, rows: pd.DataFrame, *, explained: bool) -> Group:
    shown = tuple(
        Row(
            cell_text(row["source"], _TEXT_MAX),
            cell_text(row["assumption"], _TEXT_MAX),
            note=_note(row, explained=explained),
        )
        for row in rows.to_dict("records")
    )
    return Group(kind, title, shown)


def _note(row: Mapping[Any, Any], *, explained: bool) -> str:
    if not explained:
        return cell_text(f"expected: {row['expected']}", _TEXT_MAX)
    return cell_text(f"{row['observed']} (expected: {row['expected']}). {row['matters']}", _TEXT_MAX)
