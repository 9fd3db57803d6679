"""The wheel, installed into an empty environment: what a user gets, without the checkout around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = os.environ.get("UV") or shutil.which("uv")


def run(*command: object, cwd: Path = ROOT) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.skipif(
    UV is None, reason="uv, which makes the empty environment, is not installed: the wheel is not tested"
)
def test_the_wheel_installed_into_an_empty_environment_runs_the_demo(tmp_path):
    run(UV, "build", "--wheel", "--no-build-isolation", "--offline", "-q", "-o", tmp_path, "--python", sys.executable)
    (wheel,) = tmp_path.glob("*.whl")
    # Everything the project names as a dependency, from uv's cache: the tests talk to no registry.
    needed = tmp_path / "needed.txt"
    run(UV, "export", "-q", "--offline", "--no-dev", "--no-emit-project", "--no-hashes", "-o", needed)
    run(UV, "venv", "-q", "--offline", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(UV, "pip", "install", "-q", "--offline", "--no-deps", "--python", python, "-r", needed, wheel)
    run(UV, "pip", "check", "-q", "--python", python)
    told = run(python.with_name("exotel-frames"), "demo", "--out", tmp_path / "demo.xlsx", cwd=tmp_path)
    assert "49 rows: 37 done" in told
    assert (tmp_path / "demo.xlsx").stat().st_size > 5000
    assert "site-packages" in run(python, "-c", "import exotel_frames; print(exotel_frames.__file__)", cwd=tmp_path)
