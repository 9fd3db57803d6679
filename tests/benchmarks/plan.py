"""How long a plan for a million rows takes, beside one outer merge of the same frames, and how much memory.

uv run --no-sync python tests/benchmarks/plan.py [rows]
"""

import resource
import sys
import time

import numpy as np
import pandas as pd

from exotel_frames.frames.plan import plan_changes

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SHARE_CHANGED = 0.3


def tenant(first, seed):
    """A shuffled tenant of ROWS subscribers; neighbouring `first`s overlap."""
    rng = np.random.default_rng(seed)
    stamp = pd.Timestamp("2026-01-01", tz="UTC").as_unit("us")
    frame = {
        "subscriber_name": [f"user{number:010d}" for number in first + rng.permutation(ROWS)],
        "status": rng.choice(["active", "inactive"], ROWS),
        "custom_field": [f"team {number}" for number in rng.integers(0, 1000, ROWS)],
    }
    texts = pd.DataFrame({name: pd.array(list(values), dtype="str") for name, values in frame.items()})
    return texts.assign(date_created=stamp, date_updated=stamp)


def changed(frame, seed):
    """The same names in another order, and part of the custom fields different."""
    moved = frame.sample(frac=1, random_state=seed, ignore_index=True)
    rows = np.random.default_rng(seed).random(len(moved)) < SHARE_CHANGED
    return moved.assign(custom_field=moved["custom_field"].mask(rows, f"changed {seed}"))


def timed(call):
    began = time.perf_counter()
    made = call()
    return made, time.perf_counter() - began


def memory_gb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main():
    current, other = tenant(0, 0), tenant(ROWS // 10, 1)
    mine, theirs = changed(current, 2), changed(current, 3)
    runs = {
        "two-way, a tenth new, half changed": (current, other, {}),
        "two-way, a tenth new and a tenth deleted": (current, other, {"delete_missing": True}),
        "two-way, nothing changed": (current, current, {}),
        "three-way, 30 % changed on either side": (theirs, mine, {"base": current}),
    }
    print(f"{ROWS:,} x {ROWS:,} rows; {memory_gb():.2f} GB with the frames loaded")
    worst = 0.0
    for name, (now, wanted, options) in runs.items():
        plan, seconds = timed(lambda: plan_changes(now, wanted, **options))  # noqa: B023 - called at once
        peak, count = memory_gb(), len(plan)
        del plan
        _, merge = timed(lambda: now.merge(wanted, on="subscriber_name", how="outer"))  # noqa: B023 - called at once
        worst = max(worst, seconds / merge)
        print(f"{name}: {count:,} rows in {seconds:.2f} s, peak {peak:.2f} GB")
        print(f"    {seconds / merge:.2f} x one outer merge ({merge:.2f} s)")
    print(f"worst ratio {worst:.2f}")


if __name__ == "__main__":
    main()
