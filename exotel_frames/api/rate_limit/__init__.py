"""How many requests a minute the account allows, and who has to wait for how long."""

from __future__ import annotations

from exotel_frames.api.rate_limit.limiter import Limiter, Slot, limiter_for

__all__ = [
    "Limiter",
    "Slot",
    "limiter_for",
]
