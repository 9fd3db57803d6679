"""Workbooks and tenants: write one that knows where it comes from, and plan what its edits mean."""

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
    """Write subscribers to an Excel workbook for editing, or any other frame of ours to one for reading.

    Edits of subscribers in pandas are a proposal like those in Excel. More columns become people's own. Results, plans,
    problems, changes, runs and checks become a page to read: outcomes in colour, technical columns folded away,
    messages wrapped. `read_table` gives each back, with its dtypes and its account.

    Parameters
    ----------
    frame : DataFrame
        What `load_subscribers` returned, a part of it, or what you made of it; or any other frame of ours but tokens,
        which are secrets.
    path : str or Path
        The workbook (.xlsx).
    client : Client, optional
        Whose account this is; by default the one that the frame remembers.
    base : DataFrame, optional
        What the subscribers were before your edits; by default what was loaded. A frame that does not remember it
        (pandas drops it in a merge) is compared with the account, for one listing or one GET a name, if `client` is
        given.

    Raises
    ------
    WorkbookError
        One error that names each cell a workbook can't hold; for tokens; where no account is known; and where it can't
        be known what the subscribers were before.

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
    """Plan what a workbook's edits mean for the tenant as it is now: a plan frame for `apply_plan`.

    A workbook that `write_workbook` made carries its own base: what others changed since is kept, and what both changed
    differently is a conflict. One without gives a two-way plan, whose notes say so; where the sheet's date_updated
    shows that a subscriber was changed since, that row is a conflict. A row that is absent deletes nobody; the action
    `delete` does.

    Several copies of one audit (a list of files, a folder, or a pattern such as `audit/*.xlsx`) make one plan with a
    column `source`: each copy's edits are taken against its own base. The same wish in several files is one row;
    different wishes for a subscriber are a conflict that names the files. Copies of another audit or account are
    refused, a copy that is missing or came back untouched is told; what in a folder is no copy is left out and named.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.
    path : str or Path, or a list of them
        The workbook, or a CSV file; or the copies of an audit: a list, a folder or a pattern.
    sheet : str, optional
        Which sheet; needed where several visible ones have a column subscriber_name.
    columns : dict, optional
        Which of the file's headers are ours, as in `read_table`.
    delimiter : str, optional
        What separates the fields of a CSV file; found otherwise.
    encoding : str, optional
        A CSV file's encoding, such as "cp1252"; found otherwise.
    account : str, optional
        Which account (its SID) it is for, where the file names none; `apply_plan` refuses the plan otherwise.
    allow_moved : bool, default False
        Plan a sheet although a column of it was sorted or moved without the others, so that names have the cells of
        others beside them.
    progress : bool or callable, default True
        Draw a bar, or write a line now and then where none can be drawn (True); say nothing (False); or call this with
        each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A plan frame; of several copies with a column `source`, the files whose wish a row is.
        `attrs["exotel_frames"]["copies"]` says which were read, untouched, missing and left out.

    Raises
    ------
    WorkbookError
        One error that names each cell that a spreadsheet has changed, or each row whose cells are another's.
    StalePlanError
        For another account's workbook.
    ApiError
        When the service can't be read.

    Examples
    --------
    >>> plan_workbook(client, "audit.xlsx", progress=False).empty
    True
    """
    if workbooks.is_several(path):
        if columns or delimiter or encoding:
            raise WorkbookError("Copies of an audit are workbooks with our headers: leave columns= and the like out.")
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
        lost = "HAS LOST ITS BASE (a hidden sheet was removed): what may take back others' changes is in conflict."
        print(f"{file} {lost}")  # noqa: T201
    elif not has_base:
        print(f"{file} carries no base: what others changed meanwhile can't be told (two-way plan).")  # noqa: T201


def _print_where_verdicts_go(path: Path, sheet: str | None, columns: Mapping[str, str] | None) -> None:
    if who := workbooks.open_elsewhere(path):
        print(f"{path.name} {who}: what was not saved there is not in the plan.")  # noqa: T201
    if sentence := workbooks.check_verdicts(path, sheet=sheet, columns=columns):
        print(sentence)  # noqa: T201


def _check_kind(file: str, kind: str | None, columns: set[str]) -> None:
    """Refuse a file that is no list of subscribers: what a run did would be planned once more."""
    if kind == "results" or {"outcome", "run_id", "attempts"} <= columns:
        raise WorkbookError(f"{file} holds the results of a run, and no edits: plan the workbook that they came from.")
    if {"status_from", "conflict"} <= columns:
        raise WorkbookError(f"{file} holds a plan already: apply_plan(client, read_table(…)) applies it.")
    if kind not in (None, "subscribers", "table") or NAME not in columns:
        raise WorkbookError(f"{file} holds {kind or 'a table'} without subscribers to plan: read_table reads it.")
