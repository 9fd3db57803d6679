"""Every example in a docstring is run, against a sandbox where it needs a client, and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import exotel_frames as ef

ROOT = Path(__file__).parent.parent
MODULES = ["exotel_frames", *(found.name for found in pkgutil.walk_packages(ef.__path__, "exotel_frames."))]
WITH_EXAMPLES = [  # the others would be asked nothing
    name
    for name in MODULES
    if any(
        ">>>" in path.read_text(encoding="utf-8")
        for path in (ROOT / f"{name.replace('.', '/')}.py", ROOT / name.replace(".", "/") / "__init__.py")
        if path.exists()
    )
]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def line_of(module, test):
    """Return where an example stands: doctest itself takes the decorator's line for what is decorated."""
    found = vars(module).get(test.name.rpartition(".")[2])
    if inspect.isfunction(found):
        return inspect.unwrap(found).__code__.co_firstlineno
    return test.lineno or 0


@contextmanager
def served(tests):
    """Give a sandbox and its client, where an example speaks of one."""
    if not any(re.search(r"\b(client|box)\b", example.source) for test in tests for example in test.examples):
        yield {}
        return
    with ef.Sandbox() as box:
        yield {"client": box.connect(), "box": box}


def test_most_modules_have_examples():
    assert len(WITH_EXAMPLES) > len(MODULES) / 2


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_are_true(name, tmp_path, monkeypatch):
    module = importlib.import_module(name)
    examples = [test for test in doctest.DocTestFinder(exclude_empty=True).find(module, name) if test.examples]
    assert examples
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    with served(examples) as world:
        shared = {public: getattr(ef, public) for public in ef.__all__} | world | {"pd": pd}
        runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
        told: list[str] = []
        for test in sorted(examples, key=partial(line_of, module)):
            test.globs = shared | vars(module) | world
            runner.run(test, out=told.append)
    assert runner.failures == 0, "".join(told)


def sections(text):
    """Return a docstring's sections, by their underlined titles."""
    titles = list(re.finditer(r"^(\w[\w ]*)\n-+$", text, re.MULTILINE))
    ends = [*(title.start() for title in titles[1:]), len(text)]
    return {title[1]: text[title.end() : end] for title, end in zip(titles, ends, strict=True)}


def public():
    names = [name for name in ef.__all__ if not isinstance(getattr(ef, name), type)]
    verbs = [name for name in names if callable(getattr(ef, name))] + ["Sandbox", "Cost", "NewSubscriber", "Secret"]
    return {name: getattr(ef, name) for name in verbs} | {
        f"widgets.{name}": getattr(ef.widgets, name) for name in dir(ef.widgets)
    }


@pytest.mark.parametrize("name", public())
def test_a_public_name_tells_each_of_its_parameters_what_it_returns_and_an_example(name):
    thing = public()[name]
    told = sections(inspect.getdoc(thing))
    described = re.findall(r"^(\w+) : \S.*\n    \S", told["Parameters"], re.MULTILINE)
    assert described == [each for each in inspect.signature(thing).parameters if each != "self"]
    gives = inspect.signature(thing).return_annotation not in {"None", None, inspect.Signature.empty}
    assert ("Returns" in told) == (gives and not isinstance(thing, type))
    assert ">>>" in told["Examples"]


@pytest.mark.parametrize("name", public())
def test_the_errors_that_a_docstring_names_exist(name):
    named = re.findall(r"^(\w+)$", sections(inspect.getdoc(public()[name])).get("Raises", ""), re.MULTILINE)
    assert [each for each in named if not hasattr(ef, each)] == []


@pytest.mark.parametrize("name", public())
def test_the_prose_of_a_docstring_has_no_star_that_the_site_would_take_for_markup(name):
    prose = [
        line for line in inspect.getdoc(public()[name]).splitlines() if not line.lstrip().startswith((">>>", "..."))
    ]
    text = re.sub(r"`[^`]*`", "", "\n".join(prose).partition("\nExamples\n")[0])
    assert re.findall(r"(?<![\w*])\*[^\s*]\S*", text) == []
