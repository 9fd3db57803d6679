"""Readings beside our own writes: what this account's journal knows better than a copy that is some seconds behind."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.errors import JournalError, NotFoundError
from exotel_frames.frames import convert
from exotel_frames.operations.journal_file import journal_file
from exotel_frames.records import Subscriber
from exotel_frames.runs.journal import Journal
from exotel_frames.runs.readings import LastKnown, believe, is_doubtful

LOOKS: Final = 3
"""How often a subscriber that we wrote a moment ago, and that a reading does not show, is looked for again."""


def with_own_writes(client: Client, frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return a subscribers frame in which no row is older than what our own runs have left of these names.

    A status that a PUT must repeat comes from here: a stale one would activate again whom we have just suspended.
    """
    known = _known(client, names)
    if not known or not set(schema.SUBSCRIBERS) <= set(frame.columns):
        return frame
    mine = frame["subscriber_name"].isin(list(known))
    seen = {record["subscriber_name"]: Subscriber(**record) for record in convert.records(frame[mine])}
    seen |= _look_again(client, [name for name in known if is_doubtful(known[name], seen.get(name))])
    truth = {name: believe(known[name], seen.get(name)) for name in known}
    moved = [name for name in known if truth[name] is not seen.get(name)]
    found = [live for name in known if (live := truth[name]) is not None and (name in moved or not _shows(frame, name))]
    if not moved and not found:
        return frame
    fresh = convert.subscribers_frame([convert.subscriber_batch(found)])
    kept = frame[~frame["subscriber_name"].isin(moved)]
    merged = pd.concat([kept[list(schema.SUBSCRIBERS)], fresh], ignore_index=True) if found else kept
    merged.attrs = dict(frame.attrs)
    return merged


def _known(client: Client, names: Iterable[str]) -> Mapping[str, LastKnown]:
    with suppress(JournalError), Journal.open(journal_file(client.settings), read_only=True) as journal:
        return journal.last_known(names)
    return {}


def _shows(frame: pd.DataFrame, name: str) -> bool:
    return bool((frame["subscriber_name"] == name).any())


def _look_again(client: Client, names: Sequence[str]) -> dict[str, Subscriber]:
    """Read what a reading did not show although we wrote it a moment ago; who stays away was deleted by others."""
    found: dict[str, Subscriber] = {}
    for _ in range(LOOKS if names else 0):
        time.sleep(client.settings.settle_delay_s)
        for name in [name for name in names if name not in found]:
            with suppress(NotFoundError):
                found[name] = client.get(name).data
        if len(found) == len(names):
            break
    return found
