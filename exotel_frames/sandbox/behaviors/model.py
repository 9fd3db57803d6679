"""A behaviour of the service and its variants, as frozen data."""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct

Source = Literal["documented", "platform", "assumed"]
"""Said by the provider's document; said for the same provider's other APIs; or a choice of ours."""


class Variant(Struct, frozen=True):
    """One way in which the service may do a thing: one sentence of what it means, and what does it.

    `does` fits the field of `Service` that has the behaviour's name. A variant with `{n}` in its name takes any whole
    number, from which its `does` makes that; `numbers` are those that the tests try.
    """

    name: str
    meaning: str
    does: Any
    numbers: tuple[int, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the name, once for each number that is tried.

        >>> Variant("cut{n}", "only {n} characters are kept", None, (32, 255)).names()
        ('cut32', 'cut255')
        """
        return tuple(self.name.format(n=number) for number in self.numbers) or (self.name,)

    def is_named(self, text: str) -> bool:
        """Tell whether this is its name, with some number in the place of `{n}`.

        >>> Variant("cut{n}", "only {n} characters are kept", None, (32, 255)).is_named("cut64")
        True
        """
        return self._match(text) is not None

    def implementation(self, text: str) -> Any:
        """Return what does it, with the number in its name."""
        found = self._match(text)
        return self.does(int(found[1])) if found and found.groups() else self.does

    def _match(self, text: str) -> re.Match[str] | None:
        return re.fullmatch(re.escape(self.name).replace(re.escape("{n}"), "([0-9]{1,6})"), text)


class Behavior(Struct, frozen=True):
    """One thing that the service may do in several ways; the first variant is the default."""

    name: str
    source: Source
    about: str
    variants: tuple[Variant, ...]

    def variant_names(self) -> tuple[str, ...]:
        """Return every variant's name, the default first."""
        return tuple(name for variant in self.variants for name in variant.names())


def behavior(
    name: str, source: Source, about: str, *variants: tuple[str, str, Any] | tuple[str, str, Any, tuple[int, ...]]
) -> Behavior:
    """Return a behaviour of plain tuples.

    >>> behavior("post_code", "assumed", "the code of a POST", ("207", "207", 207)).variant_names()
    ('207',)
    """
    return Behavior(name, source, about, tuple(Variant(*variant) for variant in variants))


def same(value: Any) -> Any:
    """Return what is given: the variant of many behaviours that changes nothing.

    >>> same("support")
    'support'
    """
    return value
