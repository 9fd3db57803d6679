"""Subscribers by name: one GET each or one listing, whichever costs fewer requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.request_values import check_addressable
from exotel_frames.errors import AuthError, RateLimitedError, RejectedError, ServerError, ValidationError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import names_series, without_attrs
from exotel_frames.frames.part import ANOTHER, NAMELESS, UNREAD
from exotel_frames.frames.row_numbers import about_rows
from exotel_frames.frames.text_column import read_texts
from exotel_frames.operations.execute import as_subscriber, ask_with_progress, read_despite_failures, read_until_failure
from exotel_frames.operations.loading import load_subscribers
from exotel_frames.operations.notes import with_notes
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.operations.own_writes import with_own_writes
from exotel_frames.operations.service_behavior import use_behavior
from exotel_frames.records import PlanRow, Verdict
from exotel_frames.runs import verdicts
from exotel_frames.runs.progress import Listener
from exotel_frames.validation import FORM_RULES, row_messages, validate_names, without_existing

NOT_FOUND = 1000
SUCCESS = range(200, 300)
NOT_LISTED = "There is no such subscriber: the complete listing does not contain it."


@takes_client
def get_subscribers(client: Client, names: Any, *, progress: bool | Listener = True) -> pd.DataFrame:
    """Read subscribers by name; one result row for each name.

    If listing the account costs fewer requests than one GET for each name, the account is listed.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    names : list, Series, Index or DataFrame
        The names; from a frame, its column `subscriber_name` or its only column.
    progress : bool or callable, default True
        True draws a progress bar, or writes a line now and then where a bar can't be drawn; False shows nothing; a
        callable is called with each step, which has `done`, `total` and `remark`.

    Returns
    -------
    DataFrame
        A results frame with the caller's index. Outcomes: `done`; `rejected` (there is no such subscriber, or the
        service refuses to show it); `invalid`; or `not_sent` (the service fails to show this one, but shows others).

    Raises
    ------
    ApiError
        When the service can't be reached, or refuses the request.

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
    found = [each for each in _read(client, rows, progress) if each.row not in askable or not _is_nobody(each)]
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


