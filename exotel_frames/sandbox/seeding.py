"""Believable made-up subscribers, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from typing import Final

from exotel_frames.sandbox.envelopes import Row, epoch, iso

_FIRST: Final = (  # noqa: SIM905 - a hundred lines say no more
    "Aarav Aditi Aisha Akash Alex Amara Amit Ananya Anil Anita Arjun Asha Bala Bob Carlos Chen Chitra Deepa Dev "
    "Diego Divya Elena Esha Farah Fatima Gauri Gopal Grace Hana Harish Imran Indira Isaac Ishaan Jaya Jonas Kabir "
    "Kamala Karan Kavya Kiran Lakshmi Lata Leela Liam Lin Madhu Mandeep Manoj Maria Maya Meera Mina Mohan Nadia "
    "Naveen Neha Nidhi Nikhil Noor Olga Omar Padma Pooja Prakash Priya Rahul Raj Ravi Rekha Rohan Rosa Sahil "
    "Samir Sanjay Sara Shreya Shyam Sita Sunil Suresh Tara Tariq Tomas Uma Usha Varun Vijay Vikram Vimala Wei "
    "Yash Yusuf Zara Zoya"
).split()
_LAST: Final = "B C D G J K M N P R S T V Das Iyer Jain Khan Nair Rao Roy Sen Shah".split()  # noqa: SIM905 - as above
_TEAMS: Final = ("support", "sales", "field", "dispatch", "billing", "onboarding", "night shift", "warehouse")
_PLACES: Final = ("Mumbai", "Pune", "Bengaluru", "Delhi", "Chennai", "Singapore", "Jakarta", "remote")
_ODD_NAMES: Final = (
    "0815",
    "2E3",
    "FALSE",
    "NaN",
    "SEP1",
    "None",
    "000",
    "1234567890123456",
    "AlexBourton",
    "alexBourton",
)
"""Legal names that spreadsheets and readers like to turn into something else."""
_ODD_FIELDS: Final = (
    "0042",
    "=sales",
    "Support, tier 2",
    'the "blue" team',
    "São Paulo",
    "सहायता",
    "2019-11-19",
    "NA",
    "line 1\nline 2",
)
_FROM: Final = epoch("2021-01-01T00:00:00+05:30")
_YEARS_S: Final = 3 * 365 * 24 * 3600
_INACTIVE: Final = 0.12
_ODD: Final = 0.02
_UNTOUCHED: Final = 0.6
_SMALL: Final = 50  # a tenant smaller than this has no odd names


def subscribers(count: int, seed: int) -> list[Row]:
    """Make so many subscribers, oldest first: created over three years, often in bulk, about 12 % of them inactive.

    >>> [row.subscriber_name for row in subscribers(3, seed=0)]
    ['SitaRao', 'JonasJain', 'KaranN']
    """
    chance = random.Random(f"subscribers {seed}")  # noqa: S311 - made up, not secret
    names = list(islice(_names(chance), count))
    if count >= _SMALL:
        names[: len(_ODD_NAMES)] = _ODD_NAMES
    chance.shuffle(names)
    return [_row(name, created, chance) for name, created in zip(names, _instants(count, chance), strict=True)]


def _names(chance: random.Random) -> Iterator[str]:
    """Yield names without end, none twice; a number follows where a name is taken."""
    seen: set[str] = set()
    while True:
        person = chance.choice(_FIRST) + chance.choice(_LAST)
        name = person if person not in seen else f"{person}{chance.randrange(2, 100_000)}"
        if name not in seen:
            seen.add(name)
            yield name


def _instants(count: int, chance: random.Random) -> list[int]:
    """Draw the seconds of creation, sorted: one by one at sign-up, or many of one second when made in bulk."""
    instants: list[int] = []
    while len(instants) < count:
        start = _FROM + chance.randrange(_YEARS_S)
        if chance.random() < 0.9:  # noqa: PLR2004 - nine of ten by themselves
            instants.append(start)
        else:
            # Provisioned in bulk: ten a call, some calls a second.
            size = chance.choice((3, 10, 10, 30, 100))
            instants += [start + at // 20 for at in range(size)]
    return sorted(instants[:count])


def _row(name: str, created: int, chance: random.Random) -> Row:
    date_created = iso(created)
    touched = min(created + int(chance.expovariate(1 / 5_000_000)), _FROM + _YEARS_S + 86_400)
    date_updated = date_created if chance.random() < _UNTOUCHED else iso(touched)
    status = "inactive" if chance.random() < _INACTIVE else "active"
    return Row(date_created, date_updated, name, status, _custom_field(chance))


def _custom_field(chance: random.Random) -> str | None:
    kind = chance.random()
    if kind < _ODD:
        return chance.choice(_ODD_FIELDS)
    if kind < 0.25:  # noqa: PLR2004 - about a quarter has none
        return None
    return chance.choice(_TEAMS) + chance.choice(("", f" {chance.choice(_PLACES)}"))
