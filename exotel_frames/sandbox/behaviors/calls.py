"""How create, update, delete and token calls may differ from the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NoReturn

from msgspec import UNSET
from msgspec.structs import replace

from exotel_frames.sandbox.behaviors.model import behavior, same
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


def _status_needed() -> NoReturn:
    raise missing("status is missing")


def _date_stays(before: Row, after: Row) -> Row:
    return before if replace(after, date_updated=before.date_updated) == before else after


def _has_twin(names: Iterable[str], name: str) -> bool:
    return any(other.lower() == name.lower() for other in names)


def _code_of_the_first(parts: list[Part]) -> tuple[list[Part], int | None]:
    return parts, next((part.code for part in parts if part.error_data), None)


def _all_or_nothing(parts: list[Part]) -> tuple[list[Part], int | None]:
    code = _code_of_the_first(parts)[1]
    if code is None:
        return parts, None
    undone = ErrorData(code=1002, description="Another item of this request was refused", message="Failed Dependency")
    return [part if part.error_data else failure(424, undone) for part in parts], code


def _whole_post(parts: list[Part]) -> tuple[list[Part], int | None]:
    for part in parts:
        if error := part.error_data:
            raise RefusedError(part.code, error.code, error.message, error.description)
    return parts, None


def _nobody_there() -> NoReturn:
    raise not_found()


def _oldest_is_protected(http_code: int, code: int) -> Callable[[Store, str], None]:
    def check(store: Store, name: str) -> None:
        if store.count() and store.name_at(store.count() - 1) == name:
            raise RefusedError(http_code, code, "Not allowed", f"Subscriber {name} is protected")

    return check


def _active_only(row: Row) -> None:
    if row.status != "active":
        raise RefusedError(403, 1003, "Authorization failed", f"Subscriber {row.subscriber_name} is inactive")


CALLS: Final = (
    behavior(
        "new_status",
        "assumed",
        "the status of a new subscriber",
        ("active", "a new subscriber is active", "active"),
        ("inactive", "a new subscriber is inactive", "inactive"),
        ("pending", "a new subscriber has a status that the document does not mention", "pending"),
    ),
    behavior(
        "status_missing",
        "documented",
        "a PUT without a status",
        ("refused", "it is refused: 400/1001", _status_needed),
        ("kept", "the status stays as it is", lambda: UNSET),
        ("activates", "the status becomes active", lambda: "active"),
    ),
    behavior(
        "put_without_custom_field",
        "assumed",
        "a PUT without a custom field",
        ("keeps", "the custom field stays as it is", same),
        ("clears", "the custom field is cleared", lambda _before: None),
    ),
    behavior(
        "put_without_change",
        "assumed",
        "a PUT that changes nothing",
        ("moves", "date_updated moves", lambda _before, after: after),
        ("stays", "date_updated stays as it is", _date_stays),
    ),
    behavior(
        "repeated_create",
        "platform",
        "a name that exists is created again",
        ("409", "its item is refused: 409/1008", duplicate),
        ("200", "its item succeeds, shows the subscriber that exists, and changes nothing", success),
    ),
    behavior(
        "create_after_delete",
        "assumed",
        "a name that was deleted is created again",
        ("allowed", "it is created", lambda _store, _name: False),
        ("refused", "its item is always refused: 409/1008", Store.was_deleted),
    ),
    behavior(
        "case_twins",
        "documented",
        "two names that differ in case only",
        ("two", "they are two subscribers", lambda _names, _name: False),
        ("refused", "the second one is refused: 409/1008", _has_twin),
    ),
    behavior(
        "post_code",
        "documented",
        "the HTTP code of a create call",
        ("207", "207, each item with a code of its own", 207),
        ("200", "200, each item with a code of its own", 200),
        ("201", "201, each item with a code of its own", 201),
    ),
    behavior(
        "post_refusal",
        "platform",
        "a create call in which one item is refused",
        ("item", "that item fails, the others are created", lambda parts: (parts, None)),
        (
            "items_in_4xx",
            "that item fails, the others are created, and the HTTP code of the whole is that item's",
            _code_of_the_first,
        ),
        (
            "all_or_nothing",
            "nothing is created; the HTTP code is that item's, and each item says so in a list",
            _all_or_nothing,
        ),
        ("whole_post", "nothing is created, and the single response is only about that item", _whole_post),
    ),
    behavior(
        "items_order",
        "assumed",
        "the order of the items in the response to a create call",
        ("as_sent", "the order of the request", list),
        ("reversed", "the last one first", lambda parts: parts[::-1]),
        (
            "failed_last",
            "those that failed come last",
            lambda parts: sorted(parts, key=lambda part: part.error_data is not None),
        ),
    ),
    behavior(
        "failed_items",
        "assumed",
        "what a failed item says about its subscriber",
        ("nameless", "its data is null", lambda _name: None),
        ("named", "its data has the name", lambda name: {"subscriber_name": name}),
    ),
    behavior(
        "echo",
        "documented",
        "the name in the response to a create call",
        ("exact", "the name as it was sent", same),
        ("lower", "the name in lower case; what is stored is as it was sent", str.lower),
        ("upper", "the name in upper case; what is stored is as it was sent", str.upper),
    ),
    behavior(
        "delete_again",
        "documented",
        "a subscriber that is not there is deleted",
        ("404", "404/1000", _nobody_there),
        ("204", "204, as if it had been there", lambda: Answer(204)),
    ),
    behavior(
        "protected_row",
        "assumed",
        "a subscriber of the account that can't be changed",
        ("none", "every subscriber can be changed and deleted", lambda _store, _name: None),
        ("403", "the oldest subscriber can't be changed or deleted: 403/1003", _oldest_is_protected(403, 1003)),
        ("423", "the oldest subscriber can't be changed or deleted: 423/1002", _oldest_is_protected(423, 1002)),
    ),
    behavior(
        "token_inactive",
        "assumed",
        "a token for an inactive subscriber",
        ("refused", "it is refused: 403/1003", _active_only),
        ("given", "it is given", lambda _row: None),
    ),
)
"""What the calls may answer."""
