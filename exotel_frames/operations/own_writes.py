"""Reads corrected by our own writes: the journal is newer than a replica that is some seconds behind."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.api.fetchers import POLL_S
from exotel_frames.api.rate_limit import Waiting
from exotel_frames.errors import JournalError
from exotel_frames.frames import convert
from exotel_frames.frames.arguments import recall
from exotel_frames.frames.loaded_state import LOADED
from exotel_frames.operations.execute import as_subscriber, read_despite_failures, subscribers_of
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.records import PlanRow, Subscriber
from exotel_frames.runs.journal import Journal
from exotel_frames.runs.progress import Listener, progress_of
from exotel_frames.runs.stale_readings import LastKnown, believe, is_doubtful

LOOKS: Final = 3
"""How often a subscriber that we wrote a moment ago, and that a reading does not show, is looked for again."""
_WHY: Final = "the service does not yet show what was written a moment ago"


def with_own_writes(
    client: Client, frame: pd.DataFrame, names: Sequence[str], *, progress: bool | Listener = False
) -> pd.DataFrame:
    """Return a subscribers frame in which no row is older than what our own runs have left of these names.

    A status that a PUT must repeat comes from here: a stale one would activate again whom we have just suspended.
    """
    known = _read_last_known(client, names)
    if not known or not set(schema.SUBSCRIBERS) <= set(frame.columns):
        return frame
    mine = frame.loc[frame["subscriber_name"].isin(list(known)), list(schema.SUBSCRIBERS)]  # others are people's own
    seen: dict[str, Subscriber | None] = {**subscribers_of(mine)}
    shown = set(seen)
    doubtful = {name: last for name, last in known.items() if is_doubtful(last, seen.get(name))}
    seen |= _look_again(client, doubtful, progress)
    truth = {name: believe(known[name], seen.get(name)) for name in known}
    moved = [name for name in known if truth[name] is not seen.get(name)]
    found = [live for name, live in truth.items() if live is not None and (name in moved or name not in shown)]
    if not moved and not found:
        return frame
    fresh = convert.subscribers_frame([convert.subscriber_batch(found)])
    kept = frame[~frame["subscriber_name"].isin(moved)]
    merged = pd.concat([kept[list(schema.SUBSCRIBERS)], fresh], ignore_index=True) if found else kept
    about = recall(frame)
    merged.attrs = frame.attrs | {"exotel_frames": {key: about[key] for key in about if key != LOADED}}
    return merged


def _read_last_known(client: Client, names: Iterable[str]) -> Mapping[str, LastKnown]:
    with suppress(JournalError), Journal.open(journal_file(client.settings), read_only=True) as journal:
        return journal.last_known(names)
    return {}


def _look_again(
    client: Client, known: Mapping[str, LastKnown], progress: bool | Listener
) -> dict[str, Subscriber | None]:
    """Read what a reading did not show although we wrote it a moment ago; who stays away was deleted by others."""
    found: dict[str, Subscriber | None] = {}
    for _ in range(LOOKS):
        if not (left := [name for name in known if name not in found]):
            break
        _pause(client.settings.settle_delay_s, progress)
        for read in read_despite_failures(client, [PlanRow(at, "get", name) for at, name in enumerate(left)], progress):
            name = left[read.row]
            if read.outcome == "done":
                found[name] = as_subscriber(read)
            elif read.http_code not in schema.NO_SUCH:  # whom the service does not show, or lets us not read, is there
                found[name] = known[name].subscriber
    return found


def _pause(seconds: float, progress: bool | Listener) -> None:
    """Wait, and say why: in silence it would look as if nothing went on."""
    until_s = time.monotonic() + seconds
    with progress_of(progress, "reading") as bar:
        bar.on_wait(Waiting(seconds, _WHY))
        bar.draw()
        while (left_s := until_s - time.monotonic()) > 0:
            time.sleep(min(POLL_S, left_s))
            bar.draw()
