"""Kills runs at random points, resumes them, and compares every verdict with the sandbox's own log.

    python tests/kills/driver.py --kills 50 --seed 1 --how kill

One JSON line is printed: kills, runs, rows, outcomes, and every violation found. The sandbox is a process of its own
that is never killed; each run, and each resume, is a forked child of this warm process (an interpreter with pandas
takes a second to start).
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.api.wire import pool  # noqa: F401 - else each child would load it anew
from exotel_frames.errors import RunInterrupted, RunLockedError
from exotel_frames.frames import convert
from exotel_frames.operations.engine import job_of, run_job
from exotel_frames.operations.history import list_runs, read_results, resume_run
from exotel_frames.plans import plan_creates, plan_deletes, plan_updates
from exotel_frames.records import Subscriber
from exotel_frames.secret import Secret
from exotel_frames.settings.sources import settings_from

EIGHT_PERCENT = {
    "drop_before": 0.01,
    "drop_after": 0.02,
    "error_before": 0.01,
    "error_after": 0.02,
    "truncate": 0.01,
    "short": 0.01,
}
LATENCY_S = (0.0, 0.004)


class World:
    """The sandbox process, and what it says was really done."""

    def __init__(self, seed: int, subscribers: int) -> None:
        command = [
            sys.executable,
            "-m",
            "exotel_frames",
            "sandbox",
            "--subscribers",
            str(subscribers),
            "--seed",
            str(seed),
        ]
        faults = json.dumps(EIGHT_PERCENT | {"answer_latency_s": LATENCY_S})
        self.process = subprocess.Popen([*command, "--faults", faults], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        _, self.base_url, *words = line.split()
        told = dict(word.split("=", 1) for word in words)
        self.admin = {"Authorization": f"Bearer {told['admin']}"}
        self.who = {"account_sid": told["account"], "api_key": told["key"], "api_token": told["token"]}

    def ask(self, what: str) -> list[dict]:
        asked = urllib.request.Request(f"{self.base_url}/sandbox/{what}", headers=self.admin)
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def connect(world: World, folder: Path) -> Client:
    who = {**world.who, "api_key": Secret(world.who["api_key"]), "api_token": Secret(world.who["api_token"])}
    return Client(
        settings_from(**who, base_url=world.base_url, sandbox=world.base_url, journal=folder, workers=4, timeout_s=5.0)
    )


def job(current: pd.DataFrame, number: int, rows: int, chance: random.Random):
    """Make a run of so many creates, updates and deletes that nobody else has in their run."""
    names = current["subscriber_name"].iloc[number * 2 * rows : (number + 1) * 2 * rows].tolist()
    fresh = pd.DataFrame({"subscriber_name": [f"r{number}c{row}" for row in range(rows)], "custom_field": "made"})
    change = pd.DataFrame({"subscriber_name": names[:rows], "custom_field": f"run{number}"})
    plans = [plan_creates(fresh), plan_updates(change, current), plan_deletes(names[rows:], current)]
    plan = pd.concat([plans[0], plans[1], plans[2]], ignore_index=True)
    return job_of("mixed", plan.sample(frac=1, random_state=chance.randrange(10**6)).reset_index(drop=True))


def child(work) -> int:
    """Fork, do the work in the child, and return its pid; the child never comes back."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work()
        code = 0
    except RunInterrupted:
        code = 3
    except KeyboardInterrupt:
        code = 3  # before or after the run itself
    except RunLockedError:
        code = 4
    except BaseException as problem:  # noqa: BLE001 - a forked child must never run on as the parent
        print("child:", type(problem).__name__, problem, file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def struck(pid: int, how: str, chance: random.Random, at_most_s: float) -> tuple[bool, int]:
    """Let the child live for a random while, then kill or interrupt it; return whether that hit it, and its code."""
    time.sleep(chance.uniform(0.0, at_most_s))
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        return False, os.waitstatus_to_exitcode(status)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if how == "kill" else signal.SIGINT)
        if how == "interrupt" and chance.random() < 0.3:
            time.sleep(chance.uniform(0.0, 0.02))
            os.kill(pid, signal.SIGINT)
    _, status = os.waitpid(pid, 0)
    return True, os.waitstatus_to_exitcode(status)


