"""Every variant of every behaviour but the defaults, and violations told once a kind."""

import re

from exotel_frames.sandbox import BEHAVIORS
from tests.slow import but_slow

VARIANTS = [(each.name, variant) for each in BEHAVIORS for variant in each.variant_names()[1:]]


_FIRST = {each.name: each.variant_names()[1] for each in BEHAVIORS}
_LAST = {each.name: each.variant_names()[-1] for each in BEHAVIORS}
FIRST_BY_DEFAULT = but_slow(VARIANTS, list(_FIRST.items())[::3])
LAST_BY_DEFAULT = but_slow(VARIANTS, list(_LAST.items())[1::6])
"""A variant of every third behaviour by default (of every sixth another one, for one test), all in the slow run."""


def kinds(violations: list[str]) -> list[str]:
    """Return one violation of each kind: they differ in more than a name or a number."""
    seen = {
        re.sub(r"[A-Za-z]*[0-9]+[A-Za-z]*|[A-Z][A-Za-z]+|\bkeep\w*", "N", what): what for what in reversed(violations)
    }
    return list(seen.values())[::-1]
