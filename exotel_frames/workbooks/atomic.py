"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from exotel_frames.errors import WorkbookError


@contextmanager
def replacing(path: Path, *, never: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of `path` when all went well, and disappears when not.

    `never`: a file that is there by then is not replaced, and nobody else may read the new one.
    """
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(beside, "xb", opener=partial(os.open, mode=0o600 if never else 0o666)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if never:
            os.link(beside, target)  # unlike a rename, it never replaces a file
            return
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except FileExistsError:
        raise WorkbookError(f"{path} is there already, and is never written over: give another name.") from None
    except OSError as error:
        why = f"{error.strerror or error}. Is it open in Excel, or is the folder missing, protected or full?"
        raise WorkbookError(f"{path} can't be written ({why}); nothing was changed.") from None
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
