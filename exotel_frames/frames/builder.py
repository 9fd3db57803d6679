"""Builds a frame of subscribers from arrow columns, which take a sixth of the memory of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from exotel_frames.frames import convert
from exotel_frames.records import Subscriber

BATCH_ROWS: Final = 8_000
"""What a million rows take at their peak, by this size: 2,000: 287 B a row; 8,000: 255; 20,000: 281; 50,000: 287.

Smaller ones leave their memory in pieces when the frame is made, column by column; larger ones keep more objects.
"""


class SubscriberRows:
    """Subscribers in their order; grows and shrinks at its end like a list, and becomes a frame.

    >>> rows = SubscriberRows()
    >>> rows.extend([Subscriber("bob", "active"), Subscriber("nidhi", "active")])
    >>> del rows[1:]
    >>> len(rows), rows.frame()["subscriber_name"].tolist()
    (1, ['bob'])
    """

    def __init__(self, batch_rows: int = BATCH_ROWS) -> None:
        self._batch_rows = batch_rows
        self._batches: list[Any] = []
        self._stored = 0
        self._recent: list[Subscriber] = []

    def __len__(self) -> int:
        return self._stored + len(self._recent)

    def extend(self, rows: Iterable[Subscriber], /) -> None:
        """Take some more."""
        self._recent.extend(rows)
        if len(self._recent) >= self._batch_rows:
            self._store()

    def __delitem__(self, end: slice, /) -> None:
        """Let go of the rows from a position on: `del rows[n:]`."""
        start, stop, step = end.indices(len(self))
        if stop != len(self) or step != 1:
            raise IndexError("Rows can be removed only at the end: del rows[n:].")
        del self._recent[max(0, start - self._stored) :]
        while self._stored > start:
            batch = self._batches.pop()
            self._stored -= batch.num_rows
            if self._stored < start:
                self._keep(batch.slice(0, start - self._stored))

    def frame(self, *, attrs: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return the rows as a subscribers frame and forget them: their memory is freed while the frame is made."""
        self._store()
        return convert.subscribers_frame(self._drain(), attrs=attrs)

    def _store(self) -> None:
        if self._recent:
            self._keep(convert.subscriber_batch(self._recent))
            self._recent = []

    def _keep(self, batch: Any) -> None:
        self._batches.append(batch)
        self._stored += batch.num_rows

    def _drain(self) -> Iterator[Any]:
        batches, self._batches, self._stored = self._batches[::-1], [], 0
        while batches:
            yield batches.pop()
