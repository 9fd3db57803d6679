"""Pictures of subscribers and of results, as matplotlib figures; matplotlib is imported when the first one is drawn.

Here is what is counted; how it is drawn stands in `drawing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.display import UNKNOWN_ACCOUNT, is_missing, label_of, plain, quoted
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.frames.dtypes import convert
from exotel_frames.frames.summary import count_outcomes
from exotel_frames.outcomes import OUTCOME_INFO, SUCCESSES
from exotel_frames.text import pluralize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_changes", "plot_results", "plot_subscribers"]

_OTHER: Final = "(other)"
_GREY: Final = "#777777"
_STATUS_COLORS: Final = {"active": "#0072B2", "inactive": "#E69F00", _OTHER: "#999999"}
"""Okabe and Ito's colours, here and below: colour-blind people can tell them apart."""
_OUTCOME_COLORS: Final = {**{str(name): info.color for name, info in OUTCOME_INFO.items()}, _OTHER: _GREY}
_CHANGE_COLORS: Final = {"added": "#009E73", "removed": "#D55E00", "changed": "#0072B2", _OTHER: _GREY}
_TOP: Final = 8
"""So many custom fields, moves and reasons are shown."""
_REASON_MAX: Final = 160
_FIELD_MAX: Final = 50


@dataclass(frozen=True)
class Bars:
    """How many rows have each label, from top to bottom; `of` is what a share is a share of."""

    title: str
    rows: pd.Series[int]
    colors: Mapping[str, str] | str
    of: int
    nothing: str = "No rows"


@dataclass(frozen=True)
class Timeline:
    """How many rows each period (a pandas Period) has of each status: one column a status."""

    title: str
    rows: pd.DataFrame
    colors: Mapping[str, str]
    nothing: str = "No creation dates"


def plot_subscribers(subs: pd.DataFrame) -> Figure:
    """Draw a subscribers frame: how many are active, when they were created, and the most frequent custom fields.

    It is white on purpose, in dark notebooks too: it is read elsewhere as well.

    Parameters
    ----------
    subs : DataFrame
        A subscribers frame; `date_created` and `custom_field` may be missing.

    Returns
    -------
    matplotlib.figure.Figure
        It shows itself when it is the last value of a cell; `figure.savefig("tenant.png")` keeps it.

    Raises
    ------
    ValidationError
        For a frame without a status.

    Examples
    --------
    >>> plot_subscribers(pd.DataFrame({"status": ["active", "inactive"]})).get_suptitle().splitlines()[-1]
    '2 subscribers: 1 active, 1 inactive'
    """
    subs = need_columns(subs, ["status"], what="The frame of subscribers")
    counts = _count("Status", subs["status"], _STATUS_COLORS)
    return _draw(subs, "subscriber", counts, count_created(subs), _fields(subs))


def plot_results(results: pd.DataFrame) -> Figure:
    """Draw a results or tokens frame: each outcome with its count and share, and why rows are not done.

    Parameters
    ----------
    results : DataFrame
        A results or tokens frame.

    Returns
    -------
    matplotlib.figure.Figure
        It shows itself when it is the last value of a cell; `figure.savefig("results.png")` keeps it.

    Raises
    ------
    ValidationError
        For a frame that lacks outcome, error_code or error_message.

    Examples
    --------
    >>> results = pd.DataFrame({"outcome": ["done", "done"], "error_code": None, "error_message": None})
    >>> plot_results(results).get_suptitle().splitlines()[-1]
    '2 rows: 2 done'
    """
    reasons = _reasons(results)
    return _draw(results, "row", _count("Outcomes", results["outcome"], _OUTCOME_COLORS), reasons)


def plot_changes(changes: pd.DataFrame) -> Figure:
    """Draw a changes frame: how many were added, removed and changed, and what changed most often.

    Parameters
    ----------
    changes : DataFrame
        What `compare` returned.

    Returns
    -------
    matplotlib.figure.Figure
        It shows itself when it is the last value of a cell; `figure.savefig("changes.png")` keeps it.

    Raises
    ------
    ValidationError
        For a frame that lacks change or subscriber_name.

    Examples
    --------
    >>> changes = pd.DataFrame({"change": ["added", "removed", "added"], "subscriber_name": list("abc")})
    >>> plot_changes(changes).get_suptitle().splitlines()[-1]
    '3 subscribers: 2 added, 1 removed'
    """
    need_columns(changes, ["change"], what="The changes")
    return _draw(changes, "subscriber", _count("Changes", changes["change"], _CHANGE_COLORS), _moves(changes))


def _draw(frame: pd.DataFrame, noun: str, counts: Bars, *others: Bars | Timeline | None) -> Figure:
    from exotel_frames.plots.drawing import draw  # noqa: PLC0415 - matplotlib takes 0.3 s, and most people don't draw

    parts = ", ".join(f"{number:,} {label}" for label, number in counts.rows.items())
    said = ": ".join(filter(None, (pluralize(counts.of, noun), parts)))
    return draw(f"{label_of(frame) or UNKNOWN_ACCOUNT}\n{said}", [counts, *(part for part in others if part)])


