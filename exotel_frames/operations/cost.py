"""The cost of a job before it starts, in requests and in minutes at the account's limit; calculated only here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, NamedTuple

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import ValidationError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import need_columns
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.outcomes import OPEN
from exotel_frames.records import Chunk, PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.runner import chunks_of
from exotel_frames.schema import NAME
from exotel_frames.text import pluralize


class Cost(NamedTuple):
    """How many requests something takes if no request is lost, and the minimum number of minutes.

    Parameters
    ----------
    requests : int
        How many requests.
    minutes : float or None
        The minimum number of minutes at the account's limit; None while no rate limit is known.

    Examples
    --------
    >>> print(Cost(1200, 6.0), "|", Cost(1, 0.01), "|", Cost(5, None))
    1,200 requests, at least 6 min at the known limit | 1 request, under a minute | 5 requests, no rate limit known yet
    """

    requests: int
    minutes: float | None

    def __str__(self) -> str:
        return f"{pluralize(self.requests, 'request')}, {self.pace}"

    @property
    def pace(self) -> str:
        """How long it takes, in words."""
        if self.minutes is None:
            return "no rate limit known yet"
        return "under a minute" if self.minutes < 1 else f"at least {ceil(self.minutes):,} min at the known limit"


@takes_client
def estimate(client: Client, plan_or_frame: pd.DataFrame) -> Cost:
    """Return how many requests a plan or a sheet takes, and the minimum number of minutes at the account's limit.

    Nothing is sent. The checks before a run (one listing, or one request for each row) are not counted.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    plan_or_frame : DataFrame
        A plan (rows in conflict, or with nothing to do, cost nothing), the results of a dry run, a frame of devices
        (subscriber_name, platform, device_id: one request each), or a sheet of new subscribers (ten in each request).

    Returns
    -------
    Cost
        Its `requests`, and its `minutes` (None while no rate limit is known).

    Raises
    ------
    ValidationError
        For a frame without subscriber_name.

    Examples
    --------
    >>> plan = pd.DataFrame({"subscriber_name": ["a1", "b2"], "action": "delete", "conflict": False})
    >>> estimate(client, plan).requests
    2
    """
    frame = need_columns(plan_or_frame, [NAME], what="The plan or frame")
    if {"platform", "device_id"} <= set(frame.columns):
        return cost_of(client, len(frame))
    return cost_of(client, requests_for(_chunks(frame)))


def _chunks(frame: pd.DataFrame) -> Sequence[Chunk[PlanRow]]:
    """Return what would be sent, in the chunks of a run."""
    rows = frame
    if "outcome" in rows:
        rows = rows[rows["outcome"].isin(OPEN).to_numpy()]
    if "conflict" in rows:
        if rows["conflict"].dtype != bool:
            raise ValidationError(
                "The plan's column conflict does not hold True and False: read the plan with read_plan."
            )
        rows = rows[~rows["conflict"].to_numpy()]
    action = rows["action"] if "action" in rows else pd.Series("create", index=rows.index)
    status = rows["status"] if "status" in rows else pd.Series(None, index=rows.index, dtype="str")
    cells = zip(action, rows[NAME], status, strict=True)
    planned = [
        PlanRow(row, does, str(name), status=_text(state))
        for row, (does, name, state) in enumerate(cells)
        if does in {"create", "update", "delete"}
    ]
    return chunks_of(planned, key=lambda row: row.action)


def _text(cell: Any) -> str | None:
    return cell if isinstance(cell, str) else None


def requests_for(chunks: Sequence[Chunk[PlanRow]]) -> int:
    """Return how many requests some chunks take when nothing is lost: a POST carries ten, a PUT or DELETE one.

    Who is created inactive takes an update more.
    """
    return sum(
        1 + sum(row.status == "inactive" for row in chunk.rows) if chunk.rows[0].action == "create" else len(chunk.rows)
        for chunk in chunks
    )


def cost_of(client: Client, requests: int) -> Cost:
    """Return what so many requests cost at the account's pace."""
    return Cost(requests, client.limiter.seconds_for(requests) / 60 if client.limiter.limit else None)


def pace_of(client: Client, chunks: Sequence[Chunk[PlanRow]]) -> Callable[[int], float]:
    """Return a function that says how many seconds the rate limit needs for so many of these rows."""
    rows = sum(len(chunk.rows) for chunk in chunks)
    share = requests_for(chunks) / max(rows, 1)
    return lambda left: client.limiter.seconds_for(ceil(left * share))


def dry_results(
    client: Client, to_send: Sequence[PlanRow], settled: Sequence[Verdict], index: pd.Index[Any], *, say: bool
) -> pd.DataFrame:
    """Return the results frame that would come; nothing is sent and nothing is journaled."""
    cost = cost_of(client, requests_for(chunks_of(to_send, key=lambda row: row.action)))
    would = [verdicts.blank(row, "not_sent", message=f"dry run: this would be sent ({row.action})") for row in to_send]
    results = convert.results_frame([*settled, *would], index, attrs=origin_attrs(client))
    return with_cost(client, results, len(to_send), cost, say=say)


def with_cost(client: Client, results: pd.DataFrame, rows: int, cost: Cost, *, say: bool) -> pd.DataFrame:
    """Return a dry run's frame with its cost in the attrs, and print that where `say`."""
    results.attrs["exotel_frames"] |= cost._asdict()
    if say:
        print(f"Dry run, {client.settings.label}: {pluralize(rows, 'row')} would take {cost}.")  # noqa: T201
    return results
