"""Subscribers by name: one GET each or one listing, whichever costs fewer requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.request_values import check_addressable
from exotel_frames.errors import AuthError, RateLimitedError, RejectedError, ServerError, ValidationError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import names_series, without_attrs
from exotel_frames.frames.row_numbers import about_rows
from exotel_frames.frames.text_column import read_texts
from exotel_frames.operations.execute import ask_with_progress, read_names, read_rows
from exotel_frames.operations.learnt import use_learnt
from exotel_frames.operations.loading import NAMELESS, load_subscribers
from exotel_frames.operations.notes import with_notes
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.operations.own_writes import with_own_writes
from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs.progress import Listener
from exotel_frames.validation import FORM_RULES, row_messages, validate_names, without_existing

NOT_FOUND = 1000
NOT_LISTED = "There is no such subscriber: it is not in the complete listing."


@takes_client
def get_subscribers(client: Client, names: Any, *, progress: bool | Listener = True) -> pd.DataFrame:
    """Read subscribers by name; one result row for each name.

    Where listing the tenant costs fewer requests than one GET a name, it is listed.

    Parameters
    ----------
    client : Client
        The connection: what `connect` returned.
    names : list, Series, Index or DataFrame
        The names; of a frame its column `subscriber_name`, or its only column.
    progress : bool or callable, default True
        Draw a bar, or write a line now and then where none can be drawn (True); say nothing (False); or call this with
        each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame with the caller's index: `done`, `rejected` (there is none of that name) or `invalid`.

    Raises
    ------
    ApiError
        When the service can't be reached, or says no.

    Examples
    --------
    >>> get_subscribers(client, ["0000000000000000"], progress=False)[["outcome", "error_code"]].values.tolist()
    [['rejected', 1000]]
    """
    column = names_series(names)
    problems = validate_names(column)
    problems = problems[problems["rule"] != "repeated"]  # asking twice does no harm
    messages = row_messages(problems)
    cells = read_texts(column)
    askable = askable_rows(column, problems)
    rows = [PlanRow(row, "get", name) for row, name in enumerate(column) if row not in messages or row in askable]
    found = [each for each in _read(client, rows, progress) if each.row not in askable or each.outcome != "rejected"]
    answered = {each.row for each in found}
    invalid = [_invalid(row, cells.shown(row), messages[row]) for row in messages if row not in answered]
    results = convert.results_frame([*invalid, *found], column.index, attrs=origin_attrs(client))
    about_rows(column, results)
    return with_notes(results, say=progress is True)


def askable_rows(column: pd.Series[Any], problems: pd.DataFrame) -> set[int]:
    """Return the rows with names that could not be created but may exist: only the service knows."""
    is_formal = problems["rule"].isin(FORM_RULES)
    wrong = problems[~is_formal & ~problems["rule"].isin(schema.WARNING_RULES)]
    rows = set(problems.loc[is_formal.to_numpy(), "row"].tolist()) - set(wrong["row"].tolist())
    return {row for row in rows if _is_addressable(column.iloc[row])}


def without_held(
    client: Client, column: pd.Series[Any], problems: pd.DataFrame, *, progress: bool | Listener = True
) -> pd.DataFrame:
    """Return the problems without those of illegal names that exist; the service is asked only about illegal names."""
    askable = [column.iloc[row] for row in sorted(askable_rows(column, problems))]
    return without_existing(problems, column, read_current(client, askable, progress=progress)) if askable else problems


def _is_addressable(name: str) -> bool:
    try:
        check_addressable(name)
    except ValidationError:
        return False
    return True


def _invalid(row: int, name: str | None, message: str) -> Verdict:
    return Verdict(row=row, subscriber_name=name, action="get", outcome="invalid", error_message=message)


def read_current(client: Client, names: Sequence[str], *, progress: bool | Listener = True) -> pd.DataFrame:
    """Return a subscribers frame that has each of the names that exists, for as few requests as can be.

    No row is older than what this account's own runs have written.
    `attrs["exotel_frames"]["tenant_rows"]` is the tenant's size when it is known, and else less than that.
    """
    names = [name for name in names if isinstance(name, str) and _is_addressable(name)]  # nobody has the others
    if listing_is_cheaper(client, len(names), progress=progress):
        frame, rows = _listed_with(client, names, progress)
    else:
        frame, rows = _read_each(client, names, progress)
    frame.attrs["exotel_frames"]["tenant_rows"] = rows
    return with_own_writes(client, frame, names, progress=progress)


def _listed_with(client: Client, names: Sequence[str], progress: bool | Listener) -> tuple[pd.DataFrame, int]:
    """List the tenant, and return it with its size.

    Where the listing has items without a name, who is not in it is read by name: one of the items may be his.
    """
    frame = load_subscribers(client, progress=progress)
    rows = len(frame)
    absent = _absent(frame, names) if _has_nameless(frame) else []
    found = read_names(client, absent, progress) if absent else []
    if found:
        attrs = frame.attrs
        fresh = convert.subscribers_frame([convert.subscriber_batch(found)])
        frame = pd.concat([without_attrs(frame), fresh], ignore_index=True)
        frame.attrs = attrs
    return frame, rows


def _has_nameless(frame: pd.DataFrame) -> bool:
    return NAMELESS in frame.attrs["exotel_frames"]


def _absent(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    present = set(frame.loc[frame[schema.NAME].isin(names), schema.NAME])
    return [name for name in names if name not in present]


def _read_each(client: Client, names: Sequence[str], progress: bool | Listener) -> tuple[pd.DataFrame, int]:
    """Read each by name, and return them with a size that the tenant has at least; list it where some can't be read.

    Who can't be read may exist: taken for absent, it would be created, or called deleted.
    """
    found = read_names(client, names, progress)
    if found is None:
        frame = load_subscribers(client, progress=progress)
        return frame, len(frame)
    frame = convert.subscribers_frame([convert.subscriber_batch(found)], attrs=origin_attrs(client))
    return frame, rows_a_request(client) * len(names)  # a listing would have cost more than one request a name


def rows_a_request(client: Client) -> int:
    """Return how many rows of a listing a request brings: pages share a row, so that nothing is missed between them."""
    use_learnt(client)
    return max(1, client.page_size.given - 1)


def listing_is_cheaper(client: Client, names: int, *, progress: bool | Listener = False) -> bool:
    """Tell whether listing the tenant takes no more requests than one GET a name; asks the service once.

    A page that shows a row there proves a tenant of more rows; whatever else is answered proves nothing, and the tenant
    is listed: a share of it is only computed from a size that is known.
    """
    if names <= 1:
        return False
    offset = rows_a_request(client) * names
    try:
        page = ask_with_progress(
            client,
            lambda stoppable: stoppable.list_page(offset=offset, page_size=1).data,
            progress=progress,
        )
    except RejectedError as problem:
        if isinstance(problem, AuthError | RateLimitedError | ServerError):
            raise
        return True  # this service refuses an offset past the end: the tenant has fewer rows than that
    return not page.rows


def _read(client: Client, rows: list[PlanRow], progress: bool | Listener) -> list[Verdict]:
    if not listing_is_cheaper(client, len(rows), progress=progress):
        return read_rows(client, rows, progress)
    frame = load_subscribers(client, progress=progress)
    wanted = frame[frame["subscriber_name"].isin([row.subscriber_name for row in rows])]
    live = {record["subscriber_name"]: record for record in convert.records(wanted)}
    absent = [row for row in rows if row.subscriber_name not in live] if _has_nameless(frame) else []
    asked = {verdict.row: verdict for verdict in (read_rows(client, absent, progress) if absent else [])}
    return [asked.get(row.row) or _listed(row, live.get(row.subscriber_name)) for row in rows]


def _listed(row: PlanRow, record: dict[str, Any] | None) -> Verdict:
    """Return what a complete listing says of a name; the missing one has no code: the service was not asked for it."""
    if record:
        return Verdict(row=row.row, action=row.action, outcome="done", **record)
    return Verdict(
        row=row.row,
        subscriber_name=row.subscriber_name,
        action=row.action,
        outcome="rejected",
        error_message=NOT_LISTED,
    )
