"""Fields, buttons and messages for the forms: labels are never cut, and colours fit dark and light themes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Final

import ipywidgets as ipw

from exotel_frames.labels import label_html

_STYLE: Final = {"description_width": "11em"}  # the default of 80 px cuts labels
_FIELD_WIDTH: Final = "38em"
_INDENT: Final = "margin-left:11.5em"
FAINT: Final = "var(--jp-ui-font-color2, inherit)"
_COLORS: Final = {
    "error": "var(--jp-error-color1, #d9363e)",
    "warning": "var(--jp-warn-color0, #b26a00)",
    "good": "var(--jp-success-color0, #1b7a31)",
    "hint": FAINT,
}
_MARKS: Final = {"error": "✗ ", "warning": "! ", "good": "✓ ", "hint": ""}
"""Each colour has a mark beside it, for people who can't tell the colours apart."""


def heading(account: str, title: str) -> ipw.HTML:
    """Return the top of a form: LIVE or SANDBOX, the account, and the title."""
    style = "font-size:1.15em;font-weight:600;margin:.2em 0"
    made = ipw.HTML(f'{label_html(account)}<div style="{style}">{escape(title)}</div>')
    made.add_class("exotel-heading")
    return made


def text_field(label: str, tip: str, *, placeholder: str = "") -> ipw.Text:
    """Return a field for one line of text."""
    return ipw.Text(description=label, placeholder=placeholder, **_field_options(tip))


def multiline_field(label: str, tip: str) -> ipw.Textarea:
    """Return a field for a text of several lines; a field for one line would drop its line ends silently."""
    whole_tip = f"{tip} Enter begins a new line, Ctrl+Enter reviews."
    return ipw.Textarea(description=label, rows=2, **_field_options(whole_tip))


def choice_field(label: str, tip: str, options: Iterable[Any]) -> ipw.Dropdown:
    """Return a list to choose one of; the first is chosen."""
    return ipw.Dropdown(options=list(options), description=label, **_field_options(tip))


def checkbox_field(label: str, tip: str) -> ipw.Checkbox:
    """Return a checkbox."""
    return ipw.Checkbox(value=False, description=label, **_field_options(tip))


def date_field(label: str, tip: str) -> ipw.DatePicker:
    """Return a field for a day; it may stay empty."""
    return ipw.DatePicker(description=label, **_field_options(tip))


def number_field(label: str, tip: str, *, value: int, largest: int) -> ipw.BoundedIntText:
    """Return a field for a whole number from 0 to `largest`."""
    return ipw.BoundedIntText(value, min=0, max=largest, description=label, **_field_options(tip))


def _field_options(tip: str) -> dict[str, Any]:
    """Return the options all fields share; without a tooltip, the label's would be "null"."""
    return {"tooltip": tip, "style": _STYLE, "layout": ipw.Layout(width=_FIELD_WIDTH, max_width="100%")}


def make_button(label: str, on_click: Callable[[], None], *, tip: str, style: str = "") -> ipw.Button:
    """Return a button; a click that arrives after it was disabled or hidden does nothing."""
    made = ipw.Button(description=label, button_style=style, tooltip=tip, layout=ipw.Layout(width="auto"))

    def clicked(_: Any) -> None:
        if not made.disabled and made.layout.display != "none":
            on_click()

    made.on_click(clicked)
    return made


def side_by_side(*children: ipw.Widget) -> ipw.HBox:
    """Return widgets side by side, in several lines where there is no room."""
    return ipw.HBox(children, layout=ipw.Layout(flex_flow="row wrap", align_items="center"))


def sticky_foot(*children: ipw.Widget) -> ipw.VBox:
    """Return a box that stays in view at the lower edge of the page while its part of the form is visible."""
    made = ipw.VBox(children)
    made.add_class("exotel-foot")
    return made


def set_visible(widget: ipw.Widget, *, when: bool) -> None:
    """Show a widget, or hide it; a hidden one takes no room."""
    widget.layout.display = None if when else "none"


def message_line() -> ipw.HTML:
    """Return an empty line for a message; screen readers read it aloud when it changes."""
    return ipw.HTML()


def set_message(line: ipw.HTML, text: str, kind: str = "hint") -> None:
    """Show a text in a message line, escaped; an empty text hides the line."""
    set_visible(line, when=bool(text))
    line.value = _message_html(text, kind) if text else ""


def note_line(hint: str) -> ipw.HTML:
    """Return the line below a field, for a hint or for what is wrong with what was typed.

    It is never hidden, so that nothing below it moves while somebody types.
    """
    line = ipw.HTML()
    line.add_class("exotel-note")
    set_note(line, "", hint)
    return line


def set_note(line: ipw.HTML, problem: str, hint: str) -> None:
    """Show a problem in the line below a field, or the hint when there is none."""
    text, kind = (problem, "error") if problem else (hint, "hint")
    line.value = f'<div style="{_INDENT}">{_message_html(text, kind)}</div>'


def _message_html(text: str, kind: str) -> str:
    role = "alert" if kind == "error" else "status"
    style = f"color:{_COLORS[kind]};line-height:1.5;overflow-wrap:anywhere"
    lines = "<br>".join(escape(line) for line in f"{_MARKS[kind]}{text}".splitlines())
    return f'<div role="{role}" class="exotel-{kind}" style="{style}">{lines}</div>'


def table_html(table: str) -> str:
    """Return a table in a box that scrolls where there is no room, with the line spacing of text."""
    room = "width:0;min-width:100%"  # as wide as the form; a table's own width would stretch the form
    return f'<div class="exotel-scroll" style="{room};overflow-x:auto;line-height:1.5">{table}</div>'


def code_html(code: str) -> str:
    """Return code as HTML, under a line that says what it is."""
    style = (
        "margin:.3em 0;padding:.5em .7em;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;"
        "border-radius:3px;"
        "background:var(--jp-layout-color2, rgba(128,128,128,.12));color:var(--jp-ui-font-color1, inherit);"
        "font-family:var(--jp-code-font-family, monospace);font-size:var(--jp-code-font-size, 12px)"
    )
    label = '<span style="color:var(--jp-ui-font-color2, inherit)">The same by code:</span>'
    return f'{label}<pre class="exotel-code" style="{style}">{escape(code)}</pre>'


def enable_unless(button: ipw.Button, line: ipw.HTML, reason: str) -> None:
    """Enable a button unless there is a reason against it, which the message line beside it shows."""
    button.disabled = bool(reason)
    set_message(line, reason)