def _known(column: pd.Series[Any], colors: Mapping[str, str]) -> pd.Series[Any]:
    """Return a column with what has no colour of its own as `(other)`."""
    read = texts(column)
    return read.where(read.isin(list(colors)), _OTHER)


def _count(title: str, column: pd.Series[Any], colors: Mapping[str, str]) -> Bars:
    rows = _known(column, colors).value_counts()
    return Bars(title, rows.reindex([label for label in colors if label in rows.index]), colors, of=len(column))


def _title(head: str, *said: str) -> str:
    told = ", ".join(filter(None, said))
    return f"{head} ({told})" if told else head


def _most(number: int, noun: str = "") -> str:
    return f"the {_TOP} most frequent of {number:,}{noun}" if number > _TOP else ""


def _fields(subs: pd.DataFrame) -> Bars:
    column = texts(subs["custom_field"]) if "custom_field" in subs else pd.Series(dtype="str")
    rows = blank_to_missing(column).value_counts()
    if len(rows) > _TOP and rows.iloc[0] == 1:  # eight of a thousand that are all different tell nothing
        return Bars("Custom fields", rows.head(0), "", len(subs), f"{len(rows):,} custom fields, all different")
    without = len(subs) - int(rows.sum())
    title = _title("Custom fields", _most(len(rows)), f"{without:,} without one" if without and len(rows) else "")
    top = rows.head(_TOP).rename(index=lambda field: quoted(field, _FIELD_MAX))
    return Bars(title, top, "#56B4E9", len(subs), "No custom fields")


def _reasons(results: pd.DataFrame) -> Bars | None:
    counts = count_outcomes(results)
    failed = counts[~counts["outcome"].isin(SUCCESSES)].sort_values("rows", ascending=False, kind="stable")
    top = failed.head(_TOP)
    labels = [_reason(row) for row in top.to_dict("records")]
    colors = dict(zip(labels, _known(top["outcome"], _OUTCOME_COLORS).map(_OUTCOME_COLORS), strict=True))
    title = _title("Why rows are not done", _most(len(failed), " reasons"), "to a scale of its own")
    return Bars(title, pd.Series(top["rows"].to_numpy(), index=labels), colors, len(results)) if labels else None


def _reason(row: dict[Any, Any]) -> str:
    code = "" if is_missing(row["error_code"]) else f"{row['error_code']} "
    message = plain(row["error_message"], _REASON_MAX) or "no reason was given"
    return f"{plain(row['outcome']) or _OTHER}: {code}{message}"


def _moves(changes: pd.DataFrame) -> Bars | None:
    """Count what changed of those who are there before and after, the most frequent first."""
    changed = changes[(changes["change"] == "changed").to_numpy()]
    moves = [_moves_of(changed, field) for field in schema.FIELDS if f"{field}_before" in changed]
    rows = pd.concat([pd.Series(dtype="str"), *moves]).value_counts()
    title = _title("What changed", _most(len(rows)))
    return Bars(title, rows.head(_TOP), _CHANGE_COLORS["changed"], len(changed)) if len(rows) else None


def _moves_of(changed: pd.DataFrame, field: str) -> pd.Series[Any]:
    before, after = (blank_to_missing(texts(changed[f"{field}_{side}"])) for side in ("before", "after"))
    moved = ~same(before, after)
    one, other = (side[moved].map(lambda text: plain(text, _FIELD_MAX // 2) or "(empty)") for side in (before, after))
    return f"{field} " + one + " → " + other


def count_created(subs: pd.DataFrame) -> Timeline:
    """Count subscribers by the day, month or year of their creation, in UTC; a missing date is counted in the title.

    >>> dates = pd.Series(["2026-01-30T00:00:00Z", "2026-02-02T00:00:00Z", None])
    >>> count_created(pd.DataFrame({"status": "active", "date_created": dates})).title
    'Created, by day (UTC; 1 without a date)'
    """
    column = subs["date_created"] if "date_created" in subs else pd.Series(None, index=subs.index, dtype="object")
    dates = pd.Series(convert(column, schema.DATE)).dt.tz_localize(None)
    there = dates.notna().to_numpy()
    if not there.any():
        return Timeline("Created", pd.DataFrame(), {})
    days = (dates.max() - dates.min()).days + 1
    word = "day" if days <= 92 else "month" if days <= 120 * 30.44 else "year"  # noqa: PLR2004 - more would be hairs
    periods = dates[there].dt.to_period(word[0].upper()).to_numpy()
    rows = pd.crosstab(periods, _known(subs["status"], _STATUS_COLORS)[there].to_numpy())
    without = f"; {int((~there).sum()):,} without a date" if not there.all() else ""
    known = rows[[name for name in _STATUS_COLORS if name in rows]]
    return Timeline(f"Created, by {word} (UTC{without})", known, _STATUS_COLORS)
