"""Checks for what a workbook can't hold, all at once, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from exotel_frames.text import pluralize, quote_value
from exotel_frames.validation import Problem
from exotel_frames.workbooks.addresses import COLUMNS_MAX, OURS, ROWS_MAX, address
from exotel_frames.workbooks.cell_text import column_texts, invalid_cells
from exotel_frames.workbooks.problems import workbook_error

REFUSED: Final = "The workbook can't be written"
_SPLIT: Final = "Split the frame, and write several workbooks."
_CLEAN: Final = "Shorten or clean it, or leave it out."
Table = dict[str, list[str | None]]


def frame_texts(frame: pd.DataFrame) -> Table:
    """Return a frame's columns as the texts of cells; headers that are there twice are refused."""
    check_headers(frame)
    return {str(label): column_texts(frame.iloc[:, at]) for at, label in enumerate(frame.columns)}


def check_headers(frame: pd.DataFrame) -> None:
    """Raise one `WorkbookError` that names each column that appears twice or has no name."""
    labels = [str(label) for label in frame.columns]
    repeated = [label for label in dict.fromkeys(labels) if labels.count(label) > 1 or not label]
    if repeated:
        problems = [
            Problem(
                None,
                label,
                label,
                "duplicate_header",
                f"The column {quote_value(label)} appears twice or has no name",
                "Rename it.",
            )
            for label in repeated
        ]
        raise workbook_error(REFUSED, problems)


def check_size(frames: Mapping[str, pd.DataFrame]) -> None:
    """Raise one `WorkbookError` that names each frame with more rows or columns than a sheet has."""
    problems = [
        Problem(
            None,
            None,
            None,
            f"too_many_{what}s",
            f"{sheet} would have {pluralize(number, what)}, and a sheet holds {most:,}",
            _SPLIT,
        )
        for sheet, frame in frames.items()
        for what, number, most in (
            ("row", frame.shape[0], ROWS_MAX - 1),
            ("column", frame.shape[1], COLUMNS_MAX - len(OURS)),
        )
        if number > most
    ]
    if problems:
        raise workbook_error(REFUSED, problems)


def check_table(
    sheet: str, table: Table, more: Iterable[Problem] = (), kept: Mapping[str, Iterable[int]] = MappingProxyType({})
) -> None:
    """Raise one `WorkbookError` that names each cell that a workbook can't hold."""
    problems = list(more)
    for at, (header, texts) in enumerate(table.items(), start=1):
        cells = [header, *texts]
        for row, rule, why in invalid_cells(cells, {row + 1 for row in kept.get(header, ())}):
            message = f"{sheet}!{address(row + 1, at)} ({quote_value(header)}) {why}"
            problems.append(Problem(row - 1 if row else None, header, cells[row], rule, message, _CLEAN))
    if problems:
        raise workbook_error(REFUSED, problems)
