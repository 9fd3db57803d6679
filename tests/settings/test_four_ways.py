"""Every setting, in each of four ways: an argument, a variable, a profile, the command line."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
import trustme

import exotel_frames as ef
from exotel_frames.cli.parser import parser
from exotel_frames.cli.steps import connect
from exotel_frames.settings import Settings
from exotel_frames.settings.sources import ENVIRONMENT

WHO = {"api_key": "keyZ7Q1x9K4", "api_token": "tokenV8W3j5R2", "account_sid": "acme1", "stamp": "mum"}
SETTINGS = {
    # setting: what is said, what it is then
    "api_key": ("another1", "another1"),
    "api_token": ("another2", "another2"),
    "account_sid": ("acme2", "acme2"),
    "stamp": ("sgp", "sgp"),
    "base_url": ("https://exotel.example/", "https://exotel.example"),
    "requests_per_minute": (90, 90),
    "workers": (3, 3),
    "timeout_s": (7.5, 7.5),
    "journal": ("runs", Path("runs")),
    "proxy": ("proxy.example:3128", "http://proxy.example:3128"),
    "ca_bundle": ("company.pem", Path("company.pem")),
}
NEVER_ON_A_COMMAND_LINE = {"api_key", "api_token"}  # everybody on the machine sees those
OTHERWISE = {"timeout_s": "--timeout"}
WAYS = ("argument", "variable", "profile", "command line")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("EXOTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EXOTEL_PROFILES", str(tmp_path / "profiles.toml"))
    monkeypatch.chdir(tmp_path)
    trustme.CA().cert_pem.write_to_path("company.pem")


def profile(**fields: object) -> None:
    lines = [f"{name} = {value}" if isinstance(value, int | float) else f'{name} = "{value}"' for name, value in
             fields.items()]  # fmt: skip
    Path("profiles.toml").write_text("\n".join(["[work]", *lines]) + "\n")
    Path("profiles.toml").chmod(0o600)


def told(way: str, name: str, value: object, monkeypatch) -> Settings:
    """Return the settings where all but one come from the weaker source: a profile, or variables."""
    who = {field: text for field, text in WHO.items() if not (name == "base_url" and field == "stamp")}
    profile(**(who | {name: value} if way == "profile" else who))
    if way == "argument":
        return ef.connect("work", **{name: value}).settings
    if way == "command line":
        option = OTHERWISE.get(name, f"--{name.replace('_', '-')}")
        return connect(parser().parse_args(["runs", "--profile", "work", option, str(value)])).settings
    if way == "variable":
        Path("profiles.toml").unlink()
        for field, text in (who | {name: value}).items():
            monkeypatch.setenv(ENVIRONMENT[field], str(text))
        return ef.connect().settings
    return ef.connect("work").settings


def plain(settings: Settings) -> dict[str, object]:
    return {
        field.name: value.reveal() if isinstance(value := getattr(settings, field.name), ef.Secret) else value
        for field in dataclasses.fields(settings)
        if field.name != "profile"  # which is where it came from, and no setting
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_taken_in_each_way_and_nothing_else_changes(name, way, monkeypatch):
    if way == "command line" and name in NEVER_ON_A_COMMAND_LINE:
        with pytest.raises(SystemExit):
            parser().parse_args(["runs", f"--{name.replace('_', '-')}", "x"])
        return
    said, expected = SETTINGS[name]
    without = plain(ef.connect(**WHO).settings)
    with_it = plain(told(way, name, said, monkeypatch))
    changed = {field: value for field, value in with_it.items() if value != without[field]}
    also = {"base_url": {"stamp": None}, "stamp": {"base_url": ef.connect(**WHO | {"stamp": "sgp"}).settings.base_url}}
    assert changed == {name: expected, **also.get(name, {})}


def test_the_table_has_every_setting_there_is():
    assert set(SETTINGS) == set(ENVIRONMENT) == {f.name for f in dataclasses.fields(Settings)} - {"sandbox", "profile"}


WRONG = {
    "requests_per_minute": ("0", "from 1 to"),
    "workers": ("65", "from 1 to 64"),
    "timeout_s": ("-1", "over 0 and up to 3600"),
    "proxy": ("ftp://joe:pw1234@x", "proxy must be an address"),
    "ca_bundle": ("nowhere.pem", "nowhere.pem can't be used"),
    "account_sid": ("a/b", "and has '/'"),
    "base_url": ("http://exotel.example", "must start with https://"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WRONG)
def test_what_can_not_be_is_told_alike_in_each_way(name, way, monkeypatch):
    text, sentence = WRONG[name]
    number = {"requests_per_minute": int, "workers": int, "timeout_s": float}.get(name, str)
    with pytest.raises(ef.SettingsError, match=sentence) as problem:
        told(way, name, text if way == "command line" else number(text), monkeypatch)
    assert "pw1234" not in str(problem.value)
