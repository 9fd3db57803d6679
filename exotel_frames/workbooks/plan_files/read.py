"""Reads a returned plan file: the answers for its rows, and proof that the rows are still those of the plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    checksum,
    fingerprint,
    unpack,
)
from exotel_frames.workbooks.plan_files.write import ANSWERS, LINES
from exotel_frames.workbooks.preflight.check import Inspected, inspect, read_bytes
from exotel_frames.workbooks.problems import workbook_error
from exotel_frames.workbooks.reading.rows import header_of, sheet_rows
from exotel_frames.workbooks.reading.workbook import read_inspected

_BREAK: Final = re.compile("\r\n|\n\r|\r")
_WAY_ON: Final = "Put it back as it was, or plan again."
_Where = Callable[[int, str], str]
"""Tells the address of a row's cell in a column."""
_CHOOSE: Final = "Choose yes or no, or leave it empty."


def read_plan_file(path: Path) -> tuple[PlanFile, Approval]:
    """Return a plan and what was said to its rows; a row that is not in the file any more is `removed`.

    Errors: one `WorkbookError` that names each cell of the plan that was changed, each row that was added, and each
    answer that is neither yes nor no.
    """
    if path.suffix.lower() == ".json":
        return _read_json(path)
    return _read_workbook(inspect(path))


def _read_workbook(inspected: Inspected) -> tuple[PlanFile, Approval]:
    file = inspected.path.name
    sheet = _plan_sheet(inspected)
    if HIDDEN_SHEET not in inspected.sheets:
        raise WorkbookError(_why_no_plan(inspected, sheet))
    plan = unpack(list(sheet_rows(inspected, HIDDEN_SHEET)), file)
    frame, _ = read_inspected(inspected, sheet)
    columns = {header: letters(at) for at, header in enumerate(_headers(inspected, sheet), start=1)}
    numbers = frame.attrs["exotel_frames"]["row_numbers"]

    def where(row: int, column: str) -> str:
        return f"{sheet}!{columns.get(column, '?')}{numbers[row]}"

    missing = [name for name in (APPROVED, *plan.columns) if name not in frame]
    problems, answers = _compare(plan, frame, where)
    problems[:0] = [
        Problem(None, name, None, "missing_column", f"the sheet {sheet} has no column {name}", _WAY_ON)
        for name in missing
    ]
    _refuse(file, problems)
    rows = tuple(answers.get(name, "removed") for name in plan.columns[NAME])
    return plan, msgspec.structs.replace(_approval_of(inspected), rows=rows)


def _plan_sheet(inspected: Inspected) -> str:
    """Return the sheet with the plan's rows: the one that has the answers, where somebody gave it another name."""
    if PLAN_SHEET in inspected.sheets:
        return PLAN_SHEET
    others = [name for name in inspected.sheets if {APPROVED, NAME} <= {*_headers(inspected, name)}]
    return others[0] if len(others) == 1 else PLAN_SHEET


def _headers(inspected: Inspected, sheet: str) -> list[str]:
    return header_of(inspected, sheet)[1] if sheet in inspected.sheets else []


def _why_no_plan(inspected: Inspected, sheet: str) -> str:
    file = inspected.path.name
    if APPROVED in _headers(inspected, sheet):
        return (
            f"{file} can't be read: its hidden sheet {HIDDEN_SHEET}, which proves that the plan was not changed, was "
            "removed. Write the plan again, and have the new file approved."
        )
    return f"{file} was not written by write_plan: read it with read_workbook, and pass the frame to apply_plan."


def _refuse(file: str, problems: Sequence[Problem]) -> None:
    """Raise one `WorkbookError` about everything that is wrong, if anything is."""
    if problems:
        only_answers = all(problem.rule == "bad_answer" for problem in problems)
        what = "has answers that are neither yes nor no" if only_answers else "is not the plan that was written"
        raise workbook_error(f"{file} {what}", problems)


def _compare(plan: PlanFile, frame: pd.DataFrame, where: _Where) -> tuple[list[Problem], dict[str | None, str | None]]:
    """Return what differs from the plan, and the answer to each name."""
    problems: list[Problem] = []
    texts = {name: _texts(frame[name]) for name in (APPROVED, *plan.columns) if name in frame}
    names = texts.get(NAME, [])
    at = {name: row for row, name in enumerate(plan.columns[NAME])}
    answers: dict[str | None, str | None] = {}
    for row, name in enumerate(names):
        if name not in at or name in answers:
            problems.append(_not_in_plan(row, name, where, twice=name in answers))
            continue
        answer = (texts[APPROVED][row] or "").strip().lower() if APPROVED in texts else ""
        answers[name] = answer or None
        if answer and answer not in ANSWERS:
            cell = where(row, APPROVED)
            message = f"{cell} says {quote_value(texts[APPROVED][row])}"
            problems.append(Problem(row, APPROVED, answer, "bad_answer", message, _CHOOSE))
        problems += _find_changes(plan, at[name], row, texts, where)
    return problems, answers


