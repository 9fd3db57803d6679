"""The journal of an account's runs: written before each request, readable after a kill at any point."""

from __future__ import annotations

from exotel_frames.runs.journal.database import journal_path
from exotel_frames.runs.journal.journal import Journal
from exotel_frames.runs.journal.prune import has_ended
from exotel_frames.runs.journal.statements import RunHeader, RunInfo, new_run_id

__all__ = [
    "Journal",
    "RunHeader",
    "RunInfo",
    "has_ended",
    "journal_path",
    "new_run_id",
]
