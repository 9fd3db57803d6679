"""The law of the rooms, and the price of importing them."""

from __future__ import annotations

import ast
import graphlib
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "exotel_frames").rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SECRETS_OF_OTHERS = {
    "requests": {"exotel_frames.api.wire.pool"},
    "urllib3": {
        "exotel_frames.api.wire.raw_response",
        "exotel_frames.api.wire.connections",
        "exotel_frames.api.wire.pool",
    },
    "sqlite3": {
        "exotel_frames.runs.journal",
        "exotel_frames.sandbox.sqlite_file",
    },
    "python_calamine": {"exotel_frames.workbooks"},
    "xlsxwriter": {"exotel_frames.workbooks"},
    "openpyxl": {"exotel_frames.workbooks"},
    "ipywidgets": {"exotel_frames.widgets"},
    "matplotlib": {"exotel_frames.plots"},
}


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("exotel_frames", include_external_packages=True, cache_dir=None)


def test_imports_run_one_way():
    # In a process of its own: import-linter's set-up of logging would switch off the loggers that other tests read.
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "12 kept, 0 broken" in told.stdout


def test_no_modules_import_each_other_in_a_circle(graph):
    ours = [name for name in graph.modules if name.startswith("exotel_frames")]
    needs = {name: [other for other in graph.find_modules_directly_imported_by(name) if other in ours] for name in ours}
    graphlib.TopologicalSorter(needs).prepare()


@pytest.mark.parametrize("library", SECRETS_OF_OTHERS)
def test_a_library_is_imported_only_where_it_belongs(graph, library):
    allowed = SECRETS_OF_OTHERS[library]
    users = graph.find_modules_that_directly_import(library) if library in graph.modules else set()
    assert {user for user in users if not any(user == home or user.startswith(f"{home}.") for home in allowed)} == set()


def test_modules_and_folders_have_the_size_that_contributing_says():
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {path.name: count for path, count in lines.items() if count > 300} == {}
    assert {
        folder.name: count for folder, count in Counter(path.parent for path in MODULES).items() if count > 21
    } == {}


def test_functions_have_the_length_that_contributing_says():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in MODULES]
    lengths = [_length(node) for tree in trees for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=10)[-1] <= 12
    assert max(lengths) <= 30


def _length(function):
    """Count the lines of a function without its head and its docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_neither_the_api_nor_the_runs_know_pandas(graph):
    for room in ("exotel_frames.api", "exotel_frames.runs"):
        members = {room, *graph.find_descendants(room)}
        assert not {member for member in members if "pandas" in graph.find_modules_directly_imported_by(member)}


@pytest.mark.parametrize("code", ["import exotel_frames", "from exotel_frames.cli.parser import parser; parser()"])
def test_importing_the_package_or_asking_for_help_loads_no_pandas(code):
    heavy = "{'pandas', 'numpy', 'pyarrow', 'requests', 'ipywidgets', 'matplotlib', 'starlette'} & set(sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print({heavy})"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"
