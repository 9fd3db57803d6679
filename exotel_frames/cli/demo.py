"""`exotel-frames demo`: the main job, on real input, against a made-up account."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path

import exotel_frames as ef
from exotel_frames.cli.output import print_frame, show_summary
from exotel_frames.frames.summary import headline
from exotel_frames.validation import invalid_rows, validate_subscribers
from exotel_frames.workbooks import read_workbook, write_pages

RESULT_COLUMNS = ["row", "subscriber_name", "outcome", "http_code", "error_message"]


def run_demo(out: str | None) -> int:
    """Load, validate, create, deactivate, and keep the audit; return the exit code 0."""
    sheet = sample("new_subscribers.xlsx")
    target = Path(out) if out else Path(tempfile.mkdtemp(prefix="exotel_frames_demo_")) / "results.xlsx"
    with ef.Sandbox(subscribers=2500) as box:
        client = box.connect()
        print(f"{client}\n\n1. Load the whole tenant, page by page:")
        subscribers = ef.load_subscribers(client)
        print_frame(subscribers.head(3))
        print(f"read in {box.requests} requests\n\n2. Check {sheet.name} before sending it:")
        new = read_workbook(sheet)
        problems = validate_subscribers(new, current=subscribers)
        print_frame(problems, ["row", "message"])
        bad = len(invalid_rows(problems))
        print(f"{len(new)} rows, {bad} with problems\n\n3. Create them, ten a request; the broken ones stay here:")
        created = ef.create_subscribers(client, new)
        print_frame(created[created["outcome"] != "done"], RESULT_COLUMNS)
        print("\n4. Deactivate everybody of one team who is still active:")
        team = subscribers["custom_field"].value_counts().index[0]
        leaving = subscribers[(subscribers["custom_field"] == team) & (subscribers["status"] == "active")]
        changes = leaving[["subscriber_name"]].head(25).assign(status="inactive")
        updated = ef.update_subscribers(client, changes, current=subscribers)
        print_frame(updated.head(3), ["subscriber_name", "outcome", "status", "custom_field"])
        print("\n5. What happened, row for row:")
        show_summary(created)
        write_pages(target, {"created": created, "deactivated": updated, "problems": problems})
        print(f"\ncreated: {headline(created)}\ndeactivated from {team!r}: {headline(updated)}\nkept in {target}")
        runs = ef.list_runs(client)
        print_frame(runs, ["run_id", "action", "rows", "done", "rejected", "invalid"])
    return 0


def sample(name: str) -> Path:
    """Return where a sample file lies: in the installed package, or beside it in a checkout."""
    installed = Path(str(files("exotel_frames"))) / "sample_data" / name
    return installed if installed.exists() else Path(str(files("exotel_frames"))).parent / "sample_data" / name
