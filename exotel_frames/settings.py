"""Who and where: arguments, then environment, then profile file, then keyring.

A profile file is TOML, one table a profile::

    [production]
    api_key = "…"
    api_token = "…"
    account_sid = "acme1"
    stamp = "mum"          # or "sgp"; or base_url = "https://…"

It lies where `profiles_path()` says, or where the variable `EXOTEL_PROFILES` points. A profile that is *named* comes
before the environment: who says `connect("production")` must not end up in the account of a forgotten variable.

Keys and tokens are wrapped as soon as they are read: a notebook's verbose traceback prints every frame's variables.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from exotel_frames import schema
from exotel_frames.errors import SettingsError
from exotel_frames.records import Secret

FIELDS = ("api_key", "api_token", "account_sid", "stamp", "base_url")
ENVIRONMENT = {field: f"EXOTEL_{field.upper()}" for field in FIELDS}
SECRET_FIELDS = frozenset({"api_key", "api_token"})
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_WORKERS = 64


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


def profiles_path() -> Path:
    """Return where the profile file is looked for."""
    named = os.environ.get("EXOTEL_PROFILES")
    return Path(named) if named else platformdirs.user_config_path("exotel_frames") / "profiles.toml"


def load_settings(profile: str | None = None, **arguments: Any) -> Settings:
    """Return each field from the first source that has it; SettingsError names all that is missing or wrong.

    `arguments` are Settings' fields; None means not given. Hand over key and token as Secret.
    """
    profile = profile or os.environ.get("EXOTEL_PROFILE") or None
    given = _hidden({field: arguments.pop(field, None) for field in FIELDS})
    environment = _hidden({field: os.environ.get(name) for field, name in ENVIRONMENT.items()})
    stored = _read_profile(profile)
    found = _first(given, *((stored, environment) if profile else (environment, stored)))
    _fill_from_keyring(found, profile or "default")
    _say_what_is_missing(found)
    return _checked(found, {name: value for name, value in arguments.items() if value is not None})


def settings_from(**arguments: Any) -> Settings:
    """Return settings from arguments alone, whatever the environment and the profile file say."""
    found = _first({field: arguments.pop(field, None) for field in FIELDS})
    _say_what_is_missing(found)
    return _checked(found, {name: value for name, value in arguments.items() if value is not None})


def hide(value: Any) -> Secret | None:
    """Wrap a text so that no traceback shows it; blank is None, white space around it (a copied line end) goes."""
    if value is None or isinstance(value, Secret):
        return value
    return Secret(str(value).strip()) if str(value).strip() else None


def _hidden(source: Mapping[str, Any]) -> dict[str, Any]:
    return {field: hide(value) if field in SECRET_FIELDS else value for field, value in source.items()}


def _first(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """Take each field from the first source that has it; the place (stamp or base_url) comes from one source only."""
    found: dict[str, Any] = {}
    for source in sources:
        has_place = found.get("stamp") or found.get("base_url")
        for field in FIELDS:
            value = source.get(field)
            value = value.strip() if isinstance(value, str) else value
            if value and not found.get(field) and not (has_place and field in {"stamp", "base_url"}):
                found[field] = value
    return found


def _read_profile(profile: str | None) -> dict[str, Any]:
    path = profiles_path()
    if not path.is_file():
        if profile:
            raise SettingsError(f"There is no profile {profile!r}: {path} does not exist.\n{_every_way()}")
        return {}
    tables = _read_toml(path)
    name = profile or "default"
    if name not in tables:
        if profile:
            known = ", ".join(sorted(tables)) or "none"
            raise SettingsError(f"There is no profile {profile!r} in {path}. Profiles there: {known}.")
        return {}
    unknown = sorted(set(tables[name]) - set(FIELDS))
    if unknown:
        raise SettingsError(f"Profile {name!r} in {path} has unknown fields {unknown}; it may have {list(FIELDS)}.")
    return tables[name]


def _read_toml(path: Path) -> dict[str, dict[str, Any]]:
    trouble = None
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        content, trouble = {}, f"{type(problem).__name__} at {getattr(problem, 'lineno', 'an unknown')} line"
    if trouble:  # raised out here: the parser's own error quotes the line, and with it a key
        raise SettingsError(f"The profile file {path} can't be read as TOML ({trouble}).")
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warnings.warn(f"Others on this machine can read {path}: run `chmod 600` on it.", UserWarning, stacklevel=5)
    return {name: _hidden(table) for name, table in content.items() if isinstance(table, dict)}


def _fill_from_keyring(found: dict[str, Any], profile: str) -> None:
    """Ask the system's keyring (service `exotel_frames`, user `<profile>/api_key`), when it is installed and needed."""
    wanted = [field for field in ("api_key", "api_token") if not found.get(field)]
    if not wanted or not found.get("account_sid"):
        return
    try:
        import keyring  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return
    for field in wanted:
        try:
            found[field] = hide(keyring.get_password("exotel_frames", f"{profile}/{field}"))
        except keyring.errors.KeyringError:
            return


