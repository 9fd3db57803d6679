"""The sandbox as an object: a server of API.md in a thread, over real HTTP."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from exotel_frames.sandbox.account import Tenant
from exotel_frames.sandbox.app import application
from exotel_frames.sandbox.behaviors.service import Service
from exotel_frames.sandbox.envelopes import Row, epoch, iso
from exotel_frames.sandbox.faults.draws import Faults, as_faults
from exotel_frames.sandbox.rate_limit import RateLimit
from exotel_frames.sandbox.request_log import Entry
from exotel_frames.sandbox.routes import Account
from exotel_frames.sandbox.seeding import subscribers as made_up
from exotel_frames.sandbox.server_thread import ServerThread
from exotel_frames.sandbox.store import Store


class SandboxServer:
    """A made-up account with made-up subscribers, on a free port of this machine.

    >>> import urllib.request
    >>> with SandboxServer(subscribers=3) as box:
    ...     admin = {"Authorization": f"Bearer {box.admin_token}"}
    ...     asked = urllib.request.Request(f"{box.base_url}/sandbox/subscribers", headers=admin)
    ...     with urllib.request.urlopen(asked) as answer:
    ...         answer.status, len(box.subscribers())
    (200, 3)

    `subscribers` are made by `seed`, the same ones each time; with `state`, a SQLite file, what was answered as done
    outlives a crash, and a file that has been filled before is not seeded again. `rate_limit` is requests a minute, or
    a `RateLimit`; `faults` are a `Faults`, or a dict of its fields. `clock` gives the server's time in epoch seconds.
    `behavior` says what this service does otherwise than documented: `{"custom_field": "trim"}`; the names and the
    variants are those of `sandbox.behaviors.BEHAVIORS`. `admin_token` opens the admin paths to other processes.
    """

    def __init__(  # noqa: PLR0913 - everything has a default
        self,
        *,
        subscribers: int = 250,
        seed: int = 0,
        state: str | Path | None = None,
        rate_limit: int | RateLimit | None = None,
        faults: Faults | dict[str, Any] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        account_sid: str = "sandbox1",
        api_key: str = "sandboxkey",
        api_token: str = "sandboxtoken",  # noqa: S107 - made up
        clock: Callable[[], float] = time.time,
        behavior: Mapping[str, str] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.account_sid = account_sid
        self.api_key = api_key
        self.api_token = api_token
        self.admin_token = secrets.token_hex(16)
        self._fill = (subscribers, seed)
        self._state = state
        self._store: Store | None = None
        self._thread: ServerThread | None = None
        self._tenant = Tenant(
            Account(account_sid=account_sid, api_key=api_key, api_token=api_token),
            clock=clock,
            seed=seed,
            faults=as_faults(faults),
            limit=RateLimit(per_minute=rate_limit) if isinstance(rate_limit, int) else rate_limit,
            behavior=behavior,
        )

    def __repr__(self) -> str:
        return f"<SANDBOX {self.base_url} account {self.account_sid}>"

    @property
    def base_url(self) -> str:
        """Where it is: `http://127.0.0.1:<port>`."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def log(self) -> tuple[Entry, ...]:
        """What was really done, whatever was answered."""
        return self._tenant.entries()

    @property
    def requests(self) -> int:
        """How many requests have arrived, refused and faulty ones too."""
        return self._tenant.requests

    def start(self) -> Self:
        """Serve; connections are accepted when this returns. After a `stop()` it goes on where it was, same port.

        Returns
        -------
        Sandbox
            The sandbox itself.
        """
        if self._thread is None:
            self._open_store()
            try:
                self._thread = ServerThread(application(self._tenant, self.admin_token), self.host, self.port)
            except OSError:
                self._close_store()
                raise
            self.port = self._thread.port
        return self

    def stop(self) -> None:
        """Stop serving; the subscribers and the log can still be read."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = None
            self._close_store()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def subscribers(self) -> list[dict[str, str | None]]:
        """Return every subscriber as it really is and as the document writes it, newest first.

        Returns
        -------
        list of dict
            subscriber_name, status, custom_field, date_created, date_updated.
        """
        return self._tenant.subscribers()

    def add(
        self,
        *names: str,
        status: str = "active",
        custom_field: str | None = None,
        date_created: str | datetime | None = None,
        date_updated: str | datetime | None = None,
    ) -> None:
        """Create subscribers behind the client's back, now or at another time; the last one is the newest.

        Parameters
        ----------
        *names : str
            Their names.
        status : str, default "active"
            Their status.
        custom_field : str, optional
            Their custom field.
        date_created : str or datetime, optional
            When they were created; now by default.
        date_updated : str or datetime, optional
            When they were changed last; when they were created, by default.
        """

        def insert(store: Store, service: Service, now: float) -> Sequence[str]:
            created = iso(now if date_created is None else epoch(date_created))
            updated = created if date_updated is None else iso(epoch(date_updated))
            if taken := [name for name in names if store.get(name)]:
                raise ValueError(f"The sandbox has {', '.join(taken)} already: change or remove them instead.")
            stored = service.custom_field(custom_field)
            store.insert([Row(created, updated, name, status, stored) for name in names])
            return names

        self._tenant.edit("add", insert)

    def change(
        self,
        name: str,
        *,
        status: str | None = None,
        custom_field: str | UnsetType | None = UNSET,
        date_updated: str | datetime | None = None,
    ) -> None:
        """Change a subscriber behind the client's back; what is not given stays.

        Parameters
        ----------
        name : str
            The subscriber's name.
        status : str, optional
            The new status.
        custom_field : str or None, optional
            The new custom field.
        date_updated : str or datetime, optional
            When it was changed; now by default.
        """

        def update(store: Store, service: Service, now: float) -> Sequence[str]:
            before = _get_known(store, name)
            after = replace(
                before,
                status=status or before.status,
                custom_field=before.custom_field
                if isinstance(custom_field, UnsetType)
                else service.custom_field(custom_field),
                date_updated=iso(now if date_updated is None else epoch(date_updated)),
            )
            store.update(after)
            return [name]

        self._tenant.edit("change", update)

    def remove(self, *names: str) -> None:
        """Delete subscribers behind the client's back.

        Parameters
        ----------
        *names : str
            Their names.
        """

        def delete(store: Store, _service: Service, _now: float) -> Sequence[str]:
            for each in [_get_known(store, name) for name in names]:
                store.delete(each.subscriber_name)
            return names

        self._tenant.edit("remove", delete)

    def set_faults(self, faults: Faults | dict[str, Any] | None = None, **fields: Any) -> None:
        """Change the faults from the next request on; called with nothing, it ends them.

        `box.set_faults(drop_after=1, only={"create"}, limit=1)` loses the answer to the next create call.

        Parameters
        ----------
        faults : dict, optional
            As for `Sandbox`.
        **fields : float
            Or its fields, one by one.
        """
        self._tenant.set_faults(as_faults(faults if faults is not None else fields))

    def _open_store(self) -> None:
        if self._store is None or self._state is not None:
            self._store = Store(self._state)
            if self._store.fresh:
                self._store.insert(self._tenant.seed(made_up(*self._fill)))
            self._tenant.use(self._store)

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()


def _get_known(store: Store, name: str) -> Row:
    row = store.get(name)
    if row is None:
        raise ValueError(f"The sandbox has no subscriber {name!r}.")
    return row
