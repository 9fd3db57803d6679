"""The signals that end a wait."""

from __future__ import annotations

from typing import Protocol


class Stop(Protocol):
    """Whatever can end waiting: a `threading.Event`, for one."""

    def is_set(self) -> bool:
        """Tell whether to stop."""

    def wait(self, timeout: float) -> bool:
        """Wait for the stop, and no longer than that."""
