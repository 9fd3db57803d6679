"""Everything side by side, one table: `uv run --group benchmarks python -m tests.benchmarks`.

Each contender runs in a process of its own, the rounds interleaved; the figures are medians. What is not installed is a
line that says so. Only ratios within one table mean anything: machines differ, and so do their moods.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence

from . import bulk, curve, excel, imports, layers, load, plan, validation
from .measuring import Figures, Line, MissingError, Part, measure
from .printing import as_data, table

PARTS: dict[str, Part] = {
    "load": load.PART,
    "load-latency": load.SLOW,
    "bulk": bulk.PART,
    "bulk-latency": bulk.SLOW,
    "validate": validation.PART,
    "plan": plan.PART,
    "excel": excel.PART,
    "import": imports.PART,
    "scale": curve.PART,
    "layers": layers.PART,
}


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    begun_s = time.monotonic()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process compiles pandas anew, and that is measured
    chosen = {name: PARTS[name] for name in given.only}
    done = {part.title: lines_of(part, given.rounds, quick=given.quick) for part in chosen.values()}
    took_s = time.monotonic() - begun_s
    print(json.dumps(as_data(done), indent=1) if given.json else table(done))
    rounds = f"{given.rounds} rounds" if given.rounds > 1 else "one round"
    print(f"\n{rounds}{', quick' if given.quick else ''}, {took_s / 60:.1f} min", file=sys.stderr)
    failed = [
        line for lines in done.values() for line in lines if (line.figures or Figures()).trouble.startswith("failed")
    ]
    return 1 if failed else 0


def lines_of(part: Part, rounds: int, *, quick: bool) -> list[Line]:
    say(part.title)
    try:
        with part.cases(quick) as cases:
            return list(part.lines(measure(cases, rounds, say)))
    except MissingError as missing:
        return [Line("all of it", Figures(trouble=f"not installed: {missing}"))]
    except (OSError, RuntimeError) as problem:  # the other parts go on
        return [Line("all of it", Figures(trouble=f"failed: {problem}"))]


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    asked.add_argument("--only", type=parts, default=list(PARTS), help=f"some of: {','.join(PARTS)}")
    asked.add_argument("--rounds", type=int, default=3, help="how often each contender runs (3)")
    asked.add_argument("--quick", action="store_true", help="less of everything: a look, not a measurement")
    asked.add_argument("--json", action="store_true", help="the figures as JSON instead of the table")
    return asked


def parts(text: str) -> list[str]:
    names = text.split(",")
    if strange := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"{', '.join(strange)}: not among {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
