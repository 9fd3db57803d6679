"""Exotel subscribers as pandas DataFrames: frames in, frames out, one result row for every input row.

>>> import exotel_frames as ef
>>> client = ef.connect("sandbox")
>>> subscribers = ef.load_subscribers(client, progress=False)
>>> len(subscribers)
250

The verbs by task; `ef.create_subscribers?` says more of one.

Connect      connect, Sandbox, check_service
Look         load_subscribers, get_subscribers, show, summarize, plot_subscribers, plot_results
Check        validate_names, validate_subscribers, audit_subscribers, apply_fixes, estimate
Snapshots    write_snapshot, read_snapshot, list_snapshots, compare, plot_changes
Change       create_subscribers, update_subscribers, delete_subscribers, create_tokens
Plan         plan_changes, apply_plan, plan_undo, write_plan, read_plan
Excel, CSV   write_workbook, write_workbooks, read_workbook, read_table, plan_workbook, check_verdicts, write_verdicts
Runs         list_runs, read_results, resume_run, prune_runs
Forms        widgets.create_form, edit_form, cleanup_panel, findings_form, plan_review, token_form
Errors       errors.ValidationError, errors.RunInterrupted ...: `ef.errors?` shows the tree

Each verb that takes long has `progress`: True draws a bar (or writes a line now and then where no bar can be drawn),
False says nothing, a function is called with each step (`done`, `total`, `remark`).
"""

# The public names stand in `__init__.pyi`; each is loaded when it is first used, so that importing the package costs
# next to nothing.

from typing import Any

import lazy_loader

_load, _, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.2.0"


class _MisspeltNameError(AttributeError):
    def _render_traceback_(self) -> list[str]:
        return [f"AttributeError: {self}"]


def __getattr__(name: str) -> Any:
    if name in __all__ or name.startswith("_"):
        return _load(name)
    import difflib  # noqa: PLC0415 - only a misspelt name needs it

    close = difflib.get_close_matches(name, __all__, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}?" if close else "`ef?` shows the verbs by task."
    raise _MisspeltNameError(f"exotel_frames has no {name!r}: {hint}", name=name, obj=None)


def __dir__() -> list[str]:
    """Return what Tab shows: the verbs, and what they are called with; all are loaded, so that their types are known.

    The exceptions stand in `errors`; what a verb returns is known from there.
    """
    shown = sorted(name for name in __all__ if name.islower() or name == "Sandbox")
    for name in shown:
        _load(name)
    return shown
