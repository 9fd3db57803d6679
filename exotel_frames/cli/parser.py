"""The commands and their options; nothing here imports pandas, so that `--help` answers at once."""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from typing import Any, NoReturn

CREATE_HELP = "what to do with names that exist: reject (the default), skip, or update their custom field"
PORT_MAX = 65_535
LIGHT = frozenset({"completion", "sandbox"})
"""The commands that need no frames; the others wait for pandas."""


class _Parser(argparse.ArgumentParser):
    """A parser whose usage errors end with 1: 2 says that a plan has changes pending."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, the name of its function.

    >>> parser().parse_args(["load", "-o", "tenant.xlsx"]).run
    'load'
    """
    root = _Parser(
        prog="exotel-frames",
        description="Exotel subscribers from a terminal: the same verbs as the Python package.",
        epilog="Exit codes: 0 done or nothing to do, 1 error, 2 changes pending, 3 some rows failed, 4 refused as "
        "unsafe, 5 some rows unknown.",
    )
    root.add_argument("--version", action="version", version=f"exotel-frames {version('exotel_frames')}")
    commands = root.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    _add_local(commands)
    _add_reading(commands)
    _add_snapshots(commands)
    _add_writing(commands)
    _add_history(commands)
    return root


def _add_local(commands: argparse._SubParsersAction[_Parser]) -> None:
    demo = _add(commands, "demo", "see it work on a made-up account", "exotel-frames demo --out results.xlsx")
    demo.add_argument(
        "--out", type=_filled, metavar="FILE", help="where the workbook of results goes (a folder of its own otherwise)"
    )
    demo.set_defaults(kinds=(".xlsx",))
    box = _add(
        commands,
        "sandbox",
        "serve a made-up account on this machine",
        "exotel-frames sandbox --port 8080 --subscribers 500 --state box.db",
    )
    box.add_argument("--port", type=_port, default=0, help="0 takes a free port (%(default)s)")
    box.add_argument("--subscribers", type=_count, default=250, help="how many are made up (%(default)s)")
    box.add_argument("--seed", type=int, default=0, help="the same seed makes the same ones (%(default)s)")
    box.add_argument(
        "--state", type=_filled, metavar="FILE", help="keep what was done in this file; in memory otherwise"
    )
    box.add_argument("--rate-limit", type=int, metavar="N", help="requests a minute; no limit otherwise")
    box.add_argument(
        "--behavior", action="append", default=[], metavar="NAME=VARIANT", help="what it does otherwise than documented"
    )
    box.add_argument("--faults", type=_json, metavar="JSON", help="""such as '{"drop_after": 0.05}'""")
    check = _add(
        commands, "validate", "check a file of subscribers; nothing is sent", "exotel-frames validate new.xlsx"
    )
    _add_file(check, "an Excel workbook, or a CSV file of text; - is stdin")
    _add_talk(check)
    check.add_argument("--action", choices=("create", "update", "delete"), default="create", help="(%(default)s)")
    completion = _add(
        commands, "completion", "print what completes the commands in a shell", "exotel-frames completion bash"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _add_reading(commands: argparse._SubParsersAction[_Parser]) -> None:
    service = _add(commands, "check", "does this tool fit this account? (2: something differs)", "exotel-frames check")
    service.add_argument("--write", action="store_true", help="make two throwaway subscribers too, and delete them")
    _add_connection(service)
    load = _add(commands, "load", "load all subscribers", "exotel-frames load --status active -o tenant.xlsx")
    load.add_argument("--status", choices=("active", "inactive"), help="only these")
    load.add_argument("--by", metavar="COLUMN", help="one workbook for each value of it, in the folder -o")
    load.add_argument("--copies", metavar="NAMES", help="a workbook of all rows for each (north,south)")
    _add_out(load, ".xlsx (for editing and `plan`), .parquet, .csv or .json; a folder with --by or --copies")
    _add_connection(load)
    plan = _add(
        commands,
        "plan",
        "show what edited workbooks would change; exit code 2 when something would",
        "exotel-frames plan audit.xlsx -o plan.parquet\n  exotel-frames plan audit/ -o plan.xlsx",
    )
    _add_file(plan, "a workbook of `load -o`, edited; or the copies of an audit: files, or their folder", several=True)
    _add_moved(plan)
    _add_out(plan, "keep the plan for `apply`: .xlsx (for approval), .json or .parquet")
    _add_connection(plan)


def _add_snapshots(commands: argparse._SubParsersAction[_Parser]) -> None:
    snapshot = _add(
        commands,
        "snapshot",
        "keep what the account holds now in a file that is never written over; prints where",
        "exotel-frames snapshot --profile production",
    )
    snapshot.set_defaults(kinds=(".parquet",))
    snapshot.add_argument(
        "-o", "--out", type=_filled, metavar="FILE", help="a .parquet file (the account's own folder otherwise)"
    )
    _add_connection(snapshot)
    compare = _add(
        commands,
        "compare",
        "show what has changed since a snapshot, or between two; exit code 2 when something differs",
        "exotel-frames compare old.parquet --markdown",
    )
    compare.add_argument("before", type=_filled, help="a file of `snapshot`")
    compare.add_argument("after", type=_filled, nargs="?", help="another one; the account as it is now otherwise")
    compare.add_argument(
        "-o", "--out", type=_filled, metavar="FILE", help="keep the changes: .xlsx, .parquet, .csv or .json"
    )
    compare.add_argument("--markdown", action="store_true", help="print Markdown, for a mail")
    _add_connection(compare)


def _add_writing(commands: argparse._SubParsersAction[_Parser]) -> None:
    create = _add(commands, "create", "create the subscribers of a file", "exotel-frames create new.xlsx -o done.xlsx")
    create.add_argument("--on-exists", choices=("reject", "skip", "update"), default="reject", help=CREATE_HELP)
    update = _add(commands, "update", "update the subscribers of a file", "exotel-frames update moved.csv")
    delete = _add(
        commands, "delete", "delete the subscribers of a file", "exotel-frames delete gone.csv --max-deletes 3"
    )
    _add_token(commands)
    apply = _add(
        commands,
        "apply",
        "apply a plan, or an edited workbook",
        "exotel-frames apply audit.xlsx --max-deletes 2 --dry-run",
    )
    _add_moved(apply)
    apply.add_argument("--require-approval", action="store_true", help="only rows that say yes in a plan of `plan -o`")
    apply.add_argument(
        "--verdicts", nargs="+", metavar="FILE", help="write the outcomes into these workbooks too (files, or a folder)"
    )
    for command in (create, update, delete, apply):
        what = f"an Excel workbook or a CSV file{' (or a plan, or the copies of an audit)' * (command is apply)}"
        _add_file(command, f"{what}; - is stdin", several=command is apply)
        _add_out(command, "keep the results: .xlsx, .parquet, .csv or .json")
        _add_dry_run(command)
        command.add_argument(
            "--max-share", type=_share, default=0.3, help="the part of the tenant it may change (%(default)s)"
        )
        _add_connection(command)
    for command in (delete, apply):
        command.add_argument("--max-deletes", type=_count, default=0, help="how many it may delete (%(default)s)")
        command.add_argument("--yes", action="store_true", help="don't ask: for cron")


def _add_token(commands: argparse._SubParsersAction[_Parser]) -> None:
    token = _add(commands, "token", "make a device's tokens", "exotel-frames token archit android 2fc4b5912826ad1")
    token.add_argument("name", type=_filled)
    token.add_argument("platform", choices=("android", "ios"))
    token.add_argument("device_id", type=_filled)
    _add_dry_run(token)
    token.add_argument("--reveal", action="store_true", help="print the tokens themselves, for a pipe")
    _add_connection(token)


def _add_history(commands: argparse._SubParsersAction[_Parser]) -> None:
    _add_connection(_add(commands, "runs", "list the account's runs on this machine", "exotel-frames runs"))
    for name, what in (
        ("results", "show what became of each row of a run"),
        ("resume", "settle what is unknown of a run, and send what it had not sent"),
        ("undo", "show the plan that takes a run back; with --apply, apply it"),
    ):
        command = _add(commands, name, what, f"exotel-frames {name} 20261123-1815")
        command.add_argument(
            "run_id",
            type=_filled,
            nargs=None if name == "undo" else "?",
            help="the run, or the beginning of its id" + "; the newest otherwise" * (name != "undo"),
        )
        _add_out(command, ".xlsx, .parquet, .csv or .json")
        _add_connection(command)
        if name != "results":
            _add_dry_run(command)
        if name == "undo":
            command.add_argument("--apply", action="store_true", help="apply the plan, after asking")
            command.add_argument("--max-deletes", type=_count, default=0, help="how many it may delete (%(default)s)")
            command.add_argument("--yes", action="store_true", help="don't ask: for cron")


def _add_dry_run(command: _Parser) -> None:
    command.add_argument("--dry-run", action="store_true", help="send nothing: show what would be sent")


def _add(commands: argparse._SubParsersAction[_Parser], name: str, what: str, example: str) -> _Parser:
    command = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=name, module="light" if name in LIGHT else "commands")
    return command


