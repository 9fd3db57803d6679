"""One table says what each outcome is, and nothing else lists outcomes by hand."""

import ast
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

import exotel_frames
from exotel_frames import outcomes
from exotel_frames.display.results_view import view_results
from exotel_frames.outcomes import OUTCOME_INFO, Outcome, settled_weight

PACKAGE = Path(exotel_frames.__file__).parent
OWN_WORDS = {
    "outcomes.py": "the table",
    "api/retry.py": "kinds of failed requests, which happen to be called alike",
}


def test_the_table_has_a_line_for_each_outcome_that_the_records_allow():
    assert get_args(Outcome) == outcomes.OUTCOMES


def test_what_is_open_is_never_settled_and_what_is_settled_is_never_open():
    assert {name for name in outcomes.OUTCOMES if settled_weight(name) < 2} == set(outcomes.OPEN)
    assert settled_weight("deferred") < 2


def test_no_module_lists_outcomes_by_hand():
    faults = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if str(path.relative_to(PACKAGE)) not in OWN_WORDS:
            faults += [f"{path}:{line} lists {words}" for line, words in listed_by_hand(path)]
    assert faults == [], "read exotel_frames.outcomes instead"


def listed_by_hand(path):
    """Yield the lines of a module that list outcomes, and what they list."""
    text = path.read_text(encoding="utf-8")
    if sum(text.count(f'"{word}"') for word in outcomes.OUTCOMES) < 2:  # to parse it takes a hundred times as long
        return
    for node in ast.walk(ast.parse(text)):
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        words = [item.value for item in items if isinstance(item, ast.Constant) and item.value in outcomes.OUTCOMES]
        if len(words) > 1:
            yield node.lineno, words


@pytest.mark.parametrize("outcome", outcomes.FAILURES)
def test_every_failure_is_shown_with_its_meaning(outcome):
    results = pd.DataFrame({"outcome": [outcome] * 2, "error_code": [None, 1008], "error_message": [None, "no"]})
    (group,) = view_results(results, max_rows=9).groups
    assert group.title == f"2 {outcome}: {OUTCOME_INFO[outcome].meaning}"
