"""The files of a command, looked at before the first request: what can't be written is told before anything is sent."""

from __future__ import annotations

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
    faults = [*_input_faults(getattr(args, "file", None)), *(_output_faults(Path(out), args) if out else ())]
    if faults:
        raise WorkbookError("\n".join([*faults, "Nothing was sent, and nothing was written."]))


def _input_faults(file: str | None) -> list[str]:
    if file is None or file == "-" or Path(file).exists():
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

    file = getattr(args, "file", None)
    if file and file != "-" and Path(file).exists() and out.samefile(file):
        return [f"-o {out}: this is the file that is read. Give the results a name of their own."]
    if getattr(args, "overwrite", False) or out.suffix.lower() != ".xlsx" or is_unedited(out):
        return []
    return [
        f"-o {out}: this workbook was edited since exotel_frames wrote it. To replace it all the same: --overwrite."
    ]
