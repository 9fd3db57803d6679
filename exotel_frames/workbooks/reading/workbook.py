"""Reads a returned workbook as text: every name exactly as in its cell, or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow.compute as pc

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import describe_type
from exotel_frames.frames.loaded_state import LOADED, Loaded
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.frames.text_column import read_texts
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value
from exotel_frames.workbooks.addresses import LEGEND, OURS, VERDICTS
from exotel_frames.workbooks.base import BASE_SHEET, Base, unpack
from exotel_frames.workbooks.cell_text import text_frame
from exotel_frames.workbooks.preflight.check import Inspected, inspect
from exotel_frames.workbooks.reading.cells import SheetTexts, judge_cells
from exotel_frames.workbooks.reading.doubtful import choices_elsewhere, encoding_notes
from exotel_frames.workbooks.reading.moved import moved_note
from exotel_frames.workbooks.reading.report import Report, with_line_printed
from exotel_frames.workbooks.reading.restored import restore
from exotel_frames.workbooks.reading.rows import header_of, sheet_rows
from exotel_frames.workbooks.reading.sheet import below_header
from exotel_frames.workbooks.reading.status_and_action import read_choices

_EXAMPLE: Final = "{'Emp ID': 'subscriber_name'}"
_NO_DATA: Final = frozenset({LEGEND, BASE_SHEET})


def read_workbook(
    path: str | Path, *, sheet: str | None = None, columns: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the subscribers of a workbook as text, every cell exactly as it is in the sheet.

    In a workbook written by `write_workbook`, a custom_field cell that somebody has emptied is `""`, which clears the
    field; in any other workbook an empty cell is missing, and the field stays as it is. Hidden and filtered rows count
    like all others; empty rows don't. Removing a row deletes nobody. The total row of a table, and sums, remarks and
    footers below the data are left out; statuses and actions are read without regard to capitals and blanks. Nothing is
    fetched and no macro is run.

    Parameters
    ----------
    path : str or Path
        The workbook.
    sheet : str, optional
        Which sheet; needed only if several visible sheets have a column subscriber_name.
    columns : dict, optional
        Maps the file's headers to our columns: `{"Emp ID": "subscriber_name", "Team": "custom_field"}`.

    Returns
    -------
    DataFrame
        Those of action, subscriber_name, status, custom_field, date_created, date_updated that the sheet has, then the
        other columns of the sheet (their numbers and dates also become text). All are `str`; an empty cell is missing.
        `attrs["exotel_frames"]` has `origin`, `path`, `sheet`, `row_numbers` (each row's number in Excel), `left_out`
        (row and reason), `notes` and `not_read` (the other columns); one printed line says what was assumed and left
        out.

    Raises
    ------
    WorkbookError
        One error; its `.problems` has a row for each wrong header, and for each cell of action, subscriber_name, status
        and custom_field that was retyped as a number, date or yes/no, is a formula, an error or merged.

    Examples
    --------
    >>> read_workbook("sample_data/new_subscribers.xlsx")["subscriber_name"].tolist()[20:24]
    ['007', '1E5', 'TRUE', 'NA']
    """
    check_columns(columns or {})
    return with_line_printed(read_inspected(inspect(path), sheet, columns)[0])


def check_columns(columns: Mapping[str, str]) -> None:
    """Raise a `WorkbookError` where headers are given names that are none of our columns, or one name twice."""
    if not isinstance(columns, Mapping):
        raise WorkbookError(
            f"columns= must map the file's headers to ours, {_EXAMPLE}; this is {describe_type(columns)}."
        )
    wrong = [quote_value(ours) for ours in columns.values() if ours not in OURS]
    twice = [quote_value(ours) for ours in OURS if list(columns.values()).count(ours) > 1]
    if wrong or twice:
        what = f"{join_words(wrong)} is not one of our columns" if wrong else f"{join_words(twice)} appears twice"
        raise WorkbookError(f"columns= must map the file's headers to ours, {_EXAMPLE}; {what}.")


