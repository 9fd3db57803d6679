"""Snapshots: an account at one moment, in a parquet file that is never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from exotel_frames import schema
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.convert import conform
from exotel_frames.frames.loaded_state import LOADED, Loaded
from exotel_frames.frames.part import EDITED, NAMELESS, ONLY, UNRECORDED
from exotel_frames.workbooks.atomic import write_first_free

_KEY: Final = b"exotel_frames_snapshot"
_FORMAT: Final = 1
_LOADED_ROWS: Final = "loaded_rows"
"""How many subscribers were loaded, where the snapshot has a part of them."""
ABOUT: Final = ("path", "taken_at", "account_sid", "base_url", "rows", "tool_version")
"""The columns of a list of snapshots."""


def write_snapshot_file(
    subs: pd.DataFrame,
    path: Path,
    *,
    origin: Mapping[str, Any],
    taken_at: datetime,
    known: Mapping[str, Any] = MappingProxyType({}),
    or_else: Iterable[Path] = (),
) -> Path:
    """Write subscribers with their account and the moment; a file that is there already is refused.

    `or_else` are the paths to take, the first that nobody has, where `path` is taken.

    `known` is what the frame remembers; of it, what of the account is not in the file is written down.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "acme1.parquet")
    >>> subs = pd.DataFrame({"subscriber_name": ["007"], "status": ["active"]})
    >>> _ = write_snapshot_file(subs, path, origin={"label": "LIVE"}, taken_at=datetime(2026, 11, 25, tzinfo=UTC))
    >>> read_snapshot(path).attrs["exotel_frames"]["taken_at"]
    '2026-11-25T00:00:00+00:00'
    """
    if path.suffix.lower() != ".parquet":
        raise WorkbookError(f"A snapshot's name must end in .parquet: write to {path.with_suffix('.parquet').name}.")
    frame = conform(subs, "subscribers").reset_index(drop=True)
    about = {
        "format": _FORMAT,
        "origin": {key: str(value) for key, value in origin.items() if value is not None},
        "taken_at": taken_at.astimezone(UTC).isoformat(timespec="seconds"),
        "tool_version": version("exotel_frames"),
        **{key: known[key] for key in (ONLY, NAMELESS, EDITED) if known.get(key)},
        **({_LOADED_ROWS: rows} if (rows := (known.get(LOADED) or {}).get("rows", 0)) > len(frame) else {}),
    }
    frame.attrs.clear()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: msgspec.json.encode(about)})
    return write_first_free(
        chain([path], or_else), lambda file: pq.write_table(table, file, compression="zstd"), is_private=True
    )


def read_snapshot(path: str | Path) -> pd.DataFrame:
    """Return the subscribers of a snapshot, as they were when it was taken.

    Parameters
    ----------
    path : str or Path
        A file of `write_snapshot`.

    Returns
    -------
    DataFrame
        A subscribers frame. `attrs["exotel_frames"]` has `origin` (the account), `taken_at` and `tool_version`. It
        remembers what was in the file: rows of it that were picked, or edited, are never taken for the whole.

    Raises
    ------
    WorkbookError
        When the file is not a snapshot, is damaged, or was written by a newer version.

    Examples
    --------
    >>> path = write_snapshot(load_subscribers(client, progress=False), "before.parquet")
    >>> read_snapshot("before.parquet").shape
    (250, 5)
    """
    file = Path(path)
    about = about_snapshot(file)
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable_error(file, f"it is damaged ({error})") from None
    frame = conform(table.to_pandas(ignore_metadata=True), "subscribers")
    frame.attrs["exotel_frames"] = {key: about[key] for key in ("origin", "taken_at", "tool_version")}
    frame.attrs["exotel_frames"] |= {key: about[key] for key in (ONLY, NAMELESS, EDITED) if about.get(key)}
    rows = about.get(_LOADED_ROWS)
    frame.attrs["exotel_frames"][LOADED] = {"rows": rows} if rows else Loaded(frame)
    if unrecorded := [name for name in schema.FIELDS if name not in table.column_names]:
        frame.attrs["exotel_frames"][UNRECORDED] = unrecorded
    return frame


def about_snapshot(path: Path) -> dict[str, Any]:
    """Return what a snapshot says of itself, without reading its rows."""
    try:
        parquet = pq.read_metadata(path)
        raw = (parquet.metadata or {}).get(_KEY)
        about = None if raw is None else msgspec.json.decode(raw, type=dict[str, Any])
    except FileNotFoundError:
        raise _unreadable_error(path, "there is no such file") from None
    except (pa.ArrowException, OSError, msgspec.MsgspecError) as error:
        raise _unreadable_error(path, f"it is not a parquet file, or is damaged ({error})") from None
    if about is None:
        raise _unreadable_error(path, "it is a parquet file, but not a snapshot: read it with pd.read_parquet")
    if about.get("format") != _FORMAT:
        raise _unreadable_error(path, "it was written by a newer version of exotel_frames: update, and read it again")
    return {**about, "rows": parquet.num_rows}


def _unreadable_error(path: Path, why: str) -> WorkbookError:
    return WorkbookError(f"{path.name} can't be read as a snapshot: {why}.")


def snapshots_in(folder: Path) -> pd.DataFrame:
    """Return the snapshots of a folder, the newest first: a frame with the columns `ABOUT`.

    >>> snapshots_in(Path("no such folder")).columns.tolist()
    ['path', 'taken_at', 'account_sid', 'base_url', 'rows', 'tool_version']
    """
    looked_at = [(path, _line(path)) for path in sorted(folder.glob("*.parquet"), reverse=True)]
    found = [line for path, line in looked_at if path.exists()]  # not what somebody has removed meanwhile
    frame = pd.DataFrame(found, columns=list(ABOUT)).astype(
        {"path": "str", "account_sid": "str", "base_url": "str", "tool_version": "str", "rows": "Int64"}
    )
    frame["taken_at"] = pd.to_datetime(frame["taken_at"], utc=True).dt.as_unit("us")
    return frame.sort_values("taken_at", ascending=False, kind="stable", ignore_index=True)


def _line(path: Path) -> tuple[Any, ...]:
    """Return a snapshot's line; one that can't be read has nothing but its path, and reading it says why."""
    try:
        about = about_snapshot(path)
    except WorkbookError:
        return (str(path), None, None, None, None, None)
    origin = about["origin"]
    who = (origin.get("account_sid"), origin.get("base_url"))
    return (str(path), about["taken_at"], *who, about["rows"], about["tool_version"])
