"""Frames to a plan frame: what makes, merges, checks and turns round a plan. Pure: no client, no file, no clock."""

from __future__ import annotations

from exotel_frames.frames.changes import plan_changes
from exotel_frames.frames.verbs import plan_creates, plan_deletes, plan_updates

__all__ = ["plan_changes", "plan_creates", "plan_deletes", "plan_updates"]
