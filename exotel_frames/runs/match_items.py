"""Matches the items of a 207 response to the requested names, without guessing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from exotel_frames.records import Item, NewSubscriber
from exotel_frames.runs.context import ACCEPTED

_NOT_FINAL = frozenset({401, 408, 425, 429})
"""Codes of an item that say nothing lasting about the name; what became of it is found out by reading."""


def match_items(asked: Sequence[NewSubscriber], items: Sequence[Item]) -> list[Item | None]:
    """Return for each subscriber asked for the item that is certainly its own and final, or None (that is: unknown).

    By echoed name first; by position only when the counts agree and no echoed name contradicts; and when the items left
    over all say the same, it does not matter which is whose. A success must name the subscriber, in whatever case; what
    is stored of it may differ from what was sent.

    >>> from exotel_frames.records import ErrorData, Subscriber
    >>> bob = Item(200, "success", Subscriber("bob", "active"))
    >>> taken = Item(409, "failure", None, ErrorData(1008, "Duplicate resource"))
    >>> [item and item.code for item in match_items([NewSubscriber("ann"), NewSubscriber("bob")], [bob, taken])]
    [409, 200]
    """
    named, unnamed = _by_name(asked, items)
    if len(items) == len(asked):
        _add_unnamed(named, unnamed, asked, items)
    return [_sound_or_none(named.get(one.subscriber_name)) for one in asked]


def _by_name(asked: Sequence[NewSubscriber], items: Sequence[Item]) -> tuple[dict[str, Item | None], list[Item]]:
    """Return the items that echo a name asked for (None where several do) and those that echo none."""
    owner = _owners(asked)
    named: dict[str, Item | None] = {}
    unnamed = []
    for item in items:
        if item.data is None:
            unnamed.append(item)
        elif name := owner(item.data.subscriber_name):
            named[name] = None if name in named else item
    return named, unnamed


def _owners(asked: Sequence[NewSubscriber]) -> Callable[[str], str | None]:
    """Return what tells whose name an echoed one is: exactly, or in another case where that fits one name only."""
    names = [one.subscriber_name for one in asked]
    folded = Counter(name.casefold() for name in names)
    exact = set(names)
    in_any_case = {name.casefold(): name for name in names if folded[name.casefold()] == 1}
    return lambda echoed: echoed if echoed in exact else in_any_case.get(echoed.casefold())


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
        item.data is None or item.data.subscriber_name.casefold() == one.subscriber_name.casefold()
        for one, item in zip(asked, items, strict=True)
    )


def _sound_or_none(item: Item | None) -> Item | None:
    """Return the item when it is a lasting refusal or a success with a subscriber; None when it contradicts itself."""
    if item is None or item.code in (None, ACCEPTED):
        return None
    if item.code in range(200, 300):
        return item if item.status != "failure" and item.data is not None else None
    refused = item.code in range(400, 500) and item.code not in _NOT_FINAL and item.status != "success"
    contradictory = item.data is not None and item.data.date_created is not None and item.code != 409  # noqa: PLR2004
    return item if refused and not contradictory else None
