"""The settings of a client, checked and complete."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from exotel_frames.secret import Secret
from exotel_frames.settings.checks import LOOPBACK_HOSTS


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a client needs to know; its repr shows neither key nor token.

    `patience_s` is how long a run waits before it looks what became of a request whose answer was lost.
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

    @property
    def live(self) -> bool:
        """Whether this is the real service; on this machine's loopback it is a sandbox."""
        return urlsplit(self.base_url).hostname not in LOOPBACK_HOSTS

    @property
    def label(self) -> str:
        """What stands on top of everything that is shown: LIVE or SANDBOX, and the account."""
        where = self.stamp or urlsplit(self.base_url).netloc
        return f"{'LIVE' if self.live else 'SANDBOX'} account {self.account_sid} at {where}"

    @property
    def origin(self) -> dict[str, str]:
        """What a frame carries in its attrs, so that a plan for one account is never applied to another."""
        return {"account_sid": self.account_sid, "base_url": self.base_url, "label": self.label}

    @property
    def patience_s(self) -> float:
        """Two seconds for a service behind gateways; a sandbox has none to wait for."""
        return min(2.0, self.timeout_s) if self.live else 0.05
