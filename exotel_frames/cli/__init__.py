"""The same verbs for a terminal and for cron: `exotel-frames --help`.

Exit codes: 0 nothing to do, or done · 1 an error · 2 a plan has changes pending · 3 some rows failed · 4 refused as
unsafe · 5 some rows unknown (`exotel-frames resume` settles them) · 130 stopped by hand.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
import warnings
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from importlib import import_module
from io import TextIOWrapper
from typing import TextIO, cast

from exotel_frames.cli.failures import ERROR, INTERRUPTED, UNSAFE, log_requests, report_error
from exotel_frames.cli.files import check_files, keep_pipe_as_file
from exotel_frames.cli.lost_output import Output, close_lost_stdout, code_after_loss
from exotel_frames.cli.parser import parser
from exotel_frames.errors import PlanError

ASCII_FOR = {"→": "->", "…": "...", "•": "*", "·": "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is a sentence on stderr, never a traceback.

    With `--json` an error is an object on stdout too: `{"error": {"type": …, "message": …, "problems": […]}}`.

    >>> main(["validate", "sample_data/new_subscribers.xlsx"])
    10 problems and 2 warnings in 11 rows
    ...
    sample_data/new_subscribers.xlsx: 49 rows, 40 can be sent, 9 can't
    3
    """
    with _tolerant_streams():
        args = parser().parse_args(arguments)
        try:
            return _run(args)
        except KeyboardInterrupt as stop:
            return report_error(stop, INTERRUPTED, args)
        except Exception as problem:  # noqa: BLE001 - whatever it is, a terminal shows a sentence
            return report_error(problem, UNSAFE if isinstance(problem, PlanError) else ERROR, args)
        finally:
            close_lost_stdout()


def _run(args: Namespace) -> int:
    """Check the files, run the command, and flush what it printed."""
    log_requests(verbose=getattr(args, "verbose", False))
    check_files(args)
    commands = import_module(f"exotel_frames.cli.{args.module}")  # here, so that `--help` does not wait for pandas
    quietly = _null_stream() if getattr(args, "quiet", False) else nullcontext(sys.stdout)
    with keep_pipe_as_file(args), quietly as stream, warnings.catch_warnings():
        warnings.showwarning = _print_warning
        output = Output(stream)
        with redirect_stdout(cast("TextIO", output)):
            code = int(getattr(commands, args.run)(args))
        output.flush()  # a full disk says so here, and not at the interpreter's end
    return code_after_loss(output.problem, code, args) if output.problem else code


def _print_warning(message: Warning | str, *_where: object, **_more: object) -> None:
    print(f"exotel-frames: {message}", file=sys.stderr)  # where in our code it was raised helps nobody here


@contextmanager
def _tolerant_streams() -> Iterator[None]:
    """Make stdout and stderr take any text: `->` and `...` where a console has no such characters (Windows' cp1252).

    A process without streams (a service, or `>&-`) prints nothing.
    """
    codecs.register_error("plainly", _replace_characters)
    with ExitStack() as undo:
        if sys.stdout is None:
            undo.enter_context(redirect_stdout(undo.enter_context(_null_stream())))
        if sys.stderr is None:
            undo.enter_context(redirect_stderr(undo.enter_context(_null_stream())))
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="plainly")  # also in UTF-8: a file's name may be no UTF-8
        yield


def _null_stream() -> TextIOWrapper:
    return TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8")


def _replace_characters(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    bad = problem.object[problem.start : problem.end]
    return "".join(ASCII_FOR.get(char, "?") for char in bad), problem.end