class _OneOrSeveral(argparse.Action):
    """Keep one file as a text, several as a list."""

    def __call__(self, _parser: object, namespace: argparse.Namespace, values: Any, _option: object = None) -> None:
        setattr(namespace, self.dest, values[0] if len(values) == 1 else values)


def _add_file(command: _Parser, what: str, *, several: bool = False) -> None:
    if several:
        command.add_argument("file", type=_filled, nargs="+", action=_OneOrSeveral, help=what)
    else:
        command.add_argument("file", type=_filled, help=what)
    command.add_argument(
        "--sheet", type=_filled, metavar="NAME", help="which sheet, where several have a column subscriber_name"
    )
    command.add_argument(
        "--column",
        action="append",
        default=[],
        type=_pair,
        metavar="THEIRS=OURS",
        help='what a header stands for, "Emp ID=subscriber_name"; once for each',
    )
    command.add_argument("--delimiter", help="what separates the fields of a CSV file; found otherwise")
    command.add_argument("--encoding", type=_filled, help="a CSV file's encoding, such as cp1252; found otherwise")


def _filled(text: str) -> str:
    """Refuse an empty text: it is a shell's variable that is not set, and would mean "the newest run" or "no proxy"."""
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError("it is empty" if not text.strip() else "it contains a NUL character")
    return text


