"""What the tests of the commands share."""

from __future__ import annotations

import io
from pathlib import Path

COMMANDS = [
    "apply", "check", "compare", "completion", "create", "delete", "demo", "load", "plan", "prune", "results", "resume",
    "runs", "sandbox", "snapshot", "token", "undo", "update", "validate",
]  # fmt: skip


def csv(path: str, text: str) -> str:
    Path(path).write_text(text, encoding="utf-8")
    return path


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True
