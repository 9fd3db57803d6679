"""Plans for a million rows against a million, beside one outer merge of the same frames."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd

from exotel_frames.plans import plan_changes

from .measuring import Case, Found, Line, Part, Work

SHARE_CHANGED = 0.3
RATIO, GIGABYTES = 3, 2
KINDS = {
    "two-way": "two-way, a tenth new and a tenth deleted",
    "three-way": "three-way, 30 % changed on either side",
}
MERGE = "outer merge: {}"


def tenant(rows: int, first: int, seed: int) -> pd.DataFrame:
    """Return a shuffled tenant; neighbouring `first`s overlap."""
    rng = np.random.default_rng(seed)
    stamp = pd.Timestamp("2026-01-01", tz="UTC").as_unit("us")
    frame = {
        "subscriber_name": [f"user{number:010d}" for number in first + rng.permutation(rows)],
        "status": rng.choice(["active", "inactive"], rows),
        "custom_field": [f"team {number}" for number in rng.integers(0, 1000, rows)],
    }
    texts = pd.DataFrame({name: pd.array(list(values), dtype="str") for name, values in frame.items()})
    return texts.assign(date_created=stamp, date_updated=stamp)


def changed(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the same names in another order, and part of the custom fields different."""
    moved = frame.sample(frac=1, random_state=seed, ignore_index=True)
    rows = np.random.default_rng(seed).random(len(moved)) < SHARE_CHANGED
    return moved.assign(custom_field=moved["custom_field"].mask(rows, f"changed {seed}"))


def frames(rows: int, kind: str) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, object]]:
    """Return what is, what is wanted, and the options."""
    current = tenant(rows, 0, 0)
    if kind == "three-way":
        return changed(current, 3), changed(current, 2), {"base": current}
    return current, tenant(rows, rows // 10, 1), {"delete_missing": True}


def ours(rows: int, kind: str) -> Work:
    current, desired, options = frames(rows, kind)
    plan_changes(current[:1000], desired[:1000])

    def work() -> dict[str, int]:
        plan = plan_changes(current, desired, **options)
        return {"rows": rows, "changes": int(plan["action"].ne("none").sum())}

    return work


def merge(rows: int, kind: str) -> Work:
    current, desired, _ = frames(rows, kind)
    current[:1000].merge(desired[:1000], on="subscriber_name", how="outer")
    return lambda: {"rows": rows, "merged": len(current.merge(desired, on="subscriber_name", how="outer"))}


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    rows = 100_000 if quick else 1_000_000
    yield [
        Case(name, f"plan:{task}", {"rows": rows, "kind": kind})
        for kind, what in KINDS.items()
        for name, task in ((MERGE.format(what), "merge"), (what, "ours"))
    ]


def lines(found: Found) -> Iterator[Line]:
    """Give each plan its ratio, and the most memory that its process had, frames and all."""
    for name, figures in found.items():
        merged = found.get(MERGE.format(name))
        if not merged or not merged.rows or not figures.rows:
            yield Line(name, figures)
            continue
        ratio, total = figures.wall_s / merged.wall_s, figures.facts["total_bytes"] / 2**30
        goal = f"<= {RATIO} x, <= {GIGABYTES} GB"
        beside = f"{ratio:.2f} x the merge, {total:.2f} GB in all"
        yield Line(name, figures, beside, goal, ratio <= RATIO and total <= GIGABYTES)


PART = Part("plan: as many rows as the tenant has", cases, lines)
