"""What create, update, delete and token calls may do otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from exotel_frames.sandbox.behaviors.model import same
from exotel_frames.sandbox.envelopes import (
    Answer,
    ErrorData,
    Part,
    RefusedError,
    Row,
    failure,
    missing,
    not_found,
    success,
)
from exotel_frames.sandbox.store import Store

Refusal = Callable[[list[Part]], tuple[list[Part], int | None]]
"""Takes the items before anything is created; gives those to create and answer, and a code of the whole if not 207."""


def duplicate(row: Row) -> Part:
    """Refuse a name that exists [platform]."""
    name = row.subscriber_name
    error = ErrorData(code=1008, description=f"Subscriber {name} already exists", message="Duplicate resource")
    return failure(409, error)


def status_needed() -> NoReturn:
    """Refuse a PUT without a status [doc]."""
    raise missing("status is missing")


def status_kept() -> UnsetType:
    """Leave the status as it is."""
    return UNSET


def date_moves(_before: Row, after: Row) -> Row:
    """Take the new date, whatever was changed."""
    return after


def date_stays(before: Row, after: Row) -> Row:
    """Keep the old date when nothing else differs."""
    return before if replace(after, date_updated=before.date_updated) == before else after


def never_refused(_of: object, _name: str) -> bool:
    """Hold no name back."""
    return False


def was_deleted(store: Store, name: str) -> bool:
    """Hold back every name that was deleted."""
    return store.was_deleted(name)


def has_twin(names: Iterable[str], name: str) -> bool:
    """Hold back a name that differs from one that exists in case only."""
    return any(other.lower() == name.lower() for other in names)


def each_by_itself(parts: list[Part]) -> tuple[list[Part], int | None]:
    """Let each item have a code of its own [doc]."""
    return parts, None


def code_of_the_first(parts: list[Part]) -> tuple[list[Part], int | None]:
    """Give the whole the code of the first item that failed."""
    return parts, next((part.code for part in parts if part.error_data), None)


def all_or_nothing(parts: list[Part]) -> tuple[list[Part], int | None]:
    """Create nothing when one item failed, and say so in each item."""
    code = code_of_the_first(parts)[1]
    if code is None:
        return parts, None
    undone = ErrorData(code=1002, description="Another item of this request was refused", message="Failed Dependency")
    return [part if part.error_data else failure(424, undone) for part in parts], code


def whole_post(parts: list[Part]) -> tuple[list[Part], int | None]:
    """Refuse the whole request for its first item that failed."""
    for part in parts:
        if error := part.error_data:
            raise RefusedError(part.code, error.code, error.message, error.description)
    return parts, None


def as_sent(parts: Sequence[Part]) -> list[Part]:
    """Keep the order of the request."""
    return list(parts)


def reversed_items(parts: Sequence[Part]) -> list[Part]:
    """Put the last one first."""
    return list(parts)[::-1]


def failed_last(parts: Sequence[Part]) -> list[Part]:
    """Put those that failed behind the others."""
    return sorted(parts, key=lambda part: part.error_data is not None)


def nameless(_name: str) -> None:
    """Say nothing of an item that failed."""


def named(name: str) -> dict[str, str]:
    """Name an item that failed."""
    return {"subscriber_name": name}


def nobody_there() -> NoReturn:
    """Refuse to delete what is not there [doc]."""
    raise not_found()


def gone_anyway() -> Answer:
    """Answer as if it had been there."""
    return Answer(204)


def unprotected(_store: Store, _name: str) -> None:
    """Let every subscriber be changed."""


def oldest_is_protected(http_code: int, code: int) -> Callable[[Store, str], None]:
    """Refuse to change the oldest subscriber."""

    def check(store: Store, name: str) -> None:
        if store.count() and store.name_at(store.count() - 1) == name:
            raise RefusedError(http_code, code, "Not allowed", f"Subscriber {name} is protected")

    return check


def active_only(row: Row) -> None:
    """Give an inactive subscriber no token."""
    if row.status != "active":
        raise RefusedError(403, 1003, "Authorization failed", f"Subscriber {row.subscriber_name} is inactive")


def anybody(_row: Row) -> None:
    """Give everybody a token."""


def existing(row: Row) -> Part:
    """Show the one that exists, as if it had just been made."""
    return success(row)


CALLS: Final[Mapping[str, Mapping[str, Any]]] = {
    "new_status": {"active": "active", "inactive": "inactive", "pending": "pending"},
    "status_missing": {"refused": status_needed, "kept": status_kept, "activates": lambda: "active"},
    "put_without_custom_field": {"keeps": same, "clears": lambda _before: None},
    "put_without_change": {"moves": date_moves, "stays": date_stays},
    "repeated_create": {"409": duplicate, "200": existing},
    "create_after_delete": {"allowed": never_refused, "refused": was_deleted},
    "case_twins": {"two": never_refused, "refused": has_twin},
    "post_code": {"207": 207, "200": 200, "201": 201},
    "post_refusal": {
        "item": each_by_itself,
        "items_in_4xx": code_of_the_first,
        "all_or_nothing": all_or_nothing,
        "whole_post": whole_post,
    },
    "items_order": {"as_sent": as_sent, "reversed": reversed_items, "failed_last": failed_last},
    "failed_items": {"nameless": nameless, "named": named},
    "echo": {"exact": same, "lower": str.lower, "upper": str.upper},
    "delete_again": {"404": nobody_there, "204": gone_anyway},
    "protected_row": {
        "none": unprotected,
        "403": oldest_is_protected(403, 1003),
        "423": oldest_is_protected(423, 1002),
    },
    "token_inactive": {"refused": active_only, "given": anybody},
}
"""For each behaviour of what the calls answer: what does it, by the name of the variant."""
