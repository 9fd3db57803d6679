"""The same for a thousand rows and for a million: what a row costs must stay flat, and so must its memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .load import tenants
from .measuring import Case, Found, Line, Part
from .servers import answering, nginx

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CREATES = SIZES[:3]
LOAD, CREATE, PLAN = "load {:,}", "create {:,}", "plan {:,} against as many"
LOAD_BYTES = 300
FLAT = 1.1


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    """A million creates are left out: 100,000 requests take minutes; what a row costs shows before."""
    sizes, creates = (SIZES[:3], CREATES[:2]) if quick else (SIZES, CREATES)
    with nginx(tenants(*sizes)) as reading, answering() as writing:
        load = {"url": reading, "workers": 8}
        create = {"url": writing, "workers": 8, "action": "create"}
        yield [
            *(Case(LOAD.format(rows), "load:ours", load | {"rows": rows}, rounds(rows)) for rows in sizes),
            *(Case(CREATE.format(rows), "bulk:ours", create | {"rows": rows}, rounds(rows * 10)) for rows in creates),
            *(Case(PLAN.format(rows), "plan:ours", {"rows": rows, "kind": "two-way"}, rounds(rows)) for rows in sizes),
        ]


def rounds(rows: int) -> int | None:
    """Return how often is enough: large runs vary little, and take long."""
    return 1 if rows >= SIZES[-1] else None


def lines(found: Found) -> Iterator[Line]:
    """Compare each size with a tenth of it; the memory goals are those of the largest."""
    for what, most in ((LOAD, LOAD_BYTES), (CREATE, None), (PLAN, None)):
        there = [rows for rows in SIZES if what.format(rows) in found]
        for rows in there:
            figures, smaller = found[what.format(rows)], found.get(what.format(rows // 10))
            beside, goal, reached = "", "", None
            if smaller and smaller.rows and figures.rows:
                beside = f"{figures.us_a_row / smaller.us_a_row:.2f} x the CPU a row of a tenth"
            if rows == there[-1] and most:
                goal, reached = f"<= {most} B a row", figures.bytes_a_row <= most if figures.rows else None
            elif rows == there[-1] and what == CREATE and smaller and smaller.rows and figures.rows:
                goal, reached = "flat memory", figures.bytes_a_row <= FLAT * smaller.bytes_a_row
            yield Line(what.format(rows), figures, beside, goal, reached)


PART = Part("scale: from a thousand rows to a million", cases, lines)
