"""Text with fields between commas, semicolons, tabs or bars: read strictly as text, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.row_numbers import FILE, RowNumbers
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value
from exotel_frames.validation import Problem
from exotel_frames.workbooks.addresses import OURS
from exotel_frames.workbooks.cell_text import text_frame
from exotel_frames.workbooks.preflight.scan import SheetScan
from exotel_frames.workbooks.problems import workbook_error
from exotel_frames.workbooks.reading.cells import SheetTexts, judge_cells
from exotel_frames.workbooks.reading.doubtful import apostrophe_notes, choices_elsewhere, encoding_notes
from exotel_frames.workbooks.reading.encodings import UnclearTextError, decodings
from exotel_frames.workbooks.reading.report import DELIMITERS, Report
from exotel_frames.workbooks.reading.sheet import JUDGED, below_header
from exotel_frames.workbooks.reading.status_and_action import read_choices

_SEP: Final = re.compile('"?sep=(.)"?[,;\t|]*(?:\r\n|\r|\n|$)', re.IGNORECASE)  # Excel's own line about the delimiter
_SAMPLE: Final = 100
_CHOICES_MAX: Final = 4


def read_csv(
    file: Path,
    data: bytes,
    *,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    r"""Return the subscribers of a CSV file (its bytes), every field exactly as it stands there.

    The delimiter (comma, semicolon, tab or bar) is the one that makes a column subscriber_name, or what a first line
    `sep=;` says; the encoding is UTF-8 or UTF-16, or the one code page of Windows that makes sense. What was assumed
    stands in `attrs`; `delimiter=` and `encoding=` overrule it. `columns`: what headers shall be called.
    Columns and `attrs` as in `read_workbook`; `row_numbers` are lines of the file; an empty field is missing. CSV is
    for machines: a spreadsheet program that has opened and saved it may have changed names, and nothing in it tells.

    Errors: one `WorkbookError` about the encoding, the delimiter, the headers, or all lines with too many or too few
    fields.

    >>> frame = read_csv(Path("new.csv"), b"subscriber_name;custom_field\n007;NA\n")
    >>> frame.loc[0].tolist(), frame.attrs["exotel_frames"]["reading"]
    (['007', 'NA'], 'new.csv: read with semicolons between the fields.')
    """
    try:
        found = decodings(data, encoding)
    except UnclearTextError as unclear:
        raise _refusal(file, str(unclear)) from None
    readings = [_read(file, text, columns or {}, delimiter) for text, _ in found]
    texts, used = readings[0]
    _check_same(file, [each for each, _ in readings], [page for _, page in found])
    made, notes = read_choices(texts.columns)
    report = Report(
        path=str(file),
        delimiter=used,
        encoding=found[0][1],
        left_out=texts.left_out,
        notes=(*texts.notes, *notes, *encoding_notes(made), *choices_elsewhere(made), *apostrophe_notes(made)),
        not_read=tuple(header for header in made if header not in OURS),
    )
    frame = text_frame(made)
    frame.attrs["exotel_frames"] = report.attrs({}, RowNumbers(texts.numbers, made[NAME], FILE))
    return frame


def _refusal(file: Path, why: str) -> WorkbookError:
    return WorkbookError(f"{file.name} can't be read as CSV: {why}.")


def _read(file: Path, text: str, columns: Mapping[str, str], delimiter: str | None) -> tuple[SheetTexts, str]:
    separator = _SEP.match(text)
    skipped = separator.end() if separator else 0
    used = delimiter or (separator[1] if separator else _delimiter_of(file, text, columns))
    if len(used) != 1 or used in '"\r\n':
        raise _refusal(file, f"delimiter={used!r} is not a single character such as ',' or ';'")
    lines, rows = _records(file, text[skipped:], used)
    lines = [line + bool(separator) for line in lines]
    _check_first(file, lines, rows, columns)
    sheet = below_header(file.name, zip(lines, _make_even(file, lines, rows, used), strict=True), columns)
    return judge_cells(file.name, sheet, SheetScan(), columns=columns), used


def _delimiter_of(file: Path, text: str, columns: Mapping[str, str]) -> str:
    """Return the delimiter that makes a header of ours; where none does, the only one that makes columns."""
    headers = {each: _first_records(text, each)[:1] for each in DELIMITERS}
    wanted = _names_headers(columns)
    ours = [each for each, header in headers.items() if header and wanted & set(header[0])]
    wide = [each for each in ours if len(headers[each][0]) > 1]
    if len(ours) == 1 or len(wide) == 1:
        return (wide or ours)[0]
    if ours and not wide:
        return ","  # a single column: there is nothing to separate
    return _only_even(file, text, wide or list(DELIMITERS))


def _only_even(file: Path, text: str, delimiters: Sequence[str]) -> str:
    """Return the one delimiter that makes as many fields of each line; a comma where none does."""
    even = [each for each in delimiters if _is_even(_first_records(text, each))]
    if len(even) > 1:
        choice = join_words([f"delimiter={each!r} ({DELIMITERS[each]})" for each in even], last="or")
        raise _refusal(file, f"its fields may be separated in more than one way: pass {choice}")
    return even[0] if even else ","


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(row):
                found.append(row)
            if len(found) == _SAMPLE:
                break
    except csv.Error:  # told with its line when the whole is read
        pass
    return found


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    return bool(rows) and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1


def _records(file: Path, text: str, delimiter: str) -> tuple[list[int], list[list[str]]]:
    """Return the lines on which the records begin, and the records; empty lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, rows, begins = [], [], 1
    try:
        for row in reader:
            if row:
                lines.append(begins)
                rows.append(row)
            begins = reader.line_num + 1
    except csv.Error as error:
        about = "a quotation mark is not closed, or something follows a closing quotation mark"
        raise _refusal(file, f"the record that begins on line {begins} is broken ({about}: {error})") from None
    return lines, rows


