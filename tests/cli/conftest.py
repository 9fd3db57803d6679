"""A sandbox that the environment names, and an empty folder to work in."""

from __future__ import annotations

import pytest

import exotel_frames as ef
from exotel_frames.settings import Settings


@pytest.fixture
def box(monkeypatch, tmp_path):
    with ef.Sandbox(subscribers=30, seed=3) as box:
        for name, value in (
            ("API_KEY", box.api_key),
            ("API_TOKEN", box.api_token),
            ("ACCOUNT_SID", box.account_sid),
            ("BASE_URL", box.base_url),
        ):
            monkeypatch.setenv(f"EXOTEL_{name}", value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.setenv("COLUMNS", "120")
        # Its address is in the environment as a live account's would be, but no gateway is late here.
        monkeypatch.setattr(Settings, "settle_delay_s", 0.05)
        monkeypatch.chdir(tmp_path)
        yield box