def _say_what_is_missing(found: Mapping[str, Any]) -> None:
    missing = [field for field in ("api_key", "api_token", "account_sid") if not found.get(field)]
    if not (found.get("stamp") or found.get("base_url")):
        missing.append("stamp (or base_url)")
    if missing:
        raise SettingsError(f"Not configured: {', '.join(missing)}.\n{_every_way()}")


def _every_way() -> str:
    variables = ", ".join(ENVIRONMENT.values())
    return (
        "Ways to say who and where:\n"
        '  1. ef.connect("sandbox") needs nothing: a made-up account on this machine\n'
        "  2. ef.connect(api_key=…, api_token=…, account_sid=…, stamp='mum')  (or 'sgp', or base_url=…)\n"
        f"  3. the variables {variables}\n"
        f"  4. a profile in {profiles_path()}:\n"
        '       [default]\n       api_key = "…"\n       api_token = "…"\n'
        '       account_sid = "…"\n       stamp = "mum"\n'
        "     (another table's name is taken by ef.connect('name') or EXOTEL_PROFILE)\n"
        "  5. key and token in the system's keyring: `keyring set exotel_frames default/api_key`, and default/api_token"
    )


def _checked(found: Mapping[str, Any], options: dict[str, Any]) -> Settings:
    base_url = str(found.get("base_url") or schema.STAMPS.get(str(found.get("stamp")), "")).rstrip("/")
    problems = [*_who_problems(found), *_where_problems(found, base_url), *_option_problems(options)]
    if problems:
        raise SettingsError("These settings can't be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
    if "journal" in options:
        options["journal"] = Path(options["journal"]).expanduser()
    if "proxy" in options:
        options["proxy"] = hide(options["proxy"])  # it may hold a password
    return Settings(
        api_key=found["api_key"],
        api_token=found["api_token"],
        account_sid=found["account_sid"],
        base_url=base_url,
        stamp=None if found.get("base_url") else found.get("stamp"),
        **options,
    )


def _who_problems(found: Mapping[str, Any]) -> list[str]:
    problems = [
        f"{field} must be visible ASCII{'' if field == 'api_token' else ', without a colon'} (its value is not shown)"
        for field in ("api_key", "api_token")
        if not _is_credential(found[field].reveal(), colon=field == "api_token")
    ]
    if not (isinstance(found["account_sid"], str) and re.fullmatch(r"[0-9A-Za-z_-]+", found["account_sid"])):
        problems.append(f"account_sid {found['account_sid']!r} must consist of letters, digits, - and _")
    return problems


def _is_credential(value: str, *, colon: bool) -> bool:
    return re.fullmatch(r"[\x21-\x7e]+", value) is not None and (colon or ":" not in value)


def _where_problems(found: Mapping[str, Any], base_url: str) -> list[str]:
    if not found.get("base_url") and found.get("stamp") not in schema.STAMPS:
        return [f"stamp {found.get('stamp')!r} is none of {list(schema.STAMPS)}"]
    try:
        parts = urlsplit(base_url)
        parts.port  # noqa: B018 - a port that is no number raises here
    except ValueError:
        return ["base_url is no address"]
    if parts.username or parts.password:
        return ["base_url must not contain credentials: pass api_key and api_token"]
    problems = []
    if not parts.hostname or parts.query or parts.fragment:
        problems.append(f"base_url {base_url!r} must be an address such as {schema.STAMPS['mum']}")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
        problems.append(f"base_url {base_url!r} must start with https:// (http only for this machine's loopback)")
    return problems


def _option_problems(options: Mapping[str, Any]) -> list[str]:
    problems = []
    for name, low, high in (("requests_per_minute", 1, 1_000_000), ("workers", 1, MAX_WORKERS)):
        value = options.get(name, low)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            problems.append(f"{name} is {value!r} and must be a whole number from {low:,} to {high:,}")
    timeout_s = options.get("timeout_s", 1.0)
    if not isinstance(timeout_s, int | float) or isinstance(timeout_s, bool) or not 0 < timeout_s <= 3600:  # noqa: PLR2004
        problems.append(f"timeout_s is {timeout_s!r} and must be a number of seconds, over 0 and up to 3600")
    return problems
