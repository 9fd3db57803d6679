"""The page size to request: the documented maximum, until the service refuses it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from exotel_frames.errors import RejectedError
from exotel_frames.schema import PAGE_MAX

T = TypeVar("T")
_REFUSALS: Final = frozenset({400, 413, 416, 422})
"""What a service answers that takes no page of this size."""


class PageSize:
    """Which sizes a service has refused; a size that large is then not named, and the service gives its own.

    >>> known = PageSize()
    >>> known.refuse(100)
    >>> known.parameter_for(100), known.parameter_for(1)
    ({}, {'page_size': 1})
    """

    def __init__(self) -> None:
        self._refused = sys.maxsize
        self.given = PAGE_MAX
        """How many rows the service gives at a time, as far as is known."""

    @property
    def is_refused(self) -> bool:
        """Whether any size was refused."""
        return self._refused < sys.maxsize

    def refuse(self, size: int) -> None:
        """Name neither this size again nor a larger one."""
        self._refused = min(self._refused, size)

    def parameter_for(self, size: int) -> Mapping[str, int]:
        """Return the parameter that asks for a size."""
        return {"page_size": size} if size < self._refused else {}

    def ask(self, request: Callable[[Mapping[str, int]], T], size: int, *, at_top: bool) -> T:
        """Ask for a page, and once more without a size where that is refused.

        At the top only: further down an offset past the end may be what is refused.
        """
        named = self.parameter_for(size)
        try:
            return request(named)
        except RejectedError as problem:
            documented = 1 < size <= PAGE_MAX  # a larger one is the caller's own wish, and rightly refused
            if not named or not at_top or not documented or problem.http_code not in _REFUSALS:
                raise
        page = request({})
        self.refuse(size)
        return page
