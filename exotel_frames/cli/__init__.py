"""The same verbs for a terminal and for cron: `exotel-frames --help`.

Exit codes: 0 nothing to do, or done · 1 an error · 2 a plan has changes pending · 3 some rows failed · 4 refused as
unsafe · 5 some rows unknown (`exotel-frames resume` settles them) · 130 stopped by hand.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from exotel_frames.cli.parser import parser
from exotel_frames.errors import ExotelFramesError, PlanError, RunInterrupted

PLAIN = {"→": "->", "…": "...", "•": "*", "·": "-"}
TOLD_IN_ERRORS = 5  # so many problems stand in an error's own text
ERROR, UNSAFE, INTERRUPTED = 1, 4, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is a sentence on stderr, never a traceback.

    >>> main(["validate", "sample_data/new_subscribers.xlsx"])
    10 problems and 2 warnings in 11 rows
    ...
    sample_data/new_subscribers.xlsx: 49 rows, 40 can be sent, 9 can't
    3
    """
    _print_anywhere()
    given = parser().parse_args(arguments)
    commands = import_module("exotel_frames.cli.commands")  # only now: `--help` must not wait for pandas
    try:
        return int(getattr(commands, given.run)(given))
    except PlanError as problem:
        return _told(problem, UNSAFE)
    except ExotelFramesError as problem:
        return _told(problem, ERROR)
    except RunInterrupted as stop:
        return _told(stop, INTERRUPTED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 0  # `| head` has seen enough


def _print_anywhere() -> None:
    """Let a console that has no arrows or dots (Windows' cp1252) show `->` and `...` instead of a traceback."""
    codecs.register_error("plainly", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="plainly")


def _plainly(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    bad = problem.object[problem.start : problem.end]
    return "".join(PLAIN.get(char, "?") for char in bad), problem.end


def _told(problem: BaseException, code: int) -> int:
    print(f"exotel-frames: {problem}", file=sys.stderr)
    problems = getattr(problem, "problems", None)
    if problems is not None and len(problems) > TOLD_IN_ERRORS:
        output = import_module("exotel_frames.cli.output")
        output.print_problems(problems)
    return code
