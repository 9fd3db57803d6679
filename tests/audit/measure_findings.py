"""How long an audit of a million subscribers takes, beside reading them: `python -m tests.audit.measure_findings`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

import exotel_frames as ef
from tests.audit.planted import NOW, frame, planted, word

ROWS = 1_000_000


def tenant(rows):
    """Believable subscribers, a few hundred teams in several spellings, and the planted oddities."""
    teams = [f"{word(each)} team" for each in range(300)]
    spelled = [*teams, *(each.upper() for each in teams[::10])]
    names = [f"{word(each)}{each % 90 + 10}" for each in range(rows)]
    return pd.concat(
        [frame(names, fields=[spelled[each % len(spelled)] for each in range(rows)]), planted()[0].tail(3000)],
        ignore_index=True,
    )


def main(rows=ROWS):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tenant.parquet")
        tenant(rows).to_parquet(path)
        for _ in range(3):
            begin = time.perf_counter()
            subs = pd.read_parquet(path)
            read_s, before = time.perf_counter() - begin, peak_mb()
            begin = time.perf_counter()
            found = ef.audit_subscribers(subs, stale_days=365, now=NOW)
            audit_s = time.perf_counter() - begin
            print(f"{len(subs):,} rows: read {read_s:.2f} s, audited {audit_s:.2f} s ({audit_s / read_s:.1f} x)")
            print(f"  {peak_mb() - before:,.0f} MB more at the peak than with the rows read; {len(found):,} findings")


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
