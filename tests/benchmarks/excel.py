"""100,000 subscribers in 8 columns to Excel and back, against pandas with openpyxl: `python tests/benchmarks/excel.py`.

Each task runs in a process of its own (so that memory can be told); seconds are CPU seconds, which a busy machine
falsifies least. Goals: writing at least 4 times as fast, reading (preflight included) 5 times, and less memory.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROWS = 100_000
GOALS = {"write": 4, "read": 5}
TASKS = ("write ours", "write pandas", "read ours", "read pandas")


def subscribers():
    """Return a frame of 8 columns; dates as text for pandas, which can't write dates with an offset at all."""
    draw = random.Random(0)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    texts = {
        "subscriber_name": [f"{''.join(draw.choices(letters, k=8))}{at}" for at in range(ROWS)],
        "status": draw.choices(["active", "inactive"], k=ROWS),
        "custom_field": [f"team {draw.randrange(5_000)}, floor {draw.randrange(40)}" for _ in range(ROWS)],
        **{f"note {number}": [f"note {draw.randrange(10**6)}" for _ in range(ROWS)] for number in range(3)},
    }
    dates = {
        name: pd.date_range(start, periods=ROWS, freq="7s", tz="UTC", unit="us")
        for name, start in (("date_created", "2025-01-01"), ("date_updated", "2026-01-01"))
    }
    return pd.DataFrame({**texts, **dates}).astype(dict.fromkeys(texts, "str"))


def task(name, folder):
    """Do one of the four tasks, and print its CPU seconds and the memory it took on top."""
    from exotel_frames.frames.workbook import read_workbook, write_workbook

    ours, theirs = folder / "ours.xlsx", folder / "pandas.xlsx"
    frame = subscribers() if name.startswith("write") else pd.DataFrame()
    as_text = frame.astype({column: "str" for column in frame if column.startswith("date_")})
    plainly = {"dtype": str, "keep_default_na": False, "na_filter": False}
    doings = {
        "write ours": lambda: write_workbook(frame, ours),
        "write pandas": lambda: as_text.to_excel(theirs, index=False, engine="openpyxl"),
        "read ours": lambda: read_workbook(ours),
        "read pandas": lambda: pd.read_excel(theirs, engine="openpyxl", **plainly),
    }
    before, begin = memory_mb("VmRSS"), time.process_time()
    doings[name]()
    print(json.dumps({"seconds": time.process_time() - begin, "mb": memory_mb("VmHWM") - before}))


def memory_mb(what):
    """Return this process's memory now (VmRSS) or at its peak (VmHWM)."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").partition(f"{what}:")[2].split()[0]) / 1024


def main():
    """Run the four tasks, and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: measured(name, folder) for name in TASKS}
        size = {path.stem: path.stat().st_size / 2**20 for path in Path(folder).iterdir()}
    for what, goal in GOALS.items():
        ours, theirs = found[f"{what} ours"], found[f"{what} pandas"]
        ratio = theirs["seconds"] / ours["seconds"]
        sides = [
            f"{name} {side['seconds']:.2f} s, {side['mb']:.0f} MB"
            for name, side in (("ours", ours), ("pandas", theirs))
        ]
        print(f"{what}: {'; '.join(sides)}: {ratio:.1f} times as fast (goal {goal})")
    print(f"files: ours {size['ours']:.1f} MB with the hidden base, pandas' {size['pandas']:.1f} MB")


def measured(name, folder):
    """Return what a process of its own prints about one task."""
    command = [sys.executable, __file__, name, folder]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    task(sys.argv[1], Path(sys.argv[2])) if sys.argv[1:] else main()
