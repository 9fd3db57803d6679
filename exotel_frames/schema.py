"""The subscriber's fields and rules, and the six frames' columns: the only place that defines them.

Source: API.md ("The subscriber object", "The six calls"); the frames are this package's own contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from exotel_frames import outcomes

NAME_PATTERN: Final = "[0-9A-Za-z]{1,16}"
"""A whole subscriber name: 1 to 16 ASCII letters and digits, case-sensitive. Match it in full, never normalise."""
NAME_MAX_BYTES: Final = 16
CREATE_MAX: Final = 10
"""How many subscribers one POST takes; also how many rows make a chunk of a run."""
NO_SUCH: Final = frozenset({404, 410})
"""The HTTP codes that say that there is no such subscriber."""
PAGE_MAX: Final = 100
"""The default and the largest `page_size` of a listing."""

Action = Literal["create", "update", "delete", "none"]

STATUSES: Final = ("active", "inactive")
PLATFORMS: Final = ("android", "ios")
ACTIONS: Final[tuple[Action, ...]] = ("create", "update", "delete", "none")
OUTCOMES: Final = outcomes.OUTCOMES

WARNING_RULES: Final = frozenset(
    {"case_twin", "zero_twin", "lookalike_twin", "spreadsheet_hazard", "damaged_twin", "field_variant"}
    | {"status_unknown", "stale", "name_unusual"}
)
"""Rules of a problems frame that warn: such a row is sent all the same. Every other rule makes the row `invalid`."""

STAMPS: Final = {"mum": "https://chaotix.mum1.exotel.in", "sgp": "https://chaotix.apac-sg.exotel.in"}
"""Where the service runs, by the name the provider gives the place."""

STR: Final = "str"
DATE: Final = "datetime64[us, UTC]"
INT: Final = "int64"
MAYBE_INT: Final = "Int64"
FLOAT: Final = "float64"
BOOL: Final = "bool"
OBJECT: Final = "object"

_ERROR_COLUMNS = {
    "http_code": MAYBE_INT,
    "code": MAYBE_INT,
    "error_code": MAYBE_INT,
    "error_message": STR,
    "error_description": STR,
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a subscriber that can be changed.

    `meaning`: what the legend of a workbook says of it. `always_sent`: an update must name it, so that it is read where
    a row does not give it. `choices`: all that it can be; free text without. `at_birth`: what a created subscriber has
    where nothing was asked for. `empty_clears`: the empty text means "clear it", and is the same as none; otherwise an
    empty text asks for nothing.
    """

    name: str
    meaning: str
    always_sent: bool = False
    choices: tuple[str, ...] = ()
    at_birth: str | None = None
    empty_clears: bool = False


NAME: Final = "subscriber_name"
MUTABLE: Final = (
    Field(
        name="status",
        meaning="active: can call and be called. inactive: suspended for now; can be made active again.",
        always_sent=True,
        choices=STATUSES,
        at_birth="active",
    ),
    Field(name="custom_field", meaning="Free text. Empty the cell to clear it.", empty_clears=True),
)
"""The fields that can be changed. Plans, notes, the journal, views and workbooks go through this list."""
FIELDS: Final[tuple[str, ...]] = tuple(field.name for field in MUTABLE)
STATE: Final[tuple[str, ...]] = (*FIELDS, "date_updated")
"""What a plan remembers of a subscriber."""

SUBSCRIBERS: Final = {
    NAME: STR,
    **dict.fromkeys(FIELDS, STR),
    "date_created": DATE,
    "date_updated": DATE,
}
PROBLEMS: Final = {"row": MAYBE_INT, "column": STR, "value": STR, "rule": STR, "message": STR, "fix": STR}
PLAN: Final = {
    "action": STR,
    NAME: STR,
    **{column: STR for name in FIELDS for column in (f"{name}_from", name)},
    "date_updated": DATE,
    "note": STR,
    "conflict": BOOL,
}
RESULTS: Final = {
    "row": INT,
    "chunk": MAYBE_INT,
    NAME: STR,
    "action": STR,
    "outcome": STR,
    **_ERROR_COLUMNS,
    **dict.fromkeys(FIELDS, STR),
    "date_created": DATE,
    "date_updated": DATE,
    "request_id": STR,
    "attempts": INT,
    "seconds": FLOAT,
    "run_id": STR,
}
TOKENS: Final = {
    NAME: STR,
    "platform": STR,
    "device_id": STR,
    "outcome": STR,
    "access_token": OBJECT,
    "refresh_token": OBJECT,
    "access_expires": DATE,
    "refresh_expires": DATE,
    **_ERROR_COLUMNS,
    "request_id": STR,
}
RUNS: Final = {
    "run_id": STR,
    "started": DATE,
    "ended": DATE,
    "action": STR,
    "account_sid": STR,
    "base_url": STR,
    "rows": INT,
    **dict.fromkeys(map(str, OUTCOMES), INT),
    "plan_id": STR,
    "approved_by": STR,
}
CHANGES: Final = {
    "change": STR,
    "subscriber_name": STR,
    **{f"{name}_{side}": STR for name in FIELDS for side in ("before", "after")},
    **{f"{name}_{side}": DATE for name in ("date_created", "date_updated") for side in ("before", "after")},
}
SCHEMAS: Final = {
    "subscribers": SUBSCRIBERS,
    "problems": PROBLEMS,
    "plan": PLAN,
    "results": RESULTS,
    "tokens": TOKENS,
    "runs": RUNS,
    "changes": CHANGES,
}
