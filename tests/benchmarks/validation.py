"""Validating a million names: all our rules, the same rules in pandera, and in plain Python."""

import random
import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd

from exotel_frames import schema
from exotel_frames.validation.validate import validate_names, validate_subscribers

from .measuring import Case, Found, Line, Part, Work
from .printing import cpu_beside

OURS, PANDERA = "validate_names, {}", "pandera, the same rules, {}"
CLEAN, BROKEN = "all names are legal", "1 % with a space"
TENANT = "validate_subscribers, update, all among current"
LEGAL = re.compile(schema.NAME_PATTERN)


def names(rows: int, broken: bool) -> "pd.Series[str]":
    """Return made-up names, each once in any case; every hundredth ends with a space when asked for."""
    source, letters = random.Random(7), string.ascii_lowercase + string.digits
    made = {"A" + "".join(source.choices(letters, k=source.randint(9, 14))): None for _ in range(rows)}
    column = pd.Series(list(made), dtype="str")
    return column.where(column.index % 100 != 0, column + " ") if broken else column


def ours(rows: int, broken: bool = False) -> Work:
    column = names(rows, broken)
    validate_names(column[:1000])
    return lambda: told(column, validate_names(column)["row"].nunique(), broken)


def beside_tenant(rows: int) -> Work:
    frame = pd.DataFrame({"subscriber_name": names(rows, broken=False), "status": "active"})
    current = frame["subscriber_name"].copy()
    validate_subscribers(frame[:1000], action="update", current=current[:1000])
    return lambda: told(current, len(validate_subscribers(frame, action="update", current=current)), broken=False)


def pandera(rows: int, broken: bool = False) -> Work:
    import pandera.pandas as pa

    rules = pa.Column(
        str,
        nullable=False,
        unique=True,
        checks=[
            pa.Check.str_length(1, schema.NAME_MAX_BYTES),
            pa.Check.str_matches(r"^[0-9A-Za-z]+\Z"),
            pa.Check(lambda column: ~column.str.lower().duplicated(keep=False), name="case_twin"),
        ],
    )
    table = pa.DataFrameSchema({"subscriber_name": rules})

    def faulty(frame: pd.DataFrame) -> int:
        try:
            table.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as found:
            return int(found.failure_cases["index"].nunique())
        return 0

    frame = pd.DataFrame({"subscriber_name": names(rows, broken)})
    faulty(frame[:1000])
    return lambda: told(frame, faulty(frame), broken)


def plain(rows: int) -> Work:
    column = names(rows, broken=False).tolist()

    def faulty() -> int:
        exact, lower = Counter(column), Counter(map(str.lower, column))
        return sum(
            not isinstance(name, str) or not LEGAL.fullmatch(name) or exact[name] > 1 or lower[name.lower()] > 1
            for name in column
        )

    return lambda: told(column, faulty(), broken=False)


def told(asked: Any, faulty: int, broken: bool) -> dict[str, int]:
    """Return the rows; whoever finds other faults than there are is not to be compared."""
    assert faulty == (len(range(0, len(asked), 100)) if broken else 0), faulty
    return {"rows": len(asked)}


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    rows = {"rows": 100_000 if quick else 1_000_000}
    yield [
        Case(OURS.format(CLEAN), "validation:ours", rows),
        Case(PANDERA.format(CLEAN), "validation:pandera", rows),
        Case("plain Python", "validation:plain", rows),
        Case(OURS.format(BROKEN), "validation:ours", rows | {"broken": True}),
        Case(PANDERA.format(BROKEN), "validation:pandera", rows | {"broken": True}),
        Case(TENANT, "validation:beside_tenant", rows),
    ]


def lines(found: Found) -> Iterator[Line]:
    for name, figures in found.items():
        rival = next((found[PANDERA.format(what)] for what in (CLEAN, BROKEN) if name == OURS.format(what)), None)
        share = rival and cpu_beside(figures, rival)
        if share:
            yield Line(name, figures, f"pandera takes {share:.1f} x its CPU", "> 1 x", share > 1)
        else:
            yield Line(name, figures)


PART = Part("validate: all rules on every name", cases, lines)
