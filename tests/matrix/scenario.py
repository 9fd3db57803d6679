"""One service, and every verb against it: what is told is compared with what was done."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd

import exotel_frames as ef
from exotel_frames.errors import ExotelFramesError
from exotel_frames.sandbox import Entry
from tests.matrix.judge import Judgement, committed, judge_listing, judge_results

FIELDS = [" Team  A ", "e\u0301cole", "x" * 300, "one\r\ntwo", "<b> & 'c'", "Night SHIFT", "", None, "42", "plain"]
TICK_S = 0.05
VERBS = (
    "load",
    "create",
    "create_lost",
    "rival",
    "update",
    "update_again",
    "plan",
    "delete",
    "undo",
    "resume",
)


class TickingClock:
    """The service's clock: the real one, a little later each time it is read, and further on when a test says so."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            self._ahead_s += TICK_S
            return time.time() + self._ahead_s

    def pass_time(self, seconds: float) -> None:
        with self._lock:
            self._ahead_s += seconds


class Scenario:
    """A sandbox that behaves in a way, a client, and the verbs; `found` is what was wrong."""

    def __init__(self, behavior: dict[str, str], *, seed: int = 0, faults: dict[str, Any] | None = None) -> None:
        self.clock = TickingClock()
        self.faults = faults or {}
        self.box = ef.Sandbox(subscribers=24, seed=seed, behavior=behavior, clock=self.clock, rate_limit=100_000)
        self.found = Judgement()
        self.runs: list[tuple[str, str, int, int]] = []

    def run(self, verbs: Sequence[str] = VERBS) -> Judgement:
        with self.box:
            self.client = self.box.connect(workers=2, timeout_s=5.0)
            self.box.add("keep1", "keep2", "keep3", "keep4", custom_field="support")
            self.box.add("keep5", "keep6", "keep7", status="inactive", custom_field="sales")
            self.clock.pass_time(60)
            self.box.set_faults(self.faults)
            for verb in verbs:
                self.guarded(verb, getattr(self, verb))
            if any(outcome == "unknown" for _, outcome, _ in self.found.outcomes):
                self.settle()
            self.client.close()
        return self.found

    # What every verb needs

    def wait(self, seconds: float) -> None:
        """Let time pass: what is late arrives, replicas catch up, and the client hears what time it is."""
        self.clock.pass_time(seconds)
        with contextlib.suppress(ExotelFramesError):
            self.client.list_page(page_size=1)

    def truth(self) -> dict[str, dict]:
        return {row["subscriber_name"]: row for row in self.box.subscribers()}

    def guarded(self, verb: str, work: Callable[[], None]) -> None:
        """Run a verb; an error of ours may end it as long as nothing was written."""
        since = len(self.box.log)
        try:
            work()
        except ExotelFramesError as refused:
            if getattr(refused, "results", None) is None:
                wrote = [entry for entry in self.box.log[since:] if entry.method != "SANDBOX" and entry.committed]
                self.found.check(verb, not wrote, f"{type(refused).__name__} after something was written: {refused}")
            self.found.refusals.append(f"{verb}: {type(refused).__name__}: {refused}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a violation
            self.found.violations.append(f"{verb}: {type(error).__name__}: {str(error)[:300]}")
        finally:
            self.wait(10)
            self.box.set_faults(self.faults)

    def judged(self, verb: str, asked: list[dict], call: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Call a verb that writes, and judge its results against what was done."""
        since = len(self.box.log)
        results = None
        try:
            results = call()
        except ExotelFramesError as error:
            results = getattr(error, "results", None)
            raise
        finally:
            if results is not None:
                self.wait(10)
                judge_results(self.found, verb, results, list(self.box.log[since:]), self.truth(), asked)
                self.runs.append((verb, results["run_id"].iloc[0], since, len(self.box.log)))
        return results

    # The verbs

    def load(self) -> None:
        for status in (None, "inactive"):
            with contextlib.suppress(ExotelFramesError) if status else contextlib.nullcontext():
                frame = ef.load_subscribers(self.client, status=status, progress=False)
                judge_listing(self.found, "load", frame, self.truth(), status)

    def create(self) -> None:
        rows = [{"subscriber_name": f"new{at}", "custom_field": text, "status": None} for at, text in enumerate(FIELDS)]
        rows += [{"subscriber_name": "keep1", "custom_field": "mine", "status": None}]
        rows += [{"subscriber_name": "KEEP2", "custom_field": "twin", "status": None}]
        rows += [{"subscriber_name": "asleep", "custom_field": "new", "status": "inactive"}]
        self.judged("create", rows, lambda: ef.create_subscribers(self.client, pd.DataFrame(rows), progress=False))

    def create_lost(self) -> None:
        """Answers are lost after and before the deed."""
        for kind in ("drop_after", "error_before"):
            rows = [{"subscriber_name": f"{kind[:4]}{at}", "custom_field": " lost  "} for at in range(3)]
            self.box.set_faults({kind: 1.0, "only": ["create"], "limit": 1})
            frame = pd.DataFrame(rows)
            self.judged(
                "create_lost", rows, lambda frame=frame: ef.create_subscribers(self.client, frame, progress=False)
            )

    def rival(self) -> None:
        """Somebody else makes the same subscriber a moment before, and our request is lost on its way there."""
        self.box.add("rival", custom_field="same")
        self.wait(3)
        self.box.set_faults({"drop_before": 1.0, "only": ["create"], "limit": 1})
        rows = [{"subscriber_name": "rival", "custom_field": "same"}]
        self.judged("rival", rows, lambda: ef.create_subscribers(self.client, pd.DataFrame(rows), progress=False))

    def update(self) -> None:
        truth = self.truth()
        rows = [
            {"subscriber_name": "keep1", "status": "inactive"},
            {"subscriber_name": "keep2", "custom_field": " Field  B "},
            {"subscriber_name": "keep5", "custom_field": "only this"},
            {"subscriber_name": "keep3", "status": "active", "custom_field": "support"},
            {"subscriber_name": "keep6", "custom_field": ""},
            {"subscriber_name": "nobody1", "status": "active"},
            {"subscriber_name": list(truth)[-1], "custom_field": "of the oldest"},
        ]
        self.judged("update", with_before(rows, truth), lambda: self.update_rows(rows))

    def update_rows(self, rows: list[dict]) -> pd.DataFrame:
        return ef.update_subscribers(self.client, pd.DataFrame(rows), progress=False)

    def update_again(self) -> None:
        """Who was suspended a moment ago stays suspended when only the custom field changes."""
        self.update_rows(
            [{"subscriber_name": "keep7", "status": "active"}, {"subscriber_name": "keep4", "status": "inactive"}]
        )
        again = [{"subscriber_name": name, "custom_field": "just now"} for name in ("keep7", "keep4")]
        self.judged("update_again", with_before(again, self.truth()), lambda: self.update_rows(again))

    def plan(self) -> None:
        current = ef.load_subscribers(self.client, progress=False)
        desired = current[current["subscriber_name"].isin(["keep3", "keep4", "keep7"])].copy()
        desired.loc[desired["subscriber_name"] == "keep3", "status"] = "inactive"
        desired.loc[desired["subscriber_name"] == "keep4", "custom_field"] = " Planned "
        desired.loc[desired["subscriber_name"] == "keep7", "status"] = "active"
        new = pd.DataFrame(
            {"subscriber_name": ["planned1", "planned2"], "custom_field": ["x ", None], "status": "active"}
        )
        plan = ef.plan_changes(current, pd.concat([desired, new], ignore_index=True))
        asked = with_before(plan.to_dict("records"), self.truth())
        for dry_run in (True, False):
            since = len(self.box.log)
            apply = partial(ef.apply_plan, self.client, plan, dry_run=dry_run, max_share=1.0, progress=False)
            if dry_run:
                apply()
                self.found.check(
                    "plan", not any(e.committed for e in self.box.log[since:]), "a dry run wrote something"
                )
            else:
                self.judged("apply", asked, apply)

    def delete(self) -> None:
        rows = [{"subscriber_name": name} for name in ("keep2", "new9", "nobody2", "keep6", list(self.truth())[-1])]
        names = [row["subscriber_name"] for row in rows]
        self.box.set_faults({"drop_after": 1.0, "only": ["delete"], "limit": 1})
        self.judged(
            "delete", rows, lambda: ef.delete_subscribers(self.client, names, max_deletes=len(names), progress=False)
        )

    def undo(self) -> None:
        """Take back each run, the last one first: nothing that was done is missed."""
        for verb, run_id, since, until in self.runs[::-1]:
            if verb not in {"create", "update", "delete"}:
                continue
            did = self.done_in(run_id, self.box.log[since:until])
            plan = ef.plan_undo(self.client, run_id, progress=False)
            planned = dict(zip(plan["subscriber_name"], plan["action"], strict=True))
            for name, action in did:
                told = name in planned
                self.found.check("undo", told, f"{name}, which the {verb} run has {action}d, is not in the plan")
            self.apply_undo(verb, plan)

    def done_in(self, run_id: str, entries: Sequence[Entry]) -> list[tuple[str, str]]:
        """Return what a run really did, as far as it still stands."""
        results, truth = ef.read_results(self.client, run_id), self.truth()
        pairs = list(zip(results["subscriber_name"], results["action"], strict=True))
        return [
            (name, action)
            for name, action in pairs
            if committed(entries, action, name) and (name in truth) == (action != "delete")
        ]

    def apply_undo(self, verb: str, plan: pd.DataFrame) -> None:
        sound = plan[~plan["conflict"] & (plan["action"] != "none")]
        if sound.empty:
            return
        before, since = self.truth(), len(self.box.log)
        results = ef.apply_plan(self.client, sound, max_deletes=len(sound), max_share=1.0, progress=False)
        self.wait(10)
        asked = with_before(sound.to_dict("records"), before)
        judge_results(self.found, f"undo of {verb}", results, list(self.box.log[since:]), self.truth(), asked)

    def resume(self) -> None:
        """A run that stops in the middle is gone on with."""
        rows = [{"subscriber_name": f"later{at}", "custom_field": " r "} for at in range(12)]
        known = len(ef.list_runs(self.client))
        since = len(self.box.log)
        self.box.set_faults({"error_after": 1.0, "only": ["create", "list", "get"], "limit": 12})
        with contextlib.suppress(ExotelFramesError):
            ef.create_subscribers(self.client, pd.DataFrame(rows), progress=False)
        self.box.set_faults(self.faults)
        self.wait(10)
        runs = ef.list_runs(self.client)
        if len(runs) == known:
            return  # the service could not be asked: nothing was begun
        results = ef.resume_run(self.client, runs["run_id"].iloc[0], progress=False)
        self.wait(10)
        judge_results(self.found, "resume", results, list(self.box.log[since:]), self.truth(), rows)

    def settle(self) -> None:
        """What is unknown is settled by a resume, once time has passed, or stays unknown; it never becomes untrue."""
        runs = ef.list_runs(self.client)
        for run_id in runs.loc[runs["unknown"] > 0, "run_id"]:
            self.guarded("resume", partial(self.settle_run, run_id))

    def settle_run(self, run_id: str) -> None:
        """Judge what a resume tells by what the run and the resume have sent, not by what other verbs did since."""
        window = next(((since, until) for _, run, since, until in self.runs if run == run_id), None)
        started = len(self.box.log)
        results = ef.resume_run(self.client, run_id, progress=False)
        self.wait(10)
        if window is None or not results["action"].isin(["create"]).all():
            return
        entries = [*self.box.log[slice(*window)], *self.box.log[started:]]
        settled, asked = Judgement(), results[["subscriber_name"]].to_dict("records")
        judge_results(settled, "resume", results, entries, self.truth(), asked)
        later = ("is not there", "custom field", "status")  # what the verbs in between may have changed
        self.found.violations += [what for what in settled.violations if not any(word in what for word in later)]


def with_before(rows: list[dict], truth: dict[str, dict]) -> list[dict]:
    """Add the status that each row's subscriber has now."""
    return [row | {"status_before": truth.get(row["subscriber_name"], {}).get("status")} for row in rows]
