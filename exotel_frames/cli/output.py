"""Printing and writing of frames, results and problems."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from exotel_frames.cli.failures import ERROR, complete_command
from exotel_frames.cli.files import KINDS, refuse_edited
from exotel_frames.display import View, render_text, view_problems, view_results
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.row_numbers import without_file_rows
from exotel_frames.outcomes import OPEN, OUTCOME_INFO
from exotel_frames.secret import Secret
from exotel_frames.text import escape_text, pluralize
from exotel_frames.workbooks import refuse_secrets, replace_whole, write_pages

DONE, PENDING, FAILED = 0, 2, 3
SHOWN_ROWS = 20
PROBLEMS_MAX = 100


def print_frame(frame: pd.DataFrame, columns: Sequence[str] = ()) -> None:
    """Print a frame's first rows as a table as wide as the terminal, and say how many more there are."""
    shown = frame[list(columns)] if columns else frame
    print(as_table(shown.head(SHOWN_ROWS), shutil.get_terminal_size((120, 24)).columns))
    if len(shown) > SHOWN_ROWS:
        print(f"… and {len(shown) - SHOWN_ROWS:,} more rows")


def as_table(frame: pd.DataFrame, width: int) -> str:
    """Return a frame as text, numbers to the right; where a line is too long, its longest column is cut.

    >>> print(as_table(pd.DataFrame({"row": [0, 12], "message": ["fine", "much too long to show"]}), 20))
    row  message
      0  fine
     12  much too long …
    """
    cells = {str(name): [str(name), *(_cell(value) for value in column)] for name, column in frame.items()}
    room = {name: max(map(len, texts)) for name, texts in cells.items()}
    widest = max(room, key=lambda name: (room[name], name), default="")
    too_much = sum(room.values()) + 2 * (len(room) - 1) - width
    if widest and too_much > 0:
        room[widest] = max(len(widest), 12, room[widest] - too_much)
    numbers = {str(name) for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])}
    padded = [_pad(texts, room[name], right=name in numbers) for name, texts in cells.items()]
    return "\n".join("  ".join(line).rstrip() for line in zip(*padded, strict=True))


def _cell(value: Any) -> str:
    return "" if not isinstance(value, Secret) and pd.isna(value) else escape_text(str(value), limit=500)


def _pad(texts: Sequence[str], width: int, *, right: bool) -> list[str]:
    cut = [text if len(text) <= width else text[: width - 1] + "…" for text in texts]
    return [text.rjust(width) if right else text.ljust(width) for text in cut]


def print_json(frame: pd.DataFrame) -> None:
    """Print a frame as a JSON list of rows; a wrapped secret stays •••."""
    print(json.dumps(json.loads(frame.to_json(orient="records", date_format="iso", default_handler=str)), indent=1))


def write_frame(frame: pd.DataFrame, out: str | None, sheet: str) -> None:
    """Write a frame to a file of the kind its ending says."""
    if out is None:
        return
    kind = Path(out).suffix.lower()
    refuse_secrets({sheet: frame})
    if kind == ".xlsx":
        write_pages(out, {sheet: frame})
        return
    if kind not in KINDS:
        raise WorkbookError(f"{out}: the ending must be .xlsx, .parquet, .csv or .json. Nothing was written.")
    is_special = Path(out).exists() and not Path(out).is_file()  # a pipe, a device
    with Path(out).open("wb") if is_special else replace_whole(Path(out)) as file:  # whole: others read it meanwhile
        if kind == ".parquet":
            frame.to_parquet(file)
        elif kind == ".csv":
            file.write(frame.to_csv(index=False).encode())
        else:
            file.write(frame.to_json(orient="records", date_format="iso", default_handler=str).encode())


def show_results(results: pd.DataFrame, args: Namespace, file: pd.DataFrame | None = None) -> int:
    """Print, and with `--out` write, the results of the rows of `file`; return the exit code."""
    shown = with_file_rows(results, file)
    kept = _write_out(shown, results, args)
    if args.json:
        print_json(shown)
    if getattr(args, "dry_run", False):
        return show_dry_run(results, args)
    code = exit_code_of(results) if kept else exit_code_of(results) or ERROR
    if args.json:
        return code
    runs = results["run_id"].dropna().unique().tolist()
    view = view_results(shown, max_rows=SHOWN_ROWS, see_all=_see_all(runs, args))
    if view.groups or file is None or results.empty:  # else the run itself has printed it
        print_view(replace(view, advice=()))  # its advice is Python
    if args.out and kept:
        print(f"kept in {args.out}")
    if results["outcome"].isin(OPEN).any():
        print(
            f"Go on with: {complete_command(args, f'exotel-frames resume {shlex.join(runs[:1])}'.strip())}",
            file=sys.stderr,
        )
    return code


