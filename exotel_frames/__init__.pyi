from . import errors as errors
from . import widgets as widgets
from .api.client import Client
from .display import show
from .errors import (
    ApiError,
    AuthError,
    BadReplyError,
    DuplicateError,
    ExotelFramesError,
    JournalError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    PlanError,
    RateLimitedError,
    RejectedError,
    RunInterrupted,
    RunLockedError,
    ServerError,
    SettingsError,
    StalePlanError,
    UnsafePlanError,
    UnstableListingError,
    ValidationError,
    WorkbookError,
)
from .frames.summary import summarize
from .operations.apply import apply_plan, plan_undo
from .operations.check import check_service
from .operations.connect import Sandbox, connect
from .operations.copies import write_workbooks
from .operations.cost import Cost, estimate
from .operations.history import list_runs, prune_runs, read_results, resume_run
from .operations.loading import load_subscribers
from .operations.lookup import get_subscribers
from .operations.plan_files import read_plan, write_plan
from .operations.snapshots import list_snapshots, write_snapshot
from .operations.tokens import create_tokens
from .operations.workbooks import plan_workbook, write_workbook
from .operations.writing import create_subscribers, delete_subscribers, update_subscribers
from .plans import apply_fixes, compare, plan_changes
from .plots import plot_changes, plot_results, plot_subscribers
from .records import NewSubscriber
from .secret import Secret
from .validation import audit_subscribers, validate_names, validate_subscribers
from .workbooks import check_verdicts, read_snapshot, read_table, read_workbook, write_verdicts

__version__: str
__all__ = [
    "ApiError",
    "AuthError",
    "BadReplyError",
    "Client",
    "Cost",
    "DuplicateError",
    "ExotelFramesError",
    "JournalError",
    "NewSubscriber",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "PlanError",
    "RateLimitedError",
    "RejectedError",
    "RunInterrupted",
    "RunLockedError",
    "Sandbox",
    "Secret",
    "ServerError",
    "SettingsError",
    "StalePlanError",
    "UnsafePlanError",
    "UnstableListingError",
    "ValidationError",
    "WorkbookError",
    "apply_fixes",
    "apply_plan",
    "audit_subscribers",
    "check_service",
    "check_verdicts",
    "compare",
    "connect",
    "create_subscribers",
    "create_tokens",
    "delete_subscribers",
    "errors",
    "estimate",
    "get_subscribers",
    "list_runs",
    "list_snapshots",
    "load_subscribers",
    "plan_changes",
    "plan_undo",
    "plan_workbook",
    "plot_changes",
    "plot_results",
    "plot_subscribers",
    "prune_runs",
    "read_plan",
    "read_results",
    "read_snapshot",
    "read_table",
    "read_workbook",
    "resume_run",
    "show",
    "summarize",
    "update_subscribers",
    "validate_names",
    "validate_subscribers",
    "widgets",
    "write_plan",
    "write_snapshot",
    "write_verdicts",
    "write_workbook",
    "write_workbooks",
]
