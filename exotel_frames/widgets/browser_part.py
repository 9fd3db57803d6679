"""The part of a form that runs in the browser: keyboard, tooltips, scrolling and layout (`browser_part.js`, `.css`)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import anywidget
import ipywidgets as ipw
import traitlets

FORM_CLASS: Final = "exotel-form"
"""The CSS class of the box of a whole form."""
_FOLDER: Final = Path(__file__).parent
_COUNTER: Final = itertools.count()
_NOT_LOADED: Final = (
    "The browser part of this form did not load: Enter does not press a button, and long texts may be cut. "
    "Run the cell again; if that does not help, save the notebook and reload the page."
)
_LATE_CSS: Final = (
    "<style>@keyframes exotel-late { to { max-height: 20em; } }"
    " .exotel-alive .exotel-missing { display: none; }</style>"
)
_LATE_STYLE: Final = (
    "max-height:0;overflow:hidden;animation:exotel-late .1s 5s forwards;line-height:1.5;"
    "color:var(--jp-warn-color0, #b26a00)"
)


class BrowserPart(anywidget.AnyWidget):
    """The part of a form that runs in the browser; it has no looks of its own.

    It keeps keys away from JupyterLab while the focus is in the form. JupyterLab itself does so for text fields only:
    in a list, a checkbox or a button an arrow key would move to another cell, and `d d` delete the cell.
    """

    _esm = _FOLDER / "browser_part.js"
    _css = _FOLDER / "browser_part.css"

    tips = traitlets.Dict().tag(sync=True)
    """The tooltip of each field, by a CSS class of the field: ipywidgets shows none where a field has a label."""
    fields: traitlets.List[str] = traitlets.List().tag(sync=True)
    """The model id of each field: browser_part.js delays a click until the kernel has what was typed in them."""

    def register_fields(self, form: ipw.Box) -> None:
        """Hand the fields of a form, and their tooltips, to the browser."""
        fields = [each for each in walk(form) if getattr(each, "tooltip", "") and not isinstance(each, ipw.Button)]
        by_class = {f"exotel-tip-{next(_COUNTER)}": field for field in fields}
        for css_class, field in by_class.items():
            field.add_class(css_class)
        self.tips = {css_class: field.tooltip for css_class, field in by_class.items()}
        self.fields = [field.model_id for field in fields]

    def scroll_to_confirmation(self) -> None:
        """Scroll so that the confirmation and its buttons can be seen."""
        self.send({"show": "question"})


def missing_browser_note() -> ipw.HTML:
    """Return a note that appears after 5 s, unless browser_part.js was loaded and has hidden it."""
    made = ipw.HTML(f'{_LATE_CSS}<div role="status" style="{_LATE_STYLE}">! {_NOT_LOADED}</div>')
    made.add_class("exotel-missing")
    return made


def walk(widget: ipw.Widget) -> Iterator[ipw.Widget]:
    """Yield a widget and all that it holds."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def press_on_enter(button: ipw.Button, *fields: ipw.Widget) -> None:
    """Let Enter in one of the fields press the button, if it is enabled."""
    css_class = f"exotel-enter-{next(_COUNTER)}"
    for widget in (button, *fields):
        widget.add_class(css_class)
