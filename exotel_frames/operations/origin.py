"""Which account a call is for, and which one a frame came from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import StalePlanError, ValidationError, WorkbookError
from exotel_frames.frames.arguments import as_pandas, describe_type, recall
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.text import join_words, quote_names

P = ParamSpec("P")
R = TypeVar("R")


def takes_client(verb: Callable[P, R]) -> Callable[P, R]:
    """Return a verb that says in a sentence when its first argument is no client; all verbs say it alike."""

    @functools.wraps(verb)
    def call(*args: P.args, **options: P.kwargs) -> R:
        if args or "client" in options:
            client = args[0] if args else options["client"]
            if not isinstance(client, Client):
                thing = "None" if client is None else f"a {type(client).__name__}"
                raise ValidationError(
                    f"{verb.__name__}() needs a client first, but this is {thing}. "
                    f"Make one with client = ef.connect(…), and call {verb.__name__}(client, …)."
                )
        return verb(*args, **options)

    return call


def run_id_of(run: Any) -> Any:
    """Return the id of the run that is meant: the id itself, or that of its results or of its row of `list_runs`.

    >>> run_id_of("20260105T1"), run_id_of(pd.DataFrame({"run_id": ["20260105T1", "20260105T1"]}))
    ('20260105T1', '20260105T1')
    """
    run = as_pandas(run)
    if isinstance(run, pd.Series):
        run = run.to_frame().T
    if run is None or isinstance(run, str):
        return run
    if not isinstance(run, pd.DataFrame):
        raise ValidationError(
            f"A run is named by its id, the beginning of its id, or its results; this is {describe_type(run)}. "
            "ef.list_runs(client) has all ids."
        )
    known = run["run_id"].dropna().unique().tolist() if "run_id" in run else []
    if len(known) == 1:
        return known[0]
    if known:
        raise ValidationError(f"These rows belong to {len(known)} runs: {quote_names(known)}. Say which one you mean.")
    raise ValidationError(
        "This frame names no run: it has no run_id (a dry run or empty run has none). ef.list_runs(client) has all."
    )


def origin_attrs(client: Client) -> dict[str, Any]:
    """Return what a frame remembers of its account."""
    return {"exotel_frames": {"origin": client.settings.origin, "snapshots": str(snapshots_folder(client))}}


APPROVAL = ("plan_id", "approved_by", "approved_at", "reason")


def approval_of(plan: pd.DataFrame) -> dict[str, str]:
    """Return which plan this is and who approved it, as far as the frame remembers.

    >>> approval_of(pd.DataFrame())
    {}
    """
    known = recall(plan).get("plan")
    return {key: known[key] for key in APPROVAL if known.get(key)} if isinstance(known, dict) else {}


def snapshots_folder(client: Client) -> Path:
    """Return the folder of the account's snapshots, beside its journal."""
    journal = journal_file(client.settings)
    return journal.parent / "snapshots" / journal.stem


def other_account(client: Client, origin: Mapping[str, Any]) -> str | None:
    """Return which other account an origin names, or None when it is this one or names none.

    A sandbox has another port each time: what tells it from the real service is not its address.
    """
    here = client.settings
    account, place = origin.get("account_sid", here.account_sid), origin.get("base_url", here.base_url)
    if account == here.account_sid and (place.rstrip("/") == here.base_url or not here.live):
        return None
    return origin.get("label") or f"account {account} at {place}"


def origin_of(frame: Any) -> dict[str, Any]:
    """Return which account a frame remembers; empty where it remembers none: merge and concat drop it."""
    origin = recall(frame).get("origin")
    return origin if isinstance(origin, dict) else {}


def check_origin(client: Client, frame: pd.DataFrame, beginning: str) -> None:
    """Refuse a frame of another account; `beginning` is that of the sentence, as "These subscribers are of"."""
    if other := other_account(client, origin_of(frame)):
        raise StalePlanError(
            f"{beginning} {other}, but this client is {client.settings.label}. Nothing was sent. Connect to that "
            "account, or load and plan again for this one."
        )


def check_files(client: Client, origins: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse files, by their names, that were written from another account; one error names them all."""
    others = ((file, other_account(client, origin)) for file, origin in origins.items())
    strangers = [f"{file} was written from {other}" for file, other in others if other]
    if strangers:
        raise WorkbookError(
            f"{join_words(strangers)}, but this client is {client.settings.label}. "
            "Connect to that account, or write workbooks from this one."
        )


def origin_to_write(frame: Any, client: Client | None, *, is_needed: bool = True) -> dict[str, Any]:
    """Return which account a workbook shall say it comes from.

    Errors: a `WorkbookError` where that is not known and `is_needed`, and where the frame comes from another account
    than the client's.
    """
    origin = client.settings.origin if client else origin_of(frame)
    if is_needed and not origin.get("account_sid"):
        raise WorkbookError(
            "The workbook can't be written: the frame does not record which account it comes from (pandas' merge and "
            "concat drop that), and a workbook without an account could be applied to any. Pass client=."
        )
    if client and (other := other_account(client, origin_of(frame))):
        raise WorkbookError(
            f"The workbook can't be written: the frame comes from {other}, not from this client's account."
        )
    return {key: value for key, value in origin.items() if key in {"account_sid", "base_url", "label"}}


def check_account(client: Client, account: str | None) -> None:
    """Refuse an account that was named and is not the client's."""
    if account is not None and account != client.settings.account_sid:
        raise StalePlanError(f"account={account!r}, but this client is {client.settings.label}. Nothing was sent.")
