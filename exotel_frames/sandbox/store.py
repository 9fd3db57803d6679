"""The subscribers of the sandbox: newest first, a page as cheap at the end as at the start, and in a file when wanted.

The order is a sorted list of whole numbers, one for each subscriber: `second of creation << 30 | counter`. A page
is a slice of it, wherever it begins; an insert or a delete in the middle moves 8 bytes for each younger subscriber.
"""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from exotel_frames.sandbox.envelopes import Row, epoch
from exotel_frames.sandbox.sqlite_file import StateFile

_TURN_BITS = 30  # a billion creations; 33 bits are left for the second, and SQLite holds both in one integer


class Store:
    """The subscribers as they are. Not thread-safe by itself: the server holds one lock around it.

    >>> store = Store()
    >>> date = "2019-11-19T23:14:17+05:30"
    >>> store.insert([Row(date, date, "bob", "active", None), Row(date, date, "nidhi", "active", None)])
    >>> [row.subscriber_name for row in store.page(0, 100)]
    ['nidhi', 'bob']
    """

    def __init__(self, state: Path | str | None = None) -> None:
        self._keys: dict[str, int] = {}
        self._rows: dict[int, Row] = {}
        self._order: defaultdict[str | None, list[int]] = defaultdict(list)
        self._deleted: set[str] = set()
        self._watcher: Callable[[Callable[[Store], None]], None] | None = None
        self._turn = 0
        self._file = StateFile(state) if state is not None else None
        if self._file:
            self._fill(list(self._file.rows()))

    @property
    def fresh(self) -> bool:
        """Whether nobody has ever filled it; a tenant that was emptied is not fresh."""
        return self._file.fresh if self._file else not self._turn

    def __len__(self) -> int:
        return len(self._rows)

    def count(self, status: str | None = None) -> int:
        """Count the subscribers with this status, or all."""
        return len(self._order[status])

    def get(self, name: str) -> Row | None:
        """Find a subscriber by its exact name."""
        key = self._keys.get(name)
        return None if key is None else self._rows[key]

    def page(self, offset: int, size: int, status: str | None = None) -> list[Row]:
        """Return a part of the listing, newest first; ties keep the reverse order of creation."""
        order = self._order[status]
        end = max(len(order) - offset, 0)
        return [self._rows[key] for key in order[max(end - size, 0) : end][::-1]]

    def tied_page(self, offset: int, size: int, status: str | None, shuffler: random.Random) -> list[Row]:
        """Return the same part with the subscribers of one second in any order: a database without a tie-break."""
        order = self._order[status]
        end = max(len(order) - offset, 0)
        start = max(end - size, 0)
        if start == end:
            return []
        low = bisect_left(order, order[start] >> _TURN_BITS << _TURN_BITS)
        high = bisect_left(order, (order[end - 1] >> _TURN_BITS) + 1 << _TURN_BITS)
        mixed = [
            key
            for _, ties in groupby(order[low:high], lambda key: key >> _TURN_BITS)
            for key in _shuffle(list(ties), shuffler)
        ]
        return [self._rows[key] for key in mixed[start - low : end - low][::-1]]

    def name_at(self, position: int) -> str:
        """Return the name at a position of the listing."""
        return self._rows[self._order[None][-1 - position]].subscriber_name

    def rows(self) -> list[Row]:
        """Return everything, newest first."""
        return self.page(0, len(self._rows))

    def names(self) -> Iterable[str]:
        """Return every name."""
        return self._keys.keys()

    def was_deleted(self, name: str) -> bool:
        """Tell whether a subscriber of this name was deleted since the store was opened."""
        return name in self._deleted

    def watch(self, watcher: Callable[[Callable[[Store], None]], None]) -> None:
        """Hand each change from now on to somebody who does it again elsewhere."""
        self._watcher = watcher

    def insert(self, rows: Iterable[Row]) -> None:
        """Add subscribers in the order of their creation; the names must be new."""
        keyed = [(self._new_key(row), row) for row in rows]
        if self._file:
            self._file.insert(keyed)
        self._fill(keyed)
        self._notify(lambda other: other.insert([row for _, row in keyed]))

    def update(self, row: Row) -> None:
        """Put a row in the place of the one with its name; its date of creation is the key and stays."""
        key = self._keys[row.subscriber_name]
        if self._file:
            self._file.update(key, row)
        before = self._rows[key]
        if before.status != row.status:
            _remove(self._order[before.status], key)
            insort(self._order[row.status], key)
        self._rows[key] = row
        self._notify(lambda other: other.update(row))

    def delete(self, name: str) -> None:
        """Remove a subscriber for good."""
        key = self._keys[name]
        if self._file:
            self._file.delete(key)
        del self._keys[name]
        status = self._rows.pop(key).status
        _remove(self._order[None], key)
        _remove(self._order[status], key)
        self._deleted.add(name)
        self._notify(lambda other: other.delete(name))

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file:
            self._file.close()

    def _notify(self, change: Callable[[Store], None]) -> None:
        if self._watcher:
            self._watcher(change)

    def _new_key(self, row: Row) -> int:
        self._turn += 1
        return epoch(row.date_created) << _TURN_BITS | self._turn

    def _fill(self, keyed: Sequence[tuple[int, Row]]) -> None:
        for key, row in keyed:
            self._keys[row.subscriber_name] = key
            self._rows[key] = row
            for order in (self._order[None], self._order[row.status]):
                order.append(key)
                if len(order) > 1 and order[-2] > key:  # made with a date of the past
                    insort(order, order.pop())
            self._turn = max(self._turn, key & (1 << _TURN_BITS) - 1)


def _remove(order: list[int], key: int) -> None:
    del order[bisect_left(order, key)]


def _shuffle(keys: list[int], shuffler: random.Random) -> list[int]:
    shuffler.shuffle(keys)
    return keys
