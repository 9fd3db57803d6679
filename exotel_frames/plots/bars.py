"""What the bars of a picture say: labels, counts and colours, without a line drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from exotel_frames.display import is_missing, plain, quoted
from exotel_frames.frames.compare import blank_to_missing, same, texts
from exotel_frames.frames.summary import count_outcomes
from exotel_frames.outcomes import OUTCOME_INFO, SUCCESSES
from exotel_frames.text import pluralize

OTHER: Final = "(other)"
STATUS_COLORS: Final = {"active": "#0072B2", "inactive": "#E69F00", OTHER: "#999999"}
"""Okabe and Ito's colours, here and below: colour-blind people can tell them apart."""
OUTCOME_COLORS: Final = {
    **{str(outcome): info.color for outcome, info in OUTCOME_INFO.items()},
    OTHER: "#777777",
}
CHANGE_COLORS: Final = {"added": "#009E73", "removed": "#D55E00", "changed": "#0072B2", OTHER: "#777777"}
_FIELD_COLOR: Final = "#56B4E9"
_TOP: Final = 8
"""So many custom fields, and so many reasons, are shown."""
_REASON_MAX: Final = 160
_FIELD_MAX: Final = 50


@dataclass(frozen=True)
class Bars:
    """Bars from top to bottom; `of` is what a share is a share of, `nothing` what is said when there are none."""

    head: str
    labels: tuple[str, ...]
    numbers: tuple[int, ...]
    colors: tuple[str, ...]
    of: int
    nothing: str = "No rows"

    def told(self, noun: str) -> str:
        """Return the bars as one line.

        >>> Bars("Status", ("active", "inactive"), (7, 2), ("#0072B2", "#E69F00"), of=9).told("subscriber")
        '9 subscribers: 7 active, 2 inactive'
        """
        parts = [f"{number:,} {label}" for label, number in zip(self.labels, self.numbers, strict=True)]
        return f"{pluralize(self.of, noun)}: {', '.join(parts)}" if parts else pluralize(self.of, noun)


def status_bars(subs: pd.DataFrame) -> Bars:
    """Count the statuses.

    >>> status_bars(pd.DataFrame({"status": ["active", "on", "active"]})).numbers
    (2, 1)
    """
    return _counts("Status", known(subs["status"], STATUS_COLORS), STATUS_COLORS)


def outcome_bars(results: pd.DataFrame) -> Bars:
    """Count the outcomes, in the order of `schema.OUTCOMES`.

    >>> outcome_bars(pd.DataFrame({"outcome": ["rejected", "done"]})).labels
    ('done', 'rejected')
    """
    return _counts("Outcomes", known(results["outcome"], OUTCOME_COLORS), OUTCOME_COLORS)


def change_bars(changes: pd.DataFrame) -> Bars:
    """Count who was added, removed and changed.

    >>> change_bars(pd.DataFrame({"change": ["removed", "added", "added"]})).numbers
    (2, 1)
    """
    return _counts("Changes", known(changes["change"], CHANGE_COLORS), CHANGE_COLORS)


def moved_bars(changes: pd.DataFrame) -> Bars:
    """Count what changed of those who are there before and after, the most frequent first.

    >>> both = {"change": "changed", "status_before": "active", "status_after": "inactive"}
    >>> moved_bars(pd.DataFrame([both])).labels
    ('status active → inactive',)
    """
    rows = changes[(changes["change"] == "changed").to_numpy()]
    moves = [_moves(rows, field) for field in ("status", "custom_field") if f"{field}_before" in rows]
    counts = pd.concat([pd.Series(dtype="str"), *moves]).value_counts()
    top = counts.head(_TOP)
    which = f" (the {_TOP} most frequent of {len(counts):,})" if len(counts) > _TOP else ""
    labels = tuple(str(label) for label in top.index)
    colors = (CHANGE_COLORS["changed"],) * len(top)
    return Bars(f"What changed{which}", labels, tuple(int(number) for number in top), colors, of=max(len(rows), 1))


