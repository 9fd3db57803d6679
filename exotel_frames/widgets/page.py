"""What a form does in the browser by itself: keys, Enter, what stays in view, and how it fits into the page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import anywidget
import ipywidgets as ipw
import traitlets

FORM: Final = "exotel-form"
"""The CSS class of a form's box."""
_HERE: Final = Path(__file__).parent
_NUMBERS: Final = itertools.count()
_MISSING: Final = (
    "The part of this form that runs in the browser has not come: Enter presses no button, and long texts may be cut. "
    "Run the cell again; if that does not help, save the notebook and reload the page."
)
_LATE: Final = (
    "<style>@keyframes exotel-late { to { max-height: 20em; } }"
    " .exotel-alive .exotel-missing { display: none; }</style>"
)
_LATE_LOOK: Final = (
    "max-height:0;overflow:hidden;animation:exotel-late .1s 5s forwards;line-height:1.5;"
    "color:var(--jp-warn-color0, #b26a00)"
)


class FormPage(anywidget.AnyWidget):
    """The part of a form that runs in the browser; it shows nothing itself.

    JupyterLab asks the element that has the focus before it takes a key. In text fields it minds its shortcuts by
    itself, but not in choices, boxes to tick and buttons: an arrow key would move the notebook, `d d` delete the cell.
    """

    _esm = _HERE / "page.js"
    _css = _HERE / "page.css"

    tips = traitlets.Dict().tag(sync=True)
    """The tooltip of each field, by a CSS class: ipywidgets shows one only where a field has no label."""
    fields: traitlets.List[str] = traitlets.List().tag(sync=True)
    """The model of each field: a click waits until the kernel has heard of all that was typed in them."""

    def explain(self, form: ipw.Box) -> None:
        """Let the fields of a form have their tooltips."""
        fields = [each for each in _parts(form) if getattr(each, "tooltip", "") and not isinstance(each, ipw.Button)]
        marks = {f"exotel-tip-{next(_NUMBERS)}": field for field in fields}
        for mark, field in marks.items():
            field.add_class(mark)
        self.tips = {mark: field.tooltip for mark, field in marks.items()}
        self.fields = [field.model_id for field in fields]

    def show_question(self) -> None:
        """Scroll so that the question and its Confirm can be seen."""
        self.send({"show": "question"})


def missing_note() -> ipw.HTML:
    """Return what says, a few seconds later, that the browser part of a form has not come; page.js takes it away."""
    made = ipw.HTML(f'{_LATE}<div role="status" style="{_LATE_LOOK}">! {_MISSING}</div>')
    made.add_class("exotel-missing")
    return made


def _parts(widget: ipw.Widget) -> Iterator[ipw.Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _parts(child)


def enter_presses(button: ipw.Button, *fields: ipw.Widget) -> None:
    """Let the Enter key in one of the fields press a button, when that can be pressed."""
    mark = f"exotel-enter-{next(_NUMBERS)}"
    for widget in (button, *fields):
        widget.add_class(mark)
