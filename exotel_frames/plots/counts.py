"""The numbers behind a picture: how many rows have which label; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.display import cell_text, is_missing, quoted_text
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.frames.convert import dates_of
from exotel_frames.frames.summary import count_outcomes
from exotel_frames.outcomes import OUTCOME_INFO, SUCCESSES

_OTHER: Final = "(other)"
_GREY: Final = "#777777"
STATUS_COLORS: Final = {"active": "#0072B2", "inactive": "#E69F00", _OTHER: "#999999"}
"""Okabe and Ito's colours, here and below: colour-blind people can tell them apart."""
OUTCOME_COLORS: Final = {**{str(name): info.color for name, info in OUTCOME_INFO.items()}, _OTHER: _GREY}
CHANGE_COLORS: Final = {
    "added": "#009E73",
    "removed": "#D55E00",
    "changed": "#0072B2",
    "maybe added": "#56B4E9",
    "maybe removed": "#E69F00",
    _OTHER: _GREY,
}
_TOP: Final = 8
"""So many custom fields, moves and reasons are shown."""
_REASON_MAX: Final = 160
_FIELD_MAX: Final = 50


@dataclass(frozen=True)
class Panel:
    """A part of a picture: how many rows have each label, from top to bottom (a Series), or each period and status.

    `of` is what a share is a share of; `nothing` is said where there are no rows.
    """

    title: str
    rows: Any
    colors: Mapping[str, str] | str = ""
    of: int = 0
    nothing: str = "No rows"


def _merge_others(column: pd.Series[Any], colors: Mapping[str, str]) -> pd.Series[Any]:
    """Return a column with what has no colour of its own as `(other)`."""
    read = texts(column)
    return read.where(read.isin(list(colors)), _OTHER)


def count_words(title: str, column: pd.Series[Any], colors: Mapping[str, str]) -> Panel:
    """Count the words that have a colour, in the order of the colours, and all others together.

    >>> count_words("Status", pd.Series(["active", "on", "active"]), STATUS_COLORS).rows.to_dict()
    {'active': 2, '(other)': 1}
    """
    rows = _merge_others(column, colors).value_counts()
    return Panel(title, rows.reindex([label for label in colors if label in rows.index]), colors, of=len(column))


def _title(head: str, *parts: str) -> str:
    inside = ", ".join(filter(None, parts))
    return f"{head} ({inside})" if inside else head


def _most(number: int, noun: str = "") -> str:
    return f"the {_TOP} most frequent of {number:,}{noun}" if number > _TOP else ""


def count_fields(subs: pd.DataFrame) -> Panel:
    """Count the most frequent custom fields.

    >>> count_fields(pd.DataFrame({"custom_field": ["sales", "sales", None]})).title
    'Custom fields (1 without one)'
    """
    column = texts(subs["custom_field"]) if "custom_field" in subs else pd.Series(dtype="str")
    rows = blank_to_missing(column).value_counts()
    if len(rows) > _TOP and rows.iloc[0] == 1:  # eight of a thousand that are all different tell nothing
        return Panel("Custom fields", rows.head(0), "", len(subs), f"{len(rows):,} custom fields, all different")
    without = len(subs) - int(rows.sum())
    title = _title("Custom fields", _most(len(rows)), f"{without:,} without one" if without and len(rows) else "")
    top = rows.head(_TOP).rename(index=lambda field: quoted_text(field, _FIELD_MAX))
    return Panel(title, top, "#56B4E9", len(subs), "No custom fields")


def count_reasons(results: pd.DataFrame) -> Panel | None:
    """Count why rows are not done, the most frequent reasons first; None where all are.

    >>> results = pd.DataFrame({"outcome": ["rejected"], "error_code": [1008], "error_message": ["Duplicate resource"]})
    >>> count_reasons(results).rows.to_dict()
    {'rejected: 1008 Duplicate resource': 1}
    """
    counts = count_outcomes(results)
    failed = counts[~counts["outcome"].isin(SUCCESSES)].sort_values("rows", ascending=False, kind="stable")
    top = failed.head(_TOP)
    labels = [_reason(row) for row in top.to_dict("records")]
    colors = dict(zip(labels, _merge_others(top["outcome"], OUTCOME_COLORS).map(OUTCOME_COLORS), strict=True))
    title = _title("Why rows are not done", _most(len(failed), " reasons"), "to a scale of its own")
    return Panel(title, pd.Series(top["rows"].to_numpy(), index=labels), colors, len(results)) if labels else None


def _reason(row: dict[Any, Any]) -> str:
    code = "" if is_missing(row["error_code"]) else f"{row['error_code']} "
    message = cell_text(row["error_message"], _REASON_MAX) or "the service gave no reason"
    return f"{cell_text(row['outcome']) or _OTHER}: {code}{message}"


def count_changes(changes: pd.DataFrame) -> Panel | None:
    """Count what changed of those who are there before and after, the most frequent first; None where nothing did.

    >>> both = {"change": "changed", "status_before": "active", "status_after": "inactive"}
    >>> count_changes(pd.DataFrame([both])).rows.to_dict()
    {'status active → inactive': 1}
    """
    changed = changes[(changes["change"] == "changed").to_numpy()]
    moves = [_changes_of(changed, field) for field in schema.FIELDS if f"{field}_before" in changed]
    rows = pd.concat([pd.Series(dtype="str"), *moves]).value_counts()
    title = _title("What changed", _most(len(rows)))
    return Panel(title, rows.head(_TOP), CHANGE_COLORS["changed"], len(changed)) if len(rows) else None


def _changes_of(changed: pd.DataFrame, field: str) -> pd.Series[Any]:
    before, after = (blank_to_missing(texts(changed[f"{field}_{side}"])) for side in ("before", "after"))
    moved = ~same(before, after)
    one, other = (
        side[moved].map(lambda text: cell_text(text, _FIELD_MAX // 2) or "(empty)") for side in (before, after)
    )
    return f"{field} " + one + " → " + other


def count_created(subs: pd.DataFrame) -> Panel:
    """Count subscribers by the day, month or year of their creation, in UTC; a missing date is counted in the title.

    >>> dates = pd.Series(["2026-01-30T00:00:00Z", "2026-02-02T00:00:00Z", None])
    >>> count_created(pd.DataFrame({"status": "active", "date_created": dates})).title
    'Created, by day (UTC; 1 without a date)'
    """
    known = subs if "date_created" in subs else subs.assign(date_created=None)
    dates = pd.Series(dates_of(known, "date_created")).dt.tz_localize(None)
    dated = dates.notna().to_numpy()
    if not dated.any():
        return Panel("Created", pd.DataFrame(), nothing="No creation dates")
    days = (dates.max() - dates.min()).days + 1
    word = "day" if days <= 92 else "month" if days <= 120 * 30.44 else "year"  # noqa: PLR2004 - more would be hairs
    periods = dates[dated].dt.to_period(word[0].upper()).to_numpy()
    rows = pd.crosstab(periods, _merge_others(subs["status"], STATUS_COLORS)[dated].to_numpy())
    without = f"; {int((~dated).sum()):,} without a date" if not dated.all() else ""
    known = rows[[name for name in STATUS_COLORS if name in rows]]
    return Panel(f"Created, by {word} (UTC{without})", known)
