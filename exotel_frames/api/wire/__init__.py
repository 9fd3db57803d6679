"""One exchange: a request's bytes, its answer, and what it means."""

from __future__ import annotations

from exotel_frames.api.wire.odd_values import moment
from exotel_frames.api.wire.responses import (
    UNREADABLE,
    CutReplyError,
    Response,
    about_another,
    read_failure,
    read_items,
    read_nothing,
    read_page,
    read_subscriber,
    read_tokens,
)
from exotel_frames.api.wire.server_clock import ServerClock
from exotel_frames.api.wire.transport import Request, TlsError, Transport

__all__ = [
    "UNREADABLE",
    "CutReplyError",
    "Request",
    "Response",
    "ServerClock",
    "TlsError",
    "Transport",
    "about_another",
    "moment",
    "read_failure",
    "read_items",
    "read_nothing",
    "read_page",
    "read_subscriber",
    "read_tokens",
]
