"""How a page looks: its header, the formats of its columns, what is folded, what is frozen, and its colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from exotel_frames import schema
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import COLUMNS_MAX, ROWS_MAX, address, letters
from exotel_frames.workbooks.pages.layout import PageColumn
from exotel_frames.workbooks.writing.style import (
    ACTION_LOOKS,
    BLUE,
    GREY,
    SLATE,
    TEXT_CELL,
    header_format,
    set_up_sheet,
)

_FREEZE_MAX: Final = 3
_FLAG: Final = '"TRUE";"TRUE";"FALSE"'
"""LibreOffice counts a yes or no among the numbers, and would show some of them as 0."""
_GOOD: Final = f"#{OUTCOME_INFO['done'].fill}"
_BAD: Final = f"#{OUTCOME_INFO['rejected'].fill}"
_DOUBT: Final = f"#{OUTCOME_INFO['conflict'].fill}"
_WARNING: Final = f"#{OUTCOME_INFO['unknown'].fill}"
_CHANGES: Final = {"added": _GOOD, "removed": _BAD, "changed": _WARNING, "maybe added": _DOUBT, "maybe removed": _DOUBT}
_QUIET: Final = {"font_color": GREY}
_LINE: Final = {"bottom": 1, "bottom_color": "#DDE3E8"}
"""The line below each row; of several looks that fit a cell, LibreOffice takes the first."""
Rule = tuple[str, str, dict[str, Any]]
"""The column to colour, the formula that says when (for row 2), and the look."""


def format_page(book: Any, sheet: Any, columns: Sequence[PageColumn], kind: str) -> None:
    """Write a page's header and pattern row, and set how it looks on a screen and on paper."""
    for at, column in enumerate(columns):
        look = book.add_format(_cell_look(column))
        options = {"level": 1, "hidden": True} if column.is_folded else {}
        sheet.set_column(at, at, column.width, look, options)
        sheet.write_string(0, at, column.name, header_format(book, SLATE if column.is_folded else BLUE))
        sheet.write_string(1, at, "pattern", look)
    after, rows = len(columns), len(columns[0].cells) if columns else 0
    if any(column.is_folded for column in columns) and after < COLUMNS_MAX:
        sheet.set_column(after, after, None, None, {"collapsed": True})
    set_up_sheet(sheet, rows=rows, columns=after)
    names = [column.name for column in columns]
    sheet.freeze_panes(1, names.index(NAME) + 1 if NAME in names[:_FREEZE_MAX] else 0)
    _add_colours(book, sheet, kind, names)
    if rows:
        lines = {"type": "no_errors", "format": book.add_format(_LINE)}
        sheet.conditional_format(f"A2:{address(rows + 1, after)}", lines)


def _cell_look(column: PageColumn) -> dict[str, Any]:
    """Return how a column's cells look; what is no number is text, so that nothing typed into it is changed."""
    quiet = {"font_color": GREY} if column.is_folded or column.name.startswith("date_") else {}
    if column.type == "text":
        look = {**TEXT_CELL, "bold": column.name == NAME, **quiet}
        return {**look, "text_wrap": True} if column.is_wrapped else look
    if column.type == "flag":
        return {"valign": "vcenter", "align": "left", "indent": 1, "num_format": _FLAG, **quiet}
    return {"valign": "vcenter", "align": "left", "indent": 1, **quiet}


def _add_colours(book: Any, sheet: Any, kind: str, headers: Sequence[str]) -> None:
    """Colour a page's cells by what they say, so that the colours move along when it is sorted."""
    at = {header: letters(place) for place, header in enumerate(headers, start=1)}
    for column, formula, look in _RULES.get(kind, lambda _at: ())(at):
        area = f"{at[column]}2:{at[column]}{ROWS_MAX}"
        rule = {"type": "formula", "criteria": formula, "format": book.add_format({**_LINE, **look})}
        sheet.conditional_format(area, rule)


def _result_rules(at: dict[str, str]) -> Iterator[Rule]:
    if "outcome" in at:
        for outcome, info in OUTCOME_INFO.items():
            yield "outcome", f'=${at["outcome"]}2="{outcome}"', {"bg_color": f"#{info.fill}"}


def _plan_rules(at: dict[str, str]) -> Iterator[Rule]:
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


def _problem_rules(at: dict[str, str]) -> Iterator[Rule]:
    if "rule" in at and "message" in at:
        warns = ",".join(f'${at["rule"]}2="{rule}"' for rule in sorted(schema.WARNING_RULES))
        yield "message", f"=OR({warns})", {"bg_color": _WARNING}
        yield "message", f'=AND(${at["rule"]}2<>"",NOT(OR({warns})))', {"bg_color": _BAD}


def _change_rules(at: dict[str, str]) -> Iterator[Rule]:
    for change, colour in _CHANGES.items():
        yield "change", f'=${at["change"]}2="{change}"', {"bg_color": colour}
    for name in schema.FIELDS:
        before, after = f"{name}_before", f"{name}_after"
        if before in at and after in at:
            yield after, f'=AND(${at["change"]}2="changed",${at[before]}2<>${at[after]}2)', {"bold": True}


def _run_rules(at: dict[str, str]) -> Iterator[Rule]:
    for outcome, info in OUTCOME_INFO.items():
        if outcome in at:
            yield outcome, f"=AND(ISNUMBER({at[outcome]}2),{at[outcome]}2>0)", {"bg_color": f"#{info.fill}"}
            yield outcome, f"={at[outcome]}2=0", _QUIET


def _check_rules(at: dict[str, str]) -> Iterator[Rule]:
    yield "holds", f"=${at['holds']}2=TRUE", {"bg_color": _GOOD}
    yield "holds", f"=AND(ISLOGICAL(${at['holds']}2),${at['holds']}2=FALSE)", {"bg_color": _BAD}


_RULES: Final = {
    "results": _result_rules,
    "plan": _plan_rules,
    "problems": _problem_rules,
    "changes": _change_rules,
    "runs": _run_rules,
    "check": _check_rules,
}
