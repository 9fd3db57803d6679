"""The sandbox as a process of its own."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

from exotel_frames.sandbox.server import SandboxServer


def serve(**options: Any) -> None:
    """Serve until SIGINT or SIGTERM, after one line that says where, which account, and with which tokens.

    That is the key and the token of the API, and the admin paths' token. The options are those of `SandboxServer`.
    """
    ended = threading.Event()
    # Set before the line is printed: a program that has read it may send a signal.
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with SandboxServer(**options) as box:
            sys.stdout.write(
                f"SANDBOX {box.base_url} account={box.account_sid} key={box.api_key} token={box.api_token} "
                f"admin={box.admin_token}\n"
            )
            sys.stdout.flush()
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
