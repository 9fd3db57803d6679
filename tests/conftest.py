"""Tests don't time: on a busy machine a slow example is no failure. What is compiled once stays compiled."""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

# Where this variable is set, each of some hundred processes that the tests start would compile pandas anew: 2 s of CPU.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell's background job ignores Ctrl-C, and so would each program that the tests start and stop.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Journals are written synchronously before each request: on a disk the tests wait for that a quarter of their time.
# Where somebody says TMPDIR, it is taken; a file system in memory takes files as any other does.
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 2 * 1024**3
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_xdist_auto_num_workers():
    """Return one process more than there are cores: tests wait for servers and disks a quarter of their time."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


NOT_BY_DEFAULT = {"browser", "benchmarks"}
LONGEST = ("test_kills.py", "test_notebooks.py", "test_libreoffice.py", "test_faults.py")


def pytest_collection_modifyitems(items):
    """Put what takes longest first, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def import_a_share(session):
    """Import another part of the tests first in each process: in a fresh clone each part is then compiled only once."""
    config, place = session.config, os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count == 1 or config.args != config.getini("testpaths"):
        return
    config.pluginmanager.rewrite_hook.set_session(session)
    folder = Path(__file__).parent
    paths = [path for path in sorted(folder.rglob("test_*.py")) if path.parent.name not in NOT_BY_DEFAULT]
    for path in paths[len(paths) * int(place) // count : len(paths) * (int(place) + 1) // count]:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # told when it is collected
            importlib.import_module(".".join(("tests", *path.relative_to(folder).with_suffix("").parts)))


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Look for no garbage while 100,000 objects are made that stay, leave them out of later looks, and look seldom.

    A fifth of the default run was spent in looking, at 20,000 objects a look.
    """
    gc.disable()
    import_a_share(session)
    found = yield
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    gc.enable()
    return found
