"""What this tool assumes about the service, how sure that is, and what it does if the service differs.

The sandbox has its own table of the same names, on purpose; a test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Assumption:
    """One assumption; `source` is documented, platform (of the same provider's other APIs) or assumed."""

    name: str
    source: str
    expected: str
    matters: str


ASSUMPTIONS: Final = (
    Assumption(
        "custom_field",
        "assumed",
        "the text is stored as it was sent, and an empty one is stored as null",
        (
            "The results show the stored text; a text that the service has changed looks like an edit in the next "
            "comparison."
        ),
    ),
    Assumption(
        "custom_field_type",
        "documented",
        "a text or null",
        "Frames and workbooks hold text; a value that is not text can't be edited here.",
    ),
    Assumption(
        "new_status",
        "assumed",
        "a new subscriber is active",
        "A create without a status accepts the status that the service sets; the results show it.",
    ),
    Assumption(
        "status_missing",
        "documented",
        "it is refused: 400/1001",
        "The tool sends a status with every update, namely the one it has read, so nothing depends on this.",
    ),
    Assumption(
        "put_without_custom_field",
        "assumed",
        "the custom field stays as it is",
        (
            "An update of only the status sends no custom field: if the service then clears it, put the custom field "
            "into the frame too."
        ),
    ),
    Assumption(
        "put_without_change",
        "assumed",
        "date_updated moves",
        (
            "After a lost response to an update the stored values are compared, and date_updated where those are not "
            "enough."
        ),
    ),
    Assumption(
        "repeated_create",
        "platform",
        "its item is refused: 409/1008",
        (
            "The tool recognises an existing name by its 409; if the service reports success instead, use "
            "on_exists='skip', which looks up first."
        ),
    ),
    Assumption(
        "create_after_delete",
        "assumed",
        "it is created",
        "The undo of a delete creates the name again: if that is refused, a delete can't be undone.",
    ),
    Assumption(
        "case_twins",
        "documented",
        "they are two subscribers",
        (
            "Names are compared exactly; if the service ignores case, it refuses names in a sheet that differ only by "
            "case."
        ),
    ),
    Assumption(
        "post_code",
        "documented",
        "207, each item with a code of its own",
        "The tool uses each item's own code, whatever the code of the whole response.",
    ),
    Assumption(
        "post_refusal",
        "platform",
        "that item fails, the others are created",
        "Rows are validated before they are sent; if a whole request is refused, its rows are looked up.",
    ),
    Assumption(
        "items_order",
        "assumed",
        "the order of the request",
        "Items are matched to rows by name; items without a name by position, unless another item contradicts that.",
    ),
    Assumption(
        "failed_items",
        "assumed",
        "its data is null",
        "A failed item without a name is matched by position.",
    ),
    Assumption(
        "echo",
        "documented",
        "the name as it was sent",
        "An item with another name is not trusted: the row is looked up.",
    ),
    Assumption(
        "delete_again",
        "documented",
        "404/1000",
        "After a lost response to a delete the tool looks whether the subscriber still exists.",
    ),
    Assumption(
        "protected_row",
        "assumed",
        "every subscriber can be changed and deleted",
        (
            "If the service refuses one row, only that row is rejected. This check changes only its own throwaway "
            "subscribers."
        ),
    ),
    Assumption(
        "token_inactive",
        "assumed",
        "it is refused: 403/1003",
        "Don't rely on it without a test: a suspended subscriber may still get tokens.",
    ),
    Assumption(
        "order",
        "documented",
        "newest first",
        (
            "Loading proves that pages are complete by the rows they share; the search for a lost create begins with "
            "the newest rows."
        ),
    ),
    Assumption(
        "ties",
        "assumed",
        "always the same: the reverse order of creation",
        (
            "Loading notices rows that change places, and reads again; a listing that can't be proved complete is an "
            "error."
        ),
    ),
    Assumption(
        "page_cap",
        "platform",
        "it is refused: 400/1002",
        "The tool requests pages of 100: with a smaller limit it needs more requests, or the service refuses them.",
    ),
    Assumption(
        "pages",
        "documented",
        "as full as requested",
        "A page that is not full counts as the last page unless it names a next page.",
    ),
    Assumption(
        "links",
        "documented",
        "paths; next_page_uri is null on the last page",
        "Pages are requested by offset; the links only show that there are more.",
    ),
    Assumption(
        "offset_past_end",
        "assumed",
        "an empty page",
        "The tool requests a far offset to find out whether listing is cheaper than single requests.",
    ),
    Assumption(
        "status_filter",
        "documented",
        "only subscribers with that status are listed",
        "load_subscribers(status=...) relies on it: if the service ignores the filter, load all and filter the frame.",
    ),
    Assumption(
        "dates",
        "documented",
        "as 2019-11-19T23:14:17+05:30",
        "Dates are compared as points in time: a date without an offset could be wrong by hours.",
    ),
    Assumption(
        "date_header",
        "assumed",
        "both use the same clock",
        (
            "After a lost response, the tool compares date_created with the Date header to find out whether it "
            "created the subscriber."
        ),
    ),
    Assumption(
        "rate_headers",
        "platform",
        "each response has them",
        "The tool learns the rate limit from them, or without them from the first 429.",
    ),
    Assumption("extra_fields", "documented", "there are none", "Unknown fields are ignored."),
    Assumption(
        "tenant_dates",
        "assumed",
        "over three years",
        (
            "Subscribers created in the same second have no defined order: loading needs more requests while others "
            "make changes."
        ),
    ),
    Assumption(
        "tenant_status",
        "documented",
        "active or inactive",
        "A subscriber with another status is shown and left alone; an update must set active or inactive.",
    ),
    Assumption(
        "tenant_names",
        "documented",
        "1 to 16 ASCII letters and digits",
        "The name rules apply only to new subscribers; an existing name that breaks them is shown.",
    ),
    Assumption(
        "read_lag",
        "assumed",
        "it shows every write that was answered before it",
        (
            "Lost responses are settled by reading: if reads come from a replica, wait some seconds between two verbs "
            "on the same names."
        ),
    ),
    Assumption(
        "late_writes",
        "assumed",
        "it is carried out at once or never",
        (
            "After a lost response the tool waits before it reads; a write carried out even later is seen at the next "
            "read."
        ),
    ),
    Assumption(
        "gateway",
        "assumed",
        "once",
        "A repeated POST returns 409 for subscribers that the first one has created: look up a rejected name.",
    ),
)
"""Every assumption, in the order of the sandbox's table."""
