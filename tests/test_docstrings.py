"""Every example in a docstring is run, against a sandbox where it needs a client, and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import exotel_frames as ef

ROOT = Path(__file__).parent.parent
MODULES = ["exotel_frames", *(found.name for found in pkgutil.walk_packages(ef.__path__, "exotel_frames."))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def line_of(module, test):
    """Return where an example stands: doctest itself takes the decorator's line for what is decorated."""
    found = vars(module).get(test.name.rpartition(".")[2])
    if inspect.isfunction(found):
        return inspect.unwrap(found).__code__.co_firstlineno
    return test.lineno or 0


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_the_examples_of_a_module_are_true(name, tmp_path, monkeypatch):
    module = importlib.import_module(name)
    examples = [test for test in doctest.DocTestFinder(exclude_empty=True).find(module, name) if test.examples]
    if not examples:
        return
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    with ef.Sandbox() as box:
        known = {public: getattr(ef, public) for public in ef.__all__}
        shared = known | {"client": box.connect(), "box": box, "pd": pd}
        runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
        told: list[str] = []
        for test in sorted(examples, key=partial(line_of, module)):
            test.globs = shared | vars(module) | {"client": shared["client"]}
            runner.run(test, out=told.append)
    assert runner.failures == 0, "".join(told)
