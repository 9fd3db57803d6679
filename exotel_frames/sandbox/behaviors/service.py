"""A service as it behaves: one function for each behaviour of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, UnsetType

from exotel_frames.sandbox.behaviors.calls import Refusal
from exotel_frames.sandbox.behaviors.choose import choose
from exotel_frames.sandbox.behaviors.listing import Fetch, Links, Place
from exotel_frames.sandbox.behaviors.model import same
from exotel_frames.sandbox.behaviors.rows import TextRule, as_json, row_writer, with_odd_fields
from exotel_frames.sandbox.behaviors.timing import DateHeader
from exotel_frames.sandbox.envelopes import Answer, Part, Row
from exotel_frames.sandbox.store import Store

Rows = Callable[[Sequence[Row]], list[Row]]


class Service(Struct, frozen=True):
    """What the calls, the listing and the clock do; each field has the name of its behaviour."""

    custom_field: TextRule
    custom_field_type: Callable[[str | None], object]
    new_status: str
    status_missing: Callable[[], str | UnsetType]
    put_without_custom_field: Callable[[str | None], str | None]
    put_without_change: Callable[[Row, Row], Row]
    repeated_create: Callable[[Row], Part]
    create_after_delete: Callable[[Store, str], bool]
    case_twins: Callable[[Iterable[str], str], bool]
    post_code: int
    post_refusal: Refusal
    items_order: Callable[[Sequence[Part]], list[Part]]
    failed_items: Callable[[str], object]
    echo: Callable[[str], str]
    delete_again: Callable[[], Answer]
    protected_row: Callable[[Store, str], None]
    token_inactive: Callable[[Row], None]
    order: Callable[[Fetch, int, int, int], list[Row]]
    ties: bool
    page_cap: Callable[[int | None], int]
    pages: Callable[[int, int, bool], int]
    links: Callable[[Place], Links]
    offset_past_end: Callable[[], None]
    status_filter: Callable[[str | None], str | None]
    dates: Callable[[str], object]
    date_header: DateHeader
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
    parts = choose(behavior)
    dates, field = parts["dates"], parts["custom_field_type"]
    shown = same if dates is same and field is same else row_writer(dates, field)
    return Service(**parts, tenant_fields=with_odd_fields if field is as_json else list, shown=shown)
