"""What looks wrong with subscribers that are live: findings over the whole tenant, most of them with a proposal."""

from __future__ import annotations

from exotel_frames.validation.findings.audit import FINDING_RULES, NO_FIX_BECAUSE, audit_subscribers

__all__ = ["FINDING_RULES", "NO_FIX_BECAUSE", "audit_subscribers"]
