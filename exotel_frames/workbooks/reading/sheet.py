"""One sheet below its header: its columns, their values, and their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa

from exotel_frames import schema
from exotel_frames.schema import NAME
from exotel_frames.workbooks.addresses import ACTION, OURS, address, cell_to_text, letters
from exotel_frames.workbooks.reading.columns import Cells, gather, is_blank

JUDGED: Final = (ACTION, NAME, *(field.name for field in schema.MUTABLE))
"""The columns that verbs read: a cell of these that is no text has lost somebody's data. No verb reads the dates."""
Rows = Iterable[tuple[int, Sequence[Any]]]


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells below its header: `headers` and `cells` by column (from 1), `numbers` are the rows' in the file.

    `named` are the headers as the file has them, where the reader was told to call them something else.
    """

    name: str
    header_row: int
    headers: Mapping[int, str]
    cells: Mapping[int, Cells]
    numbers: Sequence[int]
    named: Mapping[int, str]

    def judged_columns(self) -> dict[int, str]:
        """Return the columns that verbs read."""
        return {at: header for at, header in self.headers.items() if header in JUDGED}

    def column_of(self, header: str) -> int | None:
        """Return the first column with this header."""
        return next((at for at, found in self.headers.items() if found == header), None)

    def header_text(self, column: int) -> str:
        """Return a header as the file has it."""
        return self.named.get(column, self.headers[column])

    def where(self, row: int, column: int) -> str:
        """Return a cell's full address."""
        return f"{self.name}!{address(row, column)}"

    def value(self, position: int, column: int) -> str | None:
        """Return a cell as text, None where it is empty."""
        cells = self.cells[column]
        found = cells.odd.get(position)
        return cells.texts[position].as_py() if found is None else cell_to_text(found)

    def without(self, positions: Iterable[int]) -> Sheet:
        """Return the sheet without some of its rows."""
        gone = set(positions)
        if not gone:
            return self
        kept = [at for at in range(len(self.numbers)) if at not in gone]
        return replace(
            self,
            cells={at: cells.take(kept) for at, cells in self.cells.items()},
            numbers=[self.numbers[at] for at in kept],
        )

    def columns(self) -> dict[str, pa.Array]:
        """Return the columns as texts, ours first and in their order."""
        ours = [at for header in OURS for at in self.headers if self.headers[at] == header]
        theirs = [at for at in self.headers if at not in ours]
        return {self.headers[at]: self.cells[at].as_text() for at in ours + theirs}


def below_header(name: str, rows: Rows, columns: Mapping[str, str]) -> Sheet:
    """Return a sheet's cells below its header, the first row with anything in it; `columns` renames headers.

    >>> sheet = below_header("Team", [(1, ["Emp ID"]), (2, ["007"])], {"Emp ID": "subscriber_name"})
    >>> sheet.headers, sheet.named, sheet.numbers
    ({1: 'subscriber_name'}, {1: 'Emp ID'}, [2])
    """
    numbered = iter(rows)
    top, header = next(((number, row) for number, row in numbered if not is_blank(row)), (1, ()))
    cells, numbers = gather(numbered, len(header))
    texts = [cell_to_text(cell) for cell in header]
    used = [at for at, text in enumerate(texts, start=1) if text or not cells[at - 1].is_empty()]
    found = {at: texts[at - 1] or f"column {letters(at)}" for at in used}
    headers = {at: columns.get(text, text) for at, text in found.items()}
    named = {at: text for at, text in found.items() if text in columns}
    return Sheet(name, top, headers, {at: cells[at - 1] for at in used}, numbers, named)
