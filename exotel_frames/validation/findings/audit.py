"""The audit of a tenant: every rule over everybody, in one problems frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.compare import blank_to_missing, texts
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, quote_value
from exotel_frames.validation.findings.finding import Findings, Rows, findings_frame
from exotel_frames.validation.findings.hazards import Hazards, damaged_twins, find_hazards, spreadsheet_hazards
from exotel_frames.validation.findings.state import known_statuses, stale, unknown_statuses, unusual_names
from exotel_frames.validation.findings.twins import case_twins, lookalike_twins, may_repeat, zero_twins
from exotel_frames.validation.findings.variants import field_variants

FINDING_RULES: Final = {
    "case_twin": "another name differs only by case",
    "zero_twin": "another name differs only by leading zeros, as 7 and 007",
    "lookalike_twin": "another name looks like it: 0 and O, 1 and l and I, 5 and S, 8 and B",
    "spreadsheet_hazard": "a name that spreadsheet programs turn into something else",
    "damaged_twin": "a name that is what a spreadsheet program leaves of another one",
    "field_variant": "a custom field that differs from another only in case, blanks, punctuation or word order",
    "status_unknown": "a status that is neither active nor inactive",
    "stale": "active, and not updated for longer than stale_days",
    "name_unusual": "a name that exists, and is not by the rules for new ones",
}
"""Every rule of an audit, in the order in which a row's findings are told."""
_FOR_GOOD: Final = "A name is for good, and which of them are used, only people know."
NO_FIX_BECAUSE: Final = {
    "case_twin": _FOR_GOOD,
    "zero_twin": _FOR_GOOD,
    "lookalike_twin": _FOR_GOOD,
    "spreadsheet_hazard": "Nothing is wrong with the name itself: keep it as text wherever it goes.",
    "damaged_twin": "Either may be the real one: ask who uses them before one is deleted.",
    "field_variant": "None is proposed where no spelling is the commonest, or the status is none.",
    "status_unknown": "What it means, only the service knows: a change may suspend somebody, or end a suspension.",
    "stale": "Who is still needed, only people know: ef.widgets.cleanup_panel(client, subs) suspends the others.",
    "name_unusual": "A name is for good: another one is a delete and a create.",
}
"""Why a finding of a rule has no safe fix, or why some have none."""
_COLUMNS: Final = {"field_variant": "custom_field", "status_unknown": "status", "stale": "date_updated"}


