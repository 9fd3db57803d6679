"""The README's two lines on a machine that has only Python, and the wheel as a user installs it, from a registry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bare_machine import ROOT, pythons, reaches_a_registry, run_bare

README = (ROOT / "README.md").read_text(encoding="utf-8")
DEMO, TESTS = [line[2:] for line in README.splitlines() if line.startswith("$ python3 -m venv .venv &&")]
A_FEW = " tests/test_public_names.py tests/frames tests/cli/test_processes.py"
TWO = sorted({*list(pythons())[:1], *list(pythons())[-1:]})

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True, scope="module")
def _a_registry(tmp_path_factory):
    if not reaches_a_registry(tmp_path_factory.mktemp("registry")):
        pytest.skip("no package registry can be reached from here: nothing can be installed as a user would")


@pytest.fixture
def clone(tmp_path) -> Path:
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", tmp_path / "clone"], check=True)
    return tmp_path / "clone"


@pytest.mark.parametrize("first", [DEMO, TESTS], ids=["the demo first", "the tests first"])
@pytest.mark.parametrize("python", TWO)
def test_each_of_the_two_lines_does_all_its_set_up_alone_and_after_the_other(python, first, clone, tmp_path):
    for line in (first, TESTS if first == DEMO else DEMO):
        told = run_bare(line + A_FEW * (line == TESTS), clone, tmp_path / "home", pythons()[python])
        assert ("49 rows: 37 done" if line == DEMO else " passed in ") in told


@pytest.mark.parametrize("python", pythons())
def test_the_wheel_is_installed_by_pip_and_runs_the_demo(python, tmp_path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    told = run_bare(
        "python3 -m venv user && user/bin/pip install -q *.whl && user/bin/pip check && user/bin/exotel-frames demo"
        " && user/bin/python -W error -c 'import exotel_frames as ef; print(ef.connect, ef.__file__)'",
        tmp_path,
        tmp_path / "home",
        pythons()[python],
    )
    assert "No broken requirements found" in told
    assert "49 rows: 37 done" in told
    assert told.splitlines()[-1].endswith("site-packages/exotel_frames/__init__.py")
