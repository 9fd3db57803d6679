"""What it costs to begin: `import exotel_frames` beside `import pandas`, and `exotel-frames --help`."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .measuring import ROOT, Case, Found, Line, Part, Work

SECONDS = 0.12
CODES = {
    "python alone": "pass",
    "import pandas": "import pandas",
    "import exotel_frames": "import exotel_frames",
    "import exotel_frames, and its first verb": "import exotel_frames; exotel_frames.load_subscribers",
    "import exotel_frames, and a connection that asks": (
        "import exotel_frames as ef; client = ef.connect(api_key='k', api_token='t', account_sid='a', "
        "base_url='http://127.0.0.1:9')\ntry: client.get('bob')\nexcept ef.NotSentError: pass"
    ),
    "exotel-frames --help": "from exotel_frames.cli import main; main(['--help'])",
}
PANDAS, OURS, VERB, ASKED, HELP = list(CODES)[1:]


def started(code: str, times: int) -> Work:
    """Start Python several times, and take the median; `pandas` tells whether it came along."""
    command = [sys.executable, "-X", "importtime", "-c", code]
    imported = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr
    pandas = any(line.rpartition("|")[2].strip() == "pandas" for line in imported.splitlines())

    def work() -> dict[str, float]:
        from .worker import children_cpu_s

        walls, cpu_s = [], children_cpu_s()
        for _ in range(times):
            begun_s = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            walls.append(time.perf_counter() - begun_s)
        cpu_s = (children_cpu_s() - cpu_s) / times
        return {"rows": 0, "wall_s": statistics.median(walls), "cpu_s": cpu_s, "peak_bytes": 0, "pandas": pandas}

    return work


@contextmanager
def cases(quick: bool) -> Iterator[Sequence[Case]]:
    yield [Case(name, "imports:started", {"code": code, "times": 1 if quick else 7}) for name, code in CODES.items()]


def lines(found: Found) -> Iterator[Line]:
    for name, figures in found.items():
        over_s = figures.cpu_s - found[PANDAS].cpu_s  # importing only computes
        beside = f"{over_s * 1000:+,.0f} ms of CPU beside pandas"
        if figures.trouble or found[PANDAS].trouble:
            yield Line(name, figures)
        elif name == VERB:
            yield Line(name, figures, beside, f"<= {SECONDS * 1000:+.0f} ms", over_s <= SECONDS)
        elif name in (OURS, ASKED):
            yield Line(name, figures, beside)
        elif name == HELP:
            said = "with pandas" if figures.facts["pandas"] else "without pandas"
            yield Line(name, figures, said, "without pandas", not figures.facts["pandas"])
        else:
            yield Line(name, figures)


PART = Part("import: a process from its start to its end", cases, lines)
