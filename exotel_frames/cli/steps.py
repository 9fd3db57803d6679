"""Steps of several commands before they send: connect, read the input, check the limits, ask."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

import pandas as pd
import pyarrow as pa

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.cli.failures import in_words_of_options
from exotel_frames.errors import UnsafePlanError, WorkbookError
from exotel_frames.plans import check_limits
from exotel_frames.text import pluralize
from exotel_frames.workbooks import read_with_base, reading_line

CONNECTION = (
    "account_sid", "stamp", "base_url", "requests_per_minute", "workers", "timeout_s", "proxy", "ca_bundle", "journal",
)  # fmt: skip


def connect(args: Namespace) -> Client:
    """Connect with the options given; the others come from the environment, a profile or the keyring."""
    options: dict[str, Any] = {name: getattr(args, name) for name in CONNECTION if getattr(args, name) is not None}
    return ef.connect(args.profile, **options)


def read_input(args: Namespace) -> pd.DataFrame:
    """Read the command's file (`-` is stdin), and print on stderr what was assumed: stdout may be JSON."""
    frame, _ = read_with_base(args.file, **file_options(args))
    if line := reading_line(frame):
        print(in_words_of_options(line, args), file=sys.stderr)
    return frame


def columns_of(args: Namespace) -> dict[str, str]:
    """Return which of our columns each header of the file stands for."""
    return dict(pair.split("=", 1) for pair in args.column)


def file_options(args: Namespace) -> dict[str, Any]:
    """Return the options with which the command's file is read."""
    about = {name: getattr(args, name) for name in ("sheet", "delimiter", "encoding")}
    return {**about, "columns": columns_of(args)}


def shows_progress(args: Namespace) -> bool:
    """Tell whether progress may be shown."""
    return not (args.json or args.quiet)


def sending_options(args: Namespace) -> dict[str, Any]:
    """Return the options that each verb that sends takes."""
    return {"progress": shows_progress(args), **({"dry_run": True} if args.dry_run else {})}


def read_parquet(file: str) -> pd.DataFrame:
    """Return a plan from a parquet file; a damaged one is a `WorkbookError`."""
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError, pa.ArrowException) as problem:
        raise WorkbookError(
            f"{file} can't be read as parquet ({problem}). Make the plan again with `plan -o`."
        ) from None


def load_current(client: Client, args: Namespace) -> pd.DataFrame:
    """Load the whole tenant, to compare with and to take shares of."""
    return ef.load_subscribers(client, progress=shows_progress(args))


def check_share(client: Client, plan: pd.DataFrame, tenant_rows: int, args: Namespace) -> None:
    """Refuse a plan that changes more of the tenant than `--max-share` allows, before anything is sent."""
    clear = plan[plan["subscriber_name"].notna() & ~plan["conflict"]]
    deletes = int((clear["action"] == "delete").sum())
    check_limits(clear, tenant_rows, max_deletes=deletes, max_share=args.max_share, label=client.settings.label)


def confirm_deletes(args: Namespace, deletes: int, client: Client) -> None:
    """Ask a person to type the number of deletes; refuse more than `--max-deletes` before asking."""
    if deletes > args.max_deletes:
        raise UnsafePlanError(
            f"{client.settings.label}: this deletes {pluralize(deletes, 'subscriber')}, and --max-deletes is "
            f"{args.max_deletes:,}. Nothing was sent. To allow it: --max-deletes {deletes}."
        )
    effect = f"this deletes {pluralize(deletes, 'subscriber')} for good"
    if deletes:
        refusal = "Nothing was sent, because the deletes were not confirmed"
        ask_number(args, f"{client.settings.label}: {effect}", deletes, refusal=refusal)


def ask_number(args: Namespace, effect: str, number: int, *, refusal: str) -> None:
    """Ask a person to type a number; `--yes` skips that, and input from a pipe is never taken for a yes."""
    if not args.yes and _ask(f"{effect}. Type {number} to go on: ").strip() != str(number):
        raise UnsafePlanError(f"{refusal} (type their number, or pass --yes).")


def _ask(question: str) -> str:
    """Ask on stderr (stdout may be a pipe, or quiet) and return what was typed; empty where nobody can type."""
    if sys.stdin is None or not sys.stdin.isatty():
        return ""
    print(question, end="", file=sys.stderr, flush=True)
    try:
        return sys.stdin.readline()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise KeyboardInterrupt("Nothing was sent: stopped at the question.") from None
