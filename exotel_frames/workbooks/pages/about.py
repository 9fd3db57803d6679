"""The sheet behind a page: which account, how many of what, what the words mean, and how to read it back."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.outcomes import OUTCOME_INFO
from exotel_frames.text import join_words, pluralize
from exotel_frames.validation import FINDING_RULES
from exotel_frames.workbooks.writing.help_sheet import HelpTable, write_help

TITLES: Final = {
    "results": "Results",
    "plan": "A plan",
    "problems": "Problems",
    "changes": "What has changed",
    "runs": "Runs",
    "check": "What was checked of the service",
    "subscribers": "Subscribers",
}
_WORDS: Final[Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]]] = {
    "results": ("outcome", {name: (info.meaning, info.next_step) for name, info in OUTCOME_INFO.items()}),
    "plan": (
        "action",
        {
            "create": ("a new subscriber is created", ""),
            "update": ("a subscriber is changed: the bold cell is the new value", ""),
            "delete": ("a subscriber is permanently deleted, with its date_created and its devices' tokens", ""),
            "none": ("nothing is done; the note says why", ""),
        },
    ),
    "changes": (
        "change",
        {
            "added": ("not there before", ""),
            "removed": ("no longer there", ""),
            "changed": ("there before and after: the bold cell is the value now", ""),
            "maybe added": ("not in the earlier listing, some of which could not be read", ""),
            "maybe removed": ("not in the later listing, some of which could not be read", ""),
        },
    ),
    "problems": ("rule", {}),
}
"""The column of a kind of page that is counted, and what each of its words means and asks for."""
_WIDTHS: Final = (26, 10, 56, 44)
Line = tuple[str, int, str, str]


def write_about(book: Any, sheet: Any, pages: Mapping[str, tuple[str, pd.DataFrame]], about: Mapping[str, str]) -> None:
    """Fill the sheet: `pages` are the kinds and frames by their sheet, `about` says where and when."""
    tables = {name: _table(kind, frame) for name, (kind, frame) in pages.items() if kind in _WORDS}
    if len(pages) > 1:
        tables = {name: ((f"{name}: {head[0]}", *head[1:]), lines) for name, (head, lines) in tables.items()}
    title = title_of({kind for kind, _ in pages.values()})
    write_help(book, sheet, title, _lines(pages, about), tables.values(), widths=_WIDTHS)


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
        'To continue in Python: ef.read_table("this file.xlsx") returns the tables exactly.',
    ]


def _table(kind: str, frame: pd.DataFrame) -> HelpTable:
    """Return how many rows of a page have which word, and what each word means."""
    column, words = _WORDS[kind]
    counts = frame[column].value_counts()
    if kind == "problems":
        words = {str(rule): (_weight(str(rule)), "") for rule in counts.index}
    lines: list[Line] = [(word, int(counts[word]), *said) for word, said in words.items() if word in counts]
    conflicts = int(frame["conflict"].fillna(value=False).astype(bool).sum()) if "conflict" in frame else 0
    if kind == "plan" and conflicts:
        decide = "decide each: drop the row, or set its conflict to FALSE"
        lines.append(("conflict", conflicts, "you and others changed the same subscriber differently", decide))
    next_step = "what to do next" if any(line[-1] for line in lines) else ""
    return (column, "problems" if kind == "problems" else "rows", "what it means", next_step), lines


def _weight(rule: str) -> str:
    weight = "a warning" if rule in schema.WARNING_RULES else "must be corrected: a row with this problem is never sent"
    return FINDING_RULES.get(rule, weight)
