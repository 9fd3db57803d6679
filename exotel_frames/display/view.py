"""What there is to say, before it is said as text or as HTML: a head, groups of rows, and how to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exotel_frames.schema import MUTABLE
from exotel_frames.text import pluralize

SHORT_FIELDS = tuple(field.name for field in MUTABLE if field.choices)
"""Fields whose values are words of a closed list: they never need a second line."""


@dataclass(frozen=True)
class Change:
    """One cell: before and after as they are shown; None where there is no such side."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Row:
    """One row; `action` stands in front of the name where it is not the group's own."""

    action: str
    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Group:
    """The rows of one kind that are shown; `more` says how to see the others, and is empty when there are none."""

    kind: str
    title: str
    rows: tuple[Row, ...]
    more: str = ""


@dataclass(frozen=True)
class View:
    """A frame as it is shown; `heads` are the names of a row's action, name and note.

    `label` is LIVE or SANDBOX and the account, empty when the frame remembers none, None when it needs none.
    """

    label: str | None
    headline: str
    heads: tuple[str, str, str]
    groups: tuple[Group, ...] = ()
    advice: tuple[str, ...] = ()


def fair_shares(sizes: Mapping[str, int], max_rows: int) -> dict[str, int]:
    """Share the rows: small groups whole, large ones alike, and one row at least of each.

    >>> fair_shares({"update": 900, "delete": 2, "create": 500}, 40)
    {'delete': 2, 'create': 19, 'update': 19}
    """
    shares: dict[str, int] = {}
    left = max_rows
    for place, kind in enumerate(sorted(sizes, key=sizes.__getitem__)):
        shares[kind] = max(1, min(sizes[kind], left // (len(sizes) - place)))
        left = max(0, left - shares[kind])
    return shares


def more(left: int, noun: str, see_all: str) -> str:
    """Say how many rows are not shown, and how to see them; empty when all are.

    >>> more(312, "update", "plan")
    '… and 312 more updates: plan'
    """
    return f"… and {pluralize(left, f'more {noun}')}: {see_all}" if left else ""
