"""The sheet behind a page: which account, how many of what, what the words mean, and how to read it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.text import join_words, pluralize
from exotel_frames.validation import FINDING_RULES
from exotel_frames.workbooks.writing.style import BLUE, GREY, set_up_reading

TITLES: Final = {
    "results": "Results",
    "plan": "A plan",
    "problems": "Problems",
    "changes": "What has changed",
    "runs": "Runs",
    "check": "What was checked of the service",
    "subscribers": "Subscribers",
}
_ACTIONS: Final = {
    "create": "a subscriber that is not there yet is made",
    "update": "a subscriber is changed: the bold cell is what it will be",
    "delete": "a subscriber is removed for good, with its date_created and its devices' tokens",
    "none": "nothing is done; the note says why",
}
_CHANGES: Final = {
    "added": "not there before",
    "removed": "no longer there",
    "changed": "there before and after: the bold cell is what it is now",
    "maybe added": "not in the earlier listing, in which not all could be read",
    "maybe removed": "not in the later listing, in which not all could be read",
}
_WIDTHS: Final = (26, 10, 56, 44)
_LINE: Final = 60
Line = tuple[str, int, str, str]
Table = tuple[tuple[str, ...], list[Line]]


def write_about(book: Any, sheet: Any, pages: Mapping[str, tuple[str, pd.DataFrame]], about: Mapping[str, str]) -> None:
    """Fill the sheet: `pages` are the kinds and frames by their sheet, `about` says where and when."""
    set_up_reading(sheet, _WIDTHS)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, title_of({kind for kind, _ in pages.values()}), _look(book, font_size=18, bold=True))
    row = 1
    for line in _lines(pages, about):
        sheet.write_string(row, 0, line, _look(book, font_color=GREY))
        row += 1
    for name, (kind, frame) in pages.items():
        if kind in _TABLES:
            header, lines = _TABLES[kind](frame)
            row = _write_table(
                book, sheet, row + 1, (header[0] if len(pages) == 1 else f"{name}: {header[0]}", *header[1:]), lines
            )


def title_of(kinds: AbstractSet[str]) -> str:
    """Return what a workbook of pages of some kinds is called.

    >>> title_of({"plan"}), title_of({"plan", "results"})
    ('A plan', 'Tables')
    """
    return TITLES.get(next(iter(kinds)), "Tables") if len(kinds) == 1 else "Tables"


def _lines(pages: Mapping[str, tuple[str, pd.DataFrame]], about: Mapping[str, str]) -> list[str]:
    rows = join_words([f"{pluralize(len(frame), 'row')} in {name}" for name, (_, frame) in pages.items()])
    return [
        about["label"] or "No account is named.",
        f"{rows}, written on {about['written_at']} by exotel_frames {about['tool_version']}.",
        "Technical columns are folded: the + above the columns shows them.",
        'To go on with it in Python: ef.read_table("this file.xlsx") gives the tables back exactly.',
    ]


def _results(frame: pd.DataFrame) -> Table:
    counts = frame["outcome"].value_counts()
    lines: list[Line] = [
        (str(outcome), int(counts[outcome]), info.meaning, info.next_step)
        for outcome, info in OUTCOME_INFO.items()
        if outcome in counts
    ]
    return ("outcome", "rows", "what it means", "what to do next"), lines


def _plan(frame: pd.DataFrame) -> Table:
    counts = frame["action"].value_counts()
    lines: list[Line] = [
        (action, int(counts[action]), meaning, "") for action, meaning in _ACTIONS.items() if action in counts
    ]
    conflicts = int(frame["conflict"].fillna(value=False).astype(bool).sum()) if "conflict" in frame else 0
    if conflicts:
        decide = "decide each: drop the row, or set its conflict to FALSE"
        lines.append(("conflict", conflicts, "you and others changed the same subscriber differently", decide))
    return ("action", "rows", "what it means", "what to do next"), lines


def _problems(frame: pd.DataFrame) -> Table:
    counts = frame["rule"].value_counts()
    lines: list[Line] = []
    for rule, number in counts.items():
        weight = "a warning" if rule in schema.WARNING_RULES else "must be mended: a row with it is never sent"
        meaning = FINDING_RULES.get(str(rule), weight)
        lines.append((str(rule), int(number), meaning, ""))
    return ("rule", "problems", "what it means", ""), lines


def _changes(frame: pd.DataFrame) -> Table:
    counts = frame["change"].value_counts()
    lines: list[Line] = [
        (change, int(counts[change]), meaning, "") for change, meaning in _CHANGES.items() if change in counts
    ]
    return ("change", "rows", "what it means", ""), lines


_TABLES: Final[dict[str, Callable[[pd.DataFrame], Table]]] = {
    "results": _results,
    "plan": _plan,
    "problems": _problems,
    "changes": _changes,
}


def _write_table(book: Any, sheet: Any, row: int, header: Sequence[str], lines: Sequence[Line]) -> int:
    sheet.set_row(row, 22)
    for at, text in enumerate(header):
        sheet.write_string(row, at, text, _look(book, bold=True, font_color="#FFFFFF", bg_color=BLUE, indent=1))
    for number, cells in enumerate(lines, start=row + 1):
        fill = OUTCOME_INFO[cells[0]].fill if cells[0] in OUTCOME_INFO else None  # type: ignore[index]
        sheet.set_row(number, 20 * max(1, *(-(-len(str(cell)) // _LINE) for cell in cells[2:])))
        for at, cell in enumerate(cells):
            look = _look(book, text_wrap=True, indent=1, **({"bg_color": f"#{fill}"} if fill and at == 0 else {}))
            (sheet.write_number if isinstance(cell, int) else sheet.write_string)(number, at, cell, look)
    return row + len(lines) + 1


def _look(book: Any, **more: Any) -> Any:
    return book.add_format({"valign": "vcenter", **more})
