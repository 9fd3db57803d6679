"""A view as Markdown, for a mail or a ticket: the head, and a table for each group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from exotel_frames.display.values import UNKNOWN_ACCOUNT
from exotel_frames.display.view import Group, Row, View

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~#])")


def render_markdown(view: View) -> str:
    r"""Return a view as Markdown; what would be markup in a value is escaped.

    >>> from exotel_frames.display.view import Group, Row
    >>> rows = (Row("removed", "a_b"),)
    >>> print(render_markdown(View(None, "1 removed", ("change", "name", "note"), (Group("removed", "1 gone", rows),))))
    **1 removed**
    <BLANKLINE>
    1 gone
    <BLANKLINE>
    | name | change | note |
    | --- | --- | --- |
    | a\_b |  |  |
    """
    label = [] if view.label is None else [escape_markdown(view.label or UNKNOWN_ACCOUNT), ""]
    head = [*label, f"**{escape_markdown(view.headline)}**"]
    groups = [line for group in view.groups for line in ("", *_lines(group, view.heads))]
    return "\n".join([*head, *groups, *(line for text in view.advice for line in ("", escape_markdown(text)))])


def _lines(group: Group, heads: tuple[str, str, str]) -> Iterator[str]:
    yield from (escape_markdown(group.title), "")
    yield f"| {heads[1]} | {heads[0]} | {heads[2]} |"
    yield "| --- | --- | --- |"
    for row in group.rows:
        yield f"| {escape_markdown(row.name)} | {escape_markdown(_changes(row))} | {escape_markdown(row.note)} |"
    if group.more:
        yield from ("", escape_markdown(group.more))


def _changes(row: Row) -> str:
    sides = (
        (change.field, [side for side in (change.before, change.after) if side is not None]) for change in row.changes
    )
    return ", ".join(f"{field} {' → '.join(texts)}" for field, texts in sides)


def escape_markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    >>> print(escape_markdown("a|b *c*"))
    a\|b \*c\*
    """
    return _SPECIAL.sub(r"\\\1", text)
