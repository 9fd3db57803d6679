"""What this tool assumes of the service, how sure that is, and what it does if it is otherwise.

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
        "What is stored is shown in the results; a changed text looks edited in the next comparison.",
    ),
    Assumption(
        "custom_field_type",
        "documented",
        "a text or null",
        "Frames and workbooks hold texts; what is no text can't be edited here.",
    ),
    Assumption(
        "new_status",
        "assumed",
        "a new subscriber is active",
        "A create without a status leaves what the service gives; the results show it.",
    ),
    Assumption(
        "status_missing",
        "documented",
        "it is refused: 400/1001",
        "The tool sends a status with every update, the one it has read: nothing depends on it.",
    ),
    Assumption(
        "put_without_custom_field",
        "assumed",
        "the custom field stays as it is",
        "An update of the status alone sends no custom field: if that clears it, give it in the frame too.",
    ),
    Assumption(
        "put_without_change",
        "assumed",
        "date_updated moves",
        "A lost answer to an update is settled by what is stored, and by date_updated where that is not enough.",
    ),
    Assumption(
        "repeated_create",
        "platform",
        "its item is refused: 409/1008",
        "A name that exists is told by its 409; if it looks like a success, look up first with on_exists='skip'.",
    ),
    Assumption(
        "create_after_delete",
        "assumed",
        "it is created",
        "Undo of a delete creates the name again: if that is refused, a delete can't be taken back.",
    ),
    Assumption(
        "case_twins",
        "documented",
        "they are two subscribers",
        "Names are compared exactly; if case does not count, twins in a sheet are refused by the service.",
    ),
    Assumption(
        "post_code",
        "documented",
        "207, each item with a code of its own",
        "Each item's own code counts, whatever the code of the whole.",
    ),
    Assumption(
        "post_refusal",
        "platform",
        "that item fails, the others are created",
        "Rows are validated before they are sent; when a whole request is refused, its rows are looked up.",
    ),
    Assumption(
        "items_order",
        "assumed",
        "the order of the request",
        "Items are matched to rows by their names; nameless ones by position only where nothing contradicts.",
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
        "An item that names somebody else is not believed: the row is looked up.",
    ),
    Assumption(
        "delete_again",
        "documented",
        "404/1000",
        "A lost answer to a delete is settled by reading.",
    ),
    Assumption(
        "protected_row",
        "assumed",
        "every subscriber can be changed and deleted",
        "A refusal of one row is that row's result; only real throwaways are changed by this check.",
    ),
    Assumption(
        "token_inactive",
        "assumed",
        "it is refused: 403/1003",
        "Suspend before you count on it: a suspended subscriber may still get tokens.",
    ),
    Assumption(
        "order",
        "documented",
        "newest first",
        "Loading proves its pages by rows they share; looking for what a lost create did begins with the newest.",
    ),
    Assumption(
        "ties",
        "assumed",
        "always the same: the reverse order of creation",
        "Loading notices rows that change places, and reads again; what can't be proved complete is refused.",
    ),
    Assumption(
        "page_cap",
        "platform",
        "it is refused: 400/1002",
        "Pages of 100 are asked for: a smaller cap costs more requests, or is refused.",
    ),
    Assumption(
        "pages",
        "documented",
        "as full as it was asked for",
        "A page that is not full counts as the last one unless it names a next one.",
    ),
    Assumption(
        "links",
        "documented",
        "paths; next_page_uri is null on the last page",
        "Pages are asked for by offset; the links only tell that there is more.",
    ),
    Assumption(
        "offset_past_end",
        "assumed",
        "an empty page",
        "Whether listing is cheaper than single requests is asked by an offset far out.",
    ),
    Assumption(
        "status_filter",
        "documented",
        "only subscribers with that status are listed",
        "load_subscribers(status=...) relies on it: if it is ignored, load all and filter the frame.",
    ),
    Assumption(
        "dates",
        "documented",
        "as 2019-11-19T23:14:17+05:30",
        "Dates are compared as instants: one without an offset could be off by hours.",
    ),
    Assumption(
        "date_header",
        "assumed",
        "both are one clock",
        "Whether a subscriber is ours after a lost answer is told by its date_created beside the Date header.",
    ),
    Assumption(
        "rate_headers",
        "platform",
        "each answer has them",
        "The pace is learnt from them; without them from the first 429.",
    ),
    Assumption("extra_fields", "documented", "there are none", "Unknown fields are ignored."),
    Assumption(
        "tenant_dates",
        "assumed",
        "over three years",
        "Subscribers of one second have no order of their own: loading needs more requests while others write.",
    ),
    Assumption(
        "tenant_status",
        "documented",
        "active or inactive",
        "A row with another status is shown and left alone; an update must name active or inactive.",
    ),
    Assumption(
        "tenant_names",
        "documented",
        "1 to 16 ASCII letters and digits",
        "The rules are for what is created here; a name that breaks them is shown.",
    ),
    Assumption(
        "read_lag",
        "assumed",
        "it shows every write that was answered before",
        "Lost answers are settled by reading: behind a replica wait some seconds between two verbs on the same names.",
    ),
    Assumption(
        "late_writes",
        "assumed",
        "it was carried out at once or never",
        "After a lost answer the tool waits before it looks; one that comes later is met at the next reading.",
    ),
    Assumption(
        "gateway",
        "assumed",
        "once",
        "A repeated POST answers 409 for what the first one has created: look up a rejected name.",
    ),
)
"""Every assumption, in the order of the sandbox's table."""
