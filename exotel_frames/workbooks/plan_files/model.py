"""The contents of a plan file: the plan's rows as text, their origin, and the approver's answers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import recall
from exotel_frames.frames.compare import blank_to_missing
from exotel_frames.plans import check_plan, conform_plan
from exotel_frames.workbooks.cell_text import column_texts, compact, text_frame
from exotel_frames.workbooks.hidden_sheets import seal, unseal
from exotel_frames.workbooks.preflight.check import inspect

PLAN_SHEET: Final = "plan"
APPROVAL_SHEET: Final = "approval"
HIDDEN_SHEET: Final = "exotel_frames_plan"
APPROVED: Final = "approved"
FORMAT: Final = "exotel_frames plan 1"
SOURCE: Final = "source"
_CONTENT: Final = tuple(column for column in schema.PLAN if column not in {"conflict", "note"})
"""What somebody approves: a conflict may be decided afterwards, for that sends nothing else than what was read."""
_MARK: Final = 16


class Approval(msgspec.Struct, frozen=True):
    """Who approved, when and why; the word for each row (yes, no, removed, or none), in the plan's order.

    `removed` counts the rows of a JSON file that are gone without a trace.
    """

    by: str | None = None
    at: str | None = None
    why: str | None = None
    rows: tuple[str | None, ...] = ()
    removed: int = 0


class PlanFile(msgspec.Struct, frozen=True):
    """A plan's rows by column as text (`conflict` as TRUE and FALSE), and what travels along."""

    plan_id: str
    origin: dict[str, str]
    written_at: str
    tool_version: str
    source: str | None
    columns: dict[str, list[str | None]]

    def frame(self) -> pd.DataFrame:
        """Return the plan frame, with its origin and its id in the attrs."""
        texts = text_frame({name: compact(cells) for name, cells in self.columns.items()})
        plan = conform_plan(texts)
        if SOURCE in texts:
            plan[SOURCE] = texts[SOURCE].array
        about = {"plan_id": self.plan_id, "written_at": self.written_at, "source": self.source}
        plan.attrs["exotel_frames"] = recall(plan) | {"origin": dict(self.origin), "plan": about}
        return plan


def fingerprint(plan_id: str, row: Mapping[str, str | None]) -> str:
    """Return what a row is known by; another text in any of its cells gives another one.

    >>> fingerprint("p1", {"action": "delete"}) == fingerprint("p1", {"action": "update"})
    False
    """
    return hashlib.sha256(msgspec.json.encode([plan_id, sorted(row.items())])).hexdigest()[:16]


def plan_file_of(plan: pd.DataFrame, *, now: datetime) -> PlanFile:
    """Return what a plan is as a file; a plan with problems is refused as `apply_plan` refuses it."""
    made = check_plan(plan)
    columns = {name: column_texts(made[name]) for name in schema.PLAN}
    if SOURCE in plan:
        columns[SOURCE] = column_texts(plan[SOURCE])
    about = recall(plan)
    path = about.get("path")
    return PlanFile(
        plan_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        origin={key: str(value) for key, value in (about.get("origin") or {}).items()},
        written_at=now.isoformat(timespec="seconds"),
        tool_version=version("exotel_frames"),
        source=Path(path).name if isinstance(path, str) else None,
        columns=columns,
    )


def checksum(plan: PlanFile, rows: int) -> str:
    """Return what a plan's account, time, source and number of rows are known by.

    >>> whole = PlanFile("p1", {"account_sid": "acme1"}, "2026-11-25T12:00:00+00:00", "0.1", None, {"action": ["none"]})
    >>> checksum(whole, 1) == checksum(whole, 2)
    False
    """
    about = [plan.plan_id, sorted(plan.origin.items()), plan.written_at, plan.source, [*plan.columns], rows]
    return hashlib.sha256(msgspec.json.encode(about)).hexdigest()


def approved_rows(plan: pd.DataFrame) -> str:
    """Return marks of the rows of a plan, one behind the other: one text, because pandas copies `attrs` at every step.

    >>> plan = pd.DataFrame(dict.fromkeys(_CONTENT, ["x"])).assign(date_updated=pd.NaT)
    >>> len(approved_rows(plan))
    16
    """
    return "".join(_marks(plan))


def not_as_approved(plan: pd.DataFrame, approved: str) -> list[str]:
    """Return the names of the rows that are not among those that were approved: changed since, or added.

    >>> plan = pd.DataFrame(dict.fromkeys(_CONTENT, ["x"])).assign(date_updated=pd.NaT)
    >>> marks = approved_rows(plan)
    >>> not_as_approved(plan, marks), not_as_approved(plan.assign(status="y"), marks)
    ([], ['x'])
    """
    known = {approved[at : at + _MARK] for at in range(0, len(approved), _MARK)}
    return [str(name) for name, mark in zip(plan[schema.NAME], _marks(plan), strict=True) if mark not in known]


def _marks(plan: pd.DataFrame) -> list[str]:
    cells = plan[list(_CONTENT)].assign(**{field: blank_to_missing(plan[field]) for field in schema.FIELDS})
    return [f"{number:0{_MARK}x}" for number in pd.util.hash_pandas_object(cells, index=False).tolist()]


def pack(plan: PlanFile) -> list[tuple[str, str]]:
    """Return the hidden sheet's rows: a format, a sentence, and the plan with its checksum in pieces.

    >>> whole = PlanFile("p1", {}, "2026-11-25T12:00:00+00:00", "0.1", None, {"action": ["none"]})
    >>> unpack(pack(whole), "plan.xlsx") == whole
    True
    """
    return seal(
        FORMAT, "Please leave this sheet as it is: it proves that the approved plan is the plan as written.", plan
    )


def unpack(rows: Sequence[Sequence[Any]], file: str) -> PlanFile:
    """Return the plan that a hidden sheet holds, or refuse a sheet that was changed."""
    try:
        plan: PlanFile = unseal(rows, FORMAT, PlanFile, file)
    except ValueError:
        raise WorkbookError(
            f"{file} can't be read: its hidden sheet {HIDDEN_SHEET} was changed. Write the plan again."
        ) from None
    return plan


def is_plan_workbook(path: str | Path) -> bool:
    """Tell whether a workbook is one of `write_plan`.

    >>> is_plan_workbook("sample_data/new_subscribers.xlsx")
    False
    """
    return HIDDEN_SHEET in inspect(path).sheets
