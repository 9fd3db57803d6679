"""Groups of options that several commands have, and the types that check their values."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, NoReturn

PORT_MAX = 65_535
MODULES = {
    **dict.fromkeys(("completion", "sandbox"), "light"),
    **dict.fromkeys(("snapshot", "compare"), "snapshots"),
    "prune": "prune",
    "demo": "demo",
}
"""The modules of the commands that are not in `commands`."""


class Parser(argparse.ArgumentParser):
    """A parser that exits with 1 for wrong usage: 2 means that changes are pending."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and exit."""
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def add_command(commands: argparse._SubParsersAction[Parser], name: str, what: str, example: str) -> Parser:
    """Add a command, with what it does and an example of it."""
    command = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=name, module=MODULES.get(name, "commands"))
    return command


def add_dry_run(command: Parser) -> None:
    """Add `--dry-run`."""
    command.add_argument("--dry-run", action="store_true", help="send nothing: show what would be sent")


class _OneOrSeveral(argparse.Action):
    """Stores one file as a text, several as a list."""

    def __call__(self, _parser: object, namespace: argparse.Namespace, values: Any, _option: object = None) -> None:
        setattr(namespace, self.dest, values[0] if len(values) == 1 else values)


def add_file(command: Parser, what: str, *, several: bool = False) -> None:
    """Add the argument for a file to read, and the options that say how."""
    if several:
        command.add_argument("file", type=non_empty, nargs="+", action=_OneOrSeveral, help=what)
    else:
        command.add_argument("file", type=non_empty, help=what)
    command.add_argument(
        "--sheet", type=non_empty, metavar="NAME", help="which sheet, where several have a column subscriber_name"
    )
    command.add_argument(
        "--column",
        action="append",
        default=[],
        type=pair,
        metavar="THEIRS=OURS",
        help='which column a header stands for, "Emp ID=subscriber_name"; once for each',
    )
    command.add_argument("--delimiter", help="what separates the fields of a CSV file; detected by default")
    command.add_argument(
        "--encoding", type=non_empty, help="a CSV file's encoding, such as cp1252; detected by default"
    )


def non_empty(text: str) -> str:
    """Return a text that is not empty: a shell variable that is not set would mean "the newest run" or "no proxy"."""
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError("it is empty" if not text.strip() else "it contains a NUL character")
    return text


def count(text: str) -> int:
    """Return a whole number from 0."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)


def days(text: str) -> float:
    """Return a number of days, from 0."""
    return _number(text, sys.float_info.max, "number of days, 0 or more")


def port(text: str) -> int:
    """Return a port."""
    if count(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to {PORT_MAX}")
    return int(text)


def share(text: str) -> float:
    """Return a share, from 0 to 1."""
    return _number(text, 1, "share of the account, 0 to 1")


def _number(text: str, largest: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= largest:  # NaN is refused too
        raise argparse.ArgumentTypeError(f"{text!r} is not a {what}")
    return number


def pair(text: str) -> str:
    """Return a pair of headers, `THEIRS=OURS`."""
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a pair of headers, such as 'Emp ID=subscriber_name'")
    return text


def add_moved(command: Parser) -> None:
    """Add `--allow-moved`."""
    what = "plan a sheet even if one of its columns was sorted or moved without the others"
    command.add_argument("--allow-moved", action="store_true", help=what)


def add_deletes(command: Parser) -> None:
    """Add `--max-deletes` and `--yes`."""
    command.add_argument(
        "--max-deletes", type=count, default=0, help="how many subscribers it may delete (%(default)s)"
    )
    add_yes(command)


def add_yes(command: Parser) -> None:
    """Add `--yes`."""
    command.add_argument("--yes", action="store_true", help="don't ask: for cron")


def add_out(command: Parser, kinds: str) -> None:
    """Add `--out` and `--overwrite`."""
    command.add_argument("-o", "--out", type=non_empty, metavar="FILE", help=kinds)
    command.add_argument("--overwrite", action="store_true", help="replace FILE even if somebody has edited it")


def add_connection(command: Parser) -> None:
    """Add the options of the connection: which account, and how it is reached."""
    who = command.add_argument_group(
        "which account", "key and token come from the environment, a profile or the keyring"
    )
    who.add_argument("--profile", type=non_empty, help='a table of the profile file, or "sandbox"')
    who.add_argument("--account-sid", type=non_empty, help="overrides EXOTEL_ACCOUNT_SID")
    who.add_argument("--stamp", choices=("mum", "sgp"), help="overrides EXOTEL_STAMP")
    who.add_argument("--base-url", type=non_empty, help="overrides EXOTEL_BASE_URL")
    how = command.add_argument_group("how")
    how.add_argument("--requests-per-minute", type=int, metavar="N", help="send at most this many requests a minute")
    how.add_argument("--workers", type=int, metavar="N", help="how many requests to send at the same time")
    how.add_argument("--timeout", type=float, metavar="SECONDS", dest="timeout_s", help="one request's deadline")
    how.add_argument(
        "--proxy", type=non_empty, metavar="URL", help="go through this proxy, such as http://proxy.example:3128"
    )
    how.add_argument("--ca-bundle", type=non_empty, metavar="FILE", help="trust this certificate authority too")
    how.add_argument("--journal", type=non_empty, metavar="FOLDER", help="the folder of the journal of runs")
    add_talk(command)


def add_talk(command: Parser) -> None:
    """Add the options that say how much is printed."""
    command.add_argument("--json", action="store_true", help="print JSON for machines, and no progress")
    command.add_argument("--quiet", action="store_true", help="print errors only")
    command.add_argument("--verbose", action="store_true", help="print a line for each request, on stderr")


def json_object(text: str) -> dict[str, Any]:
    """Return the fields of a JSON object."""
    try:
        parsed = json.loads(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"it must be JSON ({problem})") from None
    if not isinstance(parsed, dict):
        raise argparse.ArgumentTypeError("""it must be a JSON object, such as '{"drop_after": 0.05}'""")
    return parsed
