"""Chooses the variant of each behaviour, from Python or the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from exotel_frames.sandbox.behaviors.model import Behavior, Variant
from exotel_frames.sandbox.behaviors.table import BEHAVIORS

_BY_NAME: Final[Mapping[str, Behavior]] = MappingProxyType({behavior.name: behavior for behavior in BEHAVIORS})


def choose(wanted: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what does each behaviour; what is not wanted otherwise has its default.

    >>> choose({"custom_field": "cut4"})["custom_field"]("support")
    'supp'
    >>> choose({"custom_field": "shout"})
    Traceback (most recent call last):
    ...
    ValueError: This behaviour can't be: custom_field='shout'. custom_field is one of exact, trim, collapse, ...
    """
    given = {name: str(variant) for name, variant in (wanted or {}).items()}
    found = {name: _find(name, variant) for name, variant in given.items()}
    if wrong := {name: given[name] for name, variant in found.items() if variant is None}:
        raise ValueError(_refusal(wrong))
    defaults = {behavior.name: behavior.variants[0].does for behavior in BEHAVIORS}
    return defaults | {name: variant.implementation(given[name]) for name, variant in found.items() if variant}


def read_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """Read `name=variant` as a command line gives it; the last one of a name counts.

    >>> read_pairs(["custom_field=trim", "date_header=+2s"])
    {'custom_field': 'trim', 'date_header': '+2s'}
    """
    return {name.strip(): variant.strip() for name, _, variant in (pair.partition("=") for pair in pairs)}


def _find(name: str, wanted: str) -> Variant | None:
    variants = _BY_NAME[name].variants if name in _BY_NAME else ()
    return next((variant for variant in variants if variant.is_named(wanted)), None)


def _refusal(wrong: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{name}={variant!r}" for name, variant in wrong.items())
    known = [f"{name} is one of {', '.join(_BY_NAME[name].variant_names())}." for name in wrong if name in _BY_NAME]
    unknown = [] if wrong.keys() <= _BY_NAME.keys() else [f"The behaviours are {', '.join(_BY_NAME)}."]
    return " ".join([f"This behaviour can't be: {pairs}.", *known, *unknown])
