"""One function for each command; it takes the parsed options and returns the exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import redirect_stdout
from pathlib import Path

import pandas as pd

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.cli.demo import run_demo
from exotel_frames.cli.output import (
    DONE,
    FAILED,
    PENDING,
    print_frame,
    print_json,
    show_problems,
    show_results,
    write_frame,
)
from exotel_frames.display import plan_text
from exotel_frames.errors import UnsafePlanError
from exotel_frames.sandbox import read_pairs, serve
from exotel_frames.validation import invalid_rows, validate_subscribers
from exotel_frames.workbooks import check_verdicts, read_base, read_table

NAME = "subscriber_name"


def demo(given: Namespace) -> int:
    """Run the main job on a made-up account."""
    return run_demo(given.out)


def sandbox(given: Namespace) -> int:
    """Serve a made-up account until it is stopped."""
    serve(
        port=given.port,
        subscribers=given.subscribers,
        seed=given.seed,
        state=given.state,
        rate_limit=given.rate_limit,
        faults=given.faults,
        behavior=read_pairs(given.behavior),
    )
    return DONE


def validate(given: Namespace) -> int:
    """Check a file; nothing is sent."""
    frame = read_table(given.file, sheet=given.sheet)
    problems = validate_subscribers(frame, action=given.action)
    if given.json:
        print_json(problems)
    else:
        if len(problems):
            show_problems(problems, frame)
        bad = len(invalid_rows(problems))
        print(f"{given.file}: {len(frame):,} rows, {len(frame) - bad:,} can be sent, {bad:,} can't")
    return FAILED if len(invalid_rows(problems)) else DONE


def load(given: Namespace) -> int:
    """Load all subscribers, and write or print them."""
    client = _connect(given)
    frame = ef.load_subscribers(client, status=given.status, progress=not given.json)
    if given.out and Path(given.out).suffix.lower() == ".xlsx":
        ef.write_workbook(frame, given.out, client=client)
    else:
        write_frame(frame, given.out, "subscribers")
    if given.json:
        print_json(frame)
    elif not given.out:
        print_frame(frame)
    if not given.json:
        active = int((frame["status"] == "active").sum())
        print(f"{active:,} of them active{f' -> {given.out}' if given.out else ''}")
    return DONE


def create(given: Namespace) -> int:
    """Create the subscribers of a file."""
    client = _connect(given)
    frame = read_table(given.file, sheet=given.sheet)
    results = ef.create_subscribers(client, frame, on_exists=given.on_exists, progress=not given.json)
    return show_results(results, given, frame)


def update(given: Namespace) -> int:
    """Update the subscribers of a file."""
    client, frame = _connect(given), read_table(given.file, sheet=given.sheet)
    return show_results(ef.update_subscribers(client, frame, progress=not given.json), given, frame)


def delete(given: Namespace) -> int:
    """Delete the subscribers of a file."""
    client, frame = _connect(given), read_table(given.file, sheet=given.sheet)
    _confirm(given, len(frame), given.max_deletes, client)
    results = ef.delete_subscribers(client, frame[NAME], max_deletes=given.max_deletes, progress=not given.json)
    return show_results(results, given, frame)


def token(given: Namespace) -> int:
    """Make the tokens of one device."""
    device = {NAME: [given.name], "platform": [given.platform], "device_id": [given.device_id]}
    tokens = ef.create_tokens(_connect(given), pd.DataFrame(device), progress=False)
    if given.reveal:
        for column in ("access_token", "refresh_token"):
            tokens[column] = [made and made.reveal() for made in tokens[column]]
    if given.json or given.reveal:
        print_json(tokens)
    else:
        print_frame(tokens, [NAME, "platform", "outcome", "access_token", "access_expires", "refresh_expires"])
    return DONE if tokens["outcome"].eq("done").all() else FAILED


def plan(given: Namespace) -> int:
    """Show what an edited workbook would change."""
    client = _connect(given)
    made = ef.plan_workbook(client, given.file, sheet=given.sheet, progress=not given.json)
    _show_plan(made, given, client)
    return PENDING if (made["action"] != "none").any() else DONE


def apply(given: Namespace) -> int:
    """Apply a plan, or an edited workbook."""
    client = _connect(given)
    from_workbook, made = _plan_of(given, client)
    if not given.json:
        _show_plan(made, Namespace(json=False, out=None), client)
    if not given.dry_run:
        if from_workbook and not given.out:
            _say_where_outcomes_go(given.file, given.sheet)
        _confirm(given, int((made["action"] == "delete").sum()), given.max_deletes, client)
    results = ef.apply_plan(
        client,
        made,
        dry_run=given.dry_run,
        max_deletes=given.max_deletes,
        max_share=given.max_share,
        progress=not given.json,
    )
    if given.dry_run:
        return _show_dry_run(results, given)
    code = show_results(results, given)
    if from_workbook and not given.out:
        _write_beside(given.file, results, given.sheet)
    return code


def _show_dry_run(results: pd.DataFrame, given: Namespace) -> int:
    """Show what applying would do; the plan itself is printed above."""
    write_frame(results, given.out, "results")
    would = int((results["outcome"] == "not_sent").sum())
    if given.json:
        print_json(results)
    elif would:
        print(f"Nothing was sent. To apply it, run the same command without --dry-run: {would:,} rows would be sent.")
    else:
        print("Nothing was sent, and nothing would be: everything is so already, or in conflict.")
    return PENDING if would else DONE


def _say_where_outcomes_go(file: str, sheet: str | None) -> None:
    """Say before the run where its outcomes can't be written."""
    if said := check_verdicts(file, sheet=sheet):
        print(f"exotel-frames: {said}", file=sys.stderr)


