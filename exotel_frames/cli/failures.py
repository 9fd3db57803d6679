"""Errors as a terminal shows them: a message with options instead of Python code; with `--json` an object."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from argparse import Namespace
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, Final

from exotel_frames.errors import ExotelFramesError, RunInterrupted

ERROR, UNSAFE, INTERRUPTED = 1, 4, 130
PROBLEMS_IN_MESSAGE: Final = 5  # an error's message names so many itself
_ARGUMENT: Final = r"{name}=(\.\.\.|(?:\"[^\"]*\"|'[^']*'|[^\s,).;])+)"
_OPTIONS: Final = {
    name: f"--{name.replace('_', '-')}"
    for name in (
        "max_deletes", "max_share", "sheet", "on_exists", "journal", "proxy", "ca_bundle", "account_sid", "base_url",
        "stamp", "requests_per_minute", "require_approval",
    )
}  # fmt: skip
_PROFILE: Final = re.compile(r"ef\.connect\(([\"'])([^\"']*)\1\)")
_WITH_KEYS: Final = re.compile(r"ef\.connect\(api_key=…, api_token=…, ([^()]*)\)")
"""Key and token are no options: a command line can be read by every program of the machine."""
_COLUMN: Final = re.compile(r"(?:columns=|(?<=to ours, ))\{([\"'])([^{}]*?)\1: ([\"'])(\w+)\3\}")
_CALLS: Final = {
    "resume_run": "exotel-frames resume",
    "read_results": "exotel-frames results",
    "plan_undo": "exotel-frames undo",
    "list_runs": "exotel-frames runs",
    "load_subscribers": "exotel-frames load",
}


def report_error(problem: BaseException, code: int, args: Namespace) -> int:
    """Print an error, and all of its problems when its message names only some; return the exit code."""
    if getattr(args, "json", False):
        with suppress(OSError):  # stdout may be what failed
            print(
                json.dumps({"error": as_object(problem, args)}, indent=1, ensure_ascii=False, default=str), flush=True
            )
    print(f"exotel-frames: {sentence(problem, args)}", file=sys.stderr)
    problems = getattr(problem, "problems", None)
    if problems is not None and len(problems) > PROBLEMS_IN_MESSAGE and not getattr(args, "json", False):
        import_module("exotel_frames.cli.output").print_problems(problems)
    if getattr(args, "verbose", False):
        traceback.print_exception(problem)
    return code


def sentence(problem: BaseException, args: Namespace) -> str:
    """Return the sentence of an error, with options where the package names arguments.

    >>> sentence(ExotelFramesError("It deletes 2. To allow it: apply_plan(client, plan, max_deletes=2)."), Namespace())
    'It deletes 2. To allow it: --max-deletes 2.'
    """
    if isinstance(problem, ExotelFramesError | RunInterrupted):
        return in_words_of_options(str(problem), args)
    if isinstance(problem, KeyboardInterrupt):
        return str(problem) or "stopped by hand."
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        return f"{where}{str(problem.strerror or problem).rstrip('.')}."
    kind = type(problem).__name__
    return f"this should not happen ({kind}: {problem}). Run it again with --verbose, and report what it prints."


def in_words_of_options(text: str, args: Namespace) -> str:
    """Return a text of the package with commands and options in place of Python calls and arguments.

    >>> in_words_of_options('Go on with ef.resume_run(client, "20261125-1").', Namespace(profile="north"))
    'Go on with exotel-frames resume 20261125-1 --profile north.'
    """
    text = _PROFILE.sub(r"--profile \2", _WITH_KEYS.sub(r"\1, key and token as below", text))
    text = _COLUMN.sub(r'--column "\2=\4"', text).replace("columns= ", "--column ")
    for call, command in _CALLS.items():
        pattern = rf"(?:ef\.)?{call}\(client(?:, *\"?([^\")]*)\"?)?\)"
        text = re.sub(pattern, partial(_command, args, command), text)
    for name, option in _OPTIONS.items():
        text = re.sub(_ARGUMENT.format(name=name), rf"{option} \1", text)
    text = re.sub(r"(?:ef\.)?\w+\(client, \w+, (--[^()]*)\)", r"\1", text)
    return re.sub(r"(--[a-z-]+ [^\s,]+), (?=--)", r"\1 ", text)


def _command(args: Namespace, command: str, call: re.Match[str]) -> str:
    return complete_command(args, f"{command} {call[1] or ''}".strip())


def complete_command(args: Namespace, command: str) -> str:
    """Return a command with the options it needs to reach the same account and the same journal.

    >>> complete_command(Namespace(profile="sandbox", journal=None, stamp=None), "exotel-frames runs")
    'exotel-frames runs --profile sandbox'
    """
    import shlex  # noqa: PLC0415 - only where something is printed

    names = ("profile", "account_sid", "stamp", "base_url", "journal", "proxy", "ca_bundle")
    options = [(name, getattr(args, name, None)) for name in names]
    return " ".join(
        [command, *(f"--{name.replace('_', '-')} {shlex.quote(str(value))}" for name, value in options if value)]
    )


def as_object(problem: BaseException, args: Namespace) -> dict[str, Any]:
    """Return an error as data for JSON: its type, its message, and its problems."""
    error: dict[str, Any] = {"type": type(problem).__name__, "message": in_words_of_options(str(problem), args)}
    problems = getattr(problem, "problems", None)
    if problems is not None:
        error["problems"] = json.loads(problems.to_json(orient="records", date_format="iso", default_handler=str))
    request_id = getattr(problem, "request_id", None)
    return error | ({"request_id": request_id} if request_id else {})


def log_requests(*, verbose: bool) -> None:
    """With `--verbose`, print one line a request on stderr."""
    if verbose:
        logger = logging.getLogger("exotel_frames")
        logger.setLevel(logging.DEBUG)
        logger.addHandler(logging.StreamHandler())
