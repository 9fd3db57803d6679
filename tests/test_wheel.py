"""The wheel: what a user gets, without the checkout around it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: object, cwd: Path = ROOT, **variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build it, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (made,) = folder.glob("*.whl")
    return made


def files_below(folder: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_every_file_of_the_package_and_the_sample_data(wheel):
    there = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in there if ".dist-info/" not in name} == {
        *files_below("exotel_frames"),
        *(f"exotel_frames/{name}" for name in files_below("sample_data")),
    }
    assert {"exotel_frames/py.typed", "exotel_frames/__init__.pyi", "exotel_frames/widgets/browser_part.js"} <= there


@pytest.mark.slow
def test_the_demo_runs_from_the_files_of_the_wheel_alone(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    unpacked = {"PYTHONPATH": str(tmp_path / "unpacked")}
    told = run(sys.executable, "-m", "exotel_frames", "demo", "--out", "demo.xlsx", cwd=tmp_path, **unpacked)
    assert "49 rows: 37 done" in told
    assert (tmp_path / "demo.xlsx").stat().st_size > 5000
    where = run(sys.executable, "-c", "import exotel_frames; print(exotel_frames.__file__)", cwd=tmp_path, **unpacked)
    assert where.startswith(str(tmp_path))
