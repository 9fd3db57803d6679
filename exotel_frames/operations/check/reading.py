"""What can be observed by reading, in at most twelve requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any, Final

from exotel_frames.api.wire import moment
from exotel_frames.operations.check.probe import Answer, Probe
from exotel_frames.records import instant
from exotel_frames.schema import SUBSCRIBERS

Seen = dict[str, str]
"""What was observed of an assumption: `holds`, or the name of the variant, and after a colon a detail."""

REQUESTS_MAX: Final = 12
_PAGE: Final = 100
_FAR: Final = 10_000_000
_FEW: Final = 3
_ENOUGH: Final = 10
_MOST: Final = 0.6
_FORMS: Final = {
    "holds": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d",
    "utc": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "millis": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+([+-]\d\d:\d\d|Z)",
    "no_offset": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?",
    "rfc2822": r"[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} .*",
    "epoch": r"\d{9,14}",
}
_KNOWN: Final = (
    {"request_id", "method", "http_code", "metadata", "response"},
    {"code", "error_data", "status", "data"},
    set(SUBSCRIBERS),
)


def read_assumptions(probe: Probe, *, live: bool) -> Seen:
    """Look at some pages and one subscriber; what could not be observed is left out."""
    plain, full = probe.page(""), probe.page(f"page_size={_PAGE}")
    if plain is None or full is None:
        return {}
    seen: Seen = {}
    if probe.answers[0].is_empty_first:
        seen["pages"] = "empty_first"
    rows = full.rows or plain.rows
    seen |= _pages(probe, plain, full, seen)
    seen |= _listing(probe, plain, full, rows)
    everybody = {str(row["subscriber_name"]): row for answer in probe.answers for row in answer.rows}
    seen |= _rows(list(everybody.values())) | _headers(probe, live=live)
    if any(_has_more(answer) for answer in probe.answers):
        seen["extra_fields"] = "present"
    elif probe.answers:
        seen["extra_fields"] = "holds"
    return seen


def _pages(probe: Probe, plain: Answer, full: Answer, seen: Seen) -> Seen:
    """See how large a page may be, how full it is, and how it names its neighbours."""
    few, over = probe.page(f"page_size={_FEW}"), probe.page(f"page_size={_PAGE + 1}")
    most_rows = max(len(plain.rows), len(full.rows))
    if few is None or over is None or most_rows <= _FEW:
        return {}
    is_short = len(few.rows) < _FEW
    cap, links = _cap(plain, full, over, is_short=is_short), _links(few)
    is_whole = full.ok and not (len(full.rows) < _PAGE and cap != "holds")
    if links == "holds" and is_whole and not is_short and (last := _last_page(probe, full)):
        links = "to_empty_page" if last.next_query is not None else "holds"
    return {"pages": seen.get("pages") or ("short" if is_short else "holds"), "page_cap": cap, "links": links}


def _cap(plain: Answer, full: Answer, over: Answer, *, is_short: bool) -> str:
    if not full.ok:
        return f"refused{len(plain.rows)}: a page of {_PAGE} is refused with {full.http_code}"
    if not over.ok:
        return "holds"
    if len(over.rows) > _PAGE:
        return f"raised: a page of {_PAGE + 1} had {len(over.rows)}"
    more = full.next_query is not None and not is_short
    clamp = f"clamped{len(full.rows)}" if more and len(full.rows) < _PAGE else "clamped"
    return f"{clamp}: a page of {_PAGE + 1} had {len(over.rows)}"


def _links(few: Answer) -> str:
    if few.metadata is None:
        return "absent"
    link = few.metadata.get("next_page_uri")
    if link is None:
        return "null"
    return "holds" if str(link).startswith("/") else "absolute"


def _last_page(probe: Probe, full: Answer) -> Answer | None:
    """Find the last page, when it is among the first three."""
    answer: Answer | None = full
    for at in (1, 2, 3):
        if answer is None or not answer.rows or len(answer.rows) < _PAGE:
            return answer if answer and answer.rows else None
        answer = probe.page(f"page_size={_PAGE}&offset={at * _PAGE}")
    return answer if answer and 0 < len(answer.rows) < _PAGE else None


def _listing(probe: Probe, plain: Answer, full: Answer, rows: list[dict[str, Any]]) -> Seen:
    """See the order of a listing, its end and its filter."""
    found: Seen = {}
    if order := _order(rows):
        found["order"] = order
    if ties := _ties(plain.rows, full.rows):
        found["ties"] = ties
    if far := probe.page(f"page_size={_FEW}&offset={_FAR}"):
        found["offset_past_end"] = "holds" if far.ok else str(far.http_code)
    filtered = probe.page("status=inactive")
    if filtered and not filtered.ok:
        found["status_filter"] = f"refused: {filtered.http_code}"
    elif filtered and any(row.get("status") != "inactive" for row in filtered.rows):
        found["status_filter"] = "ignored: subscribers with another status are listed"
    elif filtered and any(row.get("status") != "inactive" for row in rows):
        found["status_filter"] = "holds"
    return found


def _order(rows: list[dict[str, Any]]) -> str | None:
    dates = [epoch_s(row.get("date_created")) for row in rows]
    known = [date for date in dates if date is not None]
    if len(known) < len(dates) or len(set(known)) < _FEW:
        return None
    if all(later >= earlier for later, earlier in pairwise(known)):
        return "holds"
    if all(earlier <= later for earlier, later in pairwise(known)):
        return "oldest"
    names = [str(row["subscriber_name"]) for row in rows]
    return "name" if names == sorted(names) else "otherwise: by nothing that could be seen"


def _ties(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> str | None:
    """Compare the subscribers of one second on two readings of the same page."""
    tied = 0
    for (_, one), (_, other) in zip(_seconds(first), _seconds(second), strict=False):
        tied += len(one) > 1
        if sorted(one) == sorted(other) and one != other:
            return "unstable"
    return "holds" if tied else None


def _seconds(rows: list[dict[str, Any]]) -> Iterator[tuple[Any, list[str]]]:
    for date, tied in groupby(rows, key=lambda row: row.get("date_created")):
        yield date, [str(row["subscriber_name"]) for row in tied]


def _rows(rows: list[dict[str, Any]]) -> Seen:
    """See what the account's subscribers are like."""
    if not rows:
        return {}
    dates = [row.get("date_created") for row in rows]
    forms = {date_form(date) for date in dates} - {"holds"}
    others = sorted({str(row.get("status")) for row in rows} - {"active", "inactive"})
    names = [row["subscriber_name"] for row in rows]
    unusual = sum(not re.fullmatch("[0-9A-Za-z]{1,16}", str(name)) for name in names)
    types = {type(row.get("custom_field")).__name__ for row in rows} - {"str", "NoneType"}
    found = {
        "dates": min(forms, default="holds"),
        "tenant_status": f"odd: {', '.join(others)[:60]}" if others else "holds",
        "tenant_names": f"odd: {unusual} of {len(names)} on a page" if unusual else "holds",
        "custom_field_type": f"json: {', '.join(sorted(types))}" if types else "holds",
    }
    if len(rows) >= _ENOUGH:
        most = Counter(map(str, dates)).most_common(1)[0][1]
        found["tenant_dates"] = "one_second" if most > _MOST * len(rows) else "holds"
    return found


