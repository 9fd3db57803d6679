"""Workbooks and tenants: write one that knows where it comes from, and plan what its edits mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from exotel_frames import workbooks
from exotel_frames.api.client import Client
from exotel_frames.errors import WorkbookError
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import other_account
from exotel_frames.plans import plan_changes, with_new_fields
from exotel_frames.runs.progress import Listener

NAME = "subscriber_name"


def write_workbook(frame: pd.DataFrame, path: str | Path, *, client: Client | None = None) -> None:
    """Write subscribers to an Excel workbook that keeps every name, and remembers what it was made from.

    `frame` is what `load_subscribers` returned, or a part of it; more columns become people's own. The account is that
    of `client`, or what the frame remembers. Raises WorkbookError, naming each cell a workbook can't hold.

    >>> write_workbook(load_subscribers(client, progress=False), "audit.xlsx")
    """
    origin = client.settings.origin if client else frame.attrs.get("exotel_frames", {}).get("origin")
    workbooks.write_workbook(frame, path, origin=origin)


def plan_workbook(
    client: Client, path: str | Path, *, sheet: str | None = None, progress: bool | Listener = True
) -> pd.DataFrame:
    """Plan what a workbook's edits mean for the tenant as it is now: a plan frame for `apply_plan`.

    A workbook that `write_workbook` made carries its own base: what others changed since is kept, and what both changed
    differently is a conflict. A hand-made one gives a two-way plan, and says so. A row that is absent deletes nobody;
    the action `delete` does. `sheet` is needed where several visible sheets have a column subscriber_name. Raises
    WorkbookError for cells that a spreadsheet has changed, and for another account's workbook.

    >>> plan_workbook(client, "audit.xlsx", progress=False).empty
    True
    """
    edited, base = workbooks.read_with_base(path, sheet=sheet)
    _check_kind(Path(path).name, set(edited.columns))
    if base:
        _check_account(client, Path(path).name, base.origin)
    elif progress is True:
        print(f"{Path(path).name} carries no base: what others changed meanwhile can't be told (two-way plan).")  # noqa: T201
    names = edited[NAME].dropna().unique().tolist()
    current = read_current(client, names, progress=progress)
    return plan_changes(current, edited, base=with_new_fields(base.frame, current) if base else None)


def _check_kind(file: str, columns: set[str]) -> None:
    """Refuse a file that is no list of subscribers: what a run did would be planned once more."""
    if {"outcome", "run_id", "attempts"} <= columns:
        raise WorkbookError(f"{file} holds the results of a run, and no edits: plan the workbook that they came from.")
    if {"status_from", "conflict"} <= columns:
        raise WorkbookError(f"{file} holds a plan already: apply_plan(client, read_workbook(…)) applies it.")


def _check_account(client: Client, file: str, origin: Mapping[str, Any]) -> None:
    other = other_account(client, origin)
    if other:
        raise WorkbookError(
            f"{file} was written from {other}, and this client is {client.settings.label}. "
            "Connect to that account, or write a workbook from this one."
        )
