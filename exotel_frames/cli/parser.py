"""The commands and their options; nothing here imports pandas, so that `--help` answers at once."""

from __future__ import annotations

import argparse
from functools import cache
from importlib.metadata import version

from exotel_frames.cli.options import (
    Parser,
    add_command,
    add_connection,
    add_deletes,
    add_dry_run,
    add_file,
    add_moved,
    add_out,
    add_talk,
    add_yes,
    count,
    days,
    json_object,
    non_empty,
    port,
    share,
)

CREATE_HELP = "what to do with names that exist already: reject (the default), skip, or update their custom field"


@cache
def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, the name of its function.

    >>> parser().parse_args(["load", "-o", "tenant.xlsx"]).run
    'load'
    """
    root = Parser(
        prog="exotel-frames",
        description="Exotel subscribers from a terminal: the same verbs as the Python package.",
        epilog="Exit codes: 0 done or nothing to do, 1 error, 2 changes pending, 3 some rows failed, 4 refused as "
        "unsafe, 5 some rows unknown.",
    )
    root.add_argument("--version", action="version", version=f"exotel-frames {version('exotel_frames')}")
    commands = root.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    _add_local(commands)
    _add_reading(commands)
    _add_snapshots(commands)
    _add_writing(commands)
    _add_history(commands)
    return root


def _add_local(commands: argparse._SubParsersAction[Parser]) -> None:
    demo = add_command(
        commands, "demo", "run a whole audit on a made-up account", "exotel-frames demo --out results.xlsx"
    )
    demo.add_argument(
        "--out",
        type=non_empty,
        metavar="FILE",
        help="where to write the workbook of results (default: a new folder)",
    )
    demo.set_defaults(kinds=(".xlsx",))
    _add_sandbox(commands)
    check = add_command(
        commands, "validate", "check a file of subscribers; nothing is sent", "exotel-frames validate new.xlsx"
    )
    add_file(check, "an Excel workbook, or a CSV file of text; - is stdin")
    add_talk(check)
    check.add_argument("--action", choices=("create", "update", "delete"), default="create", help="(%(default)s)")
    completion = add_command(
        commands, "completion", "print the script that completes commands in a shell", "exotel-frames completion bash"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _add_sandbox(commands: argparse._SubParsersAction[Parser]) -> None:
    box = add_command(
        commands,
        "sandbox",
        "serve a made-up account on this machine",
        "exotel-frames sandbox --port 8080 --subscribers 500 --state box.db",
    )
    box.add_argument("--port", type=port, default=0, help="the port; 0 chooses a free one (%(default)s)")
    box.add_argument("--subscribers", type=count, default=250, help="how many subscribers to make up (%(default)s)")
    box.add_argument("--seed", type=int, default=0, help="the same seed makes up the same subscribers (%(default)s)")
    box.add_argument(
        "--state", type=non_empty, metavar="FILE", help="keep the account in this file (default: in memory)"
    )
    box.add_argument("--rate-limit", type=int, metavar="N", help="requests a minute (default: no limit)")
    box.add_argument(
        "--behavior",
        action="append",
        default=[],
        metavar="NAME=VARIANT",
        help="how it differs from the provider's document",
    )
    box.add_argument("--faults", type=json_object, metavar="JSON", help="""such as '{"drop_after": 0.05}'""")


def _add_reading(commands: argparse._SubParsersAction[Parser]) -> None:
    service = add_command(
        commands,
        "check",
        "check whether this tool fits this account; exit code 2 when something differs",
        "exotel-frames check",
    )
    service.add_argument("--write", action="store_true", help="also create two throwaway subscribers, and delete them")
    add_connection(service)
    load = add_command(commands, "load", "load all subscribers", "exotel-frames load --status active -o tenant.xlsx")
    load.add_argument("--status", choices=("active", "inactive"), help="only these")
    load.add_argument(
        "--by", metavar="COLUMN", help="write one workbook for each value of this column, into the folder -o"
    )
    load.add_argument(
        "--copies", metavar="NAMES", help="write a workbook of all rows for each of these names (north,south)"
    )
    add_out(load, ".xlsx (for editing and `plan`), .parquet, .csv or .json; a folder with --by or --copies")
    add_connection(load)
    plan = add_command(
        commands,
        "plan",
        "show what edited workbooks would change; exit code 2 when there are changes",
        "exotel-frames plan audit.xlsx -o plan.parquet\n  exotel-frames plan audit/ -o plan.xlsx",
    )
    add_file(plan, "a workbook of `load -o`, edited; or the copies of an audit: files, or their folder", several=True)
    add_moved(plan)
    add_out(plan, "keep the plan for `apply`: .xlsx (for approval), .json or .parquet")
    add_connection(plan)


def _add_snapshots(commands: argparse._SubParsersAction[Parser]) -> None:
    snapshot = add_command(
        commands,
        "snapshot",
        "save the account as it is now to a file that is never overwritten; prints its path",
        "exotel-frames snapshot --profile production",
    )
    snapshot.set_defaults(kinds=(".parquet",))
    snapshot.add_argument(
        "-o", "--out", type=non_empty, metavar="FILE", help="a .parquet file (default: the account's own folder)"
    )
    add_connection(snapshot)
    compare = add_command(
        commands,
        "compare",
        "show what has changed since a snapshot, or between two; exit code 2 when something differs",
        "exotel-frames compare old.parquet --markdown",
    )
    compare.add_argument("before", type=non_empty, help="a file of `snapshot`")
    compare.add_argument(
        "after", type=non_empty, nargs="?", help="a second snapshot (default: the account as it is now)"
    )
    compare.add_argument(
        "-o", "--out", type=non_empty, metavar="FILE", help="keep the changes: .xlsx, .parquet, .csv or .json"
    )
    compare.add_argument("--markdown", action="store_true", help="print Markdown, for a mail")
    add_connection(compare)


def _add_writing(commands: argparse._SubParsersAction[Parser]) -> None:
    create = add_command(
        commands, "create", "create the subscribers of a file", "exotel-frames create new.xlsx -o done.xlsx"
    )
    create.add_argument("--on-exists", choices=("reject", "skip", "update"), default="reject", help=CREATE_HELP)
    update = add_command(commands, "update", "update the subscribers of a file", "exotel-frames update moved.csv")
    delete = add_command(
        commands, "delete", "delete the subscribers of a file", "exotel-frames delete gone.csv --max-deletes 3"
    )
    _add_token(commands)
    apply = add_command(
        commands,
        "apply",
        "apply a plan, or an edited workbook",
        "exotel-frames apply audit.xlsx --max-deletes 2 --dry-run",
    )
    add_moved(apply)
    apply.add_argument(
        "--require-approval", action="store_true", help="apply only the rows that say yes in a plan of `plan -o`"
    )
    apply.add_argument(
        "--verdicts",
        nargs="+",
        metavar="FILE",
        help="also write the outcomes into these workbooks (files, or a folder)",
    )
    for command in (create, update, delete, apply):
        _add_sending(command, several=command is apply)
    for command in (delete, apply):
        add_deletes(command)


def _add_sending(command: Parser, *, several: bool) -> None:
    what = f"an Excel workbook or a CSV file{' (or a plan, or the copies of an audit)' * several}"
    add_file(command, f"{what}; - is stdin", several=several)
    add_out(command, "keep the results: .xlsx, .parquet, .csv or .json")
    add_dry_run(command)
    command.add_argument(
        "--max-share", type=share, default=0.3, help="the share of the account it may change (%(default)s)"
    )
    add_connection(command)


def _add_token(commands: argparse._SubParsersAction[Parser]) -> None:
    token = add_command(
        commands, "token", "make the tokens of a device", "exotel-frames token archit android 2fc4b5912826ad1"
    )
    token.add_argument("name", type=non_empty)
    token.add_argument("platform", choices=("android", "ios"))
    token.add_argument("device_id", type=non_empty)
    add_dry_run(token)
    token.add_argument("--reveal", action="store_true", help="print the tokens themselves, for a pipe")
    add_connection(token)


def _add_history(commands: argparse._SubParsersAction[Parser]) -> None:
    add_connection(add_command(commands, "runs", "list the account's runs on this machine", "exotel-frames runs"))
    _add_prune(commands)
    for name, what in (
        ("results", "show the outcome of each row of a run"),
        ("resume", "settle the unknown rows of a run, and send the rows that were not sent"),
        ("undo", "show the plan that undoes a run; with --apply, apply it"),
    ):
        command = add_command(commands, name, what, f"exotel-frames {name} 20261123-1815")
        command.add_argument(
            "run_id",
            type=non_empty,
            nargs=None if name == "undo" else "?",
            help="the id of the run, or the beginning of it" + "; the newest run by default" * (name != "undo"),
        )
        add_out(command, ".xlsx, .parquet, .csv or .json")
        add_connection(command)
        if name != "results":
            add_dry_run(command)
        if name == "undo":
            command.add_argument("--apply", action="store_true", help="apply the plan, after asking")
            add_deletes(command)


def _add_prune(commands: argparse._SubParsersAction[Parser]) -> None:
    prune = add_command(
        commands,
        "prune",
        "forget runs that ended long ago, with their results and their undo; never a run that is not finished",
        "exotel-frames prune --keep-days 90 --dry-run",
    )
    prune.add_argument("--keep-days", type=days, required=True, metavar="N", help="how many days of runs to keep")
    prune.add_argument("--dry-run", action="store_true", help="forget nothing: show which runs would be forgotten")
    add_yes(prune)
    add_connection(prune)
