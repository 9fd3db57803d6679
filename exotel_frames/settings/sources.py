"""Reads the settings: arguments, then environment, then profile file, then keyring.

A profile file is TOML, one table a profile::

    [production]
    api_key = "…"
    api_token = "…"
    account_sid = "acme1"
    stamp = "mum"          # or "sgp"; or base_url = "https://…"
    # where needed: proxy, ca_bundle, timeout_s, requests_per_minute, workers, journal

Its path is `profiles_path()`, or the variable `EXOTEL_PROFILES`. A profile that is *named* takes precedence over the
environment: `connect("production")` must not connect to the account of a forgotten variable.

Keys and tokens are wrapped as soon as they are read: a notebook's verbose traceback prints every frame's variables.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from exotel_frames import schema
from exotel_frames.errors import SettingsError
from exotel_frames.secret import Secret
from exotel_frames.settings.checks import address_problems, credential_problems, option_problems
from exotel_frames.settings.model import Settings

FIELDS = ("api_key", "api_token", "account_sid", "stamp", "base_url")
NUMBERS = {"requests_per_minute": int, "workers": int, "timeout_s": float}
OPTIONS = (*NUMBERS, "journal", "proxy", "ca_bundle")
ENVIRONMENT = {field: f"EXOTEL_{field.upper()}" for field in (*FIELDS, *OPTIONS)}
SHOWN_FIELDS = frozenset({"account_sid", "stamp", *OPTIONS} - {"proxy"})
"""All else is hidden as it is read: a misspelt `api_tokn` holds a token too, and a base_url may hold a password."""


KEYRING_TIMEOUT_S = 5.0


def profiles_path() -> Path:
    """Return where the profile file is looked for."""
    named = os.environ.get("EXOTEL_PROFILES")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path  # noqa: PLC0415 - who names the folder needs none of it

    return user_config_path("exotel_frames") / "profiles.toml"


def load_settings(profile: str | None = None, **arguments: Any) -> Settings:
    """Return each field from the first source that has it; SettingsError names all that is missing or wrong.

    `arguments` are Settings' fields; None means not given. Hand over key and token as Secret.
    """
    if profile is not None and not (isinstance(profile, str) and profile.strip()):
        raise SettingsError(f"profile is {profile!r} and must be the name of a profile, or left out.\n{_help_text()}")
    profile = profile or os.environ.get("EXOTEL_PROFILE") or None
    _refuse_two_places(arguments)
    given = _with_secrets({field: arguments.pop(field, None) for field in (*FIELDS, *OPTIONS)})
    environment = _with_secrets({field: _variable(field) for field in ENVIRONMENT})
    stored = _read_profile(profile)
    found = _first(given, *((stored, environment) if profile else (environment, stored)))
    trouble = _fill_from_keyring(found, profile or "default")
    _require(found, trouble)
    arguments["profile"] = profile or ("default" if stored else None)
    return _check_all(found, {name: found.get(name) for name in OPTIONS} | arguments)


def _variable(field: str) -> Any:
    """Return an environment variable; a number as a number, and as the text it is when it is none."""
    text = os.environ.get(ENVIRONMENT[field], "").strip() or None
    try:
        return NUMBERS[field](text) if text and field in NUMBERS else text
    except ValueError:
        return text  # the checks say what is wrong with it


def settings_from(**arguments: Any) -> Settings:
    """Return settings from arguments alone, whatever the environment and the profile file say."""
    _refuse_two_places(arguments)
    found = _first(_with_secrets({field: arguments.pop(field, None) for field in FIELDS}))
    _require(found)
    return _check_all(found, arguments)


def _refuse_two_places(arguments: Mapping[str, Any]) -> None:
    """Refuse a stamp beside a base_url: one of the two would be ignored."""
    if arguments.get("stamp") and arguments.get("base_url"):
        raise SettingsError("stamp and base_url both say where the service is: pass only one of them.")


def as_secret(value: Any) -> Secret | None:
    """Wrap a text so that no traceback shows it; blank is None, white space around it (a copied line end) goes."""
    if value is None:
        return None
    hidden = Secret((value.reveal() if isinstance(value, Secret) else str(value)).strip())
    return None if hidden == Secret("") else hidden


def _with_secrets(source: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value if field in SHOWN_FIELDS else as_secret(value) for field, value in source.items()}


def _first(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """Take each field from the first source that has it; the place (stamp or base_url) comes from one source only."""
    found: dict[str, Any] = {}
    for source in sources:
        has_place = found.get("stamp") or found.get("base_url")
        for field in (*FIELDS, *OPTIONS):
            value = source.get(field)
            value = value.strip() if isinstance(value, str) and field != "journal" else value
            if field in OPTIONS:
                if value is not None and field not in found:
                    found[field] = value
            elif value and not found.get(field) and not (has_place and field in {"stamp", "base_url"}):
                found[field] = value
    return found


def _read_profile(profile: str | None) -> dict[str, Any]:
    path = profiles_path()
    tables = _read_tables(path)
    name = profile or "default"
    if tables and name in tables:
        if unknown := sorted(set(tables[name]) - {*FIELDS, *OPTIONS}):
            may = [*FIELDS, *OPTIONS]
            raise SettingsError(f"Profile {name!r} in {path} has unknown fields {unknown}; it may have {may}.")
        return dict(tables[name])
    if profile:
        remark = (
            "That file does not exist" if tables is None else f"Profiles there: {', '.join(sorted(tables)) or 'none'}"
        )
        raise SettingsError(f"There is no profile {profile!r} in {path}. {remark}.\n{_help_text()}")
    return {}


def _read_tables(path: Path) -> dict[str, Any] | None:
    """Return the file's tables, hidden, or None without a file.

    Errors are raised where nothing of the text can be seen: the parser's own would show the line, and with it a key.
    """
    trouble = ""
    tables: dict[str, Any] = {}
    try:
        tables = {
            name: _with_secrets(table) if isinstance(table, dict) else as_secret(table)
            for name, table in tomllib.loads(path.read_text(encoding="utf-8-sig")).items()  # -sig: Windows' editor
        }
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as problem:
        where = re.search(r"\((at [^()]*)\)$", str(problem))
        trouble = f"is not TOML ({where[1] if where else 'somewhere'}; the line is not shown, it may hold a key)"
    except (OSError, UnicodeDecodeError) as problem:
        trouble = f"can't be read ({getattr(problem, 'strerror', None) or type(problem).__name__})"
    if loose := [field for field in FIELDS if field in tables and not isinstance(tables[field], dict)]:
        trouble = f"has {', '.join(loose)} above its first table: put a line [default] on top"
    if trouble:
        raise SettingsError(f"The profile file {path} {trouble}.")
    if os.name == "posix" and (loose_for := _open_to_others(path.stat().st_mode)):
        warnings.warn(
            f"Other users of this machine can {loose_for} {path}: run `chmod 600` on it.", UserWarning, stacklevel=5
        )
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


def _open_to_others(mode: int) -> str:
    """Return what others may do with a file; who can write it can send the key elsewhere."""
    may = {"read": stat.S_IRGRP | stat.S_IROTH, "change": stat.S_IWGRP | stat.S_IWOTH}
    return " and ".join(what for what, bits in may.items() if mode & bits)


def _fill_from_keyring(found: dict[str, Any], profile: str) -> str:
    """Ask the system's keyring (service `exotel_frames`, user `<profile>/api_key`), when it is installed and needed.

    Returns what went wrong. Not asked before an account is known: a newcomer should not have to unlock anything.
    """
    wanted = [field for field in ("api_key", "api_token") if not found.get(field)]
    if not wanted or not found.get("account_sid"):
        return ""
    try:
        found.update(_within(KEYRING_TIMEOUT_S, lambda: _ask_keyring(wanted, profile)))
    except TimeoutError:
        return (
            f"The system's keyring did not answer in {KEYRING_TIMEOUT_S:g} seconds: it may be waiting for you to "
            "unlock it, in its own window.\n"
        )
    except ImportError:
        return ""
    except Exception as problem:  # noqa: BLE001 - each system's keyring has its own ways to fail
        return f"The system's keyring did not answer ({type(problem).__name__}).\n"
    return ""


def _ask_keyring(wanted: list[str], profile: str) -> dict[str, Any]:
    import keyring  # noqa: PLC0415 - optional, and slow to import

    return {field: as_secret(keyring.get_password("exotel_frames", f"{profile}/{field}")) for field in wanted}


def _within(seconds: float, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask in a thread that is left behind when it does not answer: nothing else ends a call into the system."""
    from concurrent.futures import Future  # noqa: PLC0415 - few have a keyring

    answer: Future[dict[str, Any]] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as problem:  # noqa: BLE001 - raised again in the thread that waits
            answer.set_exception(problem)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return answer.result(timeout=seconds)


