"""Snapshots of an account: their folder, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import WorkbookError
from exotel_frames.frames.arguments import need_columns, recall
from exotel_frames.frames.loaded_state import fingerprint, loaded_state
from exotel_frames.frames.part import EDITED
from exotel_frames.operations.origin import origin_attrs, snapshots_folder, takes_client
from exotel_frames.schema import SUBSCRIBERS
from exotel_frames.workbooks import snapshots_in, write_snapshot_file


def write_snapshot(
    subs: pd.DataFrame, path: str | Path | None = None, *, client: Client | None = None, now: datetime | None = None
) -> str:
    """Save the current subscribers of an account to a parquet file, with the account, the time and the version.

    An existing file is never overwritten. If the frame was edited since it was loaded, a printed line says so, and so
    does a note in every comparison with the snapshot.

    Parameters
    ----------
    subs : DataFrame
        What `load_subscribers` returned, or some rows of it; or `read_snapshot`: the copy keeps the time.
    path : str or Path, optional
        The file; by default a new file, named after the time, in the account's own folder beside its journal.
    client : Client, optional
        The client of that folder's account; by default the account that the frame records.
    now : datetime, optional
        The time to record; by default now, or the time of the snapshot that the frame was read from.

    Returns
    -------
    str
        The path of the file.

    Raises
    ------
    WorkbookError
        When the file exists, or can't be written.
    ValidationError
        When the frame is not a subscribers frame, or records no account.

    Examples
    --------
    >>> write_snapshot(load_subscribers(client, progress=False))
    '...sandbox1-...parquet'
    """
    subs = need_columns(subs, list(SUBSCRIBERS), what="The snapshot's frame")
    known = recall(subs)
    about = origin_attrs(client)["exotel_frames"] if client else known
    taken_at = now or _read_time(known.get("taken_at")) or datetime.now(UTC)
    places = _default_paths(about.get("snapshots"), taken_at) if path is None else iter([Path(path)])
    origin = about.get("origin") or {}
    known = known | {EDITED: bool(known.get(EDITED)) or _was_edited(subs)}
    file = write_snapshot_file(subs, next(places), origin=origin, taken_at=taken_at, known=known, or_else=places)
    if known[EDITED]:
        print(f"{file.name} is not what the account held: the frame was edited since it was loaded.")  # noqa: T201
    return str(file)


def _was_edited(subs: pd.DataFrame) -> bool:
    was = loaded_state(subs)
    return was is not None and fingerprint(was) != fingerprint(subs)


def _read_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _default_paths(folder: str | None, taken_at: datetime) -> Iterator[Path]:
    if folder is None:
        raise WorkbookError(
            "The snapshot needs a path: this frame records no account. Pass a path, or the client: "
            "write_snapshot(subs, client=client)."
        )
    home = Path(folder)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbookError(f"The folder {home} can't be created ({error.strerror or error}): pass a path.") from None
    # the account's name is its folder's, without the mark of the service
    stem = f"{home.name.rpartition('-')[0]}-{taken_at.astimezone(UTC):%Y%m%d-%H%M%S}"
    endings = chain([""], (f"-{number}" for number in count(2)))
    return (home / f"{stem}{ending}.parquet" for ending in endings)


@takes_client
def list_snapshots(client: Client) -> pd.DataFrame:
    """Return the account's snapshots in its own folder, the newest first.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.

    Returns
    -------
    DataFrame
        Columns: path, taken_at, account_sid, base_url, rows, tool_version. For a file that can't be read, only the path
        is filled in: `read_snapshot` says why.

    Examples
    --------
    >>> _ = write_snapshot(load_subscribers(client, progress=False))
    >>> list_snapshots(client)["rows"].iloc[0].item()
    250
    """
    found = snapshots_in(snapshots_folder(client))
    found.attrs.update(origin_attrs(client))
    return found
