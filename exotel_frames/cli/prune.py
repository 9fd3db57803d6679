"""`exotel-frames prune`: forget runs that ended long ago, after asking."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import Final

import pandas as pd

import exotel_frames as ef
from exotel_frames.cli.output import DONE, PENDING, print_frame, print_json
from exotel_frames.cli.steps import ask_number, connect
from exotel_frames.text import pluralize

DAY_S: Final = 86_400.0


def prune(args: Namespace) -> int:
    """Show the runs that are old enough, ask, and forget them; with `--dry-run` return 2 when there are any."""
    client, began_s = connect(args), time.monotonic()
    old = ef.prune_runs(client, keep_days=args.keep_days, dry_run=True)
    if args.dry_run:
        _print_runs(old, args, f"{_count_runs(old)} would be forgotten. Nothing was.")
        return PENDING if len(old) else DONE
    if len(old):
        if not args.json:
            _print_runs(old, args)
        label = client.settings.label
        loss = f"this permanently forgets {_count_runs(old)}, with their results and undo"
        ask_number(args, f"{label}: {loss}", len(old), refusal="Nothing was forgotten, because you did not confirm it")
    asked_days = (time.monotonic() - began_s) / DAY_S  # so that none is forgotten that was not shown
    gone = ef.prune_runs(client, keep_days=args.keep_days + asked_days) if len(old) else old
    if args.json:
        print_json(gone)
    else:
        print(f"{_count_runs(gone)} forgotten; {pluralize(len(ef.list_runs(client)), 'run')} kept.")
    return DONE


def _print_runs(old: pd.DataFrame, args: Namespace, end: str = "") -> None:
    if args.json:
        print_json(old)
        return
    if len(old):
        print_frame(old, ["run_id", "ended", "action", "rows"])
    if end:
        print(end)


def _count_runs(frame: pd.DataFrame) -> str:
    return pluralize(len(frame), "run")