def audit_subscribers(
    subs: pd.DataFrame,
    *,
    stale_days: float | None = None,
    rules: Sequence[str] | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Return what looks wrong with subscribers that are live; nothing here forbids anything, all are warnings.

    - `case_twin`, `zero_twin`, `lookalike_twin`: another name differs only by case (Desk14, desk14), by leading zeros
      (7, 007), or in what looks alike (0 and O, 1 and l and I, 5 and S, 8 and B).
    - `spreadsheet_hazard`, `damaged_twin`: a name that spreadsheet programs turn into something else (007, 1E5, MAR1,
      TRUE, NA, 12 digits and more), and one that is what that leaves of another (7 of 007, 100000 of 1E5).
    - `field_variant`: a custom field that differs from a commoner one only in case, blanks, punctuation or the order of
      its words; `fix` is the commonest spelling, `message` counts each.
    - `status_unknown`, `stale`, `name_unusual`: a status that is none, active and not updated for more than
      `stale_days` days, a name that exists and is not by the rules for new ones.

    Parameters
    ----------
    subs : DataFrame
        What `load_subscribers` returned.
    stale_days : float, optional
        Active and not updated for more days than that is `stale`; without it that rule is left out.
    rules : list of str, optional
        The rules to apply; all of them by default.
    now : datetime, optional
        What `stale_days` is counted back from; this moment by default.

    Returns
    -------
    DataFrame
        A problems frame by row, with the caller's index. `fix` is filled where a change is safe: see `apply_fixes`.

    Raises
    ------
    ValidationError
        One error that names all unknown rules, or all missing columns.

    Examples
    --------
    >>> subs = pd.DataFrame({"subscriber_name": ["7", "007", "bob"], "status": "active", "custom_field": None})
    >>> audit_subscribers(subs)[["row", "rule"]].values.tolist()
    [[0, 'zero_twin'], [0, 'damaged_twin'], [1, 'zero_twin'], [1, 'spreadsheet_hazard']]
    """
    chosen = _chosen(rules, stale_days, now)
    columns = [NAME, *dict.fromkeys(_COLUMNS[rule] for rule in chosen if rule in _COLUMNS)]
    needed = columns + ["status"] * ("stale" in chosen and "status" not in columns)
    subs = need_columns(subs, needed, what="The subscribers")
    audit = _Audit(subs, stale_days or 0.0, now or datetime.now(UTC))
    found = [getattr(audit, rule)() for rule in chosen]
    as_text = {name: texts(subs[name]) for name in columns if name != "date_updated"}
    dates = {"date_updated": _dates(subs, found)} if "stale" in chosen else {}
    frame = findings_frame(found, pd.DataFrame(as_text | dates).set_axis(subs.index))
    frame.attrs.update(subs.attrs)
    return frame


def _chosen(rules: Sequence[str] | None, stale_days: float | None, now: datetime | None) -> list[str]:
    """Return the rules to apply, in their order; everything that is wrong with the call is one error."""
    named = [rule for rule in FINDING_RULES if rule != "stale" or stale_days is not None] if rules is None else rules
    wanted = [named] if isinstance(named, str) else list(named)
    faults = list(_faults(wanted, stale_days, now))
    if faults:
        raise ValidationError(f"The audit can't be done: {'; '.join(faults)}.")
    return [rule for rule in FINDING_RULES if rule in wanted]


def _faults(wanted: Sequence[Any], stale_days: Any, now: datetime | None) -> Iterator[str]:
    unknown = [rule for rule in wanted if rule not in FINDING_RULES]
    if unknown:
        verb = "is no rule" if len(unknown) == 1 else "are no rules"
        yield f"{join_words([quote_value(rule) for rule in unknown])} {verb} (there are {join_words([*FINDING_RULES])})"
    is_days = isinstance(stale_days, int | float) and not isinstance(stale_days, bool) and stale_days >= 0
    if stale_days is not None and not is_days:
        yield f"stale_days is {quote_value(stale_days)}; it is a number of days, 0 or more"
    if now is not None and now.tzinfo is None:
        yield f"now={now} names no time zone: datetime.now(UTC) does"
    if "stale" in wanted and stale_days is None:
        yield "the rule stale needs stale_days, after how many days without an update"


def _dates(subs: pd.DataFrame, found: Sequence[Findings]) -> pd.Series[Any]:
    """Return as text only the dates of rows with a finding: a million of them take seconds."""
    rows = next(each.rows for each in found if each.rule == "stale")
    column = pd.Series(None, index=range(len(subs)), dtype="str")
    column.iloc[rows] = subs["date_updated"].iloc[rows].dt.strftime("%Y-%m-%dT%H:%M:%S+00:00").astype("str").array
    return column


@dataclass(frozen=True)
class _Audit:
    """The subscribers' columns, read once for all rules; each rule is a method of its name."""

    subs: pd.DataFrame
    stale_days: float
    now: datetime

    @cached_property
    def _distinct(self) -> tuple[Any, Rows]:
        """The names, each once, and the row of each."""
        read = read_texts(self.subs[NAME]).arrow
        rows = np.flatnonzero(read.is_valid().to_numpy(zero_copy_only=False))
        names = read.take(rows) if read.null_count else read
        few = may_repeat(names)
        _, first = np.unique(names.take(few).dictionary_encode().indices.to_numpy(), return_index=True)
        again = np.delete(few, first)
        return names.take(np.delete(np.arange(len(names)), again)) if len(again) else names, np.delete(rows, again)

    @cached_property
    def _hazards(self) -> Hazards:
        return find_hazards(self._distinct[0])

    @cached_property
    def _statuses(self) -> Any:
        return read_texts(self.subs["status"]).arrow

    def case_twin(self) -> Findings:
        return case_twins(*self._distinct)

    def zero_twin(self) -> Findings:
        return zero_twins(*self._distinct)

    def lookalike_twin(self) -> Findings:
        return lookalike_twins(*self._distinct)

    def spreadsheet_hazard(self) -> Findings:
        return spreadsheet_hazards(self._hazards, self._distinct[1])

    def damaged_twin(self) -> Findings:
        return damaged_twins(self._hazards, *self._distinct)

    def field_variant(self) -> Findings:
        fields = read_texts(blank_to_missing(texts(self.subs["custom_field"]))).arrow
        known = known_statuses(self._statuses) if "status" in self.subs else np.full(len(self.subs), fill_value=True)
        return field_variants(fields, known)

    def status_unknown(self) -> Findings:
        return unknown_statuses(self._statuses)

    def stale(self) -> Findings:
        return stale(self.subs, self._statuses, self.stale_days, self.now)

    def name_unusual(self) -> Findings:
        return unusual_names(*self._distinct)