def without_existing_names(
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
    `attrs["exotel_frames"]["tenant_rows"]` is the tenant's size when it is known, and else less than that. Of whom it
    can't be told whether they exist, `attrs["exotel_frames"]["unread"]` says why.
    """
    names = [name for name in names if isinstance(name, str) and _is_addressable(name)]  # nobody has the others
    asked = [PlanRow(row, "get", name) for row, name in enumerate(names)]
    frame, answers = _look_up(client, asked, progress, is_told=_is_settled)
    if frame is None:
        found = [as_subscriber(each) for each in answers.values() if each.outcome == "done"]
        frame = convert.subscribers_frame([convert.subscriber_batch(found)], attrs=origin_attrs(client))
        rows = rows_a_request(client) * len(names)  # a listing would have cost more than one request a name
    else:
        rows = len(frame)
        frame = _complete_listing(frame, answers.values()) if _has_nameless(frame) else frame
    frame.attrs["exotel_frames"]["tenant_rows"] = rows
    return with_own_writes(client, frame, names, progress=progress)


def _look_up(
    client: Client, rows: Sequence[PlanRow], progress: bool | Listener, *, is_told: Callable[[Verdict], bool]
) -> tuple[pd.DataFrame | None, dict[int, Verdict]]:
    """Return the listing, where the tenant was listed, and by row what was answered about those asked for by name.

    It is listed where that is cheaper, and where an answer does not tell what was asked: a listing that is whole does.
    Where the listing has items that name nobody, who is not in it is asked for by name: one of the items may be his.
    """
    answers: dict[int, Verdict] = {}
    if not listing_is_cheaper(client, len(rows), progress=progress):
        answers = {each.row: each for each in read_until_failure(client, rows, progress) if each.attempts}
        if len(answers) == len(rows) and all(map(is_told, answers.values())):
            return None, answers
    frame = load_subscribers(client, progress=progress)
    if not _has_nameless(frame):
        return frame, answers
    listed = set(frame[schema.NAME])
    left = [row for row in rows if row.subscriber_name not in listed and row.row not in answers]
    asked = read_despite_failures(client, left, progress) if left else []
    return frame, answers | {each.row: each for each in asked}


def _has_nameless(frame: pd.DataFrame) -> bool:
    return NAMELESS in frame.attrs["exotel_frames"]


def _is_settled(verdict: Verdict) -> bool:
    """Tell whether it was seen that a subscriber exists, or that there is none."""
    return verdict.outcome == "done" or _is_nobody(verdict)


def _is_nobody(verdict: Verdict) -> bool:
    """Tell whether it was seen that there is no such subscriber: by an answer, or (no code) by a whole listing."""
    code = verdict.http_code
    return verdict.outcome == "rejected" and (code in schema.NO_SUCH or verdict.error_message == NOT_LISTED)


def _complete_listing(frame: pd.DataFrame, answers: Iterable[Verdict]) -> pd.DataFrame:
    """Return a listing that has items without a name, with whom it lacks: found by name, or not to be read."""
    listed = set(frame[schema.NAME])
    asked = [each for each in answers if each.subscriber_name not in listed]
    found = [as_subscriber(each) for each in asked if each.outcome == "done"]
    unread = {each.subscriber_name: _why(each) for each in asked if not _is_settled(each)}
    fresh = convert.subscribers_frame([convert.subscriber_batch(found)])
    made = pd.concat([without_attrs(frame), fresh], ignore_index=True) if found else frame.copy(deep=False)
    about = {key: frame.attrs["exotel_frames"][key] for key in frame.attrs["exotel_frames"] if key != NAMELESS}
    another = [each.subscriber_name for each in asked if each.outcome == "rejected" and each.http_code in SUCCESS]
    about |= ({UNREAD: unread} if unread else {}) | ({ANOTHER: another} if another else {})
    made.attrs = frame.attrs | {"exotel_frames": about}
    return made


def _why(verdict: Verdict) -> str:
    """Say why a subscriber could not be read."""
    code = f"HTTP {verdict.http_code}: " if verdict.http_code else ""
    said = verdict.error_message or ""
    return said if said.startswith("HTTP ") else code + said


def shows_nobody(row: pd.Series[Any]) -> bool:
    """Tell whether a row of `get_subscribers` says that there is no such subscriber.

    >>> shows_nobody(pd.Series({"error_code": 1000, "error_message": "Not Found"}))
    True
    """
    code = row["error_code"]
    return bool((pd.notna(code) and code == NOT_FOUND) or row["error_message"] == NOT_LISTED)


def rows_a_request(client: Client) -> int:
    """Return how many rows of a listing a request brings: pages share a row, so that nothing is missed between them."""
    use_behavior(client)
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
    frame, answers = _look_up(client, rows, progress, is_told=lambda verdict: verdict.outcome != "not_sent")
    if frame is None:
        return [answers[row.row] for row in rows]
    wanted = frame[frame["subscriber_name"].isin([row.subscriber_name for row in rows])]
    live = {record["subscriber_name"]: record for record in convert.records(wanted)}
    told = (
        answers if _has_nameless(frame) else {row: each for row, each in answers.items() if each.outcome != "not_sent"}
    )
    return [_looked_up_verdict(row, live.get(row.subscriber_name), told.get(row.row)) for row in rows]


def _looked_up_verdict(row: PlanRow, record: dict[str, Any] | None, answer: Verdict | None) -> Verdict:
    """Return what was answered about a name; else what a complete listing says of it.

    Who is missing there has no code: the service was not asked for him.
    """
    if answer and (answer.outcome != "not_sent" or not record):
        return answer
    if record:
        return Verdict(row=row.row, action=row.action, outcome="done", **record)
    return verdicts.blank(row, "rejected", message=NOT_LISTED)
