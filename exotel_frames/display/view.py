"""A frame as it is shown, before it becomes text, HTML or Markdown: a head, groups of rows, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exotel_frames.schema import MUTABLE
from exotel_frames.text import pluralize

SHORT_FIELDS = tuple(field.name for field in MUTABLE if field.choices)
"""Fields with a fixed list of values: they fit on one line."""


@dataclass(frozen=True)
class Change:
    """A cell that changes, as it is shown; `before` is None for what is new, `after` for what is removed."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Row:
    """A row of a group; its action is printed where it differs from the group's kind."""

    action: str
    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Group:
    """The rows of one kind that are shown; `more` says how to see the others, and is empty when all are shown."""

    kind: str
    title: str
    rows: tuple[Row, ...]
    more: str = ""


@dataclass(frozen=True)
class View:
    """A frame as it is shown; `heads` are the names of a row's action, name and note.

    `label` is LIVE or SANDBOX and the account, empty when the frame does not say, None when it is not to be shown.
    """

    label: str | None
    headline: str
    heads: tuple[str, str, str]
    groups: tuple[Group, ...] = ()
    advice: tuple[str, ...] = ()


def fair_shares(sizes: Mapping[str, int], max_rows: int) -> dict[str, int]:
    """Return how many rows of each group are shown: small groups whole, large ones alike, at least one row of each.

    >>> fair_shares({"update": 900, "delete": 2, "create": 500}, 40)
    {'delete': 2, 'create': 19, 'update': 19}
    """
    shares: dict[str, int] = {}
    left = max_rows
    for number, kind in enumerate(sorted(sizes, key=sizes.__getitem__)):
        shares[kind] = max(1, min(sizes[kind], left // (len(sizes) - number)))
        left = max(0, left - shares[kind])
    return shares


def describe_rest(left: int, noun: str, see_all: str) -> str:
    """Return how many rows are not shown, and how to see them; empty when all are shown.

    >>> describe_rest(312, "update", "plan")
    '… and 312 more updates: plan'
    """
    return f"… and {pluralize(left, f'more {noun}')}: {see_all}" if left else ""
