"""`exotel-frames demo`: an audit with three managers, from findings to the comparison, against a made-up account."""

from __future__ import annotations

import shutil
import tempfile
from argparse import Namespace
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.cli.output import takes_color
from exotel_frames.display import Ink
from exotel_frames.frames.summary import headline
from exotel_frames.schema import NAME
from exotel_frames.workbooks import edit_cells, read_with_base, read_workbook, write_pages

MANAGERS = ("north", "south", "west")
SUBSCRIBERS = 2500
NEWEST = 300
"""So many of them are in the managers' workbooks: enough to see, and quick to write."""
Say = Callable[..., None]


def demo(args: Namespace) -> int:
    """Find, create, write copies, plan, apply, answer and compare; return the exit code 0."""
    folder = Path(tempfile.mkdtemp(prefix="exotel_frames_demo_"))
    target = Path(args.out) if args.out else folder / "results.xlsx"
    paint = Ink(on=takes_color())

    def say(text: str, kind: str = "") -> None:
        wide = max(shutil.get_terminal_size((80, 24)).columns, 40)
        print(paint(text if len(text) <= wide else text[: wide - 1] + "…", kind) if kind else text)

    with ef.Sandbox(subscribers=SUBSCRIBERS) as box:
        client = box.connect(journal=folder / "journal")
        say(f"{client.settings.label}: made up, on this machine", "SANDBOX")
        subs = _load_and_audit(client, say)
        snapshot = ef.write_snapshot(subs, client=client)
        created = _create_new(client, say)
        plan = _let_managers_edit(client, folder / "audit", say)
        results = _apply(client, plan, folder, say)
        changes = ef.compare(ef.read_snapshot(snapshot), ef.load_subscribers(client, progress=False))
        _print_changes(changes, say)
        write_pages(target, {"created": created, "audit": results, "changes": changes}, origin=client.settings.origin)
    say(f"Kept: {target}", "none")
    return 0


def _load_and_audit(client: Client, say: Say) -> pd.DataFrame:
    """Load a tenant with typing mistakes, and print what looks wrong."""
    subs = ef.load_subscribers(client, progress=False)
    some = subs.loc[subs["custom_field"] == "support", [NAME]].head(4)
    typed = some.assign(custom_field=["Support", "support.", "SUPPORT", "Support"])
    ef.update_subscribers(client, typed, progress=False)
    subs = ef.load_subscribers(client, progress=False)
    found = ef.audit_subscribers(subs)
    counts = ", ".join(f"{number} {rule}" for rule, number in found["rule"].value_counts().items())
    say(f"\n1. Findings among {len(subs):,} subscribers: {counts}", "strong")
    shown = found.drop_duplicates("rule", keep="last").head(2)
    for value, fix, message in shown[["value", "fix", "message"]].itertuples(index=False):
        say(f"   ! {value!r} is meant as {fix!r}" if isinstance(fix, str) and fix else f"   ! {message}", "warning")
    return subs


def _create_new(client: Client, say: Say) -> pd.DataFrame:
    """Create the subscribers of a sheet as people send them."""
    sheet = sample("new_subscribers.xlsx")
    results = ef.create_subscribers(client, read_with_base(sheet)[0], progress=False)
    say(f"\n2. Create those of {sheet.name}, ten a request; 007 stays 007", "strong")
    say(f"   {headline(results)}")
    return results


def _let_managers_edit(client: Client, folder: Path, say: Say) -> pd.DataFrame:
    """Edit three copies as three managers would, two of them in conflict, and return the plan of all."""
    subs = ef.load_subscribers(client, progress=False)
    clean = ef.apply_fixes(subs, ef.audit_subscribers(subs))
    ef.write_workbooks(clean.head(NEWEST), folder, copies=MANAGERS, client=client)
    say(f"\n3. A workbook of the {NEWEST} newest for each manager, with the fixes proposed", "strong")
    one, two, three, four = subs.loc[subs["status"] == "active", NAME].iloc[100:104]
    edit_cells(folder / "north.xlsx", {(one, "status"): "inactive", (two, "custom_field"): "sales"})
    edit_cells(folder / "south.xlsx", {(one, "action"): "delete", (three, "status"): "inactive"})
    edit_cells(folder / "west.xlsx", {(four, "action"): "delete"})
    plan = ef.plan_workbook(client, folder, progress=False)
    counts = plan.loc[~plan["conflict"], "action"].value_counts()
    wishes = ", ".join(f"{number} to {action}" for action, number in counts.items())
    say(f"\n4. One plan of what comes back: {wishes}, {int(plan['conflict'].sum())} in conflict", "strong")
    for name, note in plan.loc[plan["conflict"], [NAME, "note"]].itertuples(index=False):
        say(f"   ? {name}: {note.partition('. ')[0]}", "conflict")
    edited = plan[plan[NAME].isin([two, three, four])]
    columns = [NAME, "action", "status_from", "status", "custom_field_from", "custom_field", "source"]
    for row in edited[columns].itertuples(index=False):
        say(f"   {_row(*row)}", str(row[1]))
    return plan


def _row(*cells: Any) -> str:
    """Return one line of a plan: what changes, and in whose copy."""
    name, action, *fields, source = (None if pd.isna(cell) else cell for cell in cells)
    pairs = zip(("status", "custom_field"), fields[::2], fields[1::2], strict=True)
    changes = [f"{field} {before or 'none'} → {after or 'none'}" for field, before, after in pairs if before != after]
    sign = {"delete": "-", "update": "~"}.get(str(action), "+")
    return f"{sign} {name}: {', '.join(changes) if action == 'update' else action} ({source})"


def _apply(client: Client, plan: pd.DataFrame, folder: Path, say: Say) -> pd.DataFrame:
    """Decide the conflict, apply the plan, and write the outcomes into each copy."""
    plan.loc[plan["conflict"], "conflict"] = False  # what stands there is the gentler wish
    cost = ef.estimate(client, plan)
    say(f"\n5. The conflict is decided for the gentler wish; apply: {cost.requests} requests", "strong")
    results = ef.apply_plan(client, plan, max_deletes=1, progress=False)
    say(f"   {headline(results)}")
    copies = ef.write_verdicts(folder / "audit", results)
    say("\n6. Verdicts stand beside the rows of each copy; in south.xlsx:", "strong")
    _print_verdicts(read_workbook(copies[1]), plan, say)
    return results


def _print_verdicts(south: pd.DataFrame, plan: pd.DataFrame, say: Say) -> None:
    """Print what became of the rows of which this copy asked something."""
    asked = plan.loc[plan["source"].isin(["south.xlsx", "north.xlsx, south.xlsx"]), NAME]
    verdicts = south.loc[south[NAME].isin(asked), [NAME, "outcome", "message"]]
    for name, outcome, message in verdicts.itertuples(index=False):
        say(f"   {name}: {message}", str(outcome))


def _print_changes(changes: pd.DataFrame, say: Say) -> None:
    """Print what has changed since the snapshot."""
    counts = ", ".join(f"{number} {change}" for change, number in changes["change"].value_counts().items())
    say(f"\n7. Since the snapshot: {counts}", "strong")
    gone = changes.loc[changes["change"] == "removed", NAME].tolist()
    say(f"   removed: {', '.join(gone)}", "delete")
    say("   Taken back, if need be, by one more plan: ef.plan_undo(client, results)")


def sample(name: str) -> Path:
    """Return the path of a sample file: in the installed package, or beside it in a checkout."""
    installed = Path(str(files("exotel_frames"))) / "sample_data" / name
    return installed if installed.exists() else Path(str(files("exotel_frames"))).parent / "sample_data" / name
