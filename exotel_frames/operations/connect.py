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
    profile: str | Sandbox | None = None,
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

    Settings that are not passed are looked up in the environment, then in the profile file, then in the keyring; a
    profile that is named takes precedence over the environment. Nothing else is read: neither netrc nor the
    environment's proxy variables, because that proxy would receive the key.

    Parameters
    ----------
    profile : str or Sandbox, optional
        The name of a table in the profile file, or "sandbox": a made-up account of 250 subscribers on this machine,
        which ends with the client. Or a `Sandbox`, as its own `connect()`. Variable: `EXOTEL_PROFILE`.
    api_key : str or Secret, optional
        The API key. Variable: `EXOTEL_API_KEY`. It is never shown.
    api_token : str or Secret, optional
        The API token. Variable: `EXOTEL_API_TOKEN`. It is never shown.
    account_sid : str, optional
        The account's SID. Variable: `EXOTEL_ACCOUNT_SID`.
    stamp : str, optional
        The location of the account: "mum" (Mumbai) or "sgp" (Singapore). Variable: `EXOTEL_STAMP`.
    base_url : str, optional
        The service's address, instead of a stamp; https only, except on this machine. Variable: `EXOTEL_BASE_URL`.
    requests_per_minute : int, optional
        The maximum number of requests a minute that this process sends. The account's own limit is learnt from the
        responses and is always obeyed. Variable: `EXOTEL_REQUESTS_PER_MINUTE`.
    workers : int, default 8
        How many requests may run at the same time. Variable: `EXOTEL_WORKERS`.
    timeout_s : float, default 30
        One request's deadline, in seconds. Variable: `EXOTEL_TIMEOUT_S`.
    journal : str or Path, optional
        The folder for the journal of runs; by default the user's state folder. Variable: `EXOTEL_JOURNAL`.
    proxy : str or Secret, optional
        A proxy's address, such as `http://user:password@proxy.example:3128`. Variable: `EXOTEL_PROXY`.
    ca_bundle : str or Path, optional
        A PEM file of certificates to trust instead of the system's own trust store. Verification can't be switched off.
        Variable: `EXOTEL_CA_BUNDLE`.

    Returns
    -------
    Client
        The first argument of the other functions. It shows LIVE or SANDBOX, the account, the address and the rate
        limit.

    Raises
    ------
    SettingsError
        When anything is missing, wrong or contradictory: one error that lists everything, and every way to set it.

    Examples
    --------
    >>> connect("sandbox")
    <exotel_frames client: SANDBOX account sandbox1 at 127.0.0.1:..., no rate limit known>
    """
    # before anything can be raised
    api_key, api_token, proxy = as_secret(api_key), as_secret(api_token), as_secret(proxy)
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
    named = profile if profile is not None or says_where else os.environ.get("EXOTEL_PROFILE")
    if named == SANDBOX or isinstance(profile, Sandbox):
        _refuse_in_sandbox(place | options)
        return profile.connect(**options) if isinstance(profile, Sandbox) else _connect_to_its_own_sandbox(options)
    return Client(load_settings(profile, **place, **options))


def _connect_to_its_own_sandbox(options: dict[str, Any]) -> Client:
    """Return the client of a new sandbox that ends with it."""
    box = Sandbox().start()
    client = box.connect(**options)
    weakref.finalize(client, box.stop)
    return client


def _refuse_in_sandbox(options: Mapping[str, Any]) -> None:
    """Refuse what only a real account needs: a caller who gives it may take the sandbox for that account."""
    refused = [name for name in ONLY_LIVE if options.get(name) is not None]
    if refused:
        raise SettingsError(
            f"The sandbox is a made-up account on this machine: it takes no {join_words(refused, last='or')}. "
            'To reach a real account, leave out "sandbox"; otherwise leave out the rest.'
        )


class Sandbox(SandboxServer):
    """A made-up account on this machine, over real HTTP, with faults on demand.

    It answers as the provider's document says, and refuses wrong requests with a reason. Use it in a `with` statement,
    or call `.start()` and later `.stop()`. `.log` has what was really done, `.subscribers()` the current subscribers.

    Parameters
    ----------
    subscribers : int, default 250
        How many subscribers to make up.
    seed : int, default 0
        The same seed gives the same subscribers and the same faults.
    state : str or Path, optional
        A SQLite file in which the subscribers survive a restart; in memory by default.
    rate_limit : int or RateLimit, optional
        Requests a minute; no limit by default.
    faults : dict, optional
        What goes wrong, as probabilities from 0 to 1 for each request: `{"drop_after": 0.05}`. Before anything is done:
        `rate429`, `drop_before`, `error_before`; after a write was done: `drop_after`, `error_after`, `truncate`; in a
        207: `shuffle`, `short`. `latency_s` and `answer_latency_s` (seconds, or low and high), `churn_inserts` and
        `churn_deletes` (other writers, at each listing), `only` (some of the six calls), `limit` (how often at most).
    host : str, default "127.0.0.1"
        The loopback address to listen on.
    port : int, default 0
        The port; 0 chooses a free one.
    account_sid : str, default "sandbox1"
        The account's SID.
    api_key : str, default "sandboxkey"
        The key that it accepts.
    api_token : str, default "sandboxtoken"
        The token that it accepts.
    clock : callable, optional
        Returns the server's time in epoch seconds.
    behavior : dict, optional
        How this service differs from the document: `{"custom_field": "trim"}`. The names and their variants are
        on the page "What is known of the service".

    Examples
    --------
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
        """Connect to this sandbox. The journal is stored beside `state`, or is deleted with the sandbox.

        Parameters
        ----------
        **options : object
            requests_per_minute, workers, timeout_s and journal, as for `connect`.

        Returns
        -------
        Client
            The first argument of the other functions.

        Raises
        ------
        SettingsError
            When the sandbox was never started, or for an option that only a real account needs.
        """
        if not self.port:
            raise SettingsError("This sandbox has no address yet: use it in a `with` block, or call `.start()` first.")
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
        """Stop serving; the subscribers and the log can still be read."""
        super().stop()
        if self._folder:
            self._folder.cleanup()
            self._folder = self._journal = None


# So that Tab and `Sandbox?` show the options.
vars(Sandbox)["__init__"].__signature__ = inspect.signature(SandboxServer.__init__)
