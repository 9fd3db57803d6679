"""The audit of an account: every rule on every subscriber, in one problems frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from exotel_frames.errors import ValidationError
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.arrow_columns import is_text
from exotel_frames.frames.compare import blank_to_missing, texts
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME, STATUSES
from exotel_frames.text import join_words, quote_names, quote_value
from exotel_frames.validation.findings.finding import Findings, Rows, findings_frame
from exotel_frames.validation.findings.hazards import Hazards, damaged_twins, find_hazards, spreadsheet_hazards
from exotel_frames.validation.findings.state import stale, unknown_statuses, unusual_names
from exotel_frames.validation.findings.twins import case_twins, lookalike_twins, may_repeat, zero_twins
from exotel_frames.validation.findings.variants import field_variants


@dataclass(frozen=True)
class _Audit:
    """The subscribers' columns, read once for all rules."""

    subs: pd.DataFrame
    stale_days: float
    now: datetime

    @cached_property
    def distinct(self) -> tuple[Any, Rows]:
        """The names, each once, and the row of each."""
        read = read_texts(self.subs[NAME]).arrow
        rows = np.flatnonzero(read.is_valid().to_numpy(zero_copy_only=False))
        names = read.take(rows) if read.null_count else read
        few = may_repeat(names)
        _, first = np.unique(names.take(few).dictionary_encode().indices.to_numpy(), return_index=True)
        again = np.delete(few, first)
        return names.take(np.delete(np.arange(len(names)), again)) if len(again) else names, np.delete(rows, again)

    @cached_property
    def hazards(self) -> Hazards:
        """What spreadsheets make of the names."""
        return find_hazards(self.distinct[0])

    @cached_property
    def statuses(self) -> Any:
        """The statuses as texts."""
        return read_texts(self.subs["status"]).arrow

    def field_variants(self) -> Findings:
        """Return the custom fields with a commoner spelling; one is fixed where the status can be sent along."""
        fields = read_texts(blank_to_missing(texts(self.subs["custom_field"]))).arrow
        if "status" not in self.subs:
            return field_variants(fields, np.ones(len(fields), dtype=bool))
        return field_variants(fields, is_text(self.statuses, *STATUSES))


class _Rule(NamedTuple):
    """A rule of the audit: what it means, why (some of) its findings have no safe fix, and what finds them."""

    meaning: str
    no_fix_because: str
    find: Callable[[_Audit], Findings]
    column: str = NAME


_FOR_GOOD: Final = "A name can't be changed, and only people know which of the names are used."
_RULES: Final = {
    "case_twin": _Rule("another name differs only by case", _FOR_GOOD, lambda audit: case_twins(*audit.distinct)),
    "zero_twin": _Rule(
        "another name differs only by leading zeros, as 7 and 007",
        _FOR_GOOD,
        lambda audit: zero_twins(*audit.distinct),
    ),
    "lookalike_twin": _Rule(
        "another name looks like it: 0 and O, 1 and l and I, 5 and S, 8 and B",
        _FOR_GOOD,
        lambda audit: lookalike_twins(*audit.distinct),
    ),
    "spreadsheet_hazard": _Rule(
        "a name that spreadsheet programs turn into something else",
        "Nothing is wrong with the name itself: keep it as text wherever it goes.",
        lambda audit: spreadsheet_hazards(audit.hazards, audit.distinct[1]),
    ),
    "damaged_twin": _Rule(
        "a name that a spreadsheet program would make out of another name",
        "Either may be the real one: ask who uses them before you delete one.",
        lambda audit: damaged_twins(audit.hazards, *audit.distinct),
    ),
    "field_variant": _Rule(
        "a custom field that differs from another only in case, blanks, punctuation or word order",
        "No fix is proposed where no spelling is the most common one, or the status is not valid.",
        _Audit.field_variants,
        "custom_field",
    ),
    "status_unknown": _Rule(
        "a status that is neither active nor inactive",
        "Only the service knows what it means: a change may suspend somebody, or end a suspension.",
        lambda audit: unknown_statuses(audit.statuses),
        "status",
    ),
    "stale": _Rule(
        "active, and not updated for longer than stale_days",
        "Only people know who is still needed: ef.widgets.cleanup_panel(client, subs) suspends the others.",
        lambda audit: stale(audit.subs, audit.statuses, audit.stale_days, audit.now),
        "date_updated",
    ),
    "name_unusual": _Rule(
        "an existing name that breaks the rules for new names",
        "A name can't be changed: a rename is a delete and a create.",
        lambda audit: unusual_names(*audit.distinct),
    ),
}
FINDING_RULES: Final = {name: rule.meaning for name, rule in _RULES.items()}
"""Every rule of an audit, in the order in which a row's findings are told."""
NO_FIX_BECAUSE: Final = {name: rule.no_fix_because for name, rule in _RULES.items()}
"""Why a finding of a rule has no safe fix, or why some have none."""