def _headers(probe: Probe, *, live: bool) -> Seen:
    """See the headers of all answers so far."""
    found: Seen = {}
    dates = [answer.server_date for answer in probe.answers if answer.server_date is not None]
    if len(dates) < len(probe.answers):
        found["date_header"] = "absent"
    elif any(later < earlier for earlier, later in pairwise(dates)):
        found["date_header"] = "backwards"
    if all("x-ratelimit-limit" in answer.headers for answer in probe.answers):
        found["rate_headers"] = "holds"
    elif live:
        found["rate_headers"] = "absent"
    return found


def _has_more(answer: Answer) -> bool:
    """Tell whether an answer has a field that the document does not have."""
    levels = ([answer.body or {}], answer.parts, answer.rows)
    return any(set(found) - known for known, level in zip(_KNOWN, levels, strict=True) for found in level)


def date_form(date: object) -> str:
    """Return the name of the form in which a date is written.

    >>> date_form("2019-11-19T23:14:17+05:30"), date_form("2019-11-19T17:44:17Z"), date_form(1574185457)
    ('holds', 'utc', 'epoch')
    """
    return next((form for form, pattern in _FORMS.items() if re.fullmatch(pattern, str(date))), "otherwise")


def epoch_s(date: object) -> float | None:
    """Read a date in any of the forms, as epoch seconds; None when it can't be read."""
    found = instant(moment(str(date)) or str(date))
    return found.timestamp() if found else None
