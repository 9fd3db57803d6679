"""Excel: everything the other rooms need of it."""

from __future__ import annotations

from exotel_frames.workbooks.atomic import replace_whole
from exotel_frames.workbooks.copies import CopyFile, CopyFiles, Paths, for_all, is_several, read_copies
from exotel_frames.workbooks.pages.write import refuse_secrets, write_pages
from exotel_frames.workbooks.plan_files.model import (
    Approval,
    approved_rows,
    is_plan_workbook,
    not_as_approved,
    plan_file_of,
)
from exotel_frames.workbooks.plan_files.read import read_plan_file
from exotel_frames.workbooks.plan_files.write import write_plan_file
from exotel_frames.workbooks.reading.moved import refuse_moved
from exotel_frames.workbooks.reading.report import reading_line
from exotel_frames.workbooks.reading.table import read_table, read_with_base
from exotel_frames.workbooks.reading.workbook import read_workbook
from exotel_frames.workbooks.simulated_edits import edit_cells
from exotel_frames.workbooks.snapshots import read_snapshot, snapshots_in, write_snapshot_file
from exotel_frames.workbooks.verdicts.live_base import without_carried_out
from exotel_frames.workbooks.verdicts.open_elsewhere import open_elsewhere
from exotel_frames.workbooks.verdicts.write import check_verdicts, write_verdicts
from exotel_frames.workbooks.writing.workbook import is_unedited, write_workbook

__all__ = [
    "Approval",
    "CopyFile",
    "CopyFiles",
    "Paths",
    "approved_rows",
    "check_verdicts",
    "edit_cells",
    "for_all",
    "is_plan_workbook",
    "is_several",
    "is_unedited",
    "not_as_approved",
    "open_elsewhere",
    "plan_file_of",
    "read_copies",
    "read_plan_file",
    "read_snapshot",
    "read_table",
    "read_with_base",
    "read_workbook",
    "reading_line",
    "refuse_moved",
    "refuse_secrets",
    "replace_whole",
    "snapshots_in",
    "without_carried_out",
    "write_pages",
    "write_plan_file",
    "write_snapshot_file",
    "write_verdicts",
    "write_workbook",
]
