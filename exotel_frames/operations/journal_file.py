"""Which file is the journal of a client's account."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from exotel_frames.errors import JournalError
from exotel_frames.runs.journal import Journal, journal_path
from exotel_frames.settings import LOOPBACK_HOSTS, Settings

OLD_NAME = "sandbox"
"""Up to version 0.1 every address of this machine shared one journal an account, under this name."""


def journal_file(settings: Settings) -> Path:
    """Return the journal's path: one file for each account and service, or the file that version 0.1 made for them.

    A sandbox is known by its state file, since its port changes; without one, by its address.
    """
    place = settings.sandbox or settings.base_url
    path = journal_path(settings.journal, settings.account_sid, place)
    old = journal_path(settings.journal, settings.account_sid, OLD_NAME)
    on_this_machine = urlsplit(settings.base_url).hostname in LOOPBACK_HOSTS
    return old if on_this_machine and not path.exists() and old.exists() and _is_of(old, settings) else path


def _is_of(journal: Path, settings: Settings) -> bool:
    """Tell whether a journal of 0.1 has runs of this service; a sandbox with a state had a new port each time."""
    if settings.sandbox and settings.sandbox != settings.base_url:
        return True
    with suppress(JournalError), Journal.open(journal, read_only=True) as opened:
        return any(run.base_url == settings.base_url for run in opened.runs())
    return False
