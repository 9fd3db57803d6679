"""An audit in several copies: one workbook for each manager, and one plan of all their edits."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import pandas as pd

from exotel_frames import schema, workbooks
from exotel_frames.api.client import Client
from exotel_frames.errors import ValidationError, WorkbookError
from exotel_frames.frames.arguments import need_columns, recall
from exotel_frames.operations.lookup import read_current
from exotel_frames.operations.origin import check_account, check_files, origin_to_write
from exotel_frames.operations.workbook_base import PlannedRows, base_of
from exotel_frames.plans import Copy, desired_column_problems, desired_problems, merge_copies, with_new_fields
from exotel_frames.runs.progress import Listener
from exotel_frames.schema import NAME
from exotel_frames.text import first_free, join_words, pluralize, quote_names, quote_value
from exotel_frames.validation import raise_problems

By: TypeAlias = str | pd.Series | Callable[[str], Any]
COPIES_MAX: Final = 200
_STEM_MAX: Final = 80
_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]|^~(?=\$)')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.* verdicts( \d+)?")
"""Names of devices, and of our own copies with verdicts."""


def write_workbooks(
    subs: pd.DataFrame,
    folder: str | Path,
    *,
    by: By | None = None,
    copies: Sequence[str] | None = None,
    client: Client | None = None,
    base: pd.DataFrame | None = None,
    overwrite: bool = False,
) -> pd.DataFrame:
    """Write one workbook for each manager of an audit; `plan_workbook(client, folder)` plans their edits.

    Each is like a workbook of `write_workbook`, and records which audit it is a copy of. A workbook that somebody has
    saved since it was written is not replaced.

    Parameters
    ----------
    subs : DataFrame
        Subscribers, as in `write_workbook`.
    folder : str or Path
        The folder for the workbooks; it is created if it does not exist.
    by : str, Series or callable, optional
        Which workbook a row belongs to: a column, a Series, or a function of the subscriber's name.
    copies : list of str, optional
        Instead of `by`: the names of the workbooks; each gets all rows.
    client : Client, optional
        The client of the account; by default the account that the frame records.
    base : DataFrame, optional
        The subscribers before your edits, as in `write_workbook`.
    overwrite : bool, default False
        Also replace workbooks that somebody has edited.

    Returns
    -------
    DataFrame
        A row for each workbook: `copy` (its name), `file`, `rows`.

    Raises
    ------
    WorkbookError
        One error that lists everything that can't be written; then nothing is written.
    ValidationError
        When it is not clear which workbooks are meant.

    Examples
    --------
    >>> subs = load_subscribers(client, progress=False)
    >>> files = write_workbooks(subs, "audit", by=lambda name: "first half" if name < "N" else "second half")
    >>> files["copy"].tolist(), int(files["rows"].sum()) == len(subs)
    (['first half', 'second half'], True)
    >>> plan_workbook(client, "audit", progress=False).empty
    True
    """
    subs = need_columns(subs, [NAME], what="The frame for the workbooks")
    parts = _parts(subs, by, copies)
    origin = origin_to_write(subs, client)
    whole = base if base is not None else base_of(subs, client)
    target = Path(folder)
    files = _file_names(list(parts))
    _check_free([target / file for file in files.values()], overwrite=overwrite)
    now = datetime.now(UTC)
    about = {
        "audit_id": f"{now:%Y%m%d}-{secrets.token_hex(4)}",
        "exported_at": now.isoformat(timespec="seconds"),
        "copies": msgspec.json.encode(list(parts)).decode(),
    }
    _make_folder(target)
    with tempfile.TemporaryDirectory(prefix=".writing_", dir=target) as made:
        workbooks.for_all(
            parts,
            lambda name: _write_copy(Path(made, files[name]), parts[name], whole, origin | about | {"copy": name}),
        )
        _check_free([target / file for file in files.values()], overwrite=overwrite)  # to write them took a while
        for file in files.values():
            os.replace(Path(made, file), target / file)  # noqa: PTH105 - on Windows Path.rename does not replace
    written = {"copy": list(parts), "file": [str(target / file) for file in files.values()]}
    return pd.DataFrame(written, dtype="str").assign(rows=[len(part) for part in parts.values()])


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"{error.strerror or error}: is there a file of that name, or is the folder above it protected?"
        raise WorkbookError(f"The folder {folder} can't be created ({why}). Nothing was written.") from None


def _write_copy(path: Path, part: pd.DataFrame, base: pd.DataFrame, origin: Mapping[str, Any]) -> None:
    """Write the workbook of one copy; what can't be written is an error that names the file."""
    rows = base[base[NAME].isin(part[NAME])].reset_index(drop=True)
    try:
        workbooks.write_workbook(part, path, origin=origin, base=rows)
    except WorkbookError as error:
        raise WorkbookError(f"{path.name}: {error}", error.problems) from None


def _parts(subs: pd.DataFrame, by: By | None, copies: Sequence[str] | None) -> dict[str, pd.DataFrame]:
    """Return the rows of each workbook, by its name."""
    if (by is None) == (copies is None):
        raise ValidationError(
            'Say how to divide the workbooks: by="custom_field" (a column, a Series or a function of the name) writes '
            'one for each group, copies=["north", "south"] writes all rows once for each name.'
        )
    if copies is not None:
        names = [copies] if isinstance(copies, str) else list(copies)
        if not names or len({str(name).casefold() for name in names}) < len(names) or not all(names):
            raise ValidationError(f"copies must be one or more different names, but this is {quote_value(copies)}.")
        return {str(name): subs for name in names}
    groups = _groups(subs, by)
    names = sorted(groups.unique())
    if len(names) > COPIES_MAX:
        raise ValidationError(
            f"by makes {pluralize(len(names), 'group')}, one workbook each; at most {COPIES_MAX} are allowed."
        )
    return {name: subs[(groups == name).to_numpy()] for name in names}


