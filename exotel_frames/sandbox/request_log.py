"""What the sandbox really did, in order: tests compare a client's verdicts with it."""

from __future__ import annotations

from msgspec import Struct


class Entry(Struct, frozen=True):
    """One thing that happened.

    `call` is one of the six (None: no such call). What happened without a request is an `add`, `change` or `remove`,
    and its `method` is SANDBOX or, when a fault did it during a listing, CHURN. `names` are the subscribers it was
    about and `committed` those it really changed, whatever was answered. `faults` were injected; `http_code` is what
    was answered (None: the connection was closed instead), and `answer` the body of an answer to a write, before a
    fault cut it. No credentials are kept.
    """

    sequence: int
    time: float
    method: str
    path: str
    call: str | None
    names: tuple[str, ...]
    body: str
    committed: tuple[str, ...]
    faults: tuple[str, ...]
    http_code: int | None
    answer: str = ""


class Log:
    """The entries so far; the server's lock guards it.

    >>> log = Log()
    >>> log.write(time=0.0, call="add", names=("bob",), committed=("bob",))
    >>> [(entry.sequence, entry.committed) for entry in log.entries()]
    [(1, ('bob',))]
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def write(  # noqa: PLR0913 - one for each field, and nearly all of them have a default
        self,
        *,
        time: float,
        call: str | None,
        method: str = "SANDBOX",
        path: str = "",
        names: tuple[str, ...] = (),
        body: str = "",
        committed: tuple[str, ...] = (),
        faults: tuple[str, ...] = (),
        http_code: int | None = None,
        answer: str = "",
    ) -> None:
        """Add an entry."""
        sequence = len(self._entries) + 1
        entry = Entry(sequence, time, method, path, call, names, body, committed, faults, http_code, answer)
        self._entries.append(entry)

    def entries(self, since: int = 0) -> tuple[Entry, ...]:
        """Return the entries after the one with the sequence `since`."""
        return tuple(self._entries[since:])
