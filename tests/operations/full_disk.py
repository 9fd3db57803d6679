"""Runs on a disk that fills up: each is stopped, read, resumed, and compared with the sandbox's own log.

    python tests/operations/full_disk.py 20 35 50

Each number is how much the disk takes, in writes of SQLite; without any, all of them in turn until a run is through.
One JSON list is printed for each: the number, where the run stopped, and how many rows were done by then.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd

import exotel_frames as ef
from exotel_frames.operations.engine import job_of, run_job
from exotel_frames.plans import plan_creates, plan_deletes, plan_updates
from tests.operations.truth import (
    assert_accounted,
    assert_creates_are_true,
    assert_deletes_are_true,
    assert_updates_are_true,
)

WAL_FRAME = 4096 + 24
"""What SQLite writes at a time to its write-ahead log."""
EACH = 24
"""Rows of each action: three chunks."""


@contextlib.contextmanager
def disk_of(writes):
    """Let no file of this process grow beyond so many writes."""
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (writes * WAL_FRAME, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))


def job(client):
    """Creates, updates with and without a known before-image, and deletes, in turns."""
    current = ef.load_subscribers(client, progress=False)
    names = current["subscriber_name"]
    change = pd.DataFrame({"subscriber_name": names[:EACH], "custom_field": "changed"})
    plans = [
        plan_creates(pd.DataFrame({"subscriber_name": [f"new{row}" for row in range(EACH)], "custom_field": "made"})),
        plan_updates(change[::2], current),
        plan_updates(change[1::2], current.iloc[:0]),
        plan_deletes(names[EACH : 2 * EACH], current),
    ]
    return job_of("mixed", pd.concat(plans, ignore_index=True))


def assert_true(box, results):
    assert_accounted(results, 3 * EACH)
    for action, check in (
        ("create", assert_creates_are_true),
        ("update", assert_updates_are_true),
        ("delete", assert_deletes_are_true),
    ):
        check(box, results[results["action"] == action])


def sent(box):
    """Every name that a request which writes has carried, and how often such a request was carried out."""
    writes = [entry for entry in box.log if entry.call in {"create", "update", "delete"}]
    return {name for entry in writes for name in entry.names}, Counter(
        (entry.call, name) for entry in writes for name in entry.committed
    )


def one_run(writes, folder):
    """Run on a disk of this size; look at everything that is said then, and after a resume with space again."""
    with ef.Sandbox(subscribers=2 * EACH, seed=1) as box:
        client = box.connect(workers=2, journal=folder)
        todo, told, at_once = job(client), "", None
        with disk_of(writes):
            try:
                at_once = run_job(client, todo, index=None, progress=False)
            except ef.JournalError as problem:
                told, at_once = str(problem), problem.results
        names, _ = sent(box)
        begun = len(ef.list_runs(client))
        if not begun:  # it was not even planned
            assert told
            assert at_once is None
            assert names == set()
            results = run_job(client, todo, index=None, progress=False)
        else:
            assert_true(box, at_once)
            written = ef.read_results(client)
            assert_true(box, written)
            not_sent = set(written.loc[written["outcome"] == "not_sent", "subscriber_name"])
            assert not names & not_sent, "sent, and not written down before"
            results = ef.resume_run(client, progress=False)
        assert_true(box, results)
        assert results["outcome"].tolist() == ["done"] * 3 * EACH
        names, times = sent(box)
        assert set(times.values()) == {1}, "something was done twice"
        assert len(times) == len(results)
        done = 0 if at_once is None else int((at_once["outcome"] == "done").sum())
        where = "" if not told else "before the run" if not begun else "in the run"
        assert not told or ("Free some space" in told and str(folder) in told), told
        return where, done


def main():
    given = [int(text) for text in sys.argv[1:]]
    for writes in given or itertools.count():
        with tempfile.TemporaryDirectory() as folder:
            where, done = one_run(writes, Path(folder))
        print(json.dumps([writes, where, done]), flush=True)
        if not where:
            return


if __name__ == "__main__":
    main()
