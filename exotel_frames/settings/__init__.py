"""The account and the service, from arguments, environment, profile and keyring."""

from __future__ import annotations

from exotel_frames.settings.checks import LOOPBACK_HOSTS
from exotel_frames.settings.model import Settings
from exotel_frames.settings.sources import as_secret, load_settings, settings_from

__all__ = [
    "LOOPBACK_HOSTS",
    "Settings",
    "as_secret",
    "load_settings",
    "settings_from",
]
