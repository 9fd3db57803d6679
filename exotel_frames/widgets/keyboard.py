"""A form's keys are its own: else an arrow key in a choice moves the notebook, and `d d` deletes the cell."""

from __future__ import annotations

from typing import Final

import anywidget

OWN_KEYS: Final = "exotel-own-keys"
"""The CSS class of a box that keeps its keys to itself."""


class OwnKeys(anywidget.AnyWidget):
    """Keeps JupyterLab's shortcuts off the box it stands in, but for those with Ctrl, Alt or Cmd: Ctrl+S still saves.

    JupyterLab asks the element that has the focus for the attribute before it takes a key. In text fields it minds its
    shortcuts by itself, but not in choices, boxes to tick and buttons.
    """

    _esm = f"""
    export default {{ render({{ el }}) {{
      const listen = event => {{
        if (el.closest(".{OWN_KEYS}")?.contains(event.target))
          event.target.toggleAttribute(
            "data-lm-suppress-shortcuts", !(event.ctrlKey || event.altKey || event.metaKey));
      }};
      window.addEventListener("keydown", listen, true);
      return () => window.removeEventListener("keydown", listen, true);
    }} }}
    """
