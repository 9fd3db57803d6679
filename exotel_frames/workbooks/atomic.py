"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from exotel_frames.errors import WorkbookError


@contextmanager
def replace_whole(
    path: Path, *, still_allowed: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of `path` when all went well, and disappears when not.

    `still_allowed` is entered when nothing is left to do but to replace; what it raises leaves all as it was.
    """
    target = path.resolve()
    with _beside(path, target, mode=0o666) as (beside, file):
        yield file
        _finish(file)
        with suppress(FileNotFoundError):
            shutil.copymode(target, beside)
        with still_allowed():
            beside.replace(target)


@contextmanager
def refuse_if_changed(path: Path, data: bytes) -> Iterator[None]:
    """Refuse what somebody has changed since it was read; of our own programs one at a time gets here.

    The lock is the old file's own, and free the moment its holder is dead: nothing is left behind.
    """
    with path.open("rb") as file:
        is_ours = _lock(file)
        is_same = file.read() == data and os.path.samestat(os.fstat(file.fileno()), path.stat())
        if not (is_ours and is_same):
            raise WorkbookError(f"{path.name} was changed in the meantime: nothing was written. Call again.")
        if sys.platform == "win32":
            file.close()  # an open file can't be replaced there
        yield


def _lock(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; tell whether nobody else has it. What can't be locked nobody has."""
    with suppress(ImportError, OSError):
        import fcntl  # noqa: PLC0415 - Windows has none

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def write_first_free(paths: Iterable[Path], write: Callable[[BinaryIO], object], *, is_private: bool = False) -> Path:
    """Write a new file in the first place that nobody has, and return it; no file is ever replaced.

    To look for a free name, and then to replace what is there, would replace what somebody wrote in between.
    `is_private`: nobody else may read the file.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> [write_first_free([folder / "a", folder / "b"], lambda file: file.write(b"1")).name for _ in "12"]
    ['a', 'b']
    """
    places = iter(paths)
    first = next(places)
    with _beside(first, first.resolve(), mode=0o600 if is_private else 0o666) as (beside, file):
        write(file)
        _finish(file)
        for path in chain([first], places):
            with suppress(FileExistsError):
                _take(beside, path)
                return path
    raise WorkbookError(f"{first} already exists and is never overwritten: choose another name.")


def _take(beside: Path, path: Path) -> None:
    """Give a file the name that nobody has; FileExistsError when somebody has."""
    try:
        os.link(beside, path)  # unlike a rename, it never replaces a file
    except FileExistsError:
        raise
    except OSError:  # a disk without links, as a stick or a share: its new file is empty for a moment
        path.open("xb").close()
        beside.replace(path)


@contextmanager
def _beside(path: Path, target: Path, *, mode: int) -> Iterator[tuple[Path, BinaryIO]]:
    """Give a new file beside a target, which is gone afterwards; what goes wrong with the disk names the path."""
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(beside, "xb", opener=partial(os.open, mode=mode)) as file:
            yield beside, file
    except OSError as error:
        why = f"{error.strerror or error}. Is it open in Excel, or is the folder missing, protected or full?"
        raise WorkbookError(f"{path} can't be written ({why}); nothing was changed.") from None
    finally:
        with suppress(OSError):
            beside.unlink()


def _finish(file: BinaryIO) -> None:
    """Bring a file to the disk, and close it: Windows moves no open one."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def check_ending(path: Path) -> None:
    """Raise a `WorkbookError` unless a name ends as a workbook's does: Excel refuses to open it otherwise.

    >>> check_ending(Path("audit.xls"))
    Traceback (most recent call last):
    exotel_frames.errors.WorkbookError: A workbook's name must end in .xlsx: write to audit.xlsx instead of audit.xls.
    """
    if path.suffix.lower() != ".xlsx":
        better = path.with_suffix(".xlsx").name
        raise WorkbookError(f"A workbook's name must end in .xlsx: write to {better} instead of {path.name}.")