def _check_first(file: Path, lines: Sequence[int], rows: Sequence[list[str]], columns: Mapping[str, str]) -> None:
    """Refuse a file that has something above its header: it would be told that each of its lines is too long."""
    wanted = _names_headers(columns)
    first = next((at for at, row in enumerate(rows[:_SAMPLE]) if wanted & set(row)), 0)
    if first and len(rows[0]) != len(rows[first]):
        raise _refusal(file, f"its header is in line {lines[first]}. Delete the lines above it")


def _names_headers(columns: Mapping[str, str]) -> set[str]:
    return {NAME, *(header for header, ours in columns.items() if ours == NAME)}


def _make_even(file: Path, lines: Sequence[int], rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """Return the records, each as wide as the header; only empty fields may be too many."""
    width = len(rows[0]) if rows else 0
    name = DELIMITERS.get(delimiter, f"signs {delimiter}")
    problems = [
        Problem(
            at - 1,
            None,
            delimiter.join(row),
            "ragged",
            f"line {line} has {pluralize(len(row), 'field')}, but the header has {width}",
            f'Put a text that contains {name} into quotation marks ("…"), and give each line all its {name}.',
        )
        for at, (line, row) in enumerate(zip(lines, rows, strict=True))
        if len(row) < width or any(row[width:])
    ]
    if problems:
        raise workbook_error(f"{file.name} can't be read as CSV", problems)
    return [row[:width] for row in rows]


def _check_same(file: Path, readings: Sequence[SheetTexts], pages: Sequence[str]) -> None:
    """Refuse code pages that differ in what verbs read, with the words that each of them makes."""
    differing = [header for header in JUDGED if header in readings[0].columns and _differ(readings, header)]
    if not differing:
        return
    header = differing[0]
    cells = zip(*(reading.columns[header].to_pylist() for reading in readings), strict=True)
    at, words = max(enumerate(cells), key=lambda found: len(set(found[1])))
    ways: dict[Any, str] = {}
    for word, page in zip(words, pages, strict=True):
        ways.setdefault(word, page)
    shown = [f"encoding={page!r} for {quote_value(word)}" for word, page in list(ways.items())[:_CHOICES_MAX]]
    line = readings[0].numbers[at]
    choice = join_words(shown, len(ways), last="or")
    raise _refusal(
        file, f"it is not in UTF-8, and {header} in line {line} can be decoded in more than one way. Pass {choice}"
    )


def _differ(readings: Sequence[SheetTexts], header: str) -> bool:
    first = readings[0].columns[header]
    return any(not reading.columns[header].equals(first) for reading in readings[1:])
