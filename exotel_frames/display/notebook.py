"""A view as HTML for a notebook: one table, every value escaped, with the colours of the notebook's theme.

Styles are in the elements, because a style sheet would also change the rest of the notebook, and code-hosting pages
drop it. Everything that a colour means is also said in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from exotel_frames.display.values import EMPTY, NOT_KNOWN, UNKNOWN_ACCOUNT
from exotel_frames.display.view import SHORT_FIELDS, Change, Group, Row, View
from exotel_frames.labels import label_html
from exotel_frames.outcomes import OUTCOME_INFO

_RED, _AMBER, _GREEN, _BLUE, _GREY = (
    "var(--jp-error-color1, #d9363e)",
    "var(--jp-warn-color1, #c77700)",
    "var(--jp-success-color1, #2e9444)",
    "var(--jp-info-color1, #2a7fd0)",
    "var(--jp-border-color1, #8a8a8a)",
)
_TONES: Final = {"good": _GREEN, "quiet": _GREY, "bad": _RED, "doubt": _AMBER}
_COLORS: Final[Mapping[str, str]] = {
    "delete": _RED,
    "warning": _AMBER,
    "other": _AMBER,
    "create": _GREEN,
    "update": _BLUE,
    **{str(outcome): _TONES[info.tone] for outcome, info in OUTCOME_INFO.items()},
}
_LOUD: Final = ("delete", "other", *(name for name, info in OUTCOME_INFO.items() if info.tone == "doubt"))
_QUIET: Final = "color:var(--jp-ui-font-color2, inherit)"
_LINE: Final = "border:0;border-bottom:1px solid var(--jp-border-color2, rgba(128,128,128,.35))"
_CELL: Final = (
    f"{_LINE};padding:.3em .7em;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere"
)
_NOTE: Final = f"{_CELL};min-width:15em"  # a narrow window scrolls rather than break notes into letters
_WORD: Final = f"{_CELL};white-space:nowrap;overflow-wrap:normal"
_CAPTION: Final = "caption-side:top;text-align:left;padding:.4em 0;line-height:1.7;color:inherit"
_TABLE: Final = (
    "border-collapse:collapse;margin:.2em 0;font-size:var(--jp-ui-font-size1, 13px);max-width:100%;table-layout:auto;"
    "color:var(--jp-ui-font-color1, inherit);font-variant-numeric:tabular-nums"
)


def render_html(view: View) -> str:
    """Return a view as HTML.

    >>> render_html(View(None, "<b> & co", ("row", "column", "note"))).endswith("&lt;b&gt; &amp; co</strong></p></div>")
    True
    """
    head = _head(view)
    body = _table(view, head) if view.groups else f"<p>{head}</p>"
    advice = "".join(f"<p>{_advice_html(line)}</p>" for line in view.advice)
    return f'<div style="color:var(--jp-ui-font-color1, inherit);overflow-x:auto">{body}{advice}</div>'


def _advice_html(line: str) -> str:
    """Return a line of advice as HTML; code looks like code."""
    return f"<code>{escape(line)}</code>" if line.startswith("ef.") else escape(line)


def _head(view: View) -> str:
    headline = f"<strong>{escape(view.headline)}</strong>"
    return headline if view.label is None else f"{label_html(view.label or UNKNOWN_ACCOUNT)}<br>{headline}"


def _table(view: View, head: str) -> str:
    fields = list(dict.fromkeys(change.field for group in view.groups for row in group.rows for change in row.changes))
    fields.sort(key=lambda field: field not in SHORT_FIELDS)
    notes = any(row.note for group in view.groups for row in group.rows)
    columns = [*view.heads[:2], *fields, *([view.heads[2]] if notes else [])]
    caption = f'<caption style="{_CAPTION}">{head}</caption>'
    heads = "".join(f'<th scope="col" style="{_WORD}">{escape(column)}</th>' for column in columns)
    bodies = "".join(_body(group, fields, len(columns), notes=notes) for group in view.groups)
    return f'<table style="{_TABLE}">{caption}<thead><tr>{heads}</tr></thead>{bodies}</table>'


def _body(group: Group, fields: Sequence[str], columns: int, *, notes: bool) -> str:
    color = _COLORS.get(group.kind, _GREY)
    edge = f"border-left:4px solid {color}"
    loud = f";color:{_RED}" if group.kind == "delete" else ""
    style = f"{_CELL};padding-top:.8em;{edge}{loud}"
    title = f'<th scope="rowgroup" colspan="{columns}" style="{style}">{escape(group.title)}</th>'
    rows = "".join(
        f"<tr{_PLAIN}>{''.join(_cells(row, group.kind, fields, edge, notes=notes))}</tr>" for row in group.rows
    )
    rest = f'<tr{_PLAIN}><td colspan="{columns}" style="{_CELL};{edge};{_QUIET}">{escape(group.more)}</td></tr>'
    return f"<tbody><tr{_PLAIN}>{title}</tr>{rows}{rest if group.more else ''}</tbody>"


_PLAIN: Final = (
    ' style="background:transparent"'  # without the stripes of JupyterLab's tables: they would hide the groups
)


def _cells(row: Row, kind: str, fields: Sequence[str], edge: str, *, notes: bool) -> Iterator[str]:
    loud = ";font-weight:700" if kind in _LOUD else ""
    loud += f";color:{_RED}" if kind == "delete" else ""
    yield f'<td style="{_WORD};{edge}{loud}">{escape(_action_text(row, kind))}</td>'
    yield f'<th scope="row" style="{_WORD};font-weight:600">{value_html(row.name)}</th>'
    changes = {change.field: change for change in row.changes}
    for field in fields:
        style = _WORD if field in SHORT_FIELDS else _CELL
        yield f'<td style="{style}">{change_html(changes[field]) if field in changes else ""}</td>'
    if notes:
        yield f'<td style="{_NOTE}">{value_html(row.note)}</td>'


def _action_text(row: Row, kind: str) -> str:
    if kind == "conflict":
        return f"CONFLICT ({row.action})"
    return "DELETE" if kind == "delete" else "unchanged" if row.action == "none" else row.action


def change_html(change: Change) -> str:
    """Return before → after as HTML; a value that is removed is struck out."""
    before, after = change.before, change.after
    if after is None:
        return f"<del>{value_html(before or '')}</del>"
    new = f'<ins style="text-decoration:none;font-weight:600">{value_html(after)}</ins>'
    if before is None:
        return new
    return f'<del style="text-decoration:none;{_QUIET}">{value_html(before)}</del> → {new}'


def value_html(text: str) -> str:
    """Return a value escaped, in an element that keeps right-to-left text from reordering what is around it."""
    safe = f"<bdi>{escape(text)}</bdi>" if text else ""
    return f"<em>{safe}</em>" if text in {EMPTY, NOT_KNOWN} else safe
