"""How long a million names take, beside reading them and three regex passes, and beside the same rules in plain Python.

Run: uv run python tests/benchmarks/validation.py [rows]
CPU seconds of all threads: a busy machine tilts them least.
"""

import random
import re
import string
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd

from exotel_frames.frames.validate import validate_names, validate_subscribers

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
LEGAL = re.compile("[0-9A-Za-z]{1,16}")


def made_up_names(rows: int) -> list[str]:
    source, letters = random.Random(7), string.ascii_letters + string.digits
    return list({"".join(source.choices(letters, k=source.randint(9, 16))) for _ in range(rows)})


def seconds(what) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        what()
        best = min(best, time.process_time() - start)
    return best


def read_and_three_regexes(path: Path) -> None:
    names = pd.read_parquet(path)["subscriber_name"]
    for pattern in ("[0-9A-Za-z]{1,16}", ".*[A-Z].*", "[0-9]+"):
        names.str.fullmatch(pattern)


def plain_python(names: list[str]) -> list[int]:
    exact, lower = Counter(names), Counter(name.lower() for name in names)
    return [
        row
        for row, name in enumerate(names)
        if not isinstance(name, str) or not LEGAL.fullmatch(name) or exact[name] > 1 or lower[name.lower()] > 1
    ]


def main() -> None:
    names = made_up_names(ROWS)
    series = pd.Series(names, dtype="str")
    one_percent = series.where(series.index % 100 != 0, series + " ")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.parquet"
        pd.DataFrame({"subscriber_name": series}).to_parquet(path)
        lines = {
            "parquet + three regex passes": lambda: read_and_three_regexes(path),
            "validate_names, str": lambda: validate_names(series),
            "validate_names, a list": lambda: validate_names(names),
            "validate_names, 1 % with a space": lambda: validate_names(one_percent),
            "validate_names, every name repeated": lambda: validate_names(pd.concat([series[: ROWS // 2]] * 2)),
            "validate_subscribers, update, all current": lambda: validate_subscribers(
                pd.DataFrame({"subscriber_name": series, "status": "active"}), action="update", current=series
            ),
            "the rules in plain Python": lambda: plain_python(names),
        }
        for label, what in lines.items():
            print(f"{label:45s} {seconds(what) * 1000:9.1f} ms for {len(names):,} names")


if __name__ == "__main__":
    main()
