"""The settings of a client, checked and complete."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from exotel_frames.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a client needs to know; its repr shows neither key nor token.

    `sandbox` is set by `ef.Sandbox.connect` and by nothing else: no address, not even this machine's own, makes a
    service a sandbox (it may be a tunnel to the real one). It names the sandbox, so that its journal is found again.
    """

    api_key: Secret
    api_token: Secret
    account_sid: str
    base_url: str
    stamp: str | None = None
    requests_per_minute: int | None = None
    workers: int = 8
    timeout_s: float = 30.0
    journal: Path | None = None
    proxy: Secret | None = None
    ca_bundle: Path | None = None
    sandbox: str | None = None
    profile: str | None = None
    """The name of the profile that this came from; None for arguments and environment alone."""

    @property
    def live(self) -> bool:
        """Whether this may be the real service: whatever is not known to be a sandbox."""
        return self.sandbox is None

    @property
    def label(self) -> str:
        """What stands on top of everything that is shown: LIVE or SANDBOX, the account, and the profile's name."""
        where = self.stamp or urlsplit(self.base_url).netloc
        profile = f", profile {self.profile}" if self.profile else ""
        return f"{'LIVE' if self.live else 'SANDBOX'} account {self.account_sid} at {where}{profile}"

    @property
    def origin(self) -> dict[str, str]:
        """What a frame carries in its attrs, so that a plan for one account is never applied to another."""
        return {"account_sid": self.account_sid, "base_url": self.base_url, "label": self.label}

    @property
    def settle_delay_s(self) -> float:
        """How long to wait before looking what became of a lost request: 2 s behind gateways; a sandbox has none."""
        return min(2.0, self.timeout_s) if self.live else 0.05
