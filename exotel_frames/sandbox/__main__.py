"""`python -m exotel_frames.sandbox --port 8080 --subscribers 500 --state box.db`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from exotel_frames.sandbox.behaviors import read_pairs
from exotel_frames.sandbox.rate_limit import RateLimit
from exotel_frames.sandbox.serve import serve


def parser() -> argparse.ArgumentParser:
    """Describe the options.

    >>> parser().parse_args(["--port", "8080"]).port
    8080
    """
    described = argparse.ArgumentParser(
        prog="python -m exotel_frames.sandbox", description="Serve a made-up Exotel account."
    )
    described.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    described.add_argument("--port", type=int, default=0, help="0 takes a free port (%(default)s)")
    described.add_argument("--subscribers", type=int, default=250, help="how many are made up (%(default)s)")
    described.add_argument(
        "--seed", type=int, default=0, help="the same seed, the same subscribers and faults (%(default)s)"
    )
    described.add_argument("--state", metavar="FILE", help="a SQLite file that keeps what was done; without it, memory")
    described.add_argument("--rate-limit", type=int, metavar="N", help="requests a minute; without it, no limit")
    described.add_argument("--window", choices=("fixed", "sliding"), default="fixed", help="of the limit (%(default)s)")
    described.add_argument("--faults", type=json.loads, metavar="JSON", help="such as '{\"drop_after\": 0.05}'")
    described.add_argument(
        "--behavior",
        action="append",
        default=[],
        metavar="NAME=VARIANT",
        help="what the service does otherwise than documented, such as custom_field=trim; may be given several times",
    )
    return described


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve as the arguments say."""
    options = vars(parser().parse_args(arguments))
    per_minute, window = options.pop("rate_limit"), options.pop("window")
    limit = RateLimit(per_minute=per_minute, window=window) if per_minute is not None else None
    behavior = read_pairs(options.pop("behavior"))
    serve(rate_limit=limit, behavior=behavior, **options)


if __name__ == "__main__":
    main()
