"""Makes, merges, checks and reverses plan frames. Pure: no client, no file, no clock."""

from __future__ import annotations

from exotel_frames.plans.before import current_state, keep_unplanned, positions, state_of, with_new_fields
from exotel_frames.plans.compare import compare
from exotel_frames.plans.copies import merge_copies
from exotel_frames.plans.diff import desired_column_problems, desired_problems, plan_changes
from exotel_frames.plans.fixes import apply_fixes
from exotel_frames.plans.notes import change_texts, describe_change, describe_state, state_texts
from exotel_frames.plans.safety import FREE_ROWS, check_arguments, check_limits, check_plan, check_rows, conform_plan
from exotel_frames.plans.staleness import WAY_ON, mark_stale
from exotel_frames.plans.two_way import mark_two_way
from exotel_frames.plans.undo import NEEDED, plan_undo_frame
from exotel_frames.plans.wishes import Copy
from exotel_frames.plans.writes import plan_creates, plan_deletes, plan_updates

__all__ = [
    "FREE_ROWS",
    "NEEDED",
    "WAY_ON",
    "Copy",
    "apply_fixes",
    "change_texts",
    "check_arguments",
    "check_limits",
    "check_plan",
    "check_rows",
    "compare",
    "conform_plan",
    "current_state",
    "describe_change",
    "describe_state",
    "desired_column_problems",
    "desired_problems",
    "keep_unplanned",
    "mark_stale",
    "mark_two_way",
    "merge_copies",
    "plan_changes",
    "plan_creates",
    "plan_deletes",
    "plan_undo_frame",
    "plan_updates",
    "positions",
    "state_of",
    "state_texts",
    "with_new_fields",
]
