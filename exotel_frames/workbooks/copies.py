"""The returned copies of an audit: which files of a folder they are, and what is wrong with them."""

from __future__ import annotations

import glob
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
import pandas as pd

from exotel_frames.errors import ValidationError, WorkbookError
from exotel_frames.frames.arguments import describe_type
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_names, quote_value
from exotel_frames.workbooks.base import BASE_SHEET, Base
from exotel_frames.workbooks.pages.hidden_copy import PAGES_SHEET
from exotel_frames.workbooks.plan_files.model import HIDDEN_SHEET
from exotel_frames.workbooks.preflight.check import inspect
from exotel_frames.workbooks.reading.table import read_with_base

Paths: TypeAlias = str | Path | Sequence[str | Path]
AUDIT, COPY, COPIES = "audit_id", "copy", "copies"
"""What the origin of a copy says besides: of which audit it is, what it is called, and what all are called (JSON)."""
_KINDS: Final = (".xlsx", ".xlsm")
_OTHER_KINDS: Final = (".ods", ".xls", ".xlsb", ".csv", ".numbers")
"""What a copy may have been saved as."""
_VERDICTS: Final = re.compile(r"(.*) verdicts(?: \d+)?")
R = TypeVar("R")


@dataclass(frozen=True)
class CopyFile:
    """One copy that came back; `file` is its name, with as much of its folder as tells it from the others."""

    path: Path
    file: str
    sheet: pd.DataFrame
    base: Base


@dataclass(frozen=True)
class CopyFiles:
    """The copies that were found, what was left out and why, and how the whole audit's copies are called."""

    copies: tuple[CopyFile, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]


def is_several(paths: Any) -> bool:
    """Tell whether several files are meant: a list, a folder, or a pattern such as `audit/*.xlsx`.

    >>> is_several("audit.xlsx"), is_several("audit/*.xlsx"), is_several(["a.xlsx"]), is_several(".")
    (False, True, True, True)
    """
    if not isinstance(paths, str | Path):
        return True
    return Path(paths).is_dir() or (glob.has_magic(str(paths)) and not Path(paths).exists())


def copy_paths(paths: Paths) -> tuple[list[Path], list[str]]:
    """Return the files that are meant, and what was left out of folders and patterns: marks, results, other files.

    >>> copy_paths("sample_data/new_*.xlsx")[1]
    ['new_subscribers.xlsx (not a copy of an audit: it has no base)']
    """
    named: list[Path] = []
    found: list[Path] = []
    for each in _list_paths(paths):
        if is_several(each):
            found += _files_of(each)
        else:
            named.append(Path(each))
    found = [path for path in dict.fromkeys(found) if path not in named and path.is_file()]
    why = {path: _why_left_out(path, found) for path in found if not path.name.startswith(".")}
    kept = [*dict.fromkeys(named), *(path for path, reason in why.items() if not reason)]
    return kept, [f"{path.name} ({reason})" for path, reason in why.items() if reason]


def _files_of(place: str | Path) -> list[Path]:
    """Return what a folder or a pattern has, in the order of the names."""
    if Path(place).is_dir():
        return sorted(Path(place).iterdir())
    return sorted(map(Path, glob.glob(str(place))))  # noqa: PTH207 - a pattern may begin with a folder or a drive


def _list_paths(paths: Any) -> Iterable[str | Path]:
    """Return the paths one by one; of the frame that `write_workbooks` returned, its files."""
    if isinstance(paths, pd.DataFrame) and "file" in paths:
        return list(paths["file"])
    if isinstance(paths, str | Path):
        return [paths]
    made: list[Any] = [None]
    if isinstance(paths, Iterable) and not isinstance(paths, bytes | pd.DataFrame):
        made = list(paths)
    if not all(isinstance(each, str | Path) for each in made):
        raise WorkbookError(
            "The workbook is a path, or several: a list of paths, a folder, a pattern such as 'audit/*.xlsx', or what "
            f"write_workbooks returned; but this is {describe_type(paths)}."
        )
    return made


def _why_left_out(path: Path, beside: Sequence[Path]) -> str:
    """Return why a file of a folder is no copy, or nothing; a damaged one is told later: it may hold edits."""
    if path.name.startswith("~$"):
        return "Excel's lock file: somebody has a copy open"
    if path.suffix.lower() in _OTHER_KINDS:
        return "not an .xlsx file: if somebody edited it, save it as .xlsx"
    if path.suffix.lower() not in _KINDS:
        return "no workbook"
    verdicts = _VERDICTS.fullmatch(path.stem)
    if verdicts and any(other.stem == verdicts[1] and other.suffix == path.suffix for other in beside):
        return f"the verdicts on {verdicts[1]}{path.suffix}"
    with suppress(WorkbookError):
        return _why_no_copy(path)
    return ""


def _why_no_copy(path: Path) -> str:
    sheets = inspect(path).sheets
    if HIDDEN_SHEET in sheets:
        return "a plan"
    if PAGES_SHEET in sheets:
        return "a workbook for reading only"
    if BASE_SHEET in sheets:
        return ""
    sheet, _ = read_with_base(path)
    once_was_one = sheet.attrs["exotel_frames"]["base_was_removed"]
    return "" if once_was_one else "not a copy of an audit: it has no base"


