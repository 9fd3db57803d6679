"""The copies of an audit: written for each manager, and updated with the outcomes after a run."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd

import exotel_frames as ef
from exotel_frames.api.client import Client
from exotel_frames.cli.output import DONE, print_frame, print_json
from exotel_frames.text import join_words
from exotel_frames.workbooks import check_verdicts, is_several


def write_copies(client: Client, frame: pd.DataFrame, args: Namespace) -> int:
    """Write one workbook for each manager, and print their names."""
    names = [name.strip() for name in args.copies.split(",")] if args.copies else None
    files = ef.write_workbooks(frame, args.out, by=args.by, copies=names, client=client, overwrite=args.overwrite)
    if args.json:
        print_json(files)
    else:
        print_frame(files)
        print(f"When they have been edited: exotel-frames plan {args.out}")
    return DONE


def warn_of_unwritable_outcomes(file: str | list[str], sheet: str | None, columns: Mapping[str, str]) -> None:
    """Warn, before the run, of files in which its outcomes can't be written."""
    for each in [file] if isinstance(file, str) else file:
        if not is_several(each) and (warning := check_verdicts(each, sheet=sheet, columns=columns)):
            print(f"exotel-frames: {warning}", file=sys.stderr)


def write_beside(file: str | list[str], results: pd.DataFrame, **options: Any) -> None:
    """Write the outcomes beside a file's rows; one that can't take them is a warning, since the run is done.

    `options` are those the file was read with.
    """
    several = is_several(file)
    try:
        with redirect_stdout(sys.stderr):  # with --json, what is printed is for machines
            made = ef.write_verdicts(file, results, **options)
        names = file if made == Path(str(file)) else join_words([path.name for path in made]) if several else made.name
        print(f"The outcome of each row is beside it in {names}.", file=sys.stderr)
    except ef.WorkbookError as problem:
        where = file if isinstance(file, str) else join_words(file)
        print(
            f"exotel-frames: the run is done, but its outcomes could not be written to {where}: {problem}",
            file=sys.stderr,
        )
