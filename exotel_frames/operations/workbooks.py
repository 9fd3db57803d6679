"""Workbooks and tenants: writes a workbook that records its account, and plans its edits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pandas as pd

from exotel_frames import workbooks
from exotel_frames.api.client import Client
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import need_columns, recall
from exotel_frames.frames.kinds import kind_of_frame
from exotel_frames.operations.copies import plan_copies
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import check_account, check_files, origin_to_write, takes_client
from exotel_frames.operations.workbook_base import PlannedRows, base_of, is_sheet_for_editing
from exotel_frames.plans import mark_two_way, plan_changes, with_new_fields
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME

_ABOUT_READING = ("path", "sheet", "delimiter", "encoding", "left_out", "notes", "not_read", "reading")
"""What a plan remembers of the file that it was made from."""


def write_workbook(
    frame: pd.DataFrame, path: str | Path, *, client: Client | None = None, base: pd.DataFrame | None = None
) -> None:
    """Write subscribers to an Excel workbook for editing, or any other frame of this package to one for reading.

    Edits made in pandas are proposals like edits made in Excel. Additional columns are written as the user's own
    columns. Results, plans, problems, changes, runs and checks are written as a readable page: outcomes in colour,
    technical columns folded away, messages wrapped. `read_table` reads each back, with its dtypes and its account.

    Parameters
    ----------
    frame : DataFrame
        What `load_subscribers` returned, a part of it, or your edited version; or any other frame of this package
        except tokens, which are secrets.
    path : str or Path
        The workbook (.xlsx).
    client : Client, optional
        The client of the account; by default the account that the frame records.
    base : DataFrame, optional
        The subscribers before your edits; by default as they were loaded. If the frame does not record that (pandas
        drops it in a merge) and `client` is given, the frame is compared with the account, by one listing or one GET
        for each name.

    Raises
    ------
    WorkbookError
        One error that names each cell that a workbook can't hold. Also for tokens, if no account is known, and if the
        state before your edits can't be determined.

    Examples
    --------
    >>> write_workbook(load_subscribers(client, progress=False), "audit.xlsx")
    >>> write_workbook(list_runs(client), "runs.xlsx")
    >>> workbooks.read_table("runs.xlsx").equals(list_runs(client))
    True
    """
    frame = need_columns(frame, [], what="The frame for the workbook")
    kind = kind_of_frame(frame)
    is_page = kind not in (None, "subscribers")
    origin = origin_to_write(frame, client, is_needed=not is_page)
    if is_page:
        workbooks.write_pages(path, {str(kind): frame}, origin=origin)
        return
    if base is None and is_sheet_for_editing(frame):
        base = base_of(frame, client)
    workbooks.write_workbook(frame, path, origin=origin | {"audit_id": secrets.token_hex(8)}, base=base)


@takes_client
def plan_workbook(  # noqa: PLR0913 - the options of a file, and of a plan
    client: Client,
    path: workbooks.Paths,
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    account: str | None = None,
    allow_moved: bool = False,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Compare a workbook's edits with the account as it is now, and return a plan frame for `apply_plan`.

    A workbook written by `write_workbook` contains its own base: changes made by others since then are kept, and a
    field that both changed differently is a conflict. A workbook without a base gives a two-way plan, and its notes say
    so; if the sheet's date_updated shows that a subscriber was changed since, that row is a conflict. Removing a row
    deletes nobody; the action `delete` does.

    Several copies of one audit (a list of files, a folder, or a pattern such as `audit/*.xlsx`) make one plan with a
    column `source`: each copy's edits are compared with its own base. The same change in several files is one row;
    different changes to a subscriber are a conflict that names the files. Copies of another audit or account are
    refused. The output names copies that are missing or came back unchanged, and files in a folder that are not copies.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    path : str or Path, or a list of them
        The workbook, or a CSV file; or the copies of an audit: a list, a folder or a pattern.
    sheet : str, optional
        Which sheet; needed if several visible sheets have a column subscriber_name.
    columns : dict, optional
        Maps the file's headers to our columns, as in `read_table`.
    delimiter : str, optional
        What separates the fields of a CSV file; detected by default.
    encoding : str, optional
        A CSV file's encoding, such as "cp1252"; detected by default.
    account : str, optional
        The SID of the account that the file is for, if the file names none; without it `apply_plan` refuses the plan.
    allow_moved : bool, default False
        Plan a sheet even if one of its columns was sorted or moved without the others, so that names are beside the
        cells of other names.
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A plan frame; for several copies with a column `source`, the files that ask for the change.
        `attrs["exotel_frames"]["copies"]` says which were read, unchanged, missing and left out.

    Raises
    ------
    WorkbookError
        One error that names each cell that a spreadsheet program has changed, or each row whose cells belong to another
        name.
    StalePlanError
        When the workbook is from another account.
    ApiError
        When the service can't be read.

    Examples
    --------
    >>> plan_workbook(client, "audit.xlsx", progress=False).empty
    True
    """
    if workbooks.is_several(path):
        if columns or delimiter or encoding:
            raise WorkbookError("Copies of an audit have our headers: leave out columns=, delimiter= and encoding=.")
        return plan_copies(client, path, sheet=sheet, account=account, allow_moved=allow_moved, progress=progress)
    path = Path(cast("str | Path", path))
    edited, base = workbooks.read_with_base(path, sheet=sheet, columns=columns, delimiter=delimiter, encoding=encoding)
    file, about = path.name, edited.attrs["exotel_frames"]
    _check_kind(file, about.get("kind"), set(edited.columns))
    check_account(client, account)
    check_files(client, {file: base.origin if base else {}})
    names = edited[NAME].dropna().unique().tolist()
    current = read_current(client, names, progress=progress)
    if not allow_moved:
        workbooks.refuse_moved(file, edited, base.frame if base else current, in_order=base is not None)
    desired = workbooks.without_carried_out(edited, base)
    plan = plan_changes(current, desired, base=with_new_fields(base.frame, current) if base else None)
    if base is None:
        plan = mark_two_way(plan, edited, was_stripped=about.get("base_was_removed", False))
    is_named = account or (base and base.origin.get("account_sid"))
    plan.attrs["exotel_frames"] = recall(plan) | {
        **{key: about[key] for key in _ABOUT_READING},
        "two_way": base is None,
        "names_no_account": None if is_named else file,
        "planned": PlannedRows(plan),
    }
    if progress is True:
        _print_reading(file, edited, has_base=base is not None)
        if path.is_file():  # a pipe has been read, and is gone
            _print_where_verdicts_go(path, sheet, columns)
    return plan


