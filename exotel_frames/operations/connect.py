"""Connections: to the real service, and to a made-up one on this machine."""

from __future__ import annotations

import inspect
import os
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exotel_frames.api.client import Client
from exotel_frames.errors import SettingsError
from exotel_frames.sandbox import SandboxServer
from exotel_frames.secret import Secret
from exotel_frames.settings import as_secret, load_settings, settings_from
from exotel_frames.text import join_words

SANDBOX = "sandbox"
"""The profile that is no table of the profile file: a made-up account."""
ONLY_LIVE = ("api_key", "api_token", "account_sid", "stamp", "base_url", "proxy", "ca_bundle")


def connect(  # noqa: PLR0913 - each is a thing one may have to say, and all have a default
    profile: str | None = None,
    *,
    api_key: str | Secret | None = None,
    api_token: str | Secret | None = None,
    account_sid: str | None = None,
    stamp: str | None = None,
    base_url: str | None = None,
    requests_per_minute: int | None = None,
    workers: int | None = None,
    timeout_s: float | None = None,
    journal: str | Path | None = None,
    proxy: str | Secret | None = None,
    ca_bundle: str | Path | None = None,
) -> Client:
    """Connect to an account; nothing is sent yet.

    `profile` is the name of a table in the profile file, or "sandbox": a made-up account of 250 subscribers on this
    machine, which ends with the client (`EXOTEL_PROFILE=sandbox` asks for it too). What is not given is looked for in
    the environment (`EXOTEL_API_KEY` …), the profile file and the keyring; SettingsError names everything that is
    missing or wrong, and every way to say it.

    `requests_per_minute` caps this process (the account's own limit is learnt from its answers), `workers` is how many
    requests run at once (8), `timeout_s` is one request's deadline (30), `journal` the folder for the runs' journal,
    `proxy` the address of a proxy (the environment's proxy variables are not read: they would be told the key).
    Certificates are checked against the system's own trust store, or against `ca_bundle`, a PEM file; that can't be
    switched off. Each option can stand in a profile, and in a variable (`EXOTEL_TIMEOUT_S` …).

    >>> connect("sandbox")
    <exotel_frames client: SANDBOX account sandbox1 at 127.0.0.1:..., no rate limit known>
    """
    api_key, api_token, proxy = (
        as_secret(api_key),
        as_secret(api_token),
        as_secret(proxy),
    )  # before anything can be raised
    options = {
        "requests_per_minute": requests_per_minute,
        "workers": workers,
        "timeout_s": timeout_s,
        "journal": journal,
        "proxy": proxy,
        "ca_bundle": ca_bundle,
    }
    who = {"api_key": api_key, "api_token": api_token, "account_sid": account_sid}
    place = {**who, "stamp": stamp, "base_url": base_url}
    says_where = any(value is not None for value in place.values())
    # an argument comes before the variable, here as elsewhere
    if (profile if profile is not None or says_where else os.environ.get("EXOTEL_PROFILE")) == SANDBOX:
        _refuse_in_sandbox({**place, "proxy": proxy, "ca_bundle": ca_bundle})
        box = Sandbox().start()
        client = box.connect(**options)
        weakref.finalize(client, box.stop)
        return client
    return Client(load_settings(profile, **place, **options))


def _refuse_in_sandbox(options: Mapping[str, Any]) -> None:
    """Refuse what only a real account needs: whoever gives it may take the sandbox for that account."""
    given = [name for name in ONLY_LIVE if options.get(name) is not None]
    if given:
        raise SettingsError(
            f"The sandbox is a made-up account on this machine: it takes no {join_words(given, last='or')}. "
            'Leave out "sandbox" to reach a real account, or leave out the rest.'
        )


class Sandbox(SandboxServer):
    """A made-up account on this machine, over real HTTP, with faults on demand.

    `subscribers` are made by `seed`, the same ones each time. With `state`, a SQLite file, they survive a restart.
    `rate_limit` is requests a minute. `faults` is a dict of probabilities: see `exotel_frames.sandbox.Faults`.
    `.log` has what was really done, `.subscribers()` what is there.

    >>> with Sandbox(subscribers=3) as box:
    ...     box.connect().list_page().data.names == [row["subscriber_name"] for row in box.subscribers()]
    True
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        state = options.get("state")
        self._state_file = Path(state).absolute() if state else None
        self._journal = self._state_file.parent if self._state_file else None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def connect(self, **options: Any) -> Client:
        """Connect to this sandbox; options as for `connect`. The journal lies beside `state`, or ends with us."""
        _refuse_in_sandbox(options)
        options = {name: value for name, value in options.items() if value is not None}
        if self._journal is None:
            self._folder = tempfile.TemporaryDirectory(prefix="exotel_frames_")
            self._journal = Path(self._folder.name)
        options.setdefault("journal", self._journal)
        who = {"api_key": Secret(self.api_key), "api_token": Secret(self.api_token), "account_sid": self.account_sid}
        name = str(self._state_file or self.base_url)
        return Client(settings_from(**who, base_url=self.base_url, sandbox=name, **options))

    def stop(self) -> None:
        """Stop serving; the truth and the log can still be read."""
        super().stop()
        if self._folder:
            self._folder.cleanup()
            self._folder = self._journal = None


# So that Tab and `Sandbox?` show the options.
vars(Sandbox)["__init__"].__signature__ = inspect.signature(SandboxServer.__init__)