def _not_in_plan(row: int, name: str | None, where: _Where, *, twice: bool) -> Problem:
    why = "is in another row too" if twice else "is not in this plan"
    message = f"{where(row, NAME)} says {quote_value(name or '')}, which {why}"
    return Problem(row, NAME, name, "not_in_plan", message, _WAY_ON)


def _find_changes(
    plan: PlanFile, planned: int, row: int, texts: Mapping[str, Sequence[str | None]], where: _Where
) -> Iterator[Problem]:
    for column, cells in plan.columns.items():
        if column in texts and not _same(cells[planned], texts[column][row]):
            now, was = quote_value(texts[column][row] or ""), quote_value(cells[planned] or "")
            message = f"{where(row, column)} says {now}, but the plan has {was}"
            yield Problem(row, column, texts[column][row], "changed", message, _WAY_ON)


def _texts(column: pd.Series[Any]) -> list[str | None]:
    return [None if pd.isna(cell) else str(cell) for cell in column]


def _same(one: str | None, other: str | None) -> bool:
    """Tell whether two cells are the same; LibreOffice saves a carriage return as a line break."""
    return _BREAK.sub("\n", one or "") == _BREAK.sub("\n", other or "")


def _approval_of(inspected: Inspected) -> Approval:
    """Return who approved, when and why, from the lines of the sheet."""
    rows = sheet_rows(inspected, APPROVAL_SHEET) if APPROVAL_SHEET in inspected.sheets else ()
    cells = {cell_to_text(row[0]).strip(): cell_to_text(row[1]).strip() for row in rows if len(row) > 1}
    return msgspec.convert({key: cells.get(head) or None for head, key in LINES.items()}, Approval)


def _read_json(path: Path) -> tuple[PlanFile, Approval]:
    try:
        whole = msgspec.json.decode(read_bytes(path), type=dict[str, Any])
        if whole["format"] != FORMAT:
            raise WorkbookError(
                f"{path.name} was written by a newer version of exotel_frames: update, and read it again."
            )
        rows, columns = msgspec.convert((whole["rows"], whole["columns"]), tuple[list[dict[str, Any]], list[str]])
        cells = {name: [row[name] for row in rows] for name in columns}
        plan = msgspec.convert({**whole, "columns": cells}, PlanFile)
        approval = msgspec.convert(whole["approval"], Approval)
        count = whole.get("count", len(rows))
        problems = [*_json_about_problems(plan, count, whole.get("checksum"))]
        problems += [
            problem for at, row in enumerate(rows) for problem in _json_problems(at, row, columns, plan.plan_id)
        ]
        problems += _json_repeats(cells[NAME])
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
        raise WorkbookError(f"{path.name} was not written by write_plan, or is damaged ({error}).") from None
    _refuse(path.name, problems)
    answers = ((row.get(APPROVED) or "").strip().lower() or None for row in rows)
    return plan, msgspec.structs.replace(approval, rows=tuple(answers), removed=count - len(rows))


def _json_about_problems(plan: PlanFile, count: int, written: str | None) -> Iterator[Problem]:
    """Say that the account, the time or the number of rows was changed; the first version wrote no checksum."""
    if written is not None and written != checksum(plan, count):
        message = "what stands above the rows (plan_id, origin, written_at, source, columns, count) was changed"
        yield Problem(None, None, None, "changed", message, _WAY_ON)


def _json_repeats(names: Sequence[str | None]) -> Iterator[Problem]:
    seen: set[str | None] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield Problem(at, NAME, name, "not_in_plan", f"rows[{at}] ({quote_value(name)}) appears twice", _WAY_ON)
        seen.add(name)


def _json_problems(at: int, row: Mapping[str, Any], columns: Sequence[str], plan_id: str) -> Iterator[Problem]:
    name = row.get(NAME)
    if row.get("fingerprint") != fingerprint(plan_id, {column: row.get(column) for column in columns}):
        message = f"rows[{at}] ({quote_value(name)}) is not as it was planned: its fingerprint does not match"
        yield Problem(at, None, None, "changed", message, _WAY_ON)
    answer = row.get(APPROVED)
    if answer is not None and (not isinstance(answer, str) or answer.strip().lower() not in ("", *ANSWERS)):
        message = f"rows[{at}].{APPROVED} ({quote_value(name)}) says {quote_value(answer)}"
        yield Problem(at, APPROVED, str(answer), "bad_answer", message, _CHOOSE)
