"""A service as it behaves: one function for each behaviour of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, UnsetType

from exotel_frames.sandbox.behaviors import calls, listing, rows, timing
from exotel_frames.sandbox.behaviors.table import Chosen, choose
from exotel_frames.sandbox.envelopes import Answer, Part, Row
from exotel_frames.sandbox.store import Store

Rows = Callable[[Sequence[Row]], list[Row]]


class Service(Struct, frozen=True):
    """What the calls, the listing and the clock do; each field has the name of its behaviour."""

    custom_field: rows.TextRule
    custom_field_type: Callable[[str | None], object]
    new_status: str
    status_missing: Callable[[], str | UnsetType]
    put_without_custom_field: Callable[[str | None], str | None]
    put_without_change: Callable[[Row, Row], Row]
    repeated_create: Callable[[Row], Part]
    create_after_delete: Callable[[Store, str], bool]
    case_twins: Callable[[Iterable[str], str], bool]
    post_code: int
    post_refusal: calls.Refusal
    items_order: Callable[[Sequence[Part]], list[Part]]
    failed_items: Callable[[str], object]
    echo: Callable[[str], str]
    delete_again: Callable[[], Answer]
    protected_row: Callable[[Store, str], None]
    token_inactive: Callable[[Row], None]
    order: Callable[[listing.Fetch, int, int, int], list[Row]]
    ties: bool
    page_cap: Callable[[int | None], int]
    pages: Callable[[int, int, bool], int]
    links: Callable[[listing.Place], listing.Links]
    offset_past_end: Callable[[], None]
    status_filter: Callable[[str | None], str | None]
    dates: Callable[[str], object]
    date_header: timing.DateHeader
    rate_headers: bool
    extra_fields: Callable[[bytes], bytes]
    tenant_dates: Rows
    tenant_status: Rows
    tenant_names: Rows
    read_lag: float
    late_writes: Callable[[int], float]
    gateway: Callable[[str | None], int]
    tenant_fields: Rows
    shown: Callable[[Row], object]


def service(behavior: Mapping[str, str] | None = None) -> Service:
    """Put a service together from the variants that are wanted; the others are the defaults.

    >>> service({"custom_field": "trim"}).custom_field(" support ")
    'support'
    """
    chosen = choose(behavior)
    parts = {name: _part(name, choice) for name, choice in chosen.items()}
    dates, of_json = parts["dates"], chosen["custom_field_type"].variant == "json"
    shown = rows.row_shower(dates, parts["custom_field_type"]) if of_json or dates is not _same else _same
    return Service(**parts, tenant_fields=rows.with_odd_fields if of_json else list, shown=shown)


def _part(name: str, choice: Chosen) -> Any:
    part = _PARTS[name][choice.variant]
    return part(choice.number) if "{n}" in choice.variant else part


def _same(value: Any) -> Any:
    return value


_PARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "custom_field": {
        "exact": rows.text_rule(_same),
        "trim": rows.text_rule(str.strip),
        "collapse": rows.collapsed,
        "cut{n}": rows.cut,
        "nfc": rows.composed,
        "lf": rows.line_feeds,
        "html": rows.escaped,
        "lower": rows.text_rule(str.lower),
        "null_to_empty": lambda text: text or "",
        "empty_kept": _same,
        "refuse_over{n}": rows.refuse_over,
    },
    "custom_field_type": {"text": _same, "json": rows.as_json},
    "new_status": {"active": "active", "inactive": "inactive", "pending": "pending"},
    "status_missing": {"refused": calls.status_needed, "kept": calls.status_kept, "activates": lambda: "active"},
    "put_without_custom_field": {"keeps": _same, "clears": lambda _before: None},
    "put_without_change": {"moves": calls.date_moves, "stays": calls.date_stays},
    "repeated_create": {"409": calls.duplicate, "200": calls.existing},
    "create_after_delete": {"allowed": calls.never_refused, "refused": calls.was_deleted},
    "case_twins": {"two": calls.never_refused, "refused": calls.has_twin},
    "post_code": {"207": 207, "200": 200, "201": 201},
    "post_refusal": {
        "item": calls.each_by_itself,
        "items_in_4xx": calls.code_of_the_first,
        "all_or_nothing": calls.all_or_nothing,
        "whole_post": calls.whole_post,
    },
    "items_order": {"as_sent": calls.as_sent, "reversed": calls.reversed_items, "failed_last": calls.failed_last},
    "failed_items": {"nameless": calls.nameless, "named": calls.named},
    "echo": {"exact": _same, "lower": str.lower, "upper": str.upper},
    "delete_again": {"404": calls.nobody_there, "204": calls.gone_anyway},
    "protected_row": {
        "none": calls.unprotected,
        "403": calls.oldest_is_protected(403, 1003),
        "423": calls.oldest_is_protected(423, 1002),
    },
    "token_inactive": {"refused": calls.active_only, "given": calls.anybody},
    "order": {"newest": listing.newest, "oldest": listing.oldest, "name": listing.by_name},
    "ties": {"stable": False, "unstable": True},
    "page_cap": {
        "refused": listing.cap(listing.PAGE_MAX, clamps=False),
        "clamped": listing.cap(listing.PAGE_MAX, clamps=True),
        "raised": listing.raised,
        "clamped{n}": lambda most: listing.cap(most, clamps=True),
        "refused{n}": lambda most: listing.cap(most, clamps=False),
    },
    "pages": {"full": listing.full, "short": listing.short, "empty_first": listing.empty_first},
    "links": {
        "paths": listing.paths,
        "null": listing.null,
        "absent": listing.absent,
        "absolute": listing.absolute,
        "to_empty_page": listing.to_empty_page,
    },
    "offset_past_end": {"empty": listing.empty_page, "400": listing.refused_offset, "404": listing.no_such_page},
    "status_filter": {"honoured": listing.honoured, "ignored": listing.ignored, "refused": listing.refused_filter},
    "dates": {
        "offset": _same,
        "utc": rows.utc,
        "millis": rows.millis,
        "no_offset": rows.no_offset,
        "rfc2822": rows.rfc2822,
        "epoch": rows.epoch_number,
    },
    "date_header": {
        "now": timing.ahead(0),
        "absent": timing.no_date,
        "+{n}s": timing.ahead,
        "-{n}s": timing.behind,
        "backwards": timing.backwards,
    },
    "rate_headers": {"sent": True, "absent": False},
    "extra_fields": {"none": _same, "present": rows.with_more_fields},
    "tenant_dates": {"spread": list, "one_second": rows.of_one_second},
    "tenant_status": {"known": list, "odd": rows.with_odd_status},
    "tenant_names": {"legal": list, "odd": rows.with_odd_names},
    "read_lag": {"none": 0.0, "{n}s": float},
    "late_writes": {"none": timing.at_once, "{n}s": timing.late},
    "gateway": {"once": timing.once, "repeats_post": timing.twice("create"), "repeats_delete": timing.twice("delete")},
}
