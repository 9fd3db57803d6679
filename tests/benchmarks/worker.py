"""The process that one contender has to itself: `python -m tests.benchmarks.worker MODULE:FUNCTION OPTIONS`."""

import gc
import importlib
import json
import os
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .measuring import MissingError, Work


def measured(task: str, options: dict[str, Any]) -> dict[str, Any]:
    """Prepare a task, time it, and return the figures; a contender that is not installed is no failure."""
    module, _, function = task.partition(":")
    try:
        work: Work = getattr(importlib.import_module(f"{__package__}.{module}"), function)(**options)
    except (ImportError, MissingError) as missing:
        return {"trouble": f"not installed: {getattr(missing, 'name', None) or missing}"}
    gc.collect()
    forget_peak()
    before, wall_s, cpu_s = memory("VmRSS"), time.perf_counter(), time.process_time()
    found = work()
    took = {"wall_s": time.perf_counter() - wall_s, "cpu_s": time.process_time() - cpu_s}
    peak = memory("VmHWM")
    return {**took, "peak_bytes": peak - before, "total_bytes": peak, **found}


def forget_peak() -> None:
    """Let the kernel's high-water mark begin anew; where that can't be done, the process's own peak counts."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def memory(what: str) -> int:
    """Return this process's memory now (VmRSS) or at its peak (VmHWM), in bytes."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:  # no Linux: only the peak is to be had, in bytes on macOS
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.partition(f"{what}:")[2].split()[0]) * 1024


def clocks() -> tuple[float, float]:
    """Return the time, and this process's CPU seconds."""
    return time.perf_counter(), time.process_time()


def children_cpu_s() -> float:
    """Return the CPU seconds of the programs that this process has started and waited for."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], json.loads(sys.argv[2]))))
