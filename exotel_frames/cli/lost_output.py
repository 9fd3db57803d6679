"""Standard output that can be lost: `| head` has seen enough, or the disk behind it is full."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from contextlib import suppress
from errno import EPIPE
from pathlib import Path
from typing import Any, Final

from exotel_frames.cli.failures import ERROR, complete_command

_SENDING: Final = frozenset({"apply", "create", "delete", "resume", "token", "undo", "update"})


class Output:
    """A stream that drops what it can't write and keeps the problem, so that a command goes on to its end.

    Whether rows failed, and which outcomes stand in which file, must not depend on who reads what is printed.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.problem: OSError | None = None

    def write(self, text: str) -> int:
        """Write a text, unless one could not be written before."""
        self._attempt(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream, unless a text could not be written before."""
        self._attempt(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        """Return what else the stream has: its encoding, whether it is a terminal."""
        return getattr(self._stream, name)

    def _attempt(self, act: Any, *values: str) -> None:
        if self.problem is None:
            try:
                act(*values)
            except OSError as problem:
                self.problem = problem


def code_after_loss(problem: OSError, code: int, args: Namespace) -> int:
    """Close the lost output, say on stderr what that means, and return the exit code.

    A reader that has seen enough loses nothing. Else the code is that of the run; where none was to be sent, or all
    rows are well, it is that of an error.
    """
    close_stdout()
    if problem.errno == EPIPE:
        return code
    why = problem.strerror or problem
    print(f"exotel-frames: what it prints can't be written: {why}. {_go_on(args)}", file=sys.stderr)
    return code or ERROR if _sends(args) else ERROR


def _sends(args: Namespace) -> bool:
    return args.run in _SENDING and not getattr(args, "dry_run", False)


def _go_on(args: Namespace) -> str:
    if not _sends(args):
        return "All else that the command does is done."
    if args.run == "token":
        return "The token was asked for all the same, and is kept nowhere: ask for another one."
    runs, results = (complete_command(args, f"exotel-frames {command}") for command in ("runs", "results"))
    return f"The command has gone on to its end all the same: see {runs}, and for the outcomes {results}."


def close_lost_stdout() -> None:
    """Close stdout if what is left in its buffer can't be written: an error has been told already."""
    try:
        sys.stdout.flush()
    except OSError:
        close_stdout()


def close_stdout() -> None:
    """Redirect stdout to the null device: text left in its buffer would raise again when the interpreter ends."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())  # raises where stdout is no file, and so has no buffer