def _write_out(shown: pd.DataFrame, results: pd.DataFrame, args: Namespace) -> bool:
    """Write the results to `--out`; where that fails, warn and return False, since the run is done."""
    try:
        refuse_edited(args)
        write_frame(shown, args.out, "results")
    except (OSError, WorkbookError) as problem:
        why = getattr(problem, "strerror", None) or str(problem).rstrip(".")
        runs = results["run_id"].dropna().unique().tolist()
        go_on = complete_command(args, f"exotel-frames results {shlex.join(runs[:1])} -o FILE")
        print(
            f"exotel-frames: the results are not in {args.out} ({why}). To keep them elsewhere: {go_on}",
            file=sys.stderr,
        )
        return False
    return True


def show_dry_run(results: pd.DataFrame, args: Namespace) -> int:
    """Print what would be sent; the verb has printed the requests and minutes."""
    would = int((results["outcome"] == "not_sent").sum())
    lost = int((results["outcome"] == "unknown").sum())
    if args.json:
        return PENDING if would else exit_code_of(results)
    if would or lost:
        looks = f"looks for {pluralize(lost, 'row')} whose response was lost" if lost else ""
        does = " and ".join(part for part in (looks, f"sends {pluralize(would, 'row')}" if would else "") if part)
        print(f"Nothing was sent. Without --dry-run the same command {does}.")
    else:
        print("Nothing was sent, and without --dry-run nothing would be.")
    bad = results[results["outcome"] == "invalid"]
    if len(bad):
        print_view(replace(view_results(bad, max_rows=SHOWN_ROWS, see_all="see validate"), advice=()))
    return PENDING if would else exit_code_of(results)


def _see_all(runs: Sequence[str], args: Namespace) -> str:
    return (
        f"see {args.out}"
        if args.out
        else complete_command(args, f"exotel-frames results {shlex.join(runs[:1])} -o results.xlsx")
    )


def show_problems(problems: pd.DataFrame, file: pd.DataFrame) -> None:
    """Print what is wrong with the rows of a file."""
    view = view_problems(with_file_rows(problems, file), max_rows=SHOWN_ROWS * 2, see_all="--json prints them all")
    print_view(view)


def print_problems(problems: pd.DataFrame) -> None:
    """Print on stderr all problems of an error whose message names only some."""
    messages = [f"  - {message} {fix}".rstrip() for message, fix in problems[["message", "fix"]].fillna("").to_numpy()]
    print("\n".join(["All of it:", *messages[:PROBLEMS_MAX]]), file=sys.stderr)
    if len(messages) > PROBLEMS_MAX:
        print(f"  - … and {len(messages) - PROBLEMS_MAX:,} more", file=sys.stderr)


def print_view(view: View) -> None:
    """Print a view in the width and the colours of the terminal."""
    print(render_text(view, color=takes_color(), width=shutil.get_terminal_size((100, 24)).columns))


def takes_color() -> bool:
    """Tell whether stdout is a terminal that shows colours, unless NO_COLOR is set.

    Source: no-color.org (any text in NO_COLOR counts).
    """
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def with_file_rows(results: pd.DataFrame, file: pd.DataFrame | None) -> pd.DataFrame:
    """Return problems or results with the row numbers of the file, as Excel or an editor shows them."""
    if file is None:
        return results
    numbers = file.attrs["exotel_frames"]["row_numbers"]
    rows = [numbers[row] if not pd.isna(row) and row < len(numbers) else row for row in results["row"]]
    return without_file_rows(results.assign(row=pd.array(rows, dtype="Int64")))


def exit_code_of(results: pd.DataFrame) -> int:
    """Return the exit code of results: that of unknown rows before that of failed ones."""
    codes = {str(outcome): info.exit_code for outcome, info in OUTCOME_INFO.items()}
    return max((codes.get(outcome, FAILED) for outcome in results["outcome"].unique()), default=DONE)