def _groups(subs: pd.DataFrame, by: Any) -> pd.Series[Any]:
    """Return the group of each row as a text; rows without one are a group of their own."""
    if isinstance(by, str):
        column = need_columns(subs, [by], what="The frame for the workbooks")[by]
    elif isinstance(by, pd.Series):
        if not by.index.is_unique or not subs.index.isin(by.index).all():
            raise ValidationError("by, a Series, has no group for some of the rows: it must have the frame's index.")
        column = by.reindex(subs.index)
    elif callable(by):
        column = pd.Series([by(name) for name in subs[NAME]], index=subs.index, dtype=object)
    else:
        raise ValidationError(
            f"by must be a column, a Series or a function of the name, but this is {quote_value(by)}."
        )
    labels = column.map(str, na_action="ignore").astype(object)
    blank = column.isna() | (labels.astype(str).str.strip() == "")
    what = by if isinstance(by, str) else by.name if isinstance(by, pd.Series) and by.name else "group"
    return labels.mask(blank, f"no {what}").astype(schema.STR)


def _file_names(names: Sequence[Hashable]) -> dict[str, str]:
    """Return each copy's file: a name that is legal on every system, and unique even where case does not count.

    >>> _file_names(["Sales", "sales", "R&D/West", "con"])
    {'Sales': 'Sales.xlsx', 'sales': 'sales 2.xlsx', 'R&D/West': 'R&D_West.xlsx', 'con': 'con_.xlsx'}
    """
    taken: set[str] = set()
    made = {}
    for name in map(str, names):
        stem = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", name))[:_STEM_MAX].strip(" .") or "_"
        stem = f"{stem}_" if _RESERVED.fullmatch(stem) else stem
        free = first_free(stem, lambda each: each.casefold() in taken)
        taken.add(free.casefold())
        made[name] = f"{free}.xlsx"
    return made


def _check_free(files: Sequence[Path], *, overwrite: bool) -> None:
    edited = [file.name for file in files if file.exists() and not overwrite and not workbooks.is_unedited(file)]
    if edited:
        raise WorkbookError(
            f"Nothing was written: {join_words(edited[:10], len(edited))} {'was' if len(edited) == 1 else 'were'} "
            "edited and saved since. Plan the edits first, or use another folder; overwrite=True replaces the files."
        )


def plan_copies(
    client: Client,
    paths: workbooks.Paths,
    *,
    sheet: str | None,
    account: str | None,
    allow_moved: bool,
    progress: bool | Listener,
) -> pd.DataFrame:
    """Plan what several copies of an audit ask for; see `plan_workbook`."""
    check_account(client, account)
    found = workbooks.read_copies(paths, sheet=sheet)
    check_files(client, {copy.file: copy.base.origin for copy in found.copies})
    names = pd.concat([copy.sheet[NAME] for copy in found.copies]).dropna().unique().tolist()
    current = read_current(client, names, progress=progress)
    copies = workbooks.for_all(found.copies, lambda copy: _check_copy(copy, current, allow_moved=allow_moved))
    plan, untouched = merge_copies(current, copies)
    unnamed = [copy.file for copy in found.copies if not copy.base.origin.get("account_sid")]
    plan.attrs["exotel_frames"] = recall(plan) | {
        "two_way": False,
        "names_no_account": None if account or not unnamed else unnamed[0],
        "planned": PlannedRows(plan),
        "copies": {
            "files": [copy.file for copy in found.copies],
            "untouched": untouched,
            "missing": list(found.missing),
            "left_out": list(found.left_out),
            "readings": {copy.file: line for copy in found.copies if (line := workbooks.reading_line(copy.sheet))},
        },
    }
    if progress is True:
        for line in _lines_about(found, untouched):
            print(line)  # noqa: T201
    return plan


def _check_copy(copy: workbooks.CopyFile, current: pd.DataFrame, *, allow_moved: bool) -> Copy:
    """Return a copy for merging; what is wrong with its rows is an error that names the file and the row."""
    if not allow_moved:
        workbooks.refuse_moved(copy.file, copy.sheet, copy.base.frame, in_order=True)
    sheet = workbooks.without_carried_out(copy.sheet, copy.base)
    base = with_new_fields(copy.base.frame, current)
    if wrong := desired_column_problems(sheet):
        raise ValidationError(f"{copy.file} can't be planned: {'; '.join(wrong)}.")
    if problems := desired_problems(sheet, current):
        raise_problems(f"{copy.file} can't be planned", problems, sheet[NAME])
    return Copy(copy.file, sheet, base, copy.base.proposed, copy.base.carried_out)


def _lines_about(found: workbooks.CopyFiles, untouched: Sequence[str]) -> Iterator[str]:
    yield f"Planned together: {join_words([_display_name(copy.base.origin, copy.file) for copy in found.copies])}."
    if untouched:
        yield f"Came back unchanged: {join_words(untouched)}."
    if found.missing:
        names = quote_names(found.missing, len(found.missing))
        yield f"MISSING: {names}. No edit of {'it' if len(found.missing) == 1 else 'them'} is in the plan."
    if found.left_out:
        yield f"Left out: {'; '.join(found.left_out)}."
    yield from filter(None, (workbooks.reading_line(copy.sheet) for copy in found.copies))
    for copy in found.copies:
        if who := workbooks.open_elsewhere(copy.path):
            yield f"{copy.file} {who}: unsaved changes there are not in the plan."


def _display_name(origin: Mapping[str, str], file: str) -> str:
    """Return a file's name, and which copy it is where it was renamed."""
    name = origin.get("copy")
    return f"{file} (the copy {quote_value(name)})" if name and not file.startswith(name) else file