def _count(text: str) -> int:
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number, 0 or more")
    return int(text)


def _port(text: str) -> int:
    if _count(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no port, 0 to {PORT_MAX}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:  # NaN is refused too
        raise argparse.ArgumentTypeError(f"{text!r} is no part of the tenant, 0 to 1")
    return share


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of headers, such as 'Emp ID=subscriber_name'")
    return text


def _add_moved(command: _Parser) -> None:
    what = "plan a sheet although a column of it was sorted or moved without the others"
    command.add_argument("--allow-moved", action="store_true", help=what)


def _add_out(command: _Parser, kinds: str) -> None:
    command.add_argument("-o", "--out", type=_filled, metavar="FILE", help=kinds)
    command.add_argument("--overwrite", action="store_true", help="replace FILE even where somebody has edited it")


def _add_connection(command: _Parser) -> None:
    who = command.add_argument_group(
        "which account", "key and token come from the environment, a profile or the keyring"
    )
    who.add_argument("--profile", type=_filled, help='a table of the profile file, or "sandbox"')
    who.add_argument("--account-sid", type=_filled, help="instead of EXOTEL_ACCOUNT_SID")
    who.add_argument("--stamp", choices=("mum", "sgp"), help="instead of EXOTEL_STAMP")
    who.add_argument("--base-url", type=_filled, help="instead of EXOTEL_BASE_URL")
    how = command.add_argument_group("how")
    how.add_argument("--requests-per-minute", type=int, metavar="N", help="go no faster than this")
    how.add_argument("--workers", type=int, metavar="N", help="how many requests run at once")
    how.add_argument("--timeout", type=float, metavar="SECONDS", dest="timeout_s", help="one request's deadline")
    how.add_argument(
        "--proxy", type=_filled, metavar="URL", help="go through this proxy, such as http://proxy.example:3128"
    )
    how.add_argument("--ca-bundle", type=_filled, metavar="FILE", help="trust this certificate authority too")
    how.add_argument("--journal", type=_filled, metavar="FOLDER", help="where the runs' journal lies")
    _add_talk(command)


def _add_talk(command: _Parser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON for machines, and no progress")
    command.add_argument("--quiet", action="store_true", help="print errors only")
    command.add_argument("--verbose", action="store_true", help="print a line for each request, on stderr")


def _json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"it must be JSON ({problem})") from None
    if not isinstance(told, dict):
        raise argparse.ArgumentTypeError("""it must be a JSON object, such as '{"drop_after": 0.05}'""")
    return told
