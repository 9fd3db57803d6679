"""How an account's service behaves, as observed by its last check and later runs: stored beside its journal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from exotel_frames.api.client import Client
from exotel_frames.errors import WorkbookError
from exotel_frames.runs.journal import journal_path
from exotel_frames.schema import PAGE_MAX
from exotel_frames.workbooks import replace_whole

PAGE_CAP: Final = "page_cap"
_FEWER: Final = re.compile(r"(?:clamped|refused)(\d{1,3})\b")


def behavior_path(client: Client) -> Path:
    """Return the file of what was seen of the service: beside the journal of the account."""
    where = client.settings.base_url if client.settings.live else "sandbox"
    return journal_path(client.settings.journal, client.settings.account_sid, where).with_suffix(".check.json")


def write_behavior(client: Client, seen: Mapping[str, str]) -> None:
    """Write down what was seen; a folder that can't be written to spoils no check."""
    path = behavior_path(client)
    with suppress(OSError, WorkbookError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replace_whole(path) as file:  # whole: others read it meanwhile
            file.write(json.dumps(seen, indent=1).encode())


def write_news(client: Client, seen: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Write down what was seen and was not known; what others have written down meanwhile stays."""
    news = {name: variant for name, variant in seen.items() if known.get(name) != variant}
    if news:
        write_behavior(client, read_behavior(client) | news)


def use_behavior(client: Client) -> dict[str, str]:
    """Let a client ask as the last check of its account has seen that it must; return what that check has seen."""
    known = read_behavior(client)
    refused, client.page_size.given = _page_cap(known)
    if refused:
        client.page_size.refuse(PAGE_MAX)
    return known


def write_page_size(client: Client, known: Mapping[str, str]) -> None:
    """Write down what pages the service gives, or refuses to give, where that is news."""
    seen = client.page_size.is_refused, client.page_size.given
    if seen == _page_cap(known):
        return
    refused, rows = seen
    few = str(rows) if rows < PAGE_MAX else ""
    seen_of_pages = (
        f"refused{few}: a full page is refused" if refused else f"clamped{few}: a page of {PAGE_MAX} had {rows}"
    )
    write_news(client, {PAGE_CAP: seen_of_pages if refused or few else "holds"}, known)


def _page_cap(known: Mapping[str, str]) -> tuple[bool, int]:
    """Return whether a full page is refused, and how many rows a page has."""
    cap = known.get(PAGE_CAP, "")
    fewer = _FEWER.match(cap)
    return cap.startswith("refused"), max(1, int(fewer[1])) if fewer else PAGE_MAX


def read_behavior(client: Client) -> dict[str, str]:
    """Return what the last check of this account has seen; empty when there was none."""
    try:
        found = json.loads(behavior_path(client).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(variant) for name, variant in found.items()} if isinstance(found, dict) else {}
