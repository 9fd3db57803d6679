"""Excel: everything the other rooms need of it."""

from __future__ import annotations

from exotel_frames.frames.base import Base
from exotel_frames.frames.csvfile import read_csv, read_table
from exotel_frames.frames.preflight import preflight
from exotel_frames.frames.verdicts import write_verdicts
from exotel_frames.frames.workbook_read import read_base, read_with_base, read_workbook
from exotel_frames.frames.workbook_write import write_sheets, write_workbook

__all__ = [
    "Base",
    "preflight",
    "read_base",
    "read_csv",
    "read_table",
    "read_with_base",
    "read_workbook",
    "write_sheets",
    "write_verdicts",
    "write_workbook",
]
