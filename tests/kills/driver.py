"""Kills runs at random points, resumes them, and compares every verdict with the sandbox's own log.

    python tests/kills/driver.py --kills 50 --seed 1 --how kill

One JSON line is printed: kills, runs, rows, and every violation found. The sandbox is a process of its own that is never
killed; each run, and each resume, is a forked child of this warm process (an interpreter with pandas takes a second to start).
"""

from __future__ import annotations

import argparse
import contextlib
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
from exotel_frames.errors import RunInterrupted, RunLockedError
from exotel_frames.frames import tables
from exotel_frames.frames.plan import plan_creates, plan_deletes, plan_updates
from exotel_frames.operations.engine import job_of, open_journal, run_job
from exotel_frames.operations.history import list_runs, read_results, resume_run
from exotel_frames.records import Secret, Subscriber
from exotel_frames.settings import settings_from

EIGHT_PERCENT = {"drop_before": 0.01, "drop_after": 0.02, "error_before": 0.01, "error_after": 0.02, "truncate": 0.01, "short": 0.01}
ROWS = 40  # of each action, in each run
LATENCY_S = (0.0, 0.004)


class World:
    """The sandbox process, and what it says was really done."""

    def __init__(self, seed: int, subscribers: int) -> None:
        command = [sys.executable, "-m", "exotel_frames.sandbox", "--subscribers", str(subscribers), "--seed", str(seed)]
        faults = json.dumps(EIGHT_PERCENT | {"answer_latency_s": LATENCY_S})
        self.process = subprocess.Popen([*command, "--faults", faults], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        _, self.base_url, *words = line.split()
        told = dict(word.split("=", 1) for word in words)
        self.who = {"account_sid": told["account"], "api_key": told["key"], "api_token": told["token"]}

    def ask(self, what: str) -> list[dict]:
        with urllib.request.urlopen(f"{self.base_url}/sandbox/{what}") as answer:
            return json.load(answer)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def connect(world: World, folder: Path) -> Client:
    who = {**world.who, "api_key": Secret(world.who["api_key"]), "api_token": Secret(world.who["api_token"])}
    return Client(settings_from(**who, base_url=world.base_url, journal=folder, workers=4, timeout_s=5.0))


def job(current: pd.DataFrame, number: int, chance: random.Random):
    """Make a run of creates, updates and deletes that nobody else has in their run."""
    names = current["subscriber_name"].iloc[number * 2 * ROWS : (number + 1) * 2 * ROWS].tolist()
    fresh = pd.DataFrame({"subscriber_name": [f"r{number}c{row}" for row in range(ROWS)], "custom_field": "made"})
    change = pd.DataFrame({"subscriber_name": names[:ROWS], "custom_field": f"run{number}"})
    plans = [plan_creates(fresh), plan_updates(change, current), plan_deletes(names[ROWS:], current)]
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
    except BaseException as problem:
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


def violations(world: World, results: pd.DataFrame, log: list[dict], there: dict[str, dict]) -> list[str]:
    """Return every claim of a run's results that the log contradicts."""
    done = {action: Counter(name for entry in log if entry["call"] == action for name in entry["committed"]) for action in ("create", "update", "delete")}
    found = []
    if results["row"].tolist() != list(range(3 * ROWS)):
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


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--how", choices=("kill", "interrupt"), default="kill")
    given = options.parse_args()
    chance = random.Random(given.seed)
    world = World(given.seed, subscribers=max(1000, given.kills * 2 * ROWS))
    found: list[str] = []
    kills = runs = rows = 0
    outcomes: Counter[str] = Counter()
    try:
        with tempfile.TemporaryDirectory() as where:
            folder = Path(where)
            truth = [Subscriber(**row) for row in world.ask("subscribers")]
            current = tables.subscribers_frame([tables.subscriber_batch(truth)])
            begun = time.monotonic()  # one run in peace: it tells how long a run takes on this machine, now
            os.waitpid(child(lambda: run_job(connect(world, folder), job(current, 0, chance), index=None, progress=False)), 0)
            lifetime_s = 1.2 * (time.monotonic() - begun)
            runs, seen = 1, len(world.ask("log"))
            while kills < given.kills:
                todo = job(current, runs, chance)
                client = connect(world, folder)
                before = set(_run_ids(client))
                hit, code = struck(child(lambda: run_job(client, todo, index=None, progress=False)), given.how, chance, lifetime_s)
                kills += hit
                started = set(_run_ids(client)) - before
                runs += 1
                if not started:
                    continue  # struck before anything was planned: nothing may have been sent, which the log shows below
                run_id = started.pop()
                for _ in range(100):
                    left = read_results(client, run_id)["outcome"].isin(["unknown", "not_sent"]).sum()
                    if not left:
                        break
                    hit, code = struck(child(lambda: resume_run(client, run_id, progress=False)), given.how, chance, lifetime_s)
                    kills += hit
                    if code not in {0, 3, -signal.SIGKILL, -signal.SIGINT}:
                        found.append(f"a resume ended with {code}")
                results = read_results(client, run_id)
                log = world.ask(f"log?since={seen}")
                seen += len(log)
                there = {row["subscriber_name"]: row for row in world.ask("subscribers")}
                found += violations(world, results, log, there)
                rows += len(results)
                outcomes.update(results["outcome"])
                with contextlib.closing(sqlite3.connect(next(folder.glob("*.sqlite3")))) as db:
                    if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                        found.append("the journal is damaged")
    finally:
        world.close()
    print(json.dumps({"kills": kills, "runs": runs, "rows": rows, "outcomes": outcomes, "violations": found}))


def _run_ids(client: Client) -> list[str]:
    return list_runs(client)["run_id"].tolist()


if __name__ == "__main__":
    main()
