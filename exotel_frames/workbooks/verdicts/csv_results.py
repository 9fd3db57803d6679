"""Writes the outcome of each row of a CSV file to a file beside it that a spreadsheet program can open safely."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pandas as pd

from exotel_frames.schema import NAME
from exotel_frames.text import first_free, numbered, pluralize
from exotel_frames.workbooks.atomic import replace_whole, write_first_free
from exotel_frames.workbooks.reading.report import DELIMITERS
from exotel_frames.workbooks.verdicts.match_rows import match_rows
from exotel_frames.workbooks.verdicts.messages import verdicts_of

_HARMFUL: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet program takes for the beginning of a formula; the full-width signs too."""


def csv_results_path(source: Path) -> Path:
    """Return where the results of a CSV file will go: what is there already stays, unless it is the same.

    >>> csv_results_path(Path("team.csv")).name
    'team.results.csv'
    """
    return next(path for path in _places(source) if not path.exists())


def _places(source: Path) -> Iterator[Path]:
    return (source.with_name(f"{name}.csv") for name in numbered(f"{source.stem}.results"))


def make_harmless(text: str) -> tuple[str, bool]:
    """Return a text that no spreadsheet program takes for a formula, and whether it had to be changed.

    >>> make_harmless("=1+1"), make_harmless("007")
    (("'=1+1", True), ('007', False))
    """
    return (f"'{text}", True) if text.startswith(_HARMFUL) else (text, False)


def write_csv_results(source: Path, frame: pd.DataFrame, results: pd.DataFrame, out: Path | None) -> Path:
    """Write a CSV file's rows, as they were read, with their outcomes; the file itself stays as it is."""
    numbers = frame.attrs["exotel_frames"]["row_numbers"]
    verdicts = verdicts_of(results, None)
    numbered, others = match_rows(source.name, numbers, results, verdicts)
    headers = _headers([str(column) for column in frame.columns])
    rows = [[*headers]]
    cells = [frame[column].fillna("").tolist() for column in frame.columns]
    for number, row in zip(numbers, zip(*cells, strict=True), strict=True):
        verdict = verdicts[numbered[number]] if number in numbered else ("", "")
        rows.append([*map(str, row), *verdict])
    for at in others:
        blank = [""] * len(cells)
        blank[list(frame.columns).index(NAME)] = str(results[NAME].iloc[at])
        rows.append([*blank, *verdicts[at]])
    delimiter = frame.attrs["exotel_frames"]["delimiter"]
    data, changed = _encode(rows, delimiter if delimiter in DELIMITERS else ",")
    target = out or _write_beside(source, data)
    if out:
        with replace_whole(out) as file:
            file.write(data)
    if changed:
        print(  # noqa: T201
            f"In {target.name}, {pluralize(changed, 'cell')} that a spreadsheet program would take for a formula begin "
            "with an apostrophe now."
        )
    return target


def _write_beside(source: Path, data: bytes) -> Path:
    """Write the results under a name of their own; where they stand already, they stay there."""
    for path in _places(source):
        with suppress(FileNotFoundError):
            if path.read_bytes() == data:
                return path
            continue
        break
    return write_first_free(_places(source), lambda file: file.write(data))


def _headers(own: list[str]) -> list[str]:
    taken = {header.casefold() for header in own}
    return [*own, *(first_free(header, taken.__contains__) for header in ("outcome", "message"))]


def _encode(rows: list[list[str]], delimiter: str) -> tuple[bytes, int]:
    """Return the rows in UTF-8 with a mark that Excel needs, and how many cells had to be made harmless.

    The fields are separated as in the file that was read: whoever sent semicolons has an Excel that shows a file with
    commas as one column.
    """
    changed = 0
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        cells = [make_harmless(cell) for cell in row]
        changed += sum(was for _, was in cells)
        writer.writerow([cell for cell, _ in cells])
    return text.getvalue().encode("utf-8-sig"), changed
