"""The public verbs: the only place where the rooms meet."""

from exotel_frames.frames.changes import plan_changes
from exotel_frames.frames.workbook import read_workbook, write_verdicts
from exotel_frames.operations.applying import apply_plan, plan_undo
from exotel_frames.operations.connecting import Sandbox, connect
from exotel_frames.operations.excel import plan_workbook, write_workbook
from exotel_frames.operations.history import list_runs, read_results, resume_run
from exotel_frames.operations.loading import get_subscribers, load_subscribers
from exotel_frames.operations.writing import (
    create_subscribers,
    create_tokens,
    delete_subscribers,
    update_subscribers,
)

__all__ = [
    "Sandbox",
    "apply_plan",
    "connect",
    "create_subscribers",
    "create_tokens",
    "delete_subscribers",
    "get_subscribers",
    "list_runs",
    "load_subscribers",
    "plan_changes",
    "plan_undo",
    "plan_workbook",
    "read_results",
    "read_workbook",
    "resume_run",
    "update_subscribers",
    "write_verdicts",
    "write_workbook",
]