def read_inspected(
    inspected: Inspected, sheet: str | None, columns: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, Base | None]:
    """Return a workbook's subscribers and its base, from the file's bytes; `columns`: what headers shall be called."""
    name = _choose(inspected, sheet, columns or {})
    texts, base = _texts_of(inspected, name, columns or {})
    made = texts.columns
    if base is not None:
        made |= restore(made, base.frame)
    made, notes = read_choices(made, base.frame if base is not None else None)
    frame = text_frame(made)
    doubts = (*encoding_notes(made), *choices_elsewhere(made))
    doubts += (*_base_notes(made, base), *moved_note(frame, base.frame)) if base is not None else ()
    report = Report(
        path=str(inspected.path),
        sheet=name,
        left_out=texts.left_out,
        notes=(*inspected.ignored, *texts.notes, *notes, *doubts),
        other_sheets=()
        if sheet is not None or base is not None
        else tuple(_visible_sheets(inspected, other_than=name)),
        not_read=tuple(header for header in made if header not in (OURS if base is None else {*OURS, *VERDICTS})),
    )
    row_numbers = RowNumbers(texts.numbers, made[NAME])
    frame.attrs["exotel_frames"] = {
        **report.attrs(base.origin if base else {}, row_numbers),
        "base_was_removed": base is None and _once_had_base(inspected),
    }
    if base is not None:
        frame.attrs["exotel_frames"][LOADED] = Loaded(base.frame)
    return frame, base


def _base_notes(columns: Mapping[str, Any], base: Base) -> tuple[str, ...]:
    """Say what has gone from a workbook of ours: a column in which edits would not be seen, and rows."""
    absent = [name for name in schema.FIELDS if name in base.frame and name not in columns]
    gone = [f"its column {name} was removed, so no edit of it is read" for name in absent]
    names, known = columns[NAME], read_texts(base.frame[NAME]).arrow
    left = pc.sum(pc.invert(pc.is_in(known, value_set=names))).as_py() or 0
    was_written = len(known) - len(base.carried_out) <= int(base.origin.get("rows", 0))
    if left and was_written:
        gone.append(
            f"{pluralize(left, 'row')} of {len(known):,} {'was' if left == 1 else 'were'} removed from the sheet; "
            "removing a row does not delete the subscriber"
        )
    return tuple(gone)


def _once_had_base(inspected: Inspected) -> bool:
    """Tell whether a workbook without a hidden copy is one of ours: its legend says who wrote it."""
    if LEGEND not in inspected.sheets:
        return False
    return any("exotel_frames" in str(cell) for row in sheet_rows(inspected, LEGEND) for cell in row)


def _texts_of(inspected: Inspected, name: str, columns: Mapping[str, str]) -> tuple[SheetTexts, Base | None]:
    """Return what the library reads; the sheet before the base, so that the two are never held at once."""
    file = inspected.path.name
    cells = below_header(name, enumerate(sheet_rows(inspected, name), start=1), columns)
    tables = inspected.tables.get(name, ())
    texts = judge_cells(file, cells, inspected.sheets[name], tables=tables, columns=columns)
    if BASE_SHEET not in inspected.sheets:
        return texts, None
    return texts, unpack(list(sheet_rows(inspected, BASE_SHEET)), file)


def _choose(inspected: Inspected, sheet: str | None, columns: Mapping[str, str]) -> str:
    file = inspected.path.name
    if sheet is not None:
        if sheet not in inspected.sheets:
            raise WorkbookError(
                f"{file} has no sheet {quote_value(sheet)}: its sheets are {_quote_names(list(inspected.sheets))}."
            )
        return sheet
    sheets = [name for name in inspected.sheets if name not in _NO_DATA]
    visible = [name for name in sheets if name not in inspected.hidden]
    if len(visible) == 1:
        return visible[0]
    ours = {NAME, *(header for header, name in columns.items() if name == NAME)}
    fitting = [name for name in visible if ours.intersection(header_of(inspected, name)[1])]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        which = " or ".join(f'sheet="{name}"' for name in fitting)
        raise WorkbookError(f"{file} has {len(fitting)} sheets with a column {NAME}: say which, {which}.")
    hidden = [name for name in sheets if name in inspected.hidden]
    also = f" (hidden: {_quote_names(hidden)}; to read one of these, name it: sheet=…)" if hidden else ""
    raise WorkbookError(
        f"{file} has no visible sheet with a column {NAME}; its visible sheets are "
        f"{_quote_names(visible) or 'none'}{also}."
    )


def _visible_sheets(inspected: Inspected, *, other_than: str) -> list[str]:
    hidden = {*inspected.hidden, *_NO_DATA, other_than}
    return [name for name in inspected.sheets if name not in hidden]


def _quote_names(names: Sequence[str]) -> str:
    return join_words([f'"{name}"' for name in names])
