"""A sheet's rows, turned into columns of text a few thousand at a time: no more is ever held as Python objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import pyarrow as pa

from exotel_frames.frames.text_column import TEXT
from exotel_frames.workbooks.addresses import cell_to_text
from exotel_frames.workbooks.cell_text import compact, memory_pool

_BATCH: Final = 1_000


@dataclass(frozen=True)
class Cells:
    """One column: `texts` is a pyarrow array, null where a cell is empty or no text; `odd` has those by position."""

    texts: Any
    odd: dict[int, Any]

    def is_empty(self) -> bool:
        """Tell whether there is nothing in the column."""
        return not self.odd and self.texts.null_count == len(self.texts)

    def take(self, positions: Sequence[int]) -> Cells:
        """Return some of the cells, in this order."""
        odd = {at: self.odd[old] for at, old in enumerate(positions) if old in self.odd}
        return Cells(self.texts.take(pa.array(positions, pa.int64())), odd)

    def as_text(self) -> Any:
        """Return all cells as a pyarrow array of texts, also those that are none."""
        if not self.odd:
            return self.texts
        texts = self.texts.to_pylist()
        return pa.array([cell_to_text(self.odd[at]) if at in self.odd else text for at, text in enumerate(texts)], TEXT)


def is_blank(row: Sequence[Any]) -> bool:
    """Tell whether there is nothing in a row; `any` alone would lose the number 0.

    >>> is_blank(["", ""]), is_blank(["", 0.0])
    (True, False)
    """
    return not any(row) and all(cell == "" for cell in row)


def gather(rows: Iterator[tuple[int, Sequence[Any]]], width: int) -> tuple[list[Cells], list[int]]:
    """Return the columns of numbered rows, and the numbers of those that are not blank.

    >>> columns, numbers = gather(iter([(2, ["007", 7.0]), (3, ["", ""]), (4, ["NA", ""])]), 2)
    >>> columns[0].texts.to_pylist(), columns[1].odd, numbers
    (['007', 'NA'], {0: 7.0}, [2, 4])
    """
    numbers: list[int] = []
    parts: list[list[Any]] = [[] for _ in range(width)]
    odd: list[dict[int, Any]] = [{} for _ in range(width)]
    while batch := list(islice(rows, _BATCH)):
        kept = [(number, row) for number, row in batch if not is_blank(row)]
        for at, cells in enumerate(zip(*(row for _, row in kept), strict=True)):
            if set(map(type, cells)) <= {str}:
                texts = [cell or None for cell in cells]
            else:
                texts = [cell or None if isinstance(cell, str) else None for cell in cells]
                odd[at] |= {i: cell for i, cell in enumerate(cells, len(numbers)) if not isinstance(cell, str)}
            parts[at].append(compact(texts))
        numbers += [number for number, _ in kept]
    return [Cells(_join(found), strange) for found, strange in zip(parts, odd, strict=True)], numbers


def _join(parts: list[Any]) -> Any:
    whole = pa.chunked_array(parts, TEXT).combine_chunks(memory_pool())
    parts.clear()  # or all columns would be held twice
    return whole
