"""What the last check of an account, and the runs since, have seen of its service: kept beside its journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from exotel_frames.api.client import Client
from exotel_frames.runs.journal import journal_path


def learnt_path(client: Client) -> Path:
    """Return where what was learnt of an account is kept: beside its journal."""
    where = client.settings.base_url if client.settings.live else "sandbox"
    return journal_path(client.settings.journal, client.settings.account_sid, where).with_suffix(".check.json")


def keep_learnt(client: Client, seen: Mapping[str, str]) -> None:
    """Write down what was seen; a folder that can't be written to spoils no check."""
    path = learnt_path(client)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(seen, indent=1), encoding="utf-8")
    except OSError:
        return


def learnt(client: Client) -> dict[str, str]:
    """Return what the last check of this account has seen; empty when there was none."""
    try:
        found = json.loads(learnt_path(client).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(variant) for name, variant in found.items()} if isinstance(found, dict) else {}
