"""How many requests a minute the account allows, and which request has to wait how long."""

from __future__ import annotations

from exotel_frames.api.rate_limit.headers import read_wait_s
from exotel_frames.api.rate_limit.limiter import Limiter, Slot, limiter_for
from exotel_frames.api.rate_limit.quota import Waiting

__all__ = [
    "Limiter",
    "Slot",
    "Waiting",
    "limiter_for",
    "read_wait_s",
]
