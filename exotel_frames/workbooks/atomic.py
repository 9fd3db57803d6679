"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from exotel_frames.errors import WorkbookError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of `path` when all went well, and disappears when not."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        why = f"{error.strerror or error}. Is it open in Excel, or is the folder missing, protected or full?"
        raise WorkbookError(f"{path} can't be written ({why}); it is as it was.") from None
    finally:
        with suppress(OSError):
            beside.unlink()


def check_ending(path: Path) -> None:
    """Raise a `WorkbookError` unless a name ends as a workbook's does: Excel refuses to open it otherwise.

    >>> check_ending(Path("audit.xls"))
    Traceback (most recent call last):
    exotel_frames.errors.WorkbookError: A workbook's name must end in .xlsx: write to audit.xlsx instead of audit.xls.
    """
    if path.suffix.lower() != ".xlsx":
        better = path.with_suffix(".xlsx").name
        raise WorkbookError(f"A workbook's name must end in .xlsx: write to {better} instead of {path.name}.")
