"""Plans for approval: written to a file, and read back with only the approved rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import as_pandas
from exotel_frames.text import pluralize
from exotel_frames.workbooks import Approval, approved_rows, plan_file_of, read_plan_file, write_plan_file

_SINGULAR: Final = {"say no": "says no", "are open": "is open", "were removed": "was removed"}


def write_plan(plan: pd.DataFrame, path: str | Path, *, now: datetime | None = None) -> None:
    """Write a plan to a file, for somebody to approve row by row.

    The file also contains the account, the time, the source and a fingerprint of each row. In the workbook, the
    approver fills in the column `approved` with yes or no, and the sheet "approval" with their name, the date and the
    reason.

    Parameters
    ----------
    plan : DataFrame
        A plan frame.
    path : str or Path
        A workbook (.xlsx) or JSON (.json).
    now : datetime, optional
        The time to record; now by default.

    Raises
    ------
    ValidationError
        When the plan could not be applied.
    WorkbookError
        When the file can't be written.

    Examples
    --------
    >>> plan = plan_changes(load_subscribers(client, progress=False), pd.DataFrame({"subscriber_name": ["priya07"]}))
    >>> write_plan(plan, "plan.xlsx")
    >>> read_plan("plan.xlsx")[["action", "subscriber_name"]].values.tolist()
    [['create', 'priya07']]
    """
    write_plan_file(plan_file_of(as_pandas(plan), now=now or datetime.now(UTC)), Path(path))


def read_plan(path: str | Path, *, require_approval: bool = False, progress: bool = True) -> pd.DataFrame:
    """Read a plan that `write_plan` wrote, exactly as it was written, for `apply_plan`.

    Rows that say no are left out, with or without `require_approval`. Where an open row is taken, the plan names nobody
    who approved it.

    Parameters
    ----------
    path : str or Path
        The file.
    require_approval : bool, default False
        Return only rows that say yes; the name of the approver must be filled in.
    progress : bool, default True
        Print one line that says how many rows were left out.

    Returns
    -------
    DataFrame
        A plan frame. `attrs["exotel_frames"]["plan"]` has its id, the approver, the time and the reason, and `left`;
        `apply_plan` records the first four in the journal, and refuses rows that are not as they were approved.

    Raises
    ------
    WorkbookError
        One error that names every changed cell of the plan, or what is missing.

    Examples
    --------
    >>> read_plan("plan.xlsx", progress=False)["subscriber_name"].tolist()
    ['priya07']
    """
    file = Path(path)
    made, approval = read_plan_file(file)
    if require_approval and not approval.by:
        raise WorkbookError(f"{file.name} does not say who approved it: fill in the line Approved by.")
    takes = np.array([answer == "yes" or (answer is None and not require_approval) for answer in approval.rows], bool)
    plan = made.frame()[takes]
    left = int((~takes).sum()) + approval.removed
    unasked = 0 if require_approval else approval.rows.count(None)
    who = {} if unasked else {"approved_by": approval.by, "approved_at": approval.at, "reason": approval.why}
    plan.attrs["exotel_frames"]["plan"] |= {**who, "left": left, "approved_rows": approved_rows(plan)}
    plan.attrs["exotel_frames"]["path"] = str(file)
    if progress and (left or require_approval or (unasked and "yes" in approval.rows)):
        print(_saved_line(file.name, left, unasked, approval))  # noqa: T201
    return plan


def _saved_line(file: str, left: int, unasked: int, approval: Approval) -> str:
    """Say how many rows are taken, who approved them, and why the others are left; an open row is no yes."""
    rows, by = len(approval.rows) + approval.removed, f" by {approval.by}" if approval.by else ""
    said = {answer: approval.rows.count(answer) for answer in ("yes", "no", None, "removed")}
    open_rows, removed = said[None] - unasked, said["removed"] + approval.removed
    counts = {"say no": said["no"], "are open": open_rows, "were removed": removed}
    parts = [f"{number:,} {_SINGULAR[what] if number == 1 else what}" for what, number in counts.items() if number]
    rest = f"; {pluralize(left, 'row')} left ({', '.join(parts)})" if left else ""
    taken = f"{rows - left:,} of {pluralize(rows, 'row')}"
    if not unasked:
        return f"{file}: {taken} approved{by}{rest}."
    yes = f"{said['yes']:,} approved{by}" if said["yes"] else "none approved"
    return f"{file}: {taken} taken, {yes}, {unasked:,} open (require_approval takes none of these){rest}."
