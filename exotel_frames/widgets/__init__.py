"""Forms for ad-hoc edits, for JupyterLab and other notebooks that show ipywidgets.

Each takes a client and returns a form whose `.results` is the result frame of everything done through it. A form may
read at once; nothing is written before it was reviewed and confirmed, and the equivalent code is shown. Everything goes
through the verbs of the package: the same journal, limits and settling.
"""

from exotel_frames.widgets.cleanup_panel import cleanup_panel
from exotel_frames.widgets.create_form import create_form
from exotel_frames.widgets.edit_form import edit_form
from exotel_frames.widgets.findings_form import findings_form
from exotel_frames.widgets.plan_review import plan_review
from exotel_frames.widgets.token_form import token_form

__all__ = ["cleanup_panel", "create_form", "edit_form", "findings_form", "plan_review", "token_form"]


def __dir__() -> list[str]:
    """Return the forms only: the modules that make them are internal."""
    return list(__all__)