def audit_subscribers(
    subs: pd.DataFrame,
    *,
    stale_days: float | None = None,
    rules: Sequence[str] | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Return what looks wrong with the subscribers of an account; all findings are warnings, and nothing is blocked.

    - `case_twin`, `zero_twin`, `lookalike_twin`: another name differs only by case (Desk14, desk14), by leading zeros
      (7, 007), or in characters that look alike (0 and O, 1 and l and I, 5 and S, 8 and B).
    - `spreadsheet_hazard`, `damaged_twin`: a name that spreadsheet programs turn into something else (007, 1E5, MAR1,
      TRUE, NA, 12 digits and more), and a name that could be the result for another name (7 from 007, 100000 from 1E5).
    - `field_variant`: a custom field that differs from a more common one only in case, blanks, punctuation or word
      order; `fix` is the most common spelling, `message` counts each.
    - `status_unknown`, `stale`, `name_unusual`: a status that is neither active nor inactive; an active subscriber that
      was not updated for more than `stale_days` days; an existing name that breaks the rules for new names.

    Parameters
    ----------
    subs : DataFrame
        What `load_subscribers` returned.
    stale_days : float, optional
        An active subscriber that was not updated for more days than this is `stale`; without it that rule is not
        applied.
    rules : list of str, optional
        The rules to apply; all of them by default.
    now : datetime, optional
        The time from which `stale_days` is counted back; now by default.

    Returns
    -------
    DataFrame
        A problems frame ordered by row, with the caller's index. `fix` is filled in if a change is safe: see
        `apply_fixes`.

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
    chosen = _choose_rules(rules, stale_days, now)
    columns = list(dict.fromkeys([NAME, *(_RULES[rule].column for rule in chosen)]))
    needed = columns + ["status"] * ("stale" in chosen and "status" not in columns)
    subs = need_columns(subs, needed, what="The subscribers")
    audit = _Audit(subs, stale_days or 0.0, now or datetime.now(UTC))
    found = [_RULES[rule].find(audit) for rule in chosen]
    as_text = {name: texts(subs[name]) for name in columns if name != "date_updated"}
    dates = {"date_updated": _dates(subs, found)} if "stale" in chosen else {}
    frame = findings_frame(found, pd.DataFrame(as_text | dates).set_axis(subs.index))
    frame.attrs.update(subs.attrs)
    return frame


def _choose_rules(rules: Sequence[str] | None, stale_days: float | None, now: datetime | None) -> list[str]:
    """Return the rules to apply, in their order; everything that is wrong with the call is one error."""
    named = [rule for rule in FINDING_RULES if rule != "stale" or stale_days is not None] if rules is None else rules
    wanted = [named] if isinstance(named, str) else list(named)
    problems = list(_problems(wanted, stale_days, now))
    if problems:
        raise ValidationError(f"The audit can't be done: {'; '.join(problems)}.")
    return [rule for rule in FINDING_RULES if rule in wanted]


def _problems(wanted: Sequence[Any], stale_days: Any, now: datetime | None) -> Iterator[str]:
    unknown = [rule for rule in wanted if rule not in FINDING_RULES]
    if unknown:
        verb = "is not a rule" if len(unknown) == 1 else "are not rules"
        yield f"{quote_names(unknown, len(unknown))} {verb} (there are {join_words([*FINDING_RULES])})"
    is_days = isinstance(stale_days, int | float) and not isinstance(stale_days, bool) and stale_days >= 0
    if stale_days is not None and not is_days:
        yield f"stale_days is {quote_value(stale_days)}; it is a number of days, 0 or more"
    if now is not None and now.tzinfo is None:
        yield f"now={now} has no time zone: use datetime.now(UTC)"
    if "stale" in wanted and stale_days is None:
        yield "the rule stale needs stale_days, the number of days without an update"


def _dates(subs: pd.DataFrame, found: Sequence[Findings]) -> pd.Series[Any]:
    """Return as text only the dates of rows with a finding: a million of them take seconds."""
    rows = next(each.rows for each in found if each.rule == "stale")
    column = pd.Series(None, index=range(len(subs)), dtype="str")
    column.iloc[rows] = subs["date_updated"].iloc[rows].dt.strftime("%Y-%m-%dT%H:%M:%S+00:00").astype("str").array
    return column
