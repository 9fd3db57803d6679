"""The colours of a page: what became of a row, what a plan does, how much a problem weighs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from exotel_frames import schema
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.workbooks.addresses import ROWS_MAX, letters
from exotel_frames.workbooks.writing.style import ACTION_LOOKS, GREY

_GOOD: Final = f"#{OUTCOME_INFO['done'].fill}"
_BAD: Final = f"#{OUTCOME_INFO['rejected'].fill}"
_DOUBT: Final = f"#{OUTCOME_INFO['conflict'].fill}"
_WARNING: Final = f"#{OUTCOME_INFO['unknown'].fill}"
_CHANGES: Final = {"added": _GOOD, "removed": _BAD, "changed": _WARNING, "maybe added": _DOUBT, "maybe removed": _DOUBT}
_QUIET: Final = {"font_color": GREY}
LINE: Final = {"bottom": 1, "bottom_color": "#DDE3E8"}
"""The line below each row; of several looks that fit a cell, LibreOffice takes the first."""
Rule = tuple[str, str, dict[str, Any]]
"""The column to colour, the formula that says when (for row 2), and the look."""


def add_colours(book: Any, sheet: Any, kind: str, headers: Sequence[str]) -> None:
    """Colour a page's cells by what they say, so that the colours move along when it is sorted."""
    at = {header: letters(place) for place, header in enumerate(headers, start=1)}
    for column, formula, look in _RULES.get(kind, lambda _at: ())(at):
        area = f"{at[column]}2:{at[column]}{ROWS_MAX}"
        rule = {"type": "formula", "criteria": formula, "format": book.add_format({**LINE, **look})}
        sheet.conditional_format(area, rule)


def _results(at: dict[str, str]) -> Iterator[Rule]:
    if "outcome" in at:
        for outcome, info in OUTCOME_INFO.items():
            yield "outcome", f'=${at["outcome"]}2="{outcome}"', {"bg_color": f"#{info.fill}"}


def _plan(at: dict[str, str]) -> Iterator[Rule]:
    if "conflict" in at:
        for column in ("conflict", "note"):
            if column in at:
                yield column, f'=OR(${at["conflict"]}2=TRUE,${at["conflict"]}2="TRUE")', {"bg_color": _DOUBT}
        yield "conflict", f'=OR(${at["conflict"]}2=FALSE,${at["conflict"]}2="FALSE")', _QUIET
    if "action" in at:
        for action, look in ACTION_LOOKS.items():
            yield "action", f'=${at["action"]}2="{action}"', look
        yield "action", f'=${at["action"]}2="none"', _QUIET
    for name in schema.FIELDS:
        before, after = f"{name}_from", name
        if before in at and after in at:
            yield after, f"=${at[before]}2<>${at[after]}2", {"bold": True}


def _problems(at: dict[str, str]) -> Iterator[Rule]:
    if "rule" in at and "message" in at:
        warns = ",".join(f'${at["rule"]}2="{rule}"' for rule in sorted(schema.WARNING_RULES))
        yield "message", f"=OR({warns})", {"bg_color": _WARNING}
        yield "message", f'=AND(${at["rule"]}2<>"",NOT(OR({warns})))', {"bg_color": _BAD}


def _changes(at: dict[str, str]) -> Iterator[Rule]:
    for change, colour in _CHANGES.items():
        yield "change", f'=${at["change"]}2="{change}"', {"bg_color": colour}
    for name in schema.FIELDS:
        before, after = f"{name}_before", f"{name}_after"
        if before in at and after in at:
            yield after, f'=AND(${at["change"]}2="changed",${at[before]}2<>${at[after]}2)', {"bold": True}


def _runs(at: dict[str, str]) -> Iterator[Rule]:
    for outcome, info in OUTCOME_INFO.items():
        if outcome in at:
            yield outcome, f"=AND(ISNUMBER({at[outcome]}2),{at[outcome]}2>0)", {"bg_color": f"#{info.fill}"}
            yield outcome, f"={at[outcome]}2=0", _QUIET


def _check(at: dict[str, str]) -> Iterator[Rule]:
    yield "holds", f"=${at['holds']}2=TRUE", {"bg_color": _GOOD}
    yield "holds", f"=AND(ISLOGICAL(${at['holds']}2),${at['holds']}2=FALSE)", {"bg_color": _BAD}


_RULES: Final = {
    "results": _results,
    "plan": _plan,
    "problems": _problems,
    "changes": _changes,
    "runs": _runs,
    "check": _check,
}