def _print_reading(file: str, edited: pd.DataFrame, *, has_base: bool) -> None:
    if line := workbooks.reading_line(edited):
        print(line)  # noqa: T201
    if edited.attrs["exotel_frames"].get("base_was_removed"):
        lost = (
            "HAS LOST ITS BASE (a hidden sheet was removed): rows that may undo changes made by others are in conflict."
        )
        print(f"{file} {lost}")  # noqa: T201
    elif not has_base:
        print(f"{file} has no base: changes made by others in the meantime can't be detected (two-way plan).")  # noqa: T201


def _print_where_verdicts_go(path: Path, sheet: str | None, columns: Mapping[str, str] | None) -> None:
    if who := workbooks.open_elsewhere(path):
        print(f"{path.name} {who}: unsaved changes there are not in the plan.")  # noqa: T201
    if sentence := workbooks.check_verdicts(path, sheet=sheet, columns=columns):
        print(sentence)  # noqa: T201


def _check_kind(file: str, kind: str | None, columns: set[str]) -> None:
    """Refuse a file that is no list of subscribers: what a run did would be planned once more."""
    if kind == "results" or {"outcome", "run_id", "attempts"} <= columns:
        raise WorkbookError(
            f"{file} holds the results of a run, not edits: plan the workbook that the results came from."
        )
    if {"status_from", "conflict"} <= columns:
        raise WorkbookError(f"{file} already holds a plan: apply_plan(client, read_table(…)) applies it.")
    if kind not in (None, "subscribers", "table") or NAME not in columns:
        raise WorkbookError(f"{file} holds {kind or 'a table'} without subscribers to plan: read it with read_table.")