def _write_beside(file: str, results: pd.DataFrame, sheet: str | None) -> None:
    """Write the verdicts into the workbook; the run is done by now, so a workbook that can't take them only warns."""
    try:
        with redirect_stdout(sys.stderr):  # with --json, what is printed is for machines
            made = ef.write_verdicts(file, results, sheet=sheet)
        print(
            f"The outcome of each row stands beside it in {made.name if made != Path(file) else file}.", file=sys.stderr
        )
    except ef.WorkbookError as problem:
        print(f"exotel-frames: the run is done, but its outcomes are not in {file}: {problem}", file=sys.stderr)


def runs(given: Namespace) -> int:
    """List the account's runs."""
    frame = ef.list_runs(_connect(given))
    if given.json:
        print_json(frame)
    elif len(frame):
        counts = [outcome for outcome in frame.columns[7:] if frame[outcome].any()]
        print_frame(frame, ["run_id", "action", "rows", *counts])
    else:
        print("No runs on this account yet.")
    return DONE


def results(given: Namespace) -> int:
    """Show what became of each row of a run."""
    return show_results(ef.read_results(_connect(given), given.run_id), given)


def resume(given: Namespace) -> int:
    """Settle and go on with a run."""
    return show_results(ef.resume_run(_connect(given), given.run_id, progress=not given.json), given)


def undo(given: Namespace) -> int:
    """Show the plan that takes a run back, and apply it if asked."""
    client = _connect(given)
    made = ef.plan_undo(client, given.run_id, progress=not given.json)
    if not given.apply:
        _show_plan(made, given, client)
        return PENDING if (made["action"] != "none").any() else DONE
    _confirm(given, int((made["action"] == "delete").sum()), given.max_deletes, client)
    applied = ef.apply_plan(client, made, max_deletes=given.max_deletes, max_share=1.0, progress=not given.json)
    return show_results(applied, given)


def _connect(given: Namespace) -> Client:
    return ef.connect(
        given.profile,
        account_sid=given.account_sid,
        stamp=given.stamp,
        base_url=given.base_url,
        requests_per_minute=given.requests_per_minute,
        journal=given.journal,
    )


def _plan_of(given: Namespace, client: Client) -> tuple[bool, pd.DataFrame]:
    """Return the plan a file holds, or the one that an edited workbook means, and which of the two it was."""
    if Path(given.file).suffix.lower() == ".parquet":
        return False, pd.read_parquet(given.file)
    frame = read_table(given.file, sheet=given.sheet)
    if "status_from" in frame and read_base(given.file) is None:
        return False, frame
    return True, ef.plan_workbook(client, given.file, sheet=given.sheet, progress=not given.json)


def _show_plan(made: pd.DataFrame, given: Namespace, client: Client) -> None:
    write_frame(made, given.out, "plan")
    if given.json:
        print_json(made)
    else:
        print(plan_text(made, label=client.settings.label, color=sys.stdout.isatty()))


def _confirm(given: Namespace, deletes: int, max_deletes: int, client: Client) -> None:
    """Let a person type the number of deletes; `--yes` is for machines, and a pipe is never taken for a yes."""
    if given.yes or not deletes or deletes > max_deletes:
        return  # too many deletes are refused by the verb itself, with the arithmetic
    question = f"{client.settings.label}: this deletes {deletes:,} subscribers for good. Type {deletes} to go on: "
    answer = input(question) if sys.stdin.isatty() else ""
    if answer.strip() != str(deletes):
        raise UnsafePlanError("Nothing was sent: the deletes were not confirmed (type their number, or pass --yes).")
