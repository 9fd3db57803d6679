"""Whether a file is open in a spreadsheet program: Excel and LibreOffice write a lock file beside it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def open_elsewhere(path: Path) -> str | None:
    """Return in words by whom a file is open, or None; a mark can be left over from a program that crashed.

    >>> open_elsewhere(Path("sample_data/new_subscribers.xlsx")) is None
    True
    """
    excel = [path.with_name(f"~${path.name}"), path.with_name(f"~${path.name[2:]}")]
    marks = {path.with_name(f".~lock.{path.name}#"): "LibreOffice", **dict.fromkeys(excel, "Excel")}
    for mark, program in marks.items():
        if mark != path and mark.is_file():
            by = _who(mark, program)
            return f"is open in {program}{f' by {by}' if by else ''} (there is {mark.name} beside it)"
    return None


def why_not_writable(path: Path) -> str | None:
    """Return in words why a file can't be replaced, or None.

    >>> why_not_writable(Path("sample_data/new_subscribers.xlsx")) is None
    True
    """
    if path.exists() and not os.access(path, os.W_OK):
        return "is write-protected"
    return None


def _who(mark: Path, program: str) -> str:
    """Return the name in a mark: LibreOffice writes fields and commas, Excel a length and the name."""
    with suppress(OSError):
        data = mark.read_bytes()[:2048]
        if program == "LibreOffice":
            return next((part.strip() for part in data.decode("utf-8", "replace").split(",") if part.strip()), "")[:60]
        text = data[1 : 1 + min(data[0], 54)].decode("latin-1") if data else ""
        return "".join(filter(str.isprintable, text)).strip()
    return ""
