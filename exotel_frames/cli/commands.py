"""One function for each command; it takes the parsed options and returns the exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import pandas as pd

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.cli.copies import warn_of_unwritable_outcomes, write_beside, write_copies
from exotel_frames.cli.failures import in_words_of_options
from exotel_frames.cli.files import refuse_edited
from exotel_frames.cli.output import (
    DONE,
    FAILED,
    PENDING,
    print_frame,
    print_json,
    print_view,
    show_dry_run,
    show_problems,
    show_results,
    with_file_rows,
    write_frame,
)
from exotel_frames.cli.steps import (
    check_share,
    columns_of,
    confirm_deletes,
    connect,
    file_options,
    load_current,
    read_input,
    read_parquet,
    sending_options,
    shows_progress,
)
from exotel_frames.display import view_plan
from exotel_frames.errors import PlanError
from exotel_frames.frames.part import may_exist
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.writing import names_to_delete
from exotel_frames.plans import FREE_ROWS, plan_creates, plan_deletes, plan_updates
from exotel_frames.schema import NAME, OUTCOMES
from exotel_frames.text import escape_text, pluralize
from exotel_frames.validation import invalid_rows, validate_subscribers
from exotel_frames.workbooks import is_plan_workbook, is_several, read_with_base, reading_line

PLAN_ROWS = 40
_PIPED = "The rows come from a pipe, so the outcomes can't be written beside them: keep them with -o results.xlsx."


def validate(args: Namespace) -> int:
    """Check a file; nothing is sent."""
    frame = read_input(args)
    problems = validate_subscribers(frame, action=args.action)
    if args.json:
        print_json(with_file_rows(problems, frame))
    else:
        if len(problems):
            show_problems(problems, frame)
        bad = len(invalid_rows(problems))
        file = Path(args.file).name if args.piped else args.file
        print(f"{escape_text(file)}: {pluralize(len(frame), 'row')}, {len(frame) - bad:,} can be sent, {bad:,} can't")
    return FAILED if len(invalid_rows(problems)) else DONE


def load(args: Namespace) -> int:
    """Load all subscribers, and write or print them."""
    client = connect(args)
    frame = ef.load_subscribers(client, status=args.status, progress=shows_progress(args))
    if args.by or args.copies:
        return write_copies(client, frame, args)
    refuse_edited(args)
    if args.out and Path(args.out).suffix.lower() == ".xlsx":
        ef.write_workbook(frame, args.out, client=client)
    else:
        write_frame(frame, args.out, "subscribers")
    if args.json:
        print_json(frame)
    elif not args.out:
        print_frame(frame)
    if not args.json:
        active = int((frame["status"] == "active").sum())
        print(f"{active:,} of them active{f' -> {args.out}' if args.out else ''}")
    return DONE


def create(args: Namespace) -> int:
    """Create the subscribers of a file."""
    client, frame = connect(args), read_input(args)
    if args.on_exists == "update":
        current = load_current(client, args)
        tenant_rows = len(current)
        if may_exist(frame[NAME], current):  # items that name nobody: who is one of them would be updated too
            current = read_current(client, frame[NAME].tolist(), progress=shows_progress(args))
        check_share(client, plan_creates(frame, current=current, on_exists="update"), tenant_rows, args)
    results = ef.create_subscribers(client, frame, on_exists=args.on_exists, **sending_options(args))
    return show_results(results, args, frame)


def update(args: Namespace) -> int:
    """Update the subscribers of a file."""
    client, frame = connect(args), read_input(args)
    current = load_current(client, args) if len(frame) > FREE_ROWS else None
    if current is not None:
        check_share(client, plan_updates(frame, current), len(current), args)
    results = ef.update_subscribers(client, frame, current=current, **sending_options(args))
    return show_results(results, args, frame)


def delete(args: Namespace) -> int:
    """Delete the subscribers of a file."""
    client, frame = connect(args), read_input(args)
    names, current = names_to_delete(client, frame, progress=shows_progress(args))
    if len(names) > FREE_ROWS:
        check_share(client, plan_deletes(names, current), current.attrs["exotel_frames"]["tenant_rows"], args)
    if not args.dry_run:
        confirm_deletes(args, len(names), client)
    results = ef.delete_subscribers(client, frame, max_deletes=args.max_deletes, **sending_options(args))
    return show_results(results, args, frame)


def token(args: Namespace) -> int:
    """Make the tokens of one device."""
    device = {NAME: [args.name], "platform": [args.platform], "device_id": [args.device_id]}
    tokens = ef.create_tokens(connect(args), pd.DataFrame(device), dry_run=args.dry_run, progress=False)
    if args.dry_run and tokens["outcome"].eq("not_sent").all():
        return show_dry_run(tokens, args)
    if args.reveal:
        for column in ("access_token", "refresh_token"):
            tokens[column] = [made and made.reveal() for made in tokens[column]]
    if args.json or args.reveal:
        print_json(tokens)
    else:
        made_columns = ["access_token", "access_expires", "refresh_expires"]
        made = tokens["outcome"].eq("done").all()
        print_frame(tokens, [NAME, "platform", "outcome", *(made_columns if made else ["error_message"])])
    return DONE if tokens["outcome"].eq("done").all() else FAILED


def plan(args: Namespace) -> int:
    """Show what an edited workbook would change."""
    client = connect(args)
    made = _plan_workbook(args, client)
    _show_plan(made, args, client)
    return PENDING if (made["action"] != "none").any() else DONE


def apply(args: Namespace) -> int:
    """Apply a plan, or an edited workbook."""
    client = connect(args)
    from_workbook, made = _read_plan(args, client)
    if not args.json:
        _show_plan(made, Namespace(json=False, out=None), client, see_all="--dry-run --json prints them all")
    limits = {"max_deletes": args.max_deletes, "max_share": args.max_share, "account": _named_account(args, client)}
    deletes = int((made["action"] == "delete").sum())
    if deletes > args.max_deletes:
        ef.apply_plan(client, made, dry_run=True, progress=False, **limits)  # refuses, with the whole arithmetic
    if not args.dry_run:
        if from_workbook and args.json and not args.out and not args.piped:  # else plan_workbook has said it
            warn_of_unwritable_outcomes(args.file, args.sheet, columns_of(args))
        confirm_deletes(args, deletes, client)
    results = ef.apply_plan(client, made, **limits, **sending_options(args))
    code = show_results(results, args)
    if from_workbook and not args.out and not args.dry_run:
        _write_beside(args, results)
    if args.verdicts and not args.dry_run:
        write_beside(args.verdicts, results)
    return code


def _write_beside(args: Namespace, results: pd.DataFrame) -> None:
    if args.piped:
        print(f"exotel-frames: {_PIPED}", file=sys.stderr)
    else:
        write_beside(args.file, results, **file_options(args))


def check(args: Namespace) -> int:
    """Compare what this tool assumes of the service with what the account shows."""
    found = ef.check_service(connect(args), write=args.write)
    if args.json:
        print_json(found)
    else:
        print(ef.show(found))
    return DONE if found["holds"].fillna(value=True).all() else PENDING


def runs(args: Namespace) -> int:
    """List the account's runs."""
    frame = ef.list_runs(connect(args))
    if args.json:
        print_json(frame)
    elif len(frame):
        print_frame(frame, ["run_id", "action", "rows", *_columns_of_runs(frame)])
    else:
        print("No runs on this account yet.")
    return DONE


