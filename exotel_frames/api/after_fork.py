"""No connection survives a fork: two processes on one socket would read each other's responses."""

from __future__ import annotations

import os
from typing import Final, Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """Whatever holds sockets or locks."""

    def renew_after_fork(self) -> None:
        """Let go of what the parent still uses; called in the child, which has one thread."""


_HELD: Final[WeakSet[Renewable]] = WeakSet()


def renew_in_children(held: Renewable) -> None:
    """Have something renewed in each process that is forked from now on."""
    _HELD.add(held)


def _renew() -> None:
    for held in list(_HELD):
        held.renew_after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew)
