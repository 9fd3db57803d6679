"""Parses correct requests (API.md, "The six calls"); anything else is refused with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Struct, UnsetType

from exotel_frames.sandbox.envelopes import RefusedError, bad_body, invalid, missing, unsupported_type

_NAME: Final = re.compile("[0-9A-Za-z]{1,16}")
_WHOLE: Final = re.compile("[0-9]{1,18}")
_ITEMS_MAX: Final = 10
_STATUSES: Final = ("active", "inactive")
_PLATFORMS: Final = ("android", "ios")
_KINDS: Final = {str: "a string", list: "a list", type(None): "null"}


class NewItem(Struct, frozen=True):
    """One item of a create call; `refused` is what is wrong with its name."""

    subscriber_name: str
    custom_field: str | None
    refused: RefusedError | None


class Change(Struct, frozen=True):
    """The body of an update; a custom field that was left out is UNSET, and so is a status that may be missing."""

    status: str | UnsetType
    custom_field: str | UnsetType | None


class PageQuery(Struct, frozen=True):
    """The query of a listing; `again` says that a first page that was empty is followed."""

    offset: int
    page_size: int
    status: str | None
    again: bool


def json_object(content_type: str | None, body: bytes) -> dict[str, Any]:
    """Read a body that must be a JSON object."""
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise unsupported_type(content_type)
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_body(f"The body is not JSON: {error}") from None
    return _object(decoded, "The body")


def new_items(body: dict[str, Any]) -> list[NewItem]:
    """Read the body of a create call: a broken rule fails its item, a wrong type or a missing name the whole call."""
    items = _field(body, "subscribers", list)
    if not 1 <= len(items) <= _ITEMS_MAX:
        raise invalid(f"subscribers must have 1 to {_ITEMS_MAX} items, not {len(items)}")
    return [_new_item(_object(item, f"subscribers[{at}]"), f"subscribers[{at}].") for at, item in enumerate(items)]


def _new_item(item: dict[str, Any], where: str) -> NewItem:
    name = _field(item, "subscriber_name", str, where=where)
    custom_field = _field(item, "custom_field", str, type(None), where=where, default=None)
    refused = (
        None if _NAME.fullmatch(name) else invalid(f"subscriber_name {name!r} must be 1 to 16 ASCII letters and digits")
    )
    return NewItem(name, custom_field, refused)


def change(body: dict[str, Any], status_missing: Callable[[], str | UnsetType]) -> Change:
    """Read the body of an update."""
    status = _one_of("status", _field(body, "status", str), _STATUSES) if "status" in body else status_missing()
    return Change(status, _field(body, "custom_field", str, type(None), default=UNSET))


def device(body: dict[str, Any]) -> str:
    """Read the body of a token call and return the subscriber's name; platforms are understood in any case."""
    platform, device_id, name = (_field(body, key, str) for key in ("platform", "device_id", "subscriber_name"))
    _one_of("platform", platform.lower(), _PLATFORMS)
    if not device_id:
        raise invalid("device_id must not be empty")
    return str(name)


def page_query(query: str, page_cap: Callable[[int | None], int]) -> PageQuery:
    """Read the query of a listing; parameters it does not know are ignored."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    status = _one_of("status", given["status"], _STATUSES) if "status" in given else None
    size = page_cap(_whole("page_size", given["page_size"]) if "page_size" in given else None)
    return PageQuery(_whole("offset", given.get("offset", "0")), size, status, "again" in given)


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise invalid(f"{name} must be a whole number from 0, not {text!r}")
    return int(text)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise invalid(f"{name} must be {' or '.join(allowed)}, not {value!r}")
    return value


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_body(f"{what} must be a JSON object")
    return value


_NEEDED: Final = object()


def _field(source: dict[str, Any], name: str, *kinds: type, where: str = "", default: Any = _NEEDED) -> Any:
    value = source.get(name, default)
    if value is _NEEDED:
        raise missing(f"{where}{name} is missing")
    if name in source and not isinstance(value, kinds):
        raise bad_body(f"{where}{name} must be {' or '.join(_KINDS[kind] for kind in kinds)}")
    return value
