"""Which account a frame came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exotel_frames.api.client import Client
from exotel_frames.errors import StalePlanError


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


def origin_of(frame: Any) -> dict[str, Any]:
    """Return which account a frame remembers; empty where it remembers none: merge and concat drop it."""
    about = getattr(frame, "attrs", {}).get("exotel_frames")
    origin = about.get("origin") if isinstance(about, dict) else None
    return origin if isinstance(origin, dict) else {}


def check_account(client: Client, account: str | None) -> None:
    """Refuse an account that is said to be meant, and is not the client's."""
    if account is not None and account != client.settings.account_sid:
        raise StalePlanError(f"account={account!r}, and this client is {client.settings.label}. Nothing was sent.")
