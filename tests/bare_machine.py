"""A machine with nothing but a Python: its interpreters, and a shell without any of our environment."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
OLDEST = 11
FOLDERS = ("/usr/bin", "/usr/local/bin", "~/.pyenv/versions/*/bin", "~/.local/share/uv/python/*/bin")


@functools.cache
def pythons() -> dict[str, Path]:
    """Return the folders of this machine whose `python3` is new enough, one of each version and the system's; by name.

    Only names are looked at: starting each of them would cost every collection of the tests a second.
    """
    found: dict[str, Path] = {}
    for pattern in FOLDERS:
        for folder in sorted(Path("/").glob(str(Path(pattern).expanduser()).lstrip("/"))):
            version = re.fullmatch(r"python3\.(\d+)", (folder / "python3").resolve().name)
            if version and int(version[1]) >= OLDEST:
                found.setdefault(f"3.{version[1]}{' of the system' * (pattern == '/usr/bin')}", folder)
    return found


def run_bare(line: str, folder: Path, home: Path, python: Path) -> str:
    """Run a line in a shell that knows a new home, one Python and the system's programs; return what it printed."""
    home.mkdir(exist_ok=True)
    command = ["env", "-i", f"HOME={home}", f"PATH={python}:/usr/bin:/bin", "LC_ALL=C.UTF-8", "sh", "-c", line]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@functools.cache
def reaches_a_registry(folder: Path) -> bool:
    """Tell whether pip finds a package: what these tests install comes from there, as for a user."""
    made = subprocess.run(["/usr/bin/env", "python3", "-m", "venv", folder], check=False)
    asked = [folder / "bin" / "pip", "download", "-q", "--no-deps", "-d", folder, "idna"]
    return made.returncode == 0 and subprocess.run(asked, capture_output=True, check=False).returncode == 0