def _moves(rows: pd.DataFrame, field: str) -> pd.Series[Any]:
    """Say what became of a field, in each row in which it moved."""
    before, after = (blank_to_missing(texts(rows[f"{field}_{side}"])) for side in ("before", "after"))
    moved = ~same(before, after)
    pairs = zip(before[moved], after[moved], strict=True)
    shown = [tuple(plain(text, _FIELD_MAX // 2) or "(empty)" for text in pair) for pair in pairs]
    return pd.Series([f"{field} {one} → {other}" for one, other in shown], dtype="str")


def known(column: pd.Series[Any], colors: Mapping[str, str]) -> pd.Series[Any]:
    """Return a column with what has no colour of its own as `(other)`.

    >>> known(pd.Series(["active", "on", None]), STATUS_COLORS).tolist()
    ['active', '(other)', '(other)']
    """
    read = texts(column)
    return read.where(read.isin(list(colors)), OTHER)


def _counts(head: str, column: pd.Series[Any], colors: Mapping[str, str]) -> Bars:
    counts = column.value_counts()
    labels = tuple(label for label in colors if label in counts.index)
    numbers = tuple(int(counts[label]) for label in labels)
    return Bars(head, labels, numbers, tuple(colors[label] for label in labels), of=len(column))


def field_bars(subs: pd.DataFrame) -> Bars:
    """Count the most frequent custom fields.

    >>> field_bars(pd.DataFrame({"custom_field": ["sales", "sales", None]})).labels
    ("'sales'",)
    """
    fields = (
        blank_to_missing(texts(subs["custom_field"])).dropna() if "custom_field" in subs else pd.Series(dtype="str")
    )
    counts = fields.value_counts()
    if len(counts) > _TOP and counts.iloc[0] == 1:  # eight of a thousand that are all different tell nothing
        return Bars("Custom fields", (), (), (), len(subs), f"{len(counts):,} custom fields, all different")
    top = counts.head(_TOP)
    without = len(subs) - len(fields)
    said = [f"the {_TOP} most frequent of {len(counts):,}"] if len(counts) > _TOP else []
    said += [f"{without:,} without one"] if without else []
    head = f"Custom fields ({', '.join(said)})" if said else "Custom fields"
    labels = tuple(quoted(field, _FIELD_MAX) for field in top.index)
    numbers = tuple(int(number) for number in top)
    return Bars(head, labels, numbers, (_FIELD_COLOR,) * len(top), len(subs), "No custom fields")


def reason_bars(results: pd.DataFrame) -> Bars:
    """Count why rows are not done, the most frequent reasons first.

    >>> results = pd.DataFrame({"outcome": ["rejected"], "error_code": [1008], "error_message": ["Duplicate resource"]})
    >>> reason_bars(results).labels
    ('rejected: 1008 Duplicate resource',)
    """
    counts = count_outcomes(results)
    failed = counts[~counts["outcome"].isin(SUCCESSES)].sort_values("rows", ascending=False, kind="stable")
    top = failed.head(_TOP)
    which = f"the {_TOP} most frequent of {len(failed):,} reasons, " if len(failed) > _TOP else ""
    outcomes = known(top["outcome"], OUTCOME_COLORS)
    labels = tuple(_reason(row) for row in top.to_dict("records"))
    numbers = tuple(int(number) for number in top["rows"])
    colors = tuple(OUTCOME_COLORS[outcome] for outcome in outcomes)
    return Bars(f"Why rows are not done ({which}to a scale of its own)", labels, numbers, colors, of=len(results))


def _reason(row: dict[Any, Any]) -> str:
    code = "" if is_missing(row["error_code"]) else f"{row['error_code']} "
    message = plain(row["error_message"], _REASON_MAX) or "no reason was given"
    return f"{plain(row['outcome']) or OTHER}: {code}{message}"
