"""How long pages take to become a frame, and what they cost in memory, beside `json` + `json_normalize`.

Run: uv run python tests/benchmarks/frames.py [pages of 100]; each way has a process of its own, so peaks don't mix.
CPU seconds of all threads: a busy machine tilts them least.
"""

import json
import resource
import subprocess
import sys
import time

import msgspec
import pandas as pd

from exotel_frames.frames.tables import subscriber_batch, subscribers_frame
from exotel_frames.records import Subscriber


class Part(msgspec.Struct, frozen=True, gc=False):
    data: Subscriber


class Envelope(msgspec.Struct, frozen=True, gc=False):
    response: list[Part]


def page(number: int) -> bytes:
    items = [
        {
            "code": 200,
            "error_data": None,
            "status": "success",
            "data": {
                "date_created": f"2019-11-19T23:{row % 60:02}:17+05:30",
                "date_updated": f"2019-11-20T11:{row % 60:02}:38+05:30",
                "subscriber_name": f"user{number:06}{row:04}",
                "status": "active" if row % 3 else "inactive",
                "custom_field": f"team {row % 17}" if row % 4 else None,
            },
        }
        for row in range(100)
    ]
    return json.dumps({"request_id": "0" * 32, "method": "GET", "http_code": 200, "response": items}).encode()


def naive(pages) -> pd.DataFrame:
    return dated(pd.json_normalize([item for body in pages for item in json.loads(body)["response"]]), "data.")


def flat(pages) -> pd.DataFrame:
    return dated(pd.json_normalize([item["data"] for body in pages for item in json.loads(body)["response"]]), "")


def dated(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    for column in ("date_created", "date_updated"):
        frame[prefix + column] = pd.to_datetime(frame[prefix + column], utc=True)
    return frame


def ours(pages) -> pd.DataFrame:
    decoder = msgspec.json.Decoder(Envelope)
    return subscribers_frame(
        [subscriber_batch([part.data for part in decoder.decode(body).response]) for body in pages]
    )


WAYS = {"json_normalize of the items": naive, "json_normalize of their data": flat, "ours": ours}


def measure(way: str, pages: int) -> None:
    bodies = [page(number % 50) for number in range(50)]
    WAYS[way](bodies)  # warm
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    frame = WAYS[way](bodies[number % 50] for number in range(pages))
    took = time.process_time() - start
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(f"{took} {took / len(frame) * 1e6:.2f} {peak / len(frame):.0f}")


def main(pages: int) -> None:
    took = {}
    for way in WAYS:
        command = [sys.executable, __file__, str(pages), way]
        runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(3)]
        best = min(runs, key=lambda run: float(run[0]))
        took[way] = float(best[0])
        print(f"{way:28s} {best[1]} µs a row, {best[2]} bytes a row at the peak, {pages * 100:,} rows")
    for way, seconds in list(took.items())[:-1]:
        print(f"ours is {seconds / took['ours']:.1f} times as fast as {way}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[2], int(sys.argv[1]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
