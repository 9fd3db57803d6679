"""Which account a frame came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exotel_frames.api.client import Client


def origin_attrs(client: Client) -> dict[str, Any]:
    """Return what a frame remembers of its account."""
    return {"exotel_frames": {"origin": client.settings.origin}}


def other_account(client: Client, origin: Mapping[str, Any]) -> str | None:
    """Return which other account an origin names, or None when it is this one or names none.

    A sandbox has another port each time: what tells it from the real service is not its address.
    """
    here = client.settings
    account, place = origin.get("account_sid", here.account_sid), origin.get("base_url", here.base_url)
    if account == here.account_sid and (place.rstrip("/") == here.base_url or not here.live):
        return None
    return origin.get("label") or f"account {account} at {place}"
