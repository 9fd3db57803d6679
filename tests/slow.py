"""Which members of a kind a test asks by default, and which in the slow run alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def slow(*values: Any) -> Any:
    """Return a case of a test that only the slow run asks."""
    return pytest.param(*values, marks=pytest.mark.slow)


def but_slow(members: Iterable[Any], default: Collection[Any]) -> list[Any]:
    """Return all members of a kind; those that are not among the default ones are slow. A tuple is several values."""
    return [each if each in default else slow(*(each if isinstance(each, tuple) else (each,))) for each in members]
