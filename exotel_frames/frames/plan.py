"""Frames to a plan frame: what makes, merges, checks and turns round a plan. Pure: no client, no file, no clock."""

from __future__ import annotations

from exotel_frames.frames.changes import plan_changes
from exotel_frames.frames.guard import guard
from exotel_frames.frames.limits import check_limits, check_plan, conform_plan
from exotel_frames.frames.undo import plan_undo_frame
from exotel_frames.frames.verbs import plan_creates, plan_deletes, plan_updates

__all__ = [
    "check_limits",
    "check_plan",
    "conform_plan",
    "guard",
    "plan_changes",
    "plan_creates",
    "plan_deletes",
    "plan_undo_frame",
    "plan_updates",
]