def read_copies(paths: Paths, *, sheet: str | None = None) -> CopyFiles:
    """Read the copies of an audit.

    Errors: one `WorkbookError` that names every file that can't be read, has no base, is of another audit, or is the
    same copy as another one.
    """
    kept, left_out = copy_paths(paths)
    if not kept:
        remark = f" Left out: {'; '.join(left_out)}." if left_out else ""
        raise WorkbookError(f"There is no copy of an audit in {_where(paths)}.{remark}")
    labels = short_names(kept)
    read = for_all(kept, lambda path: read_with_base(path, sheet=sheet))
    copies = [
        CopyFile(path, label, frame, base)
        for path, label, (frame, base) in zip(kept, labels, read, strict=True)
        if base is not None
    ]
    if problems := list(_problems(labels, copies)):
        raise WorkbookError("\n".join(["The copies can't be planned together.", *problems]))
    copies.sort(key=lambda copy: copy.file)
    known = {name for copy in copies for name in names_of_copies(copy.base.origin)}
    return CopyFiles(
        tuple(copies), tuple(left_out), tuple(sorted(known - {copy.base.origin.get(COPY) for copy in copies}))
    )


def results_of_copies(copies: Sequence[CopyFile], results: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the results of each copy's rows, by its file; a subscriber may have a row in several.

    Errors: a `WorkbookError` when a result has a row in none of them; a delete whose row was removed may.
    """
    about = results.attrs
    parts = {copy.file: results[results[NAME].isin(copy.sheet[NAME].dropna())] for copy in copies}
    found = pd.concat([part[NAME] for part in parts.values()])
    lost = results[~results[NAME].isin(found) & (results["action"] != "delete")]
    if len(lost):
        names = lost[NAME].fillna("").tolist()
        have = "has" if len(names) == 1 else "have"
        raise WorkbookError(
            f"The copies and the results don't belong together: {pluralize(len(names), 'result')} {have} no row in "
            f"any of them ({quote_names(names)}). Nothing was written. Add the missing copy, or leave these results "
            "out."
        )
    for part in parts.values():
        part.attrs.update(about)
    return parts


def _where(paths: Paths) -> str:
    return str(paths) if isinstance(paths, str | Path) else "an empty list" if not list(paths) else "these folders"


def for_all(items: Iterable[Any], read: Callable[[Any], R]) -> list[R]:
    """Return what a function gives for each item, or raise one error with what is wrong with any of them.

    >>> for_all(["7", "8"], int)
    [7, 8]
    """
    made: list[R] = []
    errors: list[WorkbookError | ValidationError] = []
    for item in items:
        try:
            made.append(read(item))
        except (WorkbookError, ValidationError) as error:
            errors.append(error)
    if errors:
        problems = [error.problems for error in errors if error.problems is not None]
        whole = pd.concat(problems, ignore_index=True) if problems else None
        raise type(errors[0])("\n".join(map(str, errors)), whole) from None
    return made


def short_names(paths: Sequence[Path]) -> list[str]:
    """Return what files are called: by their names, with folders where two have the same one.

    >>> short_names([Path("audit/a.xlsx"), Path("audit/b.xlsx")]), short_names([Path("n/a.xlsx"), Path("s/a.xlsx")])
    (['a.xlsx', 'b.xlsx'], ['n/a.xlsx', 's/a.xlsx'])
    """
    most = max((len(path.resolve().parts) for path in paths), default=0)
    for parts in range(1, most):
        names = ["/".join(path.resolve().parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def names_of_copies(origin: Mapping[str, str]) -> list[str]:
    """Return how all copies of an audit are called, as one of them says; none for a workbook that is the only one."""
    try:
        return msgspec.json.decode(origin.get(COPIES, "[]"), type=list[str])
    except msgspec.DecodeError:
        return []


def _problems(labels: Sequence[str], copies: Sequence[CopyFile]) -> Iterator[str]:
    baseless = [label for label in labels if label not in {copy.file for copy in copies}]
    if baseless:
        have = "has" if len(baseless) == 1 else "have"
        yield (
            f"{join_words(baseless)} {have} no base, the hidden sheet that tells edits from old cells (perhaps it was "
            "removed). Plan such a file by itself."
        )
    audits: dict[str, list[CopyFile]] = defaultdict(list)
    for copy in copies:  # a workbook of an older version has no id, and is known by the moment it was written
        audits[copy.base.origin.get(AUDIT) or copy.base.origin.get("exported_at", "")].append(copy)
    if len(audits) > 1:
        listed = "; ".join(
            f"{join_words([copy.file for copy in some])} of that written {_when(some[0].base.origin)}"
            for some in audits.values()
        )
        yield f"These are copies of {len(audits)} audits: {listed}. Plan each audit by itself."
    named: dict[str, list[str]] = defaultdict(list)
    for copy in copies:
        named[copy.base.origin.get(COPY, "")].append(copy.file)
    for name, files in named.items():
        if name and len(files) > 1:
            yield (
                f"{join_words(files)} are all the copy {quote_value(name)}: keep only the one that counts. If people "
                "worked in several of them, plan and apply one after the other."
            )


def _when(origin: Mapping[str, str]) -> str:
    return origin.get("exported_at", "an unknown time")[:16].replace("T", " ")
