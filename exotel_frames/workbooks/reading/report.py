"""What reading a file assumed and left out: for `attrs`, and as the one line that is printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from exotel_frames.frames.arguments import recall
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.text import join_words, pluralize, quote_names, quote_value

_LISTED_MAX: Final = 4
_REMEMBERED: Final = ("path", "sheet", "delimiter", "encoding", "left_out", "notes", "not_read")
_CLEAR: Final = {"delimiter": (None, ","), "encoding": (None, "UTF-8")}
DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of a reading; `left_out` are rows of the file that are no subscribers, each with the reason."""

    path: str
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    left_out: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    other_sheets: tuple[str, ...] = ()
    """The visible sheets that were not chosen."""
    not_read: tuple[str, ...] = ()
    """The columns that no verb reads: people's own."""

    def attrs(self, origin: dict[str, Any], row_numbers: RowNumbers) -> dict[str, Any]:
        """Return what a frame remembers of its file."""
        known = {name: getattr(self, name) for name in _REMEMBERED}
        return {"origin": origin, "row_numbers": row_numbers, "reading": self.line(), **known}

    def line(self) -> str:
        """Return what was assumed and left out as one line; empty where nothing was.

        >>> print(Report(path="new.csv", delimiter=";", encoding="cp1252", left_out=((9, "a total: 'Total'"),)).line())
        new.csv: read with semicolons between the fields, in cp1252; row 9 was left out (a total: 'Total').
        """
        parts = [*self._assumptions(), *self._rows_left_out(), *self.notes]
        parts += self._columns_not_read() if parts else []
        return f"{Path(self.path).name}: {'; '.join(parts)}." if parts else ""

    def _assumptions(self) -> list[str]:
        between = f"with {DELIMITERS.get(self.delimiter or '', repr(self.delimiter))} between the fields"
        others = quote_names(self.other_sheets, _LISTED_MAX)
        parts = [f"from the sheet {quote_value(self.sheet or '')} (and not from {others})"] if others else []
        parts += [between] if self.delimiter not in _CLEAR["delimiter"] else []
        parts += [f"in {self.encoding}"] if self.encoding not in _CLEAR["encoding"] else []
        return [f"read {', '.join(parts)}"] if parts else []

    def _columns_not_read(self) -> list[str]:
        return [f"no verb reads {quote_names(self.not_read, _LISTED_MAX)}"] if self.not_read else []

    def _rows_left_out(self) -> list[str]:
        if not self.left_out:
            return []
        if len(self.left_out) == 1:
            number, why = self.left_out[0]
            return [f"row {number} was left out ({why})"]
        listed = [f"row {number} ({why})" for number, why in self.left_out[:_LISTED_MAX]]
        return [f"{pluralize(len(self.left_out), 'row')} were left out: {join_words(listed, len(self.left_out))}"]


def reading_line(frame: pd.DataFrame) -> str:
    """Return what reading a frame assumed and left out, as one line; empty where nothing was, or nothing is known."""
    return str(recall(frame).get("reading", ""))


def with_line_printed(frame: pd.DataFrame) -> pd.DataFrame:
    """Print the line about a frame's reading, if there is one, and return the frame."""
    if line := reading_line(frame):
        print(line)  # noqa: T201 - the one line about a file that was not wholly clear
    return frame
