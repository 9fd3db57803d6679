"""The same verbs for a terminal and for cron: `exotel-frames --help`.

Exit codes: 0 nothing to do, or done · 1 an error · 2 a plan has changes pending · 3 some rows failed · 4 refused as
unsafe · 5 some rows unknown (`exotel-frames resume` settles them) · 130 stopped by hand.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from exotel_frames.cli.failures import ERROR, INTERRUPTED, UNSAFE, log_requests, tell
from exotel_frames.cli.files import check_files, pipe_as_file
from exotel_frames.cli.parser import parser
from exotel_frames.errors import PlanError

PLAIN = {"→": "->", "…": "...", "•": "*", "·": "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is a sentence on stderr, never a traceback.

    With `--json` an error is an object on stdout too: `{"error": {"type": …, "message": …, "problems": […]}}`.

    >>> main(["validate", "sample_data/new_subscribers.xlsx"])
    10 problems and 2 warnings in 11 rows
    ...
    sample_data/new_subscribers.xlsx: 49 rows, 40 can be sent, 9 can't
    3
    """
    with _streams_anywhere():
        args = parser().parse_args(arguments)
        try:
            return _run(args)
        except BrokenPipeError:
            _close_stdout()
            return 0  # `| head` has seen enough
        except KeyboardInterrupt as stop:
            return tell(stop, INTERRUPTED, args)
        except Exception as problem:  # noqa: BLE001 - whatever it is, a terminal shows a sentence
            code = tell(problem, UNSAFE if isinstance(problem, PlanError) else ERROR, args)
            if isinstance(problem, OSError):
                _close_stdout()  # a disk that is full
            return code


def _run(args: Namespace) -> int:
    """Check what can be checked before the first request, run the command, and see that all of it was printed."""
    log_requests(verbose=getattr(args, "verbose", False))
    check_files(args)
    commands = import_module(f"exotel_frames.cli.{args.module}")  # only now: `--help` must not wait for pandas
    quietly = _nowhere() if getattr(args, "quiet", False) else nullcontext(sys.stdout)
    with pipe_as_file(args), quietly as out, redirect_stdout(out):
        code = int(getattr(commands, args.run)(args))
        out.flush()  # a full disk says so here, and not at the interpreter's end
    return code


@contextmanager
def _streams_anywhere() -> Iterator[None]:
    """Let a console that has no arrows or dots (Windows' cp1252) show `->` and `...` instead of a traceback.

    A process without a console or with closed streams (a service, `>&-`) has no streams at all: what is printed there
    goes nowhere.
    """
    codecs.register_error("plainly", _plainly)
    with ExitStack() as undo:
        if sys.stdout is None:
            undo.enter_context(redirect_stdout(undo.enter_context(_nowhere())))
        if sys.stderr is None:
            undo.enter_context(redirect_stderr(undo.enter_context(_nowhere())))
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="plainly")  # in UTF-8 for the half characters of a file's name in Latin-1
        yield


def _nowhere() -> TextIOWrapper:
    return TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8")


def _plainly(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    bad = problem.object[problem.start : problem.end]
    return "".join(PLAIN.get(char, "?") for char in bad), problem.end


def _close_stdout() -> None:
    """Turn stdout to nowhere: what is still in its buffer would raise again when the interpreter ends."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())  # not a file at all: there is nothing in its buffer
