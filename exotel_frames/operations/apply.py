"""Plans against a tenant: applies one within limits, after reading it again; and makes the plan that undoes a run."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd
from msgspec import structs

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.errors import PlanError, StalePlanError
from exotel_frames.frames.arguments import as_pandas, recall
from exotel_frames.frames.row_numbers import about_rows
from exotel_frames.operations.cost import dry_results
from exotel_frames.operations.engine import job_of, open_journal, run_job
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import (
    approval_of,
    check_account,
    check_origin,
    origin_of,
    run_id_of,
    takes_client,
)
from exotel_frames.outcomes import MAY_BE_DONE
from exotel_frames.plans import (
    NEEDED,
    check_limits,
    check_rows,
    conform_plan,
    keep_unplanned,
    mark_stale,
    plan_undo_frame,
)
from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize, quote_names
from exotel_frames.workbooks import not_as_approved


@takes_client
def apply_plan(
    client: Client,
    plan: pd.DataFrame,
    *,
    dry_run: bool = False,
    max_deletes: int = 0,
    max_share: float = 0.3,
    account: str | None = None,
    progress: bool | Listener = True,
) -> pd.DataFrame:
    """Apply a plan frame; return one result row for each plan row, with the plan's index.

    Before the run begins, every row is compared with the current subscriber: if it has changed since the plan was made,
    the row becomes `conflict`; if it is already as planned, `unchanged`. So a plan that is applied twice changes
    nothing the second time. For a plan from `read_plan`, the journal records its id and who approved it: `list_runs`
    shows them.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    plan : DataFrame
        A plan frame, or a part of it: dropped rows are not applied.
    dry_run : bool, default False
        Send no writes, and return a preview of the results: rows that would be sent are `not_sent`. Its
        `attrs["exotel_frames"]` has `requests` and `minutes` (None while no rate limit is known).
    max_deletes : int, default 0
        How many deletes the plan may contain.
    max_share : float, default 0.3
        The share of the account's subscribers that the plan may change, from 0 to 1.
    account : str, optional
        The SID of the account that the plan is for, if the plan names none: pandas drops it in a merge or concat; a CSV
        file and a hand-made workbook have none. It must be the client's account.
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame: as many rows as `plan`, in its order, with its index.

    Raises
    ------
    ValidationError
        When the plan has problems. This error and the next three are raised before the first request that writes.
    StalePlanError
        When the plan was made for another account, or names no account and `account` is not given.
    PlanError
        When there are conflicts, or when a row is not as it was approved.
    UnsafePlanError
        When the plan deletes more than `max_deletes`, or changes more than `max_share`; the message says which argument
        allows it.
    JournalError
        When the run can't be recorded, or (RunLockedError) another run on the account is in progress; nothing is sent.
    AuthError
        When the key, the token or the account is wrong; `.results` has the rows so far.
    RunInterrupted
        When it is stopped by hand; `.results` has the rows so far, and the message has the call that continues the run.

    Examples
    --------
    >>> plan = plan_changes(load_subscribers(client, progress=False), pd.DataFrame({"subscriber_name": ["priya07"]}))
    >>> apply_plan(client, plan, progress=False)[["action", "subscriber_name", "outcome"]].values.tolist()
    [['create', 'priya07', 'done']]
    """
    plan = as_pandas(plan)
    made = conform_plan(plan)

    @functools.cache
    def live_now() -> pd.DataFrame:
        check_account(client, account)
        _check_origin(client, plan, account)
        return read_current(client, made.loc[made["action"] != "none", NAME].tolist(), progress=progress)

    # who could not be created is looked for before the plan is judged: by the same reading as everybody else
    check_rows(made, plan[NAME], existing=lambda _: live_now()[NAME])
    _check_approval(plan, made)
    live = live_now()
    guarded = mark_stale(keep_unplanned(made, live), live)
    found_now = guarded["conflict"] & ~made["conflict"]
    tenant_rows = live.attrs["exotel_frames"]["tenant_rows"]
    check_limits(
        guarded[~found_now], tenant_rows, max_deletes=max_deletes, max_share=max_share, label=client.settings.label
    )
    job = job_of("apply", guarded)
    if dry_run:
        return about_rows(plan[NAME], dry_results(client, job.to_send, job.settled, plan.index, say=progress is True))
    results = about_rows(
        plan[NAME], run_job(client, job, index=plan.index, progress=progress, options=approval_of(plan))
    )
    planned = recall(plan).get("planned")
    results.attrs["exotel_frames"] |= {"planned": planned} if planned is not None else {}
    return results


@takes_client
def plan_undo(client: Client, run_id: str | pd.DataFrame, *, progress: bool | Listener = True) -> pd.DataFrame:
    """Plan the undo of a run, last row first; review it, and apply it like any other plan.

    Each note begins with exact, lossy (a re-created subscriber has a new date_created and no tokens) or impossible.
    A subscriber that was changed since the run is a conflict: drop those rows, or decide them.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    run_id : str or DataFrame
        The run, the beginning of its id, or the results frame of the run. Of a part of the results only those
        subscribers are planned.
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A plan frame for `apply_plan`.

    Raises
    ------
    JournalError
        When there is no such run on this machine.
    ApiError
        When the service can't be read.

    Examples
    --------
    >>> run_id = list_runs(client)["run_id"].iloc[0]
    >>> plan_undo(client, run_id, progress=False)[["action", "subscriber_name"]].values.tolist()
    [['delete', 'priya07']]
    """
    with open_journal(client, read_only=True) as journal:
        run = journal.find(run_id_of(run_id))
        rows, found = journal.plan_rows(run.run_id), journal.verdicts(run.run_id)
    did = pd.DataFrame(
        [_before_and_after(row, verdict) for row, verdict in zip(rows, found, strict=True)], columns=list(NEEDED)
    )
    did = _of_results(did, run_id)
    touched = did.loc[did["outcome"].isin(MAY_BE_DONE), NAME].tolist()
    return plan_undo_frame(did, read_current(client, touched, progress=progress))


def _of_results(did: pd.DataFrame, run: Any) -> pd.DataFrame:
    """Return the rows of a run that its results still contain: who has dropped some wants them to stay."""
    results = as_pandas(run)
    if not isinstance(results, pd.DataFrame) or NAME not in results:  # an id, or a row of `list_runs`
        return did
    return did[did[NAME].isin(results[NAME])].reset_index(drop=True)


def _before_and_after(row: PlanRow, verdict: Verdict) -> dict[str, Any]:
    """Return a row as it was planned, and as the run left it."""
    gone = verdict.action == "delete"
    outcome = "done" if _has_created(verdict) else verdict.outcome
    left = {} if gone else {name: getattr(verdict, name) for name in schema.STATE}
    return structs.asdict(row) | {"outcome": outcome} | left


def _has_created(verdict: Verdict) -> bool:
    """Tell whether the first step of a create is done, whatever became of the second: it shows when it was created."""
    return verdict.action == "create" and verdict.outcome == "unknown" and verdict.date_created is not None


def _check_approval(plan: pd.DataFrame, made: pd.DataFrame) -> None:
    """Refuse a plan with an approver and a row that was not approved: the journal would say that it was."""
    known = recall(plan).get("plan")
    if not isinstance(known, dict) or not known.get("approved_by") or not isinstance(known.get("approved_rows"), str):
        return
    names = not_as_approved(made, known["approved_rows"])
    if names:
        raise PlanError(
            f"The plan is not the one that {known['approved_by']} approved. Changed or added since read_plan: "
            f"{pluralize(len(names), 'row')} ({quote_names(names)}). Nothing was sent. Read it again (you may drop "
            "rows and decide conflicts), or write this plan with write_plan and have it approved.",
            made[made[NAME].isin(names)],
        )


def _check_origin(client: Client, plan: pd.DataFrame, account: str | None) -> None:
    """Refuse a plan that remembers another account; and one that names none, unless the caller says which."""
    file = recall(plan).get("names_no_account")
    if account is None and (file or not origin_of(plan).get("account_sid")):
        what = f"{file}, from which this plan was made, names" if file else "This plan names"
        raise StalePlanError(
            f"{what} no account, so it could be meant for any account. Nothing was sent. If it is for "
            f"{client.settings.label}, "
            f"say so: apply_plan(client, plan, account={client.settings.account_sid!r}), or in a terminal "
            f"--account-sid {client.settings.account_sid}."
        )
    check_origin(client, plan, "This plan was made for")
