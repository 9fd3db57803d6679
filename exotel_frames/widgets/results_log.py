"""What was done through a form: one result row for each row that was sent, and the subscribers as they are then."""

from __future__ import annotations

from typing import Final

import pandas as pd

from exotel_frames.api.client import Client
from exotel_frames.errors import ValidationError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import need_columns
from exotel_frames.operations.origin import check_origin
from exotel_frames.schema import NAME
from exotel_frames.text import join_words, pluralize, quote_value

_NEEDED: Final = (NAME, "status", "custom_field")


def run_of(results: pd.DataFrame) -> str:
    """Return the run a result frame is of; empty for one of a dry run, or of tokens.

    >>> run_of(pd.DataFrame({"outcome": ["done"]}))
    ''
    """
    known = results["run_id"].dropna().tolist() if "run_id" in results else []
    return str(known[0]) if known else ""


class ResultsLog:
    """Keeps the result frames of a form; a run that went on replaces what was known of it."""

    def __init__(self, schema_name: str = "results") -> None:
        self._empty = convert.empty(schema_name)
        self._frames: dict[str, pd.DataFrame] = {}

    def add(self, results: pd.DataFrame) -> None:
        """Keep a frame; one of the same run is replaced."""
        self._frames[run_of(results) or f"without a run {len(self._frames)}"] = results

    def frame(self) -> pd.DataFrame:
        """Return all of it as one frame, with the columns of its schema."""
        if not self._frames:
            return self._empty.copy()
        frames = list(self._frames.values())
        whole = pd.concat(frames, ignore_index=True)
        whole.attrs = dict(frames[-1].attrs)
        return whole


def take_subscribers(client: Client, subs: pd.DataFrame) -> pd.DataFrame:
    """Return a subscribers frame as a form needs it, numbered from 0; one of another account is refused."""
    made = convert.conform(need_columns(subs, _NEEDED, what="The frame of subscribers"), "subscribers")
    check_origin(client, subs, "These subscribers are of")
    twice = made[NAME][made[NAME].duplicated() & made[NAME].notna()].unique().tolist()
    faults = [f"{pluralize(int(made[NAME].isna().sum()), 'row')} without a name"] if made[NAME].isna().any() else []
    faults += [f"{join_words([quote_value(name) for name in twice[:5]], len(twice))} more than once"] if twice else []
    if faults:
        raise ValidationError(
            f"The frame of subscribers has {' and '.join(faults)}. Drop those rows, or load it again."
        )
    return made.reset_index(drop=True)


def followed(subs: pd.DataFrame, done: pd.DataFrame) -> pd.DataFrame:
    """Return a subscribers frame after a run: who was deleted is gone, who was created stands first.

    >>> subs = pd.DataFrame({"subscriber_name": ["bob", "eve"], "status": "active"})
    >>> done = pd.DataFrame({"subscriber_name": ["bob"], "action": ["delete"]})
    >>> followed(convert.conform(subs, "subscribers"), done)["subscriber_name"].tolist()
    ['eve']
    """
    kept = convert.conform(done[done["action"] != "delete"], "subscribers")
    now = pd.concat([kept, subs[~subs[NAME].isin(done[NAME])]])
    created = now.loc[~now[NAME].isin(subs[NAME]), NAME]
    stays = subs.loc[subs[NAME].isin(now[NAME]), NAME]
    order = pd.concat([created, stays])
    return convert.conform(now.set_index(NAME).loc[order].reset_index(), "subscribers")
