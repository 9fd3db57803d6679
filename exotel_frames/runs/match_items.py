"""Which item of a 207 answer belongs to which name that was asked for: never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from exotel_frames.records import Item, NewSubscriber, same_text

_NOT_FINAL = frozenset({401, 403, 408, 425, 429})
"""Codes of an item that say nothing lasting about the name; what became of it is found out by reading."""


def match_items(asked: Sequence[NewSubscriber], items: Sequence[Item]) -> list[Item | None]:
    """Return for each subscriber asked for the item that is certainly its own and final, or None (that is: unknown).

    By echoed name first; by position only when the counts agree and no echoed name contradicts; and when the items left
    over all say the same, it does not matter which is whose. A success must echo what was asked for.

    >>> from exotel_frames.records import ErrorData, Subscriber
    >>> bob = Item(200, "success", Subscriber("bob", "active"))
    >>> taken = Item(409, "failure", None, ErrorData(1008, "Duplicate resource"))
    >>> [item and item.code for item in match_items([NewSubscriber("ann"), NewSubscriber("bob")], [bob, taken])]
    [409, 200]
    """
    named, unnamed = _by_name(asked, items)
    if len(items) == len(asked):
        _add_unnamed(named, unnamed, asked, items)
    return [_sound(one, named.get(one.subscriber_name)) for one in asked]


def _by_name(asked: Sequence[NewSubscriber], items: Sequence[Item]) -> tuple[dict[str, Item | None], list[Item]]:
    """Return the items that echo a name asked for (None where several do) and those that echo none."""
    names = {one.subscriber_name for one in asked}
    named: dict[str, Item | None] = {}
    unnamed = []
    for item in items:
        name = item.data.subscriber_name if item.data else None
        if name is None:
            unnamed.append(item)
        elif name in names:
            named[name] = None if name in named else item
    return named, unnamed


def _add_unnamed(
    named: dict[str, Item | None], unnamed: list[Item], asked: Sequence[NewSubscriber], items: Sequence[Item]
) -> None:
    open_names = [one.subscriber_name for one in asked if one.subscriber_name not in named]
    if len(open_names) != len(unnamed):
        return  # some name was echoed twice, or one that nobody asked for
    if _in_order(asked, items):
        named.update(zip(open_names, unnamed, strict=True))
    elif unnamed and all(item == unnamed[0] for item in unnamed):
        named.update(dict.fromkeys(open_names, unnamed[0]))


def _in_order(asked: Sequence[NewSubscriber], items: Sequence[Item]) -> bool:
    return all(
        item.data is None or item.data.subscriber_name == one.subscriber_name
        for one, item in zip(asked, items, strict=True)
    )


def _sound(one: NewSubscriber, item: Item | None) -> Item | None:
    """Return the item when it is a success that fits or a lasting refusal; None when it contradicts itself."""
    if item is None or item.code is None:
        return None
    if item.code in range(200, 300):
        return item if item.status != "failure" and _fits(one, item) else None
    refused = item.code in range(400, 500) and item.code not in _NOT_FINAL and item.status != "success"
    return item if refused and (item.data is None or item.code == 409) else None  # noqa: PLR2004 - it may show the other


def _fits(one: NewSubscriber, item: Item) -> bool:
    custom_field = one.custom_field if isinstance(one.custom_field, str) else None
    return item.data is not None and item.data.status == "active" and same_text(item.data.custom_field, custom_field)
