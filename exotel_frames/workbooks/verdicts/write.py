"""Writes the outcome of each row beside it in the file that it came from, and keeps all of the users' work in it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import need_columns, recall, without_attrs
from exotel_frames.frames.convert import conform
from exotel_frames.schema import NAME
from exotel_frames.text import numbered
from exotel_frames.workbooks.atomic import check_ending, refuse_if_changed, replace_whole, write_first_free
from exotel_frames.workbooks.base import Base, pack
from exotel_frames.workbooks.copies import Paths, for_all, is_several, read_copies, results_of_copies
from exotel_frames.workbooks.preflight.check import Inspected, inspect, read_bytes
from exotel_frames.workbooks.preflight.file_type import is_delimited
from exotel_frames.workbooks.reading.rows import header_of, sheet_rows
from exotel_frames.workbooks.reading.table import read_table
from exotel_frames.workbooks.reading.workbook import read_inspected
from exotel_frames.workbooks.verdicts.annotate import Annotations, annotate
from exotel_frames.workbooks.verdicts.csv_results import csv_results_path, write_csv_results
from exotel_frames.workbooks.verdicts.live_base import base_after
from exotel_frames.workbooks.verdicts.match_rows import match_rows
from exotel_frames.workbooks.verdicts.messages import verdicts_of
from exotel_frames.workbooks.verdicts.not_in_run import messages_not_in_run
from exotel_frames.workbooks.verdicts.open_elsewhere import open_elsewhere, why_not_writable
from exotel_frames.workbooks.verdicts.overruled import with_overruled
from exotel_frames.workbooks.verdicts.plain_copy import plain_copy
from exotel_frames.workbooks.verdicts.sheet_xml import OddSheetError


def write_verdicts(
    path: Paths,
    results: pd.DataFrame,
    *,
    out: str | Path | None = None,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    plan: pd.DataFrame | None = None,
) -> Any:
    """Write the outcome and message of each result beside its row in the workbook, or in a copy of it.

    If index and names show which row a result was read from, it is written there: this also finds a name that was
    corrected in pandas (`"bob "` was sent as `"bob"`). Otherwise rows are found by subscriber_name, even if the sheet
    was sorted in the meantime. An update is described as before → after; before is what the workbook said when it was
    written. A row that was edited but was in no run says so. Afterwards the workbook's base is the current state of the
    account: it can be edited and planned again.

    Only the XML of that sheet is changed: every other part of the file stays byte for byte the same, and formulas keep
    their results. A table or filter is extended by the two columns, so that they are sorted with it. A second call
    replaces the two columns of the first, and moves the earlier texts to a sheet "earlier verdicts". Results of deletes
    whose row was removed go to a sheet "other verdicts". If the file can't be changed (somebody has it open, it is
    write-protected or signed, there is no room to the right of its table), a copy is written beside it, and one printed
    line says why. For a CSV file it writes `name.results.csv` beside it.

    Each copy of an audit gets the outcomes of its rows; if a result has no row in any copy, nothing is written. If a
    row's change was not made because another copy's was, the row says so.

    Parameters
    ----------
    path : str or Path, or a list of them
        The workbook, or the CSV file; or the copies of an audit: a list, a folder or a pattern.
    results : DataFrame
        A results frame.
    out : str or Path, optional
        Write a copy to this path, and leave the file unchanged.
    sheet : str, optional
        Which sheet; needed if several sheets have a column subscriber_name.
    columns : dict, optional
        Maps the file's headers to our columns, as when it was read: `{"Emp ID": "subscriber_name"}`.
    delimiter : str, optional
        What separates the fields of a CSV file, as when it was read; detected by default.
    encoding : str, optional
        A CSV file's encoding, as when it was read; detected by default.
    plan : DataFrame, optional
        The plan before you dropped rows from it: a dropped row then says why it was in no run.

    Returns
    -------
    Path
        The file that was written; for several copies, a list.

    Raises
    ------
    WorkbookError
        When results can't be matched to rows without doubt, or don't belong to the file; the file is unchanged.

    Examples
    --------
    >>> import tempfile
    >>> from exotel_frames.frames.convert import results_frame
    >>> from exotel_frames.workbooks import read_workbook
    >>> from exotel_frames.records import Verdict
    >>> out = Path(tempfile.mkdtemp(), "answer.xlsx")
    >>> done = results_frame([Verdict(row=0, subscriber_name="AaravSharma", action="create", outcome="done")])
    >>> write_verdicts("sample_data/new_subscribers.xlsx", done, out=out).name
    'answer.xlsx'
    >>> read_workbook(out).loc[0, ["subscriber_name", "outcome", "message"]].tolist()
    ['AaravSharma', 'done', 'created']
    """
    results = need_columns(results, ["row", NAME, "action", "outcome"], what="The result frame")
    if is_several(path):
        if out is not None:
            raise WorkbookError(
                "out= is for one workbook: with several, the verdicts are written into the workbooks themselves."
            )
        copies = read_copies(path, sheet=sheet).copies
        parts = results_of_copies(copies, results)
        jobs = for_all(copies, lambda copy: _prepare(inspect(copy.path), parts[copy.file], sheet, {}, plan))
        return [_write_job(copy.path, copy.path, job) for copy, job in zip(copies, jobs, strict=True)]
    source = Path(cast("str | Path", path))
    if is_delimited(read_bytes(source)):
        rows = read_table(source, columns=columns, delimiter=delimiter, encoding=encoding)
        return write_csv_results(source, rows, conform(results, "results"), Path(out) if out else None)
    target = Path(out or source)
    if target.suffix.lower() != source.suffix.lower() or target.suffix.lower() != ".xlsm":
        check_ending(target)
    return _write_job(source, target, _prepare(inspect(source), results, sheet, columns or {}, plan))


def _write_job(source: Path, target: Path, job: _Job) -> Path:
    in_place = target.resolve() == source.resolve()
    why = (open_elsewhere(source) or why_not_writable(source)) if in_place else None
    try:
        package = annotate(job.inspected, job.sheet, job.marks, job.names)
    except OddSheetError as odd:
        return _write_plain(job, None if in_place else target, str(odd))
    made = io.BytesIO()
    package.write(made)
    if why:
        return _write_copy(source, made.getvalue(), f"it {why}", source.suffix)
    still_allowed = partial(refuse_if_changed, source, job.inspected.data) if in_place else nullcontext
    with replace_whole(target, still_allowed=still_allowed) as file:
        file.write(made.getbuffer())
    return target


def check_verdicts(
    path: str | Path, *, sheet: str | None = None, columns: Mapping[str, str] | None = None
) -> str | None:
    """Return why verdicts can't be written into the file itself, and where they would go: call it before a run.

    Parameters
    ----------
    path : str or Path
        The workbook.
    sheet : str, optional
        Which sheet; needed if several sheets have a column subscriber_name.
    columns : dict, optional
        Maps the file's headers to our columns, as in `write_verdicts`.

    Returns
    -------
    str or None
        One sentence; None if they can be written into the file.

    Raises
    ------
    WorkbookError
        When the file can't be read.

    Examples
    --------
    >>> check_verdicts("sample_data/new_subscribers.xlsx") is None
    True
    """
    source = Path(path)
    if is_delimited(read_bytes(source)):
        return f"The outcomes will be in {csv_results_path(source).name}: a CSV file is never changed."
    inspected = inspect(source)
    frame, _ = read_inspected(inspected, sheet, columns)
    why = open_elsewhere(source) or why_not_writable(source)
    reason = f"it {why}" if why else None
    try:
        annotate(inspected, frame.attrs["exotel_frames"]["sheet"], Annotations({}, []), _names_header(columns or {}))
    except OddSheetError as odd:
        reason = str(odd)
    if reason:
        return f"The outcomes will be in a copy, {_free_copy_path(source).name}, and not in {source.name}: {reason}."
    return None


@dataclass(frozen=True)
class _Job:
    """What is to be written, and into which sheet of which file."""

    inspected: Inspected
    sheet: str
    names: str
    """What the file calls the column of the names."""
    marks: Annotations


def _names_header(columns: Mapping[str, str]) -> str:
    return next((theirs for theirs, ours in columns.items() if ours == NAME), NAME)


def _prepare(
    inspected: Inspected,
    results: pd.DataFrame,
    sheet: str | None,
    columns: Mapping[str, str],
    plan: pd.DataFrame | None,
) -> _Job:
    frame, base = read_inspected(inspected, sheet, columns)
    about = frame.attrs["exotel_frames"]
    numbers = about["row_numbers"]
    rows_of_results = without_attrs(conform(results, "results"))
    verdicts = verdicts_of(rows_of_results, base.frame if base else None)
    numbered, others = match_rows(inspected.path.name, numbers, rows_of_results, verdicts)
    names, actions = rows_of_results[NAME].fillna("").tolist(), rows_of_results["action"].fillna("").tolist()
    rows = with_overruled(
        frame, base, rows_of_results, {number: (at, *verdicts[at]) for number, at in numbered.items()}
    )
    rows |= messages_not_in_run(
        frame, base, rows_of_results, plan if plan is not None else _plan_of(results), skip=rows
    )
    lines = [(names[at], actions[at], *verdicts[at]) for at in others]
    marks = Annotations(
        rows,
        lines,
        _pack_new_base(base, without_attrs(frame), rows_of_results),
        _when_and_by_which_run(rows_of_results),
    )
    return _Job(inspected, about["sheet"], _names_header(columns), marks)


def _plan_of(results: pd.DataFrame) -> pd.DataFrame | None:
    """Return the plan that a results frame remembers."""
    kept = recall(results).get("planned")
    plan: pd.DataFrame | None = getattr(kept, "plan", None)
    return plan


def _pack_new_base(base: Base | None, frame: pd.DataFrame, results: pd.DataFrame) -> list[tuple[str, str]] | None:
    if base is None:
        return None
    after = base_after(base, frame, results)
    return pack(after.frame, after.origin, after.carried_out, after.proposed, fields=list(after.frame.columns))


def _when_and_by_which_run(results: pd.DataFrame) -> str:
    """Return when and by which run the verdicts were made; a name of the book keeps 255 letters."""
    runs = results["run_id"].dropna().unique().tolist()
    which = f", run {' '.join(map(str, runs))}" if runs else ""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC{which}"[:255]


def _write_plain(job: _Job, target: Path | None, why: str) -> Path:
    rows: list[Any] = list(sheet_rows(job.inspected, job.sheet))
    header, _ = header_of(job.inspected, job.sheet)
    data = plain_copy(job.sheet, rows, header, job.marks.rows, job.marks.others)
    if target is None:
        return _write_copy(job.inspected.path, data, why, ".xlsx")
    target = target.with_suffix(".xlsx")
    with replace_whole(target) as file:
        file.write(data)
    _print_where(job.inspected.path, why, target)
    return target


def _write_copy(source: Path, data: bytes, why: str, suffix: str) -> Path:
    """Write a copy beside a workbook, under a name that nobody has."""
    target = write_first_free(_places(source.with_suffix(suffix)), lambda file: file.write(data))
    _print_where(source, why, target)
    return target


def _print_where(source: Path, why: str, target: Path) -> None:
    print(f"{source.name} is as it was, because {why}: the outcomes are in a copy, {target.name}.")  # noqa: T201


def _free_copy_path(source: Path) -> Path:
    """Return the name that a copy will have."""
    return next(path for path in _places(source) if not path.exists())


def _places(source: Path) -> Iterator[Path]:
    return (source.with_name(name + source.suffix) for name in numbered(f"{source.stem} verdicts"))
