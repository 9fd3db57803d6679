"""A plan file as it came back: what was said to its rows, and proof that the rows are still those of the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.schema import NAME
from exotel_frames.text import quote_value
from exotel_frames.validation import Problem
from exotel_frames.workbooks.addresses import cell_to_text, letters
from exotel_frames.workbooks.plan_files.model import (
    APPROVAL_SHEET,
    APPROVED,
    FORMAT,
    HIDDEN_SHEET,
    PLAN_SHEET,
    Approval,
    PlanFile,
    fingerprint,
    unpack,
)
from exotel_frames.workbooks.plan_files.write import ANSWERS, LINES
from exotel_frames.workbooks.preflight.check import Inspected, inspect, read_bytes
from exotel_frames.workbooks.problems import workbook_error
from exotel_frames.workbooks.reading.columns import is_blank
from exotel_frames.workbooks.reading.rows import sheet_rows
from exotel_frames.workbooks.reading.workbook import read_inspected

_BREAK: Final = re.compile("\r\n|\n\r|\r")
_WAY_ON: Final = "Put it back as it was, or plan again."
_CHOOSE: Final = "Choose yes or no, or leave it empty."


def read_plan_file(path: Path) -> tuple[PlanFile, Approval]:
    """Return a plan and what was said to its rows; a row that is not in the file any more counts as no.

    Errors: one `WorkbookError` that names each cell of the plan that was changed, each row that was added, and each
    answer that is neither yes nor no.
    """
    if path.suffix.lower() == ".json":
        return _read_json(path)
    return _read_workbook(inspect(path))


def _read_workbook(inspected: Inspected) -> tuple[PlanFile, Approval]:
    file = inspected.path.name
    if HIDDEN_SHEET not in inspected.sheets or PLAN_SHEET not in inspected.sheets:
        raise WorkbookError(
            f"{file} is no plan of write_plan: read_workbook reads it, and apply_plan takes what it holds."
        )
    plan = unpack(list(sheet_rows(inspected, HIDDEN_SHEET)), file)
    frame, _ = read_inspected(inspected, PLAN_SHEET)
    header = next((row for row in sheet_rows(inspected, PLAN_SHEET) if not is_blank(row)), ())
    columns = {cell_to_text(cell): letters(at) for at, cell in enumerate(header, start=1)}
    numbers = frame.attrs["exotel_frames"]["row_numbers"]
    where = _Places(columns, [numbers[row] for row in range(len(frame))])
    faults, answers = _compare(plan, frame, where)
    if faults:
        raise workbook_error(f"{file} is not the plan that was written", faults)
    said = _said(inspected)
    return plan, Approval(**said, rows=tuple(answers.get(name, "no") for name in plan.columns[NAME]))


class _Places:
    """Where the cells of a sheet stand."""

    def __init__(self, columns: Mapping[str, str], numbers: Sequence[int]) -> None:
        self.columns, self._numbers = columns, numbers

    def __call__(self, row: int, column: str) -> str:
        return f"{PLAN_SHEET}!{self.columns.get(column, '?')}{self._numbers[row]}"


def _compare(plan: PlanFile, frame: pd.DataFrame, where: _Places) -> tuple[list[Problem], dict[str | None, str | None]]:
    """Return what differs from the plan, and the answer to each name."""
    missing = [name for name in (APPROVED, *plan.columns) if name not in frame]
    faults = [
        Problem(None, name, None, "missing_column", f"the sheet {PLAN_SHEET} has no column {name}", _WAY_ON)
        for name in missing
    ]
    texts = {name: _texts(frame[name]) for name in (APPROVED, *plan.columns) if name in frame}
    names = texts.get(NAME, [])
    at = {name: row for row, name in enumerate(plan.columns[NAME])}
    answers: dict[str | None, str | None] = {}
    for row, name in enumerate(names):
        if name not in at or name in answers:
            faults.append(_strange(row, name, where, twice=name in answers))
            continue
        answer = (texts[APPROVED][row] or "").strip().lower() if APPROVED in texts else ""
        answers[name] = answer or None
        if answer and answer not in ANSWERS:
            cell = where(row, APPROVED)
            message = f"{cell} says {quote_value(texts[APPROVED][row])}"
            faults.append(Problem(row, APPROVED, answer, "bad_answer", message, _CHOOSE))
        faults += _changed(plan, at[name], row, texts, where)
    return faults, answers


def _strange(row: int, name: str | None, where: _Places, *, twice: bool) -> Problem:
    why = "is in another row too" if twice else "is not in this plan"
    message = f"{where(row, NAME)} says {quote_value(name or '')}, which {why}"
    return Problem(row, NAME, name, "not_in_plan", message, _WAY_ON)


def _changed(
    plan: PlanFile, planned: int, row: int, texts: Mapping[str, Sequence[str | None]], where: _Places
) -> Iterator[Problem]:
    for column, cells in plan.columns.items():
        if column in texts and not _same(cells[planned], texts[column][row]):
            now, was = quote_value(texts[column][row] or ""), quote_value(cells[planned] or "")
            message = f"{where(row, column)} says {now}, and the plan {was}"
            yield Problem(row, column, texts[column][row], "changed", message, _WAY_ON)


def _texts(column: pd.Series[Any]) -> list[str | None]:
    return [None if pd.isna(cell) else str(cell) for cell in column]


def _same(one: str | None, other: str | None) -> bool:
    """Tell whether two cells are the same; LibreOffice saves a carriage return as a line break."""
    return _BREAK.sub("\n", one or "") == _BREAK.sub("\n", other or "")


def _said(inspected: Inspected) -> dict[str, str | None]:
    """Return who approved, when and why, from the lines of the sheet."""
    rows = sheet_rows(inspected, APPROVAL_SHEET) if APPROVAL_SHEET in inspected.sheets else ()
    cells = {cell_to_text(row[0]).strip(): cell_to_text(row[1]).strip() for row in rows if len(row) > 1}
    return {key: cells.get(head) or None for head, key in LINES.items()}


def _read_json(path: Path) -> tuple[PlanFile, Approval]:
    try:
        whole = msgspec.json.decode(read_bytes(path), type=dict[str, Any])
        if whole["format"] != FORMAT:
            raise WorkbookError(
                f"{path.name} was written by a newer version of exotel_frames: update, and read it again."
            )
        rows, columns = whole["rows"], whole["columns"]
        cells = {name: [row[name] for row in rows] for name in columns}
        about = {key: whole[key] for key in ("plan_id", "origin", "written_at", "tool_version", "source")}
        plan = msgspec.convert({**about, "columns": cells}, PlanFile)
        approval = msgspec.convert(whole["approval"], Approval)
        faults = [fault for at, row in enumerate(rows) for fault in _json_faults(at, row, columns, plan.plan_id)]
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise WorkbookError(f"{path.name} is no plan of write_plan, or damaged ({error}).") from None
    if faults:
        raise workbook_error(f"{path.name} is not the plan that was written", faults)
    answers = ((row.get(APPROVED) or "").strip().lower() or None for row in rows)
    return plan, msgspec.structs.replace(approval, rows=tuple(answers))


def _json_faults(at: int, row: Mapping[str, Any], columns: Sequence[str], plan_id: str) -> Iterator[Problem]:
    name = row.get(NAME)
    if row.get("fingerprint") != fingerprint(plan_id, {column: row.get(column) for column in columns}):
        message = f"rows[{at}] ({quote_value(name)}) is not as it was planned: its fingerprint does not fit"
        yield Problem(at, None, None, "changed", message, _WAY_ON)
    answer = row.get(APPROVED)
    if answer is not None and (not isinstance(answer, str) or answer.strip().lower() not in ("", *ANSWERS)):
        message = f"rows[{at}].{APPROVED} ({quote_value(name)}) says {quote_value(answer)}"
        yield Problem(at, APPROVED, str(answer), "bad_answer", message, _CHOOSE)
