"""Does this tool fit this account? Each assumption about the service beside what was observed."""

from __future__ import annotations

import secrets
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import pandas as pd

from exotel_frames import schema
from exotel_frames.api.client import Client
from exotel_frames.errors import ApiError, BadReplyError, ExotelFramesError, RunInterrupted
from exotel_frames.operations.check.assumptions import ASSUMPTIONS, Assumption
from exotel_frames.operations.check.probe import Probe
from exotel_frames.operations.check.reading import REQUESTS_MAX, Seen, read_assumptions
from exotel_frames.operations.check.writing import Trial
from exotel_frames.operations.origin import origin_attrs, takes_client
from exotel_frames.operations.service_behavior import write_behavior
from exotel_frames.operations.writing import create_subscribers
from exotel_frames.runs.interrupts import one_interrupt

__all__ = ["ASSUMPTIONS", "Assumption", "check_service"]

COLUMNS: Final = ("assumption", "source", "expected", "observed", "holds", "matters")
_NOT_SEEN: Final = "could not be observed"
_NOT_FOUND: Final = 404
_TRIES: Final = 5
_PAUSE_S: Final = 2.0
_GRACE_S: Final = 0.6
"""So long a Ctrl-C waits for the throwaways to be deleted."""


@takes_client
def check_service(client: Client, *, write: bool = False, sleep: Callable[[float], None] = time.sleep) -> pd.DataFrame:
    """Compare what this tool assumes about the service with what the account shows; return one row for each assumption.

    What it observed is saved beside the account's journal.

    Parameters
    ----------
    client : Client
        The connection that `connect` returned.
    write : bool, default False
        False sends at most 12 requests, which only read. True also creates two throwaway subscribers, as a run with a
        journal, under names that a lookup showed to be free. All tests that write use these two; then they are deleted,
        and a last lookup confirms that.
    sleep : callable, default time.sleep
        Waits some seconds; tests pass their own function.

    Returns
    -------
    DataFrame
        Columns: assumption, source ("documented", "platform" or "assumed"), expected, observed, holds (boolean; NA
        where it could not be observed), matters (what depends on it, and what the tool does if the service differs).

    Raises
    ------
    ApiError
        When the service can't be reached.
    RunInterrupted
        When it is stopped by hand; the message names what may be left behind, and the call that removes it.

    Examples
    --------
    >>> check = check_service(client)
    >>> check[check["holds"] == False]["assumption"].tolist()
    []
    """
    seen = read_assumptions(Probe(client, REQUESTS_MAX), live=client.settings.live)
    if write:
        seen = seen | _try_all(client, seen, sleep)
    frame = pd.DataFrame([_row(assumption, seen.get(assumption.name)) for assumption in ASSUMPTIONS], columns=COLUMNS)
    frame = frame.astype(dict.fromkeys(COLUMNS, schema.STR) | {"holds": "boolean"})
    frame.attrs.update(origin_attrs(client))
    write_behavior(client, seen)
    return frame


def _row(assumption: Assumption, seen: str | None) -> tuple[Any, ...]:
    holds = None if seen is None else seen == "holds"
    observed = _NOT_SEEN if seen is None else assumption.expected if holds else seen
    return (assumption.name, assumption.source, assumption.expected, observed, holds, assumption.matters)


def _try_all(client: Client, seen: Seen, sleep: Callable[[float], None]) -> Seen:
    """Make the throwaways, try everything with them, and delete them however it ends."""
    probe = Probe(client, None)
    one, two = names = _free_names(probe)
    with one_interrupt():
        try:
            try:
                return _trial(client, probe, (one, two), seen, sleep)
            finally:
                _delete_all(probe, names, sleep)
        except KeyboardInterrupt:
            raise _interruption(client, names) from None


def _trial(client: Client, probe: Probe, names: tuple[str, str], seen: Seen, sleep: Callable[[float], None]) -> Seen:
    try:
        made = create_subscribers(client, pd.DataFrame({"subscriber_name": names}), progress=False)
    except BadReplyError:
        return seen  # what can't be read can't be tried; the run has refused before it wrote
    known = {name: variant for name, variant in seen.items() if variant != "holds"}
    by_name = dict(zip(made["subscriber_name"], made.to_dict("records"), strict=True))
    return Trial(probe, *names, sleep, known, by_name).run()


def _delete_all(probe: Probe, names: list[str], sleep: Callable[[float], None]) -> None:
    """Delete the throwaways and prove that they are gone; else say what is left. A Ctrl-C is not held up by that."""
    if isinstance(sys.exception(), KeyboardInterrupt):
        return
    left = [name for name in names if not _is_gone(probe, name, sleep)]
    if left:
        raise ExotelFramesError(f"The check may have left a throwaway subscriber behind. {_remedy(left)}")


def _interruption(client: Client, names: list[str]) -> RunInterrupted:
    """Delete the throwaways as far as that takes no time, and say what may be left."""
    gone: list[str] = []

    def delete() -> None:
        with suppress(ApiError):
            gone.extend(name for name in names if _is_deleted(Probe(client, None), name))

    cleaning = threading.Thread(target=delete, daemon=True)
    cleaning.start()
    cleaning.join(_GRACE_S)
    left = [name for name in names if name not in gone]
    return RunInterrupted(f"Stopped. {_remedy(left) if left else 'Its two throwaways are deleted again.'}")


def _free_names(probe: Probe) -> list[str]:
    """Return two names that differ in case only, and that nobody has."""
    while True:
        start = f"Chk{secrets.token_hex(5)}"
        names = [f"{start}Z", f"{start}z"]
        answers = [probe("GET", f"/subscribers/{name}") for name in names]
        if all(answer and answer.http_code == _NOT_FOUND for answer in answers):
            return names
        if not all(answer and answer.http_code in {200, _NOT_FOUND} for answer in answers):
            raise ExotelFramesError("The check could not look up whether a name is free; nothing was written.")


def _is_gone(probe: Probe, name: str, sleep: Callable[[float], None]) -> bool:
    """Delete a throwaway and look whether it is gone; some tries, since answers may be lost and replicas lag."""
    for _ in range(_TRIES):
        with suppress(ApiError):
            if _is_deleted(probe, name):
                return True
        sleep(_PAUSE_S)
    return False


def _is_deleted(probe: Probe, name: str) -> bool:
    probe("DELETE", f"/subscribers/{name}")
    answer = probe("GET", f"/subscribers/{name}")
    return answer is not None and answer.http_code == _NOT_FOUND


def _remedy(names: list[str]) -> str:
    return f"If it is still there, this removes it: ef.delete_subscribers(client, {names!r}, max_deletes={len(names)})."
