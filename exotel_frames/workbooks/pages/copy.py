"""The hidden copy of a page: the frame as it was, with its dtypes, its index and its account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import remembered
from exotel_frames.workbooks.hidden import seal, unseal
from exotel_frames.workbooks.pages.plain import Column, array_of, plain_column

PAGES_SHEET: Final = "exotel_frames_pages"
_FORMAT: Final = "exotel_frames page 1"
_ABOUT: Final = "Please leave this sheet as it is: it gives the tables back exactly as they were."
_KEPT: Final = ("origin", "plan", "two_way", "names_no_account", "before", "after", "taken_at", "requests", "minutes")
"""What a frame remembers that is worth keeping; no path of anybody's machine."""


class Copy(msgspec.Struct, frozen=True):
    """A frame: which of ours it is, the sheet it stands in, and all that it holds."""

    kind: str
    sheet: str
    columns: tuple[Column, ...]
    index: Column | None
    attrs: dict[str, Any]

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return len(self.columns[0].cells) if self.columns else 0

    def frame(self) -> pd.DataFrame:
        """Return the frame; it remembers its account and its kind.

        >>> runs = pd.DataFrame({"run_id": ["r1"], "rows": [3]})
        >>> copy_of(runs, "runs", "runs").frame().equals(runs)
        True
        """
        index = None if self.index is None else pd.Index(array_of(self.index), name=self.index.name or None)
        made = pd.DataFrame({column.name: array_of(column) for column in self.columns}, index=index)
        made.attrs["exotel_frames"] = {**self.attrs, "kind": self.kind}
        return made


def copy_of(frame: pd.DataFrame, kind: str, sheet: str, origin: Mapping[str, Any] | None = None) -> Copy:
    """Return a frame as its page keeps it; what is no text, number, yes or no, or moment is kept as its text.

    `origin` is the account of a frame that remembers none.
    """
    known = {"origin": dict(origin or {})} | remembered(frame)
    known["origin"] = known.get("origin") or dict(origin or {})
    return Copy(
        kind=kind,
        sheet=sheet,
        columns=tuple(plain_column(str(name), frame.iloc[:, at]) for at, name in enumerate(frame.columns)),
        index=_index(frame.index),
        attrs={key: known[key] for key in _KEPT if known.get(key) is not None},
    )


def _index(index: pd.Index[Any]) -> Column | None:
    is_plain = isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index))) and index.name is None
    if is_plain or isinstance(index, pd.MultiIndex):
        return None
    return plain_column("" if index.name is None else str(index.name), pd.Series(index))


def pack(copies: Sequence[Copy]) -> list[tuple[str, str]]:
    """Return the hidden sheet's rows, a key and a text each.

    >>> runs = copy_of(pd.DataFrame({"run_id": ["r1"], "rows": [3]}), "runs", "runs")
    >>> unpack(pack([runs]), "runs.xlsx") == {"runs": runs}
    True
    """
    return seal(_FORMAT, _ABOUT, copies)


def unpack(rows: Sequence[Sequence[Any]], file: str) -> dict[str, Copy]:
    """Return the copies that a hidden sheet holds, by the sheet they belong to, or refuse one that was changed."""
    try:
        copies: list[Copy] = unseal(rows, _FORMAT, list[Copy], file)
    except ValueError:
        raise WorkbookError(
            f"{file} can't be read back exactly: its hidden sheet {PAGES_SHEET} was changed. Its cells as text: "
            "read_workbook."
        ) from None
    return {copy.sheet: copy for copy in copies}
