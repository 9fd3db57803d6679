"""Checks a command's files before the first request, so that nothing is sent whose results could not be written."""

from __future__ import annotations

import glob
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from exotel_frames.errors import WorkbookError
from exotel_frames.text import join_words

KINDS: Final = (".xlsx", ".parquet", ".csv", ".json")
"""The file types a frame can be written as."""
_PIPE_MAX: Final = 2**28 + 1
"""One byte more than a file may have, so that the reader refuses it."""


def check_files(args: Namespace) -> None:
    """Raise one `WorkbookError` with everything wrong with the files a command names; they are not read yet."""
    out = getattr(args, "out", None)
    problems = [problem for file in _inputs(args) for problem in _input_problems(file)]
    if getattr(args, "by", None) or getattr(args, "copies", None):
        problems += _folder_problems(out)
    elif out:
        problems += _output_problems(Path(out), args)
    if problems:
        raise WorkbookError("\n".join([*problems, "Nothing was sent, and nothing was written."]))


def _inputs(args: Namespace) -> list[str]:
    """Return the files that a command reads, or writes outcomes into."""
    file, verdicts = getattr(args, "file", None) or [], getattr(args, "verdicts", None) or []
    snapshots = [getattr(args, name, None) for name in ("before", "after")]
    return [*([file] if isinstance(file, str) else file), *verdicts, *(one for one in snapshots if one)]


def _folder_problems(out: str | None) -> list[str]:
    if out is None:
        return ["--by and --copies write several workbooks: name the folder for them, -o audit/."]
    return [f"-o {out}: this is a file; --by and --copies need a folder."] if Path(out).is_file() else []


@contextmanager
def keep_pipe_as_file(args: Namespace) -> Iterator[None]:
    """Copy what comes from a pipe into a temporary file, since a pipe can be read only once.

    The file's ending fits its content. `args.piped` is True where the input is a pipe: outcomes have no file then.
    """
    file = getattr(args, "file", None)
    args.piped = isinstance(file, str) and (file == "-" or (Path(file).exists() and not _is_on_disk(Path(file))))
    if not isinstance(file, str) or not args.piped:
        yield
        return
    data = sys.stdin.buffer.read(_PIPE_MAX) if file == "-" else _read_pipe(Path(file))
    with TemporaryDirectory(prefix="exotel_frames_") as folder:
        kept = Path(folder) / f"{'stdin' if file == '-' else 'pipe'}{_ending(data)}"
        kept.write_bytes(data)
        args.file = str(kept)
        yield


def _is_on_disk(file: Path) -> bool:
    return file.is_file() or file.is_dir()


def _read_pipe(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_PIPE_MAX)


def _ending(data: bytes) -> str:
    is_json = data[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return ".xlsx" if data[:2] == b"PK" else ".parquet" if data[:4] == b"PAR1" else ".json" if is_json else ".csv"


def _input_problems(file: str) -> list[str]:
    if file == "-" or glob.has_magic(file):
        return []
    if not Path(file).exists():
        return [f"{file}: there is no such file."]
    return [] if os.access(file, os.R_OK) else [f"{file}: you don't have permission to read it."]


def _output_problems(out: Path, args: Namespace) -> list[str]:
    kinds = getattr(args, "kinds", KINDS)
    if out.suffix.lower() not in kinds:
        return [f"-o {out}: the ending must be {join_words(kinds, last='or')}."]
    if not out.parent.is_dir():
        return [f"-o {out}: there is no folder {out.parent}."]
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        return [f"-o {out}: it can't be written to."]
    if out.is_dir():
        return [f"-o {out}: this is a folder."]
    return _replacing_problems(out, args) if out.exists() else []


def _replacing_problems(out: Path, args: Namespace) -> list[str]:
    """Return why an existing file must not be replaced: it is the input, or somebody has edited it."""
    from exotel_frames.workbooks import is_unedited  # noqa: PLC0415 - `--help` must not wait for pandas

    if any(Path(file).exists() and out.samefile(file) for file in _inputs(args)):
        return [f"-o {out}: this is the input file. Give the results another name."]
    if getattr(args, "overwrite", False) or out.suffix.lower() != ".xlsx" or is_unedited(out):
        return []
    return [f"-o {out}: this workbook has been edited since exotel_frames wrote it. To replace it anyway: --overwrite."]


def refuse_edited(args: Namespace) -> None:
    """Look again right before the output is written: a command can take long, and somebody may have saved it."""
    out = getattr(args, "out", None)
    if out and Path(out).exists() and (problems := _replacing_problems(Path(out), args)):
        raise WorkbookError(f"{problems[0]} Nothing was written.")
