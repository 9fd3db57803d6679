"""A plan as a file that somebody can approve: nothing of it can be changed on the way without being told."""

from __future__ import annotations

from exotel_frames.workbooks.plan_files.model import (
    Approval,
    PlanFile,
    approved_rows,
    is_plan_workbook,
    not_as_approved,
    plan_file_of,
)
from exotel_frames.workbooks.plan_files.read import read_plan_file
from exotel_frames.workbooks.plan_files.write import write_plan_file

__all__ = [
    "Approval",
    "PlanFile",
    "approved_rows",
    "is_plan_workbook",
    "not_as_approved",
    "plan_file_of",
    "read_plan_file",
    "write_plan_file",
]