def _columns_of_runs(frame: pd.DataFrame) -> list[str]:
    """Return the columns that are not empty."""
    counts = [str(outcome) for outcome in OUTCOMES if frame[outcome].any()]
    return [*counts, *(name for name in ("plan_id", "approved_by") if frame[name].notna().any())]


def results(args: Namespace) -> int:
    """Show what became of each row of a run."""
    return show_results(ef.read_results(connect(args), args.run_id), args)


def resume(args: Namespace) -> int:
    """Settle and resume a run."""
    return show_results(ef.resume_run(connect(args), args.run_id, **sending_options(args)), args)


def undo(args: Namespace) -> int:
    """Show the plan that takes a run back, and apply it if asked."""
    client = connect(args)
    made = ef.plan_undo(client, args.run_id, progress=shows_progress(args))
    if args.dry_run or not args.apply:
        _show_plan(made, args, client)
        return PENDING if (made["action"] != "none").any() else DONE
    confirm_deletes(args, int((made["action"] == "delete").sum()), client)
    applied = ef.apply_plan(client, made, max_deletes=args.max_deletes, max_share=1.0, progress=shows_progress(args))
    return show_results(applied, args)


def _plan_workbook(args: Namespace, client: Client) -> pd.DataFrame:
    """Return the plan of an edited workbook."""
    says = shows_progress(args) and not args.piped  # else it would say where outcomes go, which a pipe can't take
    made = ef.plan_workbook(client, args.file, **file_options(args), allow_moved=args.allow_moved, progress=says)
    if not says and (line := reading_line(made)):
        print(in_words_of_options(line, args), file=sys.stderr)
    return made


def _read_plan(args: Namespace, client: Client) -> tuple[bool, pd.DataFrame]:
    """Return whether a file is an edited workbook, and the plan in it or of it."""
    if is_several(args.file):
        if args.require_approval:
            raise PlanError(
                "Copies of an audit are not a plan that can be approved: make a plan with `plan -o plan.xlsx`."
            )
        return True, _plan_workbook(args, client)
    kind = Path(args.file).suffix.lower()
    if kind == ".json" or (kind == ".xlsx" and is_plan_workbook(args.file)):
        return False, ef.read_plan(args.file, require_approval=args.require_approval, progress=shows_progress(args))
    if args.require_approval:
        raise PlanError(f"{args.file} is not a plan that can be approved: make a plan with `plan -o plan.xlsx`.")
    if kind == ".parquet":
        return False, read_parquet(args.file)
    frame, base = read_with_base(args.file, **file_options(args))
    if {"action", "status_from"} <= {*frame.columns} and base is None:
        return False, frame
    return True, _plan_workbook(args, client)


def _named_account(args: Namespace, client: Client) -> str | None:
    """Return the account if the command line names it, itself or by a profile; the environment does not count."""
    return client.settings.account_sid if args.account_sid or args.profile else None


def _show_plan(made: pd.DataFrame, args: Namespace, client: Client, see_all: str = "--json prints them all") -> None:
    refuse_edited(args)
    if args.out and Path(args.out).suffix.lower() in {".xlsx", ".json"}:
        ef.write_plan(made, args.out)
    else:
        write_frame(made, args.out, "plan")
    if args.json:
        print_json(made)
    else:
        print_view(view_plan(made, label=client.settings.label, max_rows=PLAN_ROWS, see_all=see_all))
