"""What a behaviour of the service is, and its variants: frozen data."""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct

Source = Literal["documented", "platform", "assumed"]
"""Said by the provider's document; said for the same provider's other APIs; or a choice of ours."""


class Variant(Struct, frozen=True):
    """One way in which the service may do a thing, and one sentence of what it means."""

    name: str
    meaning: str
    numbers: tuple[int, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the name, once for each number that is tried.

        >>> Variant("cut{n}", "only {n} characters are kept", (32, 255)).names()
        ('cut32', 'cut255')
        """
        return tuple(self.name.format(n=number) for number in self.numbers) or (self.name,)

    def number_in(self, text: str) -> int | None:
        """Return the number that `text` has in the place of `{n}`; 0 where there is no such place, None if it differs.

        >>> Variant("cut{n}", "only {n} characters are kept", (32, 255)).number_in("cut64")
        64
        """
        found = re.fullmatch(re.escape(self.name).replace(re.escape("{n}"), "([0-9]{1,6})"), text)
        return None if found is None else int("".join(found.groups()) or 0)


class Behavior(Struct, frozen=True):
    """One thing that the service may do in several ways; the first variant is the default."""

    name: str
    source: Source
    about: str
    variants: tuple[Variant, ...]

    @property
    def default(self) -> str:
        """The variant that the sandbox has when nothing is said."""
        return self.variants[0].name

    def variant_names(self) -> tuple[str, ...]:
        """Return every variant's name, the default first."""
        return tuple(name for variant in self.variants for name in variant.names())


class Chosen(Struct, frozen=True):
    """A variant that was chosen, and the number in its name."""

    variant: str
    number: int = 0


def behavior(
    name: str, source: Source, about: str, *variants: tuple[str, str] | tuple[str, str, tuple[int, ...]]
) -> Behavior:
    """Return a behaviour of plain tuples.

    >>> behavior("gateway", "assumed", "how often it passes a request on", ("once", "once")).default
    'once'
    """
    return Behavior(name, source, about, tuple(Variant(*variant) for variant in variants))


def same(value: Any) -> Any:
    """Return what is given: the variant of many behaviours that changes nothing.

    >>> same("support")
    'support'
    """
    return value
