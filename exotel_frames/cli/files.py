"""The files of a command, looked at before the first request: what can't be written is told before anything is sent."""

from __future__ import annotations

import glob
import os
from argparse import Namespace
from pathlib import Path
from typing import Final

from exotel_frames.errors import WorkbookError

KINDS: Final = (".xlsx", ".parquet", ".csv", ".json")
"""What a frame can be written as."""


def check_files(args: Namespace) -> None:
    """Raise one `WorkbookError` with all that speaks against the files a command names; read nothing of them yet."""
    out = getattr(args, "out", None)
    faults = [fault for file in _inputs(args) for fault in _input_faults(file)]
    if getattr(args, "by", None) or getattr(args, "copies", None):
        faults += _folder_faults(out)
    elif out:
        faults += _output_faults(Path(out), args)
    if faults:
        raise WorkbookError("\n".join([*faults, "Nothing was sent, and nothing was written."]))


def _inputs(args: Namespace) -> list[str]:
    """Return the files that a command reads or answers in."""
    file, verdicts = getattr(args, "file", None) or [], getattr(args, "verdicts", None) or []
    return [*([file] if isinstance(file, str) else file), *verdicts]


def _folder_faults(out: str | None) -> list[str]:
    if out is None:
        return ["--by and --copies write several workbooks: say in which folder, -o audit/."]
    return [f"-o {out}: this is a file; --by and --copies need a folder."] if Path(out).is_file() else []


def _input_faults(file: str) -> list[str]:
    if file == "-" or Path(file).exists() or glob.has_magic(file):
        return []
    return [f"{file}: there is no such file."]


def _output_faults(out: Path, args: Namespace) -> list[str]:
    kinds = getattr(args, "kinds", KINDS)
    if out.suffix.lower() not in kinds:
        return [f"-o {out}: the ending must be {', '.join(kinds[:-1])} or {kinds[-1]}."]
    if not out.parent.is_dir():
        return [f"-o {out}: there is no folder {out.parent}."]
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        return [f"-o {out}: it can't be written to."]
    if out.is_dir():
        return [f"-o {out}: this is a folder."]
    return _replacing_faults(out, args) if out.exists() else []


def _replacing_faults(out: Path, args: Namespace) -> list[str]:
    """Return why a file that is there must not be replaced: it is the input, or somebody has worked in it."""
    from exotel_frames.workbooks import is_unedited  # noqa: PLC0415 - `--help` must not wait for pandas

    if any(Path(file).exists() and out.samefile(file) for file in _inputs(args)):
        return [f"-o {out}: this is the file that is read. Give the results a name of their own."]
    if getattr(args, "overwrite", False) or out.suffix.lower() != ".xlsx" or is_unedited(out):
        return []
    return [
        f"-o {out}: this workbook was edited since exotel_frames wrote it. To replace it all the same: --overwrite."
    ]
