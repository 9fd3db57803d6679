"""The parts every form is made of: fields with whole labels, sentences, buttons; right in dark and light themes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, Final

import ipywidgets as ipw

from exotel_frames.api.client import Client
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
"""Words and marks say what colours say."""


def heading(client: Client, title: str) -> ipw.HTML:
    """Return what stands on top of a form: LIVE or SANDBOX, the account, and what the form is for."""
    style = "font-size:1.15em;font-weight:600;margin:.2em 0"
    made = ipw.HTML(f'{label_html(client.settings.label)}<div style="{style}">{escape(title)}</div>')
    made.add_class("exotel-heading")
    return made


def text_field(label: str, tip: str, *, placeholder: str = "") -> ipw.Text:
    """Return a line to type in."""
    return ipw.Text(description=label, placeholder=placeholder, **_look(tip))


def area_field(label: str, tip: str) -> ipw.Textarea:
    """Return a box for a text that may have several lines: a single line would drop the line ends unseen."""
    whole_tip = f"{tip} Enter begins a new line, Ctrl+Enter reviews."
    return ipw.Textarea(description=label, rows=2, **_look(whole_tip))


def choice_field(label: str, tip: str, options: Iterable[Any]) -> ipw.Dropdown:
    """Return a choice among a few; the first is chosen."""
    return ipw.Dropdown(options=list(options), description=label, **_look(tip))


def check_field(label: str, tip: str) -> ipw.Checkbox:
    """Return a box to tick."""
    return ipw.Checkbox(value=False, description=label, **_look(tip))


def date_field(label: str, tip: str) -> ipw.DatePicker:
    """Return a field for a day, or for none."""
    return ipw.DatePicker(description=label, **_look(tip))


def number_field(label: str, tip: str, *, value: int, largest: int) -> ipw.BoundedIntText:
    """Return a field for a whole number from 0 to `largest`."""
    return ipw.BoundedIntText(value, min=0, max=largest, description=label, **_look(tip))


def _look(tip: str) -> dict[str, Any]:
    """Return how a field looks; without a tooltip of its own its label would have the tooltip "null"."""
    return {"tooltip": tip, "style": _STYLE, "layout": ipw.Layout(width=_FIELD_WIDTH, max_width="100%")}


def make_button(label: str, on_click: Callable[[], None], *, tip: str, style: str = "") -> ipw.Button:
    """Return a button; a click that was on its way when the button was disabled or hidden does nothing."""
    made = ipw.Button(description=label, button_style=style, tooltip=tip, layout=ipw.Layout(width="auto"))

    def clicked(_: Any) -> None:
        if not made.disabled and made.layout.display != "none":
            on_click()

    made.on_click(clicked)
    return made


def row_of(*children: ipw.Widget) -> ipw.HBox:
    """Return widgets side by side, that wrap where there is no room."""
    return ipw.HBox(children, layout=ipw.Layout(flex_flow="row wrap", align_items="center"))


def foot_of(*children: ipw.Widget) -> ipw.VBox:
    """Return what stays in view at the lower edge of the page as long as its part of the form is seen."""
    made = ipw.VBox(children)
    made.add_class("exotel-foot")
    return made


def visible(widget: ipw.Widget, *, when: bool) -> None:
    """Show a widget, or take it out of the page."""
    widget.layout.display = None if when else "none"


def message() -> ipw.HTML:
    """Return an empty place for a sentence; screen readers say it when it changes."""
    return ipw.HTML()


def set_message(place: ipw.HTML, text: str, kind: str = "hint") -> None:
    """Put a sentence into its place, escaped; an empty one takes the place away."""
    visible(place, when=bool(text))
    place.value = _message_html(text, kind) if text else ""


def note_below(hint: str) -> ipw.HTML:
    """Return the line below a field: a hint, or what is wrong with what was typed.

    It is always there, so that nothing below it jumps while somebody types.
    """
    place = ipw.HTML()
    place.add_class("exotel-note")
    set_note(place, "", hint)
    return place


def set_note(place: ipw.HTML, problem: str, hint: str) -> None:
    """Put what is wrong below its field, or the hint when nothing is."""
    text, kind = (problem, "error") if problem else (hint, "hint")
    place.value = f'<div style="{_INDENT}">{_message_html(text, kind)}</div>'


def _message_html(text: str, kind: str) -> str:
    role = "alert" if kind == "error" else "status"
    style = f"color:{_COLORS[kind]};line-height:1.5;overflow-wrap:anywhere"
    lines = "<br>".join(escape(line) for line in f"{_MARKS[kind]}{text}".splitlines())
    return f'<div role="{role}" class="exotel-{kind}" style="{style}">{lines}</div>'


def table_html(table: str) -> str:
    """Return a table's HTML so that it scrolls by itself where there is no room, with lines as close as a text's."""
    room = "width:0;min-width:100%"  # as wide as the form; a table's own width would stretch the form
    return f'<div class="exotel-scroll" style="{room};overflow-x:auto;line-height:1.5">{table}</div>'


def code_html(code: str) -> str:
    """Return a line of code as it is shown, ready to be copied."""
    look = (
        "margin:.3em 0;padding:.5em .7em;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;"
        "border-radius:3px;"
        "background:var(--jp-layout-color2, rgba(128,128,128,.12));color:var(--jp-ui-font-color1, inherit);"
        "font-family:var(--jp-code-font-family, monospace);font-size:var(--jp-code-font-size, 12px)"
    )
    label = '<span style="color:var(--jp-ui-font-color2, inherit)">The same by code:</span>'
    return f'{label}<pre class="exotel-code" style="{look}">{escape(code)}</pre>'


def disable(widgets: Sequence[ipw.Widget], *, on: bool) -> None:
    """Disable widgets while something is under way, or enable them again."""
    for widget in widgets:
        widget.disabled = on
