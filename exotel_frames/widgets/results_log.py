"""The results of everything done through a form, and the subscribers as they are after a run."""

from __future__ import annotations

from typing import Final

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import ValidationError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import name_problems, need_columns
from exotel_frames.operations.origin import check_origin
from exotel_frames.schema import NAME

_NEEDED: Final = (NAME, "status", "custom_field")


def find_run_id(results: pd.DataFrame) -> str:
    """Return the run that a result frame is of; empty for a dry run, and for tokens.

    >>> find_run_id(pd.DataFrame({"outcome": ["done"]}))
    ''
    """
    run_ids = results["run_id"].dropna().tolist() if "run_id" in results else []
    return str(run_ids[0]) if run_ids else ""


class ResultsLog:
    """Keeps the result frames of a form; those of a resumed run replace what the run had before.

    `outcomes` has the last outcome of each subscriber.
    """

    def __init__(self, schema_name: str = "results") -> None:
        self._empty = convert.empty(schema_name)
        self._frames: dict[str, pd.DataFrame] = {}
        self.outcomes: dict[str, str] = {}

    def add(self, results: pd.DataFrame) -> None:
        """Keep a frame; an earlier one of the same run is replaced."""
        self._frames[find_run_id(results) or f"without a run {len(self._frames)}"] = results
        self.outcomes |= dict(zip(results[NAME], results["outcome"], strict=True))

    def frame(self) -> pd.DataFrame:
        """Return all results as one frame, with the columns of their schema."""
        if not self._frames:
            return self._empty.copy()
        frames = list(self._frames.values())
        whole = pd.concat(frames, ignore_index=True)
        whole.attrs = dict(frames[-1].attrs)
        return whole


def check_subscribers(client: Client, subs: pd.DataFrame) -> pd.DataFrame:
    """Return a subscribers frame numbered from 0; refuse another account's, and missing or repeated names."""
    made = convert.conform(need_columns(subs, _NEEDED, what="The frame of subscribers"), "subscribers")
    check_origin(client, subs, "These subscribers are of")
    if problems := name_problems(made[NAME]):
        raise ValidationError(
            f"The frame of subscribers has {' and '.join(problems)}. Drop those rows, or load it again."
        )
    return made.reset_index(drop=True)


def apply_results(subs: pd.DataFrame, done: pd.DataFrame) -> pd.DataFrame:
    """Return a subscribers frame as it is after a run: without the deleted, the created first.

    >>> subs = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active"})
    >>> done = pd.DataFrame({"subscriber_name": ["bob"], "action": ["delete"]})
    >>> apply_results(convert.conform(subs, "subscribers"), done)["subscriber_name"].tolist()
    ['eve']
    """
    written = convert.conform(done[done["action"] != "delete"], "subscribers")
    now = pd.concat([written, subs[~subs[NAME].isin(done[NAME])]])
    created = now.loc[~now[NAME].isin(subs[NAME]), NAME]
    kept = subs.loc[subs[NAME].isin(now[NAME]), NAME]
    order = pd.concat([created, kept])
    return convert.conform(now.set_index(NAME).loc[order].reset_index(), "subscribers")