def violations(results: pd.DataFrame, rows: int, log: list[dict], there: dict[str, dict]) -> list[str]:
    """Return every claim of the results of a run of so many rows that the log contradicts."""
    done = {
        action: Counter(name for entry in log if entry["call"] == action for name in entry["committed"])
        for action in ("create", "update", "delete")
    }
    found = []
    if results["row"].tolist() != list(range(rows)):
        found.append("rows are missing, or not in order")
    for row in results.itertuples():
        times = done[row.action][row.subscriber_name]
        live = there.get(row.subscriber_name)
        custom_field = "" if pd.isna(row.custom_field) else row.custom_field
        if row.action in {"create", "delete"} and times > 1:
            found.append(f"{row.action} {row.subscriber_name} was done {times} times")
        if row.outcome == "done" and times < 1:
            found.append(f"{row.action} {row.subscriber_name} is called done, and never was")
        if row.outcome == "done" and row.action != "delete" and (live["custom_field"] or "") != custom_field:
            found.append(f"{row.action} {row.subscriber_name} shows {row.custom_field!r}, there is {live}")
        if row.outcome == "done" and row.action == "delete" and live:
            found.append(f"{row.subscriber_name} is called deleted, and is there")
        if row.outcome in {"rejected", "conflict", "not_sent", "invalid", "unchanged"} and times:
            found.append(f"{row.action} {row.subscriber_name} is called {row.outcome}, and was done")
    return found


class Campaign:
    """Runs struck at random, one after the other, on one journal."""

    def __init__(self, world: World, folder: Path, given: argparse.Namespace) -> None:
        self.world = world
        self.folder = folder
        self.how = given.how
        self.rows = given.rows
        self.chance = random.Random(given.seed)
        truth = [Subscriber(**row) for row in world.ask("subscribers")]
        self.current = convert.subscribers_frame([convert.subscriber_batch(truth)])
        self.told = {"kills": 0, "runs": 0, "rows": 0, "outcomes": Counter(), "violations": []}
        begun = time.monotonic()  # one run in peace: it tells how long a run takes on this machine, now
        os.waitpid(child(self._run), 0)
        self.lifetime_s = 1.2 * (time.monotonic() - begun)
        self.seen = len(world.ask("log"))

    def one_run(self) -> None:
        """Strike a run until it is finished, and check what it says."""
        client = self._client()
        before = set(list_runs(client)["run_id"])
        self.told["runs"] += 1
        if (self.told["runs"] + 1) * 2 * self.rows > len(self.current):
            raise RuntimeError("No subscribers are left that no other run has changed: too few runs were struck.")
        self._strike(self._run)
        started = set(list_runs(client)["run_id"]) - before
        if started:  # else it was struck before anything was planned, and may not have sent anything
            self._finish(client, started.pop())
        self._check_journal()

    def _finish(self, client: Client, run_id: str) -> None:
        for _ in range(200):
            results = read_results(client, run_id)
            if not results["outcome"].isin(["unknown", "not_sent"]).any():
                break
            code = self._strike(lambda: resume_run(self._client(), run_id, progress=False))
            if code not in {0, 3, -signal.SIGKILL, -signal.SIGINT}:
                self.told["violations"].append(f"a resume ended with {code}")
        log = self.world.ask(f"log?since={self.seen}")
        self.seen += len(log)
        there = {row["subscriber_name"]: row for row in self.world.ask("subscribers")}
        self.told["violations"] += violations(results, 3 * self.rows, log, there)
        self.told["rows"] += len(results)
        self.told["outcomes"].update(results["outcome"])

    def _run(self) -> None:
        run_job(
            self._client(), job(self.current, self.told["runs"], self.rows, self.chance), index=None, progress=False
        )

    def _strike(self, work) -> int:
        hit, code = struck(child(work), self.how, self.chance, self.lifetime_s)
        self.told["kills"] += hit
        self.lifetime_s *= 1.05 if hit else 0.9  # how long a run takes changes with what else the machine does
        return code

    def _client(self) -> Client:
        return connect(self.world, self.folder)

    def _check_journal(self) -> None:
        with contextlib.closing(sqlite3.connect(next(self.folder.glob("*.sqlite3")))) as db:
            if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                self.told["violations"].append("the journal is damaged")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rows", type=int, default=25, help="of each action, in each run")
    options.add_argument("--how", choices=("kill", "interrupt"), default="kill")
    given = options.parse_args()
    world = World(given.seed, subscribers=given.rows * max(120, given.kills * 4))
    try:
        with tempfile.TemporaryDirectory() as folder:
            campaign = Campaign(world, Path(folder), given)
            gc.freeze()  # a child that looks for garbage would copy all memory
            while campaign.told["kills"] < given.kills:
                campaign.one_run()
    finally:
        world.close()
    print(json.dumps(campaign.told))


if __name__ == "__main__":
    main()
