"""What the sandbox really did, in order: tests compare a client's verdicts with it."""

from __future__ import annotations

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that happened.

    `call` is one of the six (None: no such call). What happened without a request is an `add`, `change` or `remove`,
    and its `method` is SANDBOX or, when a fault did it during a listing, CHURN. `names` are the subscribers it was
    about and `committed` those it really changed, whatever was answered. `faults` were injected; `http_code` is what
    was answered (None: the connection was closed instead), and `answer` the body of an answer to a write, before a
    fault cut it. No credentials are kept.
    """

    sequence: int = 0
    time: float
    method: str = "SANDBOX"
    path: str = ""
    call: str | None
    names: tuple[str, ...] = ()
    body: str = ""
    committed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    http_code: int | None = None
    answer: str = ""