def _require(found: Mapping[str, Any], trouble: str = "") -> None:
    missing = [field for field in ("api_key", "api_token", "account_sid") if not found.get(field)]
    if not (found.get("stamp") or found.get("base_url")):
        missing.append("stamp (or base_url)")
    if missing:
        raise SettingsError(f"Not configured: {', '.join(missing)}.\n{trouble}{_help_text()}")


def _help_text() -> str:
    variables = ", ".join(ENVIRONMENT[field] for field in FIELDS)
    more = ", ".join(ENVIRONMENT[field] for field in OPTIONS)
    return (
        "Ways to set the account and the service:\n"
        '  1. ef.connect("sandbox") needs nothing: a made-up account on this machine\n'
        "  2. ef.connect(api_key=…, api_token=…, account_sid=…, stamp='mum')  (or 'sgp', or base_url=…)\n"
        f"  3. the variables {variables}\n     (where needed {more})\n"
        f"  4. a profile in {profiles_path()}:\n"
        '       [default]\n       api_key = "…"\n       api_token = "…"\n'
        '       account_sid = "…"\n       stamp = "mum"\n'
        "     (another table is chosen by ef.connect('name') or EXOTEL_PROFILE)\n"
        "  5. key and token in the system's keyring: `keyring set exotel_frames default/api_key`, and default/api_token"
    )


def _check_all(found: Mapping[str, Any], arguments: Mapping[str, Any]) -> Settings:
    options = {name: value for name, value in arguments.items() if value is not None}
    base_url = found.get("base_url") or Secret(schema.STAMPS.get(str(found.get("stamp")), ""))
    options["proxy"] = _with_scheme(as_secret(options.get("proxy")))
    problems = [*credential_problems(found), *address_problems(found), *option_problems(options)]
    if problems:
        raise SettingsError("These settings can't be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
    for name in ("journal", "ca_bundle"):
        if name in options:
            options[name] = Path(options[name]).expanduser()
    return Settings(
        api_key=found["api_key"],
        api_token=found["api_token"],
        account_sid=found["account_sid"],
        base_url=base_url.reveal().rstrip("/"),
        stamp=None if found.get("base_url") else found.get("stamp"),
        **options,
    )


def _with_scheme(proxy: Secret | None) -> Secret | None:
    """Return a proxy's address in full; it stays hidden, since it may hold a password."""
    return proxy if proxy is None or "://" in proxy.reveal() else Secret(f"http://{proxy.reveal()}")
