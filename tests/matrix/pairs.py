"""Random pairs of variants with 5 % of each fault: `python -m tests.matrix.pairs 2000 pairs.jsonl`.

One that was cut off goes on where it was. Run number N is the same each time: its two variants, its verbs and its
faults are drawn by N.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.matrix.judge import Judgement
from tests.matrix.scenario import VERBS, Scenario
from tests.matrix.variants import VARIANTS, kinds
from tests.operations.truth import FIVE_PERCENT

VERBS_A_RUN = 3


def drawn(number: int) -> tuple[dict[str, str], list[str]]:
    """Return the pair of variants of a run, and its verbs in their usual order."""
    chance = random.Random(f"pairs {number}")
    pair: dict[str, str] = {}
    while len(pair) < 2:
        behavior, variant = chance.choice(VARIANTS)
        pair[behavior] = variant
    chosen = chance.sample(VERBS, VERBS_A_RUN)
    return pair, [verb for verb in VERBS if verb in chosen]


def run(number: int) -> Judgement:
    """Run one pair."""
    pair, verbs = drawn(number)
    return Scenario(pair, seed=number, faults=FIVE_PERCENT).run(verbs)


def runs(count: int, out: Path) -> Iterator[dict[str, Any]]:
    """Run what is not in the file yet, and yield every run's line."""
    done = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    yield from done
    for number in sorted(set(range(count)) - {line["run"] for line in done}):
        found = run(number)
        pair, verbs = drawn(number)
        outcomes = Counter(outcome for _, outcome, _ in found.outcomes)
        line = {"run": number, "pair": pair, "verbs": verbs, "outcomes": outcomes, "refusals": len(found.refusals)}
        line["violations"] = kinds(found.violations)
        with out.open("a") as file:
            file.write(json.dumps(line) + "\n")
        yield line


if __name__ == "__main__":
    lines = list(runs(int(sys.argv[1]), Path(sys.argv[2])))
    total = sum((Counter(line["outcomes"]) for line in lines), Counter())
    print(f"{len(lines):,} runs, {sum(total.values()):,} rows: {dict(total)}")
    for line in lines:
        if line["violations"]:
            print(line["run"], line["pair"], line["verbs"], line["violations"])
