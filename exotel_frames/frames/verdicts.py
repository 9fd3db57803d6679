"""What became of each row, written beside it in the workbook it came from; all that people did to the file stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from exotel_frames.errors import WorkbookError
from exotel_frames.frames.atomic import check_ending, replacing
from exotel_frames.frames.grid import NAME
from exotel_frames.frames.inputs import need_columns
from exotel_frames.frames.marking import Marks, marked
from exotel_frames.frames.preflight import inspect, read_bytes
from exotel_frames.frames.tables import verdicts
from exotel_frames.frames.words import counted, listed, printable, shown
from exotel_frames.frames.workbook_read import read_workbook
from exotel_frames.records import Verdict

_MESSAGE_MAX: Final = 2_000
_DONE: Final = {"create": "created", "update": "updated", "delete": "deleted"}
_MEANING: Final = {
    "unchanged": "nothing to do: it is like that already",
    "rejected": "the service said no",
    "invalid": "not sent: the row breaks a rule",
    "conflict": "not sent: the subscriber changed meanwhile",
    "unknown": "sent, and the answer was lost: resume the run to settle it",
    "not_sent": "not sent: resume the run to send it",
}


def write_verdicts(
    path: str | Path, results: pd.DataFrame, *, out: str | Path | None = None, sheet: str | None = None
) -> None:
    """Write outcome and message of each result beside its row in the workbook, or in a copy of it (`out`).

    Rows are found by subscriber_name (a name's first result goes to its first row), however it was sorted. A second
    call replaces the two columns of the first. Comments, colours, lists, filters, people's own columns and the
    hidden sheet stay. Results of deletes whose row was removed go to a sheet "other verdicts".

    Errors: one `WorkbookError`, and the file is as it was, when results and rows can't be told apart or don't belong
    together, or when the file has something that would be lost (pictures, charts, threaded comments …): write to a copy
    then, `out="copy.xlsx"`.

    >>> import tempfile
    >>> from exotel_frames.frames.tables import results_frame
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
    frame = read_workbook(source, sheet=sheet)
    about = frame.attrs["exotel_frames"]
    names = [None if pd.isna(name) else str(name) for name in frame[NAME]]
    marks = _pair(source.name, dict(zip(about["row_numbers"], names, strict=True)), verdicts(results))
    new = marked(inspected, about["sheet"], marks, keep_all=in_place)
    with replacing(target) as file:
        file.write(new)
        if in_place and read_bytes(source) != inspected.data:
            raise WorkbookError(f"{source.name} was changed meanwhile: nothing was written. Call again.")


def _pair(file: str, names: Mapping[int, str | None], results: Sequence[Verdict]) -> Marks:
    places: dict[str | None, list[int]] = defaultdict(list)
    for number, name in names.items():
        places[name].append(number)
    by_name: dict[str | None, list[Verdict]] = defaultdict(list)
    for verdict in results:
        by_name[verdict.subscriber_name].append(verdict)
    others = [each for name, found in by_name.items() if name not in places for each in found]
    strangers = [each.subscriber_name for each in others if each.action != "delete"]
    unclear = [name for name, found in by_name.items() if name in places and len(places[name]) != len(found)]
    faults = [*_strange(strangers), *_unclear(unclear, places, by_name)]
    if faults:
        raise WorkbookError(f"{file} and the results don't belong together: {'; '.join(faults)}. Nothing was written.")
    rows = {
        number: _told(verdict)
        for name, found in by_name.items()
        if name in places
        for number, verdict in zip(places[name], found, strict=True)
    }
    return Marks(rows, [(each.subscriber_name or "", each.action, *_told(each)) for each in others])


def _strange(names: Sequence[str | None]) -> list[str]:
    if not names:
        return []
    told = listed([shown(name) for name in names[:5]], len(names))
    return [f"{counted(len(names), 'result')} have no row in the sheet ({told})"]


def _unclear(
    names: Sequence[str | None], places: Mapping[str | None, list[int]], by_name: Mapping[str | None, list[Verdict]]
) -> list[str]:
    return [
        f"{shown(name)} is in {counted(len(places[name]), 'row')} ({listed([str(row) for row in places[name][:5]])}) "
        f"and has {counted(len(by_name[name]), 'result')}"
        for name in names[:5]
    ]


def _told(verdict: Verdict) -> tuple[str, str]:
    said = ": ".join(text for text in (verdict.error_message, verdict.error_description) if text)
    meaning = _DONE.get(verdict.action, "done") if verdict.outcome == "done" else _MEANING.get(verdict.outcome, "")
    request = f" (request {verdict.request_id})" if verdict.request_id else ""
    return verdict.outcome, printable(f"{said or meaning}{request}", _MESSAGE_MAX)
