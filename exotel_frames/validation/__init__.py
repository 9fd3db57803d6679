"""What is wrong with values: every rule, one sentence a row."""

from __future__ import annotations

from exotel_frames.validation.characters import is_legal
from exotel_frames.validation.fields import check_actions, check_fields
from exotel_frames.validation.findings.audit import FINDING_RULES, NO_FIX_BECAUSE, audit_subscribers
from exotel_frames.validation.names import check_duplicates, check_names
from exotel_frames.validation.problem import FORM_RULES, Problem
from exotel_frames.validation.refuse import raise_problems
from exotel_frames.validation.validate import (
    invalid_rows,
    row_messages,
    twins_of_existing,
    validate_names,
    validate_subscribers,
    validate_tokens,
    without_existing,
)

__all__ = [
    "FINDING_RULES",
    "FORM_RULES",
    "NO_FIX_BECAUSE",
    "Problem",
    "audit_subscribers",
    "check_actions",
    "check_duplicates",
    "check_fields",
    "check_names",
    "invalid_rows",
    "is_legal",
    "raise_problems",
    "row_messages",
    "twins_of_existing",
    "validate_names",
    "validate_subscribers",
    "validate_tokens",
    "without_existing",
]
