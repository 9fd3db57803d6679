"""Checks the form of every setting; a message about a broken rule never repeats a secret."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exotel_frames import schema

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_WORKERS = 64
_HOST = r"([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
_ADDRESS = re.compile(rf"https?://{_HOST}(/[0-9A-Za-z._~/-]*)?", re.IGNORECASE)
_PROXY = re.compile(rf"https?://([!-.0-?A-~]+@)?{_HOST}/?", re.IGNORECASE)


def credential_problems(found: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the key, the token and the account."""
    problems = [
        f"{field} must be visible ASCII{'' if field == 'api_token' else ', without a colon'} (its value is not shown)"
        for field in ("api_key", "api_token")
        if not _is_credential(found[field].reveal(), colon=field == "api_token")
    ]
    account = found["account_sid"]
    if not isinstance(account, str):
        problems.append("account_sid must be a text, in quotes")
    elif strange := "".join(sorted(set(re.sub("[0-9A-Za-z_-]", "", account)))):
        problems.append(f"account_sid must consist of letters, digits, - and _, and has {strange!r}")
    return problems


def _is_credential(value: str, *, colon: bool) -> bool:
    return re.fullmatch(r"[\x21-\x7e]+", value) is not None and (colon or ":" not in value)


def address_problems(found: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the place."""
    base_url = found["base_url"].reveal() if found.get("base_url") else ""
    if not base_url:
        known = list(schema.STAMPS)
        return [] if str(found.get("stamp")) in known else [f"stamp {found.get('stamp')!r} is none of {known}"]
    if "@" in base_url:
        return ["base_url must not contain credentials: pass api_key and api_token"]
    if not _is_address(base_url, _ADDRESS):
        return [f"base_url must be an address such as {schema.STAMPS['mum']} (what it is now is not shown)"]
    parts = urlsplit(base_url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        return [f"base_url must start with https:// for {parts.hostname} (http is only for this machine's loopback)"]
    return []


def _is_address(text: str, pattern: re.Pattern[str]) -> bool:
    """Tell whether an address is one that every library reads alike: no blank, backslash, query or odd port."""
    try:
        return pattern.fullmatch(text) is not None and urlsplit(text).port != 0
    except ValueError:
        return False


def _ca_bundle_problem(bundle: Any) -> str:
    """Return what is wrong with a file of certificates: none of it is used unless all of it can be."""
    if not isinstance(bundle, str | Path) or not str(bundle).strip():
        return f"is {bundle!r} and must be a file of certificates (PEM); checking can't be switched off"
    path = Path(bundle).expanduser()
    try:
        ssl.create_default_context(cafile=str(path))
    except OSError as problem:  # ssl.SSLError is one
        why = "holds no certificate in PEM form" if isinstance(problem, ssl.SSLError) else problem.strerror
        return f"{path} can't be used: {why}"
    return ""


def option_problems(options: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with everything else."""
    problems = []
    for name, low, high in (("requests_per_minute", 1, 1_000_000), ("workers", 1, MAX_WORKERS)):
        value = options.get(name, low)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            problems.append(f"{name} is {value!r} and must be a whole number from {low:,} to {high:,}")
    timeout_s = options.get("timeout_s", 1.0)
    if not isinstance(timeout_s, int | float) or isinstance(timeout_s, bool) or not 0 < timeout_s <= 3600:  # noqa: PLR2004
        problems.append(f"timeout_s is {timeout_s!r} and must be a number of seconds, over 0 and up to 3600")
    journal = options.get("journal", "folder")
    if not isinstance(journal, str | Path) or not str(journal).strip():
        problems.append(f"journal is {journal!r} and must be a folder")
    if (bundle := options.get("ca_bundle")) is not None and (problem := _ca_bundle_problem(bundle)):
        problems.append(f"ca_bundle {problem}")
    if options.get("proxy") and not _is_address(options["proxy"].reveal(), _PROXY):
        problems.append("proxy must be an address such as http://proxy.example:3128 (what it is now is not shown)")
    return problems
