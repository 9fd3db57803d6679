"""What became of each row, written beside it in the workbook it came from; all that people did to the file stays."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import need_columns
from exotel_frames.frames.convert import conform
from exotel_frames.frames.row_numbers import RowNumbers
from exotel_frames.workbooks.addresses import NAME
from exotel_frames.workbooks.atomic import check_ending, replacing
from exotel_frames.workbooks.preflight.check import inspect, read_bytes
from exotel_frames.workbooks.reading.workbook import read_inspected
from exotel_frames.workbooks.verdicts.annotate import Annotations, annotate
from exotel_frames.workbooks.verdicts.match_rows import match_rows
from exotel_frames.workbooks.verdicts.messages import messages


def write_verdicts(
    path: str | Path, results: pd.DataFrame, *, out: str | Path | None = None, sheet: str | None = None
) -> None:
    """Write outcome and message of each result beside its row in the workbook, or in a copy of it (`out`).

    A result's row is the one it was read from, where index and names prove which one that is: then a name that was
    mended in pandas (`"bob "` was sent as `"bob"`) is found too. Else rows are found by subscriber_name, however the
    sheet was sorted meanwhile. What an update changed is told as before → after; before is what the workbook said when
    it was written. A second call replaces the two columns of the first. Comments, colours, lists, filters, people's own
    columns and the hidden sheet stay. Results of deletes whose row was removed go to a sheet "other verdicts".

    Errors: one `WorkbookError`, and the file is as it was, when results and rows can't be told apart or don't belong
    together, or when the file has something that would be lost (pictures, charts, threaded comments …): write to a copy
    then, `out="copy.xlsx"`.

    >>> import tempfile
    >>> from exotel_frames.frames.convert import results_frame
    >>> from exotel_frames.workbooks import read_workbook
    >>> from exotel_frames.records import Verdict
    >>> results = results_frame([Verdict(row=0, subscriber_name="AaravSharma", action="create", outcome="done")])
    >>> copied = Path(tempfile.mkdtemp(), "new.xlsx")
    >>> write_verdicts("sample_data/new_subscribers.xlsx", results, out=copied)
    >>> read_workbook(copied).loc[0, ["subscriber_name", "outcome", "message"]].tolist()
    ['AaravSharma', 'done', 'created']
    """
    source, target = Path(path), Path(out or path)
    check_ending(target)
    need_columns(results, ["row", NAME, "action", "outcome"], what="The result frame")
    inspected = inspect(source)
    in_place = target.resolve() == source.resolve()
    frame, base = read_inspected(inspected, sheet)
    about = frame.attrs["exotel_frames"]
    del frame  # its names are enough, and the workbook itself takes room
    marks = _marks(source.name, about["row_numbers"], conform(results, "results"), base.frame if base else None)
    new = annotate(inspected, about["sheet"], marks, keep_all=in_place)
    with replacing(target) as file:
        file.write(new)
        if in_place and read_bytes(source) != inspected.data:
            raise WorkbookError(f"{source.name} was changed meanwhile: nothing was written. Call again.")


def _marks(file: str, numbers: RowNumbers, results: pd.DataFrame, base: pd.DataFrame | None) -> Annotations:
    told = list(zip(results["outcome"].fillna("").tolist(), messages(results, base), strict=True))
    numbered, others = match_rows(file, numbers, results, told)
    names, actions = results[NAME].fillna("").tolist(), results["action"].fillna("").tolist()
    return Annotations(
        {number: told[at] for number, at in numbered.items()}, [(names[at], actions[at], *told[at]) for at in others]
    )
