"""The commands that don't import pandas."""

from __future__ import annotations

import signal
import threading
from argparse import Namespace
from typing import Any

from exotel_frames.cli.parser import parser
from exotel_frames.errors import SettingsError

DONE = 0


def completion(args: Namespace) -> int:
    """Print what completes the commands in a shell."""
    import shtab  # noqa: PLC0415 - for this command alone

    print(shtab.complete(parser(), args.shell))
    return DONE


def sandbox(args: Namespace) -> int:
    """Serve a made-up account until it is stopped."""
    from exotel_frames.sandbox import read_pairs  # noqa: PLC0415 - for this command alone

    options = {name: getattr(args, name) for name in ("port", "subscribers", "seed", "state", "rate_limit", "faults")}
    try:
        _serve(**options, behavior=read_pairs(args.behavior))
    except (TypeError, ValueError) as problem:  # the sandbox refuses an option
        raise SettingsError(str(problem)) from None
    return DONE


def _serve(**options: Any) -> None:
    """Serve until SIGINT or SIGTERM, after one line that says where, which account, and with which tokens.

    That is the key and the token of the API, and the admin paths' token.
    """
    from exotel_frames.sandbox import SandboxServer  # noqa: PLC0415 - for this command alone

    ended = threading.Event()
    # Set before the line is printed: a program that has read it may send a signal.
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with SandboxServer(**options) as box:
            told = f"account={box.account_sid} key={box.api_key} token={box.api_token} admin={box.admin_token}"
            print(f"SANDBOX {box.base_url} {told}", flush=True)
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
