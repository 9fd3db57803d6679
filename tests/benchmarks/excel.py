"""Subscribers in 8 columns to Excel and back, against pandas with openpyxl."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from exotel_frames.workbooks import read_workbook, write_workbook

from .measuring import Case, Found, Line, Part, Work
from .printing import cpu_beside

GOALS = {"write": 4, "read": 5}
GIGABYTES = 2
OURS, PANDAS, MANY = "{}: exotel_frames", "{}: pandas with openpyxl", "{} a large one: exotel_frames"


def subscribers(rows: int) -> pd.DataFrame:
    """Return a frame of 8 columns."""
    draw = random.Random(0)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    texts = {
        "subscriber_name": [f"{''.join(draw.choices(letters, k=8))}{at}" for at in range(rows)],
        "status": draw.choices(["active", "inactive"], k=rows),
        "custom_field": [f"team {draw.randrange(5_000)}, floor {draw.randrange(40)}" for _ in range(rows)],
        **{f"note {number}": [f"note {draw.randrange(10**6)}" for _ in range(rows)] for number in range(3)},
    }
    dates = {
        name: pd.date_range(start, periods=rows, freq="7s", tz="UTC", unit="us")
        for name, start in (("date_created", "2025-01-01"), ("date_updated", "2026-01-01"))
    }
    return pd.DataFrame({**texts, **dates}).astype(dict.fromkeys(texts, "str"))


def write(rows: int, folder: str) -> Work:
    frame, path = subscribers(rows), Path(folder) / f"ours{rows}.xlsx"
    write_workbook(frame[:100], Path(folder) / "warm.xlsx")

    def work() -> dict[str, int]:
        write_workbook(frame, path)
        return {"rows": rows, "file_bytes": path.stat().st_size}

    return work


def write_pandas(rows: int, folder: str) -> Work:
    """Dates go as text: pandas can't write dates with an offset at all."""
    frame, path = subscribers(rows), Path(folder) / f"pandas{rows}.xlsx"
    as_text = frame.astype({column: "str" for column in frame if column.startswith("date_")})
    as_text[:100].to_excel(Path(folder) / "warm.xlsx", index=False, engine="openpyxl")

    def work() -> dict[str, int]:
        as_text.to_excel(path, index=False, engine="openpyxl")
        return {"rows": rows, "file_bytes": path.stat().st_size}

    return work


def read(rows: int, folder: str) -> Work:
    """Read back what `write` wrote, preflight included."""
    warm = Path(folder) / "warm.xlsx"
    write_workbook(subscribers(100), warm)
    read_workbook(warm)
    return lambda: {"rows": len(read_workbook(Path(folder) / f"ours{rows}.xlsx"))}


def read_pandas(rows: int, folder: str) -> Work:
    path = Path(folder) / f"pandas{rows}.xlsx"
    plainly = {"dtype": str, "keep_default_na": False, "na_filter": False}  # or "NA" becomes NaN
    return lambda: {"rows": len(pd.read_excel(path, engine="openpyxl", **plainly))}


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    with tempfile.TemporaryDirectory(prefix="benchmarks_") as folder:
        rows, many = (5_000, 50_000) if quick else (100_000, 1_000_000)
        options, large = {"folder": folder, "rows": rows}, {"folder": folder, "rows": many}
        yield [
            *(Case(OURS.format(what), f"excel:{what}", options, rounds=2) for what in GOALS),
            *(Case(PANDAS.format(what), f"excel:{what}_pandas", options, rounds=2) for what in GOALS),
            *(Case(MANY.format(what), f"excel:{what}", large, rounds=1) for what in GOALS),
        ]


def lines(found: Found) -> Iterator[Line]:
    for what, goal in GOALS.items():
        ours, theirs = found[OURS.format(what)], found[PANDAS.format(what)]
        share = cpu_beside(ours, theirs)
        beside = f"pandas takes {share:.1f} x its CPU" if share else ""
        yield Line(OURS.format(what), ours, beside, f">= {goal} x", share and share >= goal)
        yield Line(PANDAS.format(what), theirs)
    for what in GOALS:
        many = found[MANY.format(what)]
        total = many.facts.get("total_bytes", 0) / 2**30
        reached = total <= GIGABYTES if total else None
        yield Line(MANY.format(what), many, f"{total:.2f} GB in all", f"<= {GIGABYTES} GB", reached)


PART = Part("excel: 8 columns", cases, lines)
